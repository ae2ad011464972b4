/** A frame around nodes that belong together: they move with it. */

import { cx } from "@/ui/cx";
import { type CardProps, nodeOf } from "./base";
import { NodeHeader } from "./header";

function GroupCard({ id, node, selected }: CardProps) {
  return (
    <section
      className={cx("h-full rounded-l border bg-sunken/60", selected ? "border-accent" : "border-line border-dashed")}
    >
      <NodeHeader id={id} node={node} />
    </section>
  );
}

export const GroupNode = nodeOf(GroupCard);
