"""Commands with a module each, which `autograder.cli` adds to its group.

Such a module imports nothing but click, errors and text before its command runs, as `--help` imports all of them.
"""
