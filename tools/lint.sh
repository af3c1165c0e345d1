#!/usr/bin/env bash
# ./dev lint: every check that needs no run of the program. Goes through all of them, then tells whether one failed.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
JOBS=${JOBS:-$(nproc)}
MAX_LINES=400

say() { printf 'lint: %s\n' "$*"; }

# Files that git knows or would take in; one that was just deleted is still listed, so each is looked for.
files() {
  git ls-files -co --exclude-standard -- "$@" | while read -r file; do
    if [ -f "$file" ]; then echo "$file"; fi
  done
}

cpp_files() { files 'src/*.h' 'src/*.cpp' 'tests/*.h' 'tests/*.cpp' 'bench/*.h' 'bench/*.cpp' 'fuzz/*.h' 'fuzz/*.cpp'; }

shell_files() { files dev .ci/run '*.sh'; }

check_format() {
  say "format"
  cpp_files | xargs -r clang-format-16 --dry-run -Werror
}

check_rooms() {
  say "rooms"
  python3 tools/check_rooms.py
}

check_shell() {
  say "shell scripts"
  shell_files | xargs -r shellcheck -x -P "$ROOT"
}

# The design folder is beside the checkout in one workplace only: nothing here may lean on it.
check_outside() {
  say "mentions of folders outside"
  ! git grep -nIE '[.][.]/shared' -- .
}

# check_deploy.py with the schemas and the linter that it needs, from the registry, kept in setup's cache.
# In a shell of its own: common.sh has words of the same names as ours.
check_deploy() (
  say "deploy"
  # shellcheck source=tools/setup/common.sh
  source "$ROOT/tools/setup/common.sh"
  local wheels parts
  wheels=$(fetch deploy-checks) || return 1
  parts=$ROOT/build/deploy-checks-$(basename "$wheels")
  if [ ! -f "$parts/complete" ]; then
    unpack "$wheels" "$parts" && touch "$parts/complete" || return 1
  fi
  /usr/bin/python3 -W ignore tools/check_deploy.py "$parts"
)

# A long file is a question, not a fault.
warn_length() {
  say "file lengths"
  files 'src/*.h' 'src/*.cpp' | xargs -r wc -l |
    awk -v most="$MAX_LINES" '$2 != "total" && $1 > most { print "lint: warning: " $2 " has " $1 " lines: split it, or say why not" }'
}

check_tidy() {
  # clang-tidy reads the precompiled header, so it has to be there.
  cmake --build build/dev --target carevoice_heavy --parallel "$JOBS" >/dev/null || return 1
  python3 tools/tidy.py --jobs "$JOBS" "$@"
}

main() {
  local failed=()
  check_format || failed+=(format)
  check_rooms || failed+=(rooms)
  check_shell || failed+=(shell)
  check_outside || failed+=(outside)
  check_deploy || failed+=(deploy)
  warn_length
  if [ "${1:-}" = --no-tidy ]; then
    say "clang-tidy left out"
  else
    check_tidy "$@" || failed+=(clang-tidy)
  fi
  [ "${#failed[@]}" = 0 ] || {
    say "failed: ${failed[*]}"
    return 1
  }
  say "clean"
}

main "$@"
