#!/bin/sh
# qsvc-slow.t - deliveries are under way when qmail-send is told to stop: qsvc waits for them, under
# each supervisor of service directories and without one.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/service.sh"
skip_unless_seen

if [ $# = 0 ]; then together daemontools runit s6 none; finish; fi

# send NUMBER: so many slow deliveries, one of them local, are under way then.
send() {
  to=slowgood@local.example; n=1
  while [ $n -lt "$1" ]; do to="$to slowgood@far.example"; n=$((n + 1)); done
  deliver "$QMAILHOME" $to
}
delivered() { grep -c success "$QMAILHOME/log"; }

slow_ones() {
  # The supervisor has been told already, and qmail-send is at its deliveries:
  # all of this while it ends.
  send 3
  qsvc stop --progress >"$T/stop.out" 2>"$T/stop.err" & stopping=$!
  wait_until 'grep -q exitasap "$QMAILHOME/log"'
  try 'svc status; svc restart' <<X
out: qmail-send: running, process N, since WHEN
out: supervisor: $where$ending
out: deliveries: local 1 of 10, remote 2 of 20
out: busy: process N, qsvc ...
err: qsvc: fatal: another program starts or stops this qmail just now (process N)
exit: 111
X
  wait_until 'grep -q "1 local delivery, 2 remote" "$T/stop.err"'; let_end "$QMAILHOME"
  wait $stopping; check 'it has ended' test $? = 0
  try 'plain cat "$T/stop.out"; delivered; nobody_left; unhurt "$QMAILHOME"' <<X
out: qmail-send (process N) has stopped
out: 3
exit: 0
X
  try 'tr "\\r" "\\n" <"$T/stop.err" | turned | sed "s/.\[K//;s/[0-9]* s, /N s, /" | sort -u |
      sed -n "/1 local delivery, 2 remote/p"' <<X
out: qsvc: N s, waiting for qmail-send (process N), qmail-lspawn (process N),
...:  qmail-rspawn (process N), qmail-clean (process N), 1 local delivery, 2 remote deliveries
exit: 0
X

  # ---- the time is over ----
  qsvc start >/dev/null; : >"$QMAILHOME/log"
  send 2
  try 'qsvc stop --timeout 1s 2>"$T/err.1"; code=$?; sort "$T/err.1" | turned; exit $code' <<X
out: local delivery, process N: T/$kind/bin/qmail-local -- user /home/user slowgood   local.example
...:  sender@x.example ./Mailbox
out: qsvc: fatal: qmail-send is ending, but has not ended yet: qmail-send (process N),
...:  qmail-lspawn (process N), qmail-rspawn (process N), qmail-clean (process N),
...:  1 local delivery, 1 remote delivery
out: remote delivery, process N: T/$kind/bin/qmail-remote far.example sender@x.example
...:  slowgood@far.example
exit: 111
X
  let_end_soon "$QMAILHOME"
  try 'svc stop; delivered; nobody_left; unhurt "$QMAILHOME"; svc start' <<X
out: qmail-send (process N) has stopped
out: 2
out: qmail-send (process N) has started
exit: 0
X

  # ---- start, while it ends; a restart that takes too long ----
  if [ "$kind" != none ]; then
    : >"$QMAILHOME/log"; send 2; before=$(sendpid "$QMAILHOME")
    qsvc stop --timeout 1s >/dev/null 2>&1; let_end_soon "$QMAILHOME"
    try 'svc start; delivered; unhurt "$QMAILHOME"' <<X
out: qmail-send (process N) has started
out: 2
exit: 0
X
    check 'it is another process' test "$before" != "$(sendpid "$QMAILHOME")"
    then='it starts again then'
  else then="nothing starts it then but \`qsvc start'"; fi
  : >"$QMAILHOME/log"; send 2; before=$(sendpid "$QMAILHOME")
  try 'svc restart --timeout 1s 2>&1 | sort | sed "s/^[a-z]* delivery, .*/.../"' <<X
out: ...
out: qsvc: fatal: qmail-send is ending, but has not ended yet: qmail-send (process N),
...:  qmail-lspawn (process N), qmail-rspawn (process N), qmail-clean (process N),
...:  1 local delivery, 1 remote delivery; $then
out: ...
exit: 0
X
  let_end "$QMAILHOME"
  if [ "$kind" = none ]; then
    wait_until nobody_left; qsvc start >/dev/null
  else wait_until '[ "$(sendpid "$QMAILHOME")" != '$before' ] && is_up "$QMAILHOME"'; fi
  check 'all is delivered, and it runs' test "$(delivered) $(qsvc status | sed 's/,.*//;q')" = \
    '2 qmail-send: running'
  : >"$QMAILHOME/log"; send 2; let_end_soon "$QMAILHOME"
  try 'svc restart; delivered; unhurt "$QMAILHOME"' <<X
out: qmail-send (process N) has stopped
out: qmail-send (process N) has started
out: 2
exit: 0
X
  : >"$QMAILHOME/log"; send 2
  try 'svc pause; svc status | tail -n 1; let_end_soon "$QMAILHOME"; svc stop; delivered;
    nobody_left; unhurt "$QMAILHOME"' <<X
out: qmail-send is paused: no delivery starts, those under way go on
out: deliveries: local 1 of 10, remote 1 of 20
out: qmail-send (process N) has stopped
out: 2
exit: 0
X
}

options='--slow-end 200'
kind=$1; home "$kind"; QMAILHOME=$T/$kind; export QMAILHOME
if [ "$kind" = none ]; then
  by_hand "$QMAILHOME" $options
  where="none, T/none/rc" ending=
  slow_ones
elif skip_unless_supervisor "$kind"; then
  supervised "$kind" "$QMAILHOME" $options
  where="$kind, T/service/$kind" ending=': is stopping it'
  slow_ones
fi
finish
