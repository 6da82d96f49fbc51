#!/bin/sh
# qsvc-elsewhere.t - a system that does not show processes and locks as Linux does: what the
# supervisor says counts, and what is not known is not said.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/service.sh"
skip_unless_seen

if [ $# = 0 ]; then together daemontools runit s6 none; finish; fi
cp "$BUILD/tests/elsewhere/qsvc" "$T/bin/qsvc"
kind=$1; home "$kind"; QMAILHOME=$T/$kind; export QMAILHOME

# ---- nothing but rc ----
if [ "$kind" = none ]; then
  try 'svc status; svc start; svc status; svc start; wait_until is_up "$QMAILHOME"' <<'X'
out: qmail-send: stopped
out: supervisor: none, T/none/rc
out: qmail-send has started
out: qmail-send: running
out: supervisor: none, T/none/rc
out: qmail-send is running already
exit: 0
X
  before=$(sendpid "$QMAILHOME")
  try 'for verb in stop restart pause continue flush reload "stopped echo ran"; do svc $verb;
    echo $?; done' <<'X'
out: 111
out: 111
out: 111
out: 111
out: 111
out: 111
out: 111
err: qsvc: fatal: unable to stop qmail-send: this system does not show which process is qmail-send:
...:  use --service to say what started it
err: qsvc: fatal: unable to stop qmail-send: this system does not show which process is qmail-send:
...:  use --service to say what started it
err: qsvc: fatal: unable to pause qmail-send: this system does not show which process is qmail-send:
...:  use --service to say what started it
err: qsvc: fatal: unable to continue qmail-send: this system does not show which process is
...:  qmail-send: use --service to say what started it
err: qsvc: fatal: unable to tell qmail-send: this system does not show which process is qmail-send:
...:  use --service to say what started it
err: qsvc: fatal: unable to tell qmail-send: this system does not show which process is qmail-send:
...:  use --service to say what started it
err: qsvc: warning: unable to stop qmail-send: this system does not show which process is
...:  qmail-send: use --service to say what started it
err: qsvc: fatal: the command was not run
exit: 0
X
  check 'it runs as before' test "$before" = "$(sendpid "$QMAILHOME")"
  kill "$before"; wait_until nobody_left
  try 'svc stop; svc stopped echo ran; svc pause; svc flush' <<'X'
out: qmail-send is stopped already
out: ran
out: qmail-send is stopped: no signal was sent
out: qmail-send is stopped: no signal was sent
exit: 3
X

  # Who has a record lock is known everywhere; whether that is paused is not.
  perl -MFcntl -e '
    my ($home) = @ARGV;
    $SIG{HUP} = sub { open my $f, ">", "$home/told" };
    open my $m, "+<", "$home/queue/lock/sendmutex" or die;
    my $l = pack("ssx![l!]l!l!ix![l!]", F_WRLCK, 0, 0, 0, 0);
    fcntl $m, F_SETLK, $l or die;
    sysopen my $t, "$home/queue/lock/trigger", O_RDONLY | O_NONBLOCK or die;
    open my $r, ">", "$home/ready";
    close $r;
    sleep 1 while 1' "$QMAILHOME" & stand_in=$!
  wait_until '[ -e "$QMAILHOME/ready" ]'
  # A signal has arrived when the process has looked, and not when kill(2) has returned.
  state() { sed 's/.*) \(.\) .*/\1/' /proc/$stand_in/stat; }
  try 'svc pause; wait_until "[ \$(state) = T ]"; state; svc continue;
    wait_until "[ \$(state) = S ]"; svc reload;
    wait_until "[ -e \"$QMAILHOME/told\" ]"; svc stop; svc status' <<'X'
out: qmail-send is paused: no delivery starts, those under way go on
out: T
out: qmail-send goes on
out: qmail-send (process N) rereads locals and virtualdomains, for mail that arrives from now on;
...:  all else that it reads takes `qsvc restart'
out: qmail-send (process N) has stopped
out: qmail-send: stopped
out: supervisor: none, T/none/rc
exit: 3
X
  finish
fi

skip_unless_supervisor "$kind" || finish
supervised "$kind" "$QMAILHOME"
try 'svc status; svc status --json' <<X
out: qmail-send: running, process N
out: supervisor: $kind, T/service/$kind
out: {"queue":"T/$kind/queue","state":"running","pid":N,"since":null,"supervisor":"$kind",
...: "service":"T/service/$kind","supervises":true,"wanted_up":true,"local":null,"local_limit":10,
...: "remote":null,"remote_limit":20,"messages":null,"new":null,"new_waits":false,"busy":null,
...: "deliveries":null}
exit: 0
X
check 'the process is the one that has the mutex' sh -c \
  "qsvc status --json | grep -q '\"pid\":$(sendpid "$QMAILHOME"),'"
: >"$QMAILHOME/log"
try 'svc pause; svc pause; svc status; svc flush; svc reload; svc continue; svc continue;
  wait_until said "$QMAILHOME" alarm; wait_until said "$QMAILHOME" reread' <<X
out: qmail-send is paused: no delivery starts, those under way go on
out: qmail-send is paused already
out: qmail-send: paused, process N
out: supervisor: $kind, T/service/$kind
out: qmail-send (process N) tries everything now
out: qmail-send (process N) rereads locals and virtualdomains, for mail that arrives from now on;
...:  all else that it reads takes \`qsvc restart'
out: qmail-send goes on
out: qmail-send was not paused
err: qsvc: warning: qmail-send is paused: it acts on this when it goes on (qsvc continue)
err: qsvc: warning: qmail-send is paused: it acts on this when it goes on (qsvc continue)
exit: 0
X
slow; let_end_soon "$QMAILHOME"
try 'svc stop; delivered; nobody_left; unhurt "$QMAILHOME"; svc stop; svc status; svc start;
  svc start' <<X
out: qmail-send (process N) has stopped
out: 2
out: qmail-send is stopped already
out: qmail-send: stopped
out: supervisor: $kind, T/service/$kind: down
out: qmail-send (process N) has started
out: qmail-send (process N) is running already
exit: 0
X
slow; before=$(sendpid "$QMAILHOME")
try 'svc stop --timeout 1s; svc status; let_end_soon "$QMAILHOME"; svc start; delivered;
  unhurt "$QMAILHOME"' <<X
out: qmail-send: running, process N
out: supervisor: $kind, T/service/$kind: is stopping it
out: qmail-send (process N) has started
out: 2
err: qsvc: fatal: qmail-send is ending, but has not ended yet: qmail-send (process N)
exit: 0
X
check 'it is another process' test "$before" != "$(sendpid "$QMAILHOME")"
slow; let_end_soon "$QMAILHOME"; before=$(sendpid "$QMAILHOME")
try 'svc restart; delivered; unhurt "$QMAILHOME"' <<X
out: qmail-send (process N) has stopped
out: qmail-send (process N) has started
out: 2
exit: 0
X
check 'it is another process again' test "$before" != "$(sendpid "$QMAILHOME")"

# ---- stopped ----
try 'svc stopped env -u QQ_MUTEX qsvc stop' <<'X'
err: qsvc: fatal: another program starts or stops this qmail just now
exit: 111
X
slow; let_end_soon "$QMAILHOME"; before=$(sendpid "$QMAILHOME")
try 'svc stopped sh -c "qsvc status; exit 4"; echo $?; delivered; unhurt "$QMAILHOME";
  svc status' <<X
out: qmail-send: stopped
out: supervisor: $kind, T/service/$kind: down
out: 4
out: 2
out: qmail-send: running, process N
out: supervisor: $kind, T/service/$kind
exit: 0
X
check 'it has been started again' test "$before" != "$(sendpid "$QMAILHOME")"
for who in guard worker; do
  rm -f "$T/begun" "$T/ended"; before=$(sendpid "$QMAILHOME")
  qsvc stopped sh -c 'echo $PPID >"$0.new"; mv "$0.new" "$0"; sleep 0.5;
    flock --nonblock "$1/queue/lock/sendmutex" echo free >>"$2";
    echo end >>"$2"' "$T/begun" "$QMAILHOME" "$T/ended" >"$T/run" 2>&1 &
  guard=$!
  wait_until '[ -e "$T/begun" ]'
  case $who in guard) kill -KILL $guard ;; worker) kill -KILL "$(cat "$T/begun")" ;; esac
  wait $guard; code=$?
  wait_until '! kill -0 $(cat "$T/begun")'
  try 'echo $code; cat "$T/run"; wait_until is_up "$QMAILHOME"; cat "$T/ended"' <<X
$(case $who in guard) echo 'out: 137' ;; worker) echo 'out: 111
out: qsvc: fatal: the process that did the work was killed;
...:  qmail-send has been started again' ;; esac)
out: end
exit: 0
X
  check "the $who was killed: it has been started again, after the command" test "$before" != \
    "$(sendpid "$QMAILHOME")"
done
qsvc stop >/dev/null
check 'nothing was cut' unhurt "$QMAILHOME"
finish
