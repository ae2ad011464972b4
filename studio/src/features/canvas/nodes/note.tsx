/** A note: for people, and never part of a request. */

import { useTranslations } from "use-intl";
import { setField } from "@/document/commands";
import { useCanvas } from "../board/context";
import { Card, type CardProps, nodeOf } from "./base";
import { useDraft } from "./use-draft";

function NoteCard({ id, node, selected }: CardProps) {
  const t = useTranslations("canvas");
  const { session } = useCanvas();
  const draft = useDraft(node.note ?? "", (text) =>
    session.edit("node.note", (graph) => setField(graph, id, "note", text || null), { merge: `${id}.note` }),
  );
  return (
    <Card id={id} node={node} selected={selected}>
      <textarea
        {...draft}
        aria-label={t("kind.note")}
        placeholder={t("note.hint")}
        className="nodrag nowheel nopan min-h-0 w-full grow resize-none bg-transparent px-3 pb-3 text-m outline-none"
      />
    </Card>
  );
}

export const NoteNode = nodeOf(NoteCard);
