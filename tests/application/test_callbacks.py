"""Laws of callbacks: a callback that names the job of a call is evidence, once."""

from application import callbacks
from domain.task.events import ProviderAccepted
from tests.application.harness import TEST_CAUSE, Harness, advance, unknown_call


async def test_a_callback_that_names_the_job_is_evidence(harness: Harness) -> None:
    """The job is polled from then on; a repeated callback records nothing."""
    stream, call_id = await unknown_call(harness)
    observed = await callbacks.called_back(harness.log, call_id, job="j", cause=TEST_CAUSE)
    assert [type(fact) for fact in observed.added] == [ProviderAccepted]
    assert harness.log.causes[-1] is TEST_CAUSE
    again = await callbacks.called_back(harness.log, call_id, job="j", cause=TEST_CAUSE)
    assert again.added == []
    await advance(harness.worker(), stream)
    assert harness.provider.calls[-1] == "poll j"
    assert harness.provider.submitted == 1
