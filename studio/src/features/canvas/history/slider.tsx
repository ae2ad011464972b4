/** Going through the versions, by hand or as a film. */

import { Pause, Play } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { IconButton } from "@/ui/button";

const STEP_MS = 450;
const MOST_STEPS = 60;

export function Slider({ version, newest, go }: { version: number; newest: number; go: (version: number) => void }) {
  const t = useTranslations("canvas");
  const [isPlaying, setPlaying] = useState(false);
  const step = Math.max(1, Math.ceil(newest / MOST_STEPS));

  useEffect(() => {
    if (!isPlaying) return;
    if (version >= newest) return setPlaying(false);
    const timer = setTimeout(() => go(Math.min(newest, version + step)), STEP_MS);
    return () => clearTimeout(timer);
  }, [isPlaying, version, newest, step, go]);

  const toggle = () => {
    if (!isPlaying && version >= newest) go(1);
    setPlaying(!isPlaying);
  };
  return (
    <div className="flex shrink-0 items-center gap-2 border-line border-b px-3 py-2">
      <IconButton
        icon={isPlaying ? Pause : Play}
        size="s"
        label={t(isPlaying ? "history.pause" : "history.play")}
        onClick={toggle}
      />
      <input
        type="range"
        min={1}
        max={Math.max(1, newest)}
        value={version}
        aria-label={t("history.slider")}
        aria-valuetext={t("history.version", { version })}
        onChange={(event) => go(Number(event.target.value))}
        className="min-w-0 grow accent-accent"
      />
      <span className="shrink-0 text-muted text-s tabular-nums">{t("history.version", { version })}</span>
    </div>
  );
}
