"use client";

/** The screen of a canvas, which is named in the address. */

import { Workflow } from "lucide-react";
import { useSearchParams } from "next/navigation";
import { Suspense } from "react";
import { useTranslations } from "use-intl";
import { ButtonLink } from "@/ui/button";
import { EmptyState } from "@/ui/empty-state";
import { Failure } from "@/ui/failure";
import { Skeleton } from "@/ui/skeleton";
import { OpenCanvasContext } from "./board/context";
import { useOpenCanvas } from "./live/use-open-canvas";
import { Workspace } from "./workspace";

export function CanvasScreen() {
  return (
    <Suspense fallback={<Opening />}>
      <Named />
    </Suspense>
  );
}

function Named() {
  const t = useTranslations("canvas");
  const id = useSearchParams().get("id");
  if (id) return <Open key={id} id={id} />;
  return (
    <EmptyState icon={Workflow} title={t("none.title")} action={<ButtonLink href="/">{t("bar.projects")}</ButtonLink>}>
      {t("none.text")}
    </EmptyState>
  );
}

function Open({ id }: { id: string }) {
  const opened = useOpenCanvas(id);
  if (opened.state === "opening") return <Opening />;
  if (opened.state === "failed") {
    return (
      <div className="p-6">
        <Failure error={opened.error} retry={opened.retry} />
      </div>
    );
  }
  return (
    <OpenCanvasContext value={opened.canvas}>
      <Workspace />
    </OpenCanvasContext>
  );
}

function Opening() {
  return (
    <div aria-busy="true" className="flex grow flex-col">
      <div className="flex h-12 shrink-0 items-center gap-3 border-line border-b bg-surface px-4">
        <Skeleton className="h-5 w-40" />
      </div>
      <div className="flex grow items-center justify-center gap-12">
        <Skeleton className="h-80 w-64" />
        <Skeleton className="h-80 w-64 max-sm:hidden" />
      </div>
    </div>
  );
}
