#!/usr/bin/env bash
# set_up.sh VENV WHAT: a virtual environment with WHAT (a requirement of this folder) installed for editing.
# PYTHON names the Python to use; otherwise the first on the path that is new enough is taken.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$1 what=$2

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    local name names=${PYTHON:-python3 python3.13 python3.12 python3.11}
    for name in $names; do
        if new_enough "$name"; then
            echo "$name"
            return
        fi
    done
    echo "samehand needs Python 3.11 or newer, and found none (tried: $names)." >&2
    echo "  Try: make PYTHON=/path/to/python3.12 ..." >&2
    return 1
}

if [ ! -x "$venv/bin/python" ] || ! new_enough "$venv/bin/python"; then
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "$python cannot make virtual environments: its venv module is a package of its own here." >&2
        echo "  Try: apt-get install python3-venv" >&2
        exit 1
    fi
    echo "Set-up: $("$python" --version) in $venv"
    rm -rf "$venv"
    "$python" -m venv "$venv"
fi
echo "Set-up: installing samehand and what it needs (a minute or two the first time)"
"$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-input --editable "$what"
