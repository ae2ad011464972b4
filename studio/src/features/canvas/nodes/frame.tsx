/** One picture out of a film: taken in the browser, and kept as a file of its own. */

import { Film } from "lucide-react";
import { useTranslations } from "use-intl";
import { useStore } from "zustand";
import { inputs } from "@/document/topology";
import { Button } from "@/ui/button";
import { useView } from "../board/actions";
import { useCanvas } from "../board/context";
import { Card, type CardProps, nodeOf } from "./base";
import { PickedMedia } from "./media";

function FrameCard({ id, node, selected }: CardProps) {
  const t = useTranslations("canvas");
  const { session, panels } = useCanvas();
  const view = useView();
  const film = useStore(session.store, ({ document }) => {
    const source = inputs(document, id, "video")[0]?.[1].from;
    return source === undefined ? undefined : document.nodes[source]?.pick?.asset;
  });
  return (
    <Card id={id} node={node} selected={selected}>
      <div className="flex min-h-0 grow flex-col bg-sunken">
        {node.pick?.asset && <PickedMedia node={node} onOpen={() => view(id)} />}
        {!node.pick?.asset && (
          <p className="flex grow items-center justify-center p-4 text-center text-muted text-s">
            {t(film ? "frame.hint" : "frame.connect")}
          </p>
        )}
      </div>
      <footer className="flex h-11 shrink-0 items-center justify-end border-line border-t px-1.5">
        <Button
          size="s"
          icon={Film}
          disabled={!film}
          className="nodrag"
          onClick={() => panels.getState().show({ framing: id })}
        >
          {t("frame.choose")}
        </Button>
      </footer>
    </Card>
  );
}

export const FrameNode = nodeOf(FrameCard);
