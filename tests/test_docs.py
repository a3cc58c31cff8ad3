"""What people read: both languages say the same, and every command, option, link and picture in it exists."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click
import pytest
from PIL import Image

from autograder.cli import cli

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("README*.md"), *(ROOT / "docs").glob("*.md")])
TWINS = [
    ("README.md", "README.es.md"),
    ("docs/teacher-guide.md", "docs/guia-docente.md"),
    ("docs/student-guide.md", "docs/guia-estudiante.md"),
]
"""The same page in English and in Spanish."""
SAME = {
    **{english: spanish for english, spanish in TWINS},
    **{Path(english).name: Path(spanish).name for english, spanish in TWINS},
}
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")


def text_of(name: str) -> str:
    return (ROOT / name).read_text()


def commands(text: str) -> Iterator[str]:
    """Lines of bash fences, without their remarks, which are in the page's language."""
    for _, language, body in FENCE.findall(text):
        if language == "bash":
            yield from filter(None, (re.sub(r"(^|\s+)# .*", "", line).strip() for line in body.splitlines()))


def headings(text: str) -> list[int]:
    return [len(line.split()[0]) for line in FENCE.sub("", text).splitlines() if re.match(r"#+ ", line)]


def tables(text: str) -> list[tuple[int, list[str]]]:
    """For each row: how many cells, and what stands as code in the first one."""
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in FENCE.sub("", text).splitlines() if line.startswith("|")]
    return [(len(row), re.findall(r"`([^`]+)`", row[0])) for row in rows]


def targets(text: str) -> list[str]:
    """Where links and pictures lead, but for those between the twins themselves, as the English page names them."""
    back = {spanish: english for english, spanish in SAME.items()}
    found = [target.replace(".es.png", ".en.png") for _, _, target in LINK.findall(FENCE.sub("", text))]
    return sorted(back.get(target, target) for target in found)


def anchors(text: str) -> set[str]:
    titles = (line.lstrip("#").strip() for line in FENCE.sub("", text).splitlines() if re.match(r"#+ ", line))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize(("english", "spanish"), TWINS)
def test_both_languages_say_the_same(english: str, spanish: str) -> None:
    one, other = text_of(english), text_of(spanish)
    assert list(commands(one)) == [line.replace("ORDEN", "COMMAND") for line in commands(other)]
    assert headings(one) == headings(other)
    assert tables(one) == tables(other)
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
    for picture in used:
        assert picture.stat().st_size < 150_000
        with Image.open(picture) as image:
            assert image.width <= 1000
