"""What does a provider's callback record? At most that the provider has accepted the order of a call.

The body of a callback is not trusted any further: the job is polled with our own key."""

from application import clock, commands
from application.ports import Cause, Log
from domain.ids import call_stream
from domain.provider import Accepted
from domain.task import provider_call
from domain.task.events import TaskEvent
from domain.task.state import Task


async def called_back(log: Log, call_id: str, *, job: str, cause: Cause) -> commands.LoadedTask:
    """Record that a provider named the job of a call, which proves that it accepted the order.

    Raises Rejected, LogUnavailable, and Conflict when the stream moved at each try."""

    def decision(task: Task) -> list[TaskEvent]:
        return provider_call.observe(task, call_id=call_id, seen=Accepted(job=job), at=clock.now())

    return await commands.decide(log, call_stream(call_id), decision, cause)
