/** Undo and redo, and what could not be taken back. */

import { useMemo } from "react";
import { useTranslations } from "use-intl";
import { notify } from "@/ui/notices";
import { useCanvas } from "./context";

export function useSteps(): { undo: () => void; redo: () => void } {
  const { session } = useCanvas();
  const t = useTranslations("canvas");
  return useMemo(() => {
    const tell = (step: ReturnType<typeof session.undo>) => {
      for (const reason of new Set(step?.skipped)) notify({ tone: "bad", text: t(`skipped.${reason}`) });
    };
    return { undo: () => tell(session.undo()), redo: () => tell(session.redo()) };
  }, [session, t]);
}
