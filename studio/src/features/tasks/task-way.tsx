/** One way on from how a task stands: stop it, fetch its outputs again, make it once more, change it. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Download, PencilLine, RotateCcw, X } from "lucide-react";
import { useRouter } from "next/navigation";
import { useRef } from "react";
import { useTranslations } from "use-intl";
import { api, unwrap } from "@/api/client";
import { Button, ButtonLink } from "@/ui/button";
import { useErrorText } from "@/ui/failure";
import { notify } from "@/ui/notices";
import { TASKS } from "./task-queries";
import type { Task, Way } from "./task-state";

const ICONS = { cancel: X, refetch: Download, rerun: RotateCcw };

export function TaskWay({ way, task, size = "m" }: { way: Way; task: Task; size?: "s" | "m" }) {
  const t = useTranslations("tasks.way");
  if (way === "edit") {
    const href = task.source === "canvas" && task.source_id ? `/canvas/?id=${task.source_id}` : `/task/?id=${task.id}`;
    return task.source === "canvas" ? (
      <ButtonLink href={href} size={size} icon={PencilLine}>
        {t("edit")}
      </ButtonLink>
    ) : null;
  }
  return <WayButton way={way} task={task} size={size} />;
}

function WayButton({ way, task, size }: { way: Exclude<Way, "edit">; task: Task; size: "s" | "m" }) {
  const t = useTranslations("tasks.way");
  const router = useRouter();
  const queries = useQueryClient();
  const errorText = useErrorText();
  const key = useRef(crypto.getRandomValues(new Uint32Array(4)).join("-")); // the same for each try: made once
  const go = useMutation({
    mutationFn: () => walk(way, task.id, `rerun/${task.id}/${key.current}`),
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: TASKS });
      notify({
        tone: "good",
        text: t(`done.${way}`),
        ...(made ? { action: { text: t("open"), run: () => router.push(`/task/?id=${made}`) } } : {}),
      });
    },
    onError: (error) => notify({ tone: "bad", text: errorText(error) }),
  });
  return (
    <Button
      size={size}
      icon={ICONS[way]}
      disabled={go.isPending || (go.isSuccess && way === "rerun")}
      onClick={() => go.mutate()}
    >
      {t(way)}
    </Button>
  );
}

/** Do it. Answers the id of the new task if there is one. */
async function walk(way: Exclude<Way, "edit">, task: string, key: string): Promise<string | undefined> {
  const path = { task_id: task };
  if (way === "cancel") await unwrap(api.POST("/api/v1/tasks/{task_id}/cancel", { params: { path } }));
  if (way === "refetch") await unwrap(api.POST("/api/v1/tasks/{task_id}/refetch", { params: { path } }));
  if (way !== "rerun") return undefined;
  const params = { path, header: { "Idempotency-Key": key } };
  return (await unwrap(api.POST("/api/v1/tasks/{task_id}/rerun", { params, body: {} }))).task_id;
}
