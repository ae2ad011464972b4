/** All projects, with a first step for whoever has none. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { FolderPlus } from "lucide-react";
import { useState } from "react";
import { useFormatter, useTranslations } from "use-intl";
import { projectsQuery } from "@/api/queries";
import { useCreateProject } from "./changes";
import { Listing } from "./listing";
import { Tile } from "./tile";

export function ProjectList() {
  const t = useTranslations("projects");
  const format = useFormatter();
  const [archived, setArchived] = useState(false);
  const list = useInfiniteQuery(projectsQuery(archived));
  const projects = list.data?.pages.flatMap((page) => page.projects) ?? [];
  return (
    <Listing
      kind="project"
      title={t("title")}
      icon={FolderPlus}
      list={list}
      archived={archived}
      onArchived={setArchived}
      creation={useCreateProject(t("untitled.canvas"))}
    >
      {projects.map((project) => (
        <Tile
          key={project.id}
          thing={{ kind: "project", id: project.id, name: project.name }}
          href={`/?project=${encodeURIComponent(project.id)}`}
          cover={project.cover}
          archived={project.archived}
        >
          {t("canvases", { count: project.canvases })} · {format.relativeTime(new Date(project.updated_at))}
        </Tile>
      ))}
    </Listing>
  );
}
