/** Which fields does the form of a model have? They are read from its `input_schema`, so a new model needs no new form. */

import type { CanvasNode, Value } from "@/document/types";
import type { Model } from "./models";

export interface Choice {
  value: string;
  /** What the model calls it; undefined when the value says it. */
  label?: string;
}

interface Common {
  /** Where it goes in the request: `resolution`, `extraParams.seed`. */
  path: string;
  /** What the schema calls it, where the studio has no word of its own. */
  title: string;
}

export type FormField = Common &
  (
    | { type: "choice"; choices: Choice[]; initial?: string }
    | { type: "number"; whole: boolean; minimum?: number; maximum?: number; initial?: number }
    | { type: "text"; maximum?: number }
    | { type: "loras"; maximum: number; choices: Choice[] }
  );

interface Schema {
  type?: string;
  title?: string;
  enum?: string[];
  oneOf?: { const: string; title?: string }[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  maxItems?: number;
  default?: Value;
  properties?: { [name: string]: Schema };
  items?: Schema;
  allOf?: { if?: Condition; then?: Condition }[];
}

interface Condition {
  properties?: { [name: string]: false | { const?: string; enum?: string[] } };
  required?: string[];
}

/** What the node, the edges and the studio itself fill in. */
const OWN = new Set([
  "model",
  "prompt",
  "messages",
  "imageInputs",
  "projectId",
  "source",
  "sourceId",
  "metadata",
  "fallbackModels",
  "deadline",
  "webhook",
]);

/** The fields of a model, as they are with what is filled in already: some ratios are there at some resolutions only. */
export function fieldsOf(model: Model | undefined, params: CanvasNode["params"] = {}): FormField[] {
  const schema = model?.input_schema as Schema | undefined;
  if (!schema?.properties) return [];
  return Object.entries(schema.properties)
    .filter(([name]) => !OWN.has(name))
    .flatMap(([name, field]) => read(name, name, narrowed(schema, name, field, params)));
}

/** The value of a field of the node, undefined when it is left to the model. */
export function paramOf(node: CanvasNode, path: string): Value | undefined {
  let value: Value | undefined = node.params;
  for (const name of path.split(".")) {
    value = value !== null && typeof value === "object" && !Array.isArray(value) ? value[name] : undefined;
  }
  return value ?? undefined;
}

/** The parameter that a change of a field changes, and its new value; null takes it away. */
export function changeOf(node: CanvasNode, path: string, now: Value): { name: string; now: Value } {
  const [name = path, inner] = path.split(".");
  if (inner === undefined) return { name, now };
  const before = paramOf(node, name);
  const object = before !== null && typeof before === "object" && !Array.isArray(before) ? { ...before } : {};
  if (now === null) delete object[inner];
  else object[inner] = now;
  return { name, now: Object.keys(object).length > 0 ? object : null };
}

/** The parameters that another model takes as they are, and the names of those that it does not. */
export function carriedOver(node: CanvasNode, model: Model): { keep: string[]; drop: string[] } {
  const fields = new Map(fieldsOf(model, node.params).map((field) => [field.path, field]));
  const names = Object.keys(node.params ?? {});
  const fits = (name: string) => {
    const field = fields.get(name);
    const value = paramOf(node, name);
    if (name === "extraParams") return true;
    if (field?.type === "choice") return field.choices.some((choice) => choice.value === value);
    if (field?.type === "number") return typeof value === "number" && !isOutside(field, value);
    return field !== undefined;
  };
  return { keep: names.filter(fits), drop: names.filter((name) => !fits(name)) };
}

function isOutside(field: { minimum?: number; maximum?: number }, value: number): boolean {
  return value < (field.minimum ?? value) || value > (field.maximum ?? value);
}

function read(path: string, name: string, schema: Schema): FormField[] {
  const title = schema.title ?? name;
  if (path === "extraParams") {
    return Object.entries(schema.properties ?? {}).flatMap(([inner, field]) => read(`${path}.${inner}`, inner, field));
  }
  if (path === "extraParams.sandbox") return [];
  if (name === "loras") {
    const choices = (schema.items?.properties?.model?.enum ?? []).map((value) => ({ value }));
    return [{ path, title, type: "loras", maximum: schema.maxItems ?? 1, choices }];
  }
  const choices = schema.enum?.map((value) => ({ value })) ?? schema.oneOf?.map(labelled);
  if (choices) return [{ path, title, type: "choice", choices, ...initial(schema.default, "string") }];
  if (schema.type === "integer" || schema.type === "number") {
    const { minimum, maximum } = schema;
    const bounds = { ...(minimum === undefined ? {} : { minimum }), ...(maximum === undefined ? {} : { maximum }) };
    return [
      {
        path,
        title,
        type: "number",
        whole: schema.type === "integer",
        ...bounds,
        ...initial(schema.default, "number"),
      },
    ];
  }
  if (schema.type === "string")
    return [{ path, title, type: "text", ...(schema.maxLength ? { maximum: schema.maxLength } : {}) }];
  return [];
}

function labelled({ const: value, title }: { const: string; title?: string }): Choice {
  return title && title !== value ? { value, label: title } : { value };
}

function initial<T extends "string" | "number">(
  value: Value | undefined,
  type: T,
): { initial?: T extends "string" ? string : number } {
  return (typeof value === type ? { initial: value } : {}) as { initial?: T extends "string" ? string : number };
}

/** The field with the rules of the schema that hold for what is filled in. */
function narrowed(schema: Schema, name: string, field: Schema, params: { [name: string]: Value }): Schema {
  let found = field;
  for (const rule of schema.allOf ?? []) {
    const then = rule.then?.properties?.[name];
    if (then === undefined || !holds(rule.if, params)) continue;
    if (then === false) return {};
    if (then.enum) found = { ...found, enum: then.enum };
  }
  return found;
}

function holds(condition: Condition | undefined, params: { [name: string]: Value }): boolean {
  return Object.entries(condition?.properties ?? {}).every(([name, wanted]) => {
    const value = params[name];
    if (value === undefined) return !condition?.required?.includes(name);
    return wanted !== false && wanted.const === value;
  });
}
