/** Ends an API key for good, after it was asked whether that is meant. */
import { useState } from "react";
import { useTranslations } from "use-intl";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { useErrorText } from "@/ui/failure";
import { Field, Input } from "@/ui/field";
import { type ApiKey, useRevokeKey } from "./keys";

const MOST_CHARACTERS = 500;

export function RevokeDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const [t, words] = [useTranslations("settings"), useTranslations("common")];
  const text = useErrorText();
  const [reason, setReason] = useState("");
  const { mutate, isPending, error } = useRevokeKey(apiKey);
  return (
    <Dialog
      open
      title={t("revokeTitle", { owner: apiKey.owner })}
      description={t("revokeHint")}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{words("cancel")}</Button>
          <Button look="danger" disabled={isPending} onClick={() => mutate(reason.trim(), { onSuccess: onClose })}>
            {t("revoke")}
          </Button>
        </>
      }
    >
      <Field label={t("reason")} hint={t("reasonHint")} problem={error ? text(error) : undefined}>
        <Input value={reason} maxLength={MOST_CHARACTERS} onChange={(event) => setReason(event.target.value)} />
      </Field>
    </Dialog>
  );
}
