"""The service in headless Chromium: a student's whole way and a teacher's, with no LMS and with one, and axe-core over all pages.

    .venv/bin/python tests/browser_service.py [--pictures FOLDER] [--only dev|lti]

`--pictures` keeps those of docs/pictures. Not part of the test run: it needs Chromium (Debian: `apt install chromium`), Node.js
with npm, which fetches axe-core once, and `pip install playwright`, whose own browsers are not needed.
"""

from __future__ import annotations

import argparse
import json
import os
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
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.axe import BROWSERS, axe_core  # noqa: E402 - run as a script, it finds its neighbours by the line above
from tests.lti_platform import LtiPlatform  # noqa: E402
from tests.tls_front import Front, certificate, front  # noqa: E402

NAME = "01_mse"
_CONFIG = """\
from autograder.course import Course

course = Course(id="intro-deep-learning", language="es", gradebook="sqlite:///gradebook.db", run_demos=False)
"""
_WORSE = "def mse(y_true, y_pred):\n    return 0.0"
_DROP = """([bytes, name]) => {
  const carried = new DataTransfer();
  carried.items.add(new File([new Uint8Array(bytes)], name, { type: "application/json" }));
  for (const kind of ["dragenter", "dragover", "drop"])
    document.querySelector(".drop").dispatchEvent(new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }));
}"""
_NEWS = """() => new Promise(done => {
  const at = document.getElementById("told");
  if (!at) return done("");
  const first = at.textContent;
  new MutationObserver(() => done(at.textContent)).observe(at, { childList: true, characterData: true, subtree: true });
  setTimeout(() => done(first), 20000);
})"""
"""What the page says next of how the grading goes."""
_VIEWS = [
    {"viewport": {"width": width, "height": height}, "color_scheme": scheme, "is_mobile": width < 500}
    for width, height in ((1280, 900), (390, 844))
    for scheme in ("light", "dark")
]
_LOCALES = {"es": "es-ES", "en": "en-GB"}


@dataclass
class Told:
    """What was found, printed as it comes."""

    steps: int = 0
    pages: int = 0
    rules: int = 0
    violations: list[str] = field(default_factory=list)

    def step(self, words: str) -> None:
        """Something a person wanted to do has worked."""
        self.steps += 1
        print(f"  {self.steps:2}. {words}", flush=True)


@dataclass
class Service:
    """`autograder serve` as a process."""

    url: str
    data: Path
    course: Path
    environment: dict[str, str]

    def command(self, *arguments: str) -> str:
        """What another command prints for this installation."""
        done = subprocess.run(
            [sys.executable, "-m", "autograder.cli", *arguments, "--course", str(self.course)],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()


def main() -> int:
    """Both ways, then every page under axe-core."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--only", choices=("dev", "lti"))
    given = parser.parse_args()
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"None of {', '.join(BROWSERS)} was found: install Chromium.")
    from playwright.sync_api import sync_playwright

    told = Told()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        # Its own sandbox needs a user other than root, and what it opens here is ours.
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        course = make_course(Path(folder) / "course")
        if given.only != "lti":
            print("Without an LMS (serve --dev):")
            with serving(course, Path(folder) / "dev", ["--dev"]) as service:
                without_lms(chromium, service, told, given.pictures)
        if given.only != "dev":
            print("With an LMS (real keys, TLS, another site's frame):")
            with_lms(chromium, course, Path(folder), told, given.pictures)
        chromium.close()
    for line in told.violations:
        print(line)
    print(
        f"{told.steps} steps; {told.pages} views of pages, {told.rules} rules that applied: {len(told.violations)} violations."
    )
    return 1 if told.violations else 0


def make_course(root: Path) -> Path:
    """One assignment with its quiz, so that an author can change its grader here."""
    for part in (f"solutions/{NAME}", f"assignments/es/{NAME}", f"assignments/en/{NAME}"):
        shutil.copytree(ROOT / part, root / part)
    (root / "course_config.py").write_text(_CONFIG)
    return root


def solved(course: Path, answers: dict[str, str] | None = None, extra: str = "") -> bytes:
    """The reference, with some tasks answered otherwise."""
    from autograder.authoring import read_template
    from autograder.course import Course

    made = read_template(Course.load(course).assignment(NAME), "es").reference(answers or {})
    made.metadata["remark"] = extra
    return json.dumps(made).encode()


# --- without an LMS --------------------------------------------------------------------------------------------------


def without_lms(chromium: Any, service: Service, told: Told, pictures: Path | None) -> None:
    """A student hands in, by mouse and by keyboard; a teacher does all that a teacher can do."""
    from playwright.sync_api import expect

    ana = entered(chromium, service.url, "Ana Núñez")
    activity = ana.url_of(NAME_LINK)
    student(ana, service, told, activity)
    keep_needing_review(service, solved(service.course, extra="bruno"))
    bruno = entered(chromium, service.url, "Bruno Ibáñez")
    bruno.page.goto(activity)
    bruno.page.set_input_files(
        "#file", {"name": "b.ipynb", "mimeType": "text/plain", "buffer": solved(service.course, extra="bruno")}
    )
    bruno.page.click("#upload button")
    expect(bruno.page.locator("#result")).to_be_visible(timeout=90_000)
    told.step("an attempt that the machine could not judge waits for a person")
    emmy = entered(chromium, service.url, "Emmy Noether")
    teacher(emmy, service, told, activity, bruno, pictures)
    if pictures:
        shots(chromium, service, activity, pictures)
    check_pages(chromium, service, told, activity)


NAME_LINK = "main ul.activities li a >> nth=0"


@dataclass
class Visitor:
    """Somebody signed in."""

    page: Any
    name: str

    def url_of(self, link: str) -> str:
        """Follow a link, and where it led."""
        self.page.locator(link).click()
        self.page.wait_for_load_state()
        return str(self.page.url)


def entered(chromium: Any, url: str, name: str, **view: Any) -> Visitor:
    """Sign in on the page of `--dev`."""
    context = chromium.new_context(locale=view.pop("locale", "en-GB"), bypass_csp=view.pop("bypass_csp", False), **view)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(url)
    page.locator("button", has_text=name).click()
    page.wait_for_load_state()
    return Visitor(page, name)


def student(ana: Visitor, service: Service, told: Told, activity: str) -> None:
    """Download, drop, watch, read; worse and by keyboard; a quiz."""
    from playwright.sync_api import expect

    page = ana.page
    told.step("a student has signed in and opened an activity")
    with page.expect_download() as download:
        page.locator("#notebook ~ .actions a").first.click()
    cells = json.loads(Path(download.value.path()).read_text())["cells"]
    assert cells, "the notebook that was downloaded is empty"
    told.step(f"the notebook is downloaded ({len(cells)} cells)")
    page.evaluate(_DROP, [list(solved(service.course)), "mi práctica.ipynb"])
    assert page.locator("#file").evaluate("file => file.files[0].name") == "mi práctica.ipynb"
    page.locator("#upload button").click()
    page.wait_for_url("**/attempts/**")
    heard = page.evaluate(_NEWS)
    told.step(f"the solved notebook is dropped and sent; the page says: {heard.strip() or 'done already'}")
    expect(page.locator("#result")).to_be_visible(timeout=120_000)
    assert page.locator(".score strong").inner_text() == "10"
    shown = page.frame_locator("iframe.feedback").locator("body")
    expect(shown).to_contain_text("mse")
    told.step(f"the mark came by itself: {page.locator('.score').inner_text()}; the feedback can be read below it")
    page.goto(activity)
    by_keyboard(page, solved(service.course, {"mse": _WORSE}))
    expect(page.locator("#result")).to_be_visible(timeout=120_000)
    worse = page.locator(".score").inner_text()
    page.goto(activity)
    assert page.locator(".score strong").inner_text() == "10"
    told.step(f"by keyboard alone a worse one is handed in ({worse}), and the better one still counts")
    page.goto(service.url)
    page.locator("main a", has_text="Quiz").first.click()
    page.locator("#hand-in ~ .actions a").click()
    fill_quiz(page)
    page.locator("main form button").last.click()
    expect(page.locator("#result")).to_be_visible()
    told.step(f"a quiz is answered and marked at once: {page.locator('.score').inner_text()}")


def by_keyboard(page: Any, content: bytes) -> None:
    """From the top of the page to the result without a mouse."""
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip", "the first stop leads past the header"
    page.keyboard.press("Enter")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "file":
            break
    assert page.evaluate("document.activeElement.matches(':focus-visible')")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files({"name": "worse.ipynb", "mimeType": "text/plain", "buffer": content})
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"
    page.keyboard.press("Enter")
    page.wait_for_url("**/attempts/**")


def fill_quiz(page: Any) -> None:
    """Any answer at all to every question."""
    for number in range(page.locator(".question").count()):
        question = page.locator(".question").nth(number)
        if question.locator(".option input").count():
            question.locator(".option input").first.check()
        for select in question.locator("select").all():
            select.select_option(index=1)
        if question.locator("input[type=text]").count():
            question.locator("input[type=text]").fill("1")


def keep_needing_review(service: Service, data: bytes) -> None:
    """As after a fault of ours: the verdict on these bytes is kept, and leaves one check to a person."""
    from dataclasses import replace

    from autograder.course import Course
    from autograder.fingerprint import Fingerprints
    from autograder.records import Outcome, Report, Status
    from autograder.serve.attempts import keep_verdict, report_of
    from autograder.serve.database import Database
    from autograder.serve.tables import Attempt

    database = Database(f"sqlite:///{service.data / 'service.db'}")
    with database.begin() as session:
        attempt = session.query(Attempt).filter_by(status="graded").filter(Attempt.verdict_key.is_not(None)).first()
        report = report_of(attempt, cells=True)
        assert isinstance(report, Report)
        first, *rest = report.checks
        open_one = replace(first, outcome=Outcome.UNJUDGED)
        report = replace(report, checks=(open_one, *rest), status=Status.NEEDS_REVIEW)
        keep_verdict(session, Fingerprints(Course.load(service.course)).of(data, NAME), report, datetime.now(UTC))
    database.close()


def teacher(emmy: Visitor, service: Service, told: Told, activity: str, bruno: Visitor, pictures: Path | None) -> None:
    """Class, insights, review, marks by hand, more time, late rule, regrade, log, health."""
    from playwright.sync_api import expect

    page = emmy.page
    page.goto(activity)
    expect(page.locator("tbody tr")).to_have_count(3)
    told.step("a teacher sees the class: " + page.locator("main .lead").first.inner_text())
    with page.expect_popup() as popup:
        page.locator("a", has_text="misunderstood").or_(page.locator("main .actions a").first).first.click()
    expect(popup.value.locator("h1")).to_be_visible()
    popup.value.close()
    told.step("who misunderstood what opens in a window of its own")
    picture(page, pictures, "service-class", activity)
    page.goto(f"{activity}/review")
    picture(page, pictures, "service-review", f"{activity}/review")
    card = page.locator("section.card").first
    card.locator("input[name=score]").fill("9,5")
    card.locator("textarea").fill("Well argued; the plot has no title.")
    card.locator("button").first.click()
    expect(page.locator("main")).to_contain_text("9.5")
    bruno.page.reload()
    expect(bruno.page.locator("main")).to_contain_text("the plot has no title")
    told.step("a mark by hand with a comment, and the student reads both")
    later = (datetime.now(UTC) + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    page.locator("input[name=due_at]").fill(later)
    page.locator("input[name=reason]").fill("Ill")
    page.locator("form[action$=extension] button").click()
    bruno.page.goto(activity)
    expect(bruno.page.locator(".facts")).to_contain_text("your own date")
    told.step("one student gets more time, and sees it")
    page.goto(f"{activity}/settings")
    page.locator("input[name=due_at]").fill((datetime.now(UTC) - timedelta(days=1, hours=3)).strftime("%Y-%m-%dT%H:%M"))
    page.locator("input[name=late_percent_per_day]").fill("10")
    page.locator("main form button").last.click()
    expect(page.locator("[role=status]")).to_be_visible()
    page.goto(f"{activity}/class")
    expect(page.locator("tr", has_text="Ana")).to_contain_text("8")
    told.step("a late rule takes 10% for every day that has begun, from Ana and not from Bruno")
    grader = service.course / "solutions" / NAME / f"test_{NAME}.py"
    grader.write_text(grader.read_text() + "\n# An author has looked at it again.\n")
    page.goto(f"{activity}/regrades")
    page.locator("main form button").first.click()
    for _ in range(60):
        if page.locator("button[value=accept]").is_enabled():
            break
        page.wait_for_timeout(2_000)
        page.reload()
    expect(page.locator("tbody tr")).to_have_count(1)
    picture(page, pictures, "service-regrade", f"{activity}/regrades")
    page.locator("button[value=accept]").click()
    expect(page.locator("main li")).to_have_count(1)
    told.step("after a change of the grader everything is graded again; who gains is shown, and accepted")
    page.goto(f"{activity}/log")
    expect(page.locator("main")).to_contain_text("regrade.accepted")
    page.goto(f"{activity}/health")
    expect(page.locator("main")).to_contain_text("running")
    told.step("the log names all of it, and the health page a worker that runs")


# --- with an LMS -----------------------------------------------------------------------------------------------------


def with_lms(chromium: Any, course: Path, folder: Path, told: Told, pictures: Path | None) -> None:
    """Registration, content, launches in a frame of another site, marks; and without cookies there."""
    certificates = certificate(folder)
    # Trusted by this process, which is the platform, and by the service.
    os.environ["SSL_CERT_FILE"] = str(certificates[0])
    with (
        front("127.0.0.1", certificates) as ours,
        front("localhost", certificates) as theirs,
        LtiPlatform() as platform,
    ):
        theirs.behind, platform.url = platform.url, theirs.url
        environment = {"AUTOGRADER_URL": ours.url, "AUTOGRADER_PRIVATE_LMS": "1"}
        with serving(course, folder / "lti", [], **environment) as service:
            ours.behind = service.environment["BEHIND"]
            visit_lms(chromium, service, platform, ours, told, pictures)


def visit_lms(
    chromium: Any, service: Service, platform: LtiPlatform, ours: Front, told: Told, pictures: Path | None
) -> None:
    """An administrator, a teacher and students in their LMS."""
    from playwright.sync_api import expect

    def browser(**view: Any) -> Any:
        page = chromium.new_context(ignore_https_errors=True, locale="en-GB", **view).new_page()
        page.set_default_timeout(60_000)
        return page

    admin = browser()
    admin.goto(platform.registration_url(service.command("platforms", "invite")))
    expect(admin.locator("h1")).to_be_visible()
    assert len(platform.clients) == 1, admin.content()
    told.step("an administrator pastes the invitation, and the LMS registers itself")
    # The new platform may frame our pages from some seconds later on.
    admin.wait_for_timeout(5_500)

    teacher = browser()
    teacher.goto(f"{platform.url}/?person=teacher&deep=1")
    frame = teacher.frame_locator("#tool")
    frame.locator(f"input[value='assignment:{NAME}']").check()
    picture(teacher, pictures, "service-choose", "", selector="iframe")
    frame.locator("main form button").last.click()
    expect(frame.locator("li")).to_have_count(1)
    (link,) = platform.links.values()
    told.step("a teacher selects an assignment in the LMS's frame; it becomes an activity with a column")

    ana = browser()
    ana.goto(f"{platform.url}/?person=ana&link={link.id}")
    frame = ana.frame_locator("#tool")
    frame.locator("#file").set_input_files(
        {"name": "ana.ipynb", "mimeType": "text/plain", "buffer": solved(service.course)}
    )
    frame.locator("#upload button").click()
    expect(frame.locator("#result")).to_be_visible(timeout=120_000)
    told.step("a student hands in within the frame and sees the mark come")
    cell = eventually(lambda: platform.cells.get((link.column, "ana")))
    assert cell.score == 10, cell
    assert "/attempts/" in cell.comment, cell
    ana.goto(platform.url)
    expect(ana.locator("#gradebook")).to_contain_text("10.0")
    told.step(f"the LMS's gradebook shows {cell.score:g} and the comment: {cell.comment}")

    teacher.goto(f"{platform.url}/?person=teacher&link={link.id}")
    frame = teacher.frame_locator("#tool")
    frame.locator("form[action$=roster] button").click()
    expect(frame.locator("tbody tr")).to_have_count(2)
    told.step("a teacher fetches the roster: the class is there before everybody has come")
    frame.locator("tbody a", has_text="Ana").click()
    expect(frame.locator("h2").first).to_contain_text("Ana")
    frame.locator("summary").first.click()
    frame.locator("input[name=score]").first.fill("7")
    frame.locator("textarea").first.fill("Let us talk about it.")
    frame.locator("form[action$=decision] button").first.click()
    eventually(lambda: platform.cells[link.column, "ana"].score == 7)
    told.step("a mark by hand arrives in the LMS too")

    ours.cookies_in_frames = False
    bo = browser()
    bo.goto(f"{platform.url}/?person=bo&link={link.id}")
    frame = bo.frame_locator("#tool")
    expect(frame.locator("code")).to_have_text("cookies-blocked")
    with bo.expect_popup() as popup:
        frame.locator("a.button").click()
    expect(popup.value.locator("#upload")).to_be_visible()
    told.step("where the browser keeps no cookies in frames, the page offers a new window, and there it works")
    ours.cookies_in_frames = True
    check_lms_pages(chromium, platform, ours, told)


def check_lms_pages(chromium: Any, platform: LtiPlatform, ours: Front, told: Told) -> None:
    """Choosing content, and two ways of being turned away."""
    script = axe_core().read_text(encoding="utf-8")
    for language, locale in _LOCALES.items():
        for view in _VIEWS:
            context = chromium.new_context(ignore_https_errors=True, bypass_csp=True, locale=locale, **view)
            for url, mark in (
                (f"{platform.url}/launch?person=teacher&deep=1", "main fieldset"),
                (f"{platform.url}/launch?person=visitor&link=1", "main .lead"),
                (f"{ours.url}/lti/login", "main code"),
            ):
                page = context.new_page()
                page.goto(url)
                page.locator(mark).first.wait_for()
                seen = f"{language} {view['viewport']['width']} {view['color_scheme']}"
                ask(page, script, told, f"{url.rpartition('/')[2]} ({seen})")
            context.close()


def eventually(look: Any, seconds: float = 60) -> Any:
    """What `look` finds, once it finds something."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.2)
    return found


# --- every page under axe-core ---------------------------------------------------------------------------------------


def check_pages(chromium: Any, service: Service, told: Told, activity: str) -> None:
    """In both languages, on desktop and phone, light and dark; wider than its window is a violation too."""
    script = axe_core().read_text(encoding="utf-8")
    for language, locale in _LOCALES.items():
        for view in _VIEWS:
            for name, paths in addresses(service, activity).items():
                visitor = entered(chromium, service.url, name, locale=locale, bypass_csp=True, **view)
                for path in paths:
                    look(
                        visitor.page,
                        service.url + path,
                        script,
                        told,
                        f"{language} {view['viewport']['width']} {view['color_scheme']}",
                    )
                visitor.page.context.close()
            context = chromium.new_context(locale=locale, bypass_csp=True, **view)
            for path in ("/dev", "/activities/999"):
                look(context.new_page(), service.url + path, script, told, f"{language} {view['color_scheme']}")
            context.close()


def addresses(service: Service, activity: str) -> dict[str, list[str]]:
    """Every page that a student and a teacher can open, by name."""
    from autograder.serve.database import Database
    from autograder.serve.tables import Activity, Attempt, Kind, Person

    at = activity.removeprefix(service.url)
    database = Database(f"sqlite:///{service.data / 'service.db'}")
    with database.read() as session:
        ana = session.query(Person).filter_by(subject="ana").one()
        attempts = [f"/attempts/{each.token}" for each in session.query(Attempt).filter_by(person_id=ana.id)]
        (quiz,) = [f"/activities/{each.id}" for each in session.query(Activity).filter_by(kind=Kind.QUIZ)]
        bruno = session.query(Person).filter_by(subject="bruno").one().id
    database.close()
    tabs = ("class", "review", "regrades", "settings", "log", "health", f"people/{bruno}")
    return {
        "Ana Núñez": ["/", at, quiz, f"{quiz}/quiz", *attempts],
        "Emmy Noether": ["/", f"{at}?try", *(f"{at}/{tab}" for tab in tabs), attempts[0]],
    }


def look(page: Any, url: str, script: str, told: Told, view: str) -> None:
    """One page in one view."""
    page.goto(url)
    ask(page, script, told, f"{url.partition('/')[2].partition('/')[2].partition('/')[2] or '/'} ({view})")


def ask(page: Any, script: str, told: Told, place: str) -> None:
    """The page that is open."""
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if wide > 0:
        told.violations.append(f"{place}: {wide} pixels wider than its window")
    page.evaluate(script)
    # The feedback has no scripts and is checked by axe.py.
    result = page.evaluate("axe.run(document, { resultTypes: ['violations'], iframes: false })")
    told.pages += 1
    told.rules += len(result["passes"]) + len(result["violations"])
    for each in result["violations"]:
        first = each["nodes"][0]["html"][:160]
        told.violations.append(
            f"{place}: {each['id']} ({each['impact']}): {each['help']}; {len(each['nodes'])} times, first: {first}"
        )


# --- pictures --------------------------------------------------------------------------------------------------------


def shots(chromium: Any, service: Service, activity: str, pictures: Path) -> None:
    """What a student sees, in both languages."""
    (page_of, *_) = [path for path in addresses(service, activity)["Ana Núñez"] if path.startswith("/attempts/")]
    for language, locale in _LOCALES.items():
        visitor = entered(chromium, service.url, "Ana Núñez", locale=locale, viewport={"width": 900, "height": 640})
        visitor.page.goto(service.url + page_of)
        visitor.page.wait_for_timeout(1_500)
        visitor.page.screenshot(path=pictures / f"service-attempt.{language}.png")


def picture(page: Any, pictures: Path | None, name: str, url: str, selector: str = "") -> None:
    """The page as it is, in its language; and in Spanish from a browser that prefers that."""
    if pictures is None:
        return
    pictures.mkdir(parents=True, exist_ok=True)
    target = page.locator(selector) if selector else page
    target.screenshot(path=pictures / f"{name}.en.png")
    if url:
        other = page.context.browser.new_context(
            locale="es-ES", storage_state=page.context.storage_state(), viewport=page.viewport_size
        ).new_page()
        other.goto(url)
        other.screenshot(path=pictures / f"{name}.es.png")
        other.context.close()


# --- the service -----------------------------------------------------------------------------------------------------


@contextmanager
def serving(course: Path, data: Path, options: list[str], **environment: str) -> Iterator[Service]:
    """`autograder serve` on a free port with a worker, until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    behind = f"http://127.0.0.1:{port}"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "AUTOGRADER_DATA": str(data), "BEHIND": behind, **environment}
    command = [sys.executable, "-m", "autograder.cli", "serve", *options, "--port", str(port), "--course", str(course)]
    log = data.with_suffix(".log")
    with log.open("w") as out:
        process = subprocess.Popen(command, env=env, stdout=out, stderr=out, cwd=course)
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{behind}/healthz", timeout=5).close()
                break
            except OSError:
                time.sleep(0.2)
        else:
            sys.exit(f"The service did not come up:\n{log.read_text()[-3000:]}")
        yield Service(environment.get("AUTOGRADER_URL", behind), data, course, env)
    except BaseException:
        print(log.read_text()[-4000:], file=sys.stderr)
        raise
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


if __name__ == "__main__":
    sys.exit(main())
