#!/bin/sh
# alarm.t - qq-alarm: one line and an exit code for a monitoring system, which looks at nothing
# else: whatever goes wrong is on standard output, and 3.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/change.sh"
cd "$T" || exit 99
fresh() { queue queue-notqmail; QUEUE=$T/queue-notqmail/queue; }
fresh
# Without perfdata, and the age, which depends on today.
line() { qq-alarm "$@" | sed 's/ |.*//; s/oldest [0-9]*[a-z]/oldest AGE/'; }
code() { qq-alarm "$@" >/dev/null; echo $?; }

try 'qq-alarm | sed "s/oldest [0-9]*[a-z]/oldest AGE/; s/oldest=[0-9]*s/oldest=AGEs/"' <<'T'
out: OK: 23 messages, oldest AGE | messages=23;;;0 new=2;;;0 oldest=AGEs;;;0 bounces=5;;;0
...:  failing=2;;;0 held=0;;;0
exit: 0
T

# ---- ranges ----
# 23 messages: each range, and the code it gives as a warning and as a critical one.
ranges() {
  for range; do printf '%s: %s %s\n' "$range" "$(code -w "$range")" "$(code -c "$range")"; done
}
try 'ranges 23 22 23: 24: :23 :22 20:30 24:30 0:22 ~:22 ~:23 @23 @22 @23: @24: @20:30 @0:22 @~:23' \
  <<'T'
out: 23: 0 0
out: 22: 1 2
out: 23:: 0 0
out: 24:: 1 2
out: :23: 0 0
out: :22: 1 2
out: 20:30: 0 0
out: 24:30: 1 2
out: 0:22: 1 2
out: ~:22: 1 2
out: ~:23: 0 0
out: @23: 1 2
out: @22: 0 0
out: @23:: 1 2
out: @24:: 0 0
out: @20:30: 1 2
out: @0:22: 0 0
out: @~:23: 1 2
exit: 0
T
try 'for range in "" x 5:4 @ 1:2:3 "~" -1 1.5 5,6,7 " 5"; do
    qq-alarm --messages "$range" | head -n 1; done; line --messages :' <<'T'
out: qq-alarm: fatal: option --messages: "" given, expected one or two ranges: 1000,5000
out: qq-alarm: fatal: option --messages: "x" given, expected one or two ranges: 1000,5000
out: qq-alarm: fatal: option --messages: "5:4" given, expected one or two ranges: 1000,5000
out: qq-alarm: fatal: option --messages: "@" given, expected one or two ranges: 1000,5000
out: qq-alarm: fatal: option --messages: "1:2:3" given, expected one or two ranges: 1000,5000
out: qq-alarm: fatal: option --messages: "~" given, expected one or two ranges: 1000,5000
out: qq-alarm: fatal: option --messages: "-1" given, expected one or two ranges: 1000,5000
out: qq-alarm: fatal: option --messages: "1.5" given, expected one or two ranges: 1000,5000
out: qq-alarm: fatal: option --messages: "5,6,7" given, expected one or two ranges: 1000,5000
out: qq-alarm: fatal: option --messages: " 5" given, expected one or two ranges: 1000,5000
out: OK: 23 messages, oldest AGE
exit: 0
T
try 'line --messages 22,30; line --messages 22,22; line --messages ,22; line --messages 22,; line \
  --new 1,5 --bounces 5,4 --failing 0 --held 1: --oldest 1h,1d; line --oldest 9999w: -c 100' <<'T'
out: WARNING: 23 messages (warning 22)
out: CRITICAL: 23 messages (critical 22)
out: CRITICAL: 23 messages (critical 22)
out: WARNING: 23 messages (warning 22)
out: CRITICAL: 2 new (warning 1), oldest AGE (critical 86400), 5 bounces (critical 4), 2 failing
...:  (warning 0), 0 held (warning 1:)
out: WARNING: oldest AGE (warning 6047395200:)
exit: 0
T
try 'qq-alarm -w 100 -c 200 --oldest 4h,@1d:2d --held ,5 | sed "s/.*oldest=[0-9]*//"' <<'T'
out: s;14400;@86400:172800;0 bounces=5;;;0 failing=2;;;0 held=0;;5;0
exit: 0
T

# ---- whether qmail-send runs ----
try 'line --stopped; code --stopped; code' <<'T'
out: CRITICAL: qmail-send is not running
out: 2
out: 0
exit: 0
T
if am_root; then
  sending
  try 'line --stopped; code --stopped; [ -s "$T/pulls" ] || echo the trigger was not opened
    flock -n "$QUEUE/lock/sendmutex" true || echo still locked' <<'T'
out: OK: 23 messages, oldest AGE
out: 0
out: the trigger was not opened
out: still locked
exit: 0
T
  # Also for the user as whom qmail-send runs, and for one who may not read the queue.
  qmails=$(ls -ldn "$QUEUE/info" | awk '{ print $3 ":" $4 }')
  try 'as "$qmails" qq-alarm --stopped --queue "$QUEUE" | sed "s/ |.*//;s/, .*//"' <<'T'
out: OK: 23 messages
exit: 0
T
  alone
fi

# ---- what goes wrong ----
try 'qq-alarm --queue nowhere; echo $?; qq-alarm --nonsense; echo $?; qq-alarm 5; echo $?' <<'T'
out: qq-alarm: fatal: unable to open the queue nowhere: No such file or directory
out: 3
out: qq-alarm: fatal: unknown option --nonsense
out: usage: qq-alarm [OPTION ...] (qq-alarm --help lists the options)
out: 3
out: qq-alarm: fatal: operand "5" given, expected none
out: usage: qq-alarm [OPTION ...] (qq-alarm --help lists the options)
out: 3
exit: 0
T
try 'qq-alarm --version | sed "s/ [0-9.]*$//"; code --version; qq-alarm --help | head -n 1;
  code --help; qq-alarm -t 0' <<'T'
out: qq-alarm (qqtools)
out: 3
out: usage: qq-alarm [OPTION ...]
out: 3
out: qq-alarm: fatal: option --timeout needs a second
out: usage: qq-alarm [OPTION ...] (qq-alarm --help lists the options)
exit: 3
T
# A damaged message is said where people look, and does not hide an alarm.
printf 'xyz' >"$(at info 1081647)"
whole() { qq-alarm "$@" | sed 's/oldest [0-9]*[a-z]/oldest AGE/'; }     # nothing for graphs
try 'whole; code; whole -c 5; code -c 5' <<'T'
out: UNKNOWN: 22 messages, oldest AGE, but not all could be read
out: 3
out: CRITICAL: 22 messages (critical 5), but not all could be read
out: 2
err: qq-alarm: warning: info/*/1081647: has a record without its NUL
err: qq-alarm: warning: info/*/1081647: has a record without its NUL
err: qq-alarm: warning: info/*/1081647: has a record without its NUL
err: qq-alarm: warning: info/*/1081647: has a record without its NUL
exit: 0
T
fresh; rm -rf "$QUEUE/info/7" "$QUEUE"/bounce/*
try 'qq-alarm | sed "s/[0-9]* messages, oldest [0-9]*[a-z]/N messages/"; code' <<'T'
out: UNKNOWN: N messages, but not all could be read
out: 3
err: qq-alarm: warning: info/7 is missing (mess, local, remote have 23)
err: qq-alarm: warning: info/7 is missing (mess, local, remote have 23)
exit: 0
T
# Ids on standard input are none of its business.
fresh
try 'qq-list | qq-alarm | sed "s,oldest [^|]*|,|,;s,=[0-9]*s,=Ns,"; echo $?' <<'T'
out: OK: 23 messages, | messages=23;;;0 new=2;;;0 oldest=Ns;;;0 bounces=5;;;0 failing=2;;;0
...:  held=0;;;0
out: 0
exit: 0
T
# Nobody waits for ever for a queue on a disk that does not answer.
fresh
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
  try 'strace -f -o trace -e trace=getdents64 -e inject=getdents64:delay_enter=20s \
    qq-alarm -t 1; echo $?' <<'T'
out: UNKNOWN: no answer within 1 s
out: 3
exit: 0
T
fi

# An answer that nobody gets is none.
try 'qq-alarm >/dev/full; echo $?; qq-alarm >&-; echo $?' <<'T'
out: 3
out: 3
exit: 0
T

# ---- what a real monitoring system does with it ----
negate=/usr/lib/nagios/plugins/negate
if [ -x "$negate" ]; then
  try '$negate -o CRITICAL "$BIN/qq-alarm" | sed "s/ |.*//;s/, .*//"
    $negate -c OK "$BIN/qq-alarm" -c 5 >/dev/null; echo $?
    $negate "$BIN/qq-alarm" -w 5 >/dev/null; echo $?' <<'T'
out: OK: 23 messages
out: 0
out: 1
exit: 0
T
fi
finish
