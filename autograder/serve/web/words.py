"""What the pages say, in both languages. Each module of pages has its own words; all are one vocabulary for templates."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from autograder.serve.web.student_words import STUDENT
from autograder.serve.web.teacher_words import TEACHER
from autograder.text import Text

FRAME: Mapping[str, Text] = {
    "skip": Text("Saltar al contenido", "Skip to the content"),
    "sign_out": Text("Salir", "Sign out"),
    "home": Text("Mis actividades", "My activities"),
    "back_to_lms": Text("Volver a la plataforma", "Back to the LMS"),
    "language": Text("English", "Español"),
    "signed_in_as": Text("Has entrado como", "Signed in as"),
    "sorry": Text("No se puede mostrar", "This cannot be shown"),
    "nothing_yet": Text("Todavía no hay actividades.", "There are no activities yet."),
    "student": Text("estudiante", "student"),
    "teacher": Text("docente", "teacher"),
    "attempt_number": Text("Intento {number}", "Attempt {number}"),
    "due": Text("Fecha de entrega", "Due"),
    "is_rejected": Text("no se pudo calificar", "could not be graded"),
    "is_waiting": Text("en cola", "queued"),
    "mark": Text("Nota", "Mark"),
    "dev_title": Text("Entrar sin plataforma", "Sign in without an LMS"),
    "dev_lead": Text(
        "Modo de desarrollo: cualquiera puede entrar como cualquiera, y solo desde este ordenador.",
        "Development mode: anybody can sign in as anybody, and only from this computer.",
    ),
    "new_window": Text("Abrir en una ventana nueva", "Open in a new window"),
    "welcome_title": Text("Entra desde tu plataforma", "Come in from your LMS"),
    "welcome_lead": Text(
        "Aquí se corrigen los cuadernos del curso. Abre la actividad en tu plataforma (Moodle, Canvas…) y llegarás con tu nombre.",
        "This is where the course's notebooks are graded. Open the activity in your LMS (Moodle, Canvas, …) and you arrive with "
        "your name.",
    ),
    "code": Text("Código para quien administra", "Code for the administrator"),
    "choose_title": Text("¿Qué contiene esta actividad?", "What is in this activity?"),
    "choose_lead": Text(
        "Elige una práctica o un cuestionario del curso.", "Choose an assignment or a quiz of the course."
    ),
    "choose_leads": Text(
        "Elige las prácticas y los cuestionarios que quieras añadir.", "Choose the assignments and quizzes to add."
    ),
    "add": Text("Añadir al curso", "Add to the course"),
    "chosen_title": Text("Vuelta a la plataforma", "Back to the LMS"),
    "chosen_lead": Text("Tu elección se envía a tu plataforma.", "Your choice is being sent to your LMS."),
    "continue": Text("Continuar", "Continue"),
    "registered_title": Text("Registro completado", "Registration complete"),
    "registered_lead": Text(
        "{platform} ya puede usar esta herramienta. Actívala allí y cierra esta ventana.",
        "{platform} can use this tool now. Activate it there and close this window.",
    ),
    "enter_as": Text("Entrar como", "Sign in as"),
}


@cache
def words() -> dict[str, Text]:
    """All of them by name.

    Raises:
        ValueError: two modules use one name.
    """
    found: dict[str, Text] = {}
    for vocabulary in (FRAME, STUDENT, TEACHER):
        if twice := found.keys() & vocabulary.keys():
            raise ValueError(f"words used twice: {sorted(twice)}")
        found |= vocabulary
    return found
