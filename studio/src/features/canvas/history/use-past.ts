/** The document at the version that is looked at; undefined while it is the newest, or on its way. */

import { useQuery } from "@tanstack/react-query";
import type { Canvas } from "@/document/types";
import { useDocument, usePanels } from "../board/context";
import { pastQuery } from "../live/canvas-api";

export function usePast(): Canvas | undefined {
  const id = useDocument((document) => document.id);
  const version = usePanels((state) => state.past);
  const { data } = useQuery(pastQuery(id, version));
  return version === undefined ? undefined : data;
}
