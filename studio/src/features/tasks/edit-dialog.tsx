/** Make a task once more with another prompt: the way out for what was refused as it was. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useId, useState } from "react";
import { useTranslations } from "use-intl";
import { newId } from "@/document/ids";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { useErrorText } from "@/ui/failure";
import { Field, Textarea } from "@/ui/field";
import { TASKS } from "./task-queries";
import { promptOf, type Task } from "./task-state";
import { rerun } from "./ways";

export function EditDialog({ task, onClose }: { task: Task; onClose: () => void }) {
  const t = useTranslations("tasks.edit");
  const words = useTranslations("common");
  const errorText = useErrorText();
  const router = useRouter();
  const queries = useQueryClient();
  const form = useId();
  const before = promptOf(task);
  const [prompt, setPrompt] = useState(before);
  const changed = prompt.trim() !== "" && prompt !== before;
  const make = useMutation({
    // The same key for the same words, so that a second try after a lost answer is not a second task.
    mutationFn: () => rerun(task.id, keyFor(prompt), { prompt }),
    onSuccess: (made) => {
      void queries.invalidateQueries({ queryKey: TASKS });
      router.push(`/task/?id=${made}`);
    },
  });
  const [keys] = useState(() => new Map<string, string>());
  const keyFor = (text: string) => {
    const key = keys.get(text) ?? newId("rerun");
    keys.set(text, key);
    return key;
  };
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (changed && !make.isPending) make.mutate();
  };
  return (
    <Dialog
      open
      size="m"
      onClose={onClose}
      title={t("title")}
      description={t("hint")}
      actions={
        <>
          <Button onClick={onClose}>{words("cancel")}</Button>
          <Button look="primary" type="submit" form={form} disabled={!changed || make.isPending}>
            {t("make")}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={send}>
        <Field label={t("prompt")} {...(make.error ? { problem: errorText(make.error) } : {})}>
          <Textarea required rows={6} value={prompt} onChange={(event) => setPrompt(event.target.value)} />
        </Field>
      </form>
    </Dialog>
  );
}
