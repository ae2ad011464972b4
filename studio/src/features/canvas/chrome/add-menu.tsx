/** What can be added where a connection was let go of: only what can use it. */

import { useEffect, useRef } from "react";
import { useTranslations } from "use-intl";
import { rolesBetween } from "@/document/topology";
import { cx } from "@/ui/cx";
import { MENU_ITEM, MENU_PANEL } from "@/ui/menu";
import { add } from "../board/commands";
import { useCanvas, useDocument, usePanels } from "../board/context";
import type { Adding } from "../board/panels";
import { newNode } from "../logic/new-nodes";
import { ICONS, OFFERED } from "../nodes/kinds";

export function AddMenu() {
  const adding = usePanels((state) => state.adding);
  return adding ? <OpenMenu key={`${adding.screen.x} ${adding.screen.y}`} adding={adding} /> : null;
}

function OpenMenu({ adding }: { adding: Adding }) {
  const t = useTranslations("canvas");
  const canvas = useCanvas();
  const menu = useRef<HTMLDivElement>(null);
  const from = useDocument((document) => (adding.from === undefined ? undefined : document.nodes[adding.from]));
  const kinds = OFFERED.filter((kind) => !from || rolesBetween(from, newNode(kind, adding.at)).length > 0);
  const close = () => canvas.panels.getState().show({ adding: undefined });

  useEffect(() => {
    menu.current?.querySelector("button")?.focus();
    const outside = (event: Event) => {
      if (!menu.current?.contains(event.target as Element)) canvas.panels.getState().show({ adding: undefined });
    };
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, [canvas]);

  const step = (by: number) => {
    const buttons = [...(menu.current?.querySelectorAll("button") ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[(at + by + buttons.length) % buttons.length]?.focus();
  };
  return (
    <div
      ref={menu}
      role="menu"
      aria-label={t("rail.title")}
      className={cx(MENU_PANEL, "fixed")}
      style={{
        left: Math.min(adding.screen.x, innerWidth - 200),
        top: Math.min(adding.screen.y, innerHeight - 40 - kinds.length * 36),
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") close();
        else if (event.key === "ArrowDown") step(1);
        else if (event.key === "ArrowUp") step(-1);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      {kinds.length === 0 && <p className="px-2 py-1.5 text-muted">{t("rail.nothing")}</p>}
      {kinds.map((kind) => {
        const Icon = ICONS[kind];
        return (
          <button
            key={kind}
            type="button"
            role="menuitem"
            className={cx(MENU_ITEM, "w-full text-left hover:bg-sunken focus:bg-sunken")}
            onClick={() => {
              close();
              add(canvas, kind, { x: adding.at.x + 160, y: adding.at.y + 60 }, adding.from);
            }}
          >
            <Icon aria-hidden size={16} className="text-muted" />
            {t(`kind.${kind}`)}
          </button>
        );
      })}
    </div>
  );
}
