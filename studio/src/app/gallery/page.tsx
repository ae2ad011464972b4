import { GalleryScreen } from "@/features/gallery/gallery-screen";

export default function Page() {
  return <GalleryScreen />;
}
