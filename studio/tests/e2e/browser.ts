/** A real Chromium, Debian's or the one that PIXEL_TEST_CHROMIUM names. */
import { existsSync } from "node:fs";
import { type Browser, type BrowserServer, chromium } from "playwright-core";

const CHROMIUM = process.env.PIXEL_TEST_CHROMIUM ?? "/usr/bin/chromium";
/** Neither a sandbox, which root cannot have, nor anything that asks other machines. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Whether these tests can run. In CI they must: a missing browser fails them all. Elsewhere they are skipped, loudly. */
export const browserIsHere = existsSync(CHROMIUM);

if (!browserIsHere) {
  const line = `${CHROMIUM} is missing: apt-get install chromium fonts-noto-cjk`;
  if (process.env.CI) throw new Error(line);
  process.stderr.write(`\n\n  NOTHING OF THE STUDIO IS TESTED IN A BROWSER: ${line}\n\n`);
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** One that can be killed. */
export function launchServer(): Promise<BrowserServer> {
  return chromium.launchServer({ executablePath: CHROMIUM, args: FLAGS });
}
