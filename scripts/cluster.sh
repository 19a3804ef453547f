# What cluster/up, cluster/start and cluster/down share; source it with $root set to the checkout.
#
# Everything of a cluster lives in $state: servers.json, NAME.log, NAME.pid, and `members`, one line "NAME PORT" per data
# server that these scripts have ever started there. A pid file holds "PID START EXE", where START is the process's start
# time from /proc/PID/stat: together they tell our process from a stranger that was given the same pid later.

# Another folder makes another cluster, beside the usual one (tests use this).
state=${RINGHOLD_CLUSTER_DIR:-$root/build/cluster}
bin=${RINGHOLD_BIN:-$root/build/bin}
certs=${RINGHOLD_CERTS:-$root/certs}
servers_file=$state/servers.json

fail() {
  echo "$(basename "$0"): $1" >&2
  exit "${2:-1}"
}

check_port() {
  [[ $1 =~ ^[1-9][0-9]{0,4}$ && $1 -le 65535 ]] || fail "$2 must be a port from 1 to 65535, not '$1'" 2
}

# Serializes the scripts on one cluster; processes started from here must not inherit descriptor 8.
lock_state() {
  mkdir -p "$state" || fail "cannot create $state"
  state=$(cd "$state" && pwd)
  servers_file=$state/servers.json
  exec 8<"$state"
  flock -w 120 8 || fail "another cluster script is at work in $state"
}

unlock_state() { exec 8<&-; }

# --- Processes ---

process_start_time() {
  local line stat=()
  line=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  # The second field, the command in parentheses, may hold spaces; the rest is counted from behind it.
  read -ra stat <<<"${line##*) }"
  [[ ${stat[0]} != Z ]] || return 1
  echo "${stat[19]}"
}

# running_pid NAME: its pid, if the recorded process is still that one.
running_pid() {
  local pid start exe now
  read -r pid start exe 2>/dev/null <"$state/$1.pid" || return 1
  [[ $(process_start_time "$pid") == "$start" ]] || return 1
  now=$(readlink "/proc/$pid/exe" 2>/dev/null) || return 1
  # A rebuild replaces the file under a running process.
  [[ ${now% (deleted)} == "$exe" ]] || return 1
  echo "$pid"
}

# Names with a pid file, the proxy first: with it gone, nobody asks the data servers that end after it.
recorded_names() {
  local file name
  [[ -e $state/proxy.pid ]] && echo proxy
  for file in "$state"/*.pid; do
    name=$(basename "$file" .pid)
    if [[ -e $file && $name != proxy ]]; then echo "$name"; fi
  done
}

running_names() {
  local name
  for name in $(recorded_names); do
    if running_pid "$name" >/dev/null; then echo "$name"; fi
  done
}

# launch NAME PROGRAM ARGUMENT...: in a session of its own, so that neither a closed terminal nor Ctrl-C reaches it.
launch() {
  local name=$1 program=$2 exe pid start tries
  shift 2
  exe=$(readlink -f "$program")
  [[ -f $state/$name.log ]] && mv -f "$state/$name.log" "$state/$name.log.old"
  setsid "$exe" "$@" >"$state/$name.log" 2>&1 </dev/null 8<&- &
  pid=$!
  start=$(process_start_time "$pid") || start=0
  echo "$pid $start $exe" >"$state/$name.pid"
  # Until setsid has become the program, it would look like a stranger.
  for ((tries = 0; tries < 100; tries++)); do
    if [[ $(readlink "/proc/$pid/exe" 2>/dev/null) == "$exe" || ! -e /proc/$pid ]]; then break; fi
    sleep 0.01
  done
}

launch_dataserver() {
  local name=$1 port=$2
  mkdir -p "$state/data"
  launch "$name" "$bin/ringhold-dataserver" --addr "127.0.0.1:$port" --name "$name" --backup "$state/data/$name.rh" \
    --cert "$certs/server.crt" --key "$certs/server.key" --ca "$certs/ca.crt"
}

# wait_ready NAME: until the process has printed its ready line; 1 when it has ended or says nothing for 30 s.
wait_ready() {
  local name=$1 tries
  for ((tries = 0; tries < 600; tries++)); do
    running_pid "$name" >/dev/null || return 1
    grep -q '^ready addr=' "$state/$name.log" && return 0
    sleep 0.05
  done
  return 1
}

show_log() {
  echo "--- last lines of $state/$1.log:" >&2
  tail -n 15 "$state/$1.log" >&2
}

# Ends what was recorded and is still ours: politely, after 60 s by force.
stop_all() {
  local name pid tries names
  names=$(running_names)
  for name in $names; do
    pid=$(running_pid "$name") || continue
    # A stopped process (kill -STOP) would not hear the request to end.
    kill -TERM "$pid" 2>/dev/null || true
    kill -CONT "$pid" 2>/dev/null || true
  done
  # They write their last backups meanwhile.
  for ((tries = 0; tries < 1200; tries++)); do
    [[ -z $(running_names) ]] && break
    sleep 0.05
  done
  for name in $(running_names); do
    echo "$name did not end within 60 s and is killed" >&2
    pid=$(running_pid "$name") || continue
    kill -KILL "$pid" 2>/dev/null || true
  done
  for ((tries = 0; tries < 100; tries++)); do
    [[ -z $(running_names) ]] && break
    sleep 0.05
  done
  for name in $(recorded_names); do rm -f "$state/$name.pid"; done
}

# --- Ports ---

# The pid and command of whoever listens on 127.0.0.1:PORT (or on all addresses); "somebody" if it cannot be seen.
# Fails if nobody does. From /proc, because a minimal system has neither ss nor lsof.
port_owner() {
  local inode link pid
  inode=$(awk -v port="$(printf '%04X' "$1")" '
    $4 == "0A" && $2 ~ ":" port "$" &&
      $2 ~ /^(0100007F|00000000|0000000000000000FFFF00000100007F|00000000000000000000000000000000):/ { print $10; exit }
  ' /proc/net/tcp /proc/net/tcp6 2>/dev/null)
  [[ -n $inode ]] || return 1
  link=$(find /proc/[0-9]*/fd -lname "socket:\[$inode\]" -print -quit 2>/dev/null)
  if [[ $link =~ ^/proc/([0-9]+)/ ]]; then
    pid=${BASH_REMATCH[1]}
    echo "pid $pid ($(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c1-80 | sed 's/ *$//'))"
  else
    echo "somebody"
  fi
}

require_free_port() {
  local owner
  if owner=$(port_owner "$1"); then fail "port $1 is in use by $owner; end that, or choose another --port"; fi
}

# --- Members ---

member_port() { awk -v name="$1" '$1 == name { port = $2 } END { print port }' "$state/members" 2>/dev/null; }

add_member() {
  [[ $(member_port "$1") == "$2" ]] || echo "$1 $2" >>"$state/members"
}

server_entry() { echo "{\"name\": \"$1\", \"weight\": 1, \"replicas\": [\"127.0.0.1:$2\"]}"; }

# client PORT ARGUMENT...: Ringhold's client, as role client.
client() {
  local port=$1
  shift
  "$bin/ringhold" --addr "127.0.0.1:$port" --cert "$certs/client.crt" --key "$certs/client.key" --ca "$certs/ca.crt" "$@"
}

require_binaries() {
  local name
  for name in ringhold-dataserver ringhold-proxy ringhold; do
    [[ -x $bin/$name ]] || fail "$bin/$name is not there; run cluster/up --build-only first"
  done
}
