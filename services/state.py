"""What does one process of Pixel consist of? Its live objects; `api/app.py` gives each route module those it needs."""

from collections.abc import Mapping
from typing import NamedTuple

from adapters.media.asset_store import ObjectAssetStore
from adapters.media.decoder_pool import Decoders
from adapters.media.derivative_cache import DerivativeCache
from adapters.outbound.ssrf_guard import Guard
from adapters.postgres.database import Pool
from adapters.postgres.event_log import EventLog
from adapters.providers.base import HttpProvider
from application.rate_limits import Lanes
from application.turns import Turns
from services.budget_guard import BudgetGuard
from services.canvas_reader import CanvasReader
from services.catalogue_updates import CatalogueUpdates
from services.event_stream import EventStream
from services.key_limits import KeyLimiter
from services.key_table import KeyTable
from services.list_reader import ListReader
from services.live_texts import LiveTexts
from services.media_links import MediaLinks
from services.model_registry import ModelRegistry
from services.read_your_writes import ReadYourWrites
from services.sessions import Sessions
from services.settings import Settings
from services.task_ends import TaskEnds
from services.task_reader import TaskReader
from services.upload_records import UploadRecords
from services.webhook_secrets import WebhookSecrets
from services.webhook_sender import WebhookSender
from services.webhook_table import WebhookTable
from services.worker import Worker


class WebhookTools(NamedTuple):
    """`guard` is for the URLs of webhooks; `sender` is None in the role `api`."""

    table: WebhookTable
    secrets: WebhookSecrets
    guard: Guard
    sender: WebhookSender | None


class Pixel(NamedTuple):
    """The open objects of one process. `guard` is for the URLs of users, `turns` for long work; `worker` is None in the
    role `api`."""

    settings: Settings
    dsn: str
    pool: Pool
    log: EventLog
    tasks: TaskReader
    lists: ListReader
    turns: Turns
    canvases: CanvasReader
    assets: ObjectAssetStore
    derivatives: DerivativeCache
    decoders: Decoders
    guard: Guard
    models: ModelRegistry
    budgets: BudgetGuard
    catalogue: CatalogueUpdates
    keys: KeyTable
    key_limits: KeyLimiter
    lanes: Lanes
    providers: Mapping[str, HttpProvider]
    task_ends: TaskEnds
    events: EventStream
    texts: LiveTexts
    read_your_writes: Mapping[str, ReadYourWrites]
    links: MediaLinks
    sessions: Sessions
    uploads: UploadRecords
    webhooks: WebhookTools
    worker: Worker | None
