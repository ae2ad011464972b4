import { NotFoundScreen } from "@/features/frame/not-found-screen";

export default function NotFound() {
  return <NotFoundScreen />;
}
