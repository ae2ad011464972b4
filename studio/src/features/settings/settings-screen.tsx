"use client";

/** Taste, who is signed in, the providers as far as they may be seen, and the API keys for whoever issues them. */
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "use-intl";
import { sessionQuery } from "@/api/queries";
import { Page } from "@/ui/page";
import { ApiKeys } from "./api-keys";
import { Appearance } from "./appearance";
import { Providers } from "./providers";
import { WhoIsHere } from "./who-is-here";

export function SettingsScreen() {
  const t = useTranslations("settings");
  const session = useQuery(sessionQuery);
  return (
    <Page title={t("title")}>
      <div className="flex max-w-200 flex-col gap-10">
        <Appearance />
        <WhoIsHere />
        <Providers />
        {session.data?.scopes.includes("admin") && <ApiKeys />}
      </div>
    </Page>
  );
}
