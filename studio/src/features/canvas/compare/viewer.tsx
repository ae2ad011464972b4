/** Outputs in full size: one, two and more side by side, or two with a wipe. Films play together. */

import { Check, Pause, Play } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { mediaOf } from "@/document/topology";
import { Button } from "@/ui/button";
import { Choice } from "@/ui/choice";
import { Dialog } from "@/ui/dialog";
import { usePick } from "../board/actions";
import { useCanvas, useNode, usePanels, useTasks } from "../board/context";
import { type Candidate, candidatesOf, isPicked } from "../logic/results";
import { whole } from "../logic/variants";
import { Chooser } from "./chooser";
import { Wipe } from "./wipe";

type Way = "side" | "wipe";

export function Viewer() {
  const viewing = usePanels((state) => state.viewing);
  return viewing ? <OpenViewer key={viewing.node} node={viewing.node} first={viewing.candidates} /> : null;
}

function OpenViewer({ node: id, first }: { node: string; first: readonly Candidate[] }) {
  const t = useTranslations("canvas");
  const { panels } = useCanvas();
  const node = useNode(id);
  const tasks = useTasks(id);
  const pick = usePick();
  const stage = useRef<HTMLDivElement>(null);
  const [keys, setKeys] = useState(() => first.map(({ key }) => key));
  const [way, setWay] = useState<Way>("side");
  if (!node) return null;
  const all = candidatesOf(node, tasks);
  const shown = keys.flatMap((key) => all.find((candidate) => candidate.key === key) ?? []);
  const media = mediaOf(node);
  const [left, right] = shown;
  const canWipe = media === "image" && shown.length === 2;
  const close = () => panels.getState().show({ viewing: undefined });
  return (
    <Dialog open onClose={close} title={t(shown.length > 1 ? "compare.title" : "compare.one")} size="full">
      <div className="flex h-[72dvh] flex-col gap-3">
        <div className="flex flex-wrap items-center gap-2">
          {canWipe && (
            <Choice
              label={t("compare.way")}
              value={way}
              onChange={setWay}
              options={[
                { value: "side", text: t("compare.side") },
                { value: "wipe", text: t("compare.wipe") },
              ]}
            />
          )}
          {media === "video" && shown.length > 1 && <Together stage={stage} />}
          <span className="grow" />
          {all.length > 1 && <Chooser all={all} keys={keys} change={setKeys} isSound={media === "audio"} />}
        </div>
        <div ref={stage} className="grid min-h-0 grow auto-cols-fr grid-flow-col gap-3 max-sm:grid-flow-row">
          {canWipe && way === "wipe" && left?.asset && right?.asset ? (
            <Wipe left={left.asset} right={right.asset} />
          ) : (
            shown.map((candidate) => (
              <figure key={candidate.key} className="flex min-h-0 min-w-0 flex-col gap-2">
                <Full candidate={candidate} media={media} />
                <figcaption className="flex h-7 shrink-0 items-center justify-center gap-3 text-muted text-s">
                  {candidate.width && candidate.height && (
                    <span className="tabular-nums">{`${candidate.width} × ${candidate.height}`}</span>
                  )}
                  {candidate.late && <span className="text-doubt">{t("candidates.late")}</span>}
                  {isPicked(candidate, node.pick) ? (
                    <span className="flex items-center gap-1 text-ink">
                      <Check aria-hidden size={14} />
                      {t("compare.picked")}
                    </span>
                  ) : (
                    <Button size="s" onClick={() => pick(id, candidate)}>
                      {t("compare.use")}
                    </Button>
                  )}
                </figcaption>
              </figure>
            ))
          )}
        </div>
      </div>
    </Dialog>
  );
}

function Full({ candidate, media }: { candidate: Candidate; media: ReturnType<typeof mediaOf> }) {
  const { asset, text } = candidate;
  if (text !== undefined)
    return <p className="min-h-0 grow overflow-y-auto whitespace-pre-wrap rounded-m bg-sunken p-4">{text}</p>;
  if (!asset) return null;
  // biome-ignore lint/a11y/useMediaCaption: it says what its prompt says
  if (media === "audio") return <audio src={whole(asset)} controls className="m-auto w-full" />;
  if (media === "video")
    return (
      // biome-ignore lint/a11y/useMediaCaption: what a model made has no captions
      <video
        src={whole(asset)}
        controls
        loop
        playsInline
        className="min-h-0 w-full grow rounded-m bg-sunken object-contain"
      />
    );
  return <img src={whole(asset)} alt="" className="min-h-0 w-full grow rounded-m bg-sunken object-contain" />;
}

/** Plays all films from the beginning, at once. */
function Together({ stage }: { stage: React.RefObject<HTMLDivElement | null> }) {
  const t = useTranslations("canvas");
  const [isPlaying, setPlaying] = useState(false);
  const toggle = () => {
    for (const film of stage.current?.querySelectorAll("video") ?? []) {
      if (isPlaying) film.pause();
      else {
        film.currentTime = 0;
        void film.play();
      }
    }
    setPlaying(!isPlaying);
  };
  return (
    <Button size="s" icon={isPlaying ? Pause : Play} onClick={toggle}>
      {t(isPlaying ? "compare.pause" : "compare.together")}
    </Button>
  );
}
