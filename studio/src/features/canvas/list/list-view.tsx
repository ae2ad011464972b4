/** The canvas as a list: the same nodes, sources before what is made of them. It is what a phone and a screen reader get. */

import { Plus } from "lucide-react";
import { useMemo } from "react";
import { useTranslations } from "use-intl";
import { topological } from "@/document/topology";
import { Button } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { Menu, MenuItem } from "@/ui/menu";
import { add } from "../board/commands";
import { useCanvas, useDocument } from "../board/context";
import { ICONS, OFFERED } from "../nodes/kinds";
import { ListRow } from "./list-row";

export function ListView() {
  const t = useTranslations("canvas");
  const canvas = useCanvas();
  const nodes = useDocument((document) => document.nodes);
  const edges = useDocument((document) => document.edges);
  const order = useMemo(() => topological({ nodes, edges }), [nodes, edges]);
  const place = () => {
    const last = nodes[order.at(-1) ?? ""];
    return last
      ? { x: last.position.x + last.size.width * 1.7, y: last.position.y + last.size.height / 2 }
      : { x: 0, y: 0 };
  };
  const adding = (
    <Menu
      trigger={
        <Button icon={Plus} look={order.length === 0 ? "primary" : "outline"}>
          {t("list.add")}
        </Button>
      }
      align="start"
    >
      {OFFERED.map((kind) => (
        <MenuItem key={kind} icon={ICONS[kind]} onSelect={() => void add(canvas, kind, place())}>
          {t(`kind.${kind}`)}
        </MenuItem>
      ))}
    </Menu>
  );
  return (
    <div className="min-h-0 grow overflow-y-auto">
      <div className="mx-auto flex max-w-160 flex-col gap-3 p-3 sm:p-6">
        {order.length === 0 ? (
          <EmptyState icon={Plus} title={t("empty.title")} action={adding}>
            {t("empty.text")}
          </EmptyState>
        ) : (
          <>
            <ol className="flex flex-col gap-3" aria-label={t("list.title")}>
              {order.map((id) => (
                <ListRow key={id} id={id} />
              ))}
            </ol>
            <div>{adding}</div>
          </>
        )}
      </div>
    </div>
  );
}
