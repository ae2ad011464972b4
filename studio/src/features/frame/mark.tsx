import { useTranslations } from "use-intl";
import { cx } from "@/ui/cx";
import { Sign } from "@/ui/sign";

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
      <Sign size={20} />
      <span className={cx("hidden font-bold text-l", !narrow && "lg:inline")}>{t("product")}</span>
    </div>
  );
}
