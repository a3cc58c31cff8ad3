"""What a student reads about their notebook before it is run: what was put right, or why it was refused.

Each `Text` is one sentence. Functions of cell numbers (counted from 1) give no sentence when there are none.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograder.text import Text

_LISTED = 8
_ASK = Text(
    es="Descarga de nuevo el cuaderno de la tarea, pega en él tu trabajo y entrégalo.",
    en="Download the assignment's notebook again, paste your work into it and hand it in.",
)

OLD_FORMAT = Text(
    es="El cuaderno estaba en un formato antiguo de Jupyter; se ha convertido.",
    en="The notebook was in an old Jupyter format; it was converted.",
)
UNKNOWN_FORMAT = Text(
    es="El archivo no dice un formato de Jupyter conocido; se ha leído como el formato 4.",
    en="The file names no known Jupyter format; it was read as format 4.",
)
DOUBLED_KEYS = Text(
    es="Hay campos repetidos en el archivo; cuenta el último, como en Jupyter.",
    en="Some fields appear twice in the file; the last one counts, as in Jupyter.",
)
LOCKED_MISSING = Text(
    es="Faltaban celdas bloqueadas del cuaderno original; se han vuelto a poner.",
    en="Locked cells of the original notebook were missing; they were put back.",
)


def unread(cells: Sequence[int]) -> tuple[Text, ...]:
    """Cells without a source that could be read."""
    return _told(cells, "sin texto legible: se ha omitido", "without readable text: left out")


def line_ends(cells: Sequence[int]) -> tuple[Text, ...]:
    """Cells with Windows line ends."""
    return _told(cells, "finales de línea de otro sistema, convertidos", "line ends of another system, converted")


def invisible(cells: Sequence[int]) -> tuple[Text, ...]:
    """Cells with invisible characters where Python allows none."""
    return _told(cells, "caracteres invisibles en el código, quitados", "invisible characters in the code, removed")


def fenced(cells: Sequence[int]) -> tuple[Text, ...]:
    """Cells whose code stood between Markdown fences."""
    return _told(cells, "el código estaba entre marcas ```, quitadas", "the code stood between ``` marks, removed")


def was_text(cells: Sequence[int]) -> tuple[Text, ...]:
    """Cells that had become text by accident."""
    return _told(
        cells,
        "era de texto y contenía tu función; se ha leído como código",
        "was text and held your function; read as code",
    )


def locked_changed(cells: Sequence[int]) -> tuple[Text, ...]:
    """Locked cells whose source the student changed."""
    return _told(
        cells, "celda bloqueada con cambios; se ha usado el original", "locked cell with changes; the original was used"
    )


def moved(tasks: Sequence[str]) -> tuple[Text, ...]:
    """Tasks done in another cell while their own still held the stub."""
    return tuple(
        Text(
            es=f"La función {task} estaba en otra celda; la celda original, sin completar, se ha omitido.",
            en=f"The function {task} was in another cell; its own cell, not filled in, was left out.",
        )
        for task in tasks
    )


def task_missing(tasks: Sequence[str]) -> tuple[Text, ...]:
    """Tasks without any cell."""
    return tuple(
        Text(
            es=f"Faltaba la celda de {task} o estaba vacía; se ha puesto la original, sin completar.",
            en=f"The cell of {task} was missing or empty; the original, not filled in, was put there.",
        )
        for task in tasks
    )


def unknown_assignment(name: str) -> Text:
    """The metadata names an assignment that the course does not have."""
    return Text(
        es=f"El cuaderno es de la tarea «{name}», que no existe en este curso; ¿es el archivo correcto?",
        en=f"The notebook is of the assignment “{name}”, which this course does not have; is it the right file?",
    )


def other_assignment(name: str, asked: str) -> Text:
    """The metadata names another assignment than the one that is graded."""
    return Text(
        es=f"El cuaderno es de la tarea {name}, pero aquí se entrega {asked}; entrega el cuaderno de {asked}.",
        en=f"The notebook is of the assignment {name}, but {asked} is due here; hand in the notebook of {asked}.",
    )


def unidentified(names: Sequence[str]) -> Text:
    """Neither metadata nor functions say which assignment it is; `names` fit equally well."""
    between = Text(f"podría ser {' o '.join(names)}", f"it could be {' or '.join(names)}") if names else None
    return (
        Text(
            es=f"No se reconoce a qué tarea pertenece el cuaderno{f': {between.es}' if between else ''}.",
            en=f"It cannot be told which assignment the notebook is of{f': {between.en}' if between else ''}.",
        )
        + _ASK
    )


def nothing_found(assignment: str, tasks: Sequence[str]) -> Text:
    """No task of the assignment can be found."""
    return (
        Text(
            es=f"El cuaderno no contiene ninguna celda de {assignment} (se buscaba: {', '.join(tasks)}).",
            en=f"The notebook holds no cell of {assignment} (looked for: {', '.join(tasks)}).",
        )
        + _ASK
    )


def _told(cells: Sequence[int], es: str, en: str) -> tuple[Text, ...]:
    if not cells:
        return ()
    listed = ", ".join(map(str, cells[:_LISTED])) + (", …" if len(cells) > _LISTED else "")
    one = len(cells) == 1
    return (Text(f"{'Celda' if one else 'Celdas'} {listed}: {es}.", f"{'Cell' if one else 'Cells'} {listed}: {en}."),)
