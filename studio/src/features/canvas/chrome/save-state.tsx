/** Is everything kept? "Saved" is said only of what Pixel has acknowledged. */

import { CloudAlert, CloudCheck, CloudUpload } from "lucide-react";
import { useTranslations } from "use-intl";
import { cx } from "@/ui/cx";
import { useCanvas, useSync } from "../board/context";

export function SaveState() {
  const t = useTranslations("canvas");
  const { session } = useCanvas();
  const { status, changes, version, durable } = useSync((state) => state.outbox);
  const isSaved = status === "saved";
  const isStuck = status === "offline" || status === "signed_out" || status === "gone";
  const Icon = isSaved ? CloudCheck : isStuck ? CloudAlert : CloudUpload;
  const words = isSaved
    ? t("save.saved")
    : status === "gone"
      ? t("save.gone")
      : t(durable ? "save.onDevice" : "save.inTab", { count: changes });
  const why =
    status === "offline" || status === "signed_out" || status === "retrying" ? t(`save.${status}`) : undefined;
  return (
    <span
      role="status"
      data-save={status}
      title={isSaved ? t("save.version", { version }) : why}
      className={cx(
        "flex min-w-0 items-center gap-1.5 whitespace-nowrap px-2 text-s",
        isStuck ? "text-doubt" : "text-muted",
      )}
    >
      <Icon aria-hidden size={15} className="shrink-0" />
      <span className="truncate max-sm:sr-only">{words}</span>
      {status === "offline" && (
        <button
          type="button"
          className="rounded-s px-1 font-bold text-accent hover:bg-accent-soft"
          onClick={() => session.retry()}
        >
          {t("save.now")}
        </button>
      )}
    </span>
  );
}
