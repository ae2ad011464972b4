"use client";

/** Where a person signs in who has just signed out, or who comes to this address. */
import { useRouter } from "next/navigation";
import { useTranslations } from "use-intl";
import { Sign } from "@/ui/sign";
import { SignInForm } from "./sign-in-form";

export function SignInScreen() {
  const t = useTranslations("session");
  const router = useRouter();
  return (
    <div className="m-auto w-full max-w-96 px-6 py-12">
      <Sign size={36} />
      <h1 className="mt-5 text-xl">{t("title")}</h1>
      <p className="mt-1 mb-6 text-muted">{t("hint")}</p>
      <SignInForm onSignedIn={() => router.replace("/")} />
    </div>
  );
}
