/** Asks for an API key and hands it over once. It is neither kept by the page nor put into an address. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslations } from "use-intl";
import { ApiError, api, unwrap } from "@/api/client";
import { sessionQuery } from "@/api/queries";
import { useSession } from "@/api/session";
import { Button } from "@/ui/button";
import { useErrorText } from "@/ui/failure";
import { Field, Input } from "@/ui/field";

export function SignInForm({ onSignedIn }: { onSignedIn?: () => void }) {
  const t = useTranslations("session");
  const text = useErrorText();
  const [key, setKey] = useState("");
  const queries = useQueryClient();
  const { mutate, isPending, error } = useMutation({
    mutationFn: (given: string) =>
      unwrap(api.POST("/api/v1/session", { headers: { Authorization: `Bearer ${given}` } })),
    onSuccess: (session) => {
      setKey("");
      queries.setQueryData(sessionQuery.queryKey, session);
      useSession.getState().signedIn();
      void queries.invalidateQueries(); // whatever was refused meanwhile is asked for again
      onSignedIn?.();
    },
  });
  const problem = error instanceof ApiError && error.status === 401 ? t("wrongKey") : error ? text(error) : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key.trim() !== "" && !isPending) mutate(key.trim());
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      <Field label={t("key")} hint={t.rich("keyHint", { code: (words) => <code>{words}</code> })} problem={problem}>
        <Input
          type="password"
          autoFocus
          autoComplete="current-password"
          spellCheck={false}
          value={key}
          onChange={(event) => setKey(event.target.value)}
        />
      </Field>
      <Button type="submit" look="primary" disabled={key.trim() === "" || isPending}>
        {t("signIn")}
      </Button>
    </form>
  );
}
