/** What did a task cost, or what will it cost at most? What nobody knows is said to be unknown. */
import { useTranslations } from "use-intl";
import { useMoney } from "@/ui/money";
import { isOpen, type Task } from "./task-state";

/** As one short text. */
export function useTaskCost(): (task: Task) => string {
  const t = useTranslations("tasks.cost");
  const money = useMoney();
  return (task) => {
    if (task.cost) return money(task.cost);
    if (isOpen(task)) return task.estimated_cost ? t("atMost", { sum: money(task.estimated_cost) }) : t("unknownPrice");
    if (task.error?.charged === "no") return t("notCharged");
    return t(task.error?.charged === "unknown" ? "unknownCharge" : "unknown");
  };
}
