import { CanvasScreen } from "@/features/canvas/canvas-screen";

export default function Page() {
  return <CanvasScreen />;
}
