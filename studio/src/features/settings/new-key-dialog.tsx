/** Issues an API key, and shows it: once, because nobody can find it out later. */
import { Copy } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { useTranslations } from "use-intl";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { useErrorText } from "@/ui/failure";
import { Checkbox, Field, Input } from "@/ui/field";
import { notify } from "@/ui/notices";
import { type NewKey, SCOPES, type Scope, useIssueKey } from "./keys";

const MOST_CHARACTERS = 100;
const AMOUNT = /^\d{1,12}(\.\d{1,8})?$/;

export function NewKeyDialog({ onClose }: { onClose: () => void }) {
  const [t, words] = [useTranslations("settings"), useTranslations("common")];
  const text = useErrorText();
  const form = useId();
  const [owner, setOwner] = useState("");
  const [scopes, setScopes] = useState<readonly Scope[]>(["client"]);
  const [perDay, setPerDay] = useState("");
  const { mutate, data, isPending, error } = useIssueKey();
  if (data) return <Issued text={data.text} onClose={onClose} />;

  const limited = scopes.includes("client") && !scopes.includes("admin");
  const amount = limited ? perDay.trim() : "";
  const wrongAmount = amount !== "" && !AMOUNT.test(amount);
  const ready = owner.trim() !== "" && scopes.length > 0 && !wrongAmount && !isPending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wish: NewKey = { owner: owner.trim(), scopes: [...scopes] };
    if (ready) mutate(amount === "" ? wish : { ...wish, limits: { money_per_day: amount } });
  };
  return (
    <Dialog
      open
      title={t("newKey")}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{words("cancel")}</Button>
          <Button type="submit" form={form} look="primary" disabled={!ready}>
            {t("issue")}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="flex flex-col gap-4">
        <Field label={t("owner")} hint={t("ownerHint")} problem={error ? text(error) : undefined}>
          <Input
            autoFocus
            value={owner}
            maxLength={MOST_CHARACTERS}
            onChange={(event) => setOwner(event.target.value)}
          />
        </Field>
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-1.5 font-bold text-s">{t("mayDo")}</legend>
          {SCOPES.map((scope) => (
            <Checkbox
              key={scope}
              label={t(`scopeHints.${scope}`)}
              checked={scopes.includes(scope)}
              onChange={(event) =>
                setScopes(event.target.checked ? [...scopes, scope] : scopes.filter((each) => each !== scope))
              }
            />
          ))}
        </fieldset>
        {limited && (
          <Field label={t("perDay")} hint={t("perDayHint")} problem={wrongAmount ? t("wrongAmount") : undefined}>
            <Input inputMode="decimal" value={perDay} onChange={(event) => setPerDay(event.target.value)} />
          </Field>
        )}
      </form>
    </Dialog>
  );
}

function Issued({ text, onClose }: { text: string; onClose: () => void }) {
  const [t, words] = [useTranslations("settings"), useTranslations("common")];
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    notify({ tone: "good", text: words("copied") });
  };
  return (
    <Dialog
      open
      title={t("issued")}
      description={t("issuedHint")}
      actions={
        <Button look="primary" onClick={onClose}>
          {t("keptIt")}
        </Button>
      }
    >
      <div className="flex items-center gap-2 rounded-m bg-sunken p-3">
        <code className="min-w-0 grow select-all break-all font-mono text-s">{text}</code>
        {/* Without TLS a browser has no clipboard for pages; the text can be selected. */}
        {globalThis.isSecureContext && (
          <Button size="s" icon={Copy} onClick={() => void copy()}>
            {words("copy")}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
