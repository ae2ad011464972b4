/** A decision on a call of unknown outcome. It is kept for ever with the name of who took it. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { useTranslations } from "use-intl";
import { uploadAsset } from "@/api/upload";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { useErrorText } from "@/ui/failure";
import { Field, Input, Textarea } from "@/ui/field";
import { notify } from "@/ui/notices";
import { type DoubtfulCall, TASKS, taskQuery } from "./task-queries";
import { settle, type Verb } from "./verbs";

const MOST_NAME = 200;
const MOST_NOTE = 2000;

export function SettleDialog({ call, verb, onClose }: { call: DoubtfulCall; verb: Verb; onClose: () => void }) {
  const t = useTranslations("tasks");
  const words = useTranslations("common");
  const queries = useQueryClient();
  const errorText = useErrorText();
  const form = useId();
  const [by, setBy] = useState("");
  const [note, setNote] = useState("");
  const [text, setText] = useState("");
  const [files, setFiles] = useState<File[]>([]);
  const task = useQuery({ ...taskQuery(call.task_id), enabled: verb === "attach" });

  const decide = useMutation({
    mutationFn: async () => {
      const assets: string[] = [];
      for (const file of files) assets.push((await uploadAsset(file)).id);
      return settle(verb, call.call_id, { by: by.trim(), note: note.trim(), assets, text });
    },
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: TASKS });
      notify({ tone: "good", text: t(`verb.${verb}.done`) });
      onClose();
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    decide.mutate();
  };

  return (
    <Dialog
      open
      onClose={decide.isPending ? undefined : onClose}
      size="m"
      title={t(`verb.${verb}.title`)}
      description={t(`verb.${verb}.hint`)}
      actions={
        <>
          <Button onClick={onClose} disabled={decide.isPending}>
            {words("cancel")}
          </Button>
          <Button look={verb === "attach" ? "primary" : "danger"} type="submit" form={form} disabled={decide.isPending}>
            {t(`verb.${verb}.name`)}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={send} className="flex flex-col gap-4">
        {verb === "attach" &&
          (task.data?.type === "llm" ? (
            <Field label={t("settle.text")}>
              <Textarea required value={text} onChange={(event) => setText(event.target.value)} />
            </Field>
          ) : (
            <Field label={t("settle.files")} hint={t("settle.filesHint")}>
              <input
                type="file"
                required
                multiple
                accept="image/*,video/*,audio/*"
                className="w-full rounded-m border border-line-strong/60 bg-surface p-2 text-s"
                onChange={(event) => setFiles([...(event.target.files ?? [])])}
              />
            </Field>
          ))}
        <Field label={t("settle.by")} hint={t("settle.byHint")}>
          <Input required maxLength={MOST_NAME} value={by} onChange={(event) => setBy(event.target.value)} />
        </Field>
        <Field label={t("settle.note")} hint={t("settle.noteHint")}>
          <Textarea maxLength={MOST_NOTE} value={note} onChange={(event) => setNote(event.target.value)} />
        </Field>
        {decide.error && (
          <p role="alert" className="text-bad">
            {errorText(decide.error)}
          </p>
        )}
      </form>
    </Dialog>
  );
}
