import { CostsScreen } from "@/features/costs/costs-screen";

export default function Page() {
  return <CostsScreen />;
}
