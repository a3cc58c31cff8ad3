"""What people read: both languages say the same, and every command, option, link and picture in it exists."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from autograder.cli import cli

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("README*.md"), *(ROOT / "docs").glob("*.md")])
TWINS = [
    ("README.md", "README.es.md"),
    ("docs/teacher-guide.md", "docs/guia-docente.md"),
    ("docs/student-guide.md", "docs/guia-estudiante.md"),
]
"""The same page in English and in Spanish."""
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")


def text_of(name: str) -> str:
    return (ROOT / name).read_text()


def commands(text: str) -> Iterator[str]:
    """Lines of bash fences, without their remarks, which are in the page's language."""
    for _, language, body in FENCE.findall(text):
        if language == "bash":
            yield from filter(None, (re.sub(r"(^|\s+)# .*", "", line).strip() for line in body.splitlines()))


def in_english(line: str) -> str:
    """A command whose example is in the page's language."""
    return line.replace("assignments/es/", "assignments/en/").replace("--lang es", "--lang en")


def headings(text: str) -> list[int]:
    return [len(line.split()[0]) for line in FENCE.sub("", text).splitlines() if re.match(r"#+ ", line)]


def tables(text: str) -> list[int]:
    """How many cells each row has."""
    return [len(re.split(r"(?<!\\)\|", line)) for line in FENCE.sub("", text).splitlines() if line.startswith("|")]


def options(text: str) -> list[list[str]]:
    """For each row of a table that tells of options or values, what stands as code in its first cell."""
    rows = (re.split(r"(?<!\\)\|", line) for line in FENCE.sub("", text).splitlines() if line.startswith("| `"))
    return [re.findall(r"`(-{0,2}[a-z][\w/<>-]*)[^`]*`", row[1]) for row in rows]


def targets(text: str) -> list[str]:
    """Where links and pictures lead, as the English page names it, without headings."""
    names = {Path(spanish).name: Path(english).name for english, spanish in TWINS}
    found = []
    for _, _, target in LINK.findall(FENCE.sub("", text)):
        path, _, anchor = target.replace(".es.png", ".en.png").partition("#")
        folder, slash, name = path.rpartition("/")
        translated = not path or name in names or name in names.values()
        found.append(f"{folder}{slash}{names.get(name, name)}" if translated else f"{path}#{anchor}")
    return sorted(found)


def anchors(text: str) -> set[str]:
    titles = (line.lstrip("#").strip() for line in FENCE.sub("", text).splitlines() if re.match(r"#+ ", line))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize(("english", "spanish"), TWINS)
def test_both_languages_say_the_same(english: str, spanish: str) -> None:
    one, other = text_of(english), text_of(spanish)
    assert [in_english(line) for line in commands(one)] == [in_english(line) for line in commands(other)]
    assert headings(one) == headings(other)
    assert tables(one) == tables(other)
    assert options(one) == options(other)
    assert targets(one) == targets(other)
    assert set(re.findall(r"--[a-z][a-z-]+", one)) == set(re.findall(r"--[a-z][a-z-]+", other))
    assert [body for _, kind, body in FENCE.findall(one) if kind == "json"] == [
        body for _, kind, body in FENCE.findall(other) if kind == "json"
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_options_exist(page: Path) -> None:
    for line in commands(page.read_text()):
        words = shlex.split(line.replace("…", ""))
        while words and re.match(r"[A-Z_]+=", words[0]):
            words.pop(0)
        if words[:2] == ["python3", "run.py"]:
            words = ["autograder", *words[2:]]
        if words[:1] != ["autograder"] or words[1:] == ["test"]:
            continue
        command: click.Command = cli
        words.pop(0)
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            name = words.pop(0)
            assert name in command.commands, f"{page.name}: `{line}` names no command"
            command = command.commands[name]
        known = {option for parameter in command.params for option in parameter.opts} | {"--help", "-h"}
        given = {word.strip("[]").split("=")[0] for word in words if word.strip("[").startswith("-")}
        assert given <= known, f"{page.name}: `{line}` has unknown options"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for _, _, target in LINK.findall(FENCE.sub("", page.read_text())):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        file = page.parent / path if path else page
        assert file.exists(), f"{page.name}: {target} is not there"
        if anchor:
            assert anchor in anchors(file.read_text()), f"{page.name}: {target} has no such heading"


def test_pictures_are_described_small_and_used() -> None:
    folder = ROOT / "docs" / "pictures"
    used = set()
    for page in PAGES:
        for is_picture, description, target in LINK.findall(page.read_text()):
            if is_picture:
                used.add((page.parent / target).resolve())
                assert len(description.split()) >= 5, f"{page.name}: {target} needs a description"
    assert used == set(folder.glob("*.png"))
    assert all(picture.stat().st_size < 150_000 for picture in used)


def test_every_cause_of_a_refusal_is_explained_once() -> None:
    from autograder.lti import Cause

    table = text_of("docs/deploy.md").partition("## When something is refused")[2]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    codes = [code for cell in rows for code in re.findall(r"`([\w-]+)`", cell)]
    # The last two are said by the pages, not by the protocol.
    assert sorted(codes) == sorted([*Cause, "no-role", "not-invited"])


def test_every_setting_of_the_service_is_explained() -> None:
    read = set()
    for path in (ROOT / "autograder" / "serve").glob("*.py"):
        read |= set(re.findall(r'environment\.get\("(AUTOGRADER_\w+)"\)', path.read_text()))
    assert len(read) > 5
    told = set(re.findall(r"^\| `(AUTOGRADER_\w+)` \|", text_of("docs/deploy.md"), re.MULTILINE))
    assert told == {*read, "AUTOGRADER_RECEIPT_KEY"}
