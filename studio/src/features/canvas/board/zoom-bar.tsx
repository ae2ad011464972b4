/** At the foot of the board: zoom, and the whole canvas in small. */

import { useReactFlow, useStore } from "@xyflow/react";
import { Map as MapIcon, Maximize, Minus, Plus } from "lucide-react";
import { useState } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { IconButton } from "@/ui/button";
import { MiniMap } from "./minimap";

const MS = { duration: 120 };

export function ZoomBar() {
  const t = useTranslations("canvas");
  const format = useFormatter();
  const flow = useReactFlow();
  const zoom = useStore((state) => Math.round(state.transform[2] * 100) / 100);
  const [isMapOpen, setMapOpen] = useState(true);
  return (
    <div className="absolute bottom-3 left-3 flex flex-col items-start gap-2">
      {isMapOpen && <MiniMap />}
      <div className="flex items-center rounded-m border border-line bg-raised p-0.5">
        <IconButton
          icon={Minus}
          size="s"
          side="top"
          label={t("command.zoomOut")}
          onClick={() => void flow.zoomOut(MS)}
        />
        <button
          type="button"
          className="h-7 w-12 rounded-m text-s tabular-nums hover:bg-sunken"
          title={t("zoom.actual")}
          onClick={() => void flow.zoomTo(1, MS)}
        >
          {format.number(zoom, { style: "percent" })}
        </button>
        <IconButton icon={Plus} size="s" side="top" label={t("command.zoomIn")} onClick={() => void flow.zoomIn(MS)} />
        <IconButton
          icon={Maximize}
          size="s"
          side="top"
          label={t("command.fit")}
          onClick={() => void flow.fitView({ ...MS, padding: 0.15, maxZoom: 1 })}
        />
        <IconButton
          icon={MapIcon}
          size="s"
          side="top"
          label={t("zoom.map")}
          aria-pressed={isMapOpen}
          className="max-sm:hidden!"
          onClick={() => setMapOpen(!isMapOpen)}
        />
      </div>
    </div>
  );
}
