#!/bin/sh
# qsvc-stopped.t - a command that runs while qmail-send is stopped, which is
# started again whatever happens.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/service.sh"
. "$(dirname "$0")/queue.sh"
skip_unless_seen

if [ $# = 0 ]; then together daemontools runit s6 none; finish; fi
kind=$1; home "$kind"; QMAILHOME=$T/$kind; export QMAILHOME
if [ "$kind" = none ]; then by_hand "$QMAILHOME"; where="none, T/none/rc"
elif skip_unless_supervisor "$kind"; then
  supervised "$kind" "$QMAILHOME"; where="$kind, T/service/$kind: down"
else finish; fi
# The first two take a second for each start: of what has nothing to do with the
# supervisor, they do less.
case $kind in
  daemontools | runit) is_slow=yes signals=TERM ;;
  *) is_slow='' signals='TERM INT HUP QUIT' ;;
esac
waiting='' gives_up='has not ended in time'
[ "$kind" != none ] || {
  gives_up='waiting for that'
  waiting='out: qsvc: warning: qmail-send can be started again only when it has ended: waiting for
...:  that
'
}

# again COMMAND: it has been started again, once, as another process than $before
again() { now=$(sendpid "$QMAILHOME") && [ "$now" != "$before" ] && is_up "$QMAILHOME" &&
  [ "$(processes "$QMAILHOME")" = 'qmail-clean qmail-lspawn qmail-rspawn qmail-send' ] &&
  before=$now; }
same() { [ "$(sendpid "$QMAILHOME")" = "$before" ]; }
before=$(sendpid "$QMAILHOME")

number_of() {
  case $1 in
    HUP) echo 1 ;;
    INT) echo 2 ;;
    QUIT) echo 3 ;;
    KILL) echo 9 ;;
    TERM) echo 15 ;;
  esac
}

# ---- what the command sees ----
try 'svc stopped sh -c "echo \$QQ_QUEUE \$QMAILHOME;
  test /proc/self/fd/\$QQ_MUTEX -ef \$QQ_QUEUE/lock/sendmutex && echo has it; qsvc status"' <<X
out: T/$kind/queue T/$kind
out: has it
out: qmail-send: stopped
out: supervisor: $where
out: busy: process N, qsvc ...
exit: 3
X
check 'it has been started again' again
try 'svc stopped sh -c "flock --nonblock --conflict-exit-code 7 \$QQ_QUEUE/lock/sendmutex true"' \
  <<'X'
exit: 7
X
check 'it has been started again' again
try 'printf "a\0b\n" | svc stopped sh -c "cat; echo to stderr >&2; exit 3"' <<'X'
out: a\0
out: b
err: to stderr
exit: 3
X
check 'it has been started again, as the command has failed' again
for signal in TERM KILL; do
  code=$((128 + $(number_of $signal)))
  try "svc stopped sh -c 'ulimit -c 0; kill -$signal \$\$'" <<X
exit: $code
X
done
check 'it has been started again, as the command was killed' again
inject "$QMAILHOME" me@x.example defer@local.example defer@far.example >/dev/null
inject "$QMAILHOME" you@x.example defer@far.example >/dev/null
wait_until '[ $(how_often "$QMAILHOME" deferral) -ge 3 ]'
try 'qq-list | svc stopped qq-rm; find "$QMAILHOME/queue" -type f ! -path "*/lock/*";
  unhurt "$QMAILHOME"' <<'X'
err: qq-rm: 2 removed
exit: 0
X
check 'it has been started again' again
[ $is_slow ] || try 'svc stopped qq-rm --version | sed "s/ [0-9.]*$//";
  svc stopped -- sh -c "exit 4"; echo $?; svc stopped --timeout 20s sh -c "exit 5"' <<'X'
out: qq-rm (qqtools)
out: 4
exit: 5
X
before=$(sendpid "$QMAILHOME")

# ---- in the background ----
qsvc stopped sh -c 'sleep 60 >/dev/null 2>&1 & echo $!' >"$T/child"
check 'what a command leaves in the background does not keep the mutex' again
check 'and is left alone' kill "$(cat "$T/child")"

# ---- what is refused ----
try 'svc stopped "$T/no/such/program"; svc stopped no-such-program x; : >"$T/not-executable";
  svc stopped "$T/not-executable"; svc stopped "$T"' <<'X'
err: qsvc: fatal: T/no/such/program: no such program; nothing was stopped
err: qsvc: fatal: no-such-program: no such program; nothing was stopped
err: qsvc: fatal: T/not-executable: no such program; nothing was stopped
err: qsvc: fatal: T: no such program; nothing was stopped
exit: 100
X
check 'nothing was stopped' same
printf '#!/no/such/interpreter\n' >"$T/bad"; chmod +x "$T/bad"
try 'svc stopped "$T/bad"' <<'X'
err: T/bad: unable to run it: No such file or directory
exit: 127
X
check 'it has been started again, as the command could not be run' again
for verb in start stop restart pause continue 'stopped true' 'stopped qsvc status'; do
  [ $is_slow ] || try "svc stopped qsvc $verb" <<'X'
err: qsvc: fatal: this runs under `qsvc stopped', which starts qmail-send again by itself
exit: 111
X
done
before=$(sendpid "$QMAILHOME")
try 'svc stopped sh -c "qsvc flush; qsvc reload"' <<'X'
out: qmail-send is stopped: no signal was sent
out: qmail-send is stopped: no signal was sent
exit: 3
X
try 'svc stopped sh -c "for verb in start stop restart pause continue stopped\\ true; do
  env -u QQ_MUTEX qsvc \$verb; done"' <<'X'
err: qsvc: fatal: another program starts or stops this qmail just now (process N)
err: qsvc: fatal: another program starts or stops this qmail just now (process N)
err: qsvc: fatal: another program starts or stops this qmail just now (process N)
err: qsvc: fatal: another program starts or stops this qmail just now (process N)
err: qsvc: fatal: another program starts or stops this qmail just now (process N)
err: qsvc: fatal: another program starts or stops this qmail just now (process N)
exit: 111
X
before=$(sendpid "$QMAILHOME")
try 'QQ_MUTEX=77 svc stopped true; QQ_MUTEX=0 svc stopped true;
  QQ_MUTEX= svc stopped echo ran' <<'X'
out: ran
exit: 0
X
check 'a mutex that nobody handed down is none' again

# ---- it did not run, or was paused ----
qsvc stop >/dev/null
try 'svc stopped echo ran; svc status; svc stopped false' <<X
out: ran
out: qmail-send: stopped
out: supervisor: $where
exit: 1
X
qsvc start >/dev/null; before=$(sendpid "$QMAILHOME")
qsvc pause >/dev/null
try 'svc stopped echo ran; svc status | sed "s/,.*//;q"' <<'X'
out: ran
out: qmail-send: running
err: qsvc: warning: qmail-send is paused, and will not be when it is started again
exit: 0
X
check 'it has been started again' again

# ---- signals ----
# runs WHAT: qsvc in the background, without the signals that the shell has ignored for it; ends
# with its exit code in $code
runs() {
  rm -f "$T/run.err"
  perl -e '$SIG{$_} = "DEFAULT" for qw(INT QUIT); exec @ARGV' qsvc "$@" >"$T/run.out" \
    2>"$T/run.err" &
  running=$!
}
ended() {
  wait $running; code=$?
  [ $code = "$1" ] || {
    echo "exit code $code"; cat "$T/run.err"; return 1
  }
}
rm -f "$T/begun"
for signal in $signals; do
  code=$((128 + $(number_of $signal)))
  rm -f "$T/begun"; runs stopped sh -c 'ulimit -c 0; echo >"$0"; exec sleep 30' "$T/begun"
  wait_until '[ -e "$T/begun" ]'; kill -"$signal" $running
  check "$signal goes to the command" ended $code
  check 'and it has been started again' again
done
rm -f "$T/begun"
runs stopped sh -c 'trap "exit 6" TERM; echo >"$0"; while :; do sleep 0.05; done' "$T/begun"
wait_until '[ -e "$T/begun" ]'; kill -TERM $running
check 'a command may do with it what it likes' ended 6
check 'and it has been started again' again
rm -f "$T/begun"
(
  trap '' HUP; exec qsvc stopped sh -c 'echo >"$0"; sleep 0.5; exit 5' "$T/begun"
) 2>/dev/null &
running=$!
wait_until '[ -e "$T/begun" ]'; kill -HUP $running
check 'with nohup, HUP is nothing' ended 5
check 'and it has been started again' again

# While qmail-send ends.
slow() { : >"$QMAILHOME/log"; deliver "$QMAILHOME" slowgood@local.example; }
gave_up() {
  wait_until 'grep -q "$gives_up" "$T/run.err"'; let_end "$QMAILHOME"
  ended 111 >/dev/null
}
for signal in $signals; do
  slow; runs stopped touch "$T/ran"
  wait_until 'grep -q exitasap "$QMAILHOME/log"'; kill -$signal $running; gave_up
  try 'turned <"$T/run.err" | sed "s/: qmail-send (process.*//"; ls "$T/ran" 2>/dev/null;
    how_often "$QMAILHOME" success; unhurt "$QMAILHOME"; wait_until again;
    svc status | sed "s/,.*//;q"' <<X
out: qsvc: warning: qmail-send has not ended in time, or this was interrupted
${waiting}out: qsvc: fatal: the command was not run
out: 1
out: qmail-send: running
exit: 0
X
  before=$(sendpid "$QMAILHOME")
done

# While it starts.
mv "$QMAILHOME/rc" "$QMAILHOME/rc.fast"
printf '#!/bin/sh\nsleep 1\nexec %s/rc.fast\n' "$QMAILHOME" >"$QMAILHOME/rc"
chmod +x "$QMAILHOME/rc"
for signal in ${signals% QUIT}; do
  rm -f "$T/begun"; runs stopped sh -c 'echo >"$0"; exit 9' "$T/begun"
  wait_until '[ -e "$T/begun" ]'; sleep 0.3; kill -$signal $running
  check "$signal, while it starts" ended 9
  check 'it has been started again' again
done
mv "$QMAILHOME/rc.fast" "$QMAILHOME/rc"

# ---- the time is over ----
slow; rm -f "$T/ran"; runs stopped --timeout 1s touch "$T/ran"; gave_up
try 'sed "s/: qmail-send (process.*//;s/fatal: .*/fatal: .../" "$T/run.err";
  ls "$T/ran" 2>/dev/null; wait_until again; how_often "$QMAILHOME" success;
  unhurt "$QMAILHOME"' <<X
out: qsvc: warning: qmail-send has not ended in time, or this was interrupted
${waiting}out: qsvc: fatal: ...
out: 1
exit: 0
X
before=$(sendpid "$QMAILHOME")

# ---- killed, one of the two; more of that in qsvc-kill.t ----
for who in guard worker command; do
  rm -f "$T/begun"
  runs stopped sh -c 'echo $PPID $$ >"$0.new"; mv "$0.new" "$0"; sleep 0.5; exit 7' "$T/begun"
  wait_until '[ -e "$T/begun" ]'; read -r worker command <"$T/begun"
  case $who in
    guard) killed=$running says='out: 137' ;;
    worker) killed=$worker says='out: 111
out: qsvc: fatal: the process that did the work was killed; qmail-send has been started again' ;;
    command) killed=$command says='out: 137' ;;
  esac
  kill -KILL $killed; wait $running; code=$?
  try 'echo "$code"; turned <"$T/run.err"' <<X
$says
exit: 0
X
  wait_until '! kill -0 $worker'; wait_until again
  check "the $who was killed: it has been started again" same
done

# ---- a restart, and who stands by; it is killed itself in qsvc-kill.t ----
slow; qsvc restart >"$T/run.out" 2>&1 & running=$!
wait_until 'grep -q exitasap "$QMAILHOME/log"'; kill -KILL $(pgrep -P $running)
let_end "$QMAILHOME"
check 'who stands by was killed: the restart goes on' ended 0
check 'it has been restarted' again
slow; qsvc restart >"$T/run.out" 2>&1 & running=$!
wait_until 'grep -q exitasap "$QMAILHOME/log"'; kill -KILL $running; let_end_soon "$QMAILHOME"
wait $running
# Who stands by has the lock until it is up.
rested() {
  perl -e 'use Fcntl ":flock"; open my $d, "<", $ARGV[0] or die "$!\n";
    exit !flock $d, LOCK_EX | LOCK_NB' "$QMAILHOME/queue/lock"
}
try 'wait_until again; wait_until rested; how_often "$QMAILHOME" success; unhurt "$QMAILHOME"' <<'X'
out: 1
exit: 0
X
before=$(sendpid "$QMAILHOME")
# Nobody hears that it has stopped: it comes up all the same.
if [ -w /dev/full ]; then
  try 'qsvc restart >/dev/full; echo $?; wait_until again; wait_until rested' <<'X'
out: 111
err: qsvc: fatal: unable to write to standard output: No space left on device
exit: 0
X
  before=$(sendpid "$QMAILHOME")
fi

# ---- it cannot be started ----
if [ "$kind" != none ]; then
  try 'svc stopped sh -c "kill -KILL $SUPERVISOR; wait; sleep 0.1" 2>&1 |
      sed "s/up again: .*/up again/"' <<'X'
out: qsvc: fatal: the command has ended (exit code 0), but qmail-send does not come up again
exit: 0
X
  supervise_again; wait_until is_up "$QMAILHOME"
fi
# Long enough for a stop on a busy machine: what is to fail is the start.
mv "$QMAILHOME/rc" "$QMAILHOME/rc.away"; printf '#!/bin/sh\nexit 111\n' >"$QMAILHOME/rc"
chmod +x "$QMAILHOME/rc"
try 'svc stopped --timeout 5s sh -c "exit 3" 2>&1 | sed "s/up again: .*/up again/"' <<'X'
out: qsvc: fatal: the command has ended (exit code 3), but qmail-send does not come up again
exit: 0
X
finish
