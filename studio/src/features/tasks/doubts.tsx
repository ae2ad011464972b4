/** The calls that nobody knows the outcome of: first on the screen, because somebody has to decide. */
import { CircleHelp } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { Ago } from "@/ui/ago";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { SettleDialog } from "./settle-dialog";
import type { DoubtfulCall } from "./task-queries";
import { TaskRow } from "./task-row";
import type { DoubtList } from "./use-task-lists";
import { VERBS, type Verb } from "./verbs";

/** Whoever may not decide on calls sees their own tasks that are in doubt. */
export function Doubts({ doubts, whole }: { doubts: DoubtList; whole: boolean }) {
  const t = useTranslations("tasks");
  const { calls, tasks, more, busy } = doubts;
  const count = calls.length + tasks.length;
  if (count === 0) return whole ? <p className="text-muted">{t("doubts.none")}</p> : null;
  return (
    <section aria-labelledby="doubts" className="mb-8 rounded-l border border-line bg-doubt-soft p-3 sm:p-4">
      <h2 id="doubts" className="flex items-center gap-2 text-doubt text-l">
        <CircleHelp aria-hidden size={18} />
        {t("doubts.title", { count })}
      </h2>
      <p className="mt-1 mb-3">{t(calls.length > 0 ? "doubts.hint" : "doubts.othersDecide")}</p>
      <ul className="flex flex-col gap-2">
        {calls.map((call) => (
          <DoubtRow key={call.call_id} call={call} />
        ))}
        {tasks.map((task) => (
          <TaskRow key={task.id} task={task} />
        ))}
      </ul>
      {more && (
        <Button className="mt-3" size="s" disabled={busy} onClick={more}>
          {t("moreDoubts")}
        </Button>
      )}
    </section>
  );
}

function DoubtRow({ call }: { call: DoubtfulCall }) {
  const t = useTranslations("tasks");
  const [verb, setVerb] = useState<Verb>();
  const looking = call.state === "looking";
  return (
    <li className="flex flex-wrap items-center gap-3 rounded-m border border-line bg-surface p-3">
      <div className="min-w-60 grow basis-0">
        <p className="flex flex-wrap items-center gap-2">
          <Link href={`/task/?id=${call.task_id}`} prefetch={false} className="font-bold hover:underline">
            {call.model}
          </Link>
          <Badge tone="doubt">{t(looking ? "doubts.looking" : "doubts.unknown")}</Badge>
        </p>
        <p className="flex flex-wrap text-muted text-s [&>*+*]:before:mx-1.5 [&>*+*]:before:content-['·']">
          <span>{t("doubts.attempt", { attempt: call.attempt, provider: call.provider })}</span>
          <Ago at={call.called_at} />
        </p>
        {(call.evidence ?? call.reason) && <p className="mt-1 text-s">{call.evidence ?? call.reason}</p>}
      </div>
      <div className="flex flex-wrap gap-2">
        {VERBS.map((each) => (
          <Button key={each} size="s" onClick={() => setVerb(each)}>
            {t(`verb.${each}.name`)}
          </Button>
        ))}
      </div>
      {verb && <SettleDialog call={call} verb={verb} onClose={() => setVerb(undefined)} />}
    </li>
  );
}
