"""All read models. A new one is added here; the composition starts a runner for each."""

from typing import Any

from projections.api_keys import API_KEYS
from projections.assets import ASSETS
from projections.base import ReadModel
from projections.canvases import CANVASES
from projections.models import MODELS
from projections.projects import PROJECTS
from projections.runs import RUNS
from projections.spending import SPENDING
from projections.tasks import TASKS
from projections.work_list import CALLS

READ_MODELS: tuple[ReadModel[Any], ...] = (TASKS, MODELS, CALLS, SPENDING, API_KEYS, ASSETS, PROJECTS, CANVASES, RUNS)
