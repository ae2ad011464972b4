/** Results whose node is gone: they were paid for, so they are offered. */

import { useReactFlow } from "@xyflow/react";
import { X } from "lucide-react";
import { useTranslations } from "use-intl";
import { Button, IconButton } from "@/ui/button";
import { add } from "../board/commands";
import { useCanvas } from "../board/context";
import { type Candidate, outputsOf, type Task } from "../logic/results";
import { thumbnail, waveform } from "../logic/variants";
import { useUnplaced } from "./use-unplaced";

export function UnplacedPanel() {
  const t = useTranslations("canvas");
  const canvas = useCanvas();
  const flow = useReactFlow();
  const tasks = useUnplaced();
  const place = ({ asset, text, task, output }: Candidate) => {
    const at = flow.screenToFlowPosition({ x: innerWidth / 2, y: innerHeight / 2 });
    const pick = { ...(task ? { task } : {}), ...(output === undefined ? {} : { output }) };
    if (asset) add(canvas, "reference", at, undefined, { pick: { ...pick, asset } });
    else if (text) add(canvas, "text", at, undefined, { prompt: text });
  };
  return (
    <aside
      aria-label={t("unplaced.title")}
      className="absolute inset-y-0 right-0 z-10 flex w-80 max-w-full flex-col border-line border-l bg-surface sm:static"
    >
      <header className="flex h-11 shrink-0 items-center gap-2 border-line border-b px-3">
        <h2 className="grow text-m">{t("unplaced.title")}</h2>
        <IconButton
          icon={X}
          size="s"
          label={t("unplaced.close")}
          onClick={() => canvas.panels.getState().show({ side: undefined })}
        />
      </header>
      <p className="px-3 pt-3 text-muted text-s">{t("unplaced.hint")}</p>
      <ul className="flex min-h-0 grow flex-col gap-3 overflow-y-auto p-3">
        {tasks.map((task) => (
          <UnplacedTask key={task.id} task={task} place={place} />
        ))}
      </ul>
    </aside>
  );
}

function UnplacedTask({ task, place }: { task: Task; place: (candidate: Candidate) => void }) {
  const t = useTranslations("canvas");
  const outputs = outputsOf(task);
  return (
    <li className="flex flex-col gap-2">
      {outputs.length === 0 && <p className="text-muted text-s">{t("unplaced.running")}</p>}
      {outputs.map((candidate) => (
        <div key={candidate.key} className="overflow-hidden rounded-m border border-line">
          {candidate.text && <p className="line-clamp-4 p-2 text-s">{candidate.text}</p>}
          {candidate.asset && (
            <img
              src={task.type === "audio" ? waveform(candidate.asset) : thumbnail(candidate.asset, 512)}
              alt=""
              loading="lazy"
              className="max-h-48 w-full bg-sunken object-contain"
            />
          )}
          <Button look="quiet" size="s" className="w-full rounded-none!" onClick={() => place(candidate)}>
            {t("unplaced.place")}
          </Button>
        </div>
      ))}
    </li>
  );
}
