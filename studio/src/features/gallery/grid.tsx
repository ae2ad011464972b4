/** The media in rows that fill the width, each as large and in the shape that it has. */
import { AudioLines } from "lucide-react";
import { useFormatter, useTranslations } from "use-intl";
import { Skeleton } from "@/ui/skeleton";
import { Thumbnail } from "@/ui/thumbnail";
import type { AssetItem } from "./gallery-queries";

const ROW = 220; // pixels, about: a row grows to fill the width
const NARROWEST = 0.6;
const WIDEST = 2.4;
const OF_A_SOUND = 16 / 9;

export function keyOf(item: AssetItem): string {
  return `${item.asset} ${item.task ?? ""}`;
}

export function Grid({ items, onOpen }: { items: readonly AssetItem[]; onOpen: (item: AssetItem) => void }) {
  return (
    <ul className="flex flex-wrap gap-2">
      {items.map((item) => (
        <Tile key={keyOf(item)} item={item} onOpen={() => onOpen(item)} />
      ))}
      <li aria-hidden className="grow-[1000]" />
    </ul>
  );
}

function Tile({ item, onOpen }: { item: AssetItem; onOpen: () => void }) {
  const t = useTranslations("gallery");
  const format = useFormatter();
  const shape = shapeOf(item);
  const words =
    item.prompt ?? t("uploaded", { when: format.dateTime(new Date(item.created_at), { dateStyle: "medium" }) });
  return (
    <li className="max-w-full" style={{ flexGrow: shape, flexBasis: shape * ROW }}>
      <button
        type="button"
        onClick={onOpen}
        className="group relative block w-full overflow-hidden rounded-m bg-sunken"
        style={{ aspectRatio: shape }}
      >
        <span className="sr-only">{t("tile", { kind: t(`one.${item.kind}`), words })}</span>
        <Thumbnail asset={item.asset} kind={item.kind} alt="" width={512} className="absolute inset-0" />
        <span
          aria-hidden
          className="absolute inset-x-0 bottom-0 truncate bg-raised/90 px-2.5 py-1.5 text-left text-s opacity-0 transition-opacity group-hover:opacity-100 group-focus-visible:opacity-100"
        >
          {words}
        </span>
        {item.kind !== "image" && (
          <span className="absolute top-2 left-2 inline-flex items-center gap-1 rounded-s bg-raised/90 px-1.5 py-0.5 text-xs tabular-nums">
            {item.kind === "audio" && <AudioLines aria-hidden size={12} />}
            {item.seconds !== undefined && t("seconds", { seconds: item.seconds })}
          </span>
        )}
      </button>
    </li>
  );
}

/** Width by height, within what a row can show. */
function shapeOf({ kind, width, height }: AssetItem): number {
  if (kind === "audio" || !width || !height) return OF_A_SOUND;
  return Math.min(WIDEST, Math.max(NARROWEST, width / height));
}

const SHAPES = [1.6, 0.8, 1.5, 1, 1.8, 1.2, 0.7, 1.6, 1.4, 1];

export function GridSkeleton() {
  const t = useTranslations("common");
  return (
    <div aria-busy="true" className="flex flex-wrap gap-2">
      <span className="sr-only">{t("loading")}</span>
      {SHAPES.map((shape, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they never change
        <div key={index} style={{ flexGrow: shape, flexBasis: shape * ROW }}>
          <Skeleton className="h-55 w-full" />
        </div>
      ))}
    </div>
  );
}
