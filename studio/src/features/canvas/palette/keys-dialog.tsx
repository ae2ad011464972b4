/** All keys on one page. */

import { useTranslations } from "use-intl";
import { Dialog } from "@/ui/dialog";
import { useCanvas, usePanels } from "../board/context";
import { shown } from "./keys";
import type { Command } from "./use-commands";

export function KeysDialog({ commands }: { commands: readonly Command[] }) {
  const t = useTranslations("canvas");
  const open = usePanels((state) => state.keys);
  const { panels } = useCanvas();
  return (
    <Dialog open={open} onClose={() => panels.getState().show({ keys: false })} title={t("command.keys")} size="m">
      <dl className="grid gap-x-8 gap-y-1.5 sm:grid-cols-2">
        {commands.flatMap(({ name, keys }) =>
          keys
            ? [
                <div key={name} className="flex items-baseline justify-between gap-4">
                  <dt>{t(`command.${name}`)}</dt>
                  <dd>
                    <kbd className="font-sans text-muted text-s">{shown(keys)}</kbd>
                  </dd>
                </div>,
              ]
            : [],
        )}
      </dl>
    </Dialog>
  );
}
