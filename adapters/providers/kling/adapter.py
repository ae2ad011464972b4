"""Kling AI: pictures, films and speech. Every order but speech carries our call id, by which it can be looked up.

Kling takes an id once in an account. So a refusal that may mean "I have this one" is looked up before it is a no."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar
from urllib.parse import quote

import httpx

from adapters.outbound.client import Reply, build_request
from adapters.providers.base import Access, Adapter, HttpProvider, wire_config
from adapters.providers.batch_poll import BatchPoll
from adapters.providers.keyring import Key, from_variable
from adapters.providers.kling.auth import Tokens, is_pair
from adapters.providers.kling.requests import Wire, to_wire
from adapters.providers.kling.tasks import Envelope, Task, is_empty_list, task_result, tasks_in
from adapters.providers.redaction import redacted
from adapters.providers.sightings import accepted_job, server_error, unreadable_answer, with_raw_answer
from adapters.providers.tolerant_reader import decode
from domain.base import replace
from domain.model import ModelSpec
from domain.provider import (
    CannotTell,
    Finished,
    Found,
    Gone,
    InDoubt,
    LookupResult,
    NotFound,
    NotSent,
    NoVerdict,
    Order,
    Refused,
    Sighting,
    Working,
)

R = TypeVar("R")

_SUBMIT_SECONDS = 60.0
_SPEECH_SECONDS = 120.0
NO_SUCH_TASK = 1203
STALE_TOKEN = {1003, 1004}
_INVALID = {1200, 1201}
# Kling's codes. HTTP 429 says nothing by itself: behind it are an empty account as well as a limit that passes.
_CODES = {
    1000: ("provider_auth", "Kling refused the key."),
    1001: ("provider_auth", "Kling got no key."),
    1002: ("provider_auth", "Kling refused the key."),
    1003: ("provider_auth", "Kling says that the token is not valid yet: is this machine's clock right?"),
    1004: ("provider_auth", "Kling says that the token has expired: is this machine's clock right?"),
    1100: ("provider_quota", "Kling says that something is wrong with the account."),
    1101: ("provider_quota", "The Kling account is in arrears."),
    1102: ("provider_quota", "The Kling resource pack is used up or expired."),
    # Of one model only, so the key stays in use for the others.
    1103: ("provider_model_missing", "This Kling account may not use the model."),
    1200: ("provider_rejected", "Kling refused the request."),
    1201: ("provider_rejected", "Kling refused the request."),
    1202: ("provider_rejected", "Kling does not know this path: is KLING_BASE_URL right?"),
    1203: ("provider_model_missing", "Kling does not offer this model."),
    1300: ("content_rejected_input", "Kling refused the request by its policy."),
    1301: ("content_rejected_input", "Kling refused the request by its rules on content."),
    1302: ("rate_limited", "Kling gets too many requests."),
    1303: ("rate_limited", "Kling has as many jobs under way as the resource pack allows."),
    1304: ("provider_auth", "Kling does not take requests from this machine's address."),
    5001: ("provider_unavailable", "Kling is under maintenance."),
}
_BY_STATUS = {401: 1000, 404: 1202, 429: 1302}
_DUPLICATE = re.compile(r"external.?task.?id|duplicat|already exist|unique|重复|已存在", re.IGNORECASE)


def submit_result(order: Order, reply: Reply, *, secrets: Sequence[str] = ()) -> Sighting:
    """What the answer to an order says. Speech is done with it."""
    found = tasks_in(reply)
    if found is None:
        return refused(reply, secrets=secrets)
    if len(found) != 1:
        return unreadable_answer(reply)
    if wire_config(order.spec, Wire).endpoint != "audio/tts":
        return accepted_job(found[0].name, reply)
    seen = task_result(order, found[0], secrets=secrets)
    if not isinstance(seen, Finished | Refused):
        says = "the speech should be done with the answer and is not, and nobody can be asked about it"
        seen = InDoubt(reason=says)
    return with_raw_answer(seen, reply)


def poll_result(order: Order, job: str, reply: Reply, *, alone: bool = True, secrets: Sequence[str] = ()) -> Sighting:
    """What the answer to a question after a task says. A list without it is no statement: it may lag behind.

    `alone`: no other task was asked after, so one without a name is this one."""
    found = tasks_in(reply)
    if found is not None:
        mine = next((each for each in found if each.name == job), None)
        if mine is None and alone and len(found) == 1 and found[0].name is None:
            mine = found[0]
        seen = task_result(order, mine, secrets=secrets) if mine else NoVerdict(reason="Kling does not show the task")
        return with_raw_answer(seen, reply) if alone else seen
    code, text = error_code(reply), error_text(reply, secrets)
    if reply.status == 404 and code == NO_SUCH_TASK:
        return Gone(message=f"Kling says that it has no such task: {text}", provider_code=str(code))
    if reply.status < 500 and _CODES.get(code or 0, ("",))[0] in {"provider_auth", "provider_quota"}:
        return refused(reply, secrets=secrets)  # which is said of the key, and not of the task
    return with_raw_answer(NoVerdict(reason=f"HTTP {reply.status}, code {code}: {text}"), reply)


def lookup_result(order: Order, reply: Reply, *, secrets: Sequence[str] = ()) -> LookupResult | NoVerdict:
    """What the answer to a question after our call id says."""
    found, ours = tasks_in(reply), order.call_id
    if found is not None:
        mine = [job.name for job in found if job.name and job.external in {ours, None}]
        if len(mine) == len(found) == 1 and mine[0]:
            return Found(job=mine[0])
        if is_empty_list(reply) and wire_config(order.spec, Wire).is_new_dialect:
            return NotFound(evidence=f"Kling's answer to the question after {ours} holds no task")
        names = ", ".join(str(job.name) for job in found[:5])
        return CannotTell(reason=f"Kling answered the question after {ours} with other tasks: {names or 'none'}")
    code, text = error_code(reply), error_text(reply, secrets)
    if reply.status == 404 and code == NO_SUCH_TASK:
        return NotFound(evidence=f"Kling says that there is no task {ours}: {text}")
    if reply.status >= 500 or reply.status in {401, 403, 429} or code is None:
        return NoVerdict(reason=f"HTTP {reply.status}, code {code}: {text}")
    return CannotTell(reason=f"Kling did not answer the question after {ours} (code {code}): {text}")


def refused(reply: Reply, *, secrets: Sequence[str] = ()) -> Sighting:
    """What an error says, by Kling's code; by the HTTP status only where there is none, as from a gateway."""
    code = error_code(reply)
    if code == 0 or (code is None and reply.status < 400):
        return unreadable_answer(reply)
    if reply.status >= 500 and code != 5001:
        return server_error(reply)
    if code is not None and code not in _CODES and (reply.ok or code >= 5000):
        return with_raw_answer(InDoubt(reason=f"Kling may have failed while it had the order (code {code})"), reply)
    known = code if code in _CODES else _BY_STATUS.get(reply.status, 1200)
    word, message = _CODES[known]
    wait = word in {"rate_limited", "provider_unavailable"}
    return Refused(
        code=word,
        message=message,
        retryable=wait,
        retry_after_seconds=reply.retry_after_seconds if wait else None,
        provider_code=str(code if code is not None else reply.status),
        provider_message=error_text(reply, secrets),
    )


def may_be_duplicate(reply: Reply) -> bool:
    """Whether a refusal may mean that Kling has a task of this call id. How it says so is not written down."""
    code = error_code(reply)
    return code in _INVALID or (code not in _CODES and reply.status not in _BY_STATUS)


def says_duplicate(reply: Reply) -> bool:
    """Whether such a refusal says so in words."""
    return reply.status == 409 or bool(_DUPLICATE.search(error_text(reply, ())))


def error_code(reply: Reply) -> int | None:
    envelope = decode(reply.body, Envelope)
    return envelope.code if envelope else None


def error_text(reply: Reply, secrets: Sequence[str]) -> str:
    """What Kling said, with the number that its support asks for."""
    envelope = decode(reply.body, Envelope)
    if envelope is None:
        return "no answer that can be read"
    text = redacted(envelope.message, secrets=secrets)
    return f"{text} (request {redacted(envelope.request_id)[:80]})" if envelope.request_id else text


class Kling(HttpProvider):
    """Sends the above."""

    lookup_after_seconds = 120.0
    history_seconds = 30 * 24 * 3600.0  # then the files go; of the jobs themselves nothing is said

    def __init__(self, access: Access) -> None:
        super().__init__(access)
        self._tokens = Tokens()
        self._batch_poll = BatchPoll(self._poll_batch)

    async def _submit(self, order: Order, key: Key) -> Sighting:
        """Pictures and films are accepted first; speech comes with the answer."""
        wire = wire_config(order.spec, Wire)
        callback = self.callback_url(order.call_id)
        patience = _SPEECH_SECONDS if wire.endpoint == "audio/tts" else _SUBMIT_SECONDS

        async def once(bearer: str) -> Reply | NotSent | InDoubt:
            request = await self.encode(order, lambda: _order(self.base_url, order, bearer, callback))
            return await self.send_once(order, request, patience)

        reply: Reply | NotSent | InDoubt = await self._with_token(key, once)
        if not isinstance(reply, Reply):
            return reply
        seen = submit_result(order, reply, secrets=key.parts)
        if not isinstance(seen, Refused):
            return seen
        if wire.endpoint != "audio/tts" and may_be_duplicate(reply):
            return await self._unless_duplicate(order, key, seen, says_so=says_duplicate(reply))
        if seen.code == "provider_auth" and wire.is_new_dialect and is_pair(key):
            # Nobody has written down whether the new dialect takes tokens: the pair stays in use for the old one.
            says = "Kling refused the access and secret key for this model, which may need KLING_API_KEY."
            return replace(seen, code="provider_model_missing", message=says)
        return seen

    async def _poll(self, order: Order, key: Key, job: str) -> Sighting:
        """How is the job doing? It is asked for in the dialect and on the path that it was ordered with."""
        told = await self._batch_poll.poll(key, job) if wire_config(order.spec, Wire).is_new_dialect else None
        if isinstance(told, NoVerdict):
            return told
        if told is not None:
            seen = await self.read(partial(poll_result, order, job, alone=False, secrets=key.parts), told)
            if told.busy or isinstance(seen, Working | Refused) or (isinstance(seen, Finished) and not seen.missing):
                return seen
        reply = await self._query(order, key, job, by="task_ids")
        return poll_result(order, job, reply, secrets=key.parts) if isinstance(reply, Reply) else reply

    def job_from_callback(self, body: bytes) -> str | None:
        """A callback's body is the task, in the dialect of its order."""
        job = decode(body, Task)
        return job.name if job else None

    async def _lookup(self, order: Order, key: Key) -> LookupResult | NoVerdict:
        """Look our call id up."""
        if wire_config(order.spec, Wire).endpoint == "audio/tts":
            return CannotTell(reason="Kling's speech carries no id of ours and can't be looked up.")
        reply = await self._query(order, key, order.call_id, by="external_task_ids")
        return lookup_result(order, reply, secrets=key.parts) if isinstance(reply, Reply) else reply

    async def _poll_batch(self, key: Key, names: list[str]) -> dict[str, Reply] | NoVerdict:
        """The new dialect answers for many jobs at once. Nothing if it refuses to: one of them may be the trouble."""
        reply = await self._query_new_dialect(key, ",".join(names), by="task_ids")
        if not isinstance(reply, Reply):
            return reply
        return dict.fromkeys(names, reply) if reply.busy or tasks_in(reply) is not None else {}

    async def _unless_duplicate(self, order: Order, key: Key, seen: Refused, *, says_so: bool) -> Sighting:
        """A refusal, if Kling really has no task of this call; else a doubt, which the call's lookup settles."""
        finding = await self._lookup(order, key)
        if isinstance(finding, NotFound) and not says_so:
            return seen
        return InDoubt(reason=f"Kling refused the order, perhaps because it has it: {seen.provider_message}")

    async def _query(self, order: Order, key: Key, name: str, *, by: str) -> Reply | NoVerdict:
        wire = wire_config(order.spec, Wire)
        if wire.is_new_dialect:
            return await self._query_new_dialect(key, name, by=by)
        url = f"{self.base_url}{wire.path}/{quote(name, safe='')}"

        async def once(bearer: str) -> Reply | NoVerdict:
            return await self.client.query(build_request("GET", url, headers=_headers(bearer)))

        return await self._with_token(key, once)

    async def _query_new_dialect(self, key: Key, names: str, *, by: str) -> Reply | NoVerdict:
        async def once(bearer: str) -> Reply | NoVerdict:
            request = build_request("GET", f"{self.base_url}/tasks", headers=_headers(bearer), query={by: names})
            return await self.client.query(request)

        return await self._with_token(key, once)

    async def _with_token(self, key: Key, once: Callable[[str], Awaitable[Reply | R]]) -> Reply | R:
        """Send with the token in use; if Kling finds it too old or too young, once more with a new one.

        Even an order: nothing is done for a token that is not valid."""
        reply = await once(self._tokens.bearer(key))
        if is_pair(key) and isinstance(reply, Reply) and reply.status < 500 and error_code(reply) in STALE_TOKEN:
            return await once(self._tokens.bearer(key, fresh=True))
        return reply


def _order(base_url: str, order: Order, bearer: str, callback: str | None) -> httpx.Request:
    body = to_wire(order, callback=callback)
    return build_request(
        "POST", base_url + wire_config(order.spec, Wire).path, headers=_headers(bearer), json_body=body
    )


def _headers(bearer: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {bearer}"}


def keys(environment: Mapping[str, str], variable: str | None) -> list[tuple[str, ...]]:
    """API keys; only where there is none, pairs of access and secret keys: the former are good for every model."""
    api_key, access, secret = _variables(variable)
    if found := from_variable(environment, api_key):
        return found
    pairs = from_variable(environment, access), from_variable(environment, secret)
    return [(*first, *second) for first, second in zip(*pairs, strict=True)] if len(pairs[0]) == len(pairs[1]) else []


def missing(environment: Mapping[str, str], variable: str | None, spec: ModelSpec) -> str | None:  # noqa: ARG001
    """What is missing, in words."""
    api_key, access, secret = _variables(variable)
    return None if keys(environment, variable) else f"{api_key}, or {access} with {secret}"


def _variables(variable: str | None) -> tuple[str, str, str]:
    api_key = variable or "KLING_API_KEY"
    stem = api_key.removesuffix("_API_KEY")
    return api_key, f"{stem}_ACCESS_KEY", f"{stem}_SECRET_KEY"


ADAPTER = Adapter(
    open=Kling,
    wire=Wire,
    base_url="https://api-singapore.klingai.com",
    keys=keys,
    missing=missing,
)
