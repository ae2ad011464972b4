/** The card of a node says in which state it is, in both languages, and offers what can be done. */
import { render, screen } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { digest } from "@/document/digest";
import { essence } from "@/document/request";
import type { CanvasNode } from "@/document/types";
import { aDocument, aNode, anImage, aTask, MESSAGES, MODEL, openStill, Shown } from "../../../../tests/open-canvas";
import type { StateName } from "../logic/card-state";

const READY = aNode({ model: MODEL.id, prompt: "a lighthouse" });
const RUN = { id: "run_1", at: "2026-11-28T05:00:00Z", kind: "image", body: {} } as const;

function digestOf(node: CanvasNode): string {
  const asked = essence({ nodes: { n: node }, edges: {} }, "n");
  if (!("body" in asked)) throw new Error("it asks for nothing");
  return digest(asked.body);
}

const error = (rest: object) => ({
  code: "generation_failed",
  message: "It broke.",
  retryable: true,
  charged: "no" as const,
  ...rest,
});
const picked = {
  ...READY,
  pick: { task: "task_1", output: 0, asset: String(anImage().asset_id), digest: digestOf(READY) },
};

const STATES: { [name in StateName]: Parameters<typeof openStill>[0] } = {
  still: { document: aDocument({ n: aNode({ kind: "note", note: "remember" }) }) },
  unready: { document: aDocument({ n: aNode({ model: MODEL.id }) }) },
  ready: { document: aDocument({ n: READY }) },
  saving: {
    document: aDocument({ n: { ...READY, run: { ...RUN } } }),
    runs: { n: { run: "run_1", state: "sending" } },
  },
  asks: { document: aDocument({ n: { ...READY, run: { ...RUN } } }), runs: { n: { run: "run_1", state: "asks" } } },
  refused: {
    document: aDocument({ n: READY }),
    runs: { n: { run: "run_1", state: "refused", message: "The budget is used up." } },
  },
  queued: { document: aDocument({ n: READY }), tasks: [aTask({ status: "pending", phase: "queued" })] },
  working: {
    document: aDocument({ n: READY }),
    tasks: [aTask({ status: "processing", phase: "submitted", progress: 40 })],
  },
  doubt: { document: aDocument({ n: READY }), tasks: [aTask({ status: "processing", phase: "in_doubt" })] },
  failed: { document: aDocument({ n: READY }), tasks: [aTask({ status: "failed", error: error({}) })] },
  current: { document: aDocument({ n: picked }), tasks: [aTask({ result: { images: [anImage()] } })] },
  stale: {
    document: aDocument({ n: { ...picked, prompt: "a harbour" } }),
    tasks: [aTask({ result: { images: [anImage()] } })],
  },
};

describe.each(["en", "zh"] as const)("in %s", (locale) => {
  const words = MESSAGES[locale].canvas;
  const text = (wanted: string) => screen.queryAllByText(wanted, { ignore: false });

  test.each(Object.keys(STATES) as StateName[])("a card that is %s says so", (name) => {
    render(<Shown canvas={openStill(STATES[name])} locale={locale} />);
    const said: { [state in StateName]?: string } = { working: `${words.phase.submitted} 40%` };
    if (name === "still" || name === "unready") expect(document.querySelector("[data-state]")).toBeNull();
    else expect(document.querySelector("[data-state]")?.textContent).toBe(said[name] ?? words.state[name]);
  });

  test("what failed says why, that nothing was charged, and the three ways out", () => {
    render(<Shown canvas={openStill(STATES.failed)} locale={locale} />);
    for (const wanted of [
      words.code.generation_failed,
      words.charged.no,
      words.trouble.retry,
      words.trouble.model,
      words.trouble.edit,
    ]) {
      expect(text(wanted)).toHaveLength(1);
    }
  });

  test("what was charged although it failed is said with its sum", () => {
    const cost = { amount: "0.04", currency: "USD", price_revision: 1, lines: [], source: "prices" as const };
    const tasks = [aTask({ status: "failed", error: error({ charged: "yes" }), cost })];
    render(<Shown canvas={openStill({ document: aDocument({ n: READY }), tasks })} locale={locale} />);
    expect(document.querySelector("[role=alert]")?.textContent).toContain("$0.04");
  });

  test("a doubt says that nothing is paid twice while it is looked up, and who decides afterwards", () => {
    const { unmount } = render(<Shown canvas={openStill(STATES.doubt)} locale={locale} />);
    expect(text(words.doubt.looking)).toHaveLength(1);
    unmount();
    const tasks = [aTask({ status: "failed", error: error({ code: "outcome_unknown", charged: "unknown" }) })];
    render(<Shown canvas={openStill({ document: aDocument({ n: READY }), tasks })} locale={locale} />);
    expect(text(words.doubt.decide)).toHaveLength(1);
    expect(text(words.trouble.retry)).toHaveLength(0);
  });

  test("a price that nobody knows is said to be unknown, a known one is the most that it costs", () => {
    const { unmount } = render(
      <Shown canvas={openStill({ ...STATES.ready, price: { state: "unknown" } })} locale={locale} />,
    );
    expect(text(words.price.unknown)).toHaveLength(1);
    unmount();
    const cost = { amount: "0.036", currency: "USD" };
    render(<Shown canvas={openStill({ ...STATES.ready, price: { state: "known", cost } })} locale={locale} />);
    expect(text("≤ $0.036")).toHaveLength(1);
  });

  test("all results are offered in a row, the picked one marked", () => {
    const second = anImage(`asset_${"b".repeat(64)}.png`);
    const tasks = [aTask({ result: { images: [anImage(), second] } })];
    render(<Shown canvas={openStill({ document: aDocument({ n: picked }), tasks })} locale={locale} />);
    const pressed = [...document.querySelectorAll("[aria-pressed]")].map((one) => one.getAttribute("aria-pressed"));
    expect(pressed).toEqual(["true", "false"]);
  });
});
