#!/bin/sh
# qsvc-errands.t - programs that are about something else, and have qmail-send told: qctl-apply
# --act and the like, qq-rm --flush.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/service.sh"
. "$(dirname "$0")/queue.sh"
skip_unless_seen

if [ $# = 0 ]; then together daemontools runit s6 none; finish; fi
kind=$1; home "$kind"; QMAILHOME=$T/$kind QQ_TEMPLATES=$repo/templates
export QMAILHOME QQ_TEMPLATES
if [ "$kind" = none ]; then by_hand "$QMAILHOME"
elif skip_unless_supervisor "$kind"; then supervised "$kind" "$QMAILHOME"
else finish; fi
template() {
  dir=$QMAILHOME/qqtools/templates/$1; mkdir -p "$dir"; shift
  while [ $# -gt 1 ]; do
    echo "$2" >"$dir/$1"; shift 2
  done
}
home two; by_hand "$T/two"; two=$(sendpid "$T/two")
template restart concurrencylocal 5 locals a.example
template reload locals a.example concurrencylocal 5; template none databytes 5
before=$(sendpid "$QMAILHOME")
again() { now=$(sendpid "$QMAILHOME") && [ "$now" != "$before" ] && before=$now; }
same() { [ "$(sendpid "$QMAILHOME")" = "$before" ]; }

# Deliveries that are under way are waited for.
deliver "$QMAILHOME" slowgood@local.example slowgood@far.example; let_end_soon "$QMAILHOME"
try 'plain qctl-apply --act restart; how_often "$QMAILHOME" success; unhurt "$QMAILHOME"' <<'X'
out: restart qmail-send: concurrencylocal
out: HUP qmail-send: locals
out: 2
err: qctl-apply: warning: me: line 1: "mx.example" is neither in locals nor in virtualdomains: mail
...:  for this host, such as double bounces, is sent elsewhere
err: qmail-send has been restarted
exit: 0
X
check 'it has been restarted' again
: >"$QMAILHOME/log"
try 'plain qctl-set --act locals a.example b.example; wait_until said "$QMAILHOME" reread;
  plain qctl-apply --act none; plain qctl-apply --act --dry-run reload' <<'X'
out: HUP qmail-send: locals
out: in force from the next connection on: databytes
out: locals (HUP qmail-send)
out:   - b.example
out: HUP qmail-send: locals
err: qmail-send rereads locals and virtualdomains
exit: 0
X
check 'it has not been restarted' same
try 'plain qctl-undo --act; plain qctl-undo --act; plain qctl-undo --act' <<'X'
out: databytes (next connection)
out:   - 5
out:   + (no file)
out: in force from the next connection on: databytes
out: locals (HUP qmail-send)
out:   - b.example
out: HUP qmail-send: locals
out: concurrencylocal (restart qmail-send)
out:   - 5
out:   + (no file)
out: locals (HUP qmail-send)
out:   - a.example
out:   + (no file)
out: restart qmail-send: concurrencylocal
out: HUP qmail-send: locals
err: qmail-send rereads locals and virtualdomains
err: qmail-send has been restarted
exit: 0
X
check 'it has been restarted' again

# ---- mail ----
token=
if skip_unless_root "mail is silenced, held and released"; then
: >"$QMAILHOME/log"
  token=$(inject "$QMAILHOME" me@x.example defer@far.example | sed 's/ .*//')
  wait_until said "$QMAILHOME" deferral
try 'plain qq-rm --flush "$token"; wait_until said "$QMAILHOME" alarm;
  wait_until "! [ -e \"$QMAILHOME\"/queue/mess/*/${token%@*} ]"' <<'X'
err: qq-rm: 1 silenced
exit: 0
X
: >"$QMAILHOME/log"
  token=$(inject "$QMAILHOME" me@x.example defer@far.example | sed 's/ .*//')
  wait_until said "$QMAILHOME" deferral
  check 'held' qq-hold "$token"; check 'released' qq-release --flush "$token"
  check 'and it was told' wait_until said "$QMAILHOME" alarm
fi

# ---- under qsvc, and when it does not run ----
try 'plain qsvc stopped qctl-set --act concurrencylocal 7;
  plain qsvc stopped qctl-set --act locals d.example; qctl-get locals' <<'X'
out: restart qmail-send: concurrencylocal
out: HUP qmail-send: locals
out: d.example
err: qmail-send is stopped: it reads them when it starts
err: qctl-set: warning: me: line 1: "mx.example" is neither in locals nor in virtualdomains: mail
...:  for this host, such as double bounces, is sent elsewhere
err: qmail-send is stopped: it reads them when it starts
exit: 0
X
[ -z "$token" ] || try 'plain qsvc stopped qq-rm --flush "$token"' <<'X'
err: qq-rm: 1 removed
exit: 0
X
check 'it has been started again' again
qsvc stop >/dev/null
try 'plain qctl-set --act concurrencylocal 8; plain qctl-set --act locals e.example' <<'X'
out: restart qmail-send: concurrencylocal
out: HUP qmail-send: locals
err: qmail-send is stopped: it reads them when it starts
err: qmail-send is stopped: it reads them when it starts
exit: 0
X
check 'it has not been started' test -z "$(processes "$QMAILHOME")"
qsvc start >/dev/null; before=$(sendpid "$QMAILHOME")
if [ "$kind" = none ]; then
  rm "$QMAILHOME/rc"
  try 'plain qctl-set --act concurrencylocal 9' <<'X'
out: restart qmail-send: concurrencylocal
err: qctl-set: fatal: the files are changed, but qmail-send was not told: nothing was found that
...:  starts it, and its home has no rc: use --service to say what does; do by hand what is said
...:  above
exit: 111
X
else
  kill -KILL $SUPERVISOR; wait $SUPERVISOR 2>/dev/null
  try 'plain qctl-set --act concurrencylocal 9 2>&1 |
      sed "s/not told: .*; do/not told: ...; do/"' <<'X'
out: restart qmail-send: concurrencylocal
out: qctl-set: fatal: the files are changed, but qmail-send was not told: ...;
...:  do by hand what is said above
exit: 0
X
fi
check 'what cannot be started again is not stopped' same
try 'plain qctl-set --act locals f.example' <<'X'
out: HUP qmail-send: locals
err: qmail-send rereads locals and virtualdomains
exit: 0
X
check 'the other queue has not been touched' test \
  "$two $(grep -E 'alarm|reread|exit' "$T/two/log")" = "$(sendpid "$T/two") "
finish
