/** The settings of a node, as its model takes them. */

import { useTranslations } from "use-intl";
import { setField } from "@/document/commands";
import type { CanvasNode, Value } from "@/document/types";
import { useCanvas, useModel, usePrice } from "../board/context";
import { changeOf, type FormField, fieldsOf, paramOf } from "../logic/form";
import { ChoiceField } from "./choice-field";
import { LorasField } from "./loras-field";
import { NumberField } from "./number-field";
import { TextField } from "./text-field";

export function NodeForm({ id, node }: { id: string; node: CanvasNode }) {
  const t = useTranslations("canvas");
  const { session } = useCanvas();
  const model = useModel(node);
  const price = usePrice(id);
  const fields = fieldsOf(model, node.params);
  if (!model) return <p className="text-muted text-s">{t("form.noModel")}</p>;

  const change = (path: string) => (value: Value) => {
    const { name, now } = changeOf(node, path, value);
    session.edit("node.params", (graph) => setField(graph, id, `params.${name}`, now), { merge: `${id}.${path}` });
  };
  const problems = price?.state === "refused" ? price.problems : [];
  const problemOf = (path: string) => problems.find(({ field }) => field === path)?.message;
  const own = new Set(fields.map(({ path }) => path));
  return (
    <>
      {fields.map((field) => (
        <FieldOf
          key={field.path}
          field={field}
          value={paramOf(node, field.path)}
          problem={problemOf(field.path)}
          change={change(field.path)}
        />
      ))}
      {problems
        .filter(({ field }) => !own.has(field))
        .map(({ field, message }) => (
          <p key={`${field} ${message}`} role="alert" className="text-bad text-s">
            {field ? t("form.problem", { field, message }) : message}
          </p>
        ))}
      {fields.length === 0 && <p className="text-muted text-s">{t("form.nothing")}</p>}
    </>
  );
}

export interface FieldProps<T extends FormField["type"]> {
  field: Extract<FormField, { type: T }>;
  label: string;
  value: Value | undefined;
  problem: string | undefined;
  change: (value: Value) => void;
}

function FieldOf({
  field,
  ...rest
}: {
  field: FormField;
  value: Value | undefined;
  problem: string | undefined;
  change: (value: Value) => void;
}) {
  const label = useFieldName()(field);
  switch (field.type) {
    case "choice":
      return <ChoiceField field={field} label={label} {...rest} />;
    case "number":
      return <NumberField field={field} label={label} {...rest} />;
    case "text":
      return <TextField field={field} label={label} {...rest} />;
    case "loras":
      return <LorasField field={field} label={label} {...rest} />;
  }
}

/** The studio's word for a field of a request; the schema's own where it has none. */
export function useFieldName(): (field: { path: string; title: string }) => string {
  const t = useTranslations("canvas");
  return ({ path, title }) => {
    const key = `field.${path.replace("extraParams.", "")}` as Parameters<typeof t>[0];
    return t.has(key) ? t(key) : title;
  };
}
