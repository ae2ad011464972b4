/** A text besides the prompt, such as what not to show. */

import { Field, Textarea } from "@/ui/field";
import { useDraft } from "../nodes/use-draft";
import type { FieldProps } from "./node-form";

export function TextField({ field, label, value, problem, change }: FieldProps<"text">) {
  const draft = useDraft(typeof value === "string" ? value : "", (text) => change(text || null));
  return (
    <Field label={label} {...(problem ? { problem } : {})}>
      <Textarea {...draft} rows={2} className="min-h-16!" {...(field.maximum ? { maxLength: field.maximum } : {})} />
    </Field>
  );
}
