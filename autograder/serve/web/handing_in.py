"""A notebook on its way in: streamed to the store, looked at lightly, and noted before anybody is told that it is here."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, RedirectResponse, Response

from autograder.intake import lookalike
from autograder.intake.encoding import decode
from autograder.intake.names import clean
from autograder.serve import attempts
from autograder.serve.tables import Activity, Kind, Person
from autograder.serve.uploads import TooLarge
from autograder.serve.web.activity_pages import activity_page
from autograder.serve.web.limits import UPLOADS
from autograder.serve.web.multipart import Field, FileBegins, FileEnds, Malformed, Part, parts
from autograder.serve.web.routes import NOT_FOUND, Access, Refusal, Visit, post
from autograder.serve.web.student_words import CUT_OFF, EMPTY, NO_FILE, ONE_FILE, TOO_LARGE, TOO_SLOW, filled
from autograder.text import Text

_SECONDS = 300.0
"""A whole upload; 20 MiB in that time are half a megabit a second."""
_HEAD = 4 << 10
"""Bytes that are looked at before anything is kept."""
_DRAINED = 5
"""Times the cap that is still read, and dropped, after a refusal: a browser shows no answer while it cannot send."""
_KEY = re.compile(r"[A-Za-z0-9_-]{1,32}")


@post("/activities/{activity:id}", Access.MEMBER, streams=True, token_in_body=True)
async def hand_in(visit: Visit) -> Response:
    """Take one notebook. The time that counts is when the upload began.

    A browser with our script asks for JSON: `{"location": …}` or `{"problem": …}`; without it, it is sent on to a page.
    """
    if visit.here.kind != Kind.ASSIGNMENT or not visit.here.name:
        raise Refusal(404, NOT_FOUND)
    stream = visit.request.stream()
    try:
        async with asyncio.timeout(_SECONDS):
            try:
                token = await _taken(visit, stream)
            except Refusal as refusal:
                await _drain(stream, visit.service.uploads.cap * _DRAINED)
                return await _told(visit, refusal)
    except TimeoutError:
        return await _told(visit, Refusal(408, TOO_SLOW))
    except ClientDisconnect:
        # Nobody is there to read it.
        return Response(status_code=400)
    location = f"/attempts/{token}"
    if _wants_json(visit):
        return JSONResponse({"location": location}, 201)
    return RedirectResponse(location, 303)


async def _taken(visit: Visit, stream: AsyncIterator[bytes]) -> str:
    """The token of the attempt that the upload became.

    Raises:
        Refusal: it became none.
    """
    began = visit.service.clock()
    fields: dict[str, str] = {}
    kept: tuple[str, str] | None = None
    arriving = parts(stream, visit.request.headers.get("content-type", ""))
    try:
        async for part in arriving:
            if isinstance(part, Field):
                fields[part.name] = part.value
            elif isinstance(part, FileBegins):
                if kept is not None:
                    raise Refusal(422, ONE_FILE)
                await _admit(visit, fields, began)
                kept = await _keep(visit, part, arriving), _shown_name(part.name)
    except Malformed as error:
        raise Refusal(400, CUT_OFF) from error
    if kept is None:
        visit.check_csrf(_csrf(visit, fields))
        raise Refusal(422, NO_FILE)
    return await run_in_threadpool(_note, visit, *kept, _key(fields), began)


async def _admit(visit: Visit, fields: dict[str, str], began: datetime) -> None:
    """Before a byte is kept: is it our form, is it not too often, and may this person still hand in?"""
    visit.check_csrf(_csrf(visit, fields))
    visit.request.app.state.limits.spend(UPLOADS, "upload", str(visit.someone.id))
    await run_in_threadpool(_check_open, visit, _key(fields), began)


def _check_open(visit: Visit, key: str, began: datetime) -> None:
    with visit.service.database.read() as db:
        if attempts.sent_before(db, visit.here.id, visit.someone.id, key) is not None:
            return  # perhaps it is the same once more, which needs no attempt
        try:
            attempts.admit(db, visit.here, visit.someone, began)
        except attempts.Refused as error:
            raise Refusal(409, error.text) from error


async def _keep(visit: Visit, file: FileBegins, arriving: AsyncIterator[Part]) -> str:
    content = _content(arriving)
    head, whole = await _beginning(content)
    if not head:
        raise Refusal(422, EMPTY if file.name else NO_FILE)
    if (seen := _glance(head, whole)) is not None:
        raise Refusal(422, seen)
    store = visit.service.uploads
    try:
        sha256, _ = await store.keep(_joined(head, content))
    except TooLarge as error:
        raise Refusal(413, filled(TOO_LARGE, size=store.cap >> 20)) from error
    return sha256


def _note(visit: Visit, sha256: str, name: str, key: str, began: datetime) -> str:
    """One transaction, over before the answer is sent."""
    with visit.service.database.begin() as db:
        activity, person = db.get_one(Activity, visit.here.id), db.get_one(Person, visit.someone.id)
        try:
            attempt = attempts.hand_in(db, activity, person, sha256=sha256, file_name=name, now=began, form_key=key)
        except attempts.Refused as error:
            raise Refusal(409, error.text) from error
        return attempt.token


async def _content(arriving: AsyncIterator[Part]) -> AsyncIterator[bytes]:
    async for part in arriving:
        if isinstance(part, FileEnds):
            return
        assert isinstance(part, bytes)
        yield part


async def _beginning(content: AsyncIterator[bytes]) -> tuple[bytes, bool]:
    """The first bytes, and whether they are all."""
    head = b""
    async for chunk in content:
        head += chunk
        if len(head) >= _HEAD:
            return head, False
    return head, True


async def _joined(head: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield head
    async for chunk in rest:
        yield chunk


def _glance(head: bytes, whole: bool) -> Text | None:
    """What a file that is clearly no notebook seems to be; the engine judges everything else."""
    filled_in = head.strip(b"\0 \r\n\t")
    if (filled_in or whole) and (seen := lookalike.of_bytes(head)) is not None:
        return seen
    text, _ = decode(head)
    text = text.strip("\0 \r\n\t")
    return None if not text or text.startswith("{") else lookalike.of_text(text)


async def _drain(stream: AsyncIterator[bytes], at_most: int) -> None:
    async for chunk in stream:
        at_most -= len(chunk)
        if at_most < 0:
            return


async def _told(visit: Visit, refusal: Refusal) -> Response:
    headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else {}
    if _wants_json(visit):
        return JSONResponse({"problem": refusal.text.to(visit.language)}, refusal.status, headers)
    response = await run_in_threadpool(_page, visit, refusal)
    response.headers.update(headers)
    return response


def _page(visit: Visit, refusal: Refusal) -> Response:
    with visit.service.database.read() as db:
        visit.db = db
        return activity_page(visit, refusal.text, refusal.status)


def _wants_json(visit: Visit) -> bool:
    return "application/json" in visit.request.headers.get("accept", "")


def _csrf(visit: Visit, fields: dict[str, str]) -> str:
    return visit.request.headers.get("x-csrf") or fields.get("csrf", "")


def _key(fields: dict[str, str]) -> str:
    key = fields.get("key", "")
    return key if _KEY.fullmatch(key) else ""


def _shown_name(name: str) -> str:
    """The file's name to be shown; some browsers send the folders too."""
    return clean(name.replace("\\", "/").rpartition("/")[2])


ADDRESSES = (hand_in,)
