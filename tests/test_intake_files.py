"""Collecting submissions: real folders and real zips, tidy, odd and hostile."""

from __future__ import annotations

import io
import os
import stat
import struct
import subprocess
import sys
import tempfile
import time
import tracemalloc
import zipfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from autograder import intake
from autograder.errors import UsageError
from autograder.intake import Handed, apart, archive, collect, listing, slug
from autograder.intake.names import MAX_NAME, clean

COURSE = ("01_mse", "04_xor_mlp")
NB = b'{"cells": []}'


def put(root: Path, *names: str, data: bytes = NB) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_bytes(data)
        else:
            path.mkdir(exist_ok=True)
    return root


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in members.items():
            out.writestr(name, data)
    return buffer.getvalue()


def who(handed: tuple[Handed, ...]) -> list[tuple[str, str | None]]:
    return [(one.student, one.assignment) for one in handed]


def only(handed: tuple[Handed, ...]) -> Handed:
    assert len(handed) == 1, handed
    return handed[0]


def test_the_package_exports_exactly_its_public_names_sorted():
    assert intake.__all__ == sorted(intake.__all__)
    assert all(hasattr(intake, name) for name in intake.__all__)


# --- layouts -------------------------------------------------------------------------------------------------------


def test_nbgraders_layout_gives_student_and_assignment(tmp_path):
    put(tmp_path, "submitted/ana/01_mse/01_mse.ipynb", "submitted/ana/04_xor_mlp/04_xor_mlp.ipynb")
    put(tmp_path, "submitted/beto/01_mse/whatever.ipynb")
    got = collect([tmp_path / "submitted"], COURSE, None)
    assert who(got) == [("ana", "01_mse"), ("ana", "04_xor_mlp"), ("beto", "01_mse")]
    assert all(one.data == NB and one.problem is None for one in got)


def test_the_assignment_option_selects_among_assignment_folders(tmp_path):
    put(tmp_path, "ana/01_mse/01_mse.ipynb", "ana/04_xor_mlp/04_xor_mlp.ipynb", "beto/01_mse/01_mse.ipynb")
    assert who(collect([tmp_path], COURSE, "01_mse")) == [("ana", "01_mse"), ("beto", "01_mse")]


def test_flat_files_are_named_after_the_student(tmp_path):
    put(tmp_path, "ana.ipynb", "beto_01_mse.ipynb", "01_mse - Carla Díaz.ipynb", "dana-04-XOR-mlp (1).ipynb")
    assert who(collect([tmp_path], COURSE, None)) == [
        ("ana", None),
        ("beto", "01_mse"),
        ("Carla Díaz", "01_mse"),
        ("dana", "04_xor_mlp"),
    ]


def test_a_copy_mark_is_no_part_of_a_name(tmp_path):
    put(tmp_path, "Copia de ana_01_mse.ipynb", "beto_01_mse-Copy1.ipynb", "carla_01_mse copia.ipynb")
    put(tmp_path, "Copy of dana_01_mse (2).ipynb")
    assert [one.student for one in collect([tmp_path], COURSE, None)] == ["ana", "beto", "carla", "dana"]


def test_an_assignments_name_inside_a_longer_word_is_not_one(tmp_path):
    put(tmp_path, "ana_101_mse.ipynb")
    assert who(collect([tmp_path], COURSE, None)) == [("ana_101_mse", None)]


def test_moodles_folders_give_name_and_number(tmp_path):
    put(tmp_path, "Ana Ruiz_123_assignsubmission_file/x.ipynb", "Beto Gil_124_assignsubmission_file_/y.ipynb")
    got = collect([tmp_path], COURSE, "01_mse")
    assert [(one.student, one.participant, one.assignment) for one in got] == [
        ("Ana Ruiz", "123", "01_mse"),
        ("Beto Gil", "124", "01_mse"),
    ]


def test_moodles_online_text_folder_belongs_to_the_same_student(tmp_path):
    put(tmp_path, "Ana_1_assignsubmission_file/x.ipynb", "Ana_1_assignsubmission_onlinetext/onlinetext.html")
    assert who(collect([tmp_path], COURSE, "01_mse")) == [("Ana", "01_mse")]


def test_moodles_flat_zip_gives_name_and_number(tmp_path):
    path = tmp_path / "curso-tarea.zip"
    path.write_bytes(zipped({"Ana Ruiz_123_assignsubmission_file_01_mse.ipynb": NB}))
    one = only(collect([path], COURSE, None))
    assert (one.student, one.participant, one.assignment) == ("Ana Ruiz", "123", "01_mse")


def test_canvas_zip_gives_name_and_number(tmp_path):
    path = tmp_path / "submissions.zip"
    path.write_bytes(zipped({"ruizana_LATE_77_901_01_mse-1.ipynb": NB, "gilbeto_78_902_tarea.docx": b"x"}))
    beto, ana = collect([path], COURSE, "01_mse")
    assert (ana.student, ana.participant, ana.data) == ("ruizana", "77", NB)
    assert (beto.student, beto.data) == ("gilbeto", None)
    assert "gilbeto_78_902_tarea.docx" in beto.problem.en


def test_a_zip_inside_an_lms_zip_is_opened_in_memory(tmp_path):
    inner = zipped({"entrega/01_mse.ipynb": NB, "__MACOSX/entrega/._01_mse.ipynb": b"\0"})
    path = tmp_path / "lms.zip"
    path.write_bytes(zipped({"Ana_1_assignsubmission_file/entrega.zip": inner}))
    one = only(collect([path], COURSE, None))
    assert (one.student, one.assignment, one.data) == ("Ana", "01_mse", NB)
    assert sorted(tmp_path.iterdir()) == [path]


def test_a_zip_two_levels_down_stays_closed(tmp_path):
    path = tmp_path / "lms.zip"
    path.write_bytes(zipped({"Ana_1_assignsubmission_file/a.zip": zipped({"b.zip": zipped({"x.ipynb": NB})})}))
    one = only(collect([path], COURSE, "01_mse"))
    assert one.data is None
    assert "b.zip" in one.problem.en


def test_students_zips_lying_in_a_folder_are_opened(tmp_path):
    put(tmp_path, "ana.zip", "beto_01_mse.zip", data=zipped({"01_mse.ipynb": NB}))
    assert who(collect([tmp_path], COURSE, None)) == [("ana", "01_mse"), ("beto", "01_mse")]


def test_an_assignments_folder_may_stand_outside(tmp_path):
    put(tmp_path, "01_mse/ana.ipynb", "01_mse/beto/tarea.ipynb")
    assert who(collect([tmp_path], COURSE, None)) == [("ana", "01_mse"), ("beto", "01_mse")]


@pytest.mark.parametrize("inside", ["entregas/ana/01_mse.ipynb", "grupo A/ana/x/01_mse.ipynb", "g/ana_01_mse.ipynb"])
def test_a_single_folder_around_everything_is_looked_through(tmp_path, inside):
    path = tmp_path / "clase.zip"
    other = inside.replace("ana", "beto")
    path.write_bytes(zipped({inside: NB, other: NB}))
    assert who(collect([path], COURSE, None)) == [("ana", "01_mse"), ("beto", "01_mse")]


def test_a_single_folder_of_moodle_folders_is_looked_through(tmp_path):
    put(tmp_path, "g/Ana_1_assignsubmission_file/x.ipynb")
    assert who(collect([tmp_path], COURSE, "01_mse")) == [("Ana", "01_mse")]


def test_a_single_student_is_not_taken_for_a_wrapper(tmp_path):
    put(tmp_path, "class/ana/01_mse/01_mse.ipynb", "one/Ana_1_assignsubmission_file/sub/x.ipynb")
    assert who(collect([tmp_path / "class"], COURSE, None)) == [("ana", "01_mse")]
    assert who(collect([tmp_path / "one"], COURSE, None)) == [("Ana", None)]


def test_a_lone_notebook_is_named_by_itself_or_else_by_its_folder(tmp_path):
    put(tmp_path, "ana/01_mse.ipynb", "beto/01_mse/01_mse.ipynb", "x/carla_01_mse.ipynb", "downloads/01_mse.ipynb")
    put(tmp_path, "dana/Untitled3.ipynb")
    expected = {
        "ana/01_mse.ipynb": ("ana", "01_mse"),
        "beto/01_mse/01_mse.ipynb": ("beto", "01_mse"),
        "x/carla_01_mse.ipynb": ("carla", "01_mse"),
        "downloads/01_mse.ipynb": ("01_mse", "01_mse"),
        "dana/Untitled3.ipynb": ("dana", None),
    }
    for name, wanted in expected.items():
        assert who(collect([tmp_path / name], COURSE, None)) == [wanted], name


def test_a_students_own_folder_may_be_named(tmp_path):
    put(tmp_path, "ana/01_mse.ipynb", "ana/data/x.csv", "beto/01_mse/01_mse.ipynb", "beto/04_xor_mlp/")
    assert who(collect([tmp_path / "ana"], COURSE, None)) == [("ana", "01_mse")]
    done, empty = collect([tmp_path / "beto"], COURSE, None)
    assert (done.student, done.assignment, done.data) == ("beto", "01_mse", NB)
    assert (empty.student, empty.assignment, empty.data) == ("beto", "04_xor_mlp", None)


def test_browsers_second_extensions_are_forgiven(tmp_path):
    put(tmp_path, "ana.ipynb.txt", "beto.IPYNB", "carla.ipynb.json")
    assert [one.student for one in collect([tmp_path], COURSE, None)] == ["ana", "beto", "carla"]


def test_junk_is_ignored(tmp_path):
    put(tmp_path, "ana/01_mse.ipynb", "ana/.ipynb_checkpoints/01_mse-checkpoint.ipynb", "__MACOSX/ana/._01_mse.ipynb")
    put(tmp_path, ".DS_Store", "ana/.hidden.ipynb", ".git/x.ipynb", "beto/__pycache__/", "beto/01_mse.ipynb")
    assert who(collect([tmp_path], COURSE, None)) == [("ana", "01_mse"), ("beto", "01_mse")]


# --- no notebook, or several ---------------------------------------------------------------------------------------


def test_a_student_without_a_notebook_is_told_what_was_found(tmp_path):
    put(tmp_path, "ana/01_mse.ipynb", "beto/", "carla/a.py", "carla/b.docx", "carla/c.txt", "carla/d.txt")
    _, beto, carla = collect([tmp_path], COURSE, None)
    assert beto.data is None
    assert beto.problem.es.startswith("No hay ningún cuaderno (.ipynb);")
    assert "only a.py, b.docx, c.txt, …" in carla.problem.en


def test_an_empty_assignment_folder_is_told_for_that_assignment(tmp_path):
    put(tmp_path, "ana/01_mse/01_mse.ipynb", "ana/04_xor_mlp/notes.txt", "beto/01_mse/")
    got = collect([tmp_path], COURSE, None)
    assert [(*pair, one.data is None) for pair, one in zip(who(got), got, strict=True)] == [
        ("ana", "01_mse", False),
        ("ana", "04_xor_mlp", True),
        ("beto", "01_mse", True),
    ]


def test_of_several_notebooks_the_one_named_like_the_assignment_is_taken_and_the_others_named(tmp_path):
    put(tmp_path, "ana/01_mse.ipynb", data=b"right")
    put(tmp_path, "ana/01_mse (1).ipynb", "ana/04_xor_mlp.ipynb")
    os.utime(tmp_path / "ana/01_mse.ipynb", (1, 1))
    one = only(collect([tmp_path], COURSE, "01_mse"))
    assert one.data == b"right"
    assert "“01_mse.ipynb” was graded, not “01_mse (1).ipynb”" in one.problem.en


def test_of_several_notebooks_with_other_names_the_newest_is_taken(tmp_path):
    put(tmp_path, *(f"ana/v{number}.ipynb" for number in range(6)))
    put(tmp_path, "ana/v3.ipynb", data=b"new")
    for number in range(6):
        os.utime(tmp_path / f"ana/v{number}.ipynb", (100 + (number == 3), 100 + (number == 3)))
    one, _ = collect([put(tmp_path, "beto/x.ipynb")], COURSE, "01_mse")
    assert one.data == b"new"
    assert one.problem.es.endswith("no «v0.ipynb», «v1.ipynb», «v2.ipynb», «…».")


def test_several_notebooks_without_a_known_assignment_are_all_returned(tmp_path):
    put(tmp_path, "ana/a.ipynb", "ana/b.ipynb", "beto/a.ipynb")
    got = collect([tmp_path], COURSE, None)
    assert who(got) == [("ana", None), ("ana", None), ("beto", None)]
    assert [one.problem for one in got] == [None, None, None]


def test_too_many_notebooks_without_a_known_assignment_are_refused(tmp_path):
    put(tmp_path, *(f"ana/{number}.ipynb" for number in range(21)))
    one = only(collect([tmp_path], COURSE, None))
    assert one.data is None
    assert "21 notebooks" in one.problem.en


def test_what_one_student_may_hand_in_together_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.intake.files._MAX_TOGETHER", len(NB))
    put(tmp_path, "ana/a.ipynb", "ana/b.ipynb", "beto/a.ipynb")
    assert [one.data for one in collect([tmp_path], COURSE, None)] == [NB, None, NB]


# --- equal names ---------------------------------------------------------------------------------------------------


def test_equal_names_with_lms_numbers_are_told_apart_by_them(tmp_path):
    put(tmp_path, "Ana Ruiz_1_assignsubmission_file/x.ipynb", "Ana Ruiz_2_assignsubmission_file/x.ipynb")
    assert [one.student for one in collect([tmp_path], COURSE, "01_mse")] == ["Ana Ruiz (1)", "Ana Ruiz (2)"]


def test_equal_names_from_two_paths_are_told_apart(tmp_path):
    put(tmp_path, "a/ana/01_mse.ipynb", "b/ana/01_mse.ipynb", "b/ana (1)/01_mse.ipynb")
    got = collect([tmp_path / "a", tmp_path / "b"], COURSE, None)
    assert len({one.student for one in got}) == 3
    assert {one.student for one in got} == {"ana (1)", "ana (2)", "ana (3)"}


def test_names_that_differ_invisibly_are_told_apart(tmp_path):
    put(tmp_path, "ana/01_mse.ipynb", "ana\u200b/01_mse.ipynb")
    assert [one.student for one in collect([tmp_path], COURSE, None)] == ["ana (1)", "ana (2)"]


def test_apart_leaves_unidentified_notebooks_and_settled_names_alone():
    free = [Handed("ana", None, NB, origin, None) for origin in "ab"]
    assert apart(free) == tuple(free)
    known = [Handed("ana", "01_mse", NB, origin, None) for origin in "ab"]
    assert apart(apart(known)) == apart(known)
    assert [one.student for one in apart(known)] == ["ana (1)", "ana (2)"]


def test_the_same_path_twice_counts_once_and_the_order_of_paths_does_not_matter(tmp_path):
    put(tmp_path, "a/ana.ipynb", "b/beto.ipynb")
    first, second = tmp_path / "a", tmp_path / "b"
    once, twice = (collect(paths, COURSE, "01_mse") for paths in ([second, first], [first, second, first]))
    assert [(one.student, one.origin, one.data) for one in once] == [
        (one.student, one.origin, one.data) for one in twice
    ]
    assert who(once) == [("ana", "01_mse"), ("beto", "01_mse")]


# --- where the bytes are -------------------------------------------------------------------------------------------


def test_a_file_that_changes_after_it_was_collected_is_graded_as_it_was_collected(tmp_path):
    put(tmp_path, "ana.ipynb")
    (one,) = collect([tmp_path], COURSE, "01_mse")
    (tmp_path / "ana.ipynb").write_bytes(b"another")
    assert one.data == one.data == NB


def test_a_large_class_lies_on_the_disk(tmp_path):
    for number in range(40):
        (tmp_path / f"s{number:02}.ipynb").write_bytes(b"%d" % number + bytes(1 << 20))
    tracemalloc.start()
    handed = collect([tmp_path], COURSE, "01_mse")
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held < 8 << 20
    assert [one.data.rstrip(b"\0") for one in handed] == [b"%d" % number for number in range(40)]


def test_a_class_that_does_not_fit_on_the_disk_is_told_so(tmp_path):
    program = """
import resource, signal, sys
from pathlib import Path
from autograder.intake import collect
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (16 << 20, 16 << 20))
collect([Path(sys.argv[1])], ["01_mse"], "01_mse")
"""
    for number in range(34):
        (tmp_path / f"s{number}.ipynb").write_bytes(bytes(1 << 20))
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True)
    assert "could not be copied to a temporary file (File too large): free space" in done.stderr


# --- paths that cannot be used -------------------------------------------------------------------------------------


def test_a_missing_path_offers_the_nearest_name(tmp_path):
    put(tmp_path, "submitted/ana.ipynb")
    with pytest.raises(UsageError, match=r"submited does not exist\. Did you mean submitted\?"):
        collect([tmp_path / "submited"], COURSE, None)
    with pytest.raises(UsageError, match=r"submited does not exist\. Did you mean submitted\?"):
        collect([tmp_path / "submited/ana/x.ipynb"], COURSE, None)
    with pytest.raises(UsageError, match=r"zzz does not exist\.$"):
        collect([tmp_path / "zzz"], COURSE, None)


def test_a_path_too_long_to_exist_is_wrong_usage(tmp_path):
    with pytest.raises(UsageError, match="could not be read"):
        collect([tmp_path / ("x" * 5000)], COURSE, None)


@pytest.mark.parametrize("name", ["notes.txt", "class.tar.gz", "ana.py"])
def test_a_path_of_another_kind_is_wrong_usage(tmp_path, name):
    put(tmp_path, name, data=b"hello")
    with pytest.raises(UsageError, match="neither a notebook"):
        collect([tmp_path / name], COURSE, None)


def test_a_zip_without_extension_is_known_by_its_first_bytes(tmp_path):
    put(tmp_path, "download", data=zipped({"ana_01_mse.ipynb": NB}))
    assert who(collect([tmp_path / "download"], COURSE, None)) == [("ana", "01_mse")]


def test_a_fifo_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "ana.ipynb")
    os.mkfifo(tmp_path / "class.zip")
    assert "not a regular file" in only(collect([tmp_path / "ana.ipynb"], COURSE, None)).problem.en
    with pytest.raises(UsageError, match="neither"):
        collect([tmp_path / "class.zip"], COURSE, None)


def test_a_folder_without_any_submission_is_wrong_usage(tmp_path):
    with pytest.raises(UsageError, match="holds no notebook: expected"):
        collect([tmp_path], COURSE, None)
    put(tmp_path, "ana/04_xor_mlp.ipynb")
    put(tmp_path, "b/01_mse/x.ipynb")
    with pytest.raises(UsageError, match="holds no notebook for 04_xor_mlp"):
        collect([tmp_path / "b"], COURSE, "04_xor_mlp")


def test_a_folder_with_too_many_files_is_wrong_usage(tmp_path, monkeypatch):
    monkeypatch.setattr(listing, "MAX_ENTRIES", 2)
    put(tmp_path, "a.ipynb", "b.ipynb", "c.ipynb")
    with pytest.raises(UsageError, match="more than 2 files"):
        collect([tmp_path], COURSE, None)


DENIED = """
import os, sys
from pathlib import Path
from autograder.errors import UsageError
from autograder.intake import collect

folder = Path(sys.argv[1])
if os.geteuid() == 0:
    # Root may read everything, so another user tries.
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
ana, beto = collect([folder / "c"], ["01_mse"], None)
assert "Permission denied" in ana.problem.en
assert "Permission denied" in beto.problem.en
for path in ("z.zip", "c/ana", "c/ana/x.ipynb"):
    try:
        collect([folder / path], ["01_mse"], None)
    except UsageError as error:
        assert "could not be read" in str(error), error
    else:
        raise AssertionError(path)
"""


def test_what_may_not_be_read_is_told():
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        put(folder, "c/ana/01_mse.ipynb", "c/beto/01_mse.ipynb", "z.zip")
        for path in ("c/ana", "c/beto/01_mse.ipynb", "z.zip"):
            (folder / path).chmod(0)
        done = subprocess.run([sys.executable, "-c", DENIED, name], cwd="/", capture_output=True, text=True)
        (folder / "c/ana").chmod(0o700)
        assert done.returncode == 0, done.stderr


# --- hostile files and zips ----------------------------------------------------------------------------------------


def test_links_are_not_followed(tmp_path):
    put(tmp_path, "secret.ipynb", "c/ana/x.txt")
    (tmp_path / "c/ana/01_mse.ipynb").symlink_to(tmp_path / "secret.ipynb")
    (tmp_path / "c/beto").symlink_to(tmp_path)
    ana, beto = collect([tmp_path / "c"], COURSE, None)
    assert ana.data is None
    assert "link" in ana.problem.en
    assert beto.data is None


def test_a_notebook_over_the_cap_is_refused_unread(tmp_path):
    path = tmp_path / "ana.ipynb"
    with path.open("wb") as out:
        out.truncate((20 << 20) + 1)
    one = only(collect([path], COURSE, None))
    assert one.data is None
    assert "20 MiB" in one.problem.es


def test_a_zip_bomb_is_refused(tmp_path):
    bomb = zipped({"ana.ipynb": bytes(19 << 20), "beto.ipynb": bytes(21 << 20), "carla.ipynb": NB})
    path = tmp_path / "z.zip"
    path.write_bytes(bomb)
    ana, beto, carla = collect([path], COURSE, None)
    assert "zip bomb" in ana.problem.en
    assert "20 MiB" in beto.problem.en
    assert carla.data == NB


def test_a_member_that_lies_about_its_size_is_still_capped(tmp_path, monkeypatch):
    monkeypatch.setattr(listing, "MAX_BYTES", 1000)
    monkeypatch.setattr(archive, "too_large", lambda cap: archive._DAMAGED_MEMBER)
    honest = zipped({"ana.ipynb": os.urandom(5000)})
    small = struct.pack("<I", 10)
    lying = honest.replace(struct.pack("<I", 5000), small)
    path = tmp_path / "z.zip"
    path.write_bytes(lying)
    one = only(collect([path], COURSE, None))
    assert one.data is None or len(one.data) <= 1000


def test_names_that_point_outside_are_data_only(tmp_path):
    path = tmp_path / "z.zip"
    path.write_bytes(zipped({"../../ana.ipynb": NB, "/etc/beto.ipynb": NB, "C:\\x\\carla.ipynb": NB, "dana.ipynb": NB}))
    got = collect([path], COURSE, "01_mse")
    assert sum(one.data is None and "points outside" in one.problem.en for one in got) == 3
    assert [one.student for one in got if one.data] == ["dana"]
    assert sorted(tmp_path.iterdir()) == [path]


def test_windows_separators_inside_zips_are_understood(tmp_path):
    path = tmp_path / "z.zip"
    path.write_bytes(zipped({"ana\\01_mse\\x.ipynb": NB, "beto\\01_mse\\x.ipynb": NB}))
    assert who(collect([path], COURSE, None)) == [("ana", "01_mse"), ("beto", "01_mse")]


def test_a_link_inside_a_zip_is_not_followed(tmp_path):
    info = zipfile.ZipInfo("ana.ipynb")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr(info, "/etc/passwd")
    assert "link" in only(collect([path], COURSE, None)).problem.en


def test_an_encrypted_member_is_told(tmp_path):
    data = bytearray(zipped({"ana.ipynb": NB}))
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    path = tmp_path / "z.zip"
    path.write_bytes(data)
    assert "password" in only(collect([path], COURSE, None)).problem.en


def test_a_damaged_member_costs_only_its_own_student(tmp_path):
    data = bytearray(zipped({"ana.ipynb": os.urandom(200), "beto.ipynb": NB}))
    data[60] ^= 0xFF
    path = tmp_path / "z.zip"
    path.write_bytes(data)
    ana, beto = collect([path], COURSE, None)
    assert "damaged inside the zip" in ana.problem.en
    assert beto.data == NB


@pytest.mark.parametrize("data", [b"PK\3\4 not a zip", b"", zipped({"ana.ipynb": NB * 100})[:-30]])
def test_a_damaged_zip_is_wrong_usage(tmp_path, data):
    path = tmp_path / "z.zip"
    path.write_bytes(data)
    with pytest.raises(UsageError, match="damaged or incomplete"):
        collect([path], COURSE, None)


def test_a_damaged_zip_of_a_student_is_theirs_alone(tmp_path):
    path = tmp_path / "lms.zip"
    members = {"Ana_1_assignsubmission_file/x.zip": b"PK\3\4", "Beto_2_assignsubmission_file/x.ipynb": NB}
    path.write_bytes(zipped(members))
    ana, beto = collect([path], COURSE, "01_mse")
    assert "zip is damaged" in ana.problem.en
    assert beto.data == NB


def test_an_unreadable_zip_of_a_student_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(listing, "MAX_NESTED", 1 << 20)
    put(tmp_path, "ana.zip", data=bytes(2 << 20))
    put(tmp_path, "beto.ipynb")
    ana, beto = collect([tmp_path], COURSE, None)
    assert "larger than 1 MiB" in ana.problem.en
    assert beto.data == NB


@pytest.mark.parametrize(
    "name",
    [
        "d/" * 20_000 + "x.ipynb",
        "carla/" + "x" * 60_000 + ".ipynb",
        " " * 60_000 + ".ipynb",
        "(1)" * 20_000 + ".ipynb",
        "carla/" + "y" * 256 + "/x.ipynb",
    ],
)
def test_a_name_longer_than_any_disk_allows_is_told_and_costs_nothing(tmp_path, name):
    path = tmp_path / "z.zip"
    path.write_bytes(zipped({"ana.ipynb": NB, "beto.ipynb": NB, name: NB}))
    start = time.process_time()
    tracemalloc.start()
    try:
        got = collect([path], COURSE, "01_mse")
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()
    assert time.process_time() - start < 5
    assert [one.student for one in got if one.data] == ["ana", "beto"]
    assert "too long" in next(one.problem.en for one in got if not one.data)


def test_folders_in_folders_without_end_do_not_stop_the_class(tmp_path):
    put(tmp_path, "ana/01_mse.ipynb", "beto/x.ipynb")
    here = os.open(tmp_path / "beto", os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    try:
        assert who(collect([tmp_path], COURSE, "01_mse")) == [("ana", "01_mse"), ("beto", "01_mse")]
    finally:
        # Deeper than `shutil.rmtree` can go.
        subprocess.run(["rm", "-rf", tmp_path / "beto"], check=True)


def test_students_zips_are_not_held_in_memory_together(tmp_path):
    # Each holds a notebook beside something large.
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as out:
        out.writestr("01_mse.ipynb", NB)
        out.writestr("video.mp4", os.urandom(3 << 20))
    path = tmp_path / "class.zip"
    path.write_bytes(zipped({f"s{number}.zip": inner.getvalue() for number in range(10)}))
    tracemalloc.start()
    try:
        got = collect([path], COURSE, None)
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()
    assert [(one.assignment, one.data) for one in got] == [("01_mse", NB)] * 10


def test_a_students_zip_that_changes_while_the_class_is_read_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(listing, "_HELD", 0)
    path = tmp_path / "ana.zip"
    put(tmp_path, "beto.ipynb")
    for now in (b"PK\3\4", None):
        path.write_bytes(zipped({"01_mse.ipynb": NB}))
        with ExitStack() as opened:
            entries = listing.listing(tmp_path, opened)
            path.unlink() if now is None else path.write_bytes(now)
            problem = next(entry.read() for entry in entries if entry.parts[-1] == "01_mse.ipynb")
        assert ("could not be read" if now is None else "damaged") in problem.en


def test_a_zip_with_too_many_members_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "MAX_MEMBERS", 2)
    path = tmp_path / "z.zip"
    path.write_bytes(zipped({f"{number}.ipynb": NB for number in range(3)}))
    with pytest.raises(UsageError, match="too many files"):
        collect([path], COURSE, None)


@pytest.mark.parametrize("zip64", [False, True])
def test_a_zip_with_a_huge_table_of_contents_is_refused_before_it_is_read(tmp_path, zip64):
    if zip64:
        end64 = b"PK\6\6" + bytes(36) + struct.pack("<Q", 1 << 30) + bytes(8)
        data = end64 + b"PK\6\7" + bytes(16) + b"PK\5\6" + bytes(8) + b"\xff\xff\xff\xff" + bytes(6)
    else:
        data = b"PK\5\6" + bytes(8) + struct.pack("<I", 1 << 30) + bytes(6)
    path = tmp_path / "z.zip"
    path.write_bytes(data)
    with pytest.raises(UsageError, match="too many files"):
        collect([path], COURSE, None)


@pytest.mark.parametrize(
    "raw", ["ÁNGEL Peña".encode("cp850"), "ÁNGEL Peña".encode(), "A\u0301NGEL Pen\u0303a".encode()]
)
def test_names_in_old_zips_are_decoded(tmp_path, raw):
    path = tmp_path / "old.zip"
    path.write_bytes(zipped({"X" * len(raw) + ".ipynb": NB}).replace(b"X" * len(raw), raw))
    assert only(collect([path], COURSE, None)).student == "ÁNGEL Peña"


def test_flagged_names_in_zips_are_taken_as_they_are(tmp_path):
    path = tmp_path / "new.zip"
    path.write_bytes(zipped({"Íñigo.ipynb": NB}))
    assert only(collect([path], COURSE, None)).student == "Íñigo"


def test_an_impossible_date_inside_a_zip_is_forgiven(tmp_path):
    data = zipped({"ana.ipynb": NB})
    at = data.index(b"PK\1\2")
    path = tmp_path / "z.zip"
    path.write_bytes(data[: at + 12] + b"\0\0\0\0" + data[at + 16 :])
    assert only(collect([path], COURSE, None)).data == NB


# --- names ---------------------------------------------------------------------------------------------------------


def test_names_are_shown_without_control_and_direction_characters():
    assert clean("a\x1b[31mna\u202e\n b\u0301\u200b \ud800") == "a [31mna b\u0301"
    assert clean("n\u0303") == "ñ"
    assert len(clean("x" * 500)) == MAX_NAME


def test_a_name_of_nothing_printable_gets_a_stand_in(tmp_path):
    put(tmp_path, "\u200b/01_mse.ipynb", "ana/01_mse.ipynb")
    assert [one.student for one in collect([tmp_path], COURSE, None)] == ["ana", "sin-nombre"]


def test_file_names_that_are_no_text_are_shown_safely(tmp_path):
    folder = os.fsencode(tmp_path) + b"/an\xe1\x1b"
    os.mkdir(folder)
    with open(folder + b"/01_mse.ipynb", "wb") as out:
        out.write(NB)
    one = only(collect([tmp_path], COURSE, None))
    assert one.student == "an"
    assert one.origin.isprintable()
    one.origin.encode()


def test_origins_are_shown_on_one_line(tmp_path):
    put(tmp_path, "ana\u2028\u2029\u00a0ruiz/01_mse.ipynb", "beto/01_mse.ipynb")
    ana = collect([tmp_path], COURSE, None)[0]
    assert ana.student == "ana ruiz"
    assert "ana?? ruiz" in ana.origin


@pytest.mark.parametrize("name", ["ana", "ana_ruiz", "ana-2", "a1"])
def test_a_plain_name_is_its_own_slug(name):
    assert slug(name) == name


def test_every_other_slug_is_a_safe_file_name_and_differs():
    names = [
        "Ana",
        "ANA",
        "aná",
        "a/na",
        "../ana",
        "",
        "con",
        "x" * 300,
        "x" * 301,
        "ana-0123abcd",
        "安娜",
        ".ana",
        "\ud800",
    ]
    slugs = [slug(name) for name in names]
    assert len({*slugs, "ana"}) == len(names) + 1
    assert all(s.isascii() and len(s) <= 60 and not set(s) & set("/\\.: ") and not s.startswith("-") for s in slugs)
    assert slug("Ana").startswith("ana-")
