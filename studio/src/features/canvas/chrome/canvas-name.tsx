/** The name of the canvas, which is changed where it stands. */

import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { useErrorText } from "@/ui/failure";
import { notify } from "@/ui/notices";
import { useDocument } from "../board/context";
import { renameCanvas } from "../live/canvas-api";

const MOST = 200;

export function CanvasName() {
  const t = useTranslations("canvas");
  const text = useErrorText();
  const id = useDocument((document) => document.id);
  const name = useDocument((document) => document.name);
  const [typed, setTyped] = useState<string>();
  const renaming = useMutation({
    mutationFn: (now: string) => renameCanvas(id, now),
    onError: (error) => notify({ tone: "bad", text: text(error) }),
  });
  const shown = renaming.isPending ? renaming.variables : name;
  const commit = () => {
    const now = typed?.trim().slice(0, MOST);
    setTyped(undefined);
    if (now && now !== name) renaming.mutate(now);
  };
  return (
    <h1 className="min-w-0 text-m">
      <input
        aria-label={t("bar.name")}
        value={typed ?? shown}
        maxLength={MOST}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "Enter") event.currentTarget.blur();
          if (event.key === "Escape") setTyped(undefined);
        }}
        className="field-sizing-content h-7 min-w-16 max-w-72 truncate rounded-s bg-transparent px-1.5 font-bold hover:bg-sunken focus:bg-sunken max-sm:max-w-32"
      />
    </h1>
  );
}
