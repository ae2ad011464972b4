/** Language and theme: kept in this browser only, and the same in all of its tabs. */
import { create } from "zustand";

export type Locale = "zh" | "en";
export type Theme = "system" | "light" | "dark";
export type Taste = { locale: Locale; theme: Theme };

const KEPT = "pixel.taste";

function kept(): Taste {
  const locale: Locale = navigator.language.startsWith("zh") ? "zh" : "en";
  try {
    const found: Partial<Taste> = JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    return {
      locale: found.locale === "zh" || found.locale === "en" ? found.locale : locale,
      theme: found.theme === "light" || found.theme === "dark" ? found.theme : "system",
    };
  } catch {
    return { locale, theme: "system" };
  }
}

/** The taste of whoever sits here; null until the browser has been asked for it. */
export const useTaste = create<{ taste: Taste | null }>(() => ({ taste: null }));

export function loadTaste(): void {
  useTaste.setState({ taste: kept() });
}

export function setTaste(change: Partial<Taste>): void {
  const taste = { ...(useTaste.getState().taste ?? kept()), ...change };
  try {
    localStorage.setItem(KEPT, JSON.stringify(taste));
  } catch {
    // A browser that keeps nothing still shows what was chosen, until the page is left.
  }
  useTaste.setState({ taste });
}

/** Follow what other tabs choose. Returns what ends it. */
export function followOtherTabs(): () => void {
  const heard = (event: StorageEvent) => {
    if (event.key === KEPT) loadTaste();
  };
  addEventListener("storage", heard);
  return () => removeEventListener("storage", heard);
}

/** Draw the page in a theme, and again when the system's changes. Returns what ends it. */
export function applyTheme(theme: Theme): () => void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const draw = () => {
    document.documentElement.dataset.theme =
      theme === "dark" || (theme === "system" && dark.matches) ? "dark" : "light";
  };
  draw();
  dark.addEventListener("change", draw);
  return () => dark.removeEventListener("change", draw);
}
