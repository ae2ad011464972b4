/** A medium up close: whole, with where it comes from, and what can be done with it. */
import { ChevronLeft, ChevronRight, Download, SquareArrowOutUpRight, Workflow } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { assetUrl } from "@/api/client";
import { Button, ButtonLink, IconButton } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { MediaPlayer } from "@/ui/media-player";
import type { AssetItem } from "./gallery-queries";
import { Provenance } from "./provenance";
import { UseOnCanvas } from "./use-on-canvas";

export function Viewer({
  item,
  before,
  after,
  onClose,
}: {
  item: AssetItem;
  before: (() => void) | undefined;
  after: (() => void) | undefined;
  onClose: () => void;
}) {
  const t = useTranslations("gallery");
  const [choosing, setChoosing] = useState(false);
  useArrows(choosing ? undefined : before, choosing ? undefined : after);
  if (choosing) return <UseOnCanvas item={item} onClose={() => setChoosing(false)} />;
  return (
    <Dialog
      open
      size="l"
      onClose={onClose}
      title={t(`one.${item.kind}`)}
      actions={
        <>
          <span className="mr-auto flex gap-1">
            <IconButton icon={ChevronLeft} label={t("before")} disabled={!before} onClick={before} side="top" />
            <IconButton icon={ChevronRight} label={t("after")} disabled={!after} onClick={after} side="top" />
          </span>
          {item.task && (
            <ButtonLink href={`/task/?id=${item.task}`} icon={SquareArrowOutUpRight}>
              {t("task")}
            </ButtonLink>
          )}
          <DownloadLink asset={item.asset} />
          <Button look="primary" icon={Workflow} onClick={() => setChoosing(true)}>
            {t("use")}
          </Button>
        </>
      }
    >
      <div className="grid gap-5 md:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <div className="grid place-items-center self-start overflow-hidden rounded-m bg-sunken">
          <MediaPlayer
            key={item.asset}
            asset={item.asset}
            kind={item.kind}
            name={item.prompt ?? t(`one.${item.kind}`)}
            size={item}
            className="max-h-[60dvh]"
          />
        </div>
        <Provenance item={item} />
      </div>
    </Dialog>
  );
}

/** A link, because the browser saves files better than a script does. */
function DownloadLink({ asset }: { asset: string }) {
  const t = useTranslations("gallery");
  return (
    <a
      href={assetUrl(asset)}
      download
      className="inline-flex h-9 items-center gap-2 rounded-m border border-line bg-surface px-3.5 font-bold transition-colors hover:bg-sunken"
    >
      <Download aria-hidden size={16} />
      {t("download")}
    </a>
  );
}

/** The arrow keys go through the gallery, unless a video or sound has them. */
function useArrows(before: (() => void) | undefined, after: (() => void) | undefined): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLMediaElement || event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key === "ArrowLeft") before?.();
      if (event.key === "ArrowRight") after?.();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [before, after]);
}
