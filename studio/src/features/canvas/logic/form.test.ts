/** The form of a model is what its schema says, no more and no less. */
import { expect, test } from "vitest";
import { aNode, MODEL } from "../../../../tests/open-canvas";
import { carriedOver, changeOf, fieldsOf, paramOf } from "./form";
import type { Model } from "./models";

/** An object literal with `then` would look like a promise. */
const rule = (condition: object, ratios: string[]) =>
  Object.fromEntries([
    ["if", condition],
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema says so
    ["then", { properties: { aspectRatio: { enum: ratios } } }],
  ]);

const RATIOS: Model = {
  ...MODEL,
  input_schema: {
    properties: {
      model: { type: "string" },
      resolution: { title: "Resolution", type: "string", enum: ["1K", "2K"], default: "1K" },
      aspectRatio: { title: "Aspect ratio", type: "string", enum: ["1:1", "16:9", "21:9"] },
      voice: { title: "Voice", type: "string", oneOf: [{ const: "cmn", title: "Mandarin" }] },
      speed: { title: "Speed", type: "number", minimum: 0.5, maximum: 2 },
      extraParams: {
        type: "object",
        properties: {
          seed: { title: "Seed", type: "integer", minimum: 0 },
          loras: { title: "LoRAs", type: "array", maxItems: 2, items: { properties: { model: { enum: ["anime"] } } } },
          sandbox: { type: "object", properties: {} },
        },
      },
      projectId: { type: "string" },
    },
    allOf: [
      rule({ properties: { resolution: { const: "1K" } } }, ["1:1"]),
      rule({ properties: { resolution: { const: "2K" } }, required: ["resolution"] }, ["16:9"]),
    ],
  } as never,
};

const ratiosAt = (params?: { resolution: string }) => {
  const field = fieldsOf(RATIOS, params).find(({ path }) => path === "aspectRatio");
  return field?.type === "choice" ? field.choices.map(({ value }) => value) : [];
};

test("what the node, the edges and the studio fill in is no field", () => {
  expect(fieldsOf(RATIOS).map(({ path }) => path)).toEqual([
    "resolution",
    "aspectRatio",
    "voice",
    "speed",
    "extraParams.seed",
    "extraParams.loras",
  ]);
});

test("ratios are those of the chosen resolution, and without one those of the default", () => {
  expect(ratiosAt()).toEqual(["1:1"]);
  expect(ratiosAt({ resolution: "2K" })).toEqual(["16:9"]);
});

test("a choice has the model's own labels", () => {
  expect(fieldsOf(RATIOS).find(({ path }) => path === "voice")).toMatchObject({
    choices: [{ value: "cmn", label: "Mandarin" }],
  });
});

test("a field inside a parameter changes that parameter as a whole", () => {
  const node = aNode({ params: { extraParams: { seed: 7, loras: [] } } });
  expect(paramOf(node, "extraParams.seed")).toBe(7);
  expect(changeOf(node, "extraParams.seed", 8)).toEqual({ name: "extraParams", now: { seed: 8, loras: [] } });
  expect(changeOf(aNode({ params: { extraParams: { seed: 7 } } }), "extraParams.seed", null).now).toBeNull();
});

test("another model keeps what it takes, and drops what it does not", () => {
  const node = aNode({ params: { resolution: "2K", aspectRatio: "21:9", speed: 3, n: 2 } });
  expect(carriedOver(node, RATIOS)).toEqual({ keep: ["resolution"], drop: ["aspectRatio", "speed", "n"] });
});
