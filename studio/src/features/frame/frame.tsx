"use client";

/** What stands around every screen: the navigation, at the side or, on a phone, at the foot. */
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { useTranslations } from "use-intl";
import { cx } from "@/ui/cx";
import { Mark } from "./mark";
import { NavigationLink } from "./navigation-link";
import { PLACES, placeOf } from "./places";

export function Frame({ children }: { children: ReactNode }) {
  const t = useTranslations("frame");
  const path = usePathname();
  if (path.startsWith("/sign-in")) return <main className="flex min-h-dvh flex-col">{children}</main>;
  const here = placeOf(path);
  const narrow = path.startsWith("/canvas"); // the canvas gets all the room there is
  return (
    <div className="flex h-dvh flex-col-reverse sm:flex-row">
      <a
        href="#content"
        className="sr-only z-50 rounded-m bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {t("skip")}
      </a>
      <nav
        aria-label={t("navigation")}
        className={cx(
          "flex shrink-0 border-line border-t bg-surface pb-[env(safe-area-inset-bottom)] sm:w-15 sm:flex-col sm:border-t-0 sm:border-r sm:p-2",
          !narrow && "lg:w-52",
        )}
      >
        <Mark narrow={narrow} />
        <ul className="flex grow justify-around sm:flex-col sm:justify-start sm:gap-0.5">
          {PLACES.map((place) => (
            <li key={place.name} className={cx("grow sm:grow-0", place.name === "settings" && "sm:mt-auto")}>
              <NavigationLink place={place} text={t(place.name)} current={place.name === here} narrow={narrow} />
            </li>
          ))}
        </ul>
      </nav>
      <main id="content" tabIndex={-1} className="flex min-h-0 min-w-0 grow flex-col overflow-y-auto outline-none">
        {children}
      </main>
    </div>
  );
}
