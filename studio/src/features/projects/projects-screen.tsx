"use client";

/** The first screen: all projects, or, with `?project=`, the canvases of one. */
import { useSearchParams } from "next/navigation";
import { Suspense } from "react";
import { CanvasList } from "./canvas-list";
import { ProjectList } from "./project-list";

export function ProjectsScreen() {
  return (
    <Suspense>
      <ByAddress />
    </Suspense>
  );
}

function ByAddress() {
  const project = useSearchParams().get("project");
  return project === null ? <ProjectList /> : <CanvasList project={project} />;
}
