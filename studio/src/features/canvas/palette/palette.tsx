/** The command palette: everything that can be done, and every node, found by a few letters. */

import { useReactFlow } from "@xyflow/react";
import { type KeyboardEvent, useId, useMemo, useState } from "react";
import { useTranslations } from "use-intl";
import { cx } from "@/ui/cx";
import { Dialog } from "@/ui/dialog";
import { Input } from "@/ui/field";
import { useCanvas, useDocument, usePanels } from "../board/context";
import { ICONS } from "../nodes/kinds";
import { shown } from "./keys";
import type { Command } from "./use-commands";

const MOST_NODES = 30;

interface Row {
  id: string;
  text: string;
  icon: Command["icon"];
  keys?: string;
  run: () => void;
}

export function Palette({ commands }: { commands: readonly Command[] }) {
  const t = useTranslations("canvas");
  const open = usePanels((state) => state.palette);
  const { panels } = useCanvas();
  const close = () => panels.getState().show({ palette: false });
  return (
    <Dialog open={open} onClose={close} title={t("palette.title")} size="m">
      <Rows commands={commands} close={close} />
    </Dialog>
  );
}

function Rows({ commands, close }: { commands: readonly Command[]; close: () => void }) {
  const t = useTranslations("canvas");
  const list = useId();
  const [words, setWords] = useState("");
  const [at, setAt] = useState(0);
  const rows = useRows(commands, words);
  const current = Math.min(at, rows.length - 1);

  const choose = (row: Row | undefined) => {
    if (!row) return;
    close();
    // The dialog gives the focus back first, so that what is opened now may take it.
    requestAnimationFrame(row.run);
  };
  const keys = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown") setAt(Math.min(current + 1, rows.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(current - 1, 0));
    else if (event.key === "Enter") choose(rows[current]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <Input
        autoFocus
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-label={t("palette.search")}
        aria-activedescendant={rows[current] ? `${list}-${current}` : undefined}
        placeholder={t("palette.search")}
        value={words}
        onChange={(event) => {
          setWords(event.target.value);
          setAt(0);
        }}
        onKeyDown={keys}
      />
      <div id={list} role="listbox" aria-label={t("palette.title")} className="mt-2 flex h-80 flex-col overflow-y-auto">
        {rows.map((row, index) => (
          <button
            key={row.id}
            id={`${list}-${index}`}
            type="button"
            role="option"
            tabIndex={-1}
            aria-selected={index === current}
            onPointerMove={() => setAt(index)}
            onClick={() => choose(row)}
            className={cx(
              "flex shrink-0 items-center gap-2.5 rounded-s px-2 py-2 text-left",
              index === current && "bg-sunken",
            )}
          >
            <row.icon aria-hidden size={16} className="shrink-0 text-muted" />
            <span className="min-w-0 grow truncate">{row.text}</span>
            {row.keys && <kbd className="font-sans text-muted text-xs">{shown(row.keys)}</kbd>}
          </button>
        ))}
        {rows.length === 0 && <p className="p-2 text-muted">{t("palette.nothing")}</p>}
      </div>
    </>
  );
}

function useRows(commands: readonly Command[], words: string): Row[] {
  const t = useTranslations("canvas");
  const flow = useReactFlow();
  const { board } = useCanvas();
  const nodes = useDocument((document) => document.nodes);
  return useMemo(() => {
    const wanted = words.trim().toLowerCase();
    const fits = (text: string) => text.toLowerCase().includes(wanted);
    const rows = commands
      .filter(({ name }) => name !== "palette")
      .map(
        (command): Row => ({
          id: command.name,
          text: t(`command.${command.name}`),
          icon: command.icon,
          ...(command.keys ? { keys: command.keys } : {}),
          run: command.run,
        }),
      )
      .filter(({ text }) => fits(text));
    if (!wanted) return rows;
    const found = Object.entries(nodes).flatMap(([id, node]): Row[] => {
      const text = [node.title, node.prompt, node.note].filter(Boolean).join(" · ");
      if (!text || !fits(text)) return [];
      const run = () => {
        board.getState().select([id]);
        void flow.fitView({ nodes: [{ id }], padding: 0.4, maxZoom: 1, duration: 120 });
      };
      return [{ id, text: text.slice(0, 160), icon: ICONS[node.kind], run }];
    });
    return [...rows, ...found.slice(0, MOST_NODES)];
  }, [commands, words, nodes, board, flow, t]);
}
