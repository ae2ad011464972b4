/** At the side of the board: what can be put on it. */

import { useReactFlow } from "@xyflow/react";
import { useTranslations } from "use-intl";
import { IconButton } from "@/ui/button";
import { add } from "../board/commands";
import { useCanvas } from "../board/context";
import { ICONS, OFFERED } from "../nodes/kinds";

export function Rail() {
  const t = useTranslations("canvas");
  const canvas = useCanvas();
  const flow = useReactFlow();
  const place = () => {
    const box = document.querySelector(".react-flow")?.getBoundingClientRect();
    return box ? flow.screenToFlowPosition({ x: box.x + box.width / 2, y: box.y + box.height / 2 }) : { x: 0, y: 0 };
  };
  return (
    <div
      role="toolbar"
      aria-label={t("rail.title")}
      aria-orientation="vertical"
      className="absolute top-1/2 left-3 flex -translate-y-1/2 flex-col gap-0.5 rounded-l border border-line bg-raised p-1 max-sm:top-auto max-sm:right-3 max-sm:bottom-3 max-sm:left-auto max-sm:translate-y-0"
    >
      {OFFERED.map((kind) => (
        <IconButton
          key={kind}
          icon={ICONS[kind]}
          side="right"
          label={t("rail.add", { kind: t(`kind.${kind}`) })}
          onClick={() => add(canvas, kind, place())}
        />
      ))}
    </div>
  );
}
