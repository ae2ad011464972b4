/** Where do menus and tooltips go? Into the open dialog, because nothing beside it can be reached; else to the end of the
 * content, so that a screen reader finds them in a landmark. */
import { createContext, useContext } from "react";

export const PortalHost = createContext<HTMLElement | null>(null);

export function usePortalHost(): { container?: HTMLElement } {
  const host = useContext(PortalHost) ?? globalThis.document?.getElementById("content") ?? null;
  return host === null ? {} : { container: host };
}
