/** A file of somebody's own. */

import { useTranslations } from "use-intl";
import { useView } from "../board/actions";
import { usePanels } from "../board/context";
import { FileButton } from "../upload/file-button";
import { Card, type CardProps, nodeOf } from "./base";
import { PickedMedia } from "./media";

function UploadCard({ id, node, selected }: CardProps) {
  const t = useTranslations("canvas");
  const view = useView();
  const isSending = usePanels((state) => state.uploading.includes(id));
  return (
    <Card id={id} node={node} selected={selected}>
      <div className="flex min-h-0 grow flex-col bg-sunken">
        {node.pick?.asset ? (
          <PickedMedia node={node} onOpen={() => view(id)} />
        ) : isSending ? (
          <div role="status" aria-label={t("upload.sending")} className="grow animate-shimmer bg-line" />
        ) : (
          <div className="flex grow flex-col items-center justify-center gap-3 p-4 text-center text-muted text-s">
            <p>{t("upload.hint")}</p>
            <FileButton node={id} />
          </div>
        )}
      </div>
    </Card>
  );
}

export const UploadNode = nodeOf(UploadCard);
