"""Introductory deep learning: the course's settings. Assignments are found by their folders under `solutions/`."""

from autograder.course import Course, Limits, Settings

course = Course(
    id="intro-deep-learning",
    language="es",
    gradebook="sqlite:///gradebook.db",
    assignments={
        # NumPy alone answers in milliseconds; a loop that never ends should not hold up a class for minutes.
        "01_mse": Settings(limits=Limits(cell_seconds=20, check_seconds=10)),
        # Demo cells train networks for pictures alone, which would take longer than all hidden checks together.
        "04_xor_mlp": Settings(limits=Limits(total_seconds=1200), run_demos=False),
        "05_imdb_overfitting": Settings(run_demos=False),
        "06_dropout": Settings(run_demos=False),
        "07_batch_normalization": Settings(run_demos=False),
        "08_hyperparameter_tuning": Settings(run_demos=False),
    },
)
