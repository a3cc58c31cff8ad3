"""The formgrader in headless Chromium: Autograde is clicked, the mark is read off the page, an answer is marked by hand.

    .venv/bin/python tests/browser_formgrader.py [FOLDER]

FOLDER gets pictures of the pages. Not part of the test run: it needs Chromium (Debian: `apt install chromium`) and
`pip install playwright`, whose own browsers are not needed.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbcourse_sample import WORDS, command, hand_in, make_course, run, template

from autograder.course import Course

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_ATTACK = '<img src=x onerror="window.stolen = 1"> [link](javascript:window.stolen=1) **Opposite** errors, $a < b$.'


def main(pictures: Path | None) -> None:
    """One submission, from the list of submissions to the teacher's mark."""
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        sys.exit(f"None of {', '.join(_BROWSERS)} was found: install Chromium.")
    with tempfile.TemporaryDirectory() as folder:
        course = make_course(Path(folder).resolve() / "course")
        run(course, "nbgrader", "generate_assignment", WORDS)
        shown = template(course)
        hand_in(course, "ana", shown.reference({"explain": _ATTACK}))
        with _server(course) as (url, token):
            _look(browser, url, token, pictures)


def _look(browser: str, url: str, token: str, pictures: Path | None) -> None:
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        # Its own sandbox needs a user other than root, and what it opens here is ours.
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1200, "height": 900})
        page.set_default_timeout(60_000)
        # The formgrader's own pages take no token; logged in there, the browser keeps a cookie.
        page.goto(f"{url}/tree?token={token}")
        page.goto(f"{url}/formgrader/manage_submissions/{WORDS}")
        row = page.locator("tr", has_text="ana")
        row.locator("td.autograde a").click()
        modal = page.locator("#success-modal")
        expect(modal).to_contain_text("Successfully autograded", timeout=90_000)
        modal.locator(".modal-footer button").first.click()
        expect(row.locator("td.score")).to_have_text("10 / 12")
        expect(modal).to_be_hidden()
        _keep(page, pictures, "submissions")
        print("Autograde was clicked; the page shows 10 / 12 for ana, and that a question waits:")
        print("   ", " | ".join(row.locator("td").all_inner_texts()))

        page.goto(f"{url}/formgrader/gradebook/{WORDS}/{WORDS}")
        page.locator("td a", has_text="Submission #1").click()
        mark = page.locator("#explain")
        expect(page.locator("body")).to_contain_text("Opposite errors")
        expect(page.locator("body")).to_contain_text("no se anulan entre sí")
        assert page.evaluate("window.stolen") is None, "the student's HTML ran in the teacher's session"
        assert page.locator("a[href^='javascript:window']").count() == 0, "the student's link is live"
        mark.fill("1.5")
        mark.blur()
        expect(page.locator("#explain-comment")).to_be_visible()
        page.wait_for_timeout(1_500)
        _keep(page, pictures, "submission")
        page.goto(f"{url}/formgrader/manage_submissions/{WORDS}")
        expect(row.locator("td.score")).to_have_text("11.5 / 12")
        print("The answer was marked by hand with 1.5; the page shows 11.5 / 12.")
        chromium.close()


def _keep(page: Any, pictures: Path | None, name: str) -> None:
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=pictures / f"formgrader-{name}.png", full_page=True)


@contextmanager
def _server(course: Course) -> Iterator[tuple[str, str]]:
    """A Jupyter server with nbgrader's pages on loopback; its address and token."""
    token = secrets.token_hex(16)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "JUPYTER_TOKEN": token, "HOME": str(course.root / ".home")}
    options = ["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
    log = course.root / "server.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            command("jupyter-server", *options), cwd=course.root, env=environment, stdout=out, stderr=out
        )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{url}/api/status?token={token}", timeout=5).close()
                break
            except OSError:
                time.sleep(0.25)
        else:
            sys.exit(f"The server did not come up:\n{log.read_text()[-3000:]}")
        yield url, token
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else None)
