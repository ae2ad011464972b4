import { ProjectsScreen } from "@/features/projects/projects-screen";

export default function Page() {
  return <ProjectsScreen />;
}
