import { useTranslations } from "use-intl";
import { cx } from "@/ui/cx";

/** The name and the sign of Pixel, above the navigation. */
export function Mark({ narrow }: { narrow: boolean }) {
  const t = useTranslations("frame");
  return (
    <div
      className={cx(
        "mb-3 hidden h-11 items-center justify-center gap-2.5 sm:flex",
        !narrow && "lg:justify-start lg:px-2.5",
      )}
    >
      <svg viewBox="0 0 3 3" width="20" height="20" shapeRendering="crispEdges" aria-hidden className="shrink-0">
        <path className="fill-accent" d="M0 0h2v1h1v1H1v1H0z" />
        <path className="fill-spark" d="M2 0h1v1H2z" />
      </svg>
      <span className={cx("hidden font-bold text-l", !narrow && "lg:inline")}>{t("product")}</span>
    </div>
  );
}
