/** What the pictures of the studio show: a short film about a lighthouse, in the words of each language. */
import type { CanvasEdge, CanvasNode } from "@/document/types";

export type Story = {
  project: string;
  canvas: string;
  others: readonly string[];
  nodes: Readonly<Record<string, CanvasNode>>;
  /** Prompts of media that belong to no canvas. */
  gallery: readonly string[];
  slow: string;
  doubtful: string;
  refused: string;
};

type Words = {
  style: [string, string];
  dawn: [string, string];
  night: [string, string];
  film: [string, string];
  text: [string, string];
  voice: string;
  note: string;
};

const IMAGE = "dashscope/qwen-image";
const VIDEO = "dashscope/wan2.6-i2v-flash";
const VOICE = "dashscope/qwen3-tts";
const CARD = { width: 320, height: 400 };
const at = (column: number, row: number) => ({ position: { x: column * 400, y: row * 450 }, size: CARD });
const small = { width: 320, height: 220 };

function nodesOf(words: Words, voice: string): Record<string, CanvasNode> {
  const wide = { aspectRatio: "16:9", resolution: "1K" };
  return {
    style: { kind: "text", ...at(0, 0), size: small, title: words.style[0], prompt: words.style[1] },
    script: { kind: "text", ...at(0, 1), size: small, title: words.text[0], prompt: words.text[1] },
    dawn: { kind: "image", ...at(1, 0), title: words.dawn[0], prompt: words.dawn[1], model: IMAGE, params: wide },
    voice: { kind: "audio", ...at(1, 1), title: words.voice, model: VOICE, params: { voice } },
    film: {
      kind: "video",
      ...at(2, 0),
      title: words.film[0],
      prompt: words.film[1],
      model: VIDEO,
      params: { duration: "5s", resolution: "720p" },
    },
    night: { kind: "image", ...at(2, 1), title: words.night[0], prompt: words.night[1], model: IMAGE, params: wide },
    note: { kind: "note", position: { x: 0, y: 700 }, size: { width: 320, height: 120 }, note: words.note },
  };
}

export const EDGES: Record<string, CanvasEdge> = {
  style_dawn: { from: "style", to: "dawn", role: "prompt", order: 0 },
  style_night: { from: "style", to: "night", role: "prompt", order: 0 },
  dawn_film: { from: "dawn", to: "film", role: "first_frame", order: 0 },
  script_voice: { from: "script", to: "voice", role: "prompt", order: 0 },
  dawn_night: { from: "dawn", to: "night", role: "reference", order: 0 },
};

export const STORIES: Record<"en" | "zh", Story> = {
  en: {
    project: "The last lighthouse",
    canvas: "Opening",
    others: ["Harbour film", "Posters"],
    nodes: nodesOf(
      {
        style: ["Style", "Wide shots, long shadows, the colours of old travel posters."],
        dawn: ["First light", "The coast at dawn, nobody awake yet."],
        night: ["Last night", "The same coast at night, under a green sky."],
        film: ["Towards the light", "The camera glides slowly along the shore, at dawn."],
        text: ["Narration", "Every evening for forty years, she climbed the stairs and lit the lamp."],
        voice: "Her voice",
        note: "Scene 2 wants more fog. Ask Mei about the end.",
      },
      "Serena",
    ),
    gallery: ["dunes in the desert at noon", "a harbour at", "northern lights at night", "hills on a clear day"],
    slow: "waves roll in at dusk",
    doubtful: "the keeper's house in winter",
    refused: "a poster for the first episode",
  },
  zh: {
    project: "最后的灯塔",
    canvas: "开场",
    others: ["港口短片", "海报"],
    nodes: nodesOf(
      {
        style: ["画风", "大远景，长长的影子，旧旅行海报的色彩。"],
        dawn: ["第一缕光", "黎明的海岸，人们还没有醒来。"],
        night: ["最后一夜", "同一片海岸的夜晚，天空泛着绿光。"],
        film: ["驶向光", "镜头沿着海岸缓缓滑行。"],
        text: ["旁白", "四十年来，每个傍晚，她都会走上台阶，点亮那盏灯。"],
        voice: "她的声音",
        note: "第二场需要更多的雾。结尾问一下小梅。",
      },
      "Serena",
    ),
    gallery: ["正午的沙丘", "日落时的港口", "夜空中的极光", "晴天的山丘"],
    slow: "黄昏时海浪涌来",
    doubtful: "冬天的守塔人小屋",
    refused: "第一集的海报",
  },
};
