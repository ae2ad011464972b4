/** Put a medium on a canvas as a reference, and go there. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { Workflow } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "use-intl";
import { ButtonLink } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { EmptyState } from "@/ui/empty-state";
import { Failure, useErrorText } from "@/ui/failure";
import { Skeleton } from "@/ui/skeleton";
import { Thumbnail } from "@/ui/thumbnail";
import { type AssetItem, canvasesQuery, projectsQuery } from "./gallery-queries";
import { placeOnCanvas } from "./place-on-canvas";

export function UseOnCanvas({ item, onClose }: { item: AssetItem; onClose: () => void }) {
  const t = useTranslations("gallery");
  const router = useRouter();
  const errorText = useErrorText();
  const canvases = useQuery(canvasesQuery);
  const projects = useQuery(projectsQuery);
  const nameOf = (project: string) => projects.data?.projects.find(({ id }) => id === project)?.name ?? "";
  const place = useMutation({
    mutationFn: (canvas: string) => placeOnCanvas(canvas, item),
    onSuccess: (_, canvas) => router.push(`/canvas/?id=${canvas}`),
  });
  const found = canvases.data?.canvases ?? [];
  return (
    <Dialog open size="m" onClose={onClose} title={t("useTitle")} description={t("useHint")}>
      {canvases.isPending && (
        <div aria-busy="true" className="flex flex-col gap-2">
          <Skeleton className="h-14 w-full" />
          <Skeleton className="h-14 w-full" />
        </div>
      )}
      {canvases.error && <Failure error={canvases.error} retry={() => void canvases.refetch()} />}
      {canvases.isSuccess && found.length === 0 && (
        <EmptyState
          icon={Workflow}
          title={t("noCanvas")}
          action={<ButtonLink href="/">{t("toProjects")}</ButtonLink>}
        />
      )}
      <ul className="flex flex-col gap-1">
        {found.map((canvas) => (
          <li key={canvas.id}>
            <button
              type="button"
              disabled={place.isPending}
              onClick={() => place.mutate(canvas.id)}
              className="flex w-full items-center gap-3 rounded-m p-2 text-left transition-colors hover:bg-sunken disabled:opacity-50"
            >
              <Thumbnail asset={canvas.cover} kind="image" alt="" width={128} className="size-11 rounded-s" />
              <span className="min-w-0">
                <span className="block truncate font-bold">{canvas.name}</span>
                <span className="block truncate text-muted text-s">{nameOf(canvas.project)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {place.error && (
        <p role="alert" className="mt-3 text-bad">
          {errorText(place.error)}
        </p>
      )}
    </Dialog>
  );
}
