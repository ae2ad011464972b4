/** The past of the canvas: a slider over all of its versions, what was done, names for versions, and the ways back. */

import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useTranslations } from "use-intl";
import { IconButton } from "@/ui/button";
import { Failure } from "@/ui/failure";
import { Skeleton } from "@/ui/skeleton";
import { useCanvas, useDocument, usePanels, useSync } from "../board/context";
import { historyQuery } from "../live/canvas-api";
import { ChangeRow } from "./change-row";
import { Slider } from "./slider";
import { VersionActions } from "./version-actions";

export function HistoryPanel() {
  const t = useTranslations("canvas");
  const { panels } = useCanvas();
  const id = useDocument((document) => document.id);
  const names = useDocument((document) => document.names);
  const newest = useSync((state) => state.outbox.version);
  const past = usePanels((state) => state.past);
  const shown = past ?? newest;
  const history = useQuery(historyQuery(id, newest));
  const { show } = panels.getState();
  const close = () => show({ side: undefined, past: undefined });
  return (
    <aside
      aria-label={t("history.title")}
      className="absolute inset-y-0 right-0 z-10 flex w-80 max-w-full flex-col border-line border-l bg-surface sm:static"
    >
      <header className="flex h-11 shrink-0 items-center gap-2 border-line border-b px-3">
        <h2 className="grow text-m">{t("history.title")}</h2>
        <IconButton icon={X} size="s" label={t("history.close")} onClick={close} />
      </header>
      <Slider
        version={shown}
        newest={newest}
        go={(version) => show({ past: version >= newest ? undefined : version })}
      />
      <VersionActions version={shown} newest={newest} />
      <div className="min-h-0 grow overflow-y-auto px-1.5 py-2" aria-busy={history.isPending}>
        {history.isPending && [1, 2, 3, 4].map((row) => <Skeleton key={row} className="mx-1.5 my-1 h-9" />)}
        {history.error && <Failure error={history.error} retry={() => void history.refetch()} />}
        <ol>
          {[...(history.data?.items ?? [])].reverse().map((change) => (
            <ChangeRow
              key={change.version}
              change={change}
              name={names.find(({ version }) => version === change.version)?.name}
              isShown={change.version === shown}
              go={() => show({ past: change.version >= newest ? undefined : change.version })}
            />
          ))}
        </ol>
      </div>
    </aside>
  );
}
