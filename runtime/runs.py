"""What carries out runs, in a worker: with the models, the money and the inputs that a direct request has."""

from functools import partial
from typing import Any

import structlog

from adapters.outbound.media_download import refusal
from api.http.auth import caller_named
from application import inputs
from application.canvas_runs import ResultPicks
from application.generations import CheckInputs, FindWebhook, Reserve
from application.log_tail import LogTail
from application.run_steps import RunContext
from domain.api_key import Caller
from projections.tasks import TASKS
from services.asset_access import AssetAccess
from services.run_executor import RunExecutor
from services.state import Pixel


def run_executor(pixel: Pixel, tail: LogTail) -> RunExecutor:
    """The executor of a worker."""
    log, pool, settings, models = pixel.log, pixel.pool, pixel.settings, pixel.models
    access = AssetAccess(pool, log, pixel.read_your_writes[TASKS.name])

    def check_inputs(caller: Caller, owner: str) -> CheckInputs:
        return partial(
            inputs.check,
            store=pixel.assets,
            may_read=partial(access.may_read, None if caller.sees_only is None else owner),
            ours=(settings.public_url,),
            refusal=partial(refusal, pixel.guard),
        )

    def find_caller(name: str) -> Caller | None:
        return caller_named(name, pixel.keys, settings.admin_token)

    async def reserver(caller: Caller) -> Reserve:
        return await pixel.key_limits.reserver(caller, pixel.budgets.reserve)

    def find_webhook(owner: str) -> FindWebhook:
        return partial(pixel.webhooks.table.find, owner)

    context = RunContext(
        log=log,
        offered=lambda: models.available,
        find_caller=find_caller,
        reserver=reserver,
        check_inputs=check_inputs,
        find_webhook=find_webhook,
        rates=pixel.key_limits.rates,
        choose=ResultPicks(log, pixel.canvases, _log_step),
        log_step=_log_step,
    )
    return RunExecutor(context, log, tail, pool)


def _log_step(event: str, **facts: Any) -> None:
    structlog.get_logger("pixel.runs").info(event, **facts)
