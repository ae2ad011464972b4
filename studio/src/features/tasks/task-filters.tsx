/** Narrow the task centre to a section, a kind, a model. */
import { useTranslations } from "use-intl";
import { Select } from "@/ui/field";
import { KINDS, SHOWN, useTaskFilters } from "./use-task-filters";

/** `models` are those of the tasks that are loaded. */
export function TaskFilters({ models }: { models: readonly string[] }) {
  const t = useTranslations("tasks");
  const { filters, show, change } = useTaskFilters();
  const offered = filters.model && !models.includes(filters.model) ? [filters.model, ...models] : models;
  return (
    <search className="mb-6 grid grid-cols-2 gap-2 sm:flex sm:flex-wrap">
      <Choose
        label={t("filter.show")}
        value={show}
        all={t("filter.everything")}
        onChange={(next) => change({ show: next })}
      >
        {SHOWN.map((each) => ({ value: each, text: t(`section.${each}`) }))}
      </Choose>
      <Choose
        label={t("filter.kind")}
        value={filters.kind}
        all={t("filter.allKinds")}
        onChange={(kind) => change({ kind })}
      >
        {KINDS.map((each) => ({ value: each, text: t(`kind.${each === "llm" ? "text" : each}`) }))}
      </Choose>
      <Choose
        label={t("filter.model")}
        value={filters.model}
        all={t("filter.allModels")}
        onChange={(model) => change({ model })}
      >
        {offered.map((each) => ({ value: each, text: each }))}
      </Choose>
    </search>
  );
}

function Choose({
  label,
  value,
  all,
  onChange,
  children,
}: {
  label: string;
  value: string | undefined;
  all: string;
  onChange: (value: string | undefined) => void;
  children: readonly { value: string; text: string }[];
}) {
  return (
    <div className="min-w-0 sm:w-48">
      <Select aria-label={label} value={value ?? ""} onChange={(event) => onChange(event.target.value || undefined)}>
        <option value="">{all}</option>
        {children.map((option) => (
          <option key={option.value} value={option.value}>
            {option.text}
          </option>
        ))}
      </Select>
    </div>
  );
}
