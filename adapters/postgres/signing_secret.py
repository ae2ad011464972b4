"""Which secret do the processes of one Pixel share, where none is set? The first to start makes it, and all read it."""

import secrets
from typing import LiteralString

from adapters.postgres.database import Pool

SECRET_BYTES = 32


async def shared_secret(pool: Pool) -> bytes:
    """SECRET_BYTES random bytes, the same for all processes and after each restart. Raises what the database raises."""
    found = await pool.fetchval(_FIND)
    if found is None:
        await pool.execute(_MAKE, secrets.token_bytes(SECRET_BYTES))
        found = await pool.fetchval(_FIND)  # another process may have been first
    return bytes(found)


_FIND: LiteralString = "SELECT secret FROM signing_secret"
_MAKE: LiteralString = "INSERT INTO signing_secret (secret) VALUES ($1) ON CONFLICT DO NOTHING"
