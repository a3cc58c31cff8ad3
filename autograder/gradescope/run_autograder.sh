#!/usr/bin/env bash
# Run by Gradescope for each submission, as root, in a container of its own. The variables are for trying it elsewhere.
root="${AUTOGRADER_ROOT:-/autograder}"
python="${AUTOGRADER_VENV:-/opt/autograder}/bin/python"
umask 022
mkdir -p "$root/results"
# Whatever is killed below, there are results, and they say that it is not the student's fault.
cp "$root/source/lost.json" "$root/results/results.json"
"$python" -P -m autograder.gradescope "$root"
