/** LoRAs with their weights. */

import { Plus, X } from "lucide-react";
import { useTranslations } from "use-intl";
import type { Value } from "@/document/types";
import { Button, IconButton } from "@/ui/button";
import { Input, Select } from "@/ui/field";
import type { FieldProps } from "./node-form";

interface Lora {
  model: string;
  weight?: number;
}

export function LorasField({ field, label, value, problem, change }: FieldProps<"loras">) {
  const t = useTranslations("canvas");
  const loras = lorasOf(value);
  const put = (now: Lora[]) => change(now.length > 0 ? (now as unknown as Value) : null);
  const set = (index: number, one: Lora) => put(loras.map((other, at) => (at === index ? one : other)));
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1.5 font-bold text-s">{label}</legend>
      {loras.map((lora, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is what stands at its place; the same LoRA may be there twice
        <div key={index} className="flex items-center gap-1.5">
          {field.choices.length > 0 ? (
            <Select
              aria-label={t("loras.model")}
              value={lora.model}
              onChange={(event) => set(index, { ...lora, model: event.target.value })}
            >
              {field.choices.map((choice) => (
                <option key={choice.value} value={choice.value}>
                  {choice.label ?? choice.value}
                </option>
              ))}
            </Select>
          ) : (
            <Input
              aria-label={t("loras.model")}
              value={lora.model}
              onChange={(event) => set(index, { ...lora, model: event.target.value })}
            />
          )}
          <Input
            type="number"
            step="0.1"
            min={-4}
            max={4}
            className="w-20!"
            aria-label={t("loras.weight")}
            value={lora.weight ?? 1}
            onChange={(event) => set(index, { ...lora, weight: Number(event.target.value) })}
          />
          <IconButton
            icon={X}
            size="s"
            label={t("loras.remove")}
            onClick={() => put(loras.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      {loras.length < field.maximum && (
        <Button
          size="s"
          look="quiet"
          icon={Plus}
          className="self-start"
          onClick={() => put([...loras, { model: field.choices[0]?.value ?? "" }])}
        >
          {t("loras.add")}
        </Button>
      )}
      {problem && <p className="text-bad text-s">{problem}</p>}
    </fieldset>
  );
}

function lorasOf(value: Value | undefined): Lora[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one) => {
    if (one === null || typeof one !== "object" || Array.isArray(one) || typeof one.model !== "string") return [];
    return [{ model: one.model, ...(typeof one.weight === "number" ? { weight: one.weight } : {}) }];
  });
}
