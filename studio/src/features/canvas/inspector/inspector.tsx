/** One node in full: everything that can be set, what goes into it, what came out, what it cost. */

import { X } from "lucide-react";
import { useTranslations } from "use-intl";
import { IconButton } from "@/ui/button";
import { useCanvas, useNode, usePanels, useSelection } from "../board/context";
import { makes } from "../logic/models";
import { NodeDetails } from "./node-details";
import { NodeForm } from "./node-form";
import { NodeInputs } from "./node-inputs";
import { NodeMoney } from "./node-money";
import { NodeResults } from "./node-results";
import { Section } from "./section";

export function Inspector() {
  const selection = useSelection();
  const isOpen = usePanels((state) => state.inspector);
  const [id] = selection;
  if (!isOpen || id === undefined || selection.length !== 1) return null;
  return <Details key={id} id={id} />;
}

function Details({ id }: { id: string }) {
  const t = useTranslations("canvas");
  const { board } = useCanvas();
  const node = useNode(id);
  if (!node) return null;
  const isMaking = makes(node.kind) && (node.kind !== "text" || node.model !== undefined);
  return (
    <aside
      aria-label={t("inspector.title")}
      className="absolute inset-y-0 right-0 z-10 flex w-80 max-w-full flex-col border-line border-l bg-surface sm:static"
    >
      <header className="flex h-11 shrink-0 items-center gap-2 border-line border-b px-3">
        <h2 className="grow truncate text-m">{node.title ?? t(`kind.${node.kind}`)}</h2>
        <IconButton icon={X} size="s" label={t("inspector.close")} onClick={() => board.getState().select([])} />
      </header>
      <div className="flex min-h-0 grow flex-col overflow-y-auto">
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
    </aside>
  );
}
