/** The canvases of one project. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ChevronLeft, Workflow } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { canvasesQuery, projectQuery } from "@/api/queries";
import { Failure } from "@/ui/failure";
import { Page } from "@/ui/page";
import { Skeleton } from "@/ui/skeleton";
import { useCreateCanvas } from "./changes";
import { Listing } from "./listing";
import { Tile } from "./tile";

export function CanvasList({ project }: { project: string }) {
  const t = useTranslations("projects");
  const format = useFormatter();
  const [archived, setArchived] = useState(false);
  const about = useQuery(projectQuery(project));
  const list = useInfiniteQuery(canvasesQuery(project, archived));
  const creation = useCreateCanvas(project);
  const canvases = list.data?.pages.flatMap((page) => page.canvases) ?? [];
  if (about.error) {
    return (
      <Page title={<Back>{t("title")}</Back>}>
        <Failure error={about.error} retry={() => void about.refetch()} />
      </Page>
    );
  }
  return (
    <Listing
      kind="canvas"
      title={<Back>{about.data?.name ?? <Skeleton className="h-6 w-48" />}</Back>}
      icon={Workflow}
      list={list}
      archived={archived}
      onArchived={setArchived}
      creation={creation}
    >
      {canvases.map((canvas) => (
        <Tile
          key={canvas.id}
          thing={{ kind: "canvas", id: canvas.id, name: canvas.name }}
          href={`/canvas/?id=${encodeURIComponent(canvas.id)}`}
          cover={canvas.cover}
          archived={canvas.archived}
        >
          {t("nodes", { count: canvas.nodes })} · {format.relativeTime(new Date(canvas.updated_at))}
        </Tile>
      ))}
    </Listing>
  );
}

/** The title of the screen, with the way back to all projects before it. */
function Back({ children }: { children: ReactNode }) {
  const t = useTranslations("projects");
  return (
    <span className="flex items-center gap-1">
      <Link
        href="/"
        prefetch={false}
        aria-label={t("allProjects")}
        className="-ml-1.5 rounded-m p-1 text-muted hover:bg-sunken hover:text-ink"
      >
        <ChevronLeft aria-hidden size={20} />
      </Link>
      {children}
    </span>
  );
}
