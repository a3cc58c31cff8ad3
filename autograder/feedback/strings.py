"""Every word of the pages and of the class table in both languages. `{name}` is filled in with `str.format`."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.feedback.class_strings import CLASS
from autograder.text import Language, Text

STRINGS: Mapping[str, Text] = {
    # page
    "skip": Text("Ir a los resultados", "Skip to the results"),
    "feedback": Text("Comentarios a tu entrega", "Feedback on your submission"),
    "student": Text("Estudiante", "Student"),
    "score": Text("Puntuación", "Score"),
    "of_points": Text("de {max} puntos", "out of {max} points"),
    "score_of": Text("{score} de {max} puntos", "{score} out of {max} points"),
    "score_of_one": Text("{score} de 1 punto", "{score} out of 1 point"),
    "open_points": Text("{points} puntos por revisar", "{points} points still to be reviewed"),
    "open_one": Text("1 punto por revisar", "1 point still to be reviewed"),
    "verdict": Text("Tu resultado", "Your result"),
    # status
    "graded": Text("Calificada", "Graded"),
    "graded_means": Text(
        "Todas las comprobaciones se han podido evaluar.",
        "Every check could be judged.",
    ),
    "needs_review": Text("Pendiente de revisión", "Needs review"),
    "needs_review_means": Text(
        "Algo no se pudo evaluar automáticamente. Lo mirará una persona y no te cuesta nada: "
        "los puntos que faltan siguen abiertos.",
        "Something could not be judged automatically. A person will look at it, and this costs you nothing: "
        "the missing points are still open.",
    ),
    "rejected": Text("No se pudo calificar", "Could not be graded"),
    "rejected_means": Text(
        "El archivo entregado no se pudo leer como cuaderno de esta práctica, así que no se ejecutó nada.",
        "The file you handed in could not be read as a notebook of this assignment, so nothing was run.",
    ),
    "why": Text("Motivo:", "Reason:"),
    # banner
    "unwalled": Text("Ejecutado sin aislamiento", "Run without a sandbox"),
    "unwalled_means": Text(
        "Esta entrega se ejecutó con --no-sandbox: ningún muro separaba su código del ordenador que la calificó. "
        "Este resultado no vale como nota hasta que se califique con los muros en pie.",
        "This submission was run with --no-sandbox: no wall stood between its code and the machine that graded it. "
        "Do not use this result as a mark until it has been graded with the walls up.",
    ),
    # tasks
    "tasks": Text("Resultados por tarea", "Results by task"),
    "task": Text("Tarea", "Task"),
    "your_code": Text("Ver tu código", "See your code"),
    "points_of": Text("{score} de {max}", "{score} of {max}"),
    "passed": Text("Superada", "Passed"),
    "failed": Text("No superada", "Not passed"),
    "unjudged": Text("Por revisar", "To be reviewed"),
    # notebook
    "repairs": Text("Lo que se arregló antes de ejecutar", "Put right before running"),
    "repairs_means": Text(
        "Tu entrega no pierde puntos por esto.",
        "Your submission loses no points for this.",
    ),
    "notebook": Text("Tu cuaderno, tal como se ejecutó", "Your notebook, as it was run"),
    "notebook_means": Text(
        "Se ejecutó de nuevo desde el principio y en orden; las salidas son las de esa ejecución.",
        "It was run again from the top and in order; the outputs are those of that run.",
    ),
    "cell_task": Text("Tu celda de la tarea {task}", "Your cell for task {task}"),
    "cell_answer": Text(
        "Tu respuesta a la pregunta {task}; la valora una persona",
        "Your answer to the question {task}; a person marks it",
    ),
    "cell_extra": Text("Celda {number}, añadida por ti", "Cell {number}, added by you"),
    "cell_setup": Text("Celda {number}: preparación", "Cell {number}: setup"),
    "cell_demo": Text("Celda {number}: demostración", "Cell {number}: demonstration"),
    "code_of": Text("Código de la celda {number}", "Code of cell {number}"),
    "output_of": Text("Salida {index} de la celda {number}", "Output {index} of cell {number}"),
    "empty_cell": Text("Esta celda está vacía.", "This cell is empty."),
    "output": Text("Salida", "Output"),
    "stderr": Text("Mensajes del programa (stderr)", "Messages of the program (stderr)"),
    "error": Text("Error", "Error"),
    "problem": Text("Esta celda no terminó:", "This cell did not finish:"),
    "figure": Text("Figura {number}", "Figure {number}"),
    "figure_alt": Text(
        "Figura {number}, dibujada por la celda «{cell}» al ejecutarse",
        "Figure {number}, drawn by the cell “{cell}” when it was run",
    ),
    "cut": Text(
        "Aquí se omiten {count} caracteres para que la página se pueda leer.",
        "{count} characters are left out here to keep the page readable.",
    ),
    "cut_outputs": Text(
        "Se omiten {count} salidas más de esta celda.",
        "{count} more outputs of this cell are left out.",
    ),
    "cut_cells": Text(
        "Se omiten {count} celdas más de este cuaderno.",
        "{count} more cells of this notebook are left out.",
    ),
    "bad_image": Text(
        "Aquí había una imagen que no se puede mostrar: está dañada, es demasiado grande o no es PNG ni JPEG.",
        "There was an image here that cannot be shown: it is damaged, too large, or neither PNG nor JPEG.",
    ),
    "hidden_output": Text(
        "Aquí había una salida de tipo {mime}, que esta página no muestra.",
        "There was an output of type {mime} here, which this page does not show.",
    ),
    # receipt
    "receipt": Text("Recibo", "Receipt"),
    "receipt_means": Text(
        "Con estos datos se puede repetir la misma calificación.",
        "With these the same marking can be repeated.",
    ),
    "submission": Text("Entrega (SHA-256)", "Submission (SHA-256)"),
    "grader": Text("Corrector", "Grader"),
    "data": Text("Datos", "Data"),
    "data_mini": Text("los pequeños (mini)", "the small ones (mini)"),
    "data_full": Text("los completos (full)", "the full ones (full)"),
    "walls": Text("Muros en pie durante la ejecución", "Walls that stood while it ran"),
    "nothing_ran": Text("no se ejecutó nada", "nothing was run"),
    "no_walls": Text("ninguno", "none"),
    "seconds": Text("Duración", "Time taken"),
    # class table
    "assignment": Text("Práctica", "Assignment"),
    "points": Text("Puntos", "Points"),
    "status_short": Text("Estado", "Status"),
    "attention": Text("Tareas con fallos (? = por revisar)", "Tasks with failures (? = to be reviewed)"),
    "changes": Text("Quién gana y quién pierde", "Who gains and who loses"),
    "before": Text("antes", "before"),
    "after": Text("ahora", "now"),
    "short_graded": Text("calificada", "graded"),
    "short_needs_review": Text("por revisar", "needs review"),
    "short_rejected": Text("rechazada", "rejected"),
    "summary": Text(
        "Entregas: {count} · calificadas: {graded} · por revisar: {needs_review} · rechazadas: {rejected}",
        "Submissions: {count} · graded: {graded} · needs review: {needs_review} · rejected: {rejected}",
    ),
    "median": Text("mediana de los puntos: {share} %", "median of the points: {share}%"),
    **CLASS,
}


def strings(language: Language) -> dict[str, str]:
    """All strings of one language."""
    return {name: text.to(language) for name, text in STRINGS.items()}


def number(value: float, language: Language) -> str:
    """At most two decimals, none that are zero: 7, 7.5 and, in Spanish, 7,5."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if language == "es" else text
