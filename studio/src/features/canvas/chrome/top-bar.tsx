/** Above the canvas: where one is, whether it is kept, and what holds for all of it. */

import { History, Inbox, LayoutList, Play, Redo2, Search, Undo2, Workflow } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "use-intl";
import { Button, IconButton } from "@/ui/button";
import { useCanvas, useDocument, usePanels, useSync } from "../board/context";
import { useSteps } from "../board/use-steps";
import { CanvasName } from "./canvas-name";
import { SaveState } from "./save-state";
import { useUnplaced } from "./use-unplaced";

export function TopBar() {
  const t = useTranslations("canvas");
  const { session, panels } = useCanvas();
  const { show } = panels.getState();
  const project = useDocument((document) => document.project);
  const view = usePanels((state) => state.view);
  const side = usePanels((state) => state.side);
  const { undo, redo } = useSteps();
  const canUndo = useSync((state) => state.history.undo.length > 0);
  const canRedo = useSync((state) => state.history.redo.length > 0);
  const isEmpty = useDocument((document) => Object.keys(document.nodes).length === 0);
  const lost = useUnplaced().length;
  return (
    <header className="flex h-12 shrink-0 items-center gap-1 border-line border-b bg-surface px-3">
      <Link
        href={`/?project=${project}`}
        prefetch={false}
        className="shrink-0 rounded-s px-1.5 text-muted text-s hover:text-ink max-sm:hidden"
      >
        {t("bar.projects")}
      </Link>
      <span aria-hidden className="text-line-strong max-sm:hidden">
        {"/"}
      </span>
      <CanvasName />
      <SaveState />
      <span className="grow" />
      <IconButton icon={Undo2} size="s" label={t("command.undo")} disabled={!canUndo} onClick={undo} />
      <IconButton icon={Redo2} size="s" label={t("command.redo")} disabled={!canRedo} onClick={redo} />
      <IconButton
        icon={Search}
        size="s"
        label={t("command.palette")}
        className="max-sm:hidden!"
        onClick={() => show({ palette: true })}
      />
      {lost > 0 && (
        <Button
          size="s"
          look="quiet"
          icon={Inbox}
          aria-pressed={side === "unplaced"}
          onClick={() => show({ side: side === "unplaced" ? undefined : "unplaced", past: undefined })}
        >
          {t("unplaced.count", { count: lost })}
        </Button>
      )}
      <IconButton
        icon={History}
        size="s"
        label={t("command.history")}
        aria-pressed={side === "history"}
        onClick={() => show({ side: side === "history" ? undefined : "history", past: undefined })}
      />
      <IconButton
        icon={view === "board" ? LayoutList : Workflow}
        size="s"
        label={t(view === "board" ? "bar.list" : "bar.board")}
        onClick={() => show({ view: view === "board" ? "list" : "board" })}
      />
      <Button
        size="s"
        icon={Play}
        className="ml-1"
        disabled={isEmpty}
        onClick={() => show({ running: Object.keys(session.store.getState().document.nodes) })}
      >
        <span className="max-sm:sr-only">{t("run.canvas")}</span>
      </Button>
    </header>
  );
}
