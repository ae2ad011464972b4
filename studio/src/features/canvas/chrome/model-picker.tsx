/** Which model makes it? Those that can be asked now first; the others say why they can't. */

import { useState } from "react";
import { useTranslations } from "use-intl";
import { setField } from "@/document/commands";
import type { CanvasNode } from "@/document/types";
import { Badge } from "@/ui/badge";
import { cx } from "@/ui/cx";
import { Dialog } from "@/ui/dialog";
import { Input } from "@/ui/field";
import { Skeleton } from "@/ui/skeleton";
import { useCanvas, useModels, useNode, usePanels } from "../board/context";
import { rememberModel } from "../board/last-model";
import { carriedOver } from "../logic/form";
import { imagesTaken, type Model, modelsFor } from "../logic/models";

export function ModelPicker() {
  const picking = usePanels((state) => state.picking);
  return picking === undefined ? null : <Picker id={picking} />;
}

function Picker({ id }: { id: string }) {
  const t = useTranslations("canvas");
  const { session, panels } = useCanvas();
  const node = useNode(id);
  const models = useModels();
  const [words, setWords] = useState("");
  if (!node) return null;
  const close = () => panels.getState().show({ picking: undefined });
  const wanted = words.trim().toLowerCase();
  const offered = modelsFor(models, node.kind).filter(({ id: name, name: shown }) =>
    `${name} ${shown}`.toLowerCase().includes(wanted),
  );

  const choose = (model: Model | undefined) => {
    close();
    if (model) rememberModel(node.kind, model.id);
    session.edit("node.model", (graph) => [
      ...setField(graph, id, "model", model?.id ?? null),
      ...(model ? carriedOver(node, model).drop.flatMap((name) => setField(graph, id, `params.${name}`, null)) : []),
    ]);
  };
  return (
    <Dialog open onClose={close} title={t("model.title")} size="m">
      <Input
        autoFocus
        aria-label={t("model.search")}
        placeholder={t("model.search")}
        value={words}
        onChange={(event) => setWords(event.target.value)}
      />
      <ul className="mt-3 flex flex-col gap-0.5" aria-busy={!models}>
        {!models && [1, 2, 3].map((row) => <Skeleton key={row} className="h-14" />)}
        {node.kind === "text" && node.model && (
          <li>
            <button
              type="button"
              className="w-full rounded-m px-3 py-2.5 text-left hover:bg-sunken"
              onClick={() => choose(undefined)}
            >
              {t("model.none")}
            </button>
          </li>
        )}
        {offered.map((model) => (
          <Row key={model.id} model={model} node={node} choose={choose} />
        ))}
      </ul>
      {models && offered.length === 0 && <p className="p-3 text-muted">{t("model.nothing")}</p>}
    </Dialog>
  );
}

function Row({ model, node, choose }: { model: Model; node: CanvasNode; choose: (model: Model) => void }) {
  const t = useTranslations("canvas");
  const images = imagesTaken(model);
  const isChosen = model.id === node.model;
  return (
    <li>
      <button
        type="button"
        aria-pressed={isChosen}
        disabled={!model.enabled}
        onClick={() => choose(model)}
        className={cx(
          "flex w-full flex-col gap-0.5 rounded-m px-3 py-2 text-left",
          isChosen ? "bg-accent-soft" : "enabled:hover:bg-sunken",
        )}
      >
        <span className="flex w-full items-center gap-2">
          <span className={cx("font-bold", !model.enabled && "text-muted")}>{model.name}</span>
          <span className="truncate text-muted text-xs">{model.provider}</span>
          <span className="grow" />
          {images > 0 && (node.kind === "image" || node.kind === "video") && (
            <Badge>{t("model.images", { count: images })}</Badge>
          )}
          {model.ends_at && <Badge tone="doubt">{t("model.ends")}</Badge>}
          {!model.enabled && <Badge>{t("model.unavailable")}</Badge>}
        </span>
        <span className="line-clamp-2 text-muted text-s">
          {model.enabled ? model.description : (model.unavailable ?? model.description)}
        </span>
      </button>
    </li>
  );
}
