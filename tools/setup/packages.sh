# shellcheck shell=bash
# Debian's packages: installs what is missing, and is silent when nothing is. Sourced by setup.sh.

# libphonenumber-dev is left out: it insists on another Boost.
PACKAGES=(
  clang-16 clang-tidy-16 clang-format-16 lld-16 libclang-rt-16-dev llvm-16 ccache ninja-build cmake pkg-config
  libboost1.81-dev libboost-json1.81-dev libssl-dev libsimdjson-dev libpugixml-dev libsoci-dev libsqlite3-dev libpq-dev
  libhiredis-dev postgresql redis-server haproxy libsodium-dev libcurl4-openssl-dev libhowardhinnant-date-dev tzdata prometheus-cpp-dev libspdlog-dev
  libfmt-dev libcli11-dev libgtest-dev libgmock-dev libbenchmark-dev espeak-ng-data shellcheck python3 python3-venv
  python3-pip python3-yaml python3-jsonschema prometheus systemd openssl git ca-certificates curl
)

missing_packages() {
  comm -13 \
    <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null | sed -n 's/ installed$//p' | sort -u) \
    <(printf '%s\n' "$@" | sort -u)
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n true 2>/dev/null && sudo "$@"; fi
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@" </dev/null
}

# install_packages [NAME...]: these, or all that the build needs.
install_packages() {
  local missing
  [ $# -gt 0 ] || set -- "${PACKAGES[@]}"
  mapfile -t missing < <(missing_packages "$@")
  [ "${#missing[@]}" -gt 0 ] || return 0
  say "installing ${#missing[@]} Debian packages (${missing[*]:0:4} ...)"
  # An old package list may still do, and offline it is all there is.
  logged apt-update retry apt_get update || true
  logged apt-install retry apt_get install --no-install-recommends "${missing[@]}" || {
    complain "could not install: ${missing[*]}"
    complain "install them as root, then run ./dev setup again"
    return 1
  }
  say "Debian packages installed"
}
