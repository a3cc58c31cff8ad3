"""Introductory deep learning: the course's settings. Assignments are found by their folders under `solutions/`."""

from autograder.course import Course, Limits, Settings

course = Course(
    id="intro-deep-learning",
    language="es",
    gradebook="sqlite:///gradebook.db",
    # Their figures and trainings for pictures alone would take longer than all hidden checks together.
    run_demos=False,
    assignments={
        # NumPy alone answers in milliseconds; a loop that never ends should not hold up a class for minutes.
        "01_mse": Settings(limits=Limits(cell_seconds=20, check_seconds=10)),
        "04_xor_mlp": Settings(limits=Limits(total_seconds=1200)),
    },
)
