/** The kinds of nodes. A new one is a file here, a line below, and its words in the messages. */

import type { NodeTypes } from "@xyflow/react";
import type { NodeKind } from "@/document/types";
import { AudioNode } from "./audio";
import { FrameNode } from "./frame";
import { GroupNode } from "./group";
import { ImageNode } from "./image";
import { NoteNode } from "./note";
import { ReferenceNode } from "./reference";
import { TextNode } from "./text";
import { UploadNode } from "./upload";
import { VideoNode } from "./video";

export const NODE_TYPES = {
  text: TextNode,
  image: ImageNode,
  video: VideoNode,
  audio: AudioNode,
  upload: UploadNode,
  reference: ReferenceNode,
  frame: FrameNode,
  group: GroupNode,
  note: NoteNode,
} satisfies NodeTypes & { [kind in NodeKind]: unknown };
