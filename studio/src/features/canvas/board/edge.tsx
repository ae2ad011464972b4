/** A connection: a line in the colour of the lines, and where it goes to in words when it is selected. */

import { BaseEdge, EdgeLabelRenderer, type EdgeProps, getBezierPath } from "@xyflow/react";
import { memo } from "react";
import { useTranslations } from "use-intl";
import type { BoardEdge } from "../logic/flow";

export const RoleEdge = memo(function RoleEdge({ id, data, selected, ...ends }: EdgeProps<BoardEdge>) {
  const t = useTranslations("canvas");
  const { sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition } = ends;
  const [path, x, y] = getBezierPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition });
  return (
    <>
      <BaseEdge id={id} path={path} interactionWidth={18} />
      {selected && data && (
        <EdgeLabelRenderer>
          <span
            className="nodrag nopan absolute rounded-s bg-raised px-1.5 text-accent text-xs"
            style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
          >
            {t(`role.${data.edge.role}`)}
          </span>
        </EdgeLabelRenderer>
      )}
    </>
  );
});

export const EDGE_TYPES = { role: RoleEdge };
