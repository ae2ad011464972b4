/** Where do menus and tooltips go? Into the open dialog, because nothing beside it can be reached; else into the body. */
import { createContext, useContext } from "react";

export const PortalHost = createContext<HTMLElement | null>(null);

export function usePortalHost(): { container?: HTMLElement } {
  const host = useContext(PortalHost);
  return host === null ? {} : { container: host };
}
