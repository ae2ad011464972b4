/** The words of one language, by feature: messages/LANGUAGE/FEATURE.json. */

import type en from "../../messages/en";
import type { Locale } from "./taste";

export type Messages = typeof en;

const LOADED: Record<Locale, () => Promise<{ default: Messages }>> = {
  en: () => import("../../messages/en"),
  zh: () => import("../../messages/zh"),
};

export async function loadMessages(locale: Locale): Promise<Messages> {
  return (await LOADED[locale]()).default;
}

declare module "use-intl" {
  interface AppConfig {
    Locale: Locale;
    Messages: Messages;
  }
}
