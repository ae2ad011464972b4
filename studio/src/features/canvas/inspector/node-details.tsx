/** The name of a node, its prompt, and its model. */

import { ChevronDown } from "lucide-react";
import { useTranslations } from "use-intl";
import { setField } from "@/document/commands";
import type { CanvasNode } from "@/document/types";
import { Button } from "@/ui/button";
import { Field, Input, Textarea } from "@/ui/field";
import { useCanvas, useModel } from "../board/context";
import { makes } from "../logic/models";
import { useDraft } from "../nodes/use-draft";

export function NodeDetails({ id, node }: { id: string; node: CanvasNode }) {
  const t = useTranslations("canvas");
  const { session, panels } = useCanvas();
  const model = useModel(node);
  const set = (field: "title" | "prompt" | "note") => (text: string) =>
    session.edit(`node.${field}`, (graph) => setField(graph, id, field, text || null), { merge: `${id}.${field}` });
  const title = useDraft(node.title ?? "", set("title"));
  const prompt = useDraft(node.prompt ?? "", set("prompt"));
  const note = useDraft(node.note ?? "", set("note"));
  return (
    <>
      <Field label={t("node.title")}>
        <Input {...title} maxLength={200} placeholder={t(`kind.${node.kind}`)} />
      </Field>
      {node.kind === "note" && (
        <Field label={t("kind.note")}>
          <Textarea {...note} />
        </Field>
      )}
      {makes(node.kind) && (
        <>
          <Field label={t(node.kind === "text" && !node.model ? "kind.text" : "node.prompt")}>
            <Textarea {...prompt} rows={3} />
          </Field>
          <Field label={t("model.label")}>
            <Button
              className="w-full justify-between! font-normal!"
              onClick={() => panels.getState().show({ picking: id })}
            >
              <span className="truncate">{model?.name ?? node.model ?? t("model.choose")}</span>
              <ChevronDown aria-hidden size={16} className="shrink-0 text-muted" />
            </Button>
          </Field>
        </>
      )}
    </>
  );
}
