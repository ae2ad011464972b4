/** Short notices at the foot of the page: what was done, and what did not work. Errors stay until they are dismissed. */
import { CircleAlert, CircleCheck, X } from "lucide-react";
import { useEffect } from "react";
import { useTranslations } from "use-intl";
import { create } from "zustand";
import { IconButton } from "./button";

export type Notice = { id: number; tone: "good" | "bad"; text: string; action?: { text: string; run: () => void } };

const SHOWN_MS = 6_000;
const MOST = 4;
let last = 0;

const useNotices = create<{ notices: Notice[] }>(() => ({ notices: [] }));

/** Show a notice. The oldest goes when there are too many. */
export function notify(notice: Omit<Notice, "id">): void {
  last += 1;
  const shown = { ...notice, id: last };
  useNotices.setState(({ notices }) => ({ notices: [...notices, shown].slice(-MOST) }));
}

function dismiss(id: number): void {
  useNotices.setState(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) }));
}

export function Notices() {
  const notices = useNotices((state) => state.notices);
  return (
    <section
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 bottom-16 z-50 flex flex-col items-center gap-2 px-4 sm:bottom-6"
    >
      {notices.map((notice) => (
        <NoticeRow key={notice.id} notice={notice} />
      ))}
    </section>
  );
}

function NoticeRow({ notice }: { notice: Notice }) {
  const t = useTranslations("common");
  const { id, tone, text, action } = notice;
  useEffect(() => {
    if (tone === "bad" || action) return;
    const timer = setTimeout(() => dismiss(id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [id, tone, action]);

  const Icon = tone === "good" ? CircleCheck : CircleAlert;
  return (
    <div className="pointer-events-auto flex max-w-full animate-enter items-center gap-2.5 rounded-m border border-line bg-raised py-1.5 pr-1.5 pl-3 shadow-lift">
      <Icon aria-hidden size={16} className={tone === "good" ? "shrink-0 text-good" : "shrink-0 text-bad"} />
      <span className="min-w-0">{text}</span>
      {action && (
        <button
          type="button"
          className="h-7 shrink-0 rounded-s px-2 font-bold text-accent hover:bg-accent-soft"
          onClick={() => {
            action.run();
            dismiss(id);
          }}
        >
          {action.text}
        </button>
      )}
      <IconButton icon={X} size="s" label={t("dismiss")} onClick={() => dismiss(id)} />
    </div>
  );
}
