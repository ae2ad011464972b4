"use client";

/** What was spent, on what, and what the budgets leave. */
import { useQuery } from "@tanstack/react-query";
import { CircleDollarSign } from "lucide-react";
import { Suspense } from "react";
import { useTranslations } from "use-intl";
import { useRefresh } from "@/sync/use-refresh";
import { ButtonLink } from "@/ui/button";
import { Choice } from "@/ui/choice";
import { EmptyState } from "@/ui/empty-state";
import { Failure } from "@/ui/failure";
import { Page } from "@/ui/page";
import { Skeleton } from "@/ui/skeleton";
import { Budgets } from "./budgets";
import { SPENDING, spendingQuery } from "./cost-queries";
import { PERIODS, WAYS } from "./spending";
import { SpendingView } from "./spending-view";
import { Totals } from "./totals";
import { useView } from "./use-view";

const NEWS = ["task"] as const;
const KEYS = [SPENDING] as const;
const GATHER_MS = 5_000;

export function CostsScreen() {
  const t = useTranslations("costs");
  return (
    <Page title={t("title")}>
      <Suspense fallback={<CostsSkeleton />}>
        <Content />
      </Suspense>
    </Page>
  );
}

function Content() {
  const t = useTranslations("costs");
  useRefresh(NEWS, KEYS, GATHER_MS);
  const { by, days, form, from, to, change } = useView();
  const found = useQuery(spendingQuery(by, from, to));
  return (
    <>
      <div className="mb-6 flex flex-wrap gap-2">
        <Choice
          label={t("period.name")}
          value={String(days)}
          options={PERIODS.map((each) => ({ value: String(each), text: t("period.days", { days: each }) }))}
          onChange={(next) => change({ days: next })}
        />
        <Choice
          label={t("by.name")}
          value={by}
          options={WAYS.map((way) => ({ value: way, text: t(`by.${way}`) }))}
          onChange={(next) => change({ by: next })}
        />
        <Choice
          label={t("form.name")}
          value={form}
          options={[
            { value: "chart", text: t("form.chart") },
            { value: "table", text: t("form.table") },
          ]}
          onChange={(next) => change({ form: next })}
        />
      </div>
      {found.error && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <CostsSkeleton />}
      {found.data?.sums.length === 0 && found.data.unpriced === 0 && <NothingSpent />}
      {found.data && found.data.sums.length + found.data.unpriced > 0 && (
        <>
          <Totals spending={found.data} days={days} />
          {found.data.sums.length > 0 && (
            <SpendingView items={found.data.sums} by={by} form={form} from={from} to={to} />
          )}
        </>
      )}
      {found.data && found.data.budgets.length > 0 && <Budgets budgets={found.data.budgets} />}
    </>
  );
}

function NothingSpent() {
  const t = useTranslations("costs.empty");
  return (
    <EmptyState
      icon={CircleDollarSign}
      title={t("title")}
      action={
        <ButtonLink href="/" look="primary">
          {t("start")}
        </ButtonLink>
      }
    >
      {t("hint")}
    </EmptyState>
  );
}

function CostsSkeleton() {
  const t = useTranslations("common");
  return (
    <div aria-busy="true" className="flex flex-col gap-6">
      <span className="sr-only">{t("loading")}</span>
      <Skeleton className="h-20 w-64" />
      <Skeleton className="h-56 w-full" />
    </div>
  );
}
