/** One node in the list: the same card as on the board, as wide as the page, with what goes into it. */

import { ChevronDown } from "lucide-react";
import { memo, useState } from "react";
import { useTranslations } from "use-intl";
import { setField } from "@/document/commands";
import { mediaOf } from "@/document/topology";
import type { CanvasNode } from "@/document/types";
import { cx } from "@/ui/cx";
import { Textarea } from "@/ui/field";
import { useView } from "../board/actions";
import { useCanvas, useCardState, useNode } from "../board/context";
import { NodeDetails } from "../inspector/node-details";
import { NodeForm } from "../inspector/node-form";
import { NodeInputs } from "../inspector/node-inputs";
import { NodeMoney } from "../inspector/node-money";
import { NodeResults } from "../inspector/node-results";
import { Section } from "../inspector/section";
import { makes } from "../logic/models";
import { CandidateStrip } from "../nodes/candidate-strip";
import { CardFoot } from "../nodes/card-foot";
import { NodeHeader } from "../nodes/header";
import { PickedMedia } from "../nodes/media";
import { Progress } from "../nodes/progress";
import { PromptBox } from "../nodes/prompt-box";
import { Trouble } from "../nodes/trouble";
import { useDraft } from "../nodes/use-draft";
import { FileButton } from "../upload/file-button";
import { ListChoices } from "./list-choices";

export const ListRow = memo(function ListRow({ id }: { id: string }) {
  const t = useTranslations("canvas");
  const node = useNode(id);
  const [isOpen, setOpen] = useState(false);
  if (!node) return null;
  const isMaking = makes(node.kind) && (node.kind !== "text" || node.model !== undefined);
  return (
    <li>
      <article
        aria-label={t("node.name", { kind: t(`kind.${node.kind}`), title: node.title ?? "" })}
        className="overflow-hidden rounded-l border border-line bg-surface"
      >
        <NodeHeader id={id} node={node} />
        <Shown id={id} />
        {makes(node.kind) && <PromptBox id={id} node={node} />}
        {isMaking && <Foot id={id} node={node} />}
        {node.kind === "note" && <Note id={id} />}
        {node.kind === "upload" && !node.pick && (
          <div className="p-3">
            <FileButton node={id} />
          </div>
        )}
        <ListChoices id={id} node={node} />
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
          className="flex h-9 w-full items-center gap-2 border-line border-t px-3 text-muted text-s hover:bg-sunken"
        >
          <ChevronDown aria-hidden size={14} className={cx("transition-transform", isOpen && "rotate-180")} />
          {t("list.details")}
        </button>
        {isOpen && (
          <div className="border-line border-t">
            <Section title={t("inspector.node")}>
              <NodeDetails id={id} node={node} />
            </Section>
            {isMaking && (
              <Section title={t("inspector.settings")}>
                <NodeForm id={id} node={node} />
              </Section>
            )}
            <NodeInputs id={id} node={node} />
            {isMaking && <NodeMoney id={id} node={node} />}
            <NodeResults id={id} node={node} />
          </div>
        )}
      </article>
    </li>
  );
});

function Shown({ id }: { id: string }) {
  const node = useNode(id);
  const view = useView();
  if (!node) return null;
  const media = mediaOf(node);
  const isMedia = node.pick?.asset !== undefined && media !== undefined && media !== "text";
  return (
    <>
      {isMedia && (
        <div className={cx("flex flex-col bg-sunken", media === "audio" ? "h-36" : "h-72")}>
          <PickedMedia node={node} {...(media === "audio" ? {} : { onOpen: () => view(id) })} />
        </div>
      )}
      {node.pick?.text && (
        <p className="max-h-72 overflow-y-auto whitespace-pre-wrap bg-sunken p-3">{node.pick.text}</p>
      )}
      <CandidateStrip id={id} node={node} />
    </>
  );
}

function Foot({ id, node }: { id: string; node: CanvasNode }) {
  const state = useCardState(id, node);
  return (
    <div className="relative">
      <Progress state={state} />
      <Trouble id={id} node={node} state={state} inline />
      <CardFoot id={id} node={node} state={state} />
    </div>
  );
}

function Note({ id }: { id: string }) {
  const t = useTranslations("canvas");
  const { session } = useCanvas();
  const node = useNode(id);
  const draft = useDraft(node?.note ?? "", (text) =>
    session.edit("node.note", (graph) => setField(graph, id, "note", text || null), { merge: `${id}.note` }),
  );
  return <Textarea {...draft} aria-label={t("kind.note")} className="rounded-none! border-0!" />;
}
