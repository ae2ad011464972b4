import canvas from "./canvas.json";
import common from "./common.json";
import costs from "./costs.json";
import errors from "./errors.json";
import frame from "./frame.json";
import gallery from "./gallery.json";
import projects from "./projects.json";
import session from "./session.json";
import settings from "./settings.json";
import sync from "./sync.json";
import task from "./task.json";
import tasks from "./tasks.json";

export default { canvas, common, costs, errors, frame, gallery, projects, session, settings, sync, task, tasks };
