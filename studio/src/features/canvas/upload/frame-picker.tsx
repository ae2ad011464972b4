/** Which picture of a film? It is taken here in the browser, sent as a file, and is then used like any other. */

import { useCallback, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { inputs } from "@/document/topology";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { useErrorText } from "@/ui/failure";
import { notify } from "@/ui/notices";
import { useCanvas, useDocument, usePanels } from "../board/context";
import { whole } from "../logic/variants";
import { sendFile } from "./send-file";

/** Players answer the very end with nothing. */
const BEFORE_END = 0.05;

export function FramePicker() {
  const framing = usePanels((state) => state.framing);
  return framing === undefined ? null : <Picker key={framing} id={framing} />;
}

function Picker({ id }: { id: string }) {
  const t = useTranslations("canvas");
  const text = useErrorText();
  const { session, panels } = useCanvas();
  const film = useDocument((document) => {
    const source = inputs(document, id, "video")[0]?.[1].from;
    return source === undefined ? undefined : document.nodes[source]?.pick?.asset;
  });
  const player = useRef<HTMLVideoElement>(null);
  const [seconds, setSeconds] = useState(0);
  const [length, setLength] = useState(0);
  const [isSending, setSending] = useState(false);
  // A film that the browser has already may be ready before React listens to it.
  const begin = useCallback((element: HTMLVideoElement | null) => {
    player.current = element;
    setLength(element?.duration || 0);
  }, []);
  const close = () => panels.getState().show({ framing: undefined });
  const seek = (to: number) => {
    setSeconds(to);
    if (player.current) player.current.currentTime = to;
  };
  const take = async () => {
    if (!player.current) return;
    setSending(true);
    try {
      const asset = await sendFile(await pictureOf(player.current), "frame.png");
      session.pick(id, { asset });
      close();
    } catch (error) {
      notify({ tone: "bad", text: text(error) });
      setSending(false);
    }
  };
  return (
    <Dialog
      open
      onClose={close}
      title={t("frame.title")}
      size="l"
      actions={
        <Button look="primary" disabled={!film || length === 0 || isSending} onClick={() => void take()}>
          {t("frame.take")}
        </Button>
      }
    >
      {film ? (
        <div className="flex flex-col gap-3">
          <video
            ref={begin}
            src={whole(film)}
            muted
            playsInline
            preload="auto"
            className="max-h-[55dvh] w-full rounded-m bg-sunken"
            onLoadedMetadata={(event) => setLength(event.currentTarget.duration)}
          />
          <input
            type="range"
            min={0}
            max={length}
            step={0.01}
            value={seconds}
            aria-label={t("frame.at")}
            onChange={(event) => seek(Number(event.target.value))}
            className="w-full accent-accent"
          />
          <div className="flex gap-2">
            <Button size="s" onClick={() => seek(0)}>
              {t("frame.first")}
            </Button>
            <Button size="s" onClick={() => seek(Math.max(0, length - BEFORE_END))}>
              {t("frame.last")}
            </Button>
          </div>
        </div>
      ) : (
        <p className="text-muted">{t("frame.connect")}</p>
      )}
    </Dialog>
  );
}

/** The picture that a player shows. It has our own origin, so that the browser hands it out. */
async function pictureOf(player: HTMLVideoElement): Promise<Blob> {
  if (player.seeking) await new Promise((resolve) => player.addEventListener("seeked", resolve, { once: true }));
  const surface = document.createElement("canvas");
  surface.width = player.videoWidth;
  surface.height = player.videoHeight;
  surface.getContext("2d")?.drawImage(player, 0, 0);
  return new Promise((resolve, reject) => {
    surface.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png");
  });
}
