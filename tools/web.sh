#!/usr/bin/env bash
# ./dev web: the nurse's wall. Installs what it needs, pinned; does nothing when nothing changed.
set -euo pipefail
# shellcheck source=tools/setup/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup/common.sh"
# shellcheck source=tools/setup/packages.sh
source "$SETUP_DIR/packages.sh"

WEB=$ROOT/web
say() { printf 'web: %s\n' "$*"; }
complain() { printf 'web: %s\n' "$*" >&2; }

has_node() {
  command -v npm >/dev/null && node --eval 'process.exit(process.versions.node.split(".")[0] >= 18 ? 0 : 1)' 2>/dev/null
}

need_node() {
  has_node || install_packages nodejs npm
  has_node || {
    complain "needs Node 18 or later, with npm"
    return 1
  }
}

need_chromium() {
  [ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null || command -v google-chrome >/dev/null ||
    install_packages chromium
}

need_modules() {
  local lock stamp=$WEB/node_modules/.installed
  need_node
  lock=$(hash_of "$WEB/package-lock.json")
  [ "$(cat "$stamp" 2>/dev/null)" != "$lock" ] || return 0
  say "installing what the wall is made of"
  (cd "$WEB" && logged npm-ci retry npm ci --no-audit --no-fund --loglevel=error)
  echo "$lock" >"$stamp"
}

sources_key() {
  (cd "$WEB" && find src public index.html ./*.json ./*.ts -type f -print0 | sort -z | xargs -0 cat | sha256sum | cut -c 1-16)
}

build() {
  local stamp=$WEB/node_modules/.built key
  need_modules
  key=$(sources_key)
  if [ -f "$WEB/dist/index.html" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$key" ]; then return 0; fi
  say "building the wall"
  (cd "$WEB" && logged web-build npm run --silent build)
  echo "$key" >"$stamp"
  say "the wall is in web/dist; the next ./dev build takes it into the program"
}

unit() {
  need_modules
  cd "$WEB" && npm test --silent -- "$@"
}

browser() {
  need_chromium
  build
  cd "$WEB" && npm run --silent browser -- "$@"
}

# The types of the service's answers, out of what the program says about itself.
client() {
  need_modules
  cd "$WEB" && npm run --silent client
}

main() {
  local word=${1:-build}
  [ $# -eq 0 ] || shift
  case $word in
    build | unit | browser | client) "$word" "$@" ;;
    *)
      complain "there is no word '$word': build, unit, browser or client"
      exit 2
      ;;
  esac
}

main "$@"
