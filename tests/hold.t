#!/bin/sh
# hold.t - qq-hold and qq-release: who owns the message then, when it was born, what is refused, and
# that the listings say the same.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/change.sh"
control() {
  mkdir -p "$QUEUE/../control"
  if [ $# = 1 ]; then echo "$1" >"$QUEUE/../control/queuelifetime"; fi
}
# age NAME ...: all messages of a fixture were queued a day ago, and
# preprocessed a minute after that
fresh() {
  queue queue-notqmail; control; cd "$T" || exit 99; QQ_QUEUE=queue-notqmail/queue
  for n in $(awk '{ print $1 }' "$T/numbers"); do born "$n" 86400 86340; done
}

never=0000000000000000000               # no message has this stamp

# ---- without a home ----
queue queue-notqmail; cd "$T" || exit 99; QQ_QUEUE=queue-notqmail/queue
exactly >"$T/exactly"
try 'for program in qq-hold qq-release; do $program $(id 1081647); echo "code $?";
  $program </dev/null; done 2>&1' <<'T'
out: qq-hold: fatal: the home of queue-notqmail/queue is not known,
...:  which has control/queuelifetime: give both --queue and --home
out: code 100
out: qq-release: fatal: the home of queue-notqmail/queue is not known,
...:  which has control/queuelifetime: give both --queue and --home
out: code 100
exit: 0
T
control; echo 7d >"$T/queue-notqmail/control/other"
rm -f "$T/queue-notqmail/control/queuelifetime"
mkdir "$T/queue-notqmail/control/queuelifetime"
try 'qq-hold $(id 1081647); qq-release $(id 1081647)' <<'T'
err: qq-hold: fatal: unable to read queue-notqmail/queue/../control/queuelifetime: Is a directory
err: qq-release: fatal: unable to read queue-notqmail/queue/../control/queuelifetime: Is a directory
exit: 111
T
check 'nothing was done' as_before
skip_unless_root 'all the rest' || finish

# ---- offline ----
fresh; exactly >"$T/exactly"; before=$(ns "$(at mess 1081647)")
try 'qq-hold $(id 1081647); look 1081647 | head -n 2; [ "$(ns "$(at mess 1081647)")" = "$before" ];
  qq-grep --held --lines | sed "s/@.*//"' <<'T'
out: mess root 644
out: info qmails 600 born now Fme@b.test\0
out: 1081647
err: qq-hold: 1 held
exit: 0
T
check 'nothing else is touched' as_before 1081647
# --dry-run: what is in the way is said, and nothing is changed.
exactly >"$T/exactly"
try 'qq-hold --dry-run $(id 1081647) $(id 1081648) $(id 1081821);
  qq-hold --dry-run --verbose 7@$never; qq-release --dry-run $(id 1081647) $(id 1081648);
  qq-release --dry-run --json -q $(id 1081647) | sed "s/.*result/result/"' <<'T'
out: result":"released"}
err: qq-hold: would be: 3 held
err: qq-hold: warning: message 7 is not in the queue (any more)
err: qq-hold: would be gone: 7@0000000000000000000
err: qq-hold: would be: 1 gone
err: qq-release: warning: mess/*/1081648: is not held
err: qq-release: would be: 1 released, 1 unchanged
exit: 0
T
check 'nothing was done' as_before
# Two channels; a new one, whose birth is yet to come; what --json and -v
# say. A stamp is met or not.
try -s 'qq-list $(id 1081776) $(id 1081821) >two; qq-hold --json <two | sed "s/@[0-9]*/@STAMP/";
  qq-hold -v $(id 1081776)@1795179138967067370 $(id 1081823)@$never 7@$never 2>&1; look 1081776;
  look 1081821' <<'T'
out: info qmails 600 born now Fbob@shop.example\0
out: intd qmailq 644 u0\0p18546\0Ft1@todo.example\0Tdefer20@far.test\0Tpostmaster@mx.example.test\0
out: local qmails 600 Tdeferlocal@mx.example.test\0
out: mess root 644
out: mess root 644
out: qq-hold: 3 gone
out: qq-hold: gone: 1081776@1795179138967067370
out: qq-hold: gone: 1081823@0000000000000000000
out: qq-hold: gone: 7@0000000000000000000
out: qq-hold: warning: message 1081776 is not in the queue (any more)
out: qq-hold: warning: message 1081823 is not in the queue (any more)
out: qq-hold: warning: message 7 is not in the queue (any more)
out: remote qmails 600 Tdefer3@far.test\0
out: todo qmailq 644 u0\0p18546\0Ft1@todo.example\0Tdefer20@far.test\0Tpostmaster@mx.example.test\0
out: {"id":1081776,"token":"1081776@STAMP","result":"held"}
out: {"id":1081821,"token":"1081821@STAMP","result":"held"}
err: qq-hold: 2 held
exit: 0
T
try 'qq-hold -q $(id 1081764) 7; echo $?; qq-hold --quiet $(id 1081764);
  qq-hold -q -v $(id 1081767)' <<'T'
out: 1
err: qq-hold: warning: message 7 is not in the queue (any more)
err: qq-hold: held: 1081767
exit: 0
T
check 'nothing else is touched' as_before 1081647 1081776 1081821 1081764 1081767
# Held again: from now on.
born 1081647 86400 80000
try 'look 1081647 | sed -n 2p; qq-hold -v $(id 1081647); look 1081647 | head -n 2' <<'T'
out: info qmails 600 born 22 hours ago Fme@b.test\0
out: mess root 644
out: info qmails 600 born now Fme@b.test\0
err: qq-hold: held: 1081647
err: qq-hold: 1 held
exit: 0
T
# All agree on what is held.
try 'qq-grep --held -c; qq-stat | grep held; qq-show --json | grep -c "\"held\":true";
  qq-show $(id 1081647) $(id 1081821) | grep -c " held "; qq-list -c; qq-list --over -c;
  qq-grep --interrupted' <<'T'
out: 5
out: held: 5
out: 5
out: 2
out: 23
out: 0
exit: 1
T
try -s 'qq-show -l $(id 1081647) $(id 1081821) | grep -e held -e "hold ends" |
    sed "s/@[0-9]*/@STAMP/;s/ends .*(/ends (/"' <<'T'
out:   hold ends (in 6d)
out: 1081647@STAMP  held remote
out: 1081821@STAMP  held new
exit: 0
T

# ---- released ----
exactly >"$T/exactly"; before=$(ns "$(at mess 1081647)")
try 'qq-release $(id 1081647); look 1081647 | head -n 2;
  [ "$(ns "$(at info 1081647)")" = "$before" ]' <<'T'
out: mess qmailq 644
out: info qmails 600 born when queued Fme@b.test\0
err: qq-release: 1 released
exit: 0
T
try -s 'qq-list $(id 1081776) $(id 1081821) | qq-release --json | sed "s/@[0-9]*/@STAMP/";
  qq-release -v $(qq-list --lines $(id 1081764)) $(id 1081764)@1795179138967067370 7@$never 2>&1 |
  sed "s/@[0-9]*/@STAMP/"; look 1081776; look 1081821' <<'T'
out: info qmails 600 born when queued Fbob@shop.example\0
out: intd qmailq 644 u0\0p18546\0Ft1@todo.example\0Tdefer20@far.test\0Tpostmaster@mx.example.test\0
out: local qmails 600 Tdeferlocal@mx.example.test\0
out: mess qmailq 644
out: mess qmailq 644
out: qq-release: 1 released, 2 gone
out: qq-release: gone: 1081764@STAMP
out: qq-release: gone: 7@STAMP
out: qq-release: released: 1081764@STAMP
out: qq-release: warning: message 1081764 is not in the queue (any more)
out: qq-release: warning: message 7 is not in the queue (any more)
out: remote qmails 600 Tdefer3@far.test\0
out: todo qmailq 644 u0\0p18546\0Ft1@todo.example\0Tdefer20@far.test\0Tpostmaster@mx.example.test\0
out: {"id":1081776,"token":"1081776@STAMP","result":"released"}
out: {"id":1081821,"token":"1081821@STAMP","result":"released"}
err: qq-release: 2 released
exit: 0
T
check 'nothing else is touched' as_before 1081647 1081776 1081821 1081764
# What is not held says so, and nothing is done to it. One that is gone is missed.
exactly >"$T/exactly"
try 'qq-release $(id 1081648); qq-release -v --json $(id 1081651) | sed "s/.*result/result/"' <<'T'
out: result":"unchanged"}
err: qq-release: warning: mess/*/1081648: is not held
err: qq-release: 1 unchanged
err: qq-release: warning: mess/*/1081651: is not held
err: qq-release: unchanged: 1081651
err: qq-release: 1 unchanged
exit: 0
T
try 'qq-release -q $(id 1081657)' <<'T'
err: qq-release: warning: mess/*/1081657: is not held
exit: 0
T
try 'qq-release 7; qq-release -q 7@1795179138967067370 $(id 1081647)@1795179138967067371 2>&1' <<'T'
out: qq-release: warning: message 7 is not in the queue (any more)
out: qq-release: warning: message 1081647 is not in the queue (any more)
err: qq-release: warning: message 7 is not in the queue (any more)
err: qq-release: 1 gone
exit: 1
T
check 'what is not held is not touched' as_before
# All of the queue (but for one that has the sender of a double bounce, and is none), held and
# released, is as it was but for its births: those are when it was queued now.
fresh; qq-rm -q "$(id 1081781)"
sizes() { tree | sed 's/ [^ ]* [^ ]* [^ ]*$//'; }
sizes >"$T/sizes"
try 'qq-list | qq-hold; qq-grep --held -c; qq-list | qq-release; qq-grep --held -c' <<'T'
out: 22
out: 0
err: qq-hold: 22 held
err: qq-release: 22 released
exit: 1
T
check 'owners, modes and sizes are what they were' sh -c 'diff "$1" -' - "$T/sizes" <<T
$(sizes)
T
try 'look 1081776' <<'T'
out: mess qmailq 644
out: info qmails 600 born when queued Fbob@shop.example\0
out: local qmails 600 Tdeferlocal@mx.example.test\0
out: remote qmails 600 Tdefer3@far.test\0
exit: 0
T

# ---- lifetimes ----
# Released past its lifetime it keeps the birth of the hold, so that it is not bounced at once: it
# is as if it had come in then.
fresh; control 3600; born 1081647 7200; born 1081648 3500
try 'qq-hold -q $(id 1081647) $(id 1081648); look 1081647 1081648 | grep -e mess -e info; sleep 1;
  qq-release $(id 1081647) $(id 1081648); look 1081647 1081648 | grep -e mess -e info' <<'T'
out: mess root 644
out: info qmails 600 born now Fme@b.test\0
out: mess root 644
out: info qmails 600 born now Fspammer@evil.test\0
out: mess qmailq 644
out: info qmails 600 born now Fme@b.test\0
out: mess qmailq 644
out: info qmails 600 born when queued Fspammer@evil.test\0
err: qq-release: 2 released
exit: 0
T
control 2000000000; born 1081647 8000000
try 'qq-hold -q $(id 1081647); qq-release -q $(id 1081647); look 1081647 | grep info;
  echo x >queue-notqmail/control/queuelifetime; qq-hold -q $(id 1081647);
  qq-release -q $(id 1081647); look 1081647 | grep info' <<'T'
out: info qmails 600 born when queued Fme@b.test\0
out: info qmails 600 born now Fme@b.test\0
exit: 0
T

# ---- what is refused ----
# A removal has begun on the message: only qq-rm goes on with that. A double bounce that
# qmail-send made is none.
fresh
for n in 1081648 1081812 1081770; do chown 0 "$(at mess $n)"; done
printf 'F#@[]\0' | tee "$(at info 1081648)" >"$(at info 1081770)"
chown "$(owner "$QUEUE/info")" "$(at mess 1081770)"
exactly >"$T/exactly"
try 'qq-release $(id 1081648); qq-hold -v $(id 1081648);
  qq-release --json -q $(id 1081648) 2>/dev/null | sed "s/.*result/result/"' <<'T'
out: result":"failed"}
err: qq-release: warning: failed: mess/*/1081648: its removal was interrupted:
...:  give its id to qq-rm again
err: qq-release: 1 failed
err: qq-hold: warning: failed: mess/*/1081648: its removal was interrupted:
...:  give its id to qq-rm again
err: qq-hold: failed: 1081648
err: qq-hold: 1 failed
exit: 0
T
# What is over is not in the queue for them, nor is what qmail-queue is writing.
put 1 me@x.example todo you@y.example </dev/null; rm "$(at todo 1)"
touch "$(at mess 1)"; exactly >"$T/exactly"
try 'for n in 1081770 1; do qq-hold $(id $n); qq-release $(id $n); done' <<'T'
err: qq-hold: warning: message 1081770 is not in the queue (any more)
err: qq-hold: 1 gone
err: qq-release: warning: message 1081770 is not in the queue (any more)
err: qq-release: 1 gone
err: qq-hold: warning: message 1 is not in the queue (any more)
err: qq-hold: 1 gone
err: qq-release: warning: message 1 is not in the queue (any more)
err: qq-release: 1 gone
exit: 1
T
# A foreign owner; no regular file; no file.
chown 4242 "$(at mess 1081763)"; rm "$(at mess 1081764)"; ln -s 5 "$(at mess 1081764)"
rm "$(at mess 1081767)"; exactly >"$T/exactly"
try 'for n in 1081763 1081764 1081767; do qq-hold $(id $n); qq-release $(id $n); done' <<'T'
err: qq-hold: warning: failed: mess/*/1081763: has a foreign owner,
...:  expected those of mess/ or info/, or root
err: qq-hold: 1 failed
err: qq-release: warning: failed: mess/*/1081763: has a foreign owner,
...:  expected those of mess/ or info/, or root
err: qq-release: 1 failed
err: qq-hold: warning: failed: mess/*/1081764: Too many levels of symbolic links
err: qq-hold: 1 failed
err: qq-release: warning: failed: mess/*/1081764: Too many levels of symbolic links
err: qq-release: 1 failed
err: qq-hold: warning: message 1081767 is not in the queue (any more)
err: qq-hold: 1 gone
err: qq-release: warning: message 1081767 is not in the queue (any more)
err: qq-release: 1 gone
exit: 1
T
check 'none of these was touched' as_before
# Another server's double bounce: info's mode tells it from what an older qq-rm left half-way.
try 'qq-hold $(id 1081781); look 1081781 | sed 2q;
  qq-grep --interrupted -c $(id 1081781);
  qq-release $(id 1081781); look 1081781 | sed 2q' <<'T'
out: mess root 644
out: info qmails 400 born now F#@[]\0
out: 0
out: mess qmailq 644
out: info qmails 600 born when queued F#@[]\0
err: qq-hold: 1 held
err: qq-release: 1 released
exit: 0
T
try 'qq-hold $(id 1081812); qq-release $(id 1081812); look 1081812 | sed 2q' <<'T'
out: mess qmailq 644
out: info qmails 600 born when queued F#@[]\0
err: qq-hold: 1 held
err: qq-release: 1 released
exit: 0
T
# Wrong input: nothing is done with what was right.
fresh; exactly >"$T/exactly"
try 'for bad in 007 5@ -- "5 "; do for program in qq-hold qq-release; do
  printf "%s\n$bad\n" $(id 1081647) | $program; done; done; qq-hold $(id 1081647) x;
  printf "%s" $(token 1081647) | qq-hold;
  qq-list | head -c 10 | qq-release 2>&1 | sed "s/ is \".*\"/ is .../"' <<'T'
out: qq-release: fatal: standard input, token 1 is ...: cut off, expected a NUL or a newline after
...:  it
err: qq-hold: fatal: standard input, token 2 is "007": expected ID or ID@STAMP
err: qq-release: fatal: standard input, token 2 is "007": expected ID or ID@STAMP
err: qq-hold: fatal: standard input, token 2 is "5@": expected ID or ID@STAMP
err: qq-release: fatal: standard input, token 2 is "5@": expected ID or ID@STAMP
err: qq-hold: fatal: standard input, token 2 is "--": expected ID or ID@STAMP
err: qq-release: fatal: standard input, token 2 is "--": expected ID or ID@STAMP
err: qq-hold: fatal: standard input, token 2 is "5 ": expected ID or ID@STAMP
err: qq-release: fatal: standard input, token 2 is "5 ": expected ID or ID@STAMP
err: qq-hold: fatal: operand 2 is "x": expected ID or ID@STAMP
err: qq-hold: fatal: standard input, token 1 is "1081647@1795179138967067370": cut off, expected a
...:  NUL or a newline after it
exit: 0
T
check 'wrong input: nothing was done' as_before
try 'for program in qq-hold qq-release; do $program </dev/null; $program -v --json </dev/null;
  printf "\0\n\0" | $program; done' <<'T'
exit: 0
T
# One token a thousand times is one message.
try 'thousand $(id 1081647) | qq-hold -v; thousand $(id 1081647) | qq-release -v' <<'T'
err: qq-hold: held: 1081647
err: qq-hold: 1 held
err: qq-release: released: 1081647
err: qq-release: 1 released
exit: 0
T
# Whoever may not, changes nothing.
fresh; qmails=$(owner "$QUEUE/info") qmailq=$(owner "$QUEUE/mess")
chown 0 "$(at mess 1081651)"; exactly >"$T/exactly"
try -s 'for who in 65534:65534 $qmails $qmailq; do as $who qq-hold $(id 1081647) $(id 1081821);
  as $who qq-release $(id 1081651); done 2>&1' <<'T'
out: qq-hold: 2 failed
out: qq-hold: fatal: unable to open the queue queue-notqmail/queue:
...:  Permission denied (run it as root)
out: qq-hold: fatal: unable to read queue-notqmail/queue/info: Permission denied (run it as root)
out: qq-hold: warning: failed: unable to change the owner of mess/*/1081647:
...:  Operation not permitted (run it as root)
out: qq-hold: warning: failed: unable to change the owner of mess/*/1081821:
...:  Operation not permitted (run it as root)
out: qq-release: 1 failed
out: qq-release: fatal: unable to open the queue queue-notqmail/queue:
...:  Permission denied (run it as root)
out: qq-release: fatal: unable to read queue-notqmail/queue/info: Permission denied (run it as root)
out: qq-release: warning: failed: unable to change the owner of mess/*/1081651:
...:  Operation not permitted (run it as root)
exit: 111
T
check 'without the right to, nothing is changed, by the nanosecond' as_before
try 'chmod -R o+rX queue-notqmail/queue; chmod o+w queue-notqmail/queue/lock/sendmutex;
  nobody qq-hold $(id 1081647); nobody qq-hold $(id 1081821); nobody qq-release $(id 1081651)' <<'T'
err: qq-hold: warning: failed: unable to set the birth of info/*/1081647:
...:  Operation not permitted (run it as root)
err: qq-hold: 1 failed
err: qq-hold: warning: failed: unable to change the owner of mess/*/1081821:
...:  Operation not permitted (run it as root)
err: qq-hold: 1 failed
err: qq-release: warning: failed: unable to change the owner of mess/*/1081651:
...:  Operation not permitted (run it as root)
err: qq-release: 1 failed
exit: 111
T
chmod -R o-rwx queue-notqmail/queue

# ---- while qmail-send runs ----
fresh; control 172800; exactly >"$T/exactly"
sending
try 'qq-hold $(id 1081647) $(id 1081821) $(id 1081776);
  look 1081647 1081821 1081776 | grep -e mess -e info' <<'T'
out: mess root 644
out: info qmails 600 born now Fme@b.test\0
out: mess root 644
out: mess root 644
out: info qmails 600 born now Fbob@shop.example\0
err: qq-hold: 3 held
exit: 0
T
try 'qq-release $(id 1081647) $(id 1081821); look 1081647 1081821 | grep -e mess -e info;
  qq-release -q $(id 1081776); alarms; pulls' <<'T'
out: mess qmailq 644
out: info qmails 600 born when queued Fme@b.test\0
out: mess qmailq 644
out: 0
out: 0
err: qq-release: 2 released
err: Only qmail-send knows when they are tried next; --flush has it try everything now.
exit: 1
T
check 'nothing else is touched' as_before 1081647 1081776 1081821
try 'qq-hold -q $(id 1081647); qq-release --flush $(id 1081647); alarms;
  qq-release --flush -q $(id 1081647); alarms' <<'T'
out: 1
out: 1
err: qq-release: 1 released
err: qq-release: warning: mess/*/1081647: is not held
exit: 0
T
# Past its lifetime, with no attempt open: a moment later it is held.
born 1081648 172900; before=$(date +%s)
try -s 'qq-hold -v $(id 1081648) $(id 1081651) 2>&1;
  [ $(($(date +%s) - before)) -ge 1 ] && look 1081648 1081651 | grep -e mess -e info' <<'T'
out: info qmails 600 born now Fspammer@evil.test\0
out: info qmails 600 born now Fspammer@evil.test\0
out: mess root 644
out: mess root 644
out: qq-hold: 2 held
out: qq-hold: held: 1081648
out: qq-hold: held: 1081651
exit: 0
T
alone
# With an attempt open, or where that cannot be seen, it is refused, and as it was before.
born 1081657 172900 172800; born 1081776 172900; born 1081763 172900; exactly >"$T/exactly"
sending; alone; remote=$(at remote 1081657) local=$(at local 1081776)
beside "$trigger $locked $as_qmail_send"' open A, "<", "'"$remote"'" or die;
  open B, "<", "'"$local"'" or die;'
try 'qq-hold --dry-run $(id 1081657) $(id 1081647)' <<'T'
err: qq-hold: warning: unfinished: message 1081657: is past its lifetime: it is held only if its
...:  last attempt is not under way
err: qq-hold: would be: 1 held, 1 unfinished
exit: 111
T
try 'qq-hold $(id 1081657); qq-hold --json $(id 1081776) | sed "s/.*result/result/";
  qq-hold -q $(id 1081776)' <<'T'
out: result":"failed"}
err: qq-hold: warning: failed: mess/*/1081657: is past its lifetime,
...:  and its last attempt is under way
err: qq-hold: 1 failed
err: qq-hold: warning: failed: mess/*/1081776: is past its lifetime,
...:  and its last attempt is under way
err: qq-hold: 1 failed
err: qq-hold: warning: failed: mess/*/1081776: is past its lifetime,
...:  and its last attempt is under way
exit: 111
T
alone
check 'as before, by the nanosecond' as_before
for who in "$trigger" "$trigger $locked" "$trigger $record_locked"' $0 = "qmail-send";'; do
  beside "$who"
  try 'qq-hold $(id 1081763)' <<'T'
err: qq-hold: warning: failed: mess/*/1081763: is past its lifetime,
...:  and it cannot be seen whether its last attempt is under way
err: qq-hold: 1 failed
exit: 111
T
  alone
done
check 'as before, here too' as_before
# Not too old, that is no question.
beside "$trigger"
try 'qq-hold $(id 1081764); qq-release --flush $(id 1081764)' <<'T'
err: qq-hold: 1 held
err: qq-release: warning: unable to signal qmail-send: its process was not found
err: qq-release: 1 released
exit: 111
T
alone
# The lifetime is too short for a hold.
control 1; sending; exactly >"$T/exactly"
try 'qq-hold $(id 1081767)' <<'T'
err: qq-hold: warning: failed: mess/*/1081767: the time that control/queuelifetime gives it is too
...:  short for a hold
err: qq-hold: 1 failed
exit: 111
T
check 'its birth is what it was' as_before
alone

# ---- a queue that was given to root as a whole: there is nobody to give a message back to ----
fresh; chown -R 0 "$QUEUE"; exactly >"$T/exactly"
try 'qq-release $(id 1081647)' <<'T'
err: qq-release: warning: failed: mess/*/1081647: all of mess belongs to root,
...:  as in a queue that was restored so: give it to qmailq
err: qq-release: 1 failed
exit: 111
T
check 'it is as it was' as_before

# ---- a restored queue: its files are root's, their names no inode numbers ----
fresh; mkdir -p "$T/restored/control" "$T/restored/queue"
cp -a "$QUEUE/." "$T/restored/queue"; QUEUE=$T/restored/queue QQ_QUEUE=restored/queue
find "$QUEUE/mess" -type f -exec chown 0 {} +; exactly >"$T/exactly"
try 'qq-grep --held -c; qq-list -c; qq-grep --interrupted | grep -c .' <<'T'
out: 23
out: 23
out: 1
exit: 0
T
sending
try 'qq-release $(id 1081647); qq-hold -v $(id 1081648)' <<'T'
err: qq-release: warning: failed: mess/*/1081647: its name is not its inode number,
...:  as after a backup was restored; such a message can only be changed while qmail-send is stopped
err: qq-release: 1 failed
err: qq-hold: warning: failed: mess/*/1081648: its name is not its inode number,
...:  as after a backup was restored; such a message can only be changed while qmail-send is stopped
err: qq-hold: failed: 1081648
err: qq-hold: 1 failed
exit: 111
T
check 'online it is refused' as_before
alone
try 'qq-release $(id 1081647) $(id 1081821); look 1081647 1081821 | grep -e mess -e info;
  qq-grep --held -c; qq-hold $(id 1081647)' <<'T'
out: mess qmailq 644
out: info qmails 600 born when queued Fme@b.test\0
out: mess qmailq 644
out: 21
err: qq-release: 2 released
err: qq-hold: 1 held
exit: 0
T
finish
