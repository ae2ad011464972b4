"use client";

import { Hammer } from "lucide-react";
import { useTranslations } from "use-intl";
import { EmptyState } from "@/ui/empty-state";
import { Page } from "@/ui/page";

export function TasksScreen() {
  const t = useTranslations();
  return (
    <Page title={t("tasks.title")}>
      <EmptyState icon={Hammer} title={t("common.comingSoon")} />
    </Page>
  );
}
