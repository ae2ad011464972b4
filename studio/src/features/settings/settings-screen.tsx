"use client";

import { Hammer } from "lucide-react";
import { useTranslations } from "use-intl";
import { EmptyState } from "@/ui/empty-state";
import { Page } from "@/ui/page";

export function SettingsScreen() {
  const t = useTranslations();
  return (
    <Page title={t("settings.title")}>
      <EmptyState icon={Hammer} title={t("common.comingSoon")} />
    </Page>
  );
}
