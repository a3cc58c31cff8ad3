#!/usr/bin/env bash
# Run once by Gradescope, as root and with network, when the container's image is built.
# The variables are for trying it elsewhere.
set -euo pipefail
source="${AUTOGRADER_ROOT:-/autograder}/source"
# Not below /autograder: student code runs as a user of its own, who has to be able to read Python and its packages.
venv="${AUTOGRADER_VENV:-/opt/autograder}"
export DEBIAN_FRONTEND=noninteractive

fit() {
    command -v "$1" >/dev/null && "$1" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}
find_python() {
    for name in python3.12 python3.11 python3.13 python3; do
        if fit "$name"; then
            command -v "$name"
            return
        fi
    done
}

python="$(find_python)"
if [ -z "$python" ]; then
    apt-get update
    # Ubuntu 24.04 has the first, Ubuntu 22.04 (in universe) and Debian 12 the second, Debian 13 the third.
    for version in 3.12 3.11 3.13; do
        if apt-get install -y --no-install-recommends "python$version" "python$version-venv"; then
            break
        fi
    done
    rm -rf /var/lib/apt/lists/*
    python="$(find_python)"
fi
if [ -z "$python" ]; then
    echo "No Python from 3.11 to 3.13 can be installed here: choose the base image Ubuntu 22.04 or later." >&2
    exit 1
fi

"$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --no-cache-dir --disable-pip-version-check -r "$source/engine/requirements.lock"
"$venv/bin/python" -m pip install --quiet --no-cache-dir --disable-pip-version-check --no-deps "$source/engine"
chmod -R a+rX "$venv"
# Hidden graders lie here.
chmod -R go= "$source"

# Shown with the build; each submission tries its own container's walls.
"$venv/bin/autograder" doctor --course "$source/course" || echo "Read the lines above before students hand in." >&2
