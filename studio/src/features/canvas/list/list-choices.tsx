/** What a reference and a frame of a film need: a choice, made in a dialog. */

import { Film, Pin } from "lucide-react";
import { useTranslations } from "use-intl";
import type { CanvasNode } from "@/document/types";
import { Button } from "@/ui/button";
import { useCanvas } from "../board/context";

export function ListChoices({ id, node }: { id: string; node: CanvasNode }) {
  const t = useTranslations("canvas");
  const { panels } = useCanvas();
  if (node.kind !== "reference" && node.kind !== "frame") return null;
  const { show } = panels.getState();
  return (
    <div className="p-3">
      {node.kind === "reference" ? (
        <Button size="s" icon={Pin} onClick={() => show({ referencing: id })}>
          {t("reference.choose")}
        </Button>
      ) : (
        <Button size="s" icon={Film} onClick={() => show({ framing: id })}>
          {t("frame.choose")}
        </Button>
      )}
    </div>
  );
}
