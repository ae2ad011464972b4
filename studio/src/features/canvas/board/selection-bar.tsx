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
  const buttons = [
    [AlignStartVertical, "align.left", () => commands.alignChosen(canvas, "left")],
    [AlignEndVertical, "align.right", () => commands.alignChosen(canvas, "right")],
    [AlignStartHorizontal, "align.top", () => commands.alignChosen(canvas, "top")],
    [AlignEndHorizontal, "align.bottom", () => commands.alignChosen(canvas, "bottom")],
    [AlignHorizontalDistributeCenter, "distribute.horizontal", () => commands.distributeChosen(canvas, "horizontal")],
    [AlignVerticalDistributeCenter, "distribute.vertical", () => commands.distributeChosen(canvas, "vertical")],
    [Group, "group", () => commands.groupChosen(canvas)],
    [Copy, "duplicate", () => commands.duplicateChosen(canvas)],
    [Trash2, "remove", () => commands.removeChosen(canvas)],
  ] as const;
  return (
    <div
      role="toolbar"
      aria-label={t("selection.title")}
      className="absolute bottom-3 left-1/2 flex -translate-x-1/2 animate-enter items-center gap-0.5 rounded-m border border-line bg-raised p-0.5 shadow-lift max-sm:bottom-14"
    >
      <span className="whitespace-nowrap px-2 text-muted text-s">
        {t("selection.count", { count: selection.length })}
      </span>
      {buttons.map(([icon, label, act]) => (
        <IconButton key={label} icon={icon} size="s" side="top" label={t(`command.${label}`)} onClick={act} />
      ))}
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
