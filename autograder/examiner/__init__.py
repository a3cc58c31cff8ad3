"""The trusted side of one submission: runs the hidden grader in a process that student code never enters."""
