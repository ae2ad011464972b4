/** What two people did to the same thing, and what Pixel refused: nothing typed is lost, and a person decides. */

import { useTranslations } from "use-intl";
import type { Value } from "@/document/types";
import { Button } from "@/ui/button";
import { useCanvas, useSync } from "../board/context";
import { useNodeName } from "../inspector/node-inputs";

const MOST_CHARACTERS = 400;

export function Drafts() {
  const t = useTranslations("canvas");
  const { session } = useCanvas();
  const name = useNodeName();
  const drafts = useSync((state) => state.drafts);
  const refused = useSync((state) => state.refused);
  if (drafts.length === 0 && refused.length === 0) return null;
  return (
    <div className="absolute top-3 right-3 left-3 z-20 mx-auto flex max-h-[70%] max-w-140 flex-col gap-2 overflow-y-auto">
      {drafts.map((draft) => (
        <section
          key={draft.id}
          role="alertdialog"
          aria-label={t("draft.title")}
          className="rounded-m border border-doubt bg-raised p-3 shadow-lift"
        >
          <h2 className="text-m">{t("draft.title")}</h2>
          {draft.conflicts.map(({ id, field, mine, theirs }) => (
            <div key={`${id} ${field}`} className="mt-1">
              <p className="truncate text-muted text-s">{name(id)}</p>
              <dl className="mt-1 grid grid-cols-2 gap-2 text-s">
                <Side label={t("draft.mine")} value={field === "removed" ? t("draft.removed") : mine} />
                <Side label={t("draft.theirs")} value={field === "node" ? t("draft.removed") : theirs} />
              </dl>
            </div>
          ))}
          <div className="mt-3 flex justify-end gap-2">
            <Button size="s" onClick={() => session.takeTheirs(draft.id)}>
              {t("draft.takeTheirs")}
            </Button>
            <Button size="s" look="primary" onClick={() => session.keepMine(draft.id)}>
              {t("draft.keepMine")}
            </Button>
          </div>
        </section>
      ))}
      {refused.map((one) => (
        <section
          key={one.id}
          role="alert"
          className="flex items-start gap-3 rounded-m border border-bad bg-raised p-3 shadow-lift"
        >
          <div className="min-w-0 grow">
            <h2 className="text-m">{t("refusedEdit.title")}</h2>
            <p className="text-muted text-s">{one.message}</p>
          </div>
          <Button size="s" onClick={() => session.dismiss(one.id)}>
            {t("refusedEdit.dismiss")}
          </Button>
        </section>
      ))}
    </div>
  );
}

function Side({ label, value }: { label: string; value: Value }) {
  const words = typeof value === "string" ? value : value === null ? "–" : sayNode(value);
  return (
    <div className="min-w-0 rounded-s bg-sunken p-2">
      <dt className="text-muted text-xs">{label}</dt>
      <dd className="whitespace-pre-wrap">{words.slice(0, MOST_CHARACTERS)}</dd>
    </div>
  );
}

/** A node by what is to be read on it; anything else as it is stored. */
function sayNode(value: Value): string {
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    const said = [value.title, value.prompt, value.note, value.text].find(
      (text) => typeof text === "string" && text !== "",
    );
    if (typeof said === "string") return said;
  }
  return JSON.stringify(value);
}
