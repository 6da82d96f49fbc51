#!/bin/sh
# qsvc.t - what qsvc is told, how it finds the service, and a qmail that nothing supervises.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/service.sh"
. "$(dirname "$0")/queue.sh"
skip_unless_seen

usage="err: $(qsvc --help | sed -n "1,3p" | tr -s "\n " "  ")(qsvc --help lists the options)"
home one; QMAILHOME=$T/one; export QMAILHOME

# ---- what it is told ----
wrong() { try "qsvc $1" <<X
err: qsvc: fatal: $2
$usage
exit: 100
X
}
wrong '' 'no verb given'
wrong 'begin' 'unknown verb "begin"'
wrong 'stat' 'unknown verb "stat": did you mean status?'
wrong 'strat' 'unknown verb "strat": did you mean start?'
wrong '--timeout 5s' 'no verb given'
wrong '--frobnicate status' 'unknown option --frobnicate'
wrong 'status --frobnicate' 'unknown option --frobnicate'
for verb in status start stop restart pause continue flush reload; do wrong "$verb now" \
  "$verb: unexpected operand \"now\""; done
for verb in start stop restart pause continue flush reload 'stopped --count true'; do
  case $verb in
    stopped*) wrong "$verb" 'stopped: --count is for status' ;;
    *)
      wrong "$verb --count" "$verb: --count is for status"
      wrong "--json $verb" "$verb: --json is for status"
      ;;
esac
done
for verb in status flush reload; do wrong "$verb --timeout 5s" \
  "$verb: --timeout is for what takes time"; done
for verb in status start stop restart pause continue reload; do wrong "$verb --tcpto" \
  "$verb: --tcpto is for flush"; done
wrong 'stopped --tcpto true' 'stopped: --tcpto is for flush'
wrong 'stopped' 'stopped: no command given'
wrong 'stopped --' 'stopped: no command given'
wrong '-- status now' 'status: unexpected operand "now"'
wrong '-- status --count now' 'status: unexpected operand "now"'
wrong 'status -- --count' 'status: unexpected operand "--count"'
wrong 'stop --timeout' 'option --timeout needs a value'
wrong 'stop --timeout soon' \
  'option --timeout: "soon" given, expected a time to wait: 90s, 15m or 2h'
wrong 'stop --timeout 0s' 'option --timeout: "0s" given, expected a time from 1s to 1000000s'
wrong 'stop --timeout 20d' 'option --timeout: "20d" given, expected a time from 1s to 1000000s'
try 'qsvc --version | sed "s/[0-9].*/VERSION/"; qsvc --help | sed -n "1s/ .*//p";
  qsvc status --help | sed -n "1s/ .*//p"' <<'X'
out: qsvc (qqtools) VERSION
out: usage:
out: usage:
exit: 0
X
mkdir "$T/no-queue" "$T/no-queue/queue"
try 'svc status --home "$T/no-queue"; svc status --queue "$T/nothing";
  svc stop --home /dev/null' <<'X'
err: qsvc: fatal: T/no-queue/queue is not a queue: it has no lock/sendmutex
err: qsvc: fatal: unable to open the queue T/nothing: No such file or directory
err: qsvc: fatal: unable to open the queue /dev/null/queue: Not a directory
exit: 100
X

# ---- which service ----
mkdir "$T/a-directory"
service() { try "svc status --service $1" <<X
err: qsvc: fatal: --service $2
exit: 100
X
}
known='expected a service directory (with a slash), systemd:UNIT, init:SCRIPT, qmailctl:SCRIPT,'
known="$known or one of s6 daemontools runit systemd init qmailctl none"
service nothing "nothing: $known"
service '""' ": $known"
service systemd: 'systemd:: expected systemd:UNIT, init:SCRIPT or qmailctl:SCRIPT'
service runit:send 'runit:send: expected systemd:UNIT, init:SCRIPT or qmailctl:SCRIPT'
service upstart:qmail 'upstart:qmail: expected systemd:UNIT, init:SCRIPT or qmailctl:SCRIPT'
service '"$T/nothing"' 'T/nothing: No such file or directory'
never='no supervisor has ever run on it: there is no supervise/ as s6, daemontools and runit make'
service '"$T/a-directory"' "T/a-directory: $never it"
service '"$QMAILHOME/rc"' "T/one/rc: $never it"
service init:/no/such/script 'init:/no/such/script: No such file or directory'
service qmailctl:"$T/a-directory" 'qmailctl:T/a-directory: no script that can be run'
for kind in s6 daemontools runit init qmailctl; do service $kind \
  "$kind: it has no service for this qmail-send"; done
try 'svc status --service none; svc --service none status; svc status' <<'X'
out: qmail-send: stopped
out: supervisor: none, T/one/rc
out: qmail-send: stopped
out: supervisor: none, T/one/rc
out: qmail-send: stopped
out: supervisor: none, T/one/rc
exit: 3
X

# ---- by hand ----
try 'svc start; svc start; svc status; svc pause; svc continue; svc flush; svc reload;
  wait_until said "$QMAILHOME" alarm; wait_until said "$QMAILHOME" reread' <<'X'
out: qmail-send (process N) has started
out: qmail-send (process N) is running already
out: qmail-send: running, process N, since WHEN
out: supervisor: none, T/one/rc
out: deliveries: local 0 of 10, remote 0 of 20
out: qmail-send is paused: no delivery starts, those under way go on
out: qmail-send goes on
out: qmail-send (process N) tries everything now
out: qmail-send (process N) rereads locals and virtualdomains, for mail that arrives from now on;
...:  all else that it reads takes `qsvc restart'
exit: 0
X
check 'it is in a session of its own' sh -c \
  'set -- $(sed "s/.*) //" "/proc/$(qsvc status --json | sed "s/.*\"pid\":\([0-9]*\).*/\1/")/stat");
    [ "$4" != "$(sed "s/.*) //" /proc/$$/stat | cut -d " " -f 4)" ]'
try 'svc status --json' <<'X'
out: {"queue":"T/one/queue","state":"running","pid":N,"since":"WHEN","supervisor":"none",
...: "service":"T/one/rc","supervises":false,"wanted_up":null,"local":0,"local_limit":10,"remote":0,
...: "remote_limit":20,"messages":null,"new":null,"new_waits":false,"busy":null,"deliveries":[]}
exit: 0
X
# Of the queue alone: its parent is the home. Through a link, it is the same.
ln -s "$T/one" "$T/link"
try 'svc status --queue "$T/one/queue" | sed -n 2p; (cd "$T/one";
  svc status --queue queue | sed -n 2p; svc status --home ../link | sed -n 2p);
  env -u QMAILHOME QQ_QUEUE="$T/link/queue" qsvc status | turned | sed -n 2p' <<'X'
out: supervisor: none, T/one/rc
out: supervisor: none, T/one/rc
out: supervisor: none, T/one/rc
out: supervisor: none, T/one/rc
exit: 0
X
cp -Rp "$T/one/queue" "$T/bare" 2>/dev/null
[ -p "$T/bare/lock/trigger" ] || {
  rm -f "$T/bare/lock/trigger"; mkfifo "$T/bare/lock/trigger"
}
try 'svc status --queue "$T/bare"; svc status --queue "$T/bare" --json; svc start --queue "$T/bare";
  svc restart --queue "$T/bare"; svc reload --queue "$T/bare"' <<'X'
out: qmail-send: stopped
out: supervisor: none
out: {"queue":"T/bare","state":"stopped","pid":null,"since":null,"supervisor":"none","service":null,
...: "supervises":false,"wanted_up":null,"local":0,"local_limit":null,"remote":0,
...: "remote_limit":null,"messages":null,"new":null,"new_waits":false,"busy":null,"deliveries":[]}
out: qmail-send is stopped: no signal was sent
err: qsvc: fatal: unable to start qmail-send: nothing was found that starts it, and its home has no
...:  rc: use --service to say what does
err: qsvc: fatal: nothing was stopped, because it could not be started again: nothing was found that
...:  starts it, and its home has no rc: use --service to say what does
exit: 3
X

# ---- nothing that would start it again ----
mv "$QMAILHOME/rc" "$QMAILHOME/rc.away"; before=$(sendpid "$QMAILHOME")
try 'svc status | tail -n 2; svc restart; svc stopped echo ran; svc start' <<'X'
out: supervisor: none
out: deliveries: local 0 of 10, remote 0 of 20
out: qmail-send (process N) is running already
err: qsvc: fatal: nothing was stopped, because it could not be started again: nothing was found that
...:  starts it, and its home has no rc: use --service to say what does
err: qsvc: fatal: nothing was stopped, because it could not be started again: nothing was found that
...:  starts it, and its home has no rc: use --service to say what does
exit: 0
X
check 'it still runs' test "$before" = "$(sendpid "$QMAILHOME")"
try 'svc stop; nobody_left; svc start; svc stopped echo ran' <<'X'
out: qmail-send (process N) has stopped
out: ran
err: qsvc: fatal: unable to start qmail-send: nothing was found that starts it, and its home has no
...:  rc: use --service to say what does
exit: 0
X
mv "$QMAILHOME/rc.away" "$QMAILHOME/rc"

# ---- two, side by side ----
home two; by_hand "$QMAILHOME"; by_hand "$T/two"; one=$(sendpid "$T/one") two=$(sendpid "$T/two")
try 'svc --home "$T/two" restart; svc --home "$T/two" flush; svc --home "$T/two" stop;
  svc --home "$T/two" status; svc status' <<'X'
out: qmail-send (process N) has stopped
out: qmail-send (process N) has started
out: qmail-send (process N) tries everything now
out: qmail-send (process N) has stopped
out: qmail-send: stopped
out: supervisor: none, T/two/rc
out: qmail-send: running, process N, since WHEN
out: supervisor: none, T/one/rc
out: deliveries: local 0 of 10, remote 0 of 20
exit: 0
X
check 'the other one has not been touched' test "$one" = "$(sendpid "$T/one")"
check 'nor told anything' sh -c \
  "! grep -q ' alarm' '$T/one/log' || [ \$(grep -c ' alarm' '$T/one/log') = 1 ]"

# ---- mail that waits ----
qsvc stop >/dev/null
try 'svc status' <<'X'
out: qmail-send: stopped
out: supervisor: none, T/one/rc
exit: 3
X
inject "$QMAILHOME" me@x.example good@far.example >/dev/null
try 'svc status; qsvc status --json 2>/dev/null | grep -o "\"new_waits\":.*"' <<'X'
out: qmail-send: stopped
out: supervisor: none, T/one/rc
out: "new_waits":true,"busy":null,"deliveries":[]}
err: qsvc: warning: mail arrives, and nothing preprocesses it:
...:  a new message has been waiting for WHEN
exit: 0
X
touch -d '3 hours ago' "$QMAILHOME"/queue/todo/*
try 'qsvc status 2>&1 | sed -n "s/.*waiting for //p"' <<'X'
out: 3h
exit: 0
X
try 'svc start; wait_until said "$QMAILHOME" success; wait_until "! ls $QMAILHOME/queue/todo/*";
  svc status --count | tail -n 1' <<'X'
out: qmail-send (process N) has started
out: messages: 0 (0 new)
exit: 0
X

# ---- somebody else has the mutex ----
qsvc stop >/dev/null
perl -MFcntl=:flock -e \
  'open my $f, "+<", "$ARGV[0]/queue/lock/sendmutex" or die;
    flock $f, LOCK_EX or die; open my $r, ">", $ARGV[1] or die; close $r; sleep 60' \
  "$QMAILHOME" "$T/has-it" &
other=$!
wait_until '[ -e "$T/has-it" ]'
try 'svc status; svc stopped echo ran; svc start --timeout 1s; svc stop; svc pause' <<'X'
out: qmail-send: stopped
out: supervisor: none, T/one/rc
out: qmail-send is stopped already
out: qmail-send is stopped: no signal was sent
err: qsvc: warning: T/one/queue/lock/sendmutex is locked by process N
err: qsvc: warning: the mutex is taken by somebody else: T/one/queue/lock/sendmutex (process N)
err: qsvc: fatal: the command was not run
err: qsvc: fatal: qmail-send does not come up: process N has its mutex
exit: 3
X
kill $other; wait $other 2>/dev/null
# Another program at this one just now.
perl -MFcntl=:flock -e \
  'open my $f, "<", "$ARGV[0]/queue/lock" or sysopen $f, "$ARGV[0]/queue/lock", 0 or die;
    flock $f, LOCK_EX or die; open my $r, ">", $ARGV[1] or die; close $r; sleep 60' \
  "$QMAILHOME" "$T/locked" &
other=$!
wait_until '[ -e "$T/locked" ]'
try 'svc start; svc stop; svc stopped true; svc status' <<'X'
out: qmail-send: stopped
out: supervisor: none, T/one/rc
out: busy: process N, perl ...
err: qsvc: fatal: another program starts or stops this qmail just now (process N)
err: qsvc: fatal: another program starts or stops this qmail just now (process N)
err: qsvc: fatal: another program starts or stops this qmail just now (process N)
exit: 3
X
kill $other; wait $other 2>/dev/null

# ---- what a qmail-send that was killed leaves ----
by_hand "$QMAILHOME" --ext-todo
check 'with a qmail-todo' test "$(processes "$QMAILHOME")" = \
  'qmail-clean qmail-clean qmail-lspawn qmail-rspawn qmail-send qmail-todo'
try 'svc stop; nobody_left; svc start' <<'X'
out: qmail-send (process N) has stopped
out: qmail-send (process N) has started
exit: 0
X
deliver "$QMAILHOME" slowgood@far.example
kill -KILL "$(sendpid "$QMAILHOME")"
all='qmail-clean qmail-clean qmail-lspawn qmail-remote qmail-rspawn qmail-send qmail-todo'
wait_until '[ "$(processes "$QMAILHOME")" != "$all" ]'
try 'svc status 2>&1 | sed "s/, T.*//;s/ended: .*qmail-todo.*/ended: ... qmail-todo .../";
  svc stop --timeout 1s 2>&1 | sed "s/: qmail.*qmail-todo.*/.../;/^remote/d";
  let_end_soon "$QMAILHOME"; svc stop' <<'X'
out: qmail-send: stopped
out: supervisor: none
out: deliveries: local 0 of 10, remote 1 of 20
out: qsvc: warning: left over from a qmail-send that has ended: ... qmail-todo ...
out: qsvc: fatal...
out: qmail-send is stopped already
err: qsvc: warning: qmail-todo (process N), which a killed qmail-send had left over, was told to end
exit: 0
X
check 'nobody is left' nobody_left
killed() { svc start >/dev/null && kill -KILL "$(sendpid "$QMAILHOME")" &&
  wait_until '[ "$(processes "$QMAILHOME")" = "qmail-clean qmail-todo" ]'; }
try 'killed; svc stopped echo ran; nobody_left' <<'X'
out: ran
err: qsvc: warning: qmail-todo (process N), which a killed qmail-send had left over, was told to end
exit: 0
X
try 'killed; svc start; processes "$QMAILHOME" | sed "s, qmail-remote,,"; svc stop;
  nobody_left' <<'X'
out: qmail-send (process N) has started
out: qmail-clean qmail-clean qmail-lspawn qmail-rspawn qmail-send qmail-todo
out: qmail-send (process N) has stopped
err: qsvc: warning: qmail-todo (process N), which a killed qmail-send had left over, was told to end
exit: 0
X
# Beside a delivery, too: both would take new mail, and lose it.
killed_busy() { svc start >/dev/null && deliver "$QMAILHOME" slowgood@far.example &&
  kill -KILL "$(sendpid "$QMAILHOME")" && wait_until '[ "$(processes "$QMAILHOME")" != "$all" ]'; }
try 'killed_busy; svc start 2>&1 >"$T/started" | sed "s/ended: .*/ended: .../"; cat "$T/started";
  processes "$QMAILHOME" | tr " " "\n" | grep -c qmail-todo' <<'X'
out: qsvc: warning: left over from a qmail-send that has ended: ...
out: qsvc: warning: qmail-todo (process N), which a killed qmail-send had left over, was told to end
out: qmail-send (process N) has started
out: 1
exit: 0
X
let_end_soon "$QMAILHOME"
try 'svc stop; nobody_left' <<'X'
out: qmail-send (process N) has stopped
exit: 0
X
try 'svc start; svc stop; nobody_left' <<'X'
out: qmail-send (process N) has started
out: qmail-send (process N) has stopped
exit: 0
X

# ---- output that goes nowhere ----
if [ -w /dev/full ]; then
  try 'qsvc status >/dev/full; echo $?; qsvc status --json >/dev/full; echo $?;
    qsvc start >/dev/full; echo $?; wait_until is_up "$QMAILHOME"; echo $?;
    qsvc stop >/dev/full' <<'X'
out: 111
out: 111
out: 111
out: 0
err: qsvc: fatal: unable to write to standard output: No space left on device
err: qsvc: fatal: unable to write to standard output: No space left on device
err: qsvc: fatal: unable to write to standard output: No space left on device
err: qsvc: fatal: unable to write to standard output: No space left on device
exit: 111
X
fi
try 'qsvc start >&-; echo $?; wait_until is_up "$QMAILHOME"; echo $?; qsvc stopped true >&-;
  echo $?; wait_until is_up "$QMAILHOME"; echo $?; qsvc stopped echo ran | true;
  wait_until is_up "$QMAILHOME"' <<'X'
out: 111
out: 0
out: 0
out: 0
err: qsvc: fatal: unable to write to standard output: Bad file descriptor
exit: 0
X
qsvc stop >/dev/null

# ---- a name is enough, if one service alone has it ----
for kind in s6 daemontools runit; do
  command -v $(case $kind in
    s6) echo s6-supervise ;;
    daemontools) echo supervise ;;
    runit) echo runsv ;;
  esac) >/dev/null && break
  kind=
done
if [ "$kind" ] || skip_unless_supervisor s6 'by name alone'; then
  home send; home qmail; rm "$T/send/rc" "$T/qmail/rc"
  for name in send qmail; do
    printf '#!/bin/sh\nexec %s/bin/start-it\n' "$T/$name" >"$T/$name/rc"
    chmod +x "$T/$name/rc"; cp "$T/$name/bin/qmail-start" "$T/$name/bin/start-it"
    mkdir -p "$T/service/$name"; : >"$T/service/$name/down"; supervised $kind "$T/$name"
    printf '#!/bin/sh\nexec %s/bin/start-it\n' "$T/$name" >"$T/service/$name/run"; rm "$T/$name/rc"
  done
  try 'svc --home "$T/send" start; svc --home "$T/send" status' <<X
out: qmail-send: stopped
out: supervisor: none
err: qsvc: fatal: unable to start qmail-send: nothing was found that starts it, and its home has no
...:  rc: use --service to say what does
exit: 3
X
  try 'svc --home "$T/send" --service "$T/service/send" start; svc --home "$T/send" status;
    svc --home "$T/qmail" status; svc --home "$T/qmail" --service '$kind' start' <<X
out: qmail-send (process N) has started
out: qmail-send: running, process N, since WHEN
out: supervisor: $kind, T/service/send
out: deliveries: local 0 of 10, remote 0 of 20
out: qmail-send: stopped
out: supervisor: none
err: qsvc: fatal: --service $kind: it has no service for this qmail-send
exit: 100
X
  # The service of another qmail-send, said by mistake: it is not stopped, and that one is.
  qsvc --home "$T/qmail" --service "$T/service/qmail" start >/dev/null; other=$(sendpid "$T/qmail")
  try 'svc --home "$T/send" --service "$T/service/qmail" status' <<X
out: qmail-send: running, process N, since WHEN
out: supervisor: $kind, T/service/qmail: did not start it
out: deliveries: local 0 of 10, remote 0 of 20
err: qsvc: warning: T/service/qmail ($kind) did not start the qmail-send that runs (process N)
exit: 0
X
  try 'svc --home "$T/send" --service "$T/service/qmail" stop;
    svc --home "$T/send" --service "$T/service/qmail" restart' <<X
err: qsvc: fatal: unable to stop qmail-send: T/service/qmail ($kind) runs another qmail-send
err: qsvc: fatal: unable to stop qmail-send: T/service/qmail ($kind) runs another qmail-send
exit: 111
X
  mine=$(sendpid "$T/send")
  try 'svc --home "$T/send" --service "$T/service/qmail" stopped echo ran' <<X
err: qsvc: warning: T/service/qmail ($kind) did not start the qmail-send that runs (process N)
err: qsvc: warning: unable to stop qmail-send: T/service/qmail ($kind) runs another qmail-send
err: qsvc: fatal: the command was not run
exit: 111
X
  check 'ours has not been stopped' test "$mine" = "$(sendpid "$T/send")"
  qsvc --home "$T/send" stop >/dev/null 2>&1
  try 'svc --home "$T/send" --service "$T/service/qmail" start' <<X
err: qsvc: fatal: unable to start qmail-send: T/service/qmail ($kind) runs another qmail-send
exit: 111
X
  check 'the other one has not been touched' test "$other" = "$(sendpid "$T/qmail")"
  rm -rf "$T/service/qmail/down"; qsvc --home "$T/send" stop >/dev/null 2>&1
  qsvc --home "$T/qmail" stop >/dev/null 2>&1
  (
    cd "$T/service" && try \
      'svc --home "$T/send" --service ./send start
      svc --home "$T/send" --service ../service/send stop' <<'X'
out: qmail-send (process N) has started
out: qmail-send (process N) has stopped
exit: 0
X
  ) | sed 's/^ok [0-9]*/ok/' >"$T/relative"
  grep -v '^ok' "$T/relative"
  check 'a service directory that is said relative' grep -q '^ok' "$T/relative"
fi
finish
