import { TasksScreen } from "@/features/tasks/tasks-screen";

export default function Page() {
  return <TasksScreen />;
}
