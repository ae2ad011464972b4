import { TaskScreen } from "@/features/tasks/task-screen";

export default function Page() {
  return <TaskScreen />;
}
