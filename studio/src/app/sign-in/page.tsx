import { SignInScreen } from "@/features/session/sign-in-screen";

export default function Page() {
  return <SignInScreen />;
}
