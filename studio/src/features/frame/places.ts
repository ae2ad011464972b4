/** The screens that the navigation leads to. */
import { CircleDollarSign, FolderOpen, Images, ListChecks, type LucideIcon, Settings } from "lucide-react";

export type Place = { name: "projects" | "gallery" | "tasks" | "costs" | "settings"; href: string; icon: LucideIcon };

export const PLACES: readonly Place[] = [
  { name: "projects", href: "/", icon: FolderOpen },
  { name: "gallery", href: "/gallery/", icon: Images },
  { name: "tasks", href: "/tasks/", icon: ListChecks },
  { name: "costs", href: "/costs/", icon: CircleDollarSign },
  { name: "settings", href: "/settings/", icon: Settings },
];

/** The place that a path belongs to: a canvas to the projects, a task to the tasks. */
export function placeOf(path: string): Place["name"] | undefined {
  if (path === "/" || path.startsWith("/canvas")) return "projects";
  if (path.startsWith("/task")) return "tasks";
  return PLACES.find((place) => place.href !== "/" && path.startsWith(place.href))?.name;
}
