#!/bin/sh
# future.t - mail from the future, which came while the clock was ahead: listings warn of it,
# qq-grep finds it, an expired one is expired, and qq-release makes it of now.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/change.sh"

# ahead NAME QUEUED [BORN [DUE]]: seconds from now; its channels are due then
ahead() {
  perl -MTime::HiRes=utime -e 'my ($now, $mess, $queued, $info, $born, $due, @to) = (time, @ARGV);
    utime $now, $now + $queued + 0.5, $mess or die "$mess: $!\n";
    if (-e $info) { utime $now, $now + $born + 0.5, $info or die "$info: $!\n" }
    for (grep { -e } @to) { utime $now, $now + $due, $_ or die "$_: $!\n" }' \
    "$(at mess "$1")" "$2" "$(at info "$1")" "${3-$2}" "${4-$2}" "$(at local "$1")" \
    "$(at remote "$1")"
}
# off FILE ...: how many hours its mtime is ahead of now
off() {
  perl -e 'for (@ARGV) {
    my $h = ((stat)[9] - time) / 3600;
    print abs $h < 0.02 ? "now\n" : sprintf "%.0f\n", $h }' "$@"
}
fresh() {
  queue queue-notqmail; cd "$T" || exit 99; QQ_QUEUE=queue-notqmail/queue
  mkdir -p queue-notqmail/control
  for n in $(awk '{ print $1 }' "$T/numbers"); do born "$n" 7200; done
}
year=31536000
one() { sed "s/[0-9][0-9]* message.* the future/N from the future/"; }
warning="qq-show: warning: N from the future, and are not tried before then:"
mends='`qq-grep --future | qq-release --flush'\'

# ---- who says so ----
fresh
try 'qq-show >/dev/null; qq-stat >/dev/null; qq-stat --by from >/dev/null; qq-grep --future' <<'T'
exit: 1
T
ahead 1081647 30; ahead 1081651 50
try 'qq-show >/dev/null; qq-grep --future' <<'T'
exit: 1
T
ahead 1081647 $year; ahead 1081651 -7200 3600; ahead 1081821 300
try 'for command in "qq-show" "qq-show -l" "qq-show --json" "qq-stat" "qq-stat --by from" \
    "qq-stat --json"; do $command 2>&1 >/dev/null | one; done' <<T
out: $warning $mends puts that right
out: $warning $mends puts that right
out: $warning $mends puts that right
out: qq-stat${warning#qq-show} $mends puts that right
out: qq-stat${warning#qq-show} $mends puts that right
out: qq-stat${warning#qq-show} $mends puts that right
exit: 0
T
try 'qq-show 2>&1 >/dev/null | sed "s/ and [aires]* not.*//"; qq-show $(id 1081647) 2>&1 >/dev/null |
  sed "s/ and [aires]* not.*//"; qq-show $(id 1081648)  2>&1 >/dev/null' <<'T'
out: qq-show: warning: 3 messages are from the future,
out: qq-show: warning: 1 message is from the future,
exit: 0
T
try -s 'qq-grep --future --lines | sed "s/@.*//"; echo "but $(qq-grep -c -v --future)"' <<'T'
out: 1081647
out: 1081651
out: 1081821
out: but 20
exit: 0
T

# ---- the last attempt is the last ----
exactly >"$T/exactly"
try 'qq-expire $(id 1081647) $(id 1081651) >/dev/null; off "$(at info 1081647)" "$(at info 1081651)"
  off "$(at mess 1081647)"' <<'T'
out: -192
out: -192
out: 8760
err: qq-expire: 2 expired
exit: 0
T
check 'nothing else is touched' as_before 1081647 1081651
try 'qq-expire $(id 1081647) $(id 1081651) >/dev/null; qq-expire --undo $(id 1081647) $(id 1081651);
  off "$(at info 1081647)" "$(at info 1081651)"; qq-expire --undo -q $(id 1081647)' <<'T'
out: now
out: now
err: qq-expire: 2 unchanged
err: qq-expire: 2 restored
err: qq-expire: warning: mess/*/1081647: is not expired
exit: 0
T
# The lifetime may be any: 1000 days, and an hour.
for seconds in 86400000 3600; do
  fresh; echo $seconds >queue-notqmail/control/queuelifetime; ahead 1081647 86400
  qq-expire -q "$(id 1081647)" >/dev/null
  check "it is past its lifetime of $seconds s" sh -c \
    "[ $(($(stat -c %Y "$(at info 1081647)") + seconds)) -lt $(date +%s) ]"
done
# When the last attempt comes is said as it is.
fresh; ahead 1081647 864000
try 'qq-expire $(id 1081647) | sed "s/about .*$/about/"; qq-expire --json $(id 1081647) |
  perl -ne "print /\"last_attempt\":\"(\d+)-(\d+)-(\d+)/ ? qq(known\n) : \$_"' <<'T'
out: message 1081647: last attempt about
out: known
err: qq-expire: 1 expired
err: qq-expire: 1 unchanged
exit: 0
T
skip_unless_root 'all the rest' || finish

# ---- what mends it ----
fresh; ahead 1081647 $year; ahead 1081651 -7200 3600 7200; ahead 1081821 300
exactly >"$T/exactly"; qq-grep --future >tokens
try 'qq-release --dry-run <tokens; qq-release <tokens; qq-grep -c --future; qq-show 2>&1 >/dev/null
  for tree in mess info remote; do off "$(at $tree 1081647)"; done
  off "$(at mess 1081651)" "$(at info 1081651)" "$(at remote 1081651)" "$(at mess 1081821)"' <<'T'
out: 0
out: now
out: now
out: now
out: -2
out: now
out: now
out: now
err: qq-release: would be: 3 released
err: qq-release: 3 released
exit: 0
T
check 'nothing else is touched' as_before 1081647 1081651 1081821
try -s 'qq-release <tokens 2>&1; qq-release -q $(id 1081647) $(id 1081651) $(id 1081821) 2>&1' <<'T'
out: qq-release: 1 unchanged, 2 gone
out: qq-release: warning: mess/*/1081647: is not held
out: qq-release: warning: mess/*/1081651: is not held
out: qq-release: warning: mess/*/1081651: is not held
out: qq-release: warning: mess/*/1081821: is not held
out: qq-release: warning: message 1081647 is not in the queue (any more)
out: qq-release: warning: message 1081821 is not in the queue (any more)
exit: 0
T
# Held meanwhile, and let go.
fresh; ahead 1081647 $year
try 'qq-hold -q $(id 1081647); off "$(at info 1081647)"; qq-release $(id 1081647)
  off "$(at info 1081647)" "$(at mess 1081647)"; qq-grep -c --held' <<'T'
out: now
out: now
out: now
out: 0
err: qq-release: 1 released
exit: 1
T
# Beside a running qmail-send: the times of the recipient files are its own.
fresh; ahead 1081647 $year; sending
try 'qq-grep --future | qq-release --flush; alarms; off "$(at info 1081647)" "$(at mess 1081647)" \
  "$(at remote 1081647)"' <<'T'
out: 1
out: now
out: now
out: 8760
err: qq-release: 1 released
exit: 0
T
alone
finish
