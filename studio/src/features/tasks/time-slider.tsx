/** Go back to any moment of a task: what was known then. */
import { ChevronLeft, ChevronRight, History } from "lucide-react";
import { useFormatter, useTranslations } from "use-intl";
import { Button, IconButton } from "@/ui/button";
import { type HistoryEvent, wordsOf } from "./event-words";

export function TimeSlider({
  events,
  version,
  onChange,
}: {
  events: readonly HistoryEvent[];
  version: number;
  /** undefined: now. */
  onChange: (version: number | undefined) => void;
}) {
  const t = useTranslations("task");
  const format = useFormatter();
  const newest = events.at(-1)?.version ?? 1;
  const event = events.find((each) => each.version === version) ?? events.at(-1);
  if (!event) return null;
  const { key, values } = wordsOf(event);
  const what = t(`event.${key}`, values);
  const when = format.dateTime(new Date(event.time), { dateStyle: "medium", timeStyle: "medium" });
  const past = version < newest;
  return (
    <section aria-label={t("slider.name")} className="mb-6 rounded-l border border-line bg-surface p-3 sm:p-4">
      <div className="flex min-h-7 flex-wrap items-center gap-x-3 gap-y-1">
        <History aria-hidden size={18} className="shrink-0 text-muted" />
        <p className="min-w-0 grow basis-48">
          <span className="font-bold">{t(past ? "slider.then" : "slider.now")}</span>{" "}
          <span className="text-muted">{t("slider.moment", { when, what })}</span>
        </p>
        {past && (
          <Button size="s" onClick={() => onChange(undefined)}>
            {t("slider.toNow")}
          </Button>
        )}
      </div>
      <div className="mt-2 flex items-center gap-1">
        <IconButton
          icon={ChevronLeft}
          size="s"
          label={t("slider.earlier")}
          disabled={version <= 1}
          onClick={() => onChange(version - 1)}
        />
        <input
          type="range"
          min={1}
          max={newest}
          step={1}
          value={version}
          aria-label={t("slider.name")}
          aria-valuetext={t("slider.moment", { when, what })}
          onChange={({ target }) => onChange(target.valueAsNumber >= newest ? undefined : target.valueAsNumber)}
          className="h-7 min-w-0 grow accent-accent"
        />
        <IconButton
          icon={ChevronRight}
          size="s"
          label={t("slider.later")}
          disabled={!past}
          onClick={() => onChange(version + 1)}
        />
      </div>
    </section>
  );
}
