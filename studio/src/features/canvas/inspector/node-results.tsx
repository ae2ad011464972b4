/** Where the picked output comes from, and every attempt with what it cost. */

import Link from "next/link";
import { useFormatter, useTranslations } from "use-intl";
import type { CanvasNode } from "@/document/types";
import { useMoney } from "@/ui/money";
import { useCanvas, useModels, useTasks } from "../board/context";
import type { Task } from "../logic/results";
import { thumbnail, whole } from "../logic/variants";
import { Section } from "./section";

const MOST_SHOWN = 20;

export function NodeResults({ id, node }: { id: string; node: CanvasNode }) {
  const t = useTranslations("canvas");
  const tasks = useTasks(id);
  const { results } = useCanvas();
  const { pick } = node;
  const made = pick?.task === undefined ? undefined : results.getState().tasks[pick.task];
  if (!pick && tasks.length === 0) return null;
  return (
    <>
      {pick && (
        <Section title={t("inspector.provenance")}>
          {made ? (
            <Provenance task={made} />
          ) : (
            <p className="text-muted text-s">{t(pick.task ? "provenance.elsewhere" : "provenance.own")}</p>
          )}
          {pick.asset && (
            <a href={whole(pick.asset)} download className="self-start font-bold text-accent text-s hover:underline">
              {t("provenance.download")}
            </a>
          )}
        </Section>
      )}
      {tasks.length > 0 && (
        <Section title={t("inspector.attempts")}>
          <ol className="flex flex-col gap-1">
            {tasks.slice(0, MOST_SHOWN).map((task) => (
              <Attempt key={task.id} task={task} />
            ))}
          </ol>
        </Section>
      )}
    </>
  );
}

function Provenance({ task }: { task: Task }) {
  const t = useTranslations("canvas");
  const format = useFormatter();
  const models = useModels();
  const model = task.served_by ?? task.model;
  const shown = models ? (Object.values(models).find((list) => list[model])?.[model]?.name ?? model) : model;
  const prompt = promptOf(task);
  const images = imagesOf(task);
  const params = Object.entries(task.params as Record<string, unknown>).filter(([, value]) =>
    ["string", "number"].includes(typeof value),
  );
  return (
    <div className="flex flex-col gap-2 text-s">
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        <dt className="text-muted">{t("provenance.model")}</dt>
        <dd className="text-right">{shown}</dd>
        <dt className="text-muted">{t("provenance.at")}</dt>
        <dd className="text-right">
          {format.dateTime(new Date(task.created_at), { dateStyle: "medium", timeStyle: "short" })}
        </dd>
        {params
          .filter(([name]) => name !== "prompt")
          .map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-muted">{name}</dt>
              <dd className="text-right">{String(value)}</dd>
            </div>
          ))}
      </dl>
      {images.length > 0 && (
        <ul aria-label={t("provenance.from")} className="flex flex-wrap gap-1.5">
          {images.map((asset) => (
            <li key={asset}>
              <img src={thumbnail(asset, 128)} alt="" loading="lazy" className="size-12 rounded-s object-cover" />
            </li>
          ))}
        </ul>
      )}
      {prompt && (
        <blockquote className="max-h-40 overflow-y-auto whitespace-pre-wrap rounded-m bg-sunken p-2">
          {prompt}
        </blockquote>
      )}
    </div>
  );
}

function Attempt({ task }: { task: Task }) {
  const t = useTranslations("canvas");
  const format = useFormatter();
  const money = useMoney();
  const state =
    task.status === "completed"
      ? "current"
      : task.status === "failed"
        ? "failed"
        : task.status === "pending"
          ? "queued"
          : "working";
  return (
    <li>
      <Link
        href={`/task/?id=${task.id}`}
        prefetch={false}
        className="flex items-center gap-2 rounded-s py-1 text-s hover:text-accent"
      >
        <span className="whitespace-nowrap text-muted tabular-nums">
          {format.dateTime(new Date(task.created_at), { timeStyle: "short" })}
        </span>
        <span className="grow truncate">{t(`attempts.${state}`)}</span>
        <span className="text-muted tabular-nums">
          {task.cost
            ? money(task.cost)
            : task.status === "failed"
              ? t(`attempts.charged.${task.error?.charged ?? "unknown"}`)
              : ""}
        </span>
      </Link>
    </li>
  );
}

function promptOf(task: Task): string | undefined {
  const { prompt, messages } = task.params as { prompt?: unknown; messages?: { content?: string }[] };
  return typeof prompt === "string" ? prompt : messages?.at(-1)?.content;
}

/** The pictures that went into it, as far as Pixel keeps them. */
function imagesOf(task: Task): string[] {
  const { imageInputs } = task.params as { imageInputs?: unknown };
  return Array.isArray(imageInputs)
    ? imageInputs.filter((one) => typeof one === "string" && one.startsWith("asset_"))
    : [];
}
