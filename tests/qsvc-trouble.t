#!/bin/sh
# qsvc-trouble.t - services that are down, flap, are missing, not ours to tell, or whose supervisor
# has been killed; and two qmails side by side.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/service.sh"
. "$(dirname "$0")/queue.sh"
skip_unless_seen


if [ $# = 0 ]; then together daemontools runit s6; finish; fi
kind=$1; skip_unless_supervisor "$kind" || finish
home $kind; QMAILHOME=$T/$kind; export QMAILHOME

# ---- down from the beginning ----
mkdir -p "$T/service/$kind"; : >"$T/service/$kind/down"
supervised $kind "$QMAILHOME"
try 'svc status; svc stop; svc stopped echo ran; svc status --json | grep -o "\"state\":\"[a-z]*\"";
  svc start; rm "$SERVICE/down"; svc status' <<X
out: qmail-send: stopped
out: supervisor: $kind, T/service/$kind: down
out: qmail-send is stopped already
out: ran
out: "state":"stopped"
out: qmail-send (process N) has started
out: qmail-send: running, process N, since WHEN
out: supervisor: $kind, T/service/$kind
out: deliveries: local 0 of 10, remote 0 of 20
exit: 0
X

# ---- not permitted ----
if skip_unless_root "$kind: not permitted"; then
  cp "$BIN/qsvc" "$T/bin/"
  for verb in status start stop restart pause continue flush reload 'stopped true'; do
    try "plain nobody qsvc $verb" <<X
err: qsvc: fatal: unable to open the queue T/$kind/queue: Permission denied (run it as root)
exit: 111
X
  done
  chmod 755 "$QMAILHOME/queue"
  try 'plain nobody qsvc status; chmod 755 "$QMAILHOME/queue/lock"; plain nobody qsvc status;
    chmod 666 "$QMAILHOME/queue/lock/sendmutex"; chmod 622 "$QMAILHOME/queue/lock/trigger";
    plain nobody qsvc status; plain nobody qsvc stopped true' <<X
err: qsvc: fatal: unable to look into the queue T/$kind/queue: Permission denied (run it as root)
err: qsvc: fatal: unable to see what runs on T/$kind/queue: Permission denied (run it as root)
err: qsvc: fatal: unable to see what runs on T/$kind/queue: Permission denied (run it as root)
err: qsvc: fatal: unable to see what runs on T/$kind/queue: Permission denied (run it as root)
exit: 111
X
  check 'it still runs' is_up "$QMAILHOME"
fi

# ---- flapping: it comes up, and ends at once ----
qsvc stop >/dev/null
mv "$QMAILHOME/rc" "$QMAILHOME/rc.good"; printf '#!/bin/sh\nexit 111\n' >"$QMAILHOME/rc"
chmod +x "$QMAILHOME/rc"
try 'svc start --timeout 1s' <<X
err: qsvc: fatal: qmail-send does not come up: T/service/$kind ($kind) starts it, and it ends again:
...:  its log says why
exit: 111
X
try 'svc status; svc flush' <<X
out: qmail-send: stopped
out: supervisor: $kind, T/service/$kind: starts it, and it ends again
out: qmail-send is stopped: no signal was sent
exit: 3
X
try 'svc stopped sh -c "echo ran; qsvc status" | turned' <<X
out: ran
out: qmail-send: stopped
out: supervisor: $kind, T/service/$kind: starts it, and it ends again
out: busy: process N, qsvc ...
exit: 0
X
try 'svc stop; svc stop; svc status' <<X
out: qmail-send is stopped already
out: qmail-send is stopped already
out: qmail-send: stopped
out: supervisor: $kind, T/service/$kind: down
exit: 3
X
mv "$QMAILHOME/rc.good" "$QMAILHOME/rc"
try 'svc start' <<X
out: qmail-send (process N) has started
exit: 0
X

# ---- its supervisor was killed ----
kill -KILL $SUPERVISOR; wait $SUPERVISOR 2>/dev/null
# s6 changes its words from version to version: what counts is that they are passed on.
case $kind in
  daemontools) gone="T/service/$kind: supervise not running" \
    cannot="svc -u T/service/$kind: svc: warning: unable to control T/service/$kind: supervise not running" ;;
  runit) gone="fail: T/service/$kind: runsv not running" \
    cannot="sv up T/service/$kind: fail: T/service/$kind: runsv not running" ;;
  s6)
    gone=$(s6-svstat "$SERVICE" 2>&1 | turned)
    cannot="s6-svc -u T/service/$kind: $(s6-svc -u "$SERVICE" 2>&1 | turned)" ;;
esac
try 'svc status; svc start; svc restart; svc stopped true' <<X
out: qmail-send: running, process N, since WHEN
out: supervisor: $kind, T/service/$kind: does not answer
out: deliveries: local 0 of 10, remote 0 of 20
out: qmail-send (process N) is running already
err: qsvc: warning: T/service/$kind ($kind): $gone
err: qsvc: fatal: nothing was stopped, because it could not be started again:
...:  T/service/$kind ($kind): $gone
err: qsvc: fatal: nothing was stopped, because it could not be started again:
...:  T/service/$kind ($kind): $gone
exit: 111
X
try 'svc pause; svc continue; svc flush; svc reload; wait_until said "$QMAILHOME" alarm;
  wait_until said "$QMAILHOME" reread' <<X
out: qmail-send is paused: no delivery starts, those under way go on
out: qmail-send goes on
out: qmail-send (process N) tries everything now
out: qmail-send (process N) rereads locals and virtualdomains, for mail that arrives from now on;
...:  all else that it reads takes \`qsvc restart'
exit: 0
X
try 'svc stop; nobody_left; unhurt "$QMAILHOME"; svc stop; svc status' <<X
out: qmail-send (process N) has stopped
out: qmail-send is stopped already
out: qmail-send: stopped
out: supervisor: $kind, T/service/$kind: does not answer
err: qsvc: warning: T/service/$kind ($kind): $gone
exit: 3
X
try 'svc stopped echo ran; svc start' <<X
out: ran
err: qsvc: warning: T/service/$kind ($kind): $gone
err: qsvc: fatal: unable to start qmail-send: $cannot
exit: 111
X
supervise_again
wait_until is_up "$QMAILHOME"

# ---- by hand, though it has a service ----
qsvc stop >/dev/null; by_hand "$QMAILHOME"
try 'svc status; svc stop; svc start; svc status' <<X
out: qmail-send: running, process N, since WHEN
out: supervisor: $kind, T/service/$kind: did not start it
out: deliveries: local 0 of 10, remote 0 of 20
out: qmail-send (process N) has stopped
out: qmail-send (process N) has started
out: qmail-send: running, process N, since WHEN
out: supervisor: $kind, T/service/$kind
out: deliveries: local 0 of 10, remote 0 of 20
err: qsvc: warning: T/service/$kind ($kind) did not start the qmail-send that runs (process N)
exit: 0
X

# ---- two queues side by side ----
home other; mkdir -p "$T/service/other"; supervised $kind "$T/other"
one=$(sendpid "$QMAILHOME"); : >"$QMAILHOME/log"
try 'svc --home "$T/other" status; svc --home "$T/other" restart; svc --home "$T/other" pause;
  svc --home "$T/other" flush; svc --home "$T/other" stopped true' <<X
out: qmail-send: running, process N, since WHEN
out: supervisor: $kind, T/service/other
out: deliveries: local 0 of 10, remote 0 of 20
out: qmail-send (process N) has stopped
out: qmail-send (process N) has started
out: qmail-send is paused: no delivery starts, those under way go on
out: qmail-send (process N) tries everything now
err: qsvc: warning: qmail-send is paused: it acts on this when it goes on (qsvc continue)
err: qsvc: warning: qmail-send is paused, and will not be when it is started again
exit: 0
X
check 'the other one has not been touched' test \
  "$one $(sendpid "$T/other" >/dev/null && sendpid "$QMAILHOME") $(cat "$QMAILHOME/log")" = \
  "$one $one "
try 'svc stop; svc --queue "$T/other/queue" stop; svc status; svc --home "$T/other" status;
  svc start; svc --home "$T/other" status; svc stop; svc --home "$T/other" start; svc status' <<X
out: qmail-send (process N) has stopped
out: qmail-send (process N) has stopped
out: qmail-send: stopped
out: supervisor: $kind, T/service/$kind: down
out: qmail-send: stopped
out: supervisor: $kind, T/service/other: down
out: qmail-send (process N) has started
out: qmail-send: stopped
out: supervisor: $kind, T/service/other: down
out: qmail-send (process N) has stopped
out: qmail-send (process N) has started
out: qmail-send: stopped
out: supervisor: $kind, T/service/$kind: down
exit: 3
X
finish
