/** What can be done with all that is selected, above the foot of the board. */

import {
  AlignEndHorizontal,
  AlignEndVertical,
  AlignHorizontalDistributeCenter,
  AlignStartHorizontal,
  AlignStartVertical,
  AlignVerticalDistributeCenter,
  Copy,
  Group,
  Play,
  Trash2,
} from "lucide-react";
import { useTranslations } from "use-intl";
import { Button, IconButton } from "@/ui/button";
import * as commands from "./commands";
import { useCanvas, useSelection } from "./context";

export function SelectionBar() {
  const t = useTranslations("canvas");
  const canvas = useCanvas();
  const selection = useSelection();
  const { panels } = canvas;
  if (selection.length < 2) return null;
  return (
    <div
      role="toolbar"
      aria-label={t("selection.title")}
      className="absolute bottom-3 left-1/2 flex -translate-x-1/2 animate-enter items-center gap-0.5 rounded-m border border-line bg-raised p-0.5 shadow-lift max-sm:bottom-14"
    >
      <span className="whitespace-nowrap px-2 text-muted text-s">
        {t("selection.count", { count: selection.length })}
      </span>
      <IconButton
        icon={AlignStartVertical}
        size="s"
        side="top"
        label={t("command.align.left")}
        onClick={() => commands.alignChosen(canvas, "left")}
      />
      <IconButton
        icon={AlignEndVertical}
        size="s"
        side="top"
        label={t("command.align.right")}
        onClick={() => commands.alignChosen(canvas, "right")}
      />
      <IconButton
        icon={AlignStartHorizontal}
        size="s"
        side="top"
        label={t("command.align.top")}
        onClick={() => commands.alignChosen(canvas, "top")}
      />
      <IconButton
        icon={AlignEndHorizontal}
        size="s"
        side="top"
        label={t("command.align.bottom")}
        onClick={() => commands.alignChosen(canvas, "bottom")}
      />
      <IconButton
        icon={AlignHorizontalDistributeCenter}
        size="s"
        side="top"
        label={t("command.distribute.horizontal")}
        onClick={() => commands.distributeChosen(canvas, "horizontal")}
      />
      <IconButton
        icon={AlignVerticalDistributeCenter}
        size="s"
        side="top"
        label={t("command.distribute.vertical")}
        onClick={() => commands.distributeChosen(canvas, "vertical")}
      />
      <IconButton
        icon={Group}
        size="s"
        side="top"
        label={t("command.group")}
        onClick={() => commands.groupChosen(canvas)}
      />
      <IconButton
        icon={Copy}
        size="s"
        side="top"
        label={t("command.duplicate")}
        onClick={() => commands.duplicateChosen(canvas)}
      />
      <IconButton
        icon={Trash2}
        size="s"
        side="top"
        label={t("command.remove")}
        onClick={() => commands.removeChosen(canvas)}
      />
      <Button
        size="s"
        look="primary"
        icon={Play}
        className="ml-1"
        onClick={() => panels.getState().show({ running: commands.chosenWithMembers(canvas) })}
      >
        {t("run.selection")}
      </Button>
    </div>
  );
}
