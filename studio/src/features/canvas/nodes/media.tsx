/** A picture, a film or a sound on a card: small variants only, until somebody asks for more. */

import { Expand, Play } from "lucide-react";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { type Media, mediaOf } from "@/document/topology";
import type { CanvasNode } from "@/document/types";
import { thumbnail, waveform, whole } from "../logic/variants";

/** What the node has picked; nothing when there is no file. */
export function PickedMedia({ node, onOpen }: { node: CanvasNode; onOpen?: () => void }) {
  const asset = node.pick?.asset;
  const media = mediaOf(node);
  if (!asset || !media || media === "text") return null;
  return (
    <AssetMedia
      key={asset}
      asset={asset}
      media={media}
      alt={node.title ?? node.prompt?.slice(0, 200) ?? ""}
      {...(onOpen ? { onOpen } : {})}
    />
  );
}

interface Props {
  asset: string;
  media: Exclude<Media, "text">;
  alt: string;
  onOpen?: () => void;
}

export function AssetMedia({ asset, media, alt, onOpen }: Props) {
  if (media === "audio") return <Sound asset={asset} />;
  return media === "video" ? (
    <Film asset={asset} alt={alt} onOpen={onOpen} />
  ) : (
    <Picture asset={asset} alt={alt} onOpen={onOpen} />
  );
}

function Picture({ asset, alt, onOpen }: { asset: string; alt: string; onOpen?: (() => void) | undefined }) {
  const t = useTranslations("canvas");
  return (
    <div className="group/media relative min-h-0 grow">
      <img
        src={thumbnail(asset, 256)}
        srcSet={`${thumbnail(asset, 256)} 256w, ${thumbnail(asset, 512)} 512w`}
        sizes="320px"
        alt={alt}
        loading="lazy"
        decoding="async"
        draggable={false}
        onDoubleClick={onOpen}
        className="absolute inset-0 size-full object-contain"
      />
      {onOpen && (
        <button
          type="button"
          aria-label={t("media.open")}
          onClick={onOpen}
          className="nodrag absolute top-2 right-2 grid size-7 place-items-center rounded-m bg-raised text-ink opacity-0 transition-opacity focus-visible:opacity-100 group-hover/media:opacity-100"
        >
          <Expand aria-hidden size={15} />
        </button>
      )}
    </div>
  );
}

function Film({ asset, alt, onOpen }: { asset: string; alt: string; onOpen?: (() => void) | undefined }) {
  const t = useTranslations("canvas");
  const [playing, setPlaying] = useState(false);
  if (playing) {
    return (
      // biome-ignore lint/a11y/useMediaCaption: what a model made has no captions
      <video
        src={whole(asset)}
        controls
        autoPlay
        loop
        className="nodrag min-h-0 w-full grow bg-sunken"
        aria-label={alt}
      />
    );
  }
  return (
    <div className="relative flex min-h-0 grow">
      <Picture asset={asset} alt={alt} onOpen={onOpen} />
      <button
        type="button"
        aria-label={t("media.play")}
        onClick={() => setPlaying(true)}
        className="nodrag absolute top-1/2 left-1/2 grid size-11 -translate-x-1/2 -translate-y-1/2 place-items-center rounded-full bg-raised text-ink hover:text-accent"
      >
        <Play aria-hidden size={20} className="ml-0.5" />
      </button>
    </div>
  );
}

function Sound({ asset }: { asset: string }) {
  return (
    <div className="flex min-h-0 grow flex-col justify-end gap-2 p-3">
      <img
        src={waveform(asset)}
        alt=""
        loading="lazy"
        draggable={false}
        className="min-h-0 w-full grow object-contain"
      />
      {/* biome-ignore lint/a11y/useMediaCaption: it says what its prompt says */}
      <audio src={whole(asset)} controls preload="none" className="nodrag h-9 w-full shrink-0" />
    </div>
  );
}
