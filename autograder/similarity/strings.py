"""Every word about similar answers in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.text import Text

WORDS: Mapping[str, Text] = {
    "similar": Text("Respuestas parecidas", "Similar answers"),
    "means": Text("Qué dice esta página, y qué no", "What this page says, and what it does not"),
    "no_accusation": Text(
        "Dos respuestas parecidas no prueban nada. Aquí se ve dónde se parecen más que el resto de la clase; por qué, solo se "
        "sabe hablando con las personas.",
        "Two similar answers prove nothing. This shows where they are more alike than the rest of the class; why, only a "
        "conversation can tell.",
    ),
    "innocent": Text("Causas inocentes, todas frecuentes:", "Innocent causes, all of them common:"),
    "cause_short": Text(
        "Una tarea corta tiene pocas respuestas correctas, y quien acierta escribe una de ellas.",
        "A short task has few right answers, and whoever gets it right writes one of them.",
    ),
    "cause_source": Text(
        "La clase, los apuntes, la documentación o el mismo tutorial enseñan la misma forma.",
        "The lecture, the notes, the documentation or the same tutorial teach the same form.",
    ),
    "cause_together": Text(
        "Trabajaron juntos, quizá con permiso; o se les ayudó igual en una tutoría.",
        "They worked together, perhaps with permission, or were helped alike in an office hour.",
    ),
    "how": Text(
        "Se comparan solo las celdas de respuesta, sin lo que se repartió. No cuentan los nombres propios, los espacios ni los "
        "comentarios, ni lo que escribe más de un tercio de la clase. El porcentaje dice cuánto de lo propio de la entrega más "
        "corta está también en la otra.",
        "Only the answer cells are compared, without what was released. Names of one's own, spaces and comments do not count, nor "
        "does what more than a third of the class wrote. The percentage says how much of what is the shorter submission's own "
        "is in the other one too.",
    ),
    "compared": Text(
        "Entregas: {submissions}; pares con suficiente código propio para compararse: {pairs}",
        "Submissions: {submissions}; pairs with enough code of their own to be compared: {pairs}",
    ),
    "baseline": Text("Lo normal en esta clase", "What is usual in this class"),
    "baseline_of": Text("Parecido de todos los pares de {title}", "Likeness of all pairs in {title}"),
    "usual": Text(
        "El par del medio comparte un {median}; 95 de cada 100 pares, menos de un {high}.",
        "The pair in the middle shares {median}; 95 of 100 pairs share less than {high}.",
    ),
    "few_pairs": Text(
        "Son muy pocos pares para saber qué es normal en esta clase.",
        "These are too few pairs to know what is usual in this class.",
    ),
    "pairs": Text("Pares desde el {threshold}", "Pairs from {threshold} up"),
    "none": Text("Ningún par comparte tanto.", "No pair shares as much."),
    "only_first": Text(
        "Se muestran los {shown} más parecidos, de {found}.",
        "The {shown} most alike are shown, of {found}.",
    ),
    "overlap": Text("Parecido", "Alike"),
    "more_than": Text("más que el {share} de los pares", "more than {share} of the pairs"),
    "more_than_short": Text("Más que … de los pares", "More than … of pairs"),
    "code_by": Text("{task}, {student}", "{task}, by {student}"),
    "first": Text("Entre", "Between"),
    "second": Text("y", "and"),
    "in_tasks": Text("Tareas", "Tasks"),
    "unread": Text("No comparadas", "Not compared"),
}
