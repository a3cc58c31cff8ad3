"""Every word of the class page in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.text import Text

CLASS: Mapping[str, Text] = {
    "class_results": Text("Resultados de la clase", "Results of the class"),
    "for_teachers": Text("Para el profesorado", "For teachers"),
    "no_submissions": Text("No se ha entregado nada.", "Nothing has been handed in."),
    "submissions": Text("entregas", "submissions"),
    "submissions_one": Text("entrega", "submission"),
    "students_count": Text("estudiantes", "students"),
    "students_count_one": Text("estudiante", "student"),
    "graded_count": Text("calificadas", "graded"),
    "graded_count_one": Text("calificada", "graded"),
    "review_count": Text("por revisar", "to be reviewed"),
    "rejected_count": Text("rechazadas", "rejected"),
    "rejected_count_one": Text("rechazada", "rejected"),
    "class_unwalled_means": Text(
        "Ejecutadas con --no-sandbox: {count}. Ningún muro separaba su código del ordenador que las calificó. "
        "No uses estos resultados como notas.",
        "Run with --no-sandbox: {count}. No wall stood between their code and the machine that graded them. "
        "Do not use these results as marks.",
    ),
    # what needs a person
    "your_turn": Text("Lo que te toca", "Your turn"),
    "nothing_waits": Text(
        "Nada: todas las entregas se han podido leer y juzgar.",
        "Nothing: every submission could be read and judged.",
    ),
    "to_review": Text("Por revisar", "To be reviewed"),
    "to_review_means": Text(
        "Aquí no pudo juzgar la máquina. Hasta que alguien lo mire, esos puntos siguen abiertos y no cuestan nada.",
        "Here the machine could not judge. Until somebody looks, these points are open and cost nothing.",
    ),
    "not_read": Text("Archivos rechazados", "Rejected files"),
    "not_read_means": Text(
        "No eran un cuaderno de la práctica, así que no se ejecutó nada. Pide que los entreguen de nuevo.",
        "They were no notebook of the assignment, so nothing was run. Ask for them to be handed in again.",
    ),
    "no_assignment": Text("Práctica sin identificar", "Assignment unknown"),
    "faults": Text("Fallos nuestros", "Faults of ours"),
    "and_more": Text("y {count} más", "and {count} more"),
    # one assignment
    "jump_to": Text("Prácticas", "Assignments"),
    "median_of": Text("mediana {score} de {max}", "median {score} out of {max}"),
    "full_marks": Text("{count} con todos los puntos", "{count} with full marks"),
    "none_marked": Text("Ninguna entrega se pudo calificar.", "No submission could be graded."),
    "distribution": Text("Reparto de puntos", "Distribution of marks"),
    "distribution_of": Text(
        "Reparto de puntos de {title}: entregas por tramo",
        "Distribution of marks in {title}: submissions per band",
    ),
    "band": Text("de {low} a {high}: {count}", "{low} to {high}: {count}"),
    "settled": Text("calificadas", "graded"),
    "by_task": Text("Puntos por tarea", "Points by task"),
    "undone_count": Text("{count} sin hacer", "{count} left undone"),
    "where_it_fails": Text("Dónde se falla", "Where it fails"),
    "where_it_fails_means": Text(
        "Primero lo que más fallan quienes lo intentan, con la confusión reconocida.",
        "First what most of those who try get wrong, with the misconception that was recognised.",
    ),
    "all_passed": Text(
        "Quienes lo intentaron superaron todas las comprobaciones.", "Everybody who tried passed every check."
    ),
    "failed_of": Text("{failed} de {count} fallan", "{failed} of {count} fail"),
    "unjudged_count": Text("{count} sin juzgar", "{count} unjudged"),
    "more_checks": Text("{count} comprobaciones más", "{count} more checks"),
    "rest_passed": Text(
        "Las demás comprobaciones ({count}) las superaron quienes lo intentaron.",
        "Everybody who tried passed the other checks ({count}).",
    ),
    "reason_wrong": Text("Resultado equivocado, sin confusión reconocida", "Wrong result, no misconception recognised"),
    "cause_not_done": Text("Sin hacer", "Left undone"),
    "cause_missing": Text("La función no existe", "The function is missing"),
    "cause_raised": Text("Lanza una excepción", "Raises an exception"),
    "cause_timed_out": Text("Tarda demasiado", "Takes too long"),
    "cause_died": Text("Acaba con su proceso", "Ends its own process"),
    "cause_bad_reply": Text("Responde otra cosa de lo preguntado", "Answers something other than what was asked"),
    "cause_waiting": Text("Por revisar", "To be reviewed"),
    "stuck": Text("Quién está atascado", "Who is stuck"),
    "stuck_all": Text("todas las tareas", "every task"),
    # tables
    "marks_table": Text("Puntos de cada estudiante por tarea", "Points of every student by task"),
    "marks_of": Text("Puntos por estudiante y tarea: {title}", "Points by student and task: {title}"),
    "total": Text("Total", "Total"),
    "class_mean": Text("Media de la clase", "Mean of the class"),
    "legend": Text("Signos", "Signs"),
    "level_legend": Text("Color: parte de los puntos", "Colour: share of the points"),
    "everybody": Text("Toda la clase", "The whole class"),
    "everybody_means": Text(
        "Cada nota lleva a los comentarios que recibe el estudiante.",
        "Every mark leads to the feedback that the student gets.",
    ),
    "handed_in": Text("Entregas", "Handed in"),
    "not_handed_in": Text("sin entregar", "not handed in"),
}
