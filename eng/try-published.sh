#!/usr/bin/env bash
# Uses the published programs once, as a person would: eng/try-published.sh DIR
# DIR holds `raywright` and `server/raywright-server`. Prints how long the server takes to be ready and what it weighs.
set -euo pipefail

root=$(CDPATH='' cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
published=$(CDPATH='' cd "${1:?usage: eng/try-published.sh DIR}" && pwd)
raywright=$published/raywright
server=$published/server/raywright-server
unset RAYWRIGHT_SERVER_EXE RAYWRIGHT_SERVER RAYWRIGHT_KEY RAYWRIGHT_HOME
work=$(mktemp -d)
home=$work/home
server_pid=

clean_up() {
  # By process ID only: other servers on this machine are not ours.
  if [ -n "$server_pid" ] && ! ended "$server_pid"; then
    kill "$server_pid" 2>/dev/null || true
    gone "$server_pid" || kill -9 "$server_pid" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap clean_up EXIT

die() {
  echo "try-published: $*" >&2
  for file in errors home/logs/server.log server.out; do
    [ -s "$work/$file" ] && { echo "-- the end of $file" >&2; tail -n 30 "$work/$file" >&2; }
  done
  exit 1
}

now() { echo $(($(date +%s%N) / 1000000)); }
took() { echo "$(($(now) - $1)) ms"; }
figure() { printf '  %-34s %s\n' "$1" "$2"; }
# Ended, though perhaps nobody has asked about it yet, as in a container without an init.
ended() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null; }
gone() { for _ in $(seq 150); do ended "$1" && return 0; sleep 0.1; done; return 1; }
status_of() { curl -s -o "$work/body" -w '%{http_code}' --max-time 10 "$@" || true; }

# The first value of a key in a JSON document on one line.
value() { grep -oE "\"$2\":(\"[^\"]*\"|[0-9]+)" "$1" | head -n 1 | sed -E 's/^"[^"]*"://; s/^"(.*)"$/\1/'; }

free_port() {
  local port
  for _ in $(seq 50); do
    port=$((20000 + RANDOM % 12000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
  die "no free port found"
}

[ -x "$raywright" ] || die "there is no program $raywright"
[ -x "$server" ] || die "there is no program $server"

started=$(now)
version=$("$raywright" --version) || die "\`raywright --version\` failed"
[[ $version =~ ^raywright\ [0-9]+\.[0-9]+\.[0-9]+ ]] || die "\`raywright --version\` says: $version"
figure "raywright --version" "$(took "$started"), $version"

port=$(free_port)
cd "$root"
started=$(now)
"$raywright" up samples/iris --detach --json --no-browser --home "$home" --port "$port" >"$work/up.json" 2>"$work/errors" ||
  die "\`raywright up\` ended with status $?: $(cat "$work/up.json")"
figure "up: server, tests, first answer" "$(took "$started")"
[ "$(wc -l <"$work/up.json")" = 1 ] || die "\`up --json\` wrote more than one document: $(cat "$work/up.json")"
server_pid=$(value "$work/up.json" serverPid)
for key in url key model environment version revision serverPid; do
  [ -n "$(value "$work/up.json" "$key")" ] || die "\`up --json\` says no $key: $(cat "$work/up.json")"
done
[ "$(value "$work/up.json" model)/$(value "$work/up.json" environment)/$(value "$work/up.json" version)" = iris/dev/1 ] ||
  die "\`up --json\` says another model, environment or version: $(cat "$work/up.json")"
! ended "$server_pid" || die "no server runs as process $server_pid"
url=$(value "$work/up.json" url)
key=$(value "$work/up.json" key)

ask() {
  status_of "$url/serve/dev/predict/iris" -H 'Content-Type: application/json' "$@" \
    -d '{"inputs": {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}}'
}
with_key=(-H "Authorization: Bearer $key")
[ "$(ask "${with_key[@]}")" = 200 ] || die "the endpoint refused the key: $(cat "$work/body")"
grep -q '"setosa"' "$work/body" || die "the endpoint does not take a setosa for one: $(cat "$work/body")"
[ "$(ask)" = 401 ] || die "the endpoint answers without a key: $(cat "$work/body")"

for attempt in 1 2 3; do
  started=$(now)
  "$raywright" status --home "$home" >"$work/status" 2>"$work/errors" || die "\`raywright status\` ended with status $?"
  figure "raywright status ($attempt)" "$(took "$started")"
done
grep -q iris "$work/status" || die "\`raywright status\` does not list iris: $(cat "$work/status")"
"$raywright" query iris --example --home "$home" >"$work/query" 2>"$work/errors" || die "\`raywright query\` ended with status $?"
grep -q '"label"' "$work/query" || die "\`raywright query\` shows no answer: $(cat "$work/query")"
[ ! -r "/proc/$server_pid/smaps_rollup" ] || figure "server at rest, PSS" "$(awk '/^Pss:/ {print int($2 / 1024) " MiB"}' "/proc/$server_pid/smaps_rollup")"

started=$(now)
"$raywright" down --home "$home" >"$work/down" 2>"$work/errors" || die "\`raywright down\` ended with status $?"
gone "$server_pid" || die "the server, process $server_pid, runs on after \`raywright down\`"
figure "raywright down" "$(took "$started")"

# Once more without the command line: how fast the server alone is ready, and that it serves what it served.
started=$(now)
"$server" --role all --port "$port" --home "$home" >"$work/server.out" 2>&1 &
server_pid=$!
until [ "$(status_of "$url/health/ready")" = 200 ]; do
  ! ended "$server_pid" || die "the server ended before it was ready"
  [ $(($(now) - started)) -lt 30000 ] || die "the server was not ready within 30 s: $(cat "$work/body")"
  sleep 0.02
done
figure "server ready, with one model" "$(took "$started")"
for _ in $(seq 50); do [ "$(ask "${with_key[@]}")" = 200 ] && break; sleep 0.1; done
grep -q '"setosa"' "$work/body" || die "after a restart the endpoint answers: $(cat "$work/body")"
figure "first answer after a restart" "$(took "$started")"
kill "$server_pid"
gone "$server_pid" || die "the server, process $server_pid, does not end on SIGTERM"
wait "$server_pid" || die "the server ended with status $? on SIGTERM"
server_pid=
echo "try-published: the programs in $published work"
