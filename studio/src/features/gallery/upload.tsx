/** Bring files into the gallery: by a button, or by dropping them anywhere on the screen. */
import { useQueryClient } from "@tanstack/react-query";
import { Upload as UploadIcon } from "lucide-react";
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { uploadAsset } from "@/api/upload";
import { Button } from "@/ui/button";
import { cx } from "@/ui/cx";
import { useErrorText } from "@/ui/failure";
import { notify } from "@/ui/notices";
import { ASSETS } from "./gallery-queries";

const MOST_FILES = 50;
export const ACCEPTED = "image/*,video/*,audio/*";

/** `left`: how many files are still on their way. */
export function useUpload(): { left: number; upload: (files: readonly File[]) => Promise<void> } {
  const t = useTranslations("gallery.upload");
  const queries = useQueryClient();
  const errorText = useErrorText();
  const [left, setLeft] = useState(0);

  const upload = async (chosen: readonly File[]) => {
    const files = chosen.slice(0, MOST_FILES);
    if (chosen.length > MOST_FILES) notify({ tone: "bad", text: t("tooMany", { most: MOST_FILES }) });
    setLeft((before) => before + files.length);
    let kept = 0;
    for (const file of files) {
      try {
        await uploadAsset(file);
        kept += 1;
      } catch (error) {
        notify({ tone: "bad", text: t("failed", { name: file.name, why: errorText(error) }) });
      }
      setLeft((before) => before - 1);
    }
    if (kept > 0) notify({ tone: "good", text: t("done", { count: kept }) });
    await queries.invalidateQueries({ queryKey: ASSETS });
  };
  return { left, upload };
}

export function UploadButton({
  left,
  upload,
  look = "primary",
}: ReturnType<typeof useUpload> & { look?: "primary" | "outline" }) {
  const t = useTranslations("gallery.upload");
  const chooser = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button look={look} icon={UploadIcon} disabled={left > 0} onClick={() => chooser.current?.click()}>
        {left > 0 ? t("left", { count: left }) : t("name")}
      </Button>
      <input
        ref={chooser}
        type="file"
        hidden
        multiple
        accept={ACCEPTED}
        onChange={({ target }) => {
          void upload([...(target.files ?? [])]);
          target.value = "";
        }}
      />
    </>
  );
}

/** Takes files that are dropped on what it holds. The button is there for the keyboard. */
export function DropZone({ onFiles, children }: { onFiles: (files: File[]) => void; children: ReactNode }) {
  const [over, setOver] = useState(false);
  const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: files are dropped on it; the button does the same for others
    <div
      onDragOver={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        setOver(false);
        onFiles([...event.dataTransfer.files]);
      }}
      className={cx("flex grow flex-col rounded-l", over && "outline-2 outline-accent outline-dashed outline-offset-4")}
    >
      {children}
    </div>
  );
}
