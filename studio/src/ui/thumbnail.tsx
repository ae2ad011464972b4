/** A small picture of a medium: the picture itself, a frame of a video, the waveform of a sound. */
import { AudioLines, FileText, ImageIcon, Play } from "lucide-react";
import { assetUrl } from "@/api/client";
import { cx } from "./cx";

export type MediaKind = "image" | "video" | "audio";

export function mediaKindOf(mediaType: string | undefined): MediaKind {
  const kind = mediaType?.split("/")[0];
  return kind === "video" || kind === "audio" ? kind : "image";
}

/** Fills the box that `className` makes. Without an asset it is a quiet square with the sign of its kind. */
export function Thumbnail({
  asset,
  kind,
  alt,
  width = 256,
  className,
}: {
  asset?: string | undefined;
  kind: MediaKind | "text";
  alt: string;
  width?: 128 | 256 | 512 | 1024;
  className?: string;
}) {
  return (
    <div className={cx("relative grid shrink-0 place-items-center overflow-hidden bg-sunken text-muted", className)}>
      {asset && kind !== "text" ? <Picture asset={asset} kind={kind} alt={alt} width={width} /> : <Sign kind={kind} />}
      {asset && kind === "video" && (
        <span className="absolute grid size-7 place-items-center rounded-full bg-raised text-ink">
          <Play aria-hidden size={14} className="ml-0.5" />
        </span>
      )}
    </div>
  );
}

function Picture({
  asset,
  kind,
  alt,
  width,
}: {
  asset: string;
  kind: MediaKind;
  alt: string;
  width: 128 | 256 | 512 | 1024;
}) {
  const source = kind === "audio" ? `${assetUrl(asset)}?variant=waveform&width=512` : assetUrl(asset, width);
  return (
    <img
      src={source}
      alt={alt}
      loading="lazy"
      decoding="async"
      draggable={false}
      className={cx("size-full", kind === "audio" ? "object-contain p-2" : "object-cover")}
    />
  );
}

const SIGNS = { image: ImageIcon, video: Play, audio: AudioLines, text: FileText };

function Sign({ kind }: { kind: MediaKind | "text" }) {
  const Icon = SIGNS[kind];
  return <Icon aria-hidden size={18} />;
}
