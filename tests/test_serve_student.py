"""Everything a student sees: handing in over HTTP, watching it being graded, the mark, the feedback, the receipt, the file back."""

from __future__ import annotations

import json
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import nbformat
import pytest

from autograder import receipts
from autograder.records import Report
from autograder.serve import queue
from autograder.serve.tables import Extension, Job, Posting, PostState
from autograder.serve.uploads import Uploads
from autograder.serve.web import hub

from .clock import START, Clock
from .conftest import Bench
from .page import Page
from .quiz_sample import write_bank
from .service import Running, hidden, send, serving


@pytest.fixture(scope="module")
def graded(tiny: Bench) -> dict[str, tuple[bytes, Report]]:
    """Notebooks with what the engine says of them: all right, half right, and no notebook of any assignment."""
    half = nbformat.writes(tiny.notebook({"scale": "def scale(x):\n    return x / 2\n"})).encode()
    files = {"right": nbformat.writes(tiny.notebook()).encode(), "half": half, "other": b'{"cells": []}'}
    return {name: (data, tiny.engine.grade(data, tiny.name)) for name, data in files.items()}


@pytest.fixture
def here(tiny_course: Any, tmp_path: Path) -> Iterator[Running]:
    """A service with its little class."""
    write_bank(tiny_course.root / "solutions" / "90_tiny")
    for language in ("es", "en"):
        folder = tiny_course.root / "assignments" / language / "90_tiny"
        folder.mkdir(parents=True)
        (folder / "90_tiny.ipynb").write_text(json.dumps({"cells": [], "language": language}))
    with serving(tiny_course, tmp_path / "service", Clock()) as running:
        yield running


def _done(here: Running, who: httpx.Client, graded: tuple[bytes, Report], **options: Any) -> str:
    """Hand in and have it judged; the attempt's path."""
    data, report = graded
    path = send(who, here.activity, data, **options).headers["location"]
    here.judge(report)
    return path


def test_a_form_without_script_leads_to_the_attempt_and_the_file_lies_there_byte_by_byte(
    here: Running, graded: Any
) -> None:
    ana, data = here.browser("ana"), graded["right"][0]
    sent = send(ana, here.activity, data, name="C:\\Eigene Dateien\\mía 1.ipynb")
    assert sent.status_code == 303
    attempt = here.attempts("ana")[0]
    assert sent.headers["location"] == f"/attempts/{attempt.token}"
    assert attempt.file_name == "mía 1.ipynb"
    back = ana.get(f"/attempts/{attempt.token}/notebook")
    assert back.content == data
    assert back.headers["content-type"] == "application/octet-stream"
    assert back.headers["content-disposition"].startswith("attachment; filename=")
    assert back.headers["content-disposition"].endswith("filename*=UTF-8''m%C3%ADa%201.ipynb")
    assert back.headers["x-content-type-options"] == "nosniff"
    page = ana.get(sent.headers["location"])
    assert '<noscript><meta http-equiv="refresh"' in page.text
    assert "your turn next" in Page(page.text).text
    # Else a browser sends the form with `Origin: null`, which is refused.
    assert page.headers["referrer-policy"] == "same-origin"


def test_the_script_s_way_gets_json_and_the_same_attempt(here: Running, graded: Any) -> None:
    ana = here.browser("ana")
    sent = send(ana, here.activity, graded["right"][0], js=True)
    assert sent.status_code == 201
    assert sent.json() == {"location": f"/attempts/{here.attempts('ana')[0].token}"}


_NO_NOTEBOOKS = (
    (b"", "ningún archivo", "no file"),
    (b" ", "está vacío", "it is empty"),
    (b"PK\3\4rest", "descomprímelo", "unpack it"),
    (b"%PDF-1.7", "es un PDF", "it is a PDF"),
    (b"import numpy as np\n", "programa de Python", "a Python script"),
    (b"\0" * 900, "ceros", "zeros"),
)


def test_what_is_no_notebook_is_refused_in_one_sentence_and_uses_nothing_up(here: Running) -> None:
    for who, language in (("ana", "es"), ("bruno", "en")):
        browser = here.browser(who, language)
        for content, es, en in _NO_NOTEBOOKS:
            page = browser.get(f"/activities/{here.activity}").text
            fields = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key")}
            file: dict[str, Any] = {"data": fields, "files": {"file": ("a.ipynb", content)}}
            sent = browser.post(f"/activities/{here.activity}", **(file if content else _nothing_chosen(fields)))
            assert sent.status_code == 422
            assert (es if language == "es" else en) in Page(sent.text).text
            assert 'role="alert">' in sent.text
        assert here.attempts(who) == []
    assert list(here.service.uploads.folder.rglob("*.ipynb")) == []


def _nothing_chosen(fields: dict[str, str]) -> dict[str, Any]:
    """As browsers send a form in which no file was chosen."""
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    parts.append('--x\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--x--\r\n')
    return {"content": "".join(parts).encode(), "headers": {"Content-Type": "multipart/form-data; boundary=x"}}


def test_a_form_that_breaks_off_or_brings_two_files_hands_in_nothing(here: Running) -> None:
    ana = here.browser("ana")
    page = ana.get(f"/activities/{here.activity}").text
    whole = _nothing_chosen({"csrf": hidden(page, "csrf"), "key": "k"})
    file = b'\r\nContent-Disposition: form-data; name="file"; filename="a.ipynb"\r\n\r\n{"cells": []}\r\n--x'
    begun = whole["content"].partition(b'--x\r\nContent-Disposition: form-data; name="file"')[0] + b"--x" + file
    cut = ana.post(f"/activities/{here.activity}", content=begun, headers=whole["headers"])
    assert cut.status_code == 400
    assert "incomplete" in cut.text
    two = ana.post(f"/activities/{here.activity}", content=begun + file + b"--\r\n", headers=whole["headers"])
    assert two.status_code == 422
    assert "Several files" in two.text
    plain = ana.post(f"/activities/{here.activity}", content=b"csrf=1", headers={"Content-Type": "text/plain"})
    assert plain.status_code == 400
    assert here.attempts("ana") == []


def test_no_upload_is_taken_without_our_token_or_from_another_site(here: Running, graded: Any) -> None:
    ana, bruno = here.browser("ana"), here.browser("bruno")
    stolen = hidden(bruno.get(f"/activities/{here.activity}").text, "csrf")
    for fields, headers in (
        ({}, {}),
        ({"csrf": stolen}, {}),
        ({}, {"X-CSRF": stolen}),
        ({"csrf": hidden(ana.get(f"/activities/{here.activity}").text, "csrf")}, {"Origin": "https://evil.example"}),
    ):
        files = {"file": ("a.ipynb", graded["right"][0])}
        sent = ana.post(f"/activities/{here.activity}", data=fields, files=files, headers=headers)
        assert sent.status_code == 403
    assert here.attempts("ana") == []
    assert list(here.service.uploads.folder.rglob("*.ipynb")) == []


def test_a_file_too_large_is_refused_while_it_arrives_and_never_lies_in_memory(here: Running) -> None:
    ana = here.browser("ana", "es")
    cap = here.service.uploads.cap
    page = ana.get(f"/activities/{here.activity}").text
    head = _nothing_chosen({"csrf": hidden(page, "csrf"), "key": "k"})["content"].partition(b'filename=""')[0]

    def body() -> Iterator[bytes]:
        yield head + b'filename="a.ipynb"\r\n\r\n{"cells": "'
        for _ in range(cap // (1 << 16) + 32):
            yield b"x" * (1 << 16)
        yield b'"}\r\n--x--\r\n'

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    tracemalloc.start()
    sent = ana.post(f"/activities/{here.activity}", content=body(), headers=headers)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sent.status_code == 413
    assert "supera 20 MiB" in Page(sent.text).text
    assert peak < cap / 3
    assert here.attempts("ana") == []
    assert list(here.service.uploads.folder.rglob("*")) == []


def test_the_same_form_sent_twice_is_one_attempt_and_a_new_file_another(here: Running, graded: Any) -> None:
    here.change(here.activity, max_attempts=2)
    ana, data = here.browser("ana"), graded["right"][0]
    page = ana.get(f"/activities/{here.activity}").text
    fields = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key")}

    def click(content: bytes) -> httpx.Response:
        return ana.post(f"/activities/{here.activity}", data=fields, files={"file": ("a.ipynb", content)})

    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(click, [data] * 4))
    assert len({each.headers["location"] for each in sent}) == 1
    assert len(here.attempts("ana")) == 1
    with here.service.database.read() as db:
        assert db.query(Job).count() == 1
    assert click(graded["half"][0]).status_code == 303
    assert [each.number for each in here.attempts("ana")] == [2, 1]
    # No attempt is left, and still the same form leads to what it made.
    assert click(data).headers["location"] == sent[0].headers["location"]
    refused = send_again(ana, here, data, fields)
    assert refused.status_code == 409
    assert "used all attempts" in Page(refused.text).text
    assert "<form" not in refused.text.partition("<main")[2]


def send_again(client: httpx.Client, here: Running, data: bytes, fields: dict[str, str]) -> httpx.Response:
    """The same bytes on purpose: from another display of the form."""
    files = {"file": ("a.ipynb", data)}
    return client.post(f"/activities/{here.activity}", data=fields | {"key": "another"}, files=files)


def test_a_rejected_file_uses_up_no_attempt(here: Running, graded: Any) -> None:
    here.change(here.activity, max_attempts=1)
    ana = here.browser("ana", "es")
    path = _done(here, ana, graded["other"])
    page = Page(ana.get(path).text)
    assert "No se pudo calificar" in page.text
    assert "no gasta ningún intento" in page.text
    assert "quedan 1 de 1" in Page(ana.get(f"/activities/{here.activity}").text).text
    assert _done(here, ana, graded["right"])
    assert "quedan 0 de 1" in Page(ana.get(f"/activities/{here.activity}").text).text


def test_after_the_end_nothing_is_taken_but_of_whom_was_given_time(here: Running, graded: Any) -> None:
    here.change(
        here.activity, closes_at=START + timedelta(days=8), late_percent_per_day=10.0, late_percent_at_most=50.0
    )
    with here.service.database.begin() as db:
        due = START + timedelta(days=9)
        db.add(Extension(activity_id=here.activity, person_id=here.person("bruno"), due_at=due))
    ana, bruno = here.browser("ana"), here.browser("bruno")
    before = ana.get(f"/activities/{here.activity}").text
    here.clock.move(days=8, hours=12)
    # Sessions last eight hours.
    ana, bruno = here.browser("ana"), here.browser("bruno")
    closed = ana.get(f"/activities/{here.activity}").text
    assert "This activity is closed" in Page(closed).text
    assert 'type="file"' in before
    assert 'type="file"' not in closed
    token = hidden(closed, "csrf")
    sent = ana.post(
        f"/activities/{here.activity}",
        data={"csrf": token, "key": "k"},
        files={"file": ("a.ipynb", graded["right"][0])},
    )
    assert sent.status_code == 409
    assert list(here.service.uploads.folder.rglob("*.ipynb")) == []
    page = Page(bruno.get(f"/activities/{here.activity}").text)
    assert "your own date" in page.text
    assert "10% of what was earned is taken off, 50% at most" in page.text
    path = _done(here, bruno, graded["right"])
    assert "late" not in Page(bruno.get(path).text).text
    assert "10" in Page(bruno.get(path).text).text


def test_a_late_attempt_says_what_lateness_costs_and_the_list_which_one_counts(here: Running, graded: Any) -> None:
    here.change(here.activity, late_percent_per_day=10.0)
    ana = here.browser("ana", "es")
    first = _done(here, ana, graded["half"])
    here.clock.move(days=8, hours=1)
    ana = here.browser("ana", "es")
    second = _done(here, ana, graded["right"])
    text = Page(ana.get(second).text).text
    assert "10 menos 2 por entregar 1\u00a0d 1\u00a0h tarde" in text
    assert "Este intento es el que cuenta" in text
    assert "Ahora cuenta otro" in Page(ana.get(first).text).text
    activity = ana.get(f"/activities/{here.activity}").text
    rows = activity.partition("<tbody>")[2].split("</tr>")
    assert "</span> 2</a>" in rows[0]
    assert "cuenta" in rows[0]
    assert "8 de 10" in rows[0]
    assert "1\u00a0d 1\u00a0h tarde" in rows[0]
    assert "</span> 1</a>" in rows[1]
    assert ">cuenta<" not in rows[1]
    assert "a tiempo" in rows[1]
    home = Page(ana.get("/").text).text
    assert "8 de 10" in home
    assert "Fecha de entrega" in home


def test_nobody_reaches_anything_of_another_student_and_a_teacher_reaches_it_all(here: Running, graded: Any) -> None:
    ana, bruno, emmy = here.browser("ana"), here.browser("bruno"), here.browser("emmy")
    path = _done(here, ana, graded["right"])
    stranger = httpx.Client(base_url=here.url)
    for part in ("", "/feedback", "/receipt", "/notebook", "/events"):
        assert ana.get(path + part).status_code == 200
        assert emmy.get(path + part).status_code == 200
        assert bruno.get(path + part).status_code == 404
        assert stranger.get(path + part).status_code == 401
        assert ana.get("/attempts/1" + part).status_code == 404
    stranger.close()
    assert "Ana Núñez" in Page(emmy.get(path).text).text
    assert emmy.get(f"/activities/{here.activity}").headers["location"] == f"/activities/{here.activity}/class"
    assert "You try this as a teacher" in emmy.get(f"/activities/{here.activity}?try").text


def test_the_feedback_is_of_no_origin_runs_nothing_and_shows_what_was_handed_in(here: Running, graded: Any) -> None:
    ana = here.browser("ana", "es")
    path = _done(here, ana, graded["half"])
    page = ana.get(path)
    frames = Page(page.text).all("iframe")
    assert [frame["src"] for frame in frames] == [path + "/feedback"]
    assert frames[0]["sandbox"] is None
    assert "6 de 10" in Page(page.text).text
    assert "0 de 1 superadas" in Page(page.text).text
    feedback = ana.get(path + "/feedback")
    policy = feedback.headers["content-security-policy"].split("; ")
    assert policy[:2] == ["sandbox", "default-src 'none'"]
    assert policy[-1] == "frame-ancestors 'self'"
    assert not any("script" in rule or "allow" in rule for rule in policy)
    assert "<script" not in feedback.text
    assert "return x / 2" in Page(feedback.text).text
    assert "Ana Núñez" in feedback.text
    assert 'lang="es"' in feedback.text
    assert 'lang="en"' in here.browser("ana", "en").get(path + "/feedback").text


def test_before_there_is_a_verdict_there_is_no_feedback_and_no_receipt(here: Running, graded: Any) -> None:
    ana = here.browser("ana")
    path = send(ana, here.activity, graded["right"][0]).headers["location"]
    for part in ("/feedback", "/receipt"):
        early = ana.get(path + part)
        assert early.status_code == 409
        assert "not been graded yet" in early.text


def test_the_receipt_is_signed_for_this_file_and_attempt(here: Running, graded: Any) -> None:
    ana, bruno = here.browser("ana"), here.browser("bruno")
    _done(here, ana, graded["half"])
    here.clock.move(minutes=5)
    path = _done(here, ana, graded["right"])
    here.clock.move(minutes=5)
    answer = ana.get(path + "/receipt")
    assert answer.headers["content-disposition"].startswith('attachment; filename="90_tiny.2.receipt.json"')
    key = here.service.key.public
    verdict = receipts.check(answer.content, notebook=graded["right"][0], public_key=key)
    assert verdict.validity is receipts.Validity.VALID
    assert verdict.receipt is not None
    assert (verdict.receipt.student, verdict.receipt.attempt, verdict.receipt.score) == ("Ana Núñez", 2, 10.0)
    assert verdict.receipt.graded_at == "2026-11-02T12:05:00Z"
    # The same bytes by somebody else: graded already, but not for them.
    other = receipts.check(bruno.get(_done(here, bruno, graded["right"]) + "/receipt").content, public_key=key)
    assert other.receipt is not None
    assert other.receipt.graded_at == "2026-11-02T12:10:00Z"


def test_a_person_s_mark_and_comment_are_on_the_page_as_text(here: Running, graded: Any) -> None:
    ana = here.browser("ana")
    path = _done(here, ana, graded["half"])
    with here.service.database.begin() as db:
        attempt = db.merge(here.attempts("ana")[0])
        attempt.decided_score, attempt.decided_comment = 9.0, "Well <script>argued</script>"
    page = Page(ana.get(path).text)
    assert "A person gave this mark" in page.text
    assert "9" in page.text
    assert "<script>argued</script>" in page.text
    assert len(page.all("script")) == 1


def test_the_page_says_how_the_mark_travels_to_the_lms(here: Running, graded: Any) -> None:
    ana = here.browser("ana")
    _done(here, ana, graded["right"])
    for state, words in (
        (PostState.WAITING, "on its way"),
        (PostState.SENT, "has been in your LMS since"),
        (PostState.HELD, "waits for a person"),
        (PostState.FAILED, "did not take the mark"),
    ):
        with here.service.database.begin() as db:
            row = Posting(
                activity_id=here.activity,
                person_id=here.person("ana"),
                state=state,
                score=10.0,
                max_score=10.0,
                comment="",
                waiting_since=START,
                next_try_at=START,
                sent_at=START,
            )
            db.merge(row)
        assert words in Page(ana.get(f"/activities/{here.activity}").text).text


def test_the_released_notebooks_are_there_in_both_languages_and_no_other_file(here: Running) -> None:
    ana = here.browser("ana")
    page = Page(ana.get(f"/activities/{here.activity}").text)
    assert "Notebook in Spanish" in page.text
    assert "Notebook in English" in page.text
    answer = ana.get(f"/activities/{here.activity}/notebook/es")
    assert answer.json()["language"] == "es"
    assert "attachment" in answer.headers["content-disposition"]
    for language in ("de", "%2e%2e%2fes", "es%2F..%2F..%2Fsolutions"):
        assert ana.get(f"/activities/{here.activity}/notebook/{language}").status_code == 404
    assert ana.get(f"/activities/{here.quiz}/notebook/es").status_code == 404


def test_too_many_uploads_in_a_minute_are_told_to_wait(here: Running, graded: Any) -> None:
    ana, bruno = here.browser("ana", "es"), here.browser("bruno")
    for _ in range(10):
        assert send(ana, here.activity, graded["other"][0], js=True).status_code == 201
    late = send(ana, here.activity, graded["other"][0], js=True)
    assert late.status_code == 429
    assert 0 < int(late.headers["retry-after"]) <= 60
    assert "Espera" in late.json()["problem"]
    page = send(ana, here.activity, graded["other"][0])
    assert page.status_code == 429
    assert page.headers["retry-after"]
    assert "Espera" in Page(page.text).text
    assert send(bruno, here.activity, graded["other"][0]).status_code == 303


class _Listening:
    """One stream of events, read in a thread."""

    def __init__(self, client: httpx.Client, path: str, **headers: str) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.status = 0
        self.ended = threading.Event()
        self._changed = threading.Condition()
        threading.Thread(target=self._read, args=(client, path, headers), daemon=True).start()

    def _read(self, client: httpx.Client, path: str, headers: dict[str, str]) -> None:
        with client.stream("GET", path + "/events", headers=headers) as answer:
            self.status, name = answer.status_code, ""
            for line in answer.iter_lines():
                if line.startswith("id: "):
                    name = line[4:]
                elif line.startswith("data: "):
                    with self._changed:
                        self.events.append((name, json.loads(line[6:])))
                        self._changed.notify_all()
        self.ended.set()

    def wait_for(self, holds: Callable[[list[str]], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: holds([name for name, _ in self.events]), timeout=10), self.events


def test_events_tell_the_place_in_the_queue_then_running_then_done(here: Running, graded: Any) -> None:
    ana, bruno = here.browser("ana", "es"), here.browser("bruno")
    send(bruno, here.activity, graded["half"][0])
    here.clock.move(seconds=1)
    path = send(ana, here.activity, graded["right"][0]).headers["location"]
    listening = _Listening(ana, path)
    listening.wait_for(lambda names: names == ["queued-1"])
    here.judge(graded["half"][1])
    listening.wait_for(lambda names: names[-1] == "queued-0")
    with here.service.database.begin() as db:
        queue.claim(db, "other", 1, here.clock())
    listening.wait_for(lambda names: names[-1] == "running")
    here.clock.move(minutes=2)
    assert "Lleva 2\u00a0min." in Page(ana.get(path).text).text
    # That worker died; another takes over when its lease is over.
    here.judge(graded["right"][1])
    assert listening.ended.wait(10)
    assert [name for name, _ in listening.events] == ["queued-1", "queued-0", "running", "done"]
    assert next(each["text"] for _, each in listening.events) == "En cola: hay una entrega delante."
    again = ana.get(path + "/events", headers={"Last-Event-ID": "done"})
    assert again.status_code == 204
    assert "event: progress" in ana.get(path + "/events", headers={"Last-Event-ID": "running"}).text


def test_fifty_listeners_cost_one_look_at_a_time_and_none_when_they_are_gone(
    here: Running, graded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "AT_MOST", 100)
    ana = here.browser("ana")
    path = send(ana, here.activity, graded["right"][0]).headers["location"]
    clients = [httpx.Client(base_url=here.url, cookies=ana.cookies, timeout=30) for _ in range(50)]
    listening = [_Listening(client, path) for client in clients]
    for each in listening:
        each.wait_for(lambda names: names == ["queued-0"])
    looks = here.app.state.hub.looks
    threading.Event().wait(2 * hub.SECONDS)
    assert 1 <= here.app.state.hub.looks - looks <= 3
    here.judge(graded["right"][1])
    assert all(each.ended.wait(10) for each in listening)
    threading.Event().wait(2 * hub.SECONDS)
    looks = here.app.state.hub.looks
    threading.Event().wait(2 * hub.SECONDS)
    assert here.app.state.hub.looks == looks
    for client in clients:
        client.close()


def test_a_person_with_too_many_streams_is_told_to_close_some(
    here: Running, graded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "AT_MOST", 1)
    monkeypatch.setattr(hub, "QUIET_SECONDS", 0.2)
    ana = here.browser("ana")
    path = send(ana, here.activity, graded["right"][0]).headers["location"]
    with ana.stream("GET", path + "/events") as first:
        lines = first.iter_lines()
        assert any(line == ": still here" for line in lines)
        assert ana.get(path + "/events").status_code == 429


def test_an_activity_that_nobody_has_set_up_says_so(here: Running) -> None:
    here.change(here.activity, name="")
    page = here.browser("ana", "es").get(f"/activities/{here.activity}")
    assert page.status_code == 200
    assert "Tu docente todavía no ha elegido" in Page(page.text).text


def test_a_disk_that_is_full_is_our_fault_and_leaves_no_attempt(
    here: Running, graded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Uploads, "path", lambda self, sha: Path("/proc/none") / sha)
    sent = send(here.browser("ana"), here.activity, graded["right"][0])
    assert sent.status_code == 500
    assert "on our side" in sent.text
    assert here.attempts("ana") == []
    assert list(here.service.uploads.folder.glob(".*")) == []
