/** A number between the bounds of the model; empty leaves it to the model. */

import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { Field, Input } from "@/ui/field";
import type { FieldProps } from "./node-form";

/** Bounds that say nothing to a person, such as 2,147,483,647. */
const UNTOLD = 100_000;

export function NumberField({ field, label, value, problem, change }: FieldProps<"number">) {
  const t = useTranslations("canvas");
  const stored = typeof value === "number" ? String(value) : "";
  const [typed, setTyped] = useState(stored);
  useEffect(() => setTyped(stored), [stored]);
  const { minimum, maximum, initial } = field;
  const isTold = minimum !== undefined && maximum !== undefined && maximum < UNTOLD;

  const commit = (text: string) => {
    setTyped(text);
    const number = Number(text);
    if (text.trim() === "") change(null);
    else if (Number.isFinite(number) && (!field.whole || Number.isInteger(number))) change(number);
  };
  return (
    <Field label={label} {...(problem ? { problem } : isTold ? { hint: t("form.range", { minimum, maximum }) } : {})}>
      <Input
        type="number"
        inputMode={field.whole ? "numeric" : "decimal"}
        step={field.whole ? 1 : "any"}
        min={minimum}
        max={maximum}
        placeholder={initial === undefined ? t("form.byModel") : String(initial)}
        value={typed}
        onChange={(event) => commit(event.target.value)}
      />
    </Field>
  );
}
