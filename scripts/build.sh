# Configures and builds; source it with $root set to the checkout.

# As many compilers as there are cores, unless memory (about 1 GB each) is shorter.
build_jobs() {
  local memory
  memory=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo 2>/dev/null)
  local cores
  cores=$(nproc)
  if [[ -n $memory && $memory -lt $cores ]]; then echo $((memory > 1 ? memory : 1)); else echo "$cores"; fi
}

# build_directory PRESET
build_directory() {
  if [[ $1 == release ]]; then echo "$root/build"; else echo "$root/build/$1"; fi
}

# configure PRESET [CMAKE_ARGUMENT]... Quiet unless it fails.
configure() {
  local preset=$1 directory said fresh=()
  shift
  directory=$(build_directory "$preset")
  # A build tree that was copied together with its checkout belongs to another place.
  if [[ -f $directory/CMakeCache.txt ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$directory/CMakeCache.txt"; then
    fresh=(--fresh)
  fi
  if command -v ccache >/dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}; fi
  if ! said=$(cd "$root" && cmake --preset "$preset" "${fresh[@]}" "$@" 2>&1); then
    echo "$said" >&2
    echo "cmake could not configure $directory; see above" >&2
    return 1
  fi
}

# compile PRESET [TARGET]... All of it without targets. Progress goes to stderr.
compile() {
  local preset=$1 directory
  shift
  directory=$(build_directory "$preset")
  local targets=()
  [[ $# -gt 0 ]] && targets=(--target "$@")
  if ! cmake --build "$directory" --parallel "$(build_jobs)" "${targets[@]}" >&2; then
    echo "the build in $directory failed; see above" >&2
    return 1
  fi
}
