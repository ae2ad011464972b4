/** Why there is no result, and the ways out. Doubt about money is amber, and says who decides. */

import { useTranslations } from "use-intl";
import type { CanvasNode } from "@/document/types";
import { Button } from "@/ui/button";
import { cx } from "@/ui/cx";
import { useMoney } from "@/ui/money";
import { useRun } from "../board/actions";
import { useCanvas } from "../board/context";
import { type CardState, TONE } from "../logic/card-state";

/** Over the result on a card; `inline`: below it in the list. */
export function Trouble({
  id,
  node,
  state,
  inline = false,
}: {
  id: string;
  node: CanvasNode;
  state: CardState;
  inline?: boolean;
}) {
  const t = useTranslations("canvas");
  const words = useTroubleWords();
  const { session, panels } = useCanvas();
  const run = useRun();
  const said = words(state);
  if (!said) return null;
  const edit = () => document.querySelector<HTMLTextAreaElement>(`[data-prompt="${CSS.escape(id)}"]`)?.focus();
  return (
    <div
      role={state.name === "failed" || state.name === "refused" ? "alert" : "status"}
      className={cx(
        "nodrag overflow-y-auto p-2.5 text-s",
        !inline && "absolute inset-x-2 bottom-2 max-h-[85%] rounded-m",
        TONE[state.name] === "doubt" ? "bg-doubt-soft text-doubt" : "bg-bad-soft text-bad",
      )}
    >
      <p className="font-bold">{said.title}</p>
      {said.text && <p className="mt-0.5 text-ink">{said.text}</p>}
      {said.money && <p className="mt-0.5 text-ink">{said.money}</p>}
      <div className="mt-2 flex flex-wrap gap-1.5 text-ink">
        {state.name === "asks" && (
          <>
            <Button size="s" onClick={() => void session.resendRun(id)}>
              {t("asks.send")}
            </Button>
            <Button size="s" look="quiet" onClick={() => session.dropRun(id)}>
              {t("asks.drop")}
            </Button>
          </>
        )}
        {(state.name === "failed" || state.name === "refused") && (
          <>
            <Button size="s" onClick={() => void run(id)}>
              {t("trouble.retry")}
            </Button>
            {node.model && (
              <Button size="s" look="quiet" onClick={() => panels.getState().show({ picking: id })}>
                {t("trouble.model")}
              </Button>
            )}
            <Button size="s" look="quiet" onClick={edit}>
              {t("trouble.edit")}
            </Button>
          </>
        )}
      </div>
    </div>
  );
}

/** What is said of a state that somebody has to know of; undefined for the others. */
export function useTroubleWords(): (state: CardState) => { title: string; text?: string; money?: string } | undefined {
  const t = useTranslations("canvas");
  const money = useMoney();
  return (state) => {
    switch (state.name) {
      case "asks":
        return { title: t("asks.title"), text: t("asks.text") };
      case "refused":
        return { title: t("refused.title"), ...(state.message ? { text: state.message } : {}) };
      case "doubt":
        return state.open
          ? { title: t("doubt.title"), text: t("doubt.looking") }
          : { title: t("doubt.title"), text: t("doubt.decide") };
      case "failed": {
        const { error, cost } = state.task;
        const code = `code.${error?.code ?? ""}` as Parameters<typeof t>[0];
        const known = t.has(code) ? t(code) : undefined;
        const paid = cost ? t("charged.amount", { price: money(cost) }) : t(`charged.${state.charged}`);
        const said = error?.provider_message ?? error?.message;
        return { title: known ?? t("state.failed"), ...(said ? { text: said } : {}), money: paid };
      }
      default:
        return undefined;
    }
  };
}
