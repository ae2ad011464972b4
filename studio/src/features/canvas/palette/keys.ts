/** How is a stroke of keys written? `mod` is Ctrl, and Cmd on a Mac. */

/** `mod+shift+z`, `delete`, `?`; undefined while an input method composes. */
export function keyOf(event: KeyboardEvent): string | undefined {
  if (event.isComposing || event.altKey) return undefined;
  const key = event.key === "Backspace" ? "delete" : event.key === "=" ? "+" : event.key.toLowerCase();
  const isLetter = /^[a-z]$/.test(key);
  const mod = event.ctrlKey || event.metaKey ? "mod+" : "";
  const shift = event.shiftKey && (isLetter || mod) ? "shift+" : "";
  const written = `${mod}${shift}${key}`;
  return written === "mod+y" ? "mod+shift+z" : written;
}

/** As people read it on this machine: `⌘ K`, `Ctrl K`. */
export function shown(keys: string): string {
  const isMac = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);
  const words: { [word: string]: string } = { mod: isMac ? "⌘" : "Ctrl", shift: "⇧", enter: "↵", delete: "⌫" };
  return keys
    .split(/\+(?=.)/)
    .map((word) => words[word] ?? word.toUpperCase())
    .join(" ");
}

/** Whether keys go to what is being typed in, or to an open dialog, and not to the canvas. */
export function isElsewhere(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  return target.closest("input, textarea, select, [contenteditable=true], dialog, [role=menu]") !== null;
}
