"""When do the results in a worker's spool become part of their tasks? As soon as the asset store takes them."""

import structlog

from application.claimed_task import WorkerContext
from application.ports import AssetsUnavailable, Cause, Conflict, LogUnavailable, SpoolUnavailable
from application.spool_recovery import recover
from application.storage import NotMeasured
from application.wakeup import wait_for_event
from domain.base import Rejected

FIRST_PAUSE_SECONDS = 1.0
MAX_PAUSE_SECONDS = 15.0  # while results can't be stored

logger = structlog.get_logger("pixel.worker")


async def empty_spool(context: WorkerContext) -> None:
    """For ever: store the results in the spool, of this process or one before it, and record them in their tasks."""
    storage, cause = context.storage, Cause(actor=f"worker:{context.worker}")
    pause, complained = FIRST_PAUSE_SECONDS, ""
    while True:
        storage.result_spooled.clear()
        names, stuck = await storage.scan(), ""
        for name in names:
            try:
                await recover(context.log, storage, name, cause)
            except (NotMeasured, SpoolUnavailable, Conflict, Rejected) as error:  # this one; others may go
                stuck = f"{name}: {error}"
            except (AssetsUnavailable, LogUnavailable) as error:
                stuck = str(error)
                break
            except Exception:  # the spool's loop: one result's error must not stop the others
                stuck = f"{name}: unforeseen"
                if stuck != complained:
                    logger.exception("a result can't be brought in", name=name)
        if stuck and stuck != complained:
            logger.warning("results wait in the spool", results=len(names), error=stuck)
        pause = min(2 * pause, MAX_PAUSE_SECONDS) if stuck else FIRST_PAUSE_SECONDS
        complained = stuck
        await wait_for_event(storage.result_spooled, pause)
