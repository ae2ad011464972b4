import { SettingsScreen } from "@/features/settings/settings-screen";

export default function Page() {
  return <SettingsScreen />;
}
