"""Asks axe-core, in headless Chromium, about every page: `python tests/axe.py [PAGE.html | FOLDER …] [--shots FOLDER]`.

Without a page, those of a class made up for the tests are drawn, in both languages. Each is opened on a phone and on a desktop,
light and dark, as it is printed, and with everything unfolded. Ends with 1 when axe-core names a violation, or a page is wider
than its window.

Needs Node.js, npm and Chromium (`CHROMIUM=PATH` where it is not on the path), and fetches axe-core and playwright-core once into
`build/axe`. That is why it is a command of its own: `python3 run.py test` brings Python packages only, and checks structure and
contrast without a browser (`test_accessibility.py`).
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "axe"
PACKAGES = ("axe-core@4.14.1", "playwright-core@1.65.1")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def main() -> int:
    """Draw the pages unless some are named, and have them checked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", type=Path)
    parser.add_argument("--shots", type=Path, help="Also keep a picture of every page in this folder.")
    given = parser.parse_args()
    browser = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None or shutil.which("npm") is None:
        sys.exit("axe needs Node.js with npm, and Chromium: install them, or name the browser with CHROMIUM=PATH.")
    axe_core()
    pages = [page for path in given.pages for page in (sorted(path.rglob("*.html")) if path.is_dir() else [path])]
    script = WORK / "axe.mjs"
    # Beside its packages: Node.js looks for them from where a module lies.
    shutil.copyfile(Path(__file__).with_name("axe.mjs"), script)
    shots = str(given.shots.resolve()) if given.shots else ""
    files = [str(page.resolve()) for page in pages or drawn()]
    return subprocess.run(["node", script, browser, shots, *files]).returncode


def axe_core() -> Path:
    """Its script, fetched at first use with what drives the browser."""
    WORK.mkdir(parents=True, exist_ok=True)
    if not all((WORK / "node_modules" / package.split("@")[0]).is_dir() for package in PACKAGES):
        subprocess.run(["npm", "install", "--silent", "--prefix", WORK, *PACKAGES], check=True)
    return WORK / "node_modules" / "axe-core" / "axe.min.js"


def drawn() -> list[Path]:
    """One page of each kind and language, in `build/axe`."""
    sys.path.insert(0, str(ROOT))
    from autograder import similarity
    from autograder.feedback import class_page, page
    from autograder.text import LANGUAGES
    from tests.classroom import classroom, submission
    from tests.test_feedback import REPORTS
    from tests.test_similarity import CLASS, UNREAD, compared

    made = {}
    for language in LANGUAGES:
        made[f"class-{language}"] = class_page(classroom(), language, course="Curso")
        made[f"class-empty-{language}"] = class_page([], language)
        made[f"class-one-{language}"] = class_page([submission("ana")], language)
        made[f"similar-{language}"] = similarity.page([compared(*CLASS)], UNREAD, language, threshold=0.6, titles={})
        for name, report in REPORTS.items():
            made[f"feedback-{name}-{language}"] = page(report, language, course="Curso")
    for name, html in made.items():
        (WORK / f"{name}.html").write_text(html, encoding="utf-8")
    return [WORK / f"{name}.html" for name in made]


if __name__ == "__main__":
    sys.exit(main())
