import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import "./globals.css";
import { Providers } from "./providers";

export const metadata: Metadata = {
  title: "Pixel",
  icons: { icon: `${process.env.PIXEL_PATH}/studio/icon.svg` },
  robots: { index: false },
};
export const viewport: Viewport = { width: "device-width", initialScale: 1, viewportFit: "cover" };

/** Before anything is drawn: the theme and the language that this browser has chosen. */
const BEFORE_PAINT = `(() => {
  let kept = {};
  try { kept = JSON.parse(localStorage.getItem("pixel.taste") ?? "{}"); } catch {}
  const dark = kept.theme === "dark" || (kept.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  document.documentElement.lang = kept.locale ?? (navigator.language.startsWith("zh") ? "zh" : "en");
})();`;

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en" suppressHydrationWarning>
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant; the server allows it by its hash */}
        <script dangerouslySetInnerHTML={{ __html: BEFORE_PAINT }} />
      </head>
      <body className="font-sans text-m">
        <Providers>{children}</Providers>
      </body>
    </html>
  );
}
