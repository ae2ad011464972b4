/** One of the values that a model has. Few short ones are all in sight. */

import { useTranslations } from "use-intl";
import { Field, Select } from "@/ui/field";
import type { FieldProps } from "./node-form";

export function ChoiceField({ field, label, value, problem, change }: FieldProps<"choice">) {
  const t = useTranslations("canvas");
  const chosen = typeof value === "string" ? value : "";
  const known = chosen === "" || field.choices.some((choice) => choice.value === chosen);
  const first = field.choices.find((choice) => choice.value === field.initial);
  return (
    <Field label={label} {...(problem ? { problem } : {})}>
      <Select value={chosen} onChange={(event) => change(event.target.value || null)}>
        <option value="">{first ? t("form.usually", { value: first.label ?? first.value }) : t("form.byModel")}</option>
        {!known && <option value={chosen}>{chosen}</option>}
        {field.choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label ?? choice.value}
          </option>
        ))}
      </Select>
    </Field>
  );
}
