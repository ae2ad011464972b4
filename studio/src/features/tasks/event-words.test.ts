/** Every event of a task that Pixel stores is told in plain words, in both languages. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createTranslator } from "use-intl/core";
import { describe, expect, test } from "vitest";
import en from "../../../messages/en";
import zh from "../../../messages/zh";
import { type HistoryEvent, wordsOf } from "./event-words";

/** The events as they are stored: those of the golden file of the backend that belong to a task. */
const golden: HistoryEvent[] = readFileSync(
  join(import.meta.dirname, "../../../../tests/domain/golden/events.jsonl"),
  "utf8",
)
  .trim()
  .split("\n")
  .map((line) => (JSON.parse(line) as { state: Record<string, unknown> }).state)
  .filter((data) => /^(Task|Provider|Output|Late|Fallback|Call|Cancellation|Refetch)/.test(String(data.event)))
  .map((data, index) => ({
    position: index + 1,
    version: index + 1,
    type: String(data.event),
    time: "2026-03-01T12:00:00Z",
    actor: "anonymous",
    request_id: null,
    data: data as never,
  }));

describe.each([
  { locale: "en", messages: en },
  { locale: "zh", messages: zh as typeof en },
] as const)("$locale", ({ locale, messages }) => {
  const t = createTranslator({
    locale,
    messages,
    namespace: "task",
    onError: (error) => {
      throw error;
    },
  });

  test("the backend's golden events all have words", () => {
    expect(golden.length).toBeGreaterThan(20);
    for (const event of golden) {
      const { key, values } = wordsOf(event);
      expect(key, event.type).not.toBe("other");
      const text = t(`event.${key}`, values);
      expect(text.length).toBeGreaterThan(1);
      expect(text).not.toContain(event.type);
    }
  });
});

test("what is in doubt is amber, and says that nothing is sent again", () => {
  const event = { type: "ProviderCallInDoubt", data: { reason: "cut off" } } as never as HistoryEvent;
  expect(wordsOf(event)).toMatchObject({ key: "ProviderCallInDoubt", tone: "doubt", detail: "cut off" });
});

test("an event that comes later is named, not hidden", () => {
  const event = { type: "ProviderSang", data: {} } as never as HistoryEvent;
  expect(wordsOf(event)).toMatchObject({ key: "other", values: { type: "ProviderSang" } });
});
