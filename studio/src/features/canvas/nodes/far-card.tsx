/** A card seen from far away: what it shows, its name, and whether something is wrong with it. */

import { useTranslations } from "use-intl";
import { mediaOf } from "@/document/topology";
import { cx } from "@/ui/cx";
import { useCardState } from "../board/context";
import { TONE } from "../logic/card-state";
import { thumbnail } from "../logic/variants";
import type { CardProps } from "./base";
import { ICONS } from "./kinds";

const EDGE = { quiet: "bg-line", busy: "bg-accent", good: "bg-line", doubt: "bg-doubt", bad: "bg-bad" };

export function FarCard({ id, node, selected }: CardProps) {
  const t = useTranslations("canvas");
  const state = useCardState(id, node);
  const Icon = ICONS[node.kind];
  const media = mediaOf(node);
  const asset = node.pick?.asset;
  const isPicture = asset !== undefined && (media === "image" || media === "video");
  const text = node.title ?? node.pick?.text ?? node.note ?? node.prompt ?? t(`kind.${node.kind}`);
  if (node.kind === "group")
    return <div className={cx("h-full rounded-l border-2", selected ? "border-accent" : "border-line-strong/50")} />;
  return (
    <div
      className={cx(
        "relative h-full bg-surface outline-line-strong/40",
        selected ? "outline-8 outline-accent!" : "outline-2",
      )}
    >
      {isPicture ? (
        <img
          src={thumbnail(asset, 256)}
          alt=""
          loading="lazy"
          decoding="async"
          draggable={false}
          className="size-full object-cover"
        />
      ) : (
        <div className="flex h-full items-center gap-4 p-6 text-muted">
          <Icon aria-hidden size={48} className="shrink-0" />
          <span className="line-clamp-3 text-2xl">{text.slice(0, 80)}</span>
        </div>
      )}
      <div className={cx("absolute inset-x-0 bottom-0 h-2", EDGE[TONE[state.name]])} />
    </div>
  );
}
