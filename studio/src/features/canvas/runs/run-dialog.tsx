/** Before many nodes are run: which of them, what each costs, the sum with its unknowns, and a limit. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { compare } from "@/document/cost";
import { newId } from "@/document/ids";
import { Button } from "@/ui/button";
import { Choice } from "@/ui/choice";
import { Dialog } from "@/ui/dialog";
import { Failure, useErrorText } from "@/ui/failure";
import { notify } from "@/ui/notices";
import { Skeleton } from "@/ui/skeleton";
import { useCanvas, useDocument, usePanels } from "../board/context";
import { type Mode, planRun, startRun } from "../live/runs-api";
import { PlanTable } from "./plan-table";

export function RunDialog() {
  const running = usePanels((state) => state.running);
  return running ? <OpenDialog nodes={running} /> : null;
}

function OpenDialog({ nodes }: { nodes: readonly string[] }) {
  const t = useTranslations("canvas");
  const text = useErrorText();
  const { session, panels } = useCanvas();
  const canvas = useDocument((document) => document.id);
  const [mode, setMode] = useState<Mode>("stale");
  const [version, setVersion] = useState<number>();
  // One dialog is one wish: pressed twice, it is the same run.
  const [key] = useState(() => newId("run"));
  const close = () => panels.getState().show({ running: undefined });

  // What is planned is what Pixel has: all that was typed is handed over first.
  useEffect(() => void session.settled().then(setVersion), [session]);
  const plan = useQuery({
    queryKey: ["plan", canvas, nodes, mode, version],
    enabled: version !== undefined,
    queryFn: ({ signal }) => planRun(canvas, { nodes, mode, version: version ?? 1 }, signal),
    staleTime: 0,
  });
  const totals = Object.entries(plan.data?.total ?? {});
  const starting = useMutation({
    mutationFn: () => {
      const [only] = totals;
      const most =
        totals.length === 1 && only && compare(only[1], "0") > 0
          ? { most: { currency: only[0], amount: only[1] } }
          : {};
      return startRun(canvas, { nodes, mode, version: version ?? 1, ...most }, key);
    },
    onSuccess: close,
    onError: (error) => notify({ tone: "bad", text: text(error) }),
  });
  const due = plan.data?.steps.filter(({ made }) => made) ?? [];
  return (
    <Dialog
      open
      onClose={close}
      title={t("plan.title")}
      size="m"
      actions={
        <Button look="primary" disabled={due.length === 0 || starting.isPending} onClick={() => starting.mutate()}>
          {t("plan.start", { count: due.length })}
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        <div>
          <Choice
            label={t("plan.mode")}
            value={mode}
            onChange={setMode}
            options={(["missing", "stale", "all"] as const).map((value) => ({ value, text: t(`plan.${value}`) }))}
          />
        </div>
        <p className="text-muted text-s">{t(`plan.${mode}Hint`)}</p>
        {plan.isPending && (
          <div aria-busy className="flex flex-col gap-1.5">
            {[1, 2, 3].map((row) => (
              <Skeleton key={row} className="h-8" />
            ))}
          </div>
        )}
        {plan.error && <Failure error={plan.error} retry={() => void plan.refetch()} />}
        {plan.data?.problems.map(({ message }) => (
          <p key={message} role="alert" className="text-bad text-s">
            {message}
          </p>
        ))}
        {plan.data && <PlanTable plan={plan.data} />}
      </div>
    </Dialog>
  );
}
