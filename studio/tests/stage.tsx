/** What a part of the studio stands on in a test: the words of a language, a cache, and a router that remembers. */
import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import { AppRouterContext } from "next/dist/shared/lib/app-router-context.shared-runtime";
import { PathnameContext, SearchParamsContext } from "next/dist/shared/lib/hooks-client-context.shared-runtime";
import type { ReactElement } from "react";
import { IntlProvider } from "use-intl";
import { makeQueryClient } from "@/api/query-client";
import type { Locale } from "@/taste/taste";
import { TooltipProvider } from "@/ui/tooltip";
import en from "../messages/en";
import zh from "../messages/zh";

export const LOCALES: readonly Locale[] = ["en", "zh"];
const NOW = new Date("2026-03-01T12:00:00Z");

type Scene = { locale?: Locale; path?: string; query?: string };

/** Draws a part. `places` fills with the addresses that it leads to. */
export function stage(part: ReactElement, { locale = "en", path = "/", query = "" }: Scene = {}) {
  const places: string[] = [];
  const go = (place: string) => void places.push(place);
  const still = () => undefined;
  const router = { push: go, replace: go, back: still, forward: still, refresh: still, prefetch: still };
  const queries = makeQueryClient();
  const drawn = render(
    <AppRouterContext value={router as never}>
      <PathnameContext value={path}>
        <SearchParamsContext value={new URLSearchParams(query)}>
          <IntlProvider locale={locale} messages={locale === "en" ? en : (zh as typeof en)} timeZone="UTC" now={NOW}>
            <QueryClientProvider client={queries}>
              <TooltipProvider>{part}</TooltipProvider>
            </QueryClientProvider>
          </IntlProvider>
        </SearchParamsContext>
      </PathnameContext>
    </AppRouterContext>,
  );
  return { ...drawn, places, queries };
}
