"""What the pages of students say, and how long a time is in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from autograder.serve.tables import Activity, Counts
from autograder.text import Text

STUDENT: Mapping[str, Text] = {
    "own_due": Text("Es tu propia fecha: te han dado más tiempo.", "This is your own date: you were given more time."),
    "closes": Text("Se cierra", "Closes"),
    "no_due": Text("sin fecha", "no date"),
    "lateness": Text("Si llegas tarde", "When late"),
    "attempts_left": Text("Intentos", "Attempts"),
    "any_number": Text("los que quieras", "as many as you like"),
    "left_of": Text("quedan {left} de {max}", "{left} of {max} left"),
    "which_counts": Text("Cuenta", "What counts"),
    "counts_best": Text("tu mejor intento", "your best attempt"),
    "counts_last": Text("tu último intento", "your last attempt"),
    "your_mark": Text("Tu nota", "Your mark"),
    "no_mark": Text("Todavía no tienes nota.", "You have no mark yet."),
    "in_review": Text(
        "Algo no se pudo evaluar automáticamente y lo mirará una persona; no te cuesta nada.",
        "Something could not be judged automatically and a person will look at it; it costs you nothing.",
    ),
    "post_waiting": Text("La nota va de camino a tu plataforma.", "The mark is on its way to your LMS."),
    "post_sent": Text("La nota está en tu plataforma desde el", "The mark has been in your LMS since"),
    "post_held": Text(
        "La nota espera a que la revise una persona antes de ir a tu plataforma.",
        "The mark waits for a person to look at it before it goes to your LMS.",
    ),
    "post_failed": Text(
        "Tu plataforma no ha aceptado la nota; está guardada aquí y tu docente lo ve.",
        "Your LMS did not take the mark; it is kept here, and your teacher sees that.",
    ),
    "not_set_up": Text(
        "Tu docente todavía no ha elegido qué se entrega aquí; vuelve más tarde.",
        "Your teacher has not chosen yet what is handed in here; come back later.",
    ),
    "trial_note": Text(
        "Pruebas como docente: tus intentos no se envían a la plataforma ni gastan nada.",
        "You try this as a teacher: your attempts are not sent to the LMS and use nothing up.",
    ),
    "get_notebook": Text("El cuaderno", "The notebook"),
    "get_lead": Text(
        "Descárgalo, complétalo en Jupyter o Colab y entrégalo aquí.",
        "Download it, fill it in with Jupyter or Colab, and hand it in here.",
    ),
    "notebook_es": Text("Cuaderno en español", "Notebook in Spanish"),
    "notebook_en": Text("Cuaderno en inglés", "Notebook in English"),
    "hand_in_title": Text("Entregar", "Hand in"),
    "choose_file": Text("Elige tu cuaderno (.ipynb)", "Choose your notebook (.ipynb)"),
    "or_drop": Text("o suéltalo aquí", "or drop it here"),
    "at_most": Text("Hasta {size} MiB.", "Up to {size} MiB."),
    "send": Text("Entregar el cuaderno", "Hand in the notebook"),
    "sending": Text("Enviando…", "Sending…"),
    "not_sent": Text(
        "No se ha podido enviar; comprueba tu conexión y pulsa otra vez. Un mismo envío nunca cuenta dos veces.",
        "It could not be sent; check your connection and press again. The same hand-in never counts twice.",
    ),
    "attempts": Text("Tus intentos", "Your attempts"),
    "attempt": Text("Intento", "Attempt"),
    "handed_in": Text("Entregado", "Handed in"),
    "state": Text("Estado", "State"),
    "no_attempts": Text("Todavía no has entregado nada.", "You have not handed in anything yet."),
    "counts": Text("cuenta", "counts"),
    "in_time": Text("a tiempo", "in time"),
    "late": Text("{time} tarde", "{time} late"),
    "is_running": Text("corrigiéndose", "being graded"),
    "is_graded": Text("calificado", "graded"),
    "is_needs_review": Text("pendiente de revisión", "needs review"),
    "out_of": Text("{score} de {max}", "{score} out of {max}"),
    "of_max": Text("de {max} puntos", "out of {max} points"),
    "deducted": Text(
        "{earned} menos {deducted} por entregar {time} tarde", "{earned} less {deducted} for being {time} late"
    ),
    "decided": Text("La nota la ha puesto una persona.", "A person gave this mark."),
    "comment": Text("Comentario", "Comment"),
    "does_count": Text("Este intento es el que cuenta.", "This attempt is the one that counts."),
    "does_not_count": Text("Ahora cuenta otro de tus intentos.", "Another of your attempts counts at present."),
    "rejected_note": Text(
        "No se ejecutó nada, y no gasta ningún intento. Corrige el archivo y entrégalo otra vez.",
        "Nothing was run, and it uses up no attempt. Put the file right and hand it in again.",
    ),
    "file": Text("Archivo", "File"),
    "progress": Text("Cómo va", "How it is going"),
    "queue_next": Text("En cola: te toca enseguida.", "Queued: it is your turn next."),
    "queue_one": Text("En cola: hay una entrega delante.", "Queued: one hand-in is before yours."),
    "queue_more": Text("En cola: hay {ahead} entregas delante.", "Queued: {ahead} hand-ins are before yours."),
    "running": Text("Se está corrigiendo ahora mismo.", "It is being graded right now."),
    "so_far": Text("Lleva {time}.", "It has taken {time} so far."),
    "done": Text("Corregido.", "Graded."),
    "safe_to_leave": Text(
        "Tu cuaderno está guardado. Puedes cerrar esta página y volver cuando quieras.",
        "Your notebook is safe with us. You may close this page and come back whenever you like.",
    ),
    "reloads": Text("Esta página se recarga sola.", "This page reloads by itself."),
    "result": Text("Resultado", "Result"),
    "tasks": Text("Por tareas", "By task"),
    "task": Text("Tarea", "Task"),
    "checks": Text("Comprobaciones", "Checks"),
    "checks_passed": Text("{passed} de {all} superadas", "{passed} of {all} passed"),
    "to_review": Text("{count} por revisar", "{count} to be reviewed"),
    "feedback_title": Text("Comentarios", "Feedback"),
    "open_feedback": Text("Abrir los comentarios en una página", "Open the feedback on a page of its own"),
    "get_receipt": Text("Descargar el recibo firmado", "Download the signed receipt"),
    "get_back": Text("Descargar lo que entregaste", "Download what you handed in"),
    "receipt_note": Text(
        "El recibo prueba qué archivo se calificó y con qué resultado; guárdalo junto a tu cuaderno.",
        "The receipt proves which file was graded and with which result; keep it with your notebook.",
    ),
    "handed_in_by": Text("Entregado por", "Handed in by"),
    "quiz_questions": Text("Preguntas", "Questions"),
    "quiz_start": Text("Responder a las preguntas", "Answer the questions"),
    "quiz_lead": Text(
        "Son {count} preguntas. No cambian hasta que las entregues, y solo entonces cuenta el intento.",
        "There are {count} questions. They stay the same until you hand them in, and only then does the attempt count.",
    ),
    "quiz_nothing": Text("(sin respuesta)", "(no answer)"),
    "question_number": Text("Pregunta {number}", "Question {number}"),
    "worth_points": Text("{points} puntos", "{points} points"),
    "worth_point": Text("1 punto", "1 point"),
    "choose_one": Text("Elige una.", "Choose one."),
    "choose_all": Text("Elige todas las correctas.", "Choose all that are right."),
    "write_number": Text(
        "Escribe un número; los decimales, con coma o con punto.", "Write a number; decimals with a point or a comma."
    ),
    "write_word": Text("Escribe una palabra.", "Write a word."),
    "match_all": Text("Elige la pareja de cada una.", "Choose the partner of each."),
    "choose_partner": Text("Elige…", "Choose…"),
    "quiz_send": Text("Entregar las respuestas", "Hand in the answers"),
    "quiz_blank": Text("Lo que dejes en blanco vale 0 puntos.", "What you leave blank is worth 0 points."),
    "your_answer": Text("Tu respuesta", "Your answer"),
    "is_right": Text("Correcta", "Right"),
    "is_partly": Text("Correcta en parte", "Partly right"),
    "is_wrong": Text("Incorrecta", "Wrong"),
    "not_chosen_one": Text(
        "Te ha faltado elegir una opción correcta.", "There is one right choice that you did not choose."
    ),
    "not_chosen_more": Text(
        "Te ha faltado elegir {count} opciones correctas.", "There are {count} right choices that you did not choose."
    ),
    "explanation": Text("Explicación", "Explanation"),
    "quiz_changed": Text(
        "Las preguntas han cambiado desde entonces, así que aquí solo se muestran los puntos; tu nota es la misma.",
        "The questions have changed since, so only the points are shown here; your mark is the same.",
    ),
    "correct_these": Text("Falta algo por corregir", "Something is to be put right"),
}

NO_FILE = Text(
    es="No has elegido ningún archivo; elige tu cuaderno (.ipynb) y entrégalo otra vez.",
    en="You have chosen no file; choose your notebook (.ipynb) and hand it in again.",
)
EMPTY = Text(
    es="El archivo está vacío; guarda el cuaderno, descárgalo otra vez y entrégalo.",
    en="The file is empty; save the notebook, download it again and hand it in.",
)
TOO_LARGE = Text(
    es="El archivo supera {size} MiB y no se ha guardado; borra las salidas del cuaderno, guárdalo y entrégalo otra vez.",
    en="The file is larger than {size} MiB and was not kept; clear the notebook's outputs, save it and hand it in again.",
)
ONE_FILE = Text(
    es="Han llegado varios archivos y no se ha entregado ninguno; entrega solo tu cuaderno.",
    en="Several files arrived and none was handed in; hand in your notebook only.",
)
CUT_OFF = Text(
    es="El envío llegó incompleto y no se ha entregado nada; envía el cuaderno otra vez.",
    en="What you sent arrived incomplete and nothing was handed in; send the notebook again.",
)
TOO_SLOW = Text(
    es="El envío ha tardado demasiado y no se ha entregado nada; prueba con una conexión mejor.",
    en="Sending took too long and nothing was handed in; try again with a better connection.",
)
NOT_JUDGED = Text(
    es="Este intento todavía no se ha corregido; vuelve cuando la página del intento diga que está corregido.",
    en="This attempt has not been graded yet; come back when the attempt's page says that it is.",
)
NO_NOTEBOOK = Text(
    es="Un cuestionario no tiene cuaderno, ni recibo de él; su resultado está en la página del intento.",
    en="A quiz has no notebook and no receipt of one; its result is on the attempt's page.",
)
NO_NUMBER = Text(
    es="En la pregunta {number} has escrito {typed}, que no es un número; escribe uno como 0,25. No se ha entregado nada todavía.",
    en="In question {number} you wrote {typed}, which is no number; write one like 0.25. Nothing is handed in yet.",
)
OTHER_QUESTIONS = Text(
    es="Esas preguntas ya se entregaron o han cambiado mientras respondías; estas son las de ahora, y no has gastado nada.",
    en="Those questions were handed in before or have changed meanwhile; these are the present ones, and no attempt was used.",
)


def late_rule(activity: Activity) -> Text:
    """What lateness costs, as a sentence."""
    if not activity.late_percent_per_day:
        return Text("No se descuenta nada.", "Nothing is taken off.")
    es, en = _percent(activity.late_percent_per_day)
    rule = Text(
        f"Por cada día empezado se descuenta un {es} de lo conseguido.",
        f"For every day that has begun, {en} of what was earned is taken off.",
    )
    if activity.late_percent_at_most >= 100:
        return rule
    es, en = _percent(activity.late_percent_at_most)
    return Text(rule.es[:-1] + f", {es} como mucho.", rule.en[:-1] + f", {en} at most.")


def counts_rule(activity: Activity) -> Text:
    """Which attempt counts."""
    return STUDENT["counts_best" if activity.counts == Counts.BEST else "counts_last"]


def lasting(time: timedelta) -> Text:
    """A length of time in its two largest units, rounded up to minutes: `1 d 3 h`, `12 min`."""
    minutes = -(-int(time.total_seconds()) // 60)
    days, hours = divmod(minutes // 60, 24)
    parts = [(days, "d"), (hours, "h"), (minutes % 60, "min")]
    while len(parts) > 1 and not parts[0][0]:
        parts.pop(0)
    told = " ".join(f"{count}\u00a0{unit}" for count, unit in parts[:2] if count) or "0\u00a0min"
    return Text(told, told)


def filled(text: Text, **values: object) -> Text:
    """`text` with its places filled in."""
    return Text(text.es.format(**values), text.en.format(**values))


def _percent(value: float) -> tuple[str, str]:
    written = f"{value:g}"
    return f"{written.replace('.', ',')}\u00a0%", f"{written}%"
