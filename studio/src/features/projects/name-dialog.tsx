/** Asks for a name, in a dialog: for something new, or another one for what is there. */
import { type FormEvent, useId, useState } from "react";
import { useTranslations } from "use-intl";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { useErrorText } from "@/ui/failure";
import { Field, Input } from "@/ui/field";

const MOST_CHARACTERS = 200;

export function NameDialog({
  title,
  action,
  first = "",
  busy,
  error,
  onName,
  onClose,
}: {
  title: string;
  action: string;
  first?: string;
  busy: boolean;
  error: unknown;
  onName: (name: string) => void;
  onClose: () => void;
}) {
  const t = useTranslations("common");
  const [name, setName] = useState(first);
  const text = useErrorText();
  const form = useId();
  const given = name.trim();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (given !== "" && !busy) onName(given);
  };
  return (
    <Dialog
      open
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button type="submit" form={form} look="primary" disabled={given === "" || busy}>
            {action}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit}>
        <Field label={t("name")} problem={error ? text(error) : undefined}>
          <Input
            autoFocus
            value={name}
            maxLength={MOST_CHARACTERS}
            onChange={(event) => setName(event.target.value)}
            onFocus={(event) => event.target.select()}
          />
        </Field>
      </form>
    </Dialog>
  );
}
