/** Where a task comes from and what was asked for: the facts behind a result. */
import Link from "next/link";
import type { ReactNode } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { assetUrl } from "@/api/client";
import { promptOf, type Task } from "./task-state";

const SHOWN_ELSEWHERE = new Set(["prompt", "messages", "imageInputs", "model"]);

export function TaskFacts({ task }: { task: Task }) {
  const t = useTranslations("task");
  const format = useFormatter();
  const when = (at: string) => format.dateTime(new Date(at), { dateStyle: "medium", timeStyle: "medium" });
  const prompt = promptOf(task);
  const params = Object.entries(task.params).filter(([name, value]) => !SHOWN_ELSEWHERE.has(name) && value != null);
  const inputs = Array.isArray(task.params.imageInputs) ? (task.params.imageInputs as unknown[]) : [];
  return (
    <section aria-labelledby="facts">
      <h2 id="facts" className="mb-2 text-l">
        {t("facts")}
      </h2>
      <dl className="grid gap-x-4 sm:gap-y-2 sm:grid-cols-[max-content_minmax(0,1fr)]">
        {prompt && (
          <Fact name={t("fact.prompt")}>
            <span className="whitespace-pre-wrap">{prompt}</span>
          </Fact>
        )}
        <Fact name={t("fact.model")}>{task.model}</Fact>
        {task.served_by && <Fact name={t("fact.servedBy")}>{task.served_by}</Fact>}
        {params.map(([name, value]) => (
          <Fact key={name} name={name}>
            <code className="font-mono text-s">{typeof value === "string" ? value : JSON.stringify(value)}</code>
          </Fact>
        ))}
        {inputs.length > 0 && (
          <Fact name={t("fact.inputs")}>
            <Inputs inputs={inputs} />
          </Fact>
        )}
        <Fact name={t("fact.created")}>{when(task.created_at)}</Fact>
        {task.finished_at && <Fact name={t("fact.finished")}>{when(task.finished_at)}</Fact>}
        {task.source === "canvas" && task.source_id && (
          <Fact name={t("fact.from")}>
            <Link className="text-accent hover:underline" prefetch={false} href={`/canvas/?id=${task.source_id}`}>
              {t("fact.canvas")}
            </Link>
          </Fact>
        )}
        {task.rerun_of && (
          <Fact name={t("fact.repeats")}>
            <Link className="text-accent hover:underline" prefetch={false} href={`/task/?id=${task.rerun_of}`}>
              {task.rerun_of}
            </Link>
          </Fact>
        )}
        <Fact name={t("fact.id")}>
          <code className="font-mono text-s">{task.id}</code>
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="mb-2.5 min-w-0 sm:mb-0">{children}</dd>
    </>
  );
}

/** Pictures of the assets that went in; an address elsewhere is only named. */
function Inputs({ inputs }: { inputs: readonly unknown[] }) {
  const t = useTranslations("task");
  return (
    <span className="flex flex-wrap gap-2">
      {inputs.map((input, index) => {
        const asset = /asset_[0-9a-f]{64}\.\w+/.exec(String(input))?.[0];
        const name = t("fact.input", { number: index + 1 });
        return asset ? (
          <img key={asset} src={assetUrl(asset, 128)} alt={name} className="size-16 rounded-s object-cover" />
        ) : (
          <code key={String(input)} className="font-mono text-s">
            {String(input)}
          </code>
        );
      })}
    </span>
  );
}
