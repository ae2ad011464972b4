/** Two pictures on top of each other, with a line between them that is moved by pointer or by the arrow keys. */

import { useState } from "react";
import { useTranslations } from "use-intl";
import { whole } from "../logic/variants";

export function Wipe({ left, right }: { left: string; right: string }) {
  const t = useTranslations("canvas");
  const [percent, setPercent] = useState(50);
  return (
    <div className="relative min-h-0 overflow-hidden rounded-m bg-sunken">
      <img src={whole(right)} alt="" draggable={false} className="absolute inset-0 size-full object-contain" />
      <img
        src={whole(left)}
        alt=""
        draggable={false}
        className="absolute inset-0 size-full object-contain"
        style={{ clipPath: `inset(0 ${100 - percent}% 0 0)` }}
      />
      <div
        aria-hidden
        className="pointer-events-none absolute inset-y-0 w-0.5 bg-accent"
        style={{ left: `${percent}%` }}
      />
      <input
        type="range"
        min={0}
        max={100}
        value={percent}
        aria-label={t("compare.wipe")}
        onChange={(event) => setPercent(Number(event.target.value))}
        className="absolute inset-0 size-full cursor-ew-resize opacity-0 focus-visible:opacity-100"
      />
    </div>
  );
}
