"""What one process of Pixel consists of: the live objects that handlers and commands use."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from adapters.media.asset_store import Assets
from adapters.media.decoder_pool import Decoders
from adapters.media.derivative_cache import Variants
from adapters.outbound.ssrf_guard import Guard
from adapters.postgres.database import Pool
from adapters.postgres.event_log import EventLog
from adapters.providers.base import HttpProvider
from adapters.request_batching import Grouped
from application.rate_limits import Lanes
from projections.base import Key, ReadModel
from projections.models import MODELS
from projections.spending import SPENDING
from projections.tasks import TASKS, Seen
from projections.work_list import CALLS
from services.budget_guard import Budgets
from services.completions import Endings
from services.model_registry import Offers
from services.read_your_writes import Freshness
from services.settings import Settings
from services.worker import Worker

READ_MODELS: tuple[ReadModel[Any], ...] = (TASKS, MODELS, CALLS, SPENDING)


class Pixel(NamedTuple):
    """The live objects of one process."""

    settings: Settings
    dsn: str
    pool: Pool
    log: EventLog
    tasks: Grouped[Key, Seen]
    assets: Assets
    variants: Variants
    decoders: Decoders
    guard: Guard
    offers: Offers
    budgets: Budgets
    lanes: Lanes
    providers: Mapping[str, HttpProvider]
    endings: Endings
    fresh: Mapping[str, Freshness]
    worker: Worker | None
