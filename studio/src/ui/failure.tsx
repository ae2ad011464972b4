/** An error in the words of whoever reads it: what Pixel said, or why it could not be asked. */
import { CircleAlert } from "lucide-react";
import { useTranslations } from "use-intl";
import { ApiError } from "@/api/client";
import { Button } from "./button";

/** The sentence for an error. Pixel's own message is shown where it says more than its status. */
export function useErrorText(): (error: unknown) => string {
  const t = useTranslations("errors");
  return (error) => {
    if (!(error instanceof ApiError)) return t("unforeseen");
    if (error.status === 0) return t("offline");
    if (error.status === 401) return t("signedOut");
    if (error.status === 404) return t("notFound");
    if (error.status === 503 || error.status === 429) return t("busy");
    return error.message || t("unforeseen");
  };
}

/** Stands in the place of what could not be loaded. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const t = useTranslations("errors");
  const words = useTranslations("common");
  const text = useErrorText();
  const id = error instanceof ApiError ? error.requestId : undefined;
  return (
    <div role="alert" className="flex flex-wrap items-center gap-3 rounded-m border border-line bg-surface p-4">
      <CircleAlert aria-hidden size={18} className="shrink-0 text-bad" />
      <div className="min-w-0 grow">
        <p>{text(error)}</p>
        {id && <p className="text-muted text-xs">{t("requestId", { id })}</p>}
      </div>
      {retry && (
        <Button size="s" onClick={retry}>
          {words("retry")}
        </Button>
      )}
    </div>
  );
}
