/** A result or an upload from anywhere, to be used here: found by what was asked for. */

import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { useTranslations } from "use-intl";
import { api, unwrap } from "@/api/client";
import { Dialog } from "@/ui/dialog";
import { Failure } from "@/ui/failure";
import { Input } from "@/ui/field";
import { Skeleton } from "@/ui/skeleton";
import { useCanvas, usePanels } from "../board/context";
import { thumbnail } from "../logic/variants";
import { ICONS } from "../nodes/kinds";

const MOST_SHOWN = 60;

export function ReferencePicker() {
  const referencing = usePanels((state) => state.referencing);
  return referencing === undefined ? null : <Picker id={referencing} />;
}

function Picker({ id }: { id: string }) {
  const t = useTranslations("canvas");
  const { session, panels } = useCanvas();
  const [words, setWords] = useState("");
  const q = useDeferredValue(words.trim());
  const found = useQuery({
    queryKey: ["assets", "picker", q],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/assets", { params: { query: { limit: MOST_SHOWN, ...(q ? { q } : {}) } }, signal })),
    placeholderData: (before) => before,
  });
  const close = () => panels.getState().show({ referencing: undefined });
  const choose = (asset: string, task: string | undefined) => {
    session.pick(id, { asset, ...(task ? { task } : {}) });
    close();
  };
  return (
    <Dialog open onClose={close} title={t("reference.choose")} size="l">
      <Input
        autoFocus
        aria-label={t("reference.search")}
        placeholder={t("reference.search")}
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      {found.error && <Failure error={found.error} retry={() => void found.refetch()} />}
      <ul className="mt-3 grid grid-cols-3 gap-2 sm:grid-cols-5" aria-busy={found.isPending}>
        {found.isPending && [1, 2, 3, 4, 5].map((row) => <Skeleton key={row} className="aspect-square" />)}
        {(found.data?.items ?? []).map(({ asset, kind, task, prompt }) => {
          const Icon = ICONS[kind === "audio" ? "audio" : "image"];
          return (
            <li key={`${asset} ${task ?? ""}`}>
              <button
                type="button"
                aria-label={prompt ?? asset}
                title={prompt ?? ""}
                onClick={() => choose(asset, task)}
                className="grid aspect-square w-full place-items-center overflow-hidden rounded-m border border-line bg-sunken hover:border-accent"
              >
                {kind === "audio" ? (
                  <Icon aria-hidden className="text-muted" />
                ) : (
                  <img src={thumbnail(asset, 256)} alt="" loading="lazy" className="size-full object-cover" />
                )}
              </button>
            </li>
          );
        })}
      </ul>
      {found.data?.items.length === 0 && <p className="py-6 text-center text-muted">{t("reference.nothing")}</p>}
    </Dialog>
  );
}
