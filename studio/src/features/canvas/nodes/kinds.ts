/** The picture of each kind of node, the same wherever it is named. */

import {
  Clapperboard,
  FileUp,
  Film,
  Group,
  Image,
  type LucideIcon,
  Pin,
  StickyNote,
  Type,
  Volume2,
} from "lucide-react";
import type { NodeKind } from "@/document/types";

export const ICONS: { readonly [kind in NodeKind]: LucideIcon } = {
  text: Type,
  image: Image,
  video: Clapperboard,
  audio: Volume2,
  upload: FileUp,
  reference: Pin,
  frame: Film,
  group: Group,
  note: StickyNote,
};

/** In the order in which they are offered. */
export const OFFERED: readonly NodeKind[] = [
  "text",
  "image",
  "video",
  "audio",
  "upload",
  "reference",
  "frame",
  "group",
  "note",
];
