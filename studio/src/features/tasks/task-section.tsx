/** A section of the task centre: its newest tasks, or all of them where only it is shown. */
import { useTranslations } from "use-intl";
import { Button } from "@/ui/button";
import { Sentinel } from "@/ui/sentinel";
import { Skeleton } from "@/ui/skeleton";
import { TaskRow } from "./task-row";
import { useTaskFilters } from "./use-task-filters";
import type { Section, TaskList } from "./use-task-lists";

const FIRST = 6;

export function TaskSection({ name, list, whole }: { name: Section; list: TaskList; whole: boolean }) {
  const t = useTranslations("tasks");
  const { change } = useTaskFilters();
  const { tasks, more, busy } = list;
  if (tasks.length === 0 && !more) return null;
  const shown = whole ? tasks : tasks.slice(0, FIRST);
  return (
    <section aria-labelledby={name} className="mb-8">
      <h2 id={name} className="mb-3 text-l">
        {t(`section.${name}`)}
      </h2>
      <ul className="flex flex-col gap-2">
        {shown.map((task) => (
          <TaskRow key={task.id} task={task} />
        ))}
      </ul>
      {whole && more && <Sentinel onNear={more} busy={busy} />}
      {!whole && (tasks.length > FIRST || more) && (
        <Button className="mt-3" size="s" look="quiet" onClick={() => change({ show: name })}>
          {t("all", { section: name })}
        </Button>
      )}
    </section>
  );
}

export function TasksSkeleton() {
  const t = useTranslations("common");
  return (
    <div aria-busy="true" className="flex flex-col gap-2">
      <span className="sr-only">{t("loading")}</span>
      {["first", "second", "third", "fourth", "fifth"].map((each) => (
        <Skeleton key={each} className="h-20 w-full" />
      ))}
    </div>
  );
}
