"use client";

/** Shown over any page when Pixel asks who is there: what was typed below it stays as it is, and goes on afterwards. */
import { usePathname } from "next/navigation";
import { useTranslations } from "use-intl";
import { useSession } from "@/api/session";
import { Dialog } from "@/ui/dialog";
import { SignInForm } from "./sign-in-form";

export function SignInDialog() {
  const t = useTranslations("session");
  const needed = useSession((state) => state.needed);
  const before = useSession((state) => state.before);
  const path = usePathname();
  return (
    <Dialog
      open={needed && !path.startsWith("/sign-in")}
      title={t(before ? "again" : "title")}
      description={t(before ? "againHint" : "hint")}
    >
      <SignInForm />
    </Dialog>
  );
}
