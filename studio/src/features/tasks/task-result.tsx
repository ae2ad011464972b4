/** What a task has made, as large as there is room; or how far it is, or why there is nothing. */
import { Download } from "lucide-react";
import { useTranslations } from "use-intl";
import { assetUrl } from "@/api/client";
import { Badge } from "@/ui/badge";
import { MediaPlayer } from "@/ui/media-player";
import { mediaKindOf } from "@/ui/thumbnail";
import { FailureWords } from "./failure-words";
import { Progress } from "./task-row";
import { isOpen, type Media, mediaOf, promptOf, stateOf, type Task } from "./task-state";

export function TaskResult({ task }: { task: Task }) {
  const t = useTranslations("tasks");
  const { word, tone } = stateOf(task);
  const media = mediaOf(task);
  const text = task.result?.text;
  return (
    <section aria-label={t("result")} className="overflow-hidden rounded-l border border-line bg-surface">
      {media.map((medium, index) => (
        <Output key={medium.asset_id ?? index} medium={medium} name={promptOf(task)} />
      ))}
      {text && <p className="max-h-120 overflow-y-auto whitespace-pre-wrap p-4">{text}</p>}
      <div className="flex flex-wrap items-center gap-3 border-line border-t p-4 first:border-t-0">
        <Badge tone={tone}>{t(`state.${word}`)}</Badge>
        {task.error && <FailureWords error={task.error} />}
        {isOpen(task) && task.progress !== undefined && <Progress percent={task.progress} label={t(`state.${word}`)} />}
        {task.result?.missing && task.result.missing.length > 0 && (
          <p className="text-doubt">{t("missing", { count: task.result.missing.length })}</p>
        )}
        {task.result?.notes?.map((note) => (
          <p key={note} className="text-muted text-s">
            {note}
          </p>
        ))}
        {task.error?.provider_message && (
          <p className="w-full text-muted text-s">{t("providerSaid", { message: task.error.provider_message })}</p>
        )}
      </div>
    </section>
  );
}

function Output({ medium, name }: { medium: Media; name: string }) {
  const t = useTranslations("tasks");
  if (!medium.asset_id) return null;
  const kind = mediaKindOf(medium.media_type);
  return (
    <figure className="relative border-line border-b bg-sunken last:border-b-0">
      <MediaPlayer asset={medium.asset_id} kind={kind} name={name} size={medium} className="max-h-140" />
      <figcaption className="absolute top-2 right-2">
        <a
          href={assetUrl(medium.asset_id)}
          download
          aria-label={t("download")}
          className="grid size-9 place-items-center rounded-m border border-line bg-raised text-ink hover:bg-sunken"
        >
          <Download aria-hidden size={17} />
        </a>
      </figcaption>
    </figure>
  );
}
