/** A text: typed by hand, or written by a model that is asked for it. */

import { Sparkles } from "lucide-react";
import { useTranslations } from "use-intl";
import { Button } from "@/ui/button";
import { useCanvas } from "../board/context";
import { Card, type CardProps, nodeOf } from "./base";
import { EmptyResult } from "./empty-result";
import { MakingCard } from "./making-card";
import { PromptBox } from "./prompt-box";

function TextCard({ id, node, selected }: CardProps) {
  const t = useTranslations("canvas");
  const { panels } = useCanvas();
  if (node.model) {
    return (
      <MakingCard id={id} node={node} selected={selected} empty={<EmptyResult kind="text" />}>
        <p className="nodrag nowheel min-h-0 grow select-text overflow-y-auto whitespace-pre-wrap p-3 text-m">
          {node.pick?.text}
        </p>
      </MakingCard>
    );
  }
  return (
    <Card id={id} node={node} selected={selected}>
      <PromptBox id={id} node={node} className="min-h-0 grow text-m!" />
      <footer className="flex h-11 shrink-0 items-center justify-end border-line border-t px-1.5">
        <Button
          look="quiet"
          size="s"
          icon={Sparkles}
          className="nodrag font-normal!"
          onClick={() => panels.getState().show({ picking: id })}
        >
          {t("text.byModel")}
        </Button>
      </footer>
    </Card>
  );
}

export const TextNode = nodeOf(TextCard);
