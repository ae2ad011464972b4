/** What goes into a node, in its order; everything here can be done by keyboard, too. */

import { ArrowUp, X } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { connect, removeEdges, reorder } from "@/document/commands";
import { inputs } from "@/document/topology";
import type { CanvasNode, Role } from "@/document/types";
import { IconButton } from "@/ui/button";
import { Select } from "@/ui/field";
import { useCanvas, useDocument, useModel, useModels } from "../board/context";
import { whyNotConnect } from "../logic/connecting";
import { rolesTaken } from "../logic/models";
import { ICONS } from "../nodes/kinds";
import { Section } from "./section";

export function NodeInputs({ id, node }: { id: string; node: CanvasNode }) {
  const t = useTranslations("canvas");
  const model = useModel(node);
  const document = useDocument((now) => now);
  const roles = rolesTaken(document, id, node, model);
  if (roles.length === 0) return null;
  return (
    <Section title={t("inspector.inputs")}>
      {roles.map((role) => (
        <RoleInputs key={role} id={id} role={role} />
      ))}
    </Section>
  );
}

function RoleInputs({ id, role }: { id: string; role: Role }) {
  const t = useTranslations("canvas");
  const { session } = useCanvas();
  const document = useDocument((now) => now);
  const models = useModels();
  const name = useNodeName();
  const used = inputs(document, id, role);
  // To find them takes time on a large canvas, and is done when somebody looks for one.
  const [isLooking, setLooking] = useState(false);
  const free = isLooking
    ? Object.keys(document.nodes).filter((from) => !whyNotConnect(document, models, { from, to: id, role }))
    : [];
  const up = (index: number) => {
    const ids = used.map(([edge]) => edge);
    const [moved] = ids.splice(index, 1);
    if (moved) ids.splice(index - 1, 0, moved);
    session.edit("edge.order", (graph) => reorder(graph, id, role, ids));
  };
  return (
    <div className="flex flex-col gap-1">
      <span className="font-bold text-s">{t(`role.${role}`)}</span>
      {used.map(([edge, { from }], index) => {
        const Icon = ICONS[document.nodes[from]?.kind ?? "note"];
        return (
          <div key={edge} className="flex h-8 items-center gap-2 rounded-m bg-sunken pr-0.5 pl-2.5 text-s">
            <Icon aria-hidden size={14} className="shrink-0 text-muted" />
            <span className="min-w-0 grow truncate">{name(from)}</span>
            {index > 0 && <IconButton icon={ArrowUp} size="s" label={t("inputs.up")} onClick={() => up(index)} />}
            <IconButton
              icon={X}
              size="s"
              label={t("inputs.remove", { name: name(from) })}
              onClick={() => session.edit("edge.remove", removeEdges([edge]))}
            />
          </div>
        );
      })}
      <Select
        aria-label={t("inputs.add", { role: t(`role.${role}`) })}
        value=""
        className="text-muted!"
        onFocus={() => setLooking(true)}
        onPointerEnter={() => setLooking(true)}
        onBlur={() => setLooking(false)}
        onChange={(event) =>
          session.edit("edge.add", (graph) => connect(graph, { from: event.target.value, to: id, role }))
        }
      >
        <option value="">{t("inputs.connect")}</option>
        {free.map((from) => (
          <option key={from} value={from}>
            {name(from)}
          </option>
        ))}
        {isLooking && free.length === 0 && <option disabled>{t("inputs.nothing")}</option>}
      </Select>
    </div>
  );
}

/** What a node is called where it can't be seen: its title, the beginning of what it says, or its kind. */
export function useNodeName(): (id: string) => string {
  const t = useTranslations("canvas");
  const nodes = useDocument((document) => document.nodes);
  return (id) => {
    const node = nodes[id];
    if (!node) return t("draft.removed");
    const said = node.title ?? node.prompt ?? node.note;
    return said ? t("node.name", { kind: t(`kind.${node.kind}`), title: said.slice(0, 60) }) : t(`kind.${node.kind}`);
  };
}
