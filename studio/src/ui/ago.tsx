/** When something was, as far from now as a person would say it; exactly when it is pointed at. */
import { useFormatter, useNow } from "use-intl";

const MINUTE_MS = 60_000;

export function Ago({ at }: { at: string }) {
  const format = useFormatter();
  const now = useNow({ updateInterval: MINUTE_MS });
  const date = new Date(at);
  const exactly = format.dateTime(date, { dateStyle: "medium", timeStyle: "medium" });
  return (
    <time dateTime={at} title={exactly}>
      {format.relativeTime(date, now > date ? now : date)}
    </time>
  );
}
