/** A person at a browser: one page of the studio, and everything that went wrong on it. */
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { expect } from "vitest";

export type Wish = {
  locale?: "zh" | "en";
  theme?: "light" | "dark";
  width?: number;
  height?: number;
  /** Answers of 400 and above that belong to the test, such as `401 /api/v1/session`. Others fail it. */
  refusals?: (string | RegExp)[];
};

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SCREENSHOTS = join(import.meta.dirname, "../../screenshots");
const PHONE = 600;

export class Visit {
  /** What no page may do: errors in the console, breaches of the policy, refused requests. */
  readonly trouble: string[] = [];
  /** Every request to Pixel's API, as `METHOD path`. */
  readonly requests: string[] = [];

  private constructor(
    readonly page: Page,
    readonly context: BrowserContext,
    readonly url: string,
    private readonly wish: Wish,
  ) {}

  static async open(browser: Browser, url: string, wish: Wish = {}): Promise<Visit> {
    const { locale = "en", theme = "light", width = 1440, height = 900 } = wish;
    const context = await browser.newContext({
      viewport: { width, height },
      locale: locale === "zh" ? "zh-CN" : "en-GB",
      colorScheme: theme,
      reducedMotion: "reduce",
      hasTouch: width < PHONE,
      timezoneId: "UTC",
    });
    const visit = new Visit(await context.newPage(), context, url, wish);
    await visit.#listen();
    return visit;
  }

  /** Open a screen, such as `/tasks/`, and wait until its words are there. */
  async goto(path: string): Promise<Page> {
    await this.page.goto(`${this.url}/studio${path}`);
    await this.page.locator("h1, h2").first().waitFor();
    await this.settled();
    return this.page;
  }

  /** Wait until nothing on the page says that it is still loading. */
  async settled(): Promise<void> {
    await this.page.waitForFunction(() => document.querySelector("[aria-busy=true]") === null);
  }

  /** What axe finds on the page as it is now. By `evaluate`, because the policy refuses a script that is added. */
  async a11y(): Promise<string[]> {
    await this.page.evaluate(AXE);
    const found = await this.page.evaluate(async () => {
      const axe = (
        globalThis as unknown as { axe: { run: (...options: unknown[]) => Promise<{ violations: Finding[] }> } }
      ).axe;
      type Finding = { id: string; help: string; nodes: { html: string; failureSummary?: string }[] };
      const { violations } = await axe.run(document, { resultTypes: ["violations"] });
      return violations.flatMap(({ id, help, nodes }) =>
        nodes.map((node) => `${id}: ${help}\n  ${node.html.slice(0, 300)}\n  ${node.failureSummary ?? ""}`),
      );
    });
    return found;
  }

  /** A picture of the page in studio/screenshots/, when PIXEL_TEST_SCREENSHOTS is set. */
  async screenshot(name: string): Promise<void> {
    if (!process.env.PIXEL_TEST_SCREENSHOTS) return;
    const { locale = "en", theme = "light" } = this.wish;
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(SCREENSHOTS, `${name}-${theme}-${locale}.png`) });
  }

  /** Leave. Fails the test for whatever went wrong on the way. */
  async leave(): Promise<void> {
    await this.context.close();
    expect(this.trouble).toEqual([]);
  }

  async #listen(): Promise<void> {
    const { page, trouble } = this;
    await this.context.exposeBinding("__breach", (_, line: string) => void trouble.push(`policy: ${line}`));
    await this.context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => {
        const tell = (globalThis as unknown as { __breach: (line: string) => void }).__breach;
        tell(`${event.effectiveDirective} refused ${event.blockedURI} ${event.sourceFile} ${event.sample}`);
      });
    });
    page.on("pageerror", (error) => trouble.push(`error: ${error.message}`));
    page.on("console", (message) => {
      // The browser's own line for a refused request: the answer itself is judged below.
      if (message.type() !== "error" || message.text().startsWith("Failed to load resource")) return;
      trouble.push(`console: ${message.text()}`);
    });
    page.on("request", (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith("/api/")) this.requests.push(`${request.method()} ${pathname}`);
    });
    page.on("response", (response) => {
      const { pathname } = new URL(response.url());
      const line = `${response.status()} ${pathname}`;
      if (response.status() >= 400 && !this.#expected(line)) trouble.push(line);
    });
  }

  #expected(line: string): boolean {
    return (this.wish.refusals ?? []).some((each) => (typeof each === "string" ? each === line : each.test(line)));
  }
}
