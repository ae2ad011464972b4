/** Where a medium comes from: prompt, model, what it was made from, and what it cost. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { assetUrl } from "@/api/client";
import { useMoney } from "@/ui/money";
import { Skeleton } from "@/ui/skeleton";
import { type AssetItem, makerQuery } from "./gallery-queries";

const ASSET = /asset_[0-9a-f]{64}\.\w+/;

export function Provenance({ item }: { item: AssetItem }) {
  const t = useTranslations("gallery.fact");
  const format = useFormatter();
  const money = useMoney();
  const maker = useQuery({ ...makerQuery(item.task ?? ""), enabled: item.task !== undefined });
  const cost = maker.data?.cost;
  const inputs = inputsOf(maker.data?.params);
  return (
    <dl className="flex flex-col gap-3">
      {item.prompt && <Fact name={t("prompt")}>{item.prompt}</Fact>}
      {item.model && <Fact name={t("model")}>{item.model}</Fact>}
      {inputs.length > 0 && (
        <Fact name={t("inputs")}>
          <span className="flex flex-wrap gap-2">
            {inputs.map((asset, index) => (
              <img
                key={asset}
                src={assetUrl(asset, 128)}
                alt={t("input", { number: index + 1 })}
                className="size-16 rounded-s object-cover"
              />
            ))}
          </span>
        </Fact>
      )}
      {item.task && (
        <Fact name={t("cost")}>
          {maker.isPending ? <Skeleton className="h-5 w-20" /> : cost ? money(cost) : t("costUnknown")}
        </Fact>
      )}
      {item.width && item.height && (
        <Fact name={t("size")}>{t("pixels", { width: item.width, height: item.height })}</Fact>
      )}
      {item.seconds !== undefined && <Fact name={t("length")}>{t("seconds", { seconds: item.seconds })}</Fact>}
      <Fact name={t("file")}>{t("bytes", { type: item.media_type, size: item.bytes / 1024 / 1024 })}</Fact>
      <Fact name={t(item.origin === "upload" ? "brought" : "made")}>
        {format.dateTime(new Date(item.created_at), { dateStyle: "medium", timeStyle: "short" })}
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-muted text-s">{name}</dt>
      <dd className="max-h-48 overflow-y-auto whitespace-pre-wrap">{children}</dd>
    </div>
  );
}

function inputsOf(params: Record<string, unknown> | undefined): string[] {
  const given = params?.imageInputs;
  if (!Array.isArray(given)) return [];
  return [...new Set(given.flatMap((each) => ASSET.exec(String(each))?.[0] ?? []))];
}
