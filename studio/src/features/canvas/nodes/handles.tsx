/** The places at which a node is connected by pointer: what it takes at its left, what it gives at its right. By keyboard
 * and screen reader the same is done in the inspector. */

import { Handle, Position } from "@xyflow/react";
import { useTranslations } from "use-intl";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import type { CanvasNode } from "@/document/types";
import { useCanvas, useModel } from "../board/context";
import { rolesTaken } from "../logic/models";

const FIRST_TOP = 58;
const STEP = 26;

/** `far`: too small for words. */
export function Handles({ id, node, far }: { id: string; node: CanvasNode; far: boolean }) {
  const t = useTranslations("canvas");
  const model = useModel(node);
  const { session } = useCanvas();
  const roles = useStore(
    session.store,
    useShallow((state) => rolesTaken(state.document, id, node, model)),
  );
  if (node.kind === "group" || node.kind === "note") return null;
  return (
    <>
      {roles.map((role, index) => (
        <Handle
          key={role}
          id={role}
          type="target"
          position={Position.Left}
          className={far ? "invisible" : "role-handle"}
          style={{ top: FIRST_TOP + index * STEP }}
          aria-hidden
        >
          {!far && <span className="role-name">{t(`role.${role}`)}</span>}
        </Handle>
      ))}
      <Handle
        id="out"
        type="source"
        position={Position.Right}
        className={far ? "invisible" : "role-handle"}
        style={{ top: FIRST_TOP }}
        aria-hidden
      />
    </>
  );
}
