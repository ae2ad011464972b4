"""Who may read an asset? Whoever has a task or an upload with it. Assets are named by their content, and shared."""

from typing import LiteralString

from adapters.postgres.database import Pool
from adapters.postgres.event_log import EventLog
from projections import tasks
from services.read_your_writes import ReadYourWrites

MAX_REMEMBERED = 10_000


class AssetAccess:
    """Answers for the assets of owners. A right that was given is never taken back, so it is remembered here."""

    def __init__(self, pool: Pool, log: EventLog, read_your_writes: ReadYourWrites) -> None:
        """`read_your_writes` is that of the tasks."""
        self._pool = pool
        self._log = log
        self._read_your_writes = read_your_writes
        self._given: set[tuple[str, str]] = set()

    async def may_read(self, sees_only: str | None, asset_id: str) -> bool:
        """Whether a caller who `sees_only` the things of one owner may read it; None: who sees everything.

        Raises what the database raises."""
        if sees_only is None or (sees_only, asset_id) in self._given:
            return True
        if not await tasks.may_read(self._pool, sees_only, asset_id):
            # An answer may have shown the asset before the read model has it.
            await self._read_your_writes.reach(self._log.newest)
            if not await tasks.may_read(self._pool, sees_only, asset_id):
                return False
        self._remember(sees_only, asset_id)
        return True

    async def record_upload(self, owner: str, asset_id: str) -> None:
        """The owner has brought this asset. Raises what the database raises."""
        if (owner, asset_id) not in self._given:
            await self._pool.execute(_RECORD, asset_id, owner)
            self._remember(owner, asset_id)

    def _remember(self, owner: str, asset_id: str) -> None:
        if len(self._given) >= MAX_REMEMBERED:
            self._given.clear()
        self._given.add((owner, asset_id))


_RECORD: LiteralString = "INSERT INTO asset_uploads (asset, owner) VALUES ($1, $2) ON CONFLICT DO NOTHING"
