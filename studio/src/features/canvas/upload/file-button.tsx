/** A button that asks for a file. */

import { FileUp } from "lucide-react";
import { useRef } from "react";
import { useTranslations } from "use-intl";
import { Button } from "@/ui/button";
import { useDocument } from "../board/context";
import { useFiles } from "./use-files";

export const ACCEPTED = "image/*,video/*,audio/*";

export function FileButton({ node }: { node: string }) {
  const t = useTranslations("canvas");
  const input = useRef<HTMLInputElement>(null);
  const placeFiles = useFiles();
  const at = useDocument((document) => document.nodes[node]?.position);
  return (
    <>
      <Button size="s" icon={FileUp} className="nodrag" onClick={() => input.current?.click()}>
        {t("upload.choose")}
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        accept={ACCEPTED}
        className="sr-only"
        tabIndex={-1}
        aria-label={t("upload.choose")}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          event.target.value = "";
          if (files.length > 0) void placeFiles(files, at ?? { x: 0, y: 0 }, node);
        }}
      />
    </>
  );
}
