/** A medium to look at closely: the whole picture, the video or the sound with the browser's own controls. */
import { assetUrl } from "@/api/client";
import { cx } from "./cx";
import type { MediaKind } from "./thumbnail";

type Size = { width?: number | undefined; height?: number | undefined };

export function MediaPlayer({
  asset,
  kind,
  name,
  size = {},
  className,
}: {
  asset: string;
  kind: MediaKind;
  name: string;
  /** In pixels; keeps its place while it loads. */
  size?: Size;
  className?: string;
}) {
  const source = assetUrl(asset);
  if (kind === "audio") {
    return (
      <div className="flex flex-col gap-3 p-4">
        <img src={`${source}?variant=waveform&width=1024`} alt="" className="h-24 w-full object-fill" />
        {/* biome-ignore lint/a11y/useMediaCaption: it reads its prompt, which stands beside it */}
        <audio src={source} controls preload="metadata" aria-label={name} className="w-full" />
      </div>
    );
  }
  if (kind === "video") {
    return (
      // biome-ignore lint/a11y/useMediaCaption: what a model made has no captions
      <video
        src={source}
        poster={`${source}?variant=poster&width=1024`}
        controls
        loop
        playsInline
        preload="metadata"
        aria-label={name}
        width={size.width}
        height={size.height}
        className={cx("h-auto w-full object-contain", className)}
      />
    );
  }
  return (
    <img
      src={source}
      alt={name}
      width={size.width}
      height={size.height}
      className={cx("h-auto w-full object-contain", className)}
    />
  );
}
