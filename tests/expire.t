#!/bin/sh
# expire.t - qq-expire: how far a birth moves, back again by --undo to the
# nanosecond, and what is left alone.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/change.sh"
lifetime() { mkdir -p "$QUEUE/../control"; echo "$1" >"$QUEUE/../control/queuelifetime"; }
# Queued a day ago, preprocessed a minute after that.
fresh() {
  queue queue-notqmail; mkdir -p "$QUEUE/../control"; cd "$T" || exit 99
  QQ_QUEUE=queue-notqmail/queue
  for n in $(awk '{ print $1 }' "$T/numbers"); do born "$n" 86400 86340; done
}
# births: of all preprocessed messages, one a line, `SECONDS.NANOSECONDS ID`
births() { for file in "$QUEUE"/info/*/[0-9]*; do date -u -r "$file" "+%s.%N ${file##*/}"; done |
  sort; }
# moved: how many days each birth has moved between the two lists
moved() { join -j 2 -o 1.1,2.1 "$1" "$2" |
  awk '{ split($1, a, "."); split($2, b, "."); print (a[1] - b[1]) / 86400,
    a[2] == b[2] ? "" : "other nanoseconds" }' | sort | uniq -c | sed 's/^ *//'; }

# ---- without a home ----
queue queue-notqmail; cd "$T" || exit 99; QQ_QUEUE=queue-notqmail/queue; exactly >"$T/exactly"
try 'for undo in "" --undo; do qq-expire $undo $(id 1081647); echo "code $?";
  qq-expire $undo </dev/null; done 2>&1' <<'T'
out: qq-expire: fatal: the home of queue-notqmail/queue is not known,
...:  which has control/queuelifetime: give both --queue and --home
out: code 100
out: qq-expire: fatal: the home of queue-notqmail/queue is not known,
...:  which has control/queuelifetime: give both --queue and --home
out: code 100
exit: 0
T
mkdir -p queue-notqmail/control/queuelifetime
try 'qq-expire $(id 1081647); qq-expire --undo $(id 1081647)' <<'T'
err: qq-expire: fatal: unable to read queue-notqmail/queue/../control/queuelifetime: Is a directory
err: qq-expire: fatal: unable to read queue-notqmail/queue/../control/queuelifetime: Is a directory
exit: 111
T
check 'nothing was done' as_before

# ---- offline ----
fresh; exactly >"$T/exactly"
try -s 'qq-expire --dry-run $(id 1081647) $(id 1081648) $(id 1081821) |
    sed "s/about .*/about .../";
  qq-expire --undo --dry-run $(id 1081647)' <<'T'
out: message 1081647: last attempt about ...
out: message 1081648: last attempt about ...
err: qq-expire: warning: unfinished: message 1081821: is not preprocessed yet, and has no birth: let
...:  qmail-send run and try again
err: qq-expire: would be: 2 expired, 1 unfinished
err: qq-expire: warning: mess/*/1081647: is not expired
err: qq-expire: would be: 1 unchanged
exit: 0
T
check 'nothing was done' as_before
try 'qq-expire $(id 1081647) | sed "s/about .*/about .../"; look 1081647 | grep info' <<'T'
out: message 1081647: last attempt about ...
out: info qmails 600 born 216 hours ago Fme@b.test\0
err: qq-expire: 1 expired
exit: 0
T
exactly >"$T/expired"
try 'qq-expire --undo --dry-run $(id 1081647); exactly | cmp - "$T/expired"' <<'T'
err: qq-expire: would be: 1 restored
exit: 0
T
check 'nothing else is touched' as_before 1081647
try 'qq-expire --undo $(id 1081647)' <<'T'
err: qq-expire: 1 restored
exit: 0
T
check 'undone, the birth is what it was, to the nanosecond' as_before
# Its last attempt is when qmail-send starts, or when qmail-send wrote down that it is due.
perl -e 'utime 1, time + 7200, $ARGV[0] or die' "$(at remote 1081648)"
soon=$(date -u -r "$(at remote 1081648)" '+%e %b %Y %H:%M:%S')
perl -e 'utime 1, 1795000000, $ARGV[0] or die' "$(at remote 1081647)"
try 'qq-expire $(id 1081648) | sed "s/$soon/SOON/";
  qq-show -l $(id 1081648) |
    sed -n "/expires/{s/expires .*ago)/expires .../p;};/next/{s/$soon/SOON/;s/(in .*)/(in ...)/p;}"' <<'T'
out: message 1081648: last attempt about SOON, if qmail-send runs
out:   expires ...: the next attempt is the last
out:   next remote SOON (in ...), if qmail-send runs
err: qq-expire: 1 expired
exit: 0
T
try 'qq-expire --json $(id 1081647) |
    sed "s/\"token\":\"[0-9]*\"/\"token\":.../;s/20[0-9][0-9]-..-..T..:..:..+00:00/TIME/"' <<'T'
out: {"id":1081647,"token":...,"result":"expired","last_attempt":"TIME"}
err: qq-expire: 1 expired
exit: 0
T
# All of them: they keep their order.
fresh; births | sort -k 2 >"$T/births"; births | awk '{ print $2 }' >"$T/in-order"
exactly >"$T/exactly"
try 'qq-grep -v --new | qq-expire -q; births | sort -k 2 >after; moved births after;
  births | awk "{ print \$2 }" | diff in-order -' <<'T'
out: 21 8 
exit: 0
T
try 'qq-show -l | grep -c "the next attempt is the last"; qq-list -c; qq-grep --held;
  qq-grep --interrupted; qq-list --over -c' <<'T'
out: 21
out: 23
out: 0
exit: 0
T
# Twice is once.
exactly >"$T/exactly.expired"
try 'qq-grep -v --new | qq-expire | grep -c "last attempt";
  qq-expire --json -v $(id 1081647) | grep -o "\"result\":\"[a-z]*\""' <<'T'
out: 21
out: "result":"unchanged"
err: qq-expire: 21 unchanged
err: qq-expire: unchanged: 1081647
err: qq-expire: 1 unchanged
exit: 0
T
check 'what is expired is left as it is' sh -c 'diff "$1" -' - "$T/exactly.expired" <<T
$(exactly)
T
try 'qq-grep -v --new | qq-expire --undo;
  qq-list | qq-expire --undo -q 2>&1 | grep -c "is not expired"' <<'T'
out: 23
err: qq-expire: 21 restored
exit: 0
T
check 'all undone, to the nanosecond' as_before

# ---- lifetimes ----
# Another lifetime than then: what the birth was cannot be known, when it was queued can.
fresh; lifetime 100000; exactly >"$T/exactly"
try 'qq-expire -q $(id 1081647) $(id 1081648); qq-expire --undo -q $(id 1081648); lifetime 200000;
  qq-expire --undo $(id 1081647); look 1081647 | grep info' <<'T'
out: info qmails 600 born when queued Fme@b.test\0
err: qq-expire: 1 restored
exit: 0
T
check 'the other one is what it was' as_before 1081647
lifetime 300000; try 'qq-expire -q $(id 1081651); lifetime 604800;
  qq-expire --undo -q $(id 1081651); look 1081651 | grep info' <<'T'
out: info qmails 600 born when queued Fspammer@evil.test\0
exit: 0
T
# Old enough by itself.
lifetime 3600; exactly >"$T/exactly"
try 'qq-expire -v $(id 1081657) | sed "s/about .*/about .../"; qq-expire --undo $(id 1081657)' <<'T'
out: message 1081657: last attempt about ...
err: qq-expire: unchanged: 1081657
err: qq-expire: 1 unchanged
err: qq-expire: warning: mess/*/1081657: is not expired
err: qq-expire: 1 unchanged
exit: 0
T
check 'it is not touched' as_before
# So long a lifetime that there was no time then, for what was born half-way between 1970 and now.
lifetime 2147483647; born 1081657 $(($(date +%s) / 2)); exactly >"$T/exactly"
try 'qq-expire $(id 1081657)' <<'T'
err: qq-expire: warning: failed: info/*/1081657: cannot expire:
...:  control/queuelifetime is longer ago than 1970
err: qq-expire: 1 failed
exit: 111
T
check 'nor is this' as_before
lifetime 0
try 'qq-expire -q --json $(id 1081763) | grep -o "\"result\":\"[a-z]*\""' <<'T'
out: "result":"unchanged"
exit: 0
T

# ---- what is left alone ----
fresh; exactly >"$T/exactly"
try 'qq-expire 7@1795179138967067370 $(id 1081647)@1795179138967067371; qq-expire --undo -q 7' <<'T'
err: qq-expire: warning: message 7 is not in the queue (any more)
err: qq-expire: warning: message 1081647 is not in the queue (any more)
err: qq-expire: 2 gone
err: qq-expire: warning: message 7 is not in the queue (any more)
exit: 1
T
try 'qq-expire $(id 1081821); qq-expire --undo $(id 1081821);
  qq-expire --undo -v --json $(id 1081647) | grep -o "\"result\":\"[a-z]*\""' <<'T'
out: "result":"unchanged"
err: qq-expire: warning: unfinished: message 1081821: is not preprocessed yet, and has no birth: let
...:  qmail-send run and try again
err: qq-expire: 1 unfinished
err: qq-expire: warning: mess/*/1081821: is not expired
err: qq-expire: 1 unchanged
err: qq-expire: warning: mess/*/1081647: is not expired
err: qq-expire: unchanged: 1081647
err: qq-expire: 1 unchanged
exit: 0
T
try 'for bad in 007 5@ -- "5 "; do printf "%s\n$bad\n" $(id 1081647) | qq-expire; done;
  qq-expire $(id 1081647) x; printf "%s" $(token 1081647) | qq-expire --undo;
  for undo in "" --undo; do qq-expire $undo -v --json </dev/null; done' <<'T'
err: qq-expire: fatal: standard input, token 2 is "007": expected ID or ID@STAMP
err: qq-expire: fatal: standard input, token 2 is "5@": expected ID or ID@STAMP
err: qq-expire: fatal: standard input, token 2 is "--": expected ID or ID@STAMP
err: qq-expire: fatal: standard input, token 2 is "5 ": expected ID or ID@STAMP
err: qq-expire: fatal: operand 2 is "x": expected ID or ID@STAMP
err: qq-expire: fatal: standard input, token 1 is "1081647@1795179138967067370": cut off, expected a
...:  NUL or a newline after it
exit: 0
T
check 'nothing was done' as_before
try 'thousand $(id 1081647) | qq-expire -v | sed "s/about .*/about .../";
  thousand $(id 1081647) | qq-expire --undo -v' <<'T'
out: message 1081647: last attempt about ...
err: qq-expire: expired: 1081647
err: qq-expire: 1 expired
err: qq-expire: restored: 1081647
err: qq-expire: 1 restored
exit: 0
T
check 'once is once' as_before
if skip_unless_root 'owners'; then
  # Held: released first. Over, or being written: not in the queue.
  chown 0 "$(at mess 1081763)" "$(at mess 1081821)"
  chown "$(owner "$QUEUE/info")" "$(at mess 1081764)"; chown 4242 "$(at mess 1081767)"
  put 1 me@x.example todo you@y.example </dev/null; rm "$(at todo 1)"
  touch "$(at mess 1)"; exactly >"$T/exactly"
  try 'for n in 1081763 1081764 1081767 1; do qq-expire $(id $n); qq-expire --undo $(id $n);
    done' <<'T'
err: qq-expire: warning: failed: mess/*/1081763: is held: release it first
err: qq-expire: 1 failed
err: qq-expire: warning: mess/*/1081763: is not expired
err: qq-expire: 1 unchanged
err: qq-expire: warning: message 1081764 is not in the queue (any more)
err: qq-expire: 1 gone
err: qq-expire: warning: message 1081764 is not in the queue (any more)
err: qq-expire: 1 gone
err: qq-expire: warning: failed: mess/*/1081767: has a foreign owner,
...:  expected those of mess/ or info/, or root
err: qq-expire: 1 failed
err: qq-expire: warning: failed: mess/*/1081767: has a foreign owner,
...:  expected those of mess/ or info/, or root
err: qq-expire: 1 failed
err: qq-expire: warning: message 1 is not in the queue (any more)
err: qq-expire: 1 gone
err: qq-expire: warning: message 1 is not in the queue (any more)
err: qq-expire: 1 gone
exit: 1
T
  check 'none of these is touched' as_before
  # Expired, then held: the hold counts from now; released it is as if it had never been expired.
  try 'qq-expire -q $(id 1081648); qq-hold -q $(id 1081648); look 1081648 | grep -e mess -e info;
    qq-expire --undo $(id 1081648); qq-release -q $(id 1081648);
    look 1081648 | grep -e mess -e info' <<'T'
out: mess root 644
out: info qmails 600 born now Fspammer@evil.test\0
out: mess qmailq 644
out: info qmails 600 born when queued Fspammer@evil.test\0
err: qq-expire: warning: mess/*/1081648: is not expired
err: qq-expire: 1 unchanged
exit: 0
T
  fresh; qmails=$(owner "$QUEUE/info") qmailq=$(owner "$QUEUE/mess"); exactly >"$T/exactly"
  try 'for who in 65534:65534 $qmailq; do as $who qq-expire $(id 1081647);
    as $who qq-expire --undo $(id 1081647); done' <<'T'
err: qq-expire: fatal: unable to open the queue queue-notqmail/queue:
...:  Permission denied (run it as root)
err: qq-expire: fatal: unable to open the queue queue-notqmail/queue:
...:  Permission denied (run it as root)
err: qq-expire: fatal: unable to read queue-notqmail/queue/info: Permission denied (run it as root)
err: qq-expire: fatal: unable to read queue-notqmail/queue/info: Permission denied (run it as root)
exit: 111
T
  chmod -R o+rX queue-notqmail/queue; chmod o+w queue-notqmail/queue/lock/sendmutex
  exactly >"$T/exactly"
  try 'nobody qq-expire $(id 1081647)' <<'T'
err: qq-expire: warning: failed: unable to set the birth of info/*/1081647:
...:  Operation not permitted (run it as root)
err: qq-expire: 1 failed
exit: 111
T
  check 'without the right to, nothing is changed' as_before
  # qmails may: the births are its own.
  try 'as $qmails qq-expire -q $(id 1081647) >/dev/null;
    as $qmails qq-expire --undo $(id 1081647)' <<'T'
err: qq-expire: 1 restored
exit: 0
T
  check 'and undo' as_before
fi

# ---- while qmail-send runs ----
if skip_unless_root 'while qmail-send runs'; then
  fresh; exactly >"$T/exactly"
  # It preprocesses what is new when it is told to look.
  put 1 me@x.example todo you@y.example </dev/null; born 1 3600
  info=$(at info 1) remote=$(at remote 1)
  sending 'open F, ">", "'"$info"'" or die; print F "Fme\@x.example\0"; close F;
    open R, ">", "'"$remote"'" or die; print R "Tyou\@y.example\0"; close R;
    unlink glob("{intd,todo}/'"$(id 1)"'")'
  try -s 'qq-expire $(id 1081647) $(id 1) | sed "s/about .*,/about ...,/"' <<'T'
out: message 1081647: last attempt about ..., by the ideal schedule
out: message 1: last attempt about ..., by the ideal schedule
err: qq-expire: 2 expired
exit: 0
T
  try 'look 1081647 1 | grep -e mess -e info -e remote; pulls; alarms' <<'T'
out: mess qmailq 644
out: info qmails 600 born 216 hours ago Fme@b.test\0
out: remote qmails 600 Dgood@far.test\0Dfail1@far.test\0Tdefer2@far.test\0
out: mess qmailq 644
out: info root 644 born 192 hours ago Fme@x.example\0
out: remote root 644 Tyou@y.example\0
out: 1
out: 0
exit: 1
T
  try 'qq-expire --undo $(id 1081647) $(id 1); look 1 | grep info' <<'T'
out: info root 644 born now Fme@x.example\0
err: qq-expire: 2 restored
exit: 0
T
  check 'nothing else is touched' as_before trigger 1
  alone
  mkdir -p "$T/copy/queue" "$T/copy/control"; cp -a "$QUEUE/." "$T/copy/queue"
  QUEUE=$T/copy/queue QQ_QUEUE=copy/queue; exactly >"$T/exactly"
  sending
  try 'qq-expire $(id 1081647); qq-expire --undo $(id 1081647)' <<'T'
err: qq-expire: warning: failed: mess/*/1081647: its name is not its inode number,
...:  as after a backup was restored; such a message can only be changed while qmail-send is stopped
err: qq-expire: 1 failed
err: qq-expire: warning: failed: mess/*/1081647: its name is not its inode number,
...:  as after a backup was restored; such a message can only be changed while qmail-send is stopped
err: qq-expire: 1 failed
exit: 111
T
  alone
  check 'a copy is not touched' as_before
  try 'qq-expire -q $(id 1081647); qq-expire --undo $(id 1081647)' <<'T'
err: qq-expire: 1 restored
exit: 0
T
  check 'but offline, and back again' as_before
fi
finish
