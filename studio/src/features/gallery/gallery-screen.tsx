"use client";

import { Hammer } from "lucide-react";
import { useTranslations } from "use-intl";
import { EmptyState } from "@/ui/empty-state";
import { Page } from "@/ui/page";

export function GalleryScreen() {
  const t = useTranslations();
  return (
    <Page title={t("gallery.title")}>
      <EmptyState icon={Hammer} title={t("common.comingSoon")} />
    </Page>
  );
}
