/** Only what fits is connected, and a refusal says why. */
import { expect, test } from "vitest";
import type { CanvasEdge } from "@/document/types";
import { aDocument, aNode, MODEL } from "../../../../tests/open-canvas";
import { roleFor, whyNotConnect } from "./connecting";
import { rolesTaken } from "./models";

const MODELS = {
  image: { [MODEL.id]: MODEL },
  video: { "x/film": { ...MODEL, id: "x/film", type: "video" as const } },
  audio: {},
  llm: {},
};
const picture = aNode({ kind: "upload", pick: { asset: "asset_x.png" } });
const nodes = {
  t: aNode({ kind: "text" }),
  p: picture,
  q: picture,
  r: picture,
  i: aNode({ model: MODEL.id }),
  v: aNode({ kind: "video", model: "x/film" }),
  s: aNode({ kind: "audio" }),
};
const used = (from: string, to: string, role: CanvasEdge["role"], order = 0): CanvasEdge => ({ from, to, role, order });

test("a text goes into the prompt, a picture becomes a reference, and of a film the first frame", () => {
  const graph = aDocument(nodes);
  expect(roleFor(graph, MODELS, "t", "i")).toEqual({ role: "prompt" });
  expect(roleFor(graph, MODELS, "p", "i")).toEqual({ role: "reference" });
  expect(roleFor(graph, MODELS, "p", "v")).toEqual({ role: "first_frame" });
});

test("a model that takes two pictures refuses a third, and says that it is full", () => {
  const graph = aDocument(nodes, { a: used("p", "i", "reference"), b: used("q", "i", "reference", 1) });
  expect(whyNotConnect(graph, MODELS, { from: "r", to: "i", role: "reference" })).toBe("edge.full");
});

test("the places of a film are one list: a first and a last frame leave no room for a reference", () => {
  const graph = aDocument(nodes, { a: used("p", "v", "first_frame"), b: used("q", "v", "last_frame") });
  expect(whyNotConnect(graph, MODELS, { from: "r", to: "v", role: "reference" })).toBe("edge.full");
});

test("what does not fit, what goes in a circle and what is connected already are told apart", () => {
  const graph = aDocument(nodes, { a: used("t", "i", "prompt") });
  expect(roleFor(graph, MODELS, "s", "i")).toEqual({ reason: "edge.role" });
  expect(roleFor(graph, MODELS, "t", "t")).toEqual({ reason: "edge.self" });
  expect(roleFor(graph, MODELS, "t", "i")).toEqual({ reason: "edge.twice" });
});

test("a model without pictures has no place for them, but keeps those that are in use", () => {
  const { imageInputs: _, ...rest } = (MODEL.input_schema as never as { properties: { imageInputs?: object } })
    .properties;
  const blind = { ...MODEL, input_schema: { properties: rest } as never };
  expect(rolesTaken(aDocument(nodes), "i", nodes.i, blind)).toEqual(["prompt"]);
  expect(rolesTaken(aDocument(nodes, { a: used("p", "i", "reference") }), "i", nodes.i, blind)).toEqual([
    "prompt",
    "reference",
  ]);
});
