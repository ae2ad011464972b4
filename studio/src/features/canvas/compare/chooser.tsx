/** Which outputs are compared: up to four of them. */

import { useTranslations } from "use-intl";
import { cx } from "@/ui/cx";
import type { Candidate } from "../logic/results";
import { thumbnail } from "../logic/variants";

const MOST = 4;

export function Chooser({
  all,
  keys,
  change,
  isSound,
}: {
  all: readonly Candidate[];
  keys: readonly string[];
  change: (keys: string[]) => void;
  isSound: boolean;
}) {
  const t = useTranslations("canvas");
  const toggle = (key: string) => {
    if (!keys.includes(key)) change([...keys, key].slice(-MOST));
    else if (keys.length > 1) change(keys.filter((other) => other !== key));
  };
  return (
    <div role="toolbar" aria-label={t("candidates.title")} className="flex max-w-full gap-1 overflow-x-auto p-0.5">
      {all.map((candidate, index) => (
        <button
          key={candidate.key}
          type="button"
          aria-pressed={keys.includes(candidate.key)}
          aria-label={t("candidates.number", { number: index + 1 })}
          onClick={() => toggle(candidate.key)}
          className={cx(
            "grid size-10 shrink-0 place-items-center overflow-hidden rounded-s border text-s",
            keys.includes(candidate.key) ? "border-accent ring-1 ring-accent" : "border-line",
          )}
        >
          {candidate.asset && !isSound ? (
            <img src={thumbnail(candidate.asset, 128)} alt="" className="size-full object-cover" />
          ) : (
            index + 1
          )}
        </button>
      ))}
    </div>
  );
}
