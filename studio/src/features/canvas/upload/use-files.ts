/** Files that were dropped, pasted or chosen become nodes: each is sent, and its node shows how that went. */

import { useMemo } from "react";
import { useTranslations } from "use-intl";
import type { Position } from "@/document/types";
import { useErrorText } from "@/ui/failure";
import { notify } from "@/ui/notices";
import * as commands from "../board/commands";
import { useCanvas } from "../board/context";
import { sendFile } from "./send-file";

const MOST_FILES = 20;

/** Place files around a point; or one into a node that waits for it. */
export function useFiles(): (files: readonly File[], at: Position, node?: string) => Promise<void> {
  const canvas = useCanvas();
  const t = useTranslations("canvas");
  const text = useErrorText();
  return useMemo(() => {
    const { getState } = canvas.panels;
    const place = async (file: File, id: string) => {
      getState().show({ uploading: [...getState().uploading, id] });
      try {
        const asset = await sendFile(file);
        canvas.session.pick(id, { asset });
      } catch (error) {
        notify({ tone: "bad", text: t("upload.failed", { name: file.name, why: text(error) }) });
      } finally {
        getState().show({ uploading: getState().uploading.filter((other) => other !== id) });
      }
    };
    return async (files, at, node) => {
      if (files.length > MOST_FILES) notify({ tone: "bad", text: t("upload.tooMany", { most: MOST_FILES }) });
      for (const [index, file] of files.slice(0, MOST_FILES).entries()) {
        const title = file.name.slice(0, 200);
        const id = index === 0 && node ? node : commands.add(canvas, "upload", at, undefined, { title });
        await place(file, id);
      }
    };
  }, [canvas, t, text]);
}
