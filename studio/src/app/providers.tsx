"use client";

/** What every screen stands on: the language, the theme, the answers of the API, notices, and who is signed in. */
import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { IntlProvider } from "use-intl";
import { makeQueryClient } from "@/api/query-client";
import { Frame } from "@/features/frame/frame";
import { SignInDialog } from "@/features/session/sign-in-dialog";
import { loadMessages, type Messages } from "@/taste/messages";
import { applyTheme, followOtherTabs, type Locale, loadTaste, useTaste } from "@/taste/taste";
import { Notices } from "@/ui/notices";
import { TooltipProvider } from "@/ui/tooltip";

export function Providers({ children }: { children: ReactNode }) {
  const [queries] = useState(makeQueryClient);
  const words = useWords();
  if (words === null) return <div className="min-h-dvh" aria-busy="true" />;
  return (
    <IntlProvider locale={words.locale} messages={words.messages} timeZone={timeZone()} now={new Date()}>
      <QueryClientProvider client={queries}>
        <TooltipProvider>
          <Frame>{children}</Frame>
          <SignInDialog />
          <Notices />
        </TooltipProvider>
      </QueryClientProvider>
    </IntlProvider>
  );
}

/** The words of the chosen language. Null until they are here: a page without words is better than one in the wrong. */
function useWords(): { locale: Locale; messages: Messages } | null {
  const taste = useTaste((state) => state.taste);
  const [words, setWords] = useState<{ locale: Locale; messages: Messages } | null>(null);

  useEffect(() => {
    loadTaste();
    return followOtherTabs();
  }, []);

  const locale = taste?.locale;
  useEffect(() => {
    if (locale === undefined) return;
    let current = true;
    document.documentElement.lang = locale;
    void loadMessages(locale).then((messages) => current && setWords({ locale, messages }));
    return () => {
      current = false;
    };
  }, [locale]);

  const theme = taste?.theme;
  useEffect(() => (theme === undefined ? undefined : applyTheme(theme)), [theme]);
  return words;
}

function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
