/** What can be done with the version that is looked at: name it, go back to it, begin a new canvas from it. */

import { useMutation } from "@tanstack/react-query";
import { Bookmark, GitFork, RotateCcw } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useTranslations } from "use-intl";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { useErrorText } from "@/ui/failure";
import { Field, Input } from "@/ui/field";
import { notify } from "@/ui/notices";
import { useCanvas, useDocument } from "../board/context";
import { forkCanvas, nameVersion } from "../live/canvas-api";
import { inEdits, opsBetween } from "../logic/restore";
import { usePast } from "./use-past";

type Asking = "name" | "fork";

export function VersionActions({ version, newest }: { version: number; newest: number }) {
  const t = useTranslations("canvas");
  const text = useErrorText();
  const router = useRouter();
  const { session, panels } = useCanvas();
  const document = useDocument((now) => now);
  const past = usePast();
  const [asking, setAsking] = useState<Asking>();
  const [name, setName] = useState("");
  const doing = useMutation({
    mutationFn: async (what: Asking) => {
      if (what === "name") return void (await nameVersion(document.id, version, name.trim()));
      router.push(`/canvas/?id=${await forkCanvas(document, version, name.trim())}`);
    },
    onSuccess: (_, what) => {
      setAsking(undefined);
      notify({ tone: "good", text: t(`history.${what}Done`) });
    },
    onError: (error) => notify({ tone: "bad", text: text(error) }),
  });
  const ask = (what: Asking) => {
    setName(what === "fork" ? t("history.copyOf", { name: document.name }) : "");
    setAsking(what);
  };
  const restore = () => {
    if (!past) return;
    for (const ops of inEdits(opsBetween(document, past))) session.edit("restore", ops);
    panels.getState().show({ past: undefined });
  };
  return (
    <div className="flex shrink-0 flex-wrap gap-1.5 border-line border-b px-3 py-2">
      <Button size="s" icon={Bookmark} onClick={() => ask("name")}>
        {t("history.name")}
      </Button>
      <Button size="s" icon={GitFork} onClick={() => ask("fork")}>
        {t("history.fork")}
      </Button>
      <Button size="s" icon={RotateCcw} disabled={version >= newest || past?.version !== version} onClick={restore}>
        {t("history.restore")}
      </Button>
      <Dialog
        open={asking !== undefined}
        onClose={() => setAsking(undefined)}
        title={t(asking === "fork" ? "history.forkTitle" : "history.nameTitle", { version })}
        actions={
          <Button look="primary" type="submit" form="version-name" disabled={!name.trim() || doing.isPending}>
            {t(asking === "fork" ? "history.fork" : "history.name")}
          </Button>
        }
      >
        <form
          id="version-name"
          onSubmit={(event) => {
            event.preventDefault();
            if (asking && name.trim()) doing.mutate(asking);
          }}
        >
          <Field label={t("history.nameLabel")}>
            <Input autoFocus value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
          </Field>
        </form>
      </Dialog>
    </div>
  );
}
