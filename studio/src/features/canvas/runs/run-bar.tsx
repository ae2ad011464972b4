/** Runs of many nodes that are under way or wait for somebody: how far they are, and what can be done. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleStop, RotateCcw, SkipForward, StepForward } from "lucide-react";
import { useEffect } from "react";
import { useTranslations } from "use-intl";
import type { Live } from "@/sync/live";
import { Button } from "@/ui/button";
import { cx } from "@/ui/cx";
import { useErrorText } from "@/ui/failure";
import { useMoney } from "@/ui/money";
import { notify } from "@/ui/notices";
import { useDocument } from "../board/context";
import { cancelRun, type Run, resumeRun, runsQuery, settleStep } from "../live/runs-api";

type Doing = "cancel" | "resume" | "retry" | "skip";

const OPEN = new Set(["waiting", "running", "paused"]);

export function RunBar({ live }: { live: Live }) {
  const canvas = useDocument((document) => document.id);
  const queries = useQueryClient();
  const query = runsQuery(canvas);
  const { data } = useQuery(query);
  useEffect(() => {
    const refresh = () => void queries.invalidateQueries({ queryKey: ["runs", canvas] });
    const stops = [live.on("run", refresh), live.onStale(refresh)];
    return () => {
      for (const stop of stops) stop();
    };
  }, [live, queries, canvas]);
  const open = (data?.items ?? []).filter(({ status }) => OPEN.has(status));
  if (open.length === 0) return null;
  return (
    <ul className="flex shrink-0 flex-col">
      {open.map((run) => (
        <RunRow key={run.id} run={run} />
      ))}
    </ul>
  );
}

function RunRow({ run }: { run: Run }) {
  const t = useTranslations("canvas");
  const money = useMoney();
  const text = useErrorText();
  const queries = useQueryClient();
  const doing = useMutation({
    mutationFn: (what: Doing) => {
      if (what === "cancel") return cancelRun(run.id);
      return what === "resume" || !run.waits_for ? resumeRun(run.id) : settleStep(run.id, run.waits_for, what);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["runs", run.canvas] }),
    onError: (error) => notify({ tone: "bad", text: text(error) }),
  });
  const ended = run.steps.filter(({ status }) => status === "completed" || status === "skipped").length;
  const failed = run.steps.filter(({ status }) => status === "failed").length;
  const spent = Object.entries(run.spent ?? {}).map(([currency, amount]) => money({ currency, amount }));
  const isPaused = run.status === "paused";
  return (
    <li
      data-run={run.status}
      className={cx(
        "flex h-10 items-center gap-3 border-line border-b px-4 text-s",
        isPaused ? "bg-doubt-soft text-doubt" : "bg-surface",
      )}
    >
      <span className="font-bold">{t(`runs.${isPaused ? "paused" : "running"}`)}</span>
      <div
        role="progressbar"
        aria-label={t("node.progress")}
        aria-valuenow={ended}
        aria-valuemin={0}
        aria-valuemax={run.steps.length}
        className="h-1 w-32 overflow-hidden rounded-full bg-line"
      >
        <div
          className={cx("h-full transition-[width]", isPaused ? "bg-doubt" : "bg-accent")}
          style={{ width: `${(100 * ended) / Math.max(1, run.steps.length)}%` }}
        />
      </div>
      <span className="text-muted tabular-nums">{t("runs.done", { done: ended, all: run.steps.length })}</span>
      {failed > 0 && <span className="text-bad">{t("runs.failed", { count: failed })}</span>}
      {spent.length > 0 && (
        <span className="text-muted tabular-nums max-sm:hidden">{t("runs.spent", { price: spent.join(" + ") })}</span>
      )}
      {isPaused && run.reason && (
        <span className="min-w-0 truncate" title={run.message}>
          {t(`runs.reason.${run.reason}`)}
        </span>
      )}
      <span className="grow" />
      {run.reason === "step_failed" && run.waits_for && (
        <>
          <Button size="s" icon={RotateCcw} disabled={doing.isPending} onClick={() => doing.mutate("retry")}>
            {t("runs.retry")}
          </Button>
          <Button size="s" icon={SkipForward} disabled={doing.isPending} onClick={() => doing.mutate("skip")}>
            {t("runs.skip")}
          </Button>
        </>
      )}
      {isPaused && (
        <Button size="s" icon={StepForward} disabled={doing.isPending} onClick={() => doing.mutate("resume")}>
          {t("runs.resume")}
        </Button>
      )}
      <Button size="s" look="quiet" icon={CircleStop} disabled={doing.isPending} onClick={() => doing.mutate("cancel")}>
        {t("runs.cancel")}
      </Button>
    </li>
  );
}
