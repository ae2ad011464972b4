/** The end of a list that goes on: when it comes near, the next page is asked for. A button does the same by hand. */
import { useEffect, useRef } from "react";
import { useTranslations } from "use-intl";
import { Button } from "./button";

const AHEAD = "600px";

export function Sentinel({ onNear, busy }: { onNear: () => void; busy: boolean }) {
  const t = useTranslations("common");
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = mark.current;
    if (!element || busy) return;
    const watch = new IntersectionObserver(([seen]) => seen?.isIntersecting && onNear(), { rootMargin: AHEAD });
    watch.observe(element);
    return () => watch.disconnect();
  }, [onNear, busy]);
  return (
    <div ref={mark} className="flex justify-center py-6">
      <Button disabled={busy} onClick={onNear}>
        {t(busy ? "loading" : "showMore")}
      </Button>
    </div>
  );
}
