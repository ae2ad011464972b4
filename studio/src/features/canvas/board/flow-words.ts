/** React Flow's own words, in the language of the person. */

import { useMemo } from "react";
import { useTranslations } from "use-intl";

export function useFlowWords() {
  const t = useTranslations("canvas");
  return useMemo(
    () => ({
      "node.a11yDescription.default": t("flow.node"),
      "node.a11yDescription.keyboardDisabled": t("flow.node"),
      "node.a11yDescription.ariaLiveMessage": ({ x, y }: { x: number; y: number }) =>
        t("flow.moved", { x: Math.round(x), y: Math.round(y) }),
      "edge.a11yDescription.default": t("flow.edge"),
      "handle.ariaLabel": t("flow.handle"),
    }),
    [t],
  );
}
