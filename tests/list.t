#!/bin/sh
# list.t - qq-list: which messages are in the queue, which are over, and which are neither.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"

for fixture in queue-bigtodo queue-notqmail; do
  queue $fixture
  tree >"$T/before"
  sed -n 's/.*"id": \([0-9]*\),.*"stamp": \([0-9]*\),.*/\1@\2/p' \
    "$repo/tests/fixtures/$fixture.facts.jsonl" | sort >"$T/facts"
  # The ids are those of the facts, once each.
  said() { qq-list --lines "$@" | sed -f "$T/back" | sort | diff "$T/facts" - &&
    [ -s "$T/facts" ]; }
  check "$fixture: every message once" said
  check "$fixture: on one thread too" said --jobs 1
  check "$fixture: and on many" said --jobs 1024
  check "$fixture: reading changes nothing" untouched
done
try 'qq-list --count; qq-list -c --jobs 3; qq-list --over; qq-list --over --count' <<'T'
out: 23
out: 23
out: 0
exit: 0
T

# ---- with ids ----
try -s 'qq-list --lines $(token 1081647) $(token 1081821) 5@1795179138967067370 \
  $(id 1081770)@1795179138967067370;
  qq-list --lines $(id 1081770) 5' <<'T'
out: 1081647@1795179138967067370
out: 1081770@1795179177425225203
out: 1081821@1795179212018450019
exit: 0
T
try -s 'qq-list | qq-list --lines --count -; qq-list -c 5' <<'T'
out: 0
out: 23
exit: 0
T
try 'qq-list -c -- $(id 1081647); qq-list $(id 1081647) -c' <<'T'
out: 1
out: 1
exit: 0
T

# ---- what is no message ----
# qmail-queue is writing one: mess alone, then intd too. And one that lost its todo.
for n in 1 2; do
  put $n writing@x.example todo you@y.example </dev/null; rm "$(at todo $n)"
done
rm "$(at intd 1)"
try 'qq-list -c; qq-list $(id 1) $(id 2)' <<'T'
out: 23
exit: 0
T
# Files whose names are no ids, such as the temporary files of a removal in info/.
for name in 5x .rm-5 007 -5 core 5.new 18446744073709551616; do
  : >"$QUEUE/info/5/$name"; : >"$QUEUE/todo/$name"; : >"$QUEUE/mess/5/$name"
done
try 'qq-list -c' <<'T'
out: 23
exit: 0
T

# ---- a message in both info and todo is new, and one ----
put 3 both@x.example todo you@y.example </dev/null
printf 'Fboth@x.example\0' >"$(at info 3)"
if am_root; then chown "$(owner "$QUEUE/info")" "$(at info 3)"; fi
try 'qq-list -c; qq-list --lines $(id 3) | sed "s/@.*//";
  qq-show --json $(id 3) | grep -o "\"state\":\"new\""' <<'T'
out: 24
out: 3
out: "state":"new"
exit: 0
T

# ---- held and over ----
if skip_unless_root 'held and over'; then
  queue queue-notqmail
  chown 0 "$(at mess 1081647)" "$(at mess 1081821)"
  chown "$(owner "$QUEUE/info" | sed 's/:.*//')" "$(at mess 1081648)" "$(at mess 1081823)"
  try -s 'qq-list -c; qq-list --lines --over' <<'T'
out: 1081648@1795178324160838491
out: 1081823@1795179212021352513
out: 21
exit: 0
T
  try 'qq-list --over --count; qq-list -c $(id 1081648);
    qq-list --over -c $(id 1081648) $(id 1081651); qq-grep -c --held' <<'T'
out: 2
out: 0
out: 1
out: 2
exit: 0
T
  # Where mess/ and info/ have one owner, as in a copy, nothing is over; and where all is root's,
  # everything is held.
  owner=$(owner "$QUEUE/mess" | sed 's/:.*//'); chown -R "$owner" "$QUEUE"
  try 'qq-list -c; qq-list --over -c; qq-grep -c --held' <<'T'
out: 23
out: 0
out: 0
exit: 1
T
  chown -R 0:0 "$QUEUE"
  kept='unable to give up root:'
  try 'qq-list -c; qq-list --over -c; qq-grep -c --held; qq-grep -c --interrupted' <<T
out: 23
out: 0
out: 23
out: 0
$(for program in qq-list qq-list qq-grep qq-grep; do
  echo "err: $program: warning: $kept $QUEUE is root's, and nobody else may read it"
done)
exit: 1
T
fi

# ---- on a terminal, an id a line ----
if script -qec true /dev/null >/dev/null 2>&1; then
  queue queue-notqmail
  try 'script -qec "qq-list $(id 1081647)" /dev/null </dev/null | tr -d "\r";
    script -qec "qq-list --null $(id 1081647)" /dev/null </dev/null' <<'T'
out: 1081647@1795179138967067370
out: 1081647@1795179138967067370\0
exit: 0
T
else ok 'on a terminal # SKIP no script(1) of util-linux'
fi
finish
