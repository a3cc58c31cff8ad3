"""An autograder for deep-learning courses: student code and hidden tests never share a process."""
