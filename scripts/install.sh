# Installs what a script of this project needs, from the distribution's package manager; source it, then call
#   require_packages "what for" ITEM...
# An ITEM is a package, or command=package where any source of the command will do (nodejs from elsewhere
# brings its own npm, for instance). Silent when nothing is missing.

# What the build needs. Tests add theirs in tests/run.
RINGHOLD_BUILD_PACKAGES=(
  c++=g++ cmake=cmake ninja=ninja-build pkg-config=pkg-config openssl=openssl
  libssl-dev libuv1-dev nlohmann-json3-dev libcereal-dev libxxhash-dev libcli11-dev libspdlog-dev libfmt-dev
  libboost-dev libjemalloc-dev
)

# The packages among the ITEMs that are missing, one per line.
missing_packages() {
  local item installed
  # It fails when it has never heard of one of them, which must not end this under `set -e`.
  installed=" $(dpkg-query -W -f='${db:Status-Status}=${Package} ' "${@#*=}" 2>/dev/null || true) "
  for item in "$@"; do
    if [[ $item == *=* ]]; then
      command -v "${item%%=*}" >/dev/null || echo "${item#*=}"
    elif [[ $installed != *" installed=$item "* ]]; then
      echo "$item"
    fi
  done
}

require_packages() {
  local purpose=$1 packages
  shift
  if ! command -v dpkg-query >/dev/null; then
    require_commands "$purpose" "$@"
    return
  fi
  mapfile -t packages < <(missing_packages "$@")
  [[ ${#packages[@]} -eq 0 ]] && return
  if [[ $EUID -ne 0 ]]; then
    echo "$purpose needs packages that are not installed; run: sudo apt-get install --no-install-recommends ${packages[*]}" >&2
    exit 1
  fi
  echo "installing for $purpose: ${packages[*]}" >&2
  install_packages "${packages[@]}"
}

# Without Debian's package manager only commands can be looked for; libraries are then CMake's to find.
require_commands() {
  local purpose=$1 item missing=()
  shift
  for item in "$@"; do
    if [[ $item == *=* ]] && ! command -v "${item%%=*}" >/dev/null; then missing+=("${item#*=}"); fi
  done
  [[ ${#missing[@]} -eq 0 ]] && return
  echo "$purpose needs, with your package manager: ${missing[*]}" >&2
  exit 1
}

# runtime_packages PROGRAM...: the packages with the libraries that these programs load, one per line.
runtime_packages() {
  local library found
  ldd "$@" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u | while read -r library; do
    # What the linker finds in /lib may be packaged in /usr/lib, and the other way round.
    found=$(dpkg-query --search "$library" "/usr$library" "${library#/usr}" 2>/dev/null || true)
    if [[ -z $found ]]; then
      echo "no installed package has $library" >&2
      return 1
    fi
    echo "${found%%:*}"
  done | sort -u
}

# Installs as root, without questions, and without starting any daemon that a package may bring: while it runs,
# policy-rc.d says no to every start (and is put back as it was).
install_packages() {
  local policy=/usr/sbin/policy-rc.d ours="" log failed=""
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    ours=yes
    # An interrupted installation must not leave the guard behind: it would stop every daemon of this machine.
    trap 'rm -f /usr/sbin/policy-rc.d; exit 130' INT TERM
  fi
  log=$(mktemp)
  apt_get install "$@" >"$log" 2>&1 ||
    { apt_get update >"$log" 2>&1 && apt_get install "$@" >>"$log" 2>&1; } || failed=yes
  if [[ $ours ]]; then
    rm -f "$policy"
    trap - INT TERM
  fi
  if [[ $failed ]]; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    echo "could not install: $*; see above, then try: apt-get update && apt-get install --no-install-recommends $*" >&2
    exit 1
  fi
  rm -f "$log"
}

apt_get() {
  local verb=$1
  shift
  DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=120 --no-install-recommends "$verb" "$@" </dev/null
}
