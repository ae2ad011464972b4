/** One change: what was done, when, and the name that its version has. */

import { Bookmark } from "lucide-react";
import { useFormatter, useTranslations } from "use-intl";
import { cx } from "@/ui/cx";
import type { Change } from "../live/canvas-api";

interface Props {
  change: Change;
  name: string | undefined;
  isShown: boolean;
  go: () => void;
}

export function ChangeRow({ change, name, isShown, go }: Props) {
  const format = useFormatter();
  const said = useChangeWords();
  const at = new Date(change.at);
  return (
    <li>
      <button
        type="button"
        aria-current={isShown}
        onClick={go}
        className={cx(
          "flex w-full items-center gap-2 rounded-m px-2 py-1.5 text-left text-s",
          isShown ? "bg-accent-soft text-accent" : "hover:bg-sunken",
        )}
      >
        <span className="min-w-0 grow">
          <span className="block truncate">{said(change)}</span>
          {name && (
            <span className="flex items-center gap-1 text-accent text-xs">
              <Bookmark aria-hidden size={12} />
              <span className="truncate">{name}</span>
            </span>
          )}
        </span>
        <time dateTime={change.at} className="shrink-0 text-muted text-xs tabular-nums">
          {format.dateTime(at, { timeStyle: "short" })}
        </time>
      </button>
    </li>
  );
}

/** What a change is called. A label that the studio does not know is shown as it is. */
function useChangeWords(): (change: Change) => string {
  const t = useTranslations("canvas");
  return ({ event, label }) => {
    if (event !== "CanvasEdited" || !label) {
      const key = `event.${event}` as Parameters<typeof t>[0];
      return t.has(key) ? t(key) : event;
    }
    const [word = label] = label.split(":");
    const key = `label.${word.replaceAll(".", "_")}` as Parameters<typeof t>[0];
    return t.has(key) ? t(key) : label;
  };
}
