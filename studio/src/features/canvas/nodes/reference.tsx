/** A result from the gallery or from another canvas that is used here, too. */

import { Pin } from "lucide-react";
import { useTranslations } from "use-intl";
import { Button } from "@/ui/button";
import { useView } from "../board/actions";
import { useCanvas } from "../board/context";
import { Card, type CardProps, nodeOf } from "./base";
import { PickedMedia } from "./media";

function ReferenceCard({ id, node, selected }: CardProps) {
  const t = useTranslations("canvas");
  const { panels } = useCanvas();
  const view = useView();
  return (
    <Card id={id} node={node} selected={selected}>
      <div className="flex min-h-0 grow flex-col bg-sunken">
        {node.pick?.asset ? (
          <PickedMedia node={node} onOpen={() => view(id)} />
        ) : (
          <div className="flex grow flex-col items-center justify-center gap-3 p-4 text-center text-muted text-s">
            <p>{t("reference.hint")}</p>
            <Button size="s" icon={Pin} className="nodrag" onClick={() => panels.getState().show({ referencing: id })}>
              {t("reference.choose")}
            </Button>
          </div>
        )}
      </div>
    </Card>
  );
}

export const ReferenceNode = nodeOf(ReferenceCard);
