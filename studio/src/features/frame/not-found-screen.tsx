"use client";

import { Unplug } from "lucide-react";
import { useTranslations } from "use-intl";
import { ButtonLink } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";

export function NotFoundScreen() {
  const t = useTranslations("common");
  return (
    <EmptyState
      icon={Unplug}
      heading="h1"
      title={t("notFound")}
      action={
        <ButtonLink href="/" look="primary">
          {t("goHome")}
        </ButtonLink>
      }
    >
      {t("notFoundHint")}
    </EmptyState>
  );
}
