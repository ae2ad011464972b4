/** A task in a list: what it makes, how it stands, what it costs, and the way on. */
import Link from "next/link";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { Ago } from "@/ui/ago";
import { Badge } from "@/ui/badge";
import { Thumbnail } from "@/ui/thumbnail";
import { FailureWords } from "./failure-words";
import { useTaskCost } from "./task-cost";
import { isOpen, mediaOf, promptOf, stateOf, type Task, waysOn } from "./task-state";
import { TaskWay } from "./task-way";

export function TaskRow({ task }: { task: Task }) {
  const t = useTranslations("tasks");
  const cost = useTaskCost();
  const { word, tone } = stateOf(task);
  const [medium] = mediaOf(task);
  const kind = task.type === "llm" ? "text" : task.type;
  const prompt = promptOf(task);
  const text = prompt || t("noPrompt");
  return (
    <li className="flex items-start gap-3 rounded-m border border-line bg-surface p-3 sm:items-center">
      <Thumbnail asset={medium?.asset_id} kind={kind} alt="" width={128} className="size-14 rounded-s" />
      <div className="min-w-0 grow">
        <p className="line-clamp-2 sm:line-clamp-1">
          <Link href={`/task/?id=${task.id}`} prefetch={false} className="font-bold hover:underline">
            {text}
          </Link>
        </p>
        <p className="flex flex-wrap text-muted text-s [&>*+*]:before:mx-1.5 [&>*+*]:before:content-['·']">
          <span>{t(`kind.${kind}`)}</span>
          <span>{task.served_by ?? task.model}</span>
          <Ago at={task.finished_at ?? task.created_at} />
          <span>{cost(task)}</span>
        </p>
        {task.error && <FailureWords error={task.error} />}
        {isOpen(task) && task.progress !== undefined && <Progress percent={task.progress} label={text} />}
      </div>
      <Side badge={<Badge tone={tone}>{t(`state.${word}`)}</Badge>}>
        {waysOn(task)
          .filter((way) => way !== "rerun" || task.status === "failed")
          .map((way) => (
            <TaskWay key={way} way={way} task={task} size="s" />
          ))}
      </Side>
    </li>
  );
}

function Side({ badge, children }: { badge: ReactNode; children: ReactNode }) {
  return (
    <div className="flex shrink-0 flex-col items-end gap-2 sm:flex-row-reverse sm:items-center">
      {badge}
      {children}
    </div>
  );
}

/** A bar that is its own label, for those who can't see it, too. */
export function Progress({ percent, label }: { percent: number; label: string }) {
  return (
    <progress value={percent} max={100} aria-label={label} className="mt-2 block h-1 w-full max-w-80">
      {percent}
    </progress>
  );
}
