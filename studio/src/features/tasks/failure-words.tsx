/** Why a task failed, in a sentence that says what to do; the provider's own words below it where there are any. */
import { useTranslations } from "use-intl";
import type { components } from "@/api/schema";

type TaskError = components["schemas"]["TaskError"];

/** The failures that have a sentence of their own; others show what Pixel says. */
const KNOWN = [
  "content_rejected_input",
  "content_rejected_output",
  "rate_limited",
  "provider_unreachable",
  "provider_rejected",
  "generation_failed",
  "no_outputs",
  "outputs_not_fetched",
  "outcome_unknown",
  "result_lost",
  "budget_exceeded",
  "deadline_exceeded",
  "not_started",
  "cancelled",
] as const;

export function FailureWords({ error }: { error: TaskError }) {
  const t = useTranslations("tasks.failure");
  const known = KNOWN.find((code) => code === error.code);
  return (
    <p className={error.charged === "unknown" ? "text-doubt text-s" : "text-muted text-s"}>
      {known ? t(known) : error.message}
    </p>
  );
}
