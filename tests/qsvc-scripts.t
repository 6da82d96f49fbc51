#!/bin/sh
# qsvc-scripts.t - systemd, init scripts and qmailctl, by what stands in for them: each is
# asked and told just this.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/service.sh"
skip_unless_seen

told() { calls | grep -v '^systemctl \(show\|reset-failed\)' | turned; }
# Once it has been told to end, and before its deliveries do: systemd has not been told.
ends_slowly() { (
  wait_until said "$QMAILHOME" exitasap; sleep 0.2
  grep -c 'systemctl stop' "$T/calls" >"$T/early"; let_end "$QMAILHOME"
) & }
show='systemctl show --no-pager --property=LoadState,ActiveState,SubState,Result,MainPID,Restart'
show="$show,KillMode,KillSignal,TimeoutStopUSec,ExecStart,ExecStop --"

# ---- systemd, as it should be ----
use mixed; unit qmail-send.service "$QMAILHOME" KillMode=mixed
try 'svc status; calls; svc start; calls | uniq' <<X
out: qmail-send: stopped
out: supervisor: systemd, qmail-send.service: down
out: $show qmail-send.service
out: qmail-send (process N) has started
out: $show qmail-send.service
out: systemctl reset-failed -- qmail-send.service
out: systemctl start --no-block -- qmail-send.service
exit: 0
X
try 'svc status; svc pause; svc continue; svc flush; svc reload; told;
  wait_until said "$QMAILHOME" alarm; wait_until said "$QMAILHOME" reread' <<X
out: qmail-send: running, process N, since WHEN
out: supervisor: systemd, qmail-send.service
out: deliveries: local 0 of 10, remote 0 of 20
out: qmail-send is paused: no delivery starts, those under way go on
out: qmail-send goes on
out: qmail-send (process N) tries everything now
out: qmail-send (process N) rereads locals and virtualdomains, for mail that arrives from now on;
...:  all else that it reads takes \`qsvc restart'
out: systemctl kill --kill-who=main --signal=STOP -- qmail-send.service
out: systemctl kill --kill-who=main --signal=CONT -- qmail-send.service
out: systemctl kill --kill-who=main --signal=ALRM -- qmail-send.service
out: systemctl kill --kill-who=main --signal=HUP -- qmail-send.service
exit: 0
X
slow; let_end_soon "$QMAILHOME"
try 'svc stop; delivered; nobody_left; unhurt "$QMAILHOME"; svc stop; svc start; told' <<X
out: qmail-send (process N) has stopped
out: 2
out: qmail-send is stopped already
out: qmail-send (process N) has started
out: systemctl stop --no-block -- qmail-send.service
out: systemctl start --no-block -- qmail-send.service
exit: 0
X
slow; let_end_soon "$QMAILHOME"
try 'svc stopped sh -c "qsvc status" | turned; delivered; unhurt "$QMAILHOME"; told;
  svc status | head -n 1 | sed "s/,.*//"' <<X
out: qmail-send: stopped
out: supervisor: systemd, qmail-send.service: down
out: busy: process N, qsvc ...
out: 2
out: systemctl stop --no-block -- qmail-send.service
out: systemctl start --no-block -- qmail-send.service
out: qmail-send: running
exit: 0
X
slow; svc stop --timeout 1s >/dev/null 2>&1; let_end_soon "$QMAILHOME"
try 'svc start; delivered; unhurt "$QMAILHOME"; told; svc pause; svc stop; told' <<X
out: qmail-send (process N) has started
out: 2
out: systemctl stop --no-block -- qmail-send.service
out: systemctl start --no-block -- qmail-send.service
out: qmail-send is paused: no delivery starts, those under way go on
out: qmail-send (process N) has stopped
out: systemctl kill --kill-who=main --signal=STOP -- qmail-send.service
out: systemctl stop --no-block -- qmail-send.service
exit: 0
X

# ---- the same, but what is left after 90 seconds is killed: as if it cut at once ----
use timed
unit qmail-send.service "$QMAILHOME" KillMode=mixed 'TimeoutStopUSec=1min 30s'
qsvc start >/dev/null; slow; told >/dev/null
try 'svc status; ends_slowly; svc stop; wait; cat "$T/early"; echo then; told; delivered;
  nobody_left; unhurt "$QMAILHOME"' <<X
out: qmail-send: running, process N, since WHEN
out: supervisor: systemd, qmail-send.service
out: deliveries: local 1 of 10, remote 1 of 20
out: qmail-send (process N) has stopped
out: 0
out: then
out: systemctl stop --no-block -- qmail-send.service
out: 2
err: qsvc: warning: qmail-send.service: \`systemctl stop' would end deliveries that are under way,
...:  and their mail might go out twice; put KillMode=mixed and TimeoutStopSec=infinity into it
exit: 0
X

# One that comes up again while qsvc has the mutex says so in the log, and ends.
unhurt() { ! grep -E 'alert|warning|trouble|crash' "$1/log" |
  grep -v 'cannot start: already running'; }

# ---- as notqmail has it, and most write it: systemctl stop would end deliveries ----
for restart in always no; do
  use "group-$restart"; unit qmail.service "$QMAILHOME" Restart=$restart
  rm -rf "$T/units/qmail-send.service"; told >/dev/null
  warning='err: qsvc: warning: qmail.service: `systemctl stop'"'"' would end deliveries that are
...:  under way, and their mail might go out twice; put KillMode=mixed and TimeoutStopSec=infinity
...:  into it'
  try 'svc start; svc status; svc stop --service systemd:qmail.service --timeout 100s; nobody_left;
    svc start; told' <<X
out: qmail-send (process N) has started
out: qmail-send: running, process N, since WHEN
out: supervisor: systemd, qmail.service
out: deliveries: local 0 of 10, remote 0 of 20
out: qmail-send (process N) has stopped
out: qmail-send (process N) has started
out: systemctl start --no-block -- qmail.service
out: systemctl stop --no-block -- qmail.service
out: systemctl start --no-block -- qmail.service
$warning
exit: 0
X
  slow; let_end_soon "$QMAILHOME"
  try 'svc stop; delivered; nobody_left; unhurt "$QMAILHOME"; svc status; told' <<X
out: qmail-send (process N) has stopped
out: 2
out: qmail-send: stopped
out: supervisor: systemd, qmail.service: down
out: systemctl stop --no-block -- qmail.service
$warning
exit: 0
X
  qsvc start >/dev/null; told >/dev/null; slow; let_end_soon "$QMAILHOME"
  try 'svc restart; delivered; unhurt "$QMAILHOME"; told' <<X
out: qmail-send (process N) has stopped
out: qmail-send (process N) has started
out: 2
out: systemctl stop --no-block -- qmail.service
out: systemctl start --no-block -- qmail.service
exit: 0
X
  slow; let_end_soon "$QMAILHOME"
  try 'svc stopped echo ran; delivered; unhurt "$QMAILHOME"; told; svc stopped false' <<X
out: ran
out: 2
out: systemctl stop --no-block -- qmail.service
out: systemctl start --no-block -- qmail.service
$warning
$warning
exit: 1
X
  : >"$QMAILHOME/log"; told >/dev/null; slow
  rm -f "$T/run"; qsvc stopped --timeout 1s echo ran >"$T/run" 2>&1 & running=$!
  wait_until 'grep -q "waiting for that" "$T/run"'; let_end "$QMAILHOME"; wait $running
  try 'sed "s/: qmail-send (process.*//;/KillMode/d" "$T/run"; delivered; unhurt "$QMAILHOME";
    svc status 2>&1 | sed "s/,.*//;q"' <<X
out: qsvc: warning: qmail-send has not ended in time, or this was interrupted
out: qsvc: warning: qmail-send can be started again only when it has ended: waiting for that
out: qsvc: fatal: the command was not run
out: 2
out: qmail-send: running
exit: 0
X
  wait_until is_up '"$QMAILHOME"'; qsvc stop >/dev/null 2>&1
  wait_until 'grep -Eq "inactive|failed" "$T/units/qmail.service/ActiveState"'
  qsvc start >/dev/null; : >"$QMAILHOME/log"; slow; before=$(sendpid "$QMAILHOME")
  later=
  [ $restart = no ] ||
    later="; systemd could not be told yet, and starts it again then: say \`qsvc stop' again"
  try 'qsvc stop --timeout 1s 2>&1 | turned |
      sed "/KillMode/d;/delivery, process/d;s/ended yet: [^;]*/ended yet: .../"' <<X
out: qsvc: fatal: qmail-send is ending, but has not ended yet: ...$later
exit: 0
X
  let_end "$QMAILHOME"
  if [ $restart = always ]; then
    wait_until '[ "$(sendpid "$QMAILHOME")" != '$before' ] && is_up "$QMAILHOME"'
  fi
  qsvc stop >/dev/null 2>&1; check 'and it has stopped in the end' nobody_left
done

# ---- units that seem good, and would cut all the same ----
cutting() {
  use "$1"; name=$1 advice=$2; shift 2
  unit qmail.service "$QMAILHOME" KillMode=mixed "$@"; qsvc start >/dev/null 2>&1; slow
  told >/dev/null
  try 'svc status; ends_slowly; svc stop; wait; cat "$T/early"; told; delivered; nobody_left;
    unhurt "$QMAILHOME"' <<X
out: qmail-send: running, process N, since WHEN
out: supervisor: systemd, qmail.service
out: deliveries: local 1 of 10, remote 1 of 20
out: qmail-send (process N) has stopped
out: 0
out: systemctl stop --no-block -- qmail.service
out: 2
err: qsvc: warning: qmail.service: \`systemctl stop' $advice
exit: 0
X
}
would='would end deliveries that are under way, and their mail might go out twice;'
cutting signal "$would take KillSignal out of it" KillSignal=2
cutting exec-stop "$would take ExecStop out of it" \
  'ExecStop={ path=/usr/bin/pkill ; argv[]=/usr/bin/pkill qmail- ; ignore_errors=no ; '\
'start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }'
cutting no-kill "$would put KillMode=mixed and TimeoutStopSec=infinity into it" SendSIGKILL=no \
  TimeoutStopUSec=5s

# ---- a shell above it: systemd takes that for the service ----
use shell; unit qmail.service "$QMAILHOME" KillMode=mixed
sed -i 's/^exec \(.*\)\\$/\1\\/;$s/$/; exit $?/' "$QMAILHOME/rc"
qsvc start >/dev/null 2>&1; slow; told >/dev/null
try 'svc status; ends_slowly; svc stop; wait; cat "$T/early"; told; delivered; nobody_left;
  unhurt "$QMAILHOME"; svc start' <<X
out: qmail-send: running, process N, since WHEN
out: supervisor: systemd, qmail.service
out: deliveries: local 1 of 10, remote 1 of 20
out: qmail-send (process N) has stopped
out: 0
out: systemctl stop --no-block -- qmail.service
out: 2
out: qmail-send (process N) has started
err: qsvc: warning: qmail.service: \`systemctl stop' would end deliveries that are under way,
...:  since qmail-send is not its main process; have what it starts exec qmail-start,
...:  with Type=simple
exit: 0
X
slow; rm -f "$T/run"; qsvc stopped --timeout 1s echo ran >"$T/run" 2>&1 & running=$!
wait_until 'grep -q "waiting for that" "$T/run"'; let_end "$QMAILHOME"; wait $running
try 'sed "s/: qmail-send (process.*//" "$T/run"; delivered; unhurt "$QMAILHOME";
  svc status 2>/dev/null | sed "s/,.*//;q"' <<X
out: qsvc: warning: qmail.service: \`systemctl stop' would end deliveries that are under way,
...:  since qmail-send is not its main process; have what it starts exec qmail-start,
...:  with Type=simple
out: qsvc: warning: qmail-send has not ended in time, or this was interrupted
out: qsvc: warning: qmail-send can be started again only when it has ended: waiting for that
out: qsvc: fatal: the command was not run
out: 2
out: qmail-send: running
exit: 0
X
qsvc stop >/dev/null 2>&1

# ---- a unit that was stopped, and has left it running ----
use left; unit qmail.service "$QMAILHOME" KillMode=process
sed -i 's/^exec \(.*\)\\$/\1\\/;$s/$/; exit $?/' "$QMAILHOME/rc"
qsvc start >/dev/null 2>&1; before=$(sendpid "$QMAILHOME"); systemctl stop qmail
told >/dev/null
try 'svc status; svc start; svc restart 2>&1; [ $before != $(sendpid "$QMAILHOME") ];
  svc status 2>/dev/null | sed 1d; svc stop; nobody_left; unhurt "$QMAILHOME"' <<X
out: qmail-send: running, process N, since WHEN
out: supervisor: systemd, qmail.service: did not start it
out: deliveries: local 0 of 10, remote 0 of 20
out: qmail-send (process N) is running already
out: qmail-send (process N) has stopped
out: qmail-send (process N) has started
out: supervisor: systemd, qmail.service
out: deliveries: local 0 of 10, remote 0 of 20
out: qmail-send (process N) has stopped
err: qsvc: warning: qmail.service (systemd) did not start the qmail-send that runs (process N)
exit: 0
X

# ---- systemctl does not obey ----
use disobeyed; unit qmail.service "$QMAILHOME" KillMode=mixed
qsvc start >/dev/null 2>&1; before=$(sendpid "$QMAILHOME")
mv "$T/bin/systemctl" "$T/bin/real"
cat >"$T/bin/systemctl" <<X
#!/bin/sh
case \$1 in stop) echo 'Failed to stop it: Transport endpoint is not connected' >&2; exit 1 ;; esac
exec "$T/bin/real" "\$@"
X
chmod +x "$T/bin/systemctl"
try 'svc stop; svc restart; svc stopped echo ran; svc status' <<X
out: qmail-send: running, process N, since WHEN
out: supervisor: systemd, qmail.service
out: deliveries: local 0 of 10, remote 0 of 20
err: qsvc: fatal: unable to stop qmail-send: systemctl stop --no-block -- qmail.service:
...:  Failed to stop it: Transport endpoint is not connected
err: qsvc: fatal: unable to stop qmail-send: systemctl stop --no-block -- qmail.service:
...:  Failed to stop it: Transport endpoint is not connected
err: qsvc: warning: unable to stop qmail-send: systemctl stop --no-block -- qmail.service:
...:  Failed to stop it: Transport endpoint is not connected
err: qsvc: fatal: the command was not run
exit: 0
X
check 'it runs as before' test "$before" = "$(sendpid "$QMAILHOME")"
mv "$T/bin/real" "$T/bin/systemctl"; qsvc stop >/dev/null 2>&1

# ---- systemd counts how often it starts something ----
use limit; unit qmail.service "$QMAILHOME" KillMode=mixed Restart=always StartLimitBurst=2
try 'svc start; for round in 1 2 3 4; do svc restart; done; svc stopped echo ran;
  systemctl reset-failed qmail; svc status | sed "s/,.*//;q"' <<X
out: qmail-send (process N) has started
out: qmail-send (process N) has stopped
out: qmail-send (process N) has started
out: qmail-send (process N) has stopped
out: qmail-send (process N) has started
out: qmail-send (process N) has stopped
out: qmail-send (process N) has started
out: qmail-send (process N) has stopped
out: qmail-send (process N) has started
out: ran
out: qmail-send: running
exit: 0
X
qsvc stop >/dev/null; printf '#!/bin/sh\nexit 111\n' >"$QMAILHOME/rc"
systemctl start qmail >/dev/null
wait_until 'grep -q start-limit-hit "$T/units/qmail.service/Result"'; calls >/dev/null
try 'svc status; svc stop; svc start --timeout 1s' <<X
out: qmail-send: stopped
out: supervisor: systemd, qmail.service: has failed
out: qmail-send is stopped already
err: qsvc: warning: qmail.service (systemd) says that it has failed: start-limit-hit
err: qsvc: fatal: qmail-send does not come up: qmail.service (systemd) says that it has failed:
...:  start-limit-hit; its log, or the journal, says why
exit: 111
X

# ---- one that fails at once, for good ----
use failing; unit qmail.service "$QMAILHOME" KillMode=mixed
printf '#!/bin/sh\nexit 111\n' >"$QMAILHOME/rc"; told >/dev/null
try 'svc start; svc status' <<X
out: qmail-send: stopped
out: supervisor: systemd, qmail.service: has failed
err: qsvc: fatal: qmail-send does not come up: qmail.service (systemd) says that it has failed:
...:  exit-code; its log, or the journal, says why
err: qsvc: warning: qmail.service (systemd) says that it has failed: exit-code
exit: 3
X

# ---- a unit that is up whatever becomes of its processes: systemd makes such of init scripts ----
use spent; unit qmail.service "$QMAILHOME" KillMode=process RemainAfterExit=yes; told >/dev/null
try 'svc start; svc status | sed "s/, process.*//" ; kill $(sendpid "$QMAILHOME");
  wait_until nobody_left; svc status; svc start; svc start; told' <<X
out: qmail-send (process N) has started
out: qmail-send: running
out: supervisor: systemd, qmail.service: did not start it
out: deliveries: local 0 of 10, remote 0 of 20
out: qmail-send: stopped
out: supervisor: systemd, qmail.service: down
out: qmail-send (process N) has started
out: qmail-send (process N) is running already
out: systemctl start --no-block -- qmail.service
out: systemctl restart --no-block -- qmail.service
err: qsvc: warning: qmail.service (systemd) did not start the qmail-send that runs (process N)
exit: 0
X
slow; rm -f "$T/run"; qsvc stopped --timeout 1s echo ran >"$T/run" 2>&1 & running=$!
wait_until 'grep -q "waiting for that" "$T/run"'; let_end "$QMAILHOME"; wait $running
try 'delivered; unhurt "$QMAILHOME"; svc status 2>/dev/null | sed "s/,.*//;q"; svc stop;
  nobody_left' <<X
out: 2
out: qmail-send: running
out: qmail-send (process N) has stopped
exit: 0
X

# It ends as soon as it is started, again and again, and the unit is told for good.
use flapping; unit qmail.service "$QMAILHOME" Restart=always; told >/dev/null
printf '#!/bin/sh\nexit 111\n' >"$QMAILHOME/rc"
try 'svc start --timeout 1s; svc stop --timeout 10s; told; svc status' <<X
out: qmail-send is stopped already
out: systemctl start --no-block -- qmail.service
out: systemctl stop --no-block -- qmail.service
out: qmail-send: stopped
out: supervisor: systemd, qmail.service: down
err: qsvc: fatal: qmail-send does not come up: qmail.service (systemd) starts it, and it ends again:
...:  its log says why
$warning
exit: 3
X

# ---- systemd, and it is something else ----
use byhand; unit qmail.service "$QMAILHOME" KillMode=mixed; by_hand "$QMAILHOME"; told >/dev/null
try 'svc status; svc stop; told' <<X
out: qmail-send: running, process N, since WHEN
out: supervisor: systemd, qmail.service: did not start it
out: deliveries: local 0 of 10, remote 0 of 20
out: qmail-send (process N) has stopped
err: qsvc: warning: qmail.service (systemd) did not start the qmail-send that runs (process N)
exit: 0
X
use elsewhere; rm -rf "$T/units"; mkdir "$T/units"
try 'svc status; calls' <<X
out: qmail-send: stopped
out: supervisor: none, T/elsewhere/rc
out: $show qmail-send.service
out: $show qmail.service
exit: 0
X
try 'svc --service systemd status; svc --service systemd:nosuch.service status;
  svc --service systemd:nosuch.service start' <<'X'
out: qmail-send: stopped
out: supervisor: systemd, nosuch.service: does not answer
err: qsvc: fatal: --service systemd: it has no service for this qmail-send
err: qsvc: warning: nosuch.service (systemd): not-found
err: qsvc: fatal: unable to start qmail-send: systemctl start --no-block -- nosuch.service:
...:  Failed to start nosuch.service: Unit nosuch.service not found.
exit: 111
X
unit qmail.service "$QMAILHOME" KillMode=mixed; told >/dev/null
answer systemctl 1 \
  'System has not been booted with systemd as init system (PID 1). Can not operate.'
try 'svc status; svc --service systemd:qmail.service start; told' <<'X'
out: qmail-send: stopped
out: supervisor: none, T/elsewhere/rc
out: systemctl start --no-block -- qmail.service
err: qsvc: fatal: unable to start qmail-send: systemctl start --no-block -- qmail.service:
...:  System has not been booted with systemd as init system (PID 1). Can not operate.
exit: 0
X
answer systemctl
rm -f "$T/bin/systemctl"

# ---- qmailctl, in $PATH ----
use ctl; script qmailctl "$QMAILHOME"; calls >/dev/null
try 'svc status; svc start; svc status; svc pause; svc continue; svc flush; svc reload; calls;
  wait_until said "$QMAILHOME" alarm; wait_until said "$QMAILHOME" reread' <<X
out: qmail-send: stopped
out: supervisor: qmailctl, T/bin/qmailctl
out: Starting qmail.
out: qmail-send (process N) has started
out: qmail-send: running, process N, since WHEN
out: supervisor: qmailctl, T/bin/qmailctl
out: deliveries: local 0 of 10, remote 0 of 20
out: qmail-send is paused: no delivery starts, those under way go on
out: qmail-send goes on
out: qmail-send (process N) tries everything now
out: qmail-send (process N) rereads locals and virtualdomains, for mail that arrives from now on;
...:  all else that it reads takes \`qsvc restart'
out: qmailctl start
exit: 0
X
slow; let_end_soon "$QMAILHOME"
try 'svc stop; delivered; nobody_left; unhurt "$QMAILHOME"; svc stop; svc start; calls' <<'X'
out: Stopping qmail.
out: qmail-send (process N) has stopped
out: 2
out: qmail-send is stopped already
out: Starting qmail.
out: qmail-send (process N) has started
out: qmailctl stop
out: qmailctl start
exit: 0
X
slow; let_end_soon "$QMAILHOME"
try 'svc restart; delivered; svc stopped echo ran; unhurt "$QMAILHOME"; svc pause; svc stop;
  calls' <<'X'
out: Stopping qmail.
out: qmail-send (process N) has stopped
out: Starting qmail.
out: qmail-send (process N) has started
out: 2
out: Stopping qmail.
out: ran
out: Starting qmail.
out: qmail-send is paused: no delivery starts, those under way go on
out: Stopping qmail.
out: qmail-send (process N) has stopped
out: qmailctl stop
out: qmailctl start
out: qmailctl stop
out: qmailctl start
out: qmailctl stop
exit: 0
X
answer qmailctl 1 'qmail will not start'
try 'svc start; svc stopped echo ran' <<'X'
out: ran
err: qmail will not start
err: qsvc: fatal: unable to start qmail-send: T/bin/qmailctl start: exit code 1
exit: 0
X
answer qmailctl 0; : >"$T/calls"
try 'svc start --timeout 1s; calls' <<'X'
out: qmailctl start
err: qsvc: fatal: qmail-send does not come up: its log may say why; T/bin/qmailctl was run
exit: 0
X
answer qmailctl

# ---- an init script ----
script qmail.init "$QMAILHOME"
try 'svc --service "init:$T/bin/qmail.init" start;
  svc --service "init:$T/bin/qmail.init" status | sed -n 2p;
  svc stop --service "init:$T/bin/qmail.init"; calls' <<'X'
out: Starting qmail.
out: qmail-send (process N) has started
out: supervisor: init, T/bin/qmail.init
out: Stopping qmail.
out: qmail-send (process N) has stopped
out: qmail.init start
out: qmail.init stop
exit: 0
X
# That of another home is not ours.
home another
try 'svc --home "$T/another" status;
  svc --home "$T/another" --service "qmailctl:$T/bin/qmailctl" status' <<'X'
out: qmail-send: stopped
out: supervisor: none, T/another/rc
out: qmail-send: stopped
out: supervisor: qmailctl, T/bin/qmailctl
exit: 3
X
finish
