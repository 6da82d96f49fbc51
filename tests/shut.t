#!/bin/sh
# shut.t - a removal beside a running qmail-send: all messages are shut before the first is
# silenced; its marks on the mess file say how far it came, and what may be taken back; and a file
# that has another name, or has the bits of a program, is not given away.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/change.sh"
skip_unless_root 'all of it' || finish
command -v strace >/dev/null || { [ "${CI-}" != true ] || not_ok 'strace is not here'; finish; }

fresh() {
  queue queue-notqmail; mkdir -p "$QUEUE/../control"; cd "$T" || exit 99
  QQ_QUEUE=queue-notqmail/queue
  for n in $(awk '{ print $1 }' "$T/numbers"); do born "$n" 7200 7100; done
  echo "${1-604800}" >"$QUEUE/../control/queuelifetime"
  exactly >"$T/exactly"
}
# traced COMMAND: its system calls that matter, without descriptors: `root' for the owner root
traced() {
  strace -f -o "$T/trace" -e trace=fchown,fchmod,renameat2,syncfs,pwrite64 "$@" 2>/dev/null
  sed -n 's/^[0-9]* *fchown([0-9]*, 0,.*/root/p;s/^[0-9]* *fchmod([0-9]*, \([0-7]*\)).*/\1/p
    s/^[0-9]* *\(renameat2\|syncfs\|pwrite64\)(.*/\1/p' "$T/trace" | uniq -c | sed 's/^ *//'
}
# killed CALL N COMMAND: by the N-th of these calls, in it
killed() {
  call=$1 when=$2; shift 2
  strace -f -o "$T/trace" -e trace="$call" -e inject="$call:signal=KILL:when=$when" "$@" \
    >/dev/null 2>&1
  [ $? = 137 ]
}

# ---- all first ----
# Three messages: each is marked and given to root before any replacement, exchange or mark.
fresh; sending
try 'traced qq-rm $(id 1081647) $(id 1081648) $(id 1081764) | grep -v pwrite64' <<'T'
out: 1 0444
out: 1 root
out: 1 0444
out: 1 root
out: 1 0444
out: 1 root
out: 1 0600
out: 1 0555
out: 1 0600
out: 1 0555
out: 1 0600
out: 1 0555
out: 1 syncfs
out: 1 renameat2
out: 1 renameat2
out: 1 renameat2
out: 2 syncfs
exit: 0
T
alone
# Past its lifetime, or where that is short or not known, a last attempt may be open: root right
# before the exchange, so that its failures are discarded.
fresh; sending; born 1081764 700000
try 'traced qq-rm $(id 1081764)' <<'T'
out: 1 0600
out: 1 0555
out: 1 syncfs
out: 1 root
out: 1 renameat2
out: 2 pwrite64
out: 2 syncfs
exit: 0
T
alone
for lifetime in 3 3599; do
  fresh $lifetime; sending
  try 'traced qq-rm $(id 1081648) | head -n 5 | tail -n 3' <<'T'
out: 1 syncfs
out: 1 root
out: 1 renameat2
exit: 0
T
  alone
done
fresh; rm -r "$QUEUE/../control"; sending
try 'traced qq-rm $(id 1081648) | head -n 5 | tail -n 3' <<'T'
out: 1 syncfs
out: 1 root
out: 1 renameat2
exit: 0
T
alone

# ---- what is interrupted, and what may be taken back ----
# Killed when all are shut: held, called interrupted, and qq-release makes it what it was.
fresh; sending
check 'killed before the first is silenced' killed fchmod 5 qq-rm $(id 1081647) $(id 1081648) \
  $(id 1081764)
try 'look 1081648 | head -n 2; qq-grep --interrupted -c; qq-list -c; qq-hold $(id 1081648)' <<'T'
out: mess root 444
out: info qmails 600 born now Fspammer@evil.test\0
out: 3
out: 23
err: qq-hold: warning: failed: mess/*/1081648: its removal was interrupted:
...:  give its id to qq-rm again, or to qq-release
err: qq-hold: 1 failed
exit: 111
T
try 'qq-grep --interrupted | qq-release; look 1081648 | head -n 2; qq-grep --interrupted -c' <<'T'
out: mess qmailq 644
out: info qmails 600 born when queued Fspammer@evil.test\0
out: 0
err: qq-release: 3 released
err: Only qmail-send knows when they are tried next; --flush has it try everything now.
exit: 1
T
# Killed within the marks: its recipients are not all there any more, so only qq-rm ends it.
check 'killed at the second mark' killed pwrite64 2 qq-rm $(id 1081648)
try 'look 1081648; qq-grep --interrupted -c; qq-release $(id 1081648); qq-rm $(id 1081648);
  look 1081648' <<'T'
out: mess root 555
out: info qmails 600 born now F#@[]\0
out: remote qmails 600 Dvictim2@far.test\0Tother2@away.test\0
out: 1
out: mess qmails 555
out: info qmails 600 born now F#@[]\0
out: remote qmails 600 Dvictim2@far.test\0Dother2@away.test\0
err: qq-release: warning: failed: mess/*/1081648: its removal was interrupted: give its id to qq-rm
...:  again
err: qq-release: 1 failed
err: qq-rm: 1 silenced
exit: 0
T
# A new one, within its marks: released it would have lost a recipient.
check 'a new one, killed at the second mark' killed pwrite64 2 qq-rm $(id 1081821)
try 'look 1081821 | head -n 2; qq-release -q $(id 1081821); qq-rm $(id 1081821); qq-list -c --over
  qq-grep --interrupted -c' <<'T'
out: mess root 555
out: intd qmailq 644 u0\0p18546\0Ft1@todo.example\0udefer20@far.test\0Tpostmaster@mx.example.test\0
out: 2
out: 0
err: qq-release: warning: failed: mess/*/1081821: its removal was interrupted: give its id to qq-rm
...:  again
err: qq-rm: 1 silenced
exit: 1
T
# A bounce of our own: its sender says nothing, the mark does.
check 'a bounce, killed behind its exchange' killed renameat2 1 qq-rm $(id 1081777)
try 'qq-grep --interrupted | qq-rm; qq-grep --interrupted -c' <<'T'
out: 0
err: qq-rm: 1 silenced
exit: 1
T
alone

# ---- a record of an unknown type ----
# qmail-send stops at it, and would neither end the message nor take the new one out of todo.
fresh; sending
printf 'Xno@x.test\0\0Ta@x.test\0Db@x.test\0Tc' >"$(at remote 1081648)"
printf 'u0\0Fme@x.test\0Xno@x.test\0eh\0Ta@x.test\0' >"$(at todo 1081821)"
try 'qq-rm -q $(id 1081648); qq-rm -q --timeout 1s $(id 1081821)
  look 1081648 1081821 | grep -e remote -e intd' <<'T'
out: remote qmails 600 Dno@x.test\0DDa@x.test\0Db@x.test\0Tc
out: intd qmailq 644 u0\0Fme@x.test\0uno@x.test\0eh\0ua@x.test\0
exit: 0
T
alone

# ---- a failure puts back what was ----
# An administrator's hold, of a message that was born earlier, stays one, with its birth.
fresh; qq-hold -q $(id 1081648); born 1081648 7200 3600; exactly >"$T/exactly"; sending
try 'broken renameat2 EIO 1 qq-rm $(id 1081648)' <<'T'
err: qq-rm: warning: failed: unable to replace info/*/1081648: Input/output error
err: qq-rm: 1 failed
exit: 111
T
check 'it is held as it was' as_before trigger
alone
# What was shut and cannot be looked at any more is not as it was: that is said, and what ends it.
fresh; sending
strace -f -o "$T/trace" -e trace=openat,fchown qq-rm -q "$(id 1081647)"
nth=$(awk -v name="\"$(id 1081647)\"" '/openat\(/ { n++ } /fchown\([0-9]+, 0,/ { is_shut = 1 }
  is_shut && index($0, name) { print n; exit }' "$T/trace")
alone; fresh; sending
try 'broken openat EIO $nth qq-rm $(id 1081647); look 1081647 | head -n 2; qq-grep --interrupted -c;
  qq-rm $(id 1081647)' <<'T'
out: mess root 444
out: info qmails 600 born now Fme@b.test\0
out: 1
err: qq-rm: warning: unfinished: mess/*/1081647: Input/output error
err: qq-rm: 1 unfinished
err: qq-rm: 1 silenced
exit: 0
T
alone

# ---- what has another name ----
# A hard link of a file that somebody may not even open: not its owner, its mode, nor a byte.
fresh; sending
echo precious >"$T/victim"; chmod 600 "$T/victim"
for tree in mess info remote; do
  rm "$(at $tree 1081648)"; ln "$T/victim" "$(at $tree 1081648)"
  [ $tree != mess ] || { rm -f "$T/other"; }
  for program in qq-rm qq-hold qq-expire 'qq-rm --to victim'; do
    $program -q "$(id 1081648)" >"$T/out" 2>"$T/err"
    refused=$?
    check "$program: another name for $tree" \
      [ "$(stat -c '%u %a %h' "$T/victim"):$(cat "$T/victim")" = "0 600 2:precious" ]
  done
  [ $tree != mess ] || check 'it is refused, and named' grep -q 'has another name' "$T/err"
  rm "$(at $tree 1081648)"; cp "$T/victim" "$(at $tree 1081648)"
  chown "$(owner "$QUEUE/$tree")" "$(at $tree 1081648)"
  [ $tree != mess ] || born 1081648 7200 7100
  [ $tree != info ] || printf 'Fspammer@evil.test\0' >"$(at info 1081648)"
done
alone

# ---- the bits of a program ----
# What is given to root has none, and nobody else's right to write.
fresh
try 'chmod 6777 "$(at mess 1081648)"; qq-hold -q $(id 1081648); look 1081648 | head -n 1;
  qq-release -q $(id 1081648); look 1081648 | head -n 1' <<'T'
out: mess root 644
out: mess qmailq 644
exit: 0
T

# ---- two runs ----
# The second waits for the first, says for whom, and not for ever.
perl -e 'use Fcntl ":flock"; open my $d, "<", "$ARGV[0]/info" or die; flock $d, LOCK_EX or die;
  open my $r, ">", $ARGV[1]; close $r;
  for (1 .. 600) { last if -e $ARGV[2]; select undef, undef, undef, 0.1 }' \
  "$QUEUE" "$T/locked" "$T/let" &
other=$!; while [ ! -e "$T/locked" ]; do sleep 0.05; done
try "qq-hold --timeout 1s \$(id 1081647) 2>&1 | sed 's/process $other/process N/'" <<'T'
out: qq-hold: waiting for process N, which is changing this queue
out: qq-hold: fatal: queue-notqmail/queue/info is locked: process N is changing this queue
exit: 0
T
try "qq-hold --timeout 0s \$(id 1081647) 2>&1 | sed 's/process $other/process N/'" <<'T'
out: qq-hold: fatal: queue-notqmail/queue/info is locked: process N is changing this queue
exit: 0
T
waits() {
  qq-hold --timeout 18000000000s "$(id 1081647)" >said 2>&1 & hold=$!
  until grep -q waiting said 2>/dev/null; do sleep 0.05; done
  : >"$T/let"; wait $hold; sed "s/process $other/process N/" said
}
try waits <<'T'
out: qq-hold: waiting for process N, which is changing this queue
out: qq-hold: 1 held
exit: 0
T
wait $other
finish
