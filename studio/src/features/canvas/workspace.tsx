/** An open canvas: the board or the list, what stands around it, and what opens above it. */

import { ReactFlowProvider } from "@xyflow/react";
import { Board } from "./board/board";
import { useCanvas, usePanels } from "./board/context";
import { AddMenu } from "./chrome/add-menu";
import { Drafts } from "./chrome/drafts";
import { Rail } from "./chrome/rail";
import { TopBar } from "./chrome/top-bar";
import { usePast } from "./history/use-past";
import { Inspector } from "./inspector/inspector";
import { ListView, Overlays, PastBoard, SidePanel } from "./overlays";
import { useCommands } from "./palette/use-commands";
import { useShortcuts } from "./palette/use-shortcuts";
import { RunBar } from "./runs/run-bar";

export function Workspace() {
  return (
    <ReactFlowProvider>
      <Parts />
    </ReactFlowProvider>
  );
}

function Parts() {
  const { live } = useCanvas();
  const commands = useCommands();
  useShortcuts(commands);
  const view = usePanels((state) => state.view);
  const side = usePanels((state) => state.side);
  const past = usePast();
  const isBoard = view === "board" && !past;
  return (
    <div className="flex min-h-0 grow flex-col">
      <TopBar />
      <RunBar live={live} />
      <div className="relative flex min-h-0 grow">
        <div className="relative flex min-h-0 min-w-0 grow flex-col">
          {isBoard && <Board />}
          {isBoard && <Rail />}
          {past && <PastBoard past={past} />}
          {view === "list" && !past && <ListView />}
          <Drafts />
        </div>
        <SidePanel />
        {side === undefined && isBoard && <Inspector />}
      </div>
      <AddMenu />
      <Overlays commands={commands} />
    </div>
  );
}
