/** All that happened to a task, in plain words, oldest first. A row leads to what was known at that moment. */
import { useFormatter, useTranslations } from "use-intl";
import { Button } from "@/ui/button";
import { cx } from "@/ui/cx";
import { Failure } from "@/ui/failure";
import { Skeleton } from "@/ui/skeleton";
import { type HistoryEvent, wordsOf } from "./event-words";
import type { Tone } from "./task-state";

const DOTS: Record<Tone, string> = {
  neutral: "bg-line-strong",
  accent: "bg-accent",
  good: "bg-good",
  doubt: "bg-doubt",
  bad: "bg-bad",
};

export function HistoryList({
  events,
  version,
  loading,
  error,
  retry,
  more,
  onChoose,
}: {
  events: readonly HistoryEvent[];
  version: number;
  loading: boolean;
  error: Error | null;
  retry: () => void;
  more: (() => void) | undefined;
  onChoose: (version: number) => void;
}) {
  const t = useTranslations("task");
  return (
    <section aria-labelledby="history" className="min-w-0">
      <h2 id="history" className="mb-2 text-l">
        {t("history")}
      </h2>
      {error && <Failure error={error} retry={retry} />}
      {loading && <Skeleton className="h-80 w-full" />}
      <ol>
        {events.map((event) => (
          <EventRow
            key={event.version}
            event={event}
            current={event.version === version}
            future={event.version > version}
            onChoose={() => onChoose(event.version)}
          />
        ))}
      </ol>
      {more && (
        <Button size="s" className="mt-2" onClick={more}>
          {t("moreHistory")}
        </Button>
      )}
    </section>
  );
}

function EventRow({
  event,
  current,
  future,
  onChoose,
}: {
  event: HistoryEvent;
  current: boolean;
  future: boolean;
  onChoose: () => void;
}) {
  const t = useTranslations("task");
  const format = useFormatter();
  const { key, tone, values, detail } = wordsOf(event);
  return (
    <li>
      <button
        type="button"
        aria-current={current ? "step" : undefined}
        onClick={onChoose}
        className={cx(
          "flex w-full gap-3 rounded-m px-2 py-1.5 text-left transition-colors hover:bg-sunken",
          current && "bg-accent-soft",
        )}
      >
        <span aria-hidden className={cx("mt-1.5 size-2 shrink-0 rounded-full", future ? "bg-line" : DOTS[tone])} />
        <span className={cx("min-w-0 grow", future && "text-muted")}>
          <span className="block">{t(`event.${key}`, values)}</span>
          {detail && <span className="block text-muted text-s">{detail}</span>}
        </span>
        <time dateTime={event.time} className="shrink-0 text-muted text-xs tabular-nums leading-6">
          {format.dateTime(new Date(event.time), { timeStyle: "medium" })}
        </time>
      </button>
    </li>
  );
}
