"""The service and a platform that know each other only through addresses, and browsers that go from one to the other."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urlencode, urljoin

import httpx2 as httpx
import uvicorn
from click.testing import CliRunner
from sqlalchemy import select

from autograder.cli import cli
from autograder.course import Course
from autograder.engine import Engine
from autograder.serve import queue
from autograder.serve.database import Database
from autograder.serve.grading import Grading, Task
from autograder.serve.postman import Postman
from autograder.serve.settings import Settings
from autograder.serve.tables import Person
from autograder.serve.web import application
from autograder.serve.web.service import Service, now
from tests.lti_platform import LtiPlatform

_FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
_FIELD = re.compile(r"<input\b([^>]*)>")
_ATTRIBUTE = re.compile(r"([\w-]+)=(?:'([^']*)'|\"([^\"]*)\")")


@dataclass
class Meeting:
    """A service on loopback, and a platform beside it."""

    service: Service
    platform: LtiPlatform
    url: str
    clients: list[httpx.Client] = field(default_factory=list)

    def command(self, *arguments: str) -> str:
        """What `autograder platforms …` prints on standard output for this installation."""
        settings = self.service.settings
        environment = {"AUTOGRADER_DATA": str(settings.data), "AUTOGRADER_URL": self.url}
        done = CliRunner().invoke(
            cli,
            ["platforms", *arguments, "--course", str(settings.course_root)],
            env=environment,
            catch_exceptions=False,
        )
        return done.stdout.strip()

    def browser(self, *, cookies: bool = True) -> Browser:
        """Somebody's; `cookies` says whether it keeps any."""
        client = httpx.Client(headers={"Accept-Language": "en"}, timeout=30)
        jar = Jar(cookies)
        client.event_hooks = {"request": [jar.add], "response": [jar.take]}
        self.clients.append(client)
        return Browser(client)

    def launch(self, person: str, link: str = "1", *, browser: Browser | None = None, deep: bool = False) -> Browser:
        """Somebody follows a link of the platform, as far as it leads."""
        browser = browser or self.browser()
        asked = {"person": person, "link": link} | ({"deep": "1"} if deep else {})
        return browser.go(f"{self.platform.url}/launch?{urlencode(asked)}")

    def person(self, subject: str) -> Person | None:
        """Who came under this name."""
        with self.service.database.read() as db:
            return db.scalars(select(Person).where(Person.subject == subject)).one_or_none()

    def grade(self, engine: Engine) -> None:
        """What a worker does with the next job."""
        service = self.service
        with service.database.begin() as db:
            (job,) = queue.claim(db, "w", 1, now())
            task = Task.of(job)
        Grading(engine, service.database, service.uploads, "w", now).run(task)

    def post_marks(self) -> int:
        """What a postman does until nothing waits; how many marks it has sent or tried to send."""
        service = self.service
        postman = Postman(
            service.database, service.course.language, service.settings, "p", now, service.platform_service
        )
        count = 0
        while postman.send_one():
            count += 1
        return count


@dataclass
class Jar:
    """A browser's cookies by host. `Secure` ones travel to loopback too, as in browsers; `http.cookiejar` keeps them back."""

    keeps: bool
    kept: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, request: httpx.Request) -> None:
        """To what is sent."""
        found = self.kept.get(request.url.netloc.decode(), {})
        request.headers["cookie"] = "; ".join(f"{name}={value}" for name, value in found.items())

    def take(self, response: httpx.Response) -> None:
        """From an answer."""
        if self.keeps:
            for line in response.headers.get_list("set-cookie"):
                name, value = line.partition(";")[0].split("=", 1)
                self.kept.setdefault(response.url.netloc.decode(), {})[name] = value


@dataclass
class Browser:
    """One person's browser: it follows redirects and sends forms that send themselves; `page` is where it has come to."""

    client: httpx.Client
    page: httpx.Response = field(default_factory=lambda: httpx.Response(204))
    forms: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """What was sent by itself, in order: to where, and the fields."""

    def go(self, url: str) -> Browser:
        """Open an address, or a path of the server whose page is open."""
        return self._arrive(self.client.get(urljoin(str(self.page.url), url) if url.startswith("/") else url))

    def send(self, action: str | None = None, **values: str | list[str]) -> Browser:
        """Send the page's form, the one with this `action` if there are several, with these values."""
        found = [(at, fields) for at, fields in forms(self.page.text) if action is None or at.endswith(action)]
        assert found, f"{self.page.url} has no form for {action}"
        at, fields = found[0]
        return self._arrive(self.client.post(urljoin(str(self.page.url), at), data={**fields, **values}))

    def hand_in(self, content: bytes) -> Browser:
        """Choose a file on the activity's page and send it."""
        (at, fields) = next(each for each in forms(self.page.text) if "key" in each[1])
        files = {"file": ("mine.ipynb", content)}
        return self._arrive(self.client.post(urljoin(str(self.page.url), at), data=fields, files=files))

    def _arrive(self, response: httpx.Response) -> Browser:
        for _ in range(12):
            if response.has_redirect_location:
                response = self.client.get(urljoin(str(response.url), response.headers["location"]))
            elif "document.forms[0].submit()" in response.text or "data-send>" in response.text:
                at, fields = forms(response.text)[-1]
                self.forms.append((urljoin(str(response.url), at), fields))
                response = self.client.post(self.forms[-1][0], data=fields)
            else:
                self.page = response
                return self
        raise AssertionError(f"{response.url} leads nowhere")


def forms(html: str) -> list[tuple[str, dict[str, str]]]:
    """Where the forms of a page go, with their hidden fields."""
    found = []
    for attributes, body in _FORM.findall(html):
        fields = [_attributes(each) for each in _FIELD.findall(body)]
        hidden = {each["name"]: each.get("value", "") for each in fields if each.get("type") == "hidden"}
        found.append((_attributes(attributes).get("action", ""), hidden))
    return found


def _attributes(text: str) -> dict[str, str]:
    return {name: unescape(one or other) for name, one, other in _ATTRIBUTE.findall(text)}


@contextmanager
def meeting(course: Course, folder: Path) -> Iterator[Meeting]:
    """A service of `course` and a platform that have not heard of each other, until the block ends."""
    folder.mkdir(mode=0o700)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    settings = Settings(course.root, folder, f"sqlite:///{folder / 'service.db'}", url)
    database = Database(settings.database)
    database.migrate()
    service = Service(settings, database, course)
    config = uvicorn.Config(
        application(service), log_config=None, access_log=False, timeout_graceful_shutdown=2, ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    with LtiPlatform() as platform:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        met = Meeting(service, platform, url)
        try:
            yield met
        finally:
            for client in met.clients:
                client.close()
            server.should_exit = True
            thread.join(20)
            listening.close()
