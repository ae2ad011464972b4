// @vitest-environment node
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { nodeOf } from "../../tests/people";
import { canonical, digest } from "./digest";
import { type Place, requestOf } from "./request";
import { statesOf } from "./stale";
import type { CanvasNode, Graph } from "./types";

interface Row {
  name: string;
  canvas: Place;
  node: string;
  run: string;
}

const GOLDEN = new URL("../../../tests/domain/golden/canvas_requests.json", import.meta.url);
const rows: (Row & { kind?: string; body?: object; problem?: string })[] = existsSync(GOLDEN)
  ? JSON.parse(readFileSync(GOLDEN, "utf8"))
  : [];

test.each(rows)("the same request as Python's: $name", ({ canvas, node, run, kind, body, problem }) => {
  expect(requestOf(canvas, node, run)).toEqual(problem === undefined ? { kind, body } : { problem });
});

describe("the canonical text of a value", () => {
  test("sorts names by code point and writes whole numbers without a point", () => {
    expect(canonical({ b: [1.0, 0.5, null], a: "é\n", "\u{1f600}": true, "\uff01": false })).toBe(
      '{"a":"é\\n","b":[1,0.5,null],"\uff01":false,"\u{1f600}":true}',
    );
  });

  test("has the digest that sha256sum gives", () => {
    expect(digest({ model: "sandbox/image", prompt: "a cat" })).toBe("2c493ea1e404b8e3");
  });
});

describe("whether a node is stale", () => {
  const graph: Graph = {
    nodes: {
      cat: { ...nodeOf("text", 0), prompt: "a cat" },
      image: { ...nodeOf("image", 0), model: "sandbox/image" },
      video: { ...nodeOf("video", 0), model: "sandbox/video", prompt: "it runs" },
      note: { ...nodeOf("note", 0), note: "hello" },
    },
    edges: {
      e: { from: "cat", to: "image", role: "prompt", order: 0 },
      f: { from: "image", to: "video", role: "first_frame", order: 0 },
    },
  };

  test("is told by the digest of what was chosen; nodes that make nothing have no state", () => {
    expect(statesOf(graph)).toEqual({ image: "missing", video: "missing" });
    const made = chosen(graph, "image", "asset_1.png");
    expect(statesOf(made)).toEqual({ image: "current", video: "missing" });
    expect(statesOf(changed(made, "cat", { prompt: "a dog" })).image).toBe("stale");
    expect(statesOf(changed(made, "cat", { position: { x: 9, y: 9 } })).image).toBe("current");
  });

  test("follows what was chosen for its inputs", () => {
    const film = chosen(chosen(graph, "image", "asset_1.png"), "video", "asset_2.mp4");
    expect(statesOf(film).video).toBe("current");
    expect(statesOf(changed(film, "image", { pick: { asset: "asset_3.png", digest: "other" } })).video).toBe("stale");
  });

  /** The node with the result of a run as the canvas stands. */
  function chosen(on: Graph, id: string, asset: string): Graph {
    const request = requestOf({ ...on, id: "canvas_1", project: "project_1" }, id, "run_1");
    if (!("body" in request)) throw new Error(request.problem);
    const run = { id: "run_1", at: "2026-01-01T00:00:00Z", kind: request.kind, body: request.body };
    return changed(on, id, { run, pick: { asset } });
  }

  function changed(on: Graph, id: string, fields: Partial<CanvasNode>): Graph {
    const node = on.nodes[id];
    if (!node) throw new Error("no such node");
    return { ...on, nodes: { ...on.nodes, [id]: { ...node, ...fields } } };
  }
});
