/** One way on from how a task stands: stop it, fetch its outputs again, make it once more, change it. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Download, PencilLine, RotateCcw, X } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { newId } from "@/document/ids";
import { Button, ButtonLink } from "@/ui/button";
import { useErrorText } from "@/ui/failure";
import { notify } from "@/ui/notices";
import { EditDialog } from "./edit-dialog";
import { TASKS } from "./task-queries";
import type { Task, Way } from "./task-state";
import { cancel, refetch, rerun } from "./ways";

const ICONS = { cancel: X, refetch: Download, rerun: RotateCcw };

export function TaskWay({ way, task, size = "m" }: { way: Way; task: Task; size?: "s" | "m" }) {
  return way === "edit" ? <Edit task={task} size={size} /> : <WayButton way={way} task={task} size={size} />;
}

/** What comes from a canvas is changed there; anything else gets another prompt here. */
function Edit({ task, size }: { task: Task; size: "s" | "m" }) {
  const t = useTranslations("tasks.way");
  const [editing, setEditing] = useState(false);
  if (task.source === "canvas" && task.source_id) {
    return (
      <ButtonLink href={`/canvas/?id=${task.source_id}`} size={size} icon={PencilLine}>
        {t("editOnCanvas")}
      </ButtonLink>
    );
  }
  return (
    <>
      <Button size={size} icon={PencilLine} onClick={() => setEditing(true)}>
        {t("edit")}
      </Button>
      {editing && <EditDialog task={task} onClose={() => setEditing(false)} />}
    </>
  );
}

function WayButton({ way, task, size }: { way: Exclude<Way, "edit">; task: Task; size: "s" | "m" }) {
  const t = useTranslations("tasks.way");
  const router = useRouter();
  const queries = useQueryClient();
  const errorText = useErrorText();
  const [key] = useState(() => newId("rerun")); // the same for each try, so that it is made once
  const go = useMutation({
    mutationFn: async () => {
      if (way === "rerun") return rerun(task.id, key);
      await (way === "cancel" ? cancel : refetch)(task.id);
      return undefined;
    },
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
