#!/bin/sh
# rm.t - qq-rm: what is removed while qmail-send is stopped, what is silenced while it runs, what is
# left as it was, and when nothing is done at all.
#
# Two queues of real qmails (queue-notqmail: 23 messages; queue-bigtodo: 6, todo split) and what put
# adds to them. Each case is a transcript, and mostly a check that nothing else in the queue is
# different: `only' and `untouched' compare with $T/before, `as_before' with $T/exactly (change.sh).
# In queue-notqmail 1081647 and 1081770 are failing, 1081776 has a local and a remote recipient,
# 1081784 many remote ones, 1081811 and 1081812 are a bounce and a double bounce, 1081821 and
# 1081823 are new.
#
# While `sending' runs, a process stands in for qmail-send: then nothing may be unlinked. A whole
# message is silenced by giving mess/ID to qmails and marking its recipients as done (D, or u in
# todo), and info/ID, `F#@[]' and born now, is put in place by a rename.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/change.sh"

# without NAME ...: a tree without the files of these messages; only NAME ...: nothing but these is
# different now
without() { sed "$(for name; do printf '/\\/%s /d;' "$(id "$name")"; done)"; }
only() { tree | without "$@" >"$T/after"; without "$@" <"$T/before" | diff - "$T/after"; }

# ---- qmail-send is stopped: whole messages are unlinked ----
queue queue-notqmail; tree >"$T/before"
# One that is failing: with its bounce file.
try 'qq-rm $(id 1081647); qq-list -c' <<'T'
out: 22
err: qq-rm: 1 removed
exit: 0
T
check 'a failing message is gone with all its files' test "$(left 1081647)" = ''
check 'and nothing else was touched' only 1081647
# Three at once, by token and by id: both channels, a double bounce, one that is failing.
try 'qq-rm $(token 1081776) $(token 1081812) $(token 1081770); left 1081776 1081812 1081770;
  qq-list -c' <<'T'
out: 
out: 19
err: qq-rm: 3 removed
exit: 0
T
check 'nothing else was touched by three' only 1081647 1081776 1081812 1081770
# A new one, in todo and intd.
tree >"$T/before"
try 'left 1081821; qq-rm $(token 1081821); left 1081821' <<'T'
out: intd mess todo 
out: 
err: qq-rm: 1 removed
exit: 0
T
check 'nothing else was touched by a new one' only 1081821
# New, with what an interrupted qmail-send made of it.
put 1 me@x.example todo you@y.example </dev/null
printf 'Fme@x.example\0' >"$(at info 1)"
printf 'Tyou@y.example\0' | tee "$(at local 1)" >"$(at remote 1)"
echo x >"$(at bounce 1)"
if am_root; then
  for tree in info local remote bounce; do
    chown "$(owner "$QUEUE/info")" "$(at $tree 1)"
  done
fi
try 'left 1; qq-rm $(id 1); left 1' <<'T'
out: bounce info intd local mess remote todo 
out: 
err: qq-rm: 1 removed
exit: 0
T
# All of them: what is left is no message.
try 'qq-list | qq-rm; qq-list -c; find "$QUEUE" -type f | sed "s|.*queue/||" | sort' <<'T'
out: 0
out: lock/sendmutex
out: lock/tcpto
err: qq-rm: 18 removed
exit: 0
T
# Where todo and intd are split too; on one thread, and on more than there are messages.
queue queue-bigtodo
try 'qq-grep --new | qq-rm --jobs 1; qq-list -c; left 11102467 11102492 11102497' <<'T'
out: 2
out: 
err: qq-rm: 4 removed
exit: 0
T
try 'qq-list | qq-rm --jobs 64; find "$QUEUE" -type f | sed "s|.*queue/||" | sort' <<'T'
out: lock/sendmutex
out: lock/tcpto
err: qq-rm: 2 removed
exit: 0
T
# Further channels.
built suppl 40 --suppl 2 --split 3 --bounces 30
try 'qq-list | qq-rm; find "$QUEUE" -type f | sed "s|.*/suppl/||" | sort' <<'T'
out: lock/sendmutex
out: lock/tcpto
err: qq-rm: 40 removed
exit: 0
T

# ---- what it says ----
queue queue-notqmail
# --quiet leaves out the sum, --json says it of each message; nothing asked for, nothing said.
try 'qq-rm -q $(id 1081647); qq-rm --quiet --json $(token 1081648) 5@1795179138967067370;
  qq-rm </dev/null; qq-rm -v --json </dev/null' <<'T'
out: {"id":5,"token":"5@1795179138967067370","result":"gone"}
out: {"id":1081648,"token":"1081648@1795178324160838491","result":"removed"}
exit: 0
T
# --verbose names each, also beside --quiet.
try 'qq-rm --verbose $(token 1081651) 5@1795179138967067370; qq-rm -v -q $(token 1081657)' <<'T'
err: qq-rm: gone: 5@1795179138967067370
err: qq-rm: removed: 1081651@1795178324166093450
err: qq-rm: 1 removed, 1 gone
err: qq-rm: removed: 1081657@1795178324174439853
exit: 0
T
try 'qq-rm --json $(token 1081763)' <<'T'
out: {"id":1081763,"token":"1081763@1795179177409785063","result":"removed"}
err: qq-rm: 1 removed
exit: 0
T
# --dry-run: `would be', and nothing is; of whole messages, and of some recipients.
tree >"$T/before"
try -s 'qq-list | qq-rm --dry-run;
  qq-rm --dry-run -v $(token 1081764) $(token 1081821) 7@1795179138967067370 2>&1;
  qq-rm --dry-run --json -q $(token 1081764)' <<'T'
out: qq-rm: would be gone: 7@1795179138967067370
out: qq-rm: would be removed: 1081764@1795179177414517821
out: qq-rm: would be removed: 1081821@1795179212018450019
out: qq-rm: would be: 2 removed, 1 gone
out: {"id":1081764,"token":"1081764@1795179177414517821","result":"removed"}
err: qq-rm: would be: 18 removed
exit: 0
T
try 'qq-rm --dry-run -v --to defer $(token 1081764);
  qq-rm --dry-run --local -q --json $(token 1081776) 7@1795179138967067370' <<'T'
out: {"id":7,"token":"7@1795179138967067370","result":"gone"}
out: {"id":1081776,"token":"1081776@1795179177431846107","result":"silenced"}
err: qq-rm: would be silenced: 1081764@1795179177414517821
err: qq-rm: would be: 1 silenced
exit: 0
T
# What a run would do is what a run does: a new message has no channels to choose from.
try 'qq-rm --dry-run --local $(token 1081821) 2>&1 | sed "s/.*would be: /qq-rm: /" | tail -n 1;
  qq-rm --local $(token 1081821) 2>&1 | tail -n 1' <<'T'
out: qq-rm: 1 unfinished
out: qq-rm: 1 unfinished
exit: 0
T
check 'a dry run changes nothing' untouched

# ---- qmail-send is stopped: some recipients, of which T becomes D and nothing else changes ----
queue queue-notqmail; tree >"$T/before"
cp "$(at remote 1081784)" "$T/list"; cp "$(at local 1081776)" "$T/local"
cp "$(at remote 1081776)" "$T/remote"; cp "$(at remote 1081647)" "$T/failing"
# By address: any part of it, in any case.
try 'qq-rm --to list7@ --to LIST19 $(id 1081784)' <<'T'
err: qq-rm: 1 silenced
exit: 0
T
check 'only the right bytes' sh -c \
  'perl -pe "s/(^|\0)T(?=defer-list(7|19[0-9]?)@)/\$1D/g" "$1" | cmp - "$2"' - "$T/list" \
  "$(at remote 1081784)"
check 'owner, mode and everything else are as they were' only 1081784
try 'qq-show -l $(id 1081784) | grep -c "remote done"; qq-grep -c --done-to list7@;
  qq-grep -c --to list7@' <<'T'
out: 12
out: 1
out: 0
exit: 1
T
# By channel; the second time there is nothing left to do.
queue queue-notqmail; tree >"$T/before"
try 'qq-rm --local $(id 1081776); qq-rm --local $(id 1081776)' <<'T'
err: qq-rm: 1 silenced
err: qq-rm: 1 gone
exit: 0
T
check 'the local one' sh -c 'sed "s/^T/D/" "$1" | cmp - "$2"' - "$T/local" "$(at local 1081776)"
check 'the remote one waits' cmp "$T/remote" "$(at remote 1081776)"
check 'nothing else' only 1081776
# The other channel; a new message has none yet, and stays unfinished.
queue queue-notqmail
try -s 'qq-rm --channel remote --json $(token 1081776) $(token 1081821);
  qq-rm --channel remote $(id 1081821)' <<'T'
out: {"id":1081776,"token":"1081776@1795179177431846107","result":"silenced"}
out: {"id":1081821,"token":"1081821@1795179212018450019","result":"unfinished"}
err: qq-rm: warning: unfinished: message 1081821: is not preprocessed yet, so that its recipients
...:  have no channel: let qmail-send run and try again
err: qq-rm: 1 silenced, 1 unfinished
err: qq-rm: warning: unfinished: message 1081821: is not preprocessed yet, so that its recipients
...:  have no channel: let qmail-send run and try again
err: qq-rm: 1 unfinished
exit: 111
T
check 'the other way round' sh -c 'sed "s/^T/D/" "$1" | cmp - "$2" && cmp "$3" "$4"' - "$T/remote" \
  "$(at remote 1081776)" "$T/local" "$(at local 1081776)"
# Channel and address together: both have to be right.
queue queue-notqmail
try -s 'qq-list | qq-rm --local --to far.test 2>&1;
  qq-list | qq-rm --local --channel remote --to mx.example.test 2>/dev/null; qq-list -c;
  qq-grep --to mx.example.test -c' <<'T'
out: 1
out: 23
out: qq-rm: 21 unmatched, 2 unfinished
out: qq-rm: warning: unfinished: message 1081821: is not preprocessed yet, so that its recipients
...:  have no channel: let qmail-send run and try again
out: qq-rm: warning: unfinished: message 1081823: is not preprocessed yet, so that its recipients
...:  have no channel: let qmail-send run and try again
exit: 0
T
# That no recipient matches is not that the message is gone; not even of a new one.
tree >"$T/before"
try -s 'qq-rm --to nomatch $(id 1081647);
  qq-rm -v --json --to nomatch $(token 1081821) $(token 1081764) 2>&1
  qq-rm -q --local $(id 1081764); qq-rm --to nomatch 5' <<'T'
out: qq-rm: 2 unmatched
out: qq-rm: unmatched: 1081764@1795179177414517821
out: qq-rm: unmatched: 1081821@1795179212018450019
out: {"id":1081764,"token":"1081764@1795179177414517821","result":"unmatched"}
out: {"id":1081821,"token":"1081821@1795179212018450019","result":"unmatched"}
err: qq-rm: 1 unmatched
err: qq-rm: 1 gone
exit: 0
T
check 'nothing was done to these' untouched
# Patterns are those of qq-grep: a domain is not the beginning of another one.
put 1 me@x.example remote you@dead.example You@dead.example.org a@b.dead.example c@DEAD.example \
  </dev/null
done_are() { qq-show --json "$(id 1)" | grep -o '"address":"[^"]*","channel":"remote","done":true' |
  cut -d '"' -f 4 | tr '\n' ' '; echo; }
try 'qq-rm -q -x --to dead.example $(id 1); qq-rm -q -g --to "dead*" $(id 1);
  qq-rm -q --case --to @DEAD.EXAMPLE $(id 1); done_are;
  qq-rm -q -E --case --to "^You@|^a@x" $(id 1); done_are;
  qq-rm -g --to "*@dead.example" $(id 1); done_are;
  qq-rm -E -x --to "a@b[.]dead.exampl" $(id 1); qq-rm -q -x --to A@B.DEAD.example $(id 1);
  done_are' <<'T'
out: 
out: You@dead.example.org 
out: you@dead.example You@dead.example.org c@DEAD.example 
out: you@dead.example You@dead.example.org a@b.dead.example c@DEAD.example 
err: qq-rm: 1 silenced
err: qq-rm: 1 unmatched
exit: 0
T
try 'qq-rm -E --to "(" 5 2>&1 | sed "1!d;s/n: .*/n/"; qq-rm --to "" 5 2>&1 | head -n 1;
  qq-rm -g -E --to x 5' <<'T'
out: qq-rm: fatal: option --to: bad regular expression
out: qq-rm: fatal: option --to: empty pattern
err: qq-rm: fatal: options -g and -E cannot be used together
err: usage: qq-rm [OPTION ...] [ID ...] (qq-rm --help lists the options)
exit: 100
T
rm "$(at mess 1)" "$(at info 1)" "$(at remote 1)"
# A recipient that is done already.
try 'qq-rm --remote --to good@ $(id 1081647)' <<'T'
err: qq-rm: 1 gone
exit: 0
T
check 'who is done stays done, who is not meant waits' cmp "$T/failing" "$(at remote 1081647)"
# All recipients of it: the message stays, for qmail-send to bounce what has failed.
try 'qq-rm --local --remote $(id 1081647); qq-show $(id 1081647) | sed "1d;s/^ *//;s/ 20 Nov.*//";
  left 1081647' <<'T'
out: 1081647 done
out: bounce info mess remote 
err: qq-rm: 1 silenced
exit: 0
T
# New: T becomes u, which qmail-send passes over, and a number behind it is nobody's uid.
printf 'u1001\0p7\0Fme@x.example\0T1234\0Tyou@far.test\0Tme@x.example\0' |
  tee "$T/todo" >"$(at todo 1081821)"
try 'qq-rm --to 1234 --to you@FAR $(id 1081821); qq-grep --uid 0 --to 1234;
  qq-show -l $(id 1081821) | grep -e " to " -e " done "' <<'T'
out:   done        1234
out:   done        you@far.test
out:   to          me@x.example
err: qq-rm: 1 silenced
exit: 0
T
check 'only the right bytes in todo' sh -c \
  'printf "u1001\0p7\0Fme@x.example\0u1234\0uyou@far.test\0Tme@x.example\0" | cmp - "$1"' - \
  "$(at todo 1081821)"
# A record that does not end is never delivered, and left alone.
printf 'Tone@y.example\0Ttwo@y.exam' >"$(at remote 1081648)"
try 'qq-rm --to y.exam $(id 1081648)' <<'T'
err: qq-rm: 1 silenced
exit: 0
T
check 'a record without its NUL stays' sh -c 'printf "Done@y.example\0Ttwo@y.exam" | cmp - "$1"' - \
  "$(at remote 1081648)"
# Addresses that look like records; all in one file; more than a buffer.
put 2 me@x.example remote you@y.example </dev/null
perl -e 'print map { "T$_\@y.example\0" } "T", "D\nT", "", 1 .. 20000, "last"' >"$(at remote 2)"
cp "$(at remote 2)" "$T/long"
try 'qq-rm --to 7 --to last --to "T@" $(id 2)' <<'T'
err: qq-rm: 1 silenced
exit: 0
T
check 'in a long file too' sh -c 'perl -0pe "s/^T(?=.*(7|last|t@))/D/si" "$1" | cmp - "$2"' - \
  "$T/long" "$(at remote 2)"

# ---- what is not touched ----
queue queue-notqmail
# qmail-queue may still be writing it; after 36 hours it is dead.
for n in 1 2 3; do
  printf 'half' | put $n me@x.example todo you@y.example; rm "$(at todo $n)"
  touch "$(at mess $n)"
done
rm "$(at intd 1)"
old() { perl -e 'utime time - $ARGV[0], time - $ARGV[1], $ARGV[2] or die' "$@"; }
old 129000 129000 "$(at mess 2)"; old 60 200000 "$(at mess 3)"; tree >"$T/before"
try 'qq-rm -v --to you $(id 1); qq-rm $(id 1) $(id 2) $(id 3); left 1 2 3' <<'T'
out: intd intd mess mess mess 
err: qq-rm: gone: 1
err: qq-rm: 1 gone
err: qq-rm: 3 gone
exit: 0
T
check 'what is being written is not touched' untouched
old 130000 130000 "$(at mess 1)"; old 130000 130000 "$(at mess 2)"
try 'qq-rm $(id 1) $(id 2) $(id 3); left 1 2; left 3' <<'T'
out: 
out: intd mess 
err: qq-rm: 2 removed, 1 gone
exit: 0
T
# A stamp that does not match: gone, and whoever has the number now is not touched.
tree >"$T/before"
never=0000000000000000000               # no message has this stamp
try 'qq-rm $(id 1081647)@1795179138967067371 $(id 1081821)@$never;
  qq-rm --to defer $(id 1081647)@$never' <<'T'
err: qq-rm: 2 gone
err: qq-rm: 1 gone
exit: 0
T
check 'a wrong stamp touches nothing' untouched
# A removed message leaves the number to another one, which a token with a stamp does not mean.
number=$(id 1081647); qq-rm -q "$number"
printf 'innocent\n' >"$QUEUE/mess/new"; mv "$QUEUE/mess/new" "$(place mess "$number")"
printf 'Fi@x.example\0' >"$(place info "$number")"
printf 'Ti@y.example\0' >"$(place remote "$number")"
if am_root; then
  chown "$(owner "$QUEUE/mess")" "$(place mess "$number")"
  chown "$(owner "$QUEUE/info")" "$(place info "$number")" "$(place remote "$number")"
fi
try 'qq-rm $(token 1081647); left 1081647' <<'T'
out: info mess remote 
err: qq-rm: 1 gone
exit: 0
T
# Whose a message is: qmailq's, qmails's (over) or root's (held), or nothing of qmail.
if skip_unless_root 'owners'; then
  queue queue-notqmail
  chown 4242 "$(at mess 1081647)"; tree >"$T/before"
  try 'qq-rm $(id 1081647); qq-rm --to defer2 $(id 1081647)' <<'T'
err: qq-rm: warning: failed: mess/*/1081647: has a foreign owner,
...:  expected those of mess/ or info/, or root
err: qq-rm: 1 failed
err: qq-rm: warning: failed: mess/*/1081647: has a foreign owner,
...:  expected those of mess/ or info/, or root
err: qq-rm: 1 failed
exit: 111
T
  check 'a foreign owner is refused' untouched
  # Over, held, interrupted: all may be removed; what is left of them too.
  chown 0 "$(at mess 1081648)"
  chown "$(owner "$QUEUE/info" | sed 's/:.*//')" "$(at mess 1081651)" "$(at mess 1081823)" \
    "$(at mess 1081770)" "$(at mess 1081657)"
  rm "$(at bounce 1081770)" "$(at remote 1081770)"; rm "$(at remote 1081657)" "$(at info 1081657)"
  try 'qq-rm $(id 1081648); qq-list --over | qq-rm; qq-rm -v $(id 1081657);
    left 1081648 1081651 1081823 1081770 1081657; qq-list --over -c' <<'T'
out: 
out: 0
err: qq-rm: 1 removed
err: qq-rm: 3 removed
err: qq-rm: removed: 1081657
err: qq-rm: 1 removed
exit: 0
T
  # As a user who may not: nothing is changed.
  chmod -R o+rX "$QUEUE"; chmod o+w "$QUEUE/lock/sendmutex"; tree >"$T/before"
  try 'nobody qq-rm $(id 1081763) 2>&1 | sed "s|$T/||"' <<'T'
out: qq-rm: warning: failed: unable to change the owner of mess/*/1081763:
...:  Operation not permitted (run it as root)
out: qq-rm: 1 failed
exit: 0
T
  check 'without the right to, nothing is changed' untouched
fi

# ---- qmail-send may be running: refused ----
queue queue-notqmail; cd "$T" || exit 99; QQ_QUEUE=queue-notqmail/queue
tree >"$T/before"
# A mutex without a reader of the trigger.
beside "$locked"
try 'refused qq-rm $(id 1081647)' <<'T'
out: qq-rm: fatal: queue-notqmail/queue/lock/sendmutex is locked by process N,
...:  but nothing reads lock/trigger: qmail-send is starting or stopping, a child outlived it,
...:  or `qsvc stopped' runs a command
exit: 111
T
check 'it says which process has the lock' says_who
# A dry run takes no lock, and asks for none.
try 'qq-rm --dry-run $(id 1081647)' <<'T'
err: qq-rm: would be: 1 removed
exit: 0
T
# Without ids there is nothing to refuse; without messages either, if they are gone,
# but that takes the locks.
try 'qq-rm </dev/null; qq-rm -v - </dev/null; qq-rm 5 2>/dev/null' <<'T'
exit: 111
T
alone
# A qmail that was built with lockf(3).
lockable() { perl -e 'use Fcntl; '"$record_locked" "$QUEUE" 2>/dev/null; }
beside "$record_locked"
if lockable; then ok 'a record lock # SKIP perl knows another struct flock'
else
  try 'refused qq-rm $(id 1081647)' <<'T'
out: qq-rm: fatal: queue-notqmail/queue/lock/sendmutex is locked by process N,
...:  but nothing reads lock/trigger: qmail-send is starting or stopping, a child outlived it,
...:  or `qsvc stopped' runs a command
exit: 111
T
  check 'it says which process has the record lock' says_who
fi
alone
check 'none of these did anything' untouched

# ---- the mutex handed down, as `qsvc stopped' does, in QQ_MUTEX ----
# handed FILE LOCK COMMAND ...: with FILE of the queue open, and locked unless LOCK is empty
handed() { perl -e '
  use Fcntl qw(:DEFAULT :flock F_SETFD);
  my ($q, $file, $lock, @command) = @ARGV;
  sysopen M, "$q/$file", O_RDWR | O_CREAT or die;
  !$lock or flock M, LOCK_EX or die;
  fcntl M, F_SETFD, 0 or die;
  $ENV{QQ_MUTEX} = fileno M;
  exec @command or die' "$QUEUE" "$@"; }
try 'handed lock/sendmutex 1 qq-rm $(token 1081647); left 1081647' <<'T'
out: 
err: qq-rm: 1 removed
exit: 0
T
# Open, but not locked: then qq-rm locks it.
try 'handed lock/sendmutex "" qq-rm $(token 1081648)' <<'T'
err: qq-rm: 1 removed
exit: 0
T
# Another file, a closed descriptor, no number: as if nothing were said.
beside "$locked"
tree >"$T/before"
: >"$T/other"
try 'refused handed ../../other 1 qq-rm $(id 1081651); for said in 99 0 x; do
  QQ_MUTEX=$said qq-rm $(id 1081651) >/dev/null 2>&1; echo $?; done' <<'T'
out: qq-rm: fatal: queue-notqmail/queue/lock/sendmutex is locked by process N,
...:  but nothing reads lock/trigger: qmail-send is starting or stopping, a child outlived it,
...:  or `qsvc stopped' runs a command
out: 111
out: 111
out: 111
exit: 0
T
alone
check 'none of these did anything either' untouched
# qmail-send has it: that it was handed down does not help, and messages are silenced.
if skip_unless_root 'handed down by one that does not have it'; then
  beside "$trigger $locked"
  try 'handed lock/sendmutex "" qq-rm $(id 1081651); left 1081651' <<'T'
out: info mess remote 
err: qq-rm: 1 silenced
exit: 0
T
  alone; tree >"$T/before"
fi

# ---- two runs at once ----
beside 'open I, "<", "$ARGV[0]/info" or die; flock I, LOCK_EX or die'
try 'refused qq-rm --timeout 1s $(id 1081651)' <<'T'
out: qq-rm: waiting for process N, which is changing this queue
out: qq-rm: fatal: queue-notqmail/queue/info is locked: process N is changing this queue
exit: 111
T
check 'it says which process' says_who
alone
check 'the second run did nothing' untouched
try 'qq-rm $(id 1081651)' <<'T'
err: qq-rm: 1 removed
exit: 0
T

# ---- a queue without its locks ----
rm "$QUEUE/lock/sendmutex"; tree >"$T/before"
try 'qq-rm $(id 1081657)' <<'T'
err: qq-rm: fatal: unable to take queue-notqmail/queue/lock/sendmutex: No such file or directory
exit: 111
T
check 'no lock, no removal, and no lock made' untouched
: >"$QUEUE/lock/sendmutex"; rm "$QUEUE/lock/trigger"; tree >"$T/before"
try 'qq-rm $(id 1081657)' <<'T'
err: qq-rm: fatal: unable to open queue-notqmail/queue/lock/trigger: No such file or directory
exit: 111
T
check 'no trigger, no removal' untouched
mkfifo "$QUEUE/lock/trigger"; rm "$QUEUE/lock/sendmutex"
ln -s "$T/other" "$QUEUE/lock/sendmutex"; tree >"$T/before"
try 'qq-rm $(id 1081657)' <<'T'
err: qq-rm: fatal: unable to take queue-notqmail/queue/lock/sendmutex:
...:  Too many levels of symbolic links
exit: 111
T
check 'a link is no lock' untouched

# ---- while qmail-send runs: nothing is unlinked, the messages are silenced ----
names() { find "$QUEUE" | sort; }
if skip_unless_root 'while qmail-send runs'; then
# What takes ten seconds each is begun here and looked at below: two new messages that qmail-send is
# in the middle of (info is there) and does not get on with, and one whose channels are not known.
# Their numbers are looked up first: what comes next forgets them.
built slow2 0 --split 3
put 3 me3@x.example todo you@y.example other@y.example </dev/null
sending; beside2=$beside
set -- "$(id 3)"
(qq-rm --local "$1"; echo "code $?") >"$T/slow2.out" 2>&1 & slow2=$!
built slow1 0 --split 3
for n in 1 2; do
  put $n "me$n@x.example" todo you@y.example other@y.example </dev/null
  printf 'Fme%s@x.example\0' $n >"$(at info $n)"; chown "$(owner "$QUEUE/info")" "$(at info $n)"
done
sending; beside1=$beside slow_numbers=$(cat "$T/numbers")
set -- "$(id 1)" "$(id 2)"
(qq-rm "$@"; echo "code $?") >"$T/slow1.out" 2>&1 & slow1=$!

queue queue-notqmail; cd "$T" || exit 99; QQ_QUEUE=queue-notqmail/queue
exactly >"$T/exactly"; names >"$T/names"
sending
# --dry-run says what would be silenced, and what cannot be, yet.
try -s 'qq-list | qq-rm --dry-run; qq-rm --dry-run -v --json $(token 1081764) 7@1795179138967067370;
  qq-rm --dry-run -q --json --local $(token 1081776) $(token 1081821)' <<'T'
out: {"id":1081764,"token":"1081764@1795179177414517821","result":"silenced"}
out: {"id":1081776,"token":"1081776@1795179177431846107","result":"silenced"}
out: {"id":1081821,"token":"1081821@1795179212018450019","result":"unfinished"}
out: {"id":7,"token":"7@1795179138967067370","result":"gone"}
err: qq-rm: would be: 23 silenced
err: qq-rm: would be gone: 7@1795179138967067370
err: qq-rm: would be silenced: 1081764@1795179177414517821
err: qq-rm: would be: 1 silenced, 1 gone
err: qq-rm: warning: unfinished: message 1081821: is not preprocessed yet, so that its recipients
...:  have no channel
exit: 111
T
# A wrong stamp, and numbers that nobody has: gone.
try 'for number in 1081647@1795179138967067371 1081821@$never; do
  qq-rm -v $(id ${number%@*})@${number#*@}; done; qq-rm --to defer $(id 1081647)@$never;
  qq-rm 7 18446744073709551615' <<'T'
err: qq-rm: gone: 1081647@1795179138967067371
err: qq-rm: 1 gone
err: qq-rm: gone: 1081821@0000000000000000000
err: qq-rm: 1 gone
err: qq-rm: 1 gone
err: qq-rm: 2 gone
exit: 0
T
check 'a dry run, a wrong stamp, a number that nobody has: nothing is changed, by the nanosecond' \
  as_before
# Preprocessed ones: one with failures and a recipient that is done, one on two channels.
born 1081647 360000; born 1081776 360000 180000
try 'look 1081647 1081776; qq-list $(id 1081647) $(id 1081776) | qq-rm; look 1081647 1081776' <<'T'
out: mess qmailq 644
out: info qmails 600 born 100 hours ago Fme@b.test\0
out: remote qmails 600 Dgood@far.test\0Dfail1@far.test\0Tdefer2@far.test\0
out: bounce qmails 600 <fail1@far.test>:
out: 127.0.0.1 does not like recipient.
out: Remote host said: 550 5.1.1 no such user here
out: Giving up on 127.0.0.1.
out: 
out: 
out: mess qmailq 644
out: info qmails 600 born 50 hours ago Fbob@shop.example\0
out: local qmails 600 Tdeferlocal@mx.example.test\0
out: remote qmails 600 Tdefer3@far.test\0
out: mess qmails 555
out: info qmails 600 born now F#@[]\0
out: remote qmails 600 Dgood@far.test\0Dfail1@far.test\0Ddefer2@far.test\0
out: bounce qmails 600 <fail1@far.test>:
out: 127.0.0.1 does not like recipient.
out: Remote host said: 550 5.1.1 no such user here
out: Giving up on 127.0.0.1.
out: 
out: 
out: mess qmails 555
out: info qmails 600 born now F#@[]\0
out: local qmails 600 Ddeferlocal@mx.example.test\0
out: remote qmails 600 Ddefer3@far.test\0
err: qq-rm: 2 silenced
exit: 0
T
check 'and nothing else was touched' as_before 1081647 1081776
check 'and nothing unlinked' sh -c 'find "$1" | sort | diff "$2" -' - "$QUEUE" "$T/names"
# A second time.
try 'qq-rm -v $(id 1081647); look 1081647 | head -n 3; qq-list -c --over;
  qq-list -c $(id 1081647)' <<'T'
out: mess qmails 555
out: info qmails 600 born now F#@[]\0
out: remote qmails 600 Dgood@far.test\0Dfail1@far.test\0Ddefer2@far.test\0
out: 2
out: 0
err: qq-rm: silenced: 1081647
err: qq-rm: 1 silenced
exit: 0
T
# A bounce, a double bounce, whose sender is already as it shall be, one that is held, one whose
# removal was interrupted, with what that left.
chown 0 "$(at mess 1081796)" "$(at mess 1081648)"
printf 'F#@[]\0' >"$(at info 1081648)"
printf 'rest' >"$(at info 1081648 | sed 's|\([0-9]*\)$|.rm-\1|')"
printf 'Dvictim2@far.test\0Tother2@away.test\0' >"$(at remote 1081648)"
try 'qq-grep --lines --interrupted; qq-grep --held -c 2>/dev/null; look 1081648' <<'T'
out: 1081648@1795178324160838491
out: 2
out: mess root 644
out: info qmails 600 born now F#@[]\0
out: .rm- root 644 rest
out: remote qmails 600 Dvictim2@far.test\0Tother2@away.test\0
exit: 0
T
try -s 'for n in 1081811 1081812 1081796 1081648; do id $n; done | qq-rm -v 2>&1;
  qq-grep --interrupted -c; qq-grep --held -c' <<'T'
out: 0
out: 0
out: qq-rm: 4 silenced
out: qq-rm: silenced: 1081648
out: qq-rm: silenced: 1081796
out: qq-rm: silenced: 1081811
out: qq-rm: silenced: 1081812
exit: 1
T
try 'look 1081811 1081812 1081796 1081648' <<'T'
out: mess qmails 555
out: info qmails 600 born now F#@[]\0
out: remote qmails 600 Ddefer-sender@far.test\0
out: mess qmails 555
out: info qmails 600 born now F#@[]\0
out: local qmails 600 Dpostmaster@mx.example.test\0
out: mess qmails 555
out: info qmails 600 born now F#@[]\0
out: remote qmails 600 Ddefer8@far.test\0
out: mess qmails 555
out: info qmails 600 born now F#@[]\0
out: remote qmails 600 Dvictim2@far.test\0Dother2@away.test\0
exit: 0
T
# A new one: T becomes u, and qmail-send is told.
try 'qq-rm --json $(token 1081821); look 1081821; pulled' <<'T'
out: {"id":1081821,"token":"1081821@1795179212018450019","result":"silenced"}
out: mess qmails 555
out: intd qmailq 644 u0\0p18546\0Ft1@todo.example\0udefer20@far.test\0upostmaster@mx.example.test\0
out: todo qmailq 644 u0\0p18546\0Ft1@todo.example\0udefer20@far.test\0upostmaster@mx.example.test\0
out: pulled
err: qq-rm: 1 silenced
exit: 0
T
check 'and nothing else was touched by these' as_before trigger 1081647 1081776 1081811 1081812 \
  1081796 1081648 1081821
check 'and nothing unlinked either' sh -c 'find "$1" | sort | diff "$2" -' - "$QUEUE" "$T/names"
# Senders of every length; recipients in no file, in an empty one, in one
# whose last record has no end.
put 1 '' remote you@y.example </dev/null; put 2 a remote you@y.example </dev/null
put 3 abcd local you@y.example </dev/null
put 4 me@x.example remote you@y.example </dev/null
rm "$(at remote 2)"; : >"$(at local 3)"
printf 'Tone@y.example\0Ttwo@y.exam' >"$(at remote 4)"; chmod 640 "$(at info 4)"
chgrp 4242 "$(at info 4)"
try 'for n in 1 2 3 4; do qq-rm -q $(id $n); done; look 1 2 3 4;
  owner "$(at info 4)" | sed "s/.*://"' <<'T'
out: mess qmails 555
out: info qmails 644 born now F#@[]\0
out: remote qmails 644 Dyou@y.example\0
out: mess qmails 555
out: info qmails 644 born now F#@[]\0
out: mess qmails 555
out: info qmails 644 born now F#@[]\0
out: local qmails 644 
out: mess qmails 555
out: info qmails 640 born now F#@[]\0
out: remote qmails 644 Done@y.example\0Ttwo@y.exam
out: 4242
exit: 0
T
# Being written, or remains of it: qmail-send sees to these. A foreign owner; no regular file.
put 5 me@x.example todo you@y.example </dev/null; rm "$(at todo 5)"; touch "$(at mess 5)"
put 6 me@x.example todo you@y.example </dev/null; rm "$(at todo 6)"
perl -e 'utime 1, 1, $ARGV[0]' "$(at mess 6)"
chown 4242 "$(at mess 1081763)"; rm "$(at mess 1081764)"; ln -s 5 "$(at mess 1081764)"
exactly >"$T/exactly"
try 'for n in 5 6 1081763 1081764; do qq-rm -v $(id $n); done' <<'T'
err: qq-rm: gone: 5
err: qq-rm: 1 gone
err: qq-rm: gone: 6
err: qq-rm: 1 gone
err: qq-rm: warning: failed: mess/*/1081763: has a foreign owner,
...:  expected those of mess/ or info/, or root
err: qq-rm: failed: 1081763
err: qq-rm: 1 failed
err: qq-rm: warning: failed: mess/*/1081764: Too many levels of symbolic links
err: qq-rm: failed: 1081764
err: qq-rm: 1 failed
exit: 111
T
check 'none of these is touched' as_before

# ---- some recipients of it ----
# What qmail-send has read already may be delivered once more, and that is said.
try -s 'qq-rm -v --json --to list7@ --to LIST19 $(token 1081784) 2>&1;
  qq-grep -c --done-to list7@ 2>/dev/null; qq-rm --remote --to list7@ $(id 1081784) 2>&1' <<'T'
out: 1
out: qq-rm: 1 gone
out: qq-rm: 1 silenced
out: qq-rm: silenced (may be under way): 1081784@1795179177449369418
out: {"id":1081784,"token":"1081784@1795179177449369418","result":"silenced",
...: "may_be_under_way":true}
exit: 0
T
# A new one: T becomes u there; it goes on with the others, and nobody is waited for.
: >"$T/pulls"
try 'qq-rm --json --to defer21 $(token 1081823); look 1081823; pulled' <<'T'
out: {"id":1081823,"token":"1081823@1795179212021352513","result":"silenced",
...: "may_be_under_way":true}
out: mess qmailq 644
out: intd qmailq 644 u0\0p18549\0Ft2@todo.example\0udefer21@far.test\0
out: todo qmailq 644 u0\0p18549\0Ft2@todo.example\0udefer21@far.test\0
err: qq-rm: 1 silenced
exit: 0
T
check 'nothing but these bytes' as_before trigger 1081784 1081823
alone
# qmail-send had read the recipients before they were marked, and goes on when it
# is told to look at todo.
queue queue-notqmail
before_the_pull() {
  for n; do
    printf 'Fme@x.example\0' >"$(at info $n)"
    printf 'Tone@y.example\0' >"$(at local $n)"
    printf 'Ttwo@y.example\0Tthree@y.example\0' >"$(at remote $n)"
    chown "$(owner "$QUEUE/info")" "$(at info $n)" "$(at local $n)" "$(at remote $n)"
    chmod 600 "$(at info $n)" "$(at local $n)" "$(at remote $n)"
  done
}
before_the_pull 1081821 1081823
# The whole message.
# It unlinks one that is marked (the mess file of a whole message, u in todo for recipients).
goes_on='for (my ($n, $ended) = (100, 0); $n && !$ended; $n--) {
  for my $todo (glob "todo/*") {
    my $mess = $todo; $mess =~ s,.*/,mess/*/,; ($mess) = glob $mess;
    my $bytes = do { local (@ARGV, $/) = $todo; <> };
    next if !((stat $mess)[2] & 0111) && $bytes !~ /\0u/;
    (my $intd = $todo) =~ s/todo/intd/; unlink $intd; unlink $todo; $ended++;
  }
  select undef, undef, undef, 0.1;
}'
sending "$goes_on"
try 'qq-rm -v $(id 1081821); look 1081821; pulled' <<'T'
out: mess qmails 555
out: info qmails 600 born now F#@[]\0
out: local qmails 600 Done@y.example\0
out: remote qmails 600 Dtwo@y.example\0Dthree@y.example\0
out: pulled
err: qq-rm: silenced: 1081821
err: qq-rm: 1 silenced
exit: 0
T
# until_said WORDS FILE: waits until they stand there, a minute at most.
until_said() { n=0; until grep -qs "$1" "$2" || [ $((n += 1)) = 600 ]; do sleep 0.1; done; }
# It ends one just when qq-rm, which had to wait for it, is about to open info.
if strace -o /dev/null true 2>/dev/null; then
  put 8 me@x.example todo one@y.example </dev/null; before_the_pull 8
  exec 9<"$(at mess 8)"         # so that nobody gets its number
  alone; sending "$goes_on"
  (until_said 'stopped by SIGSTOP' "$T/trace"
    rm "$(at info 8)" "$(at local 8)" "$(at remote 8)" "$(at mess 8)"
    kill -CONT "$(cat "$T/pid")") &
  try 'strace -o "$T/trace" -P "$(dirname "$(at info 8)")" -e trace=newfstatat,openat \
    -e inject=newfstatat:signal=STOP:when=4 sh -c "echo \$\$ >$T/pid; exec qq-rm -v $(id 8)"
    grep -c "openat.*ENOENT" "$T/trace"' <<'T'
out: 1
err: qq-rm: removed: 8
err: qq-rm: 1 removed
exit: 0
T
  wait $!; rm "$T/trace"
elif [ "${CI-}" = true ]; then not_ok 'it ends one meanwhile (needs strace)'
else ok 'it ends one meanwhile # SKIP no strace(1) that may trace'; fi
# One recipient of three.
put 1 me@x.example todo one@y.example two@y.example three@y.example </dev/null; before_the_pull 1
alone; sending "$goes_on"
try 'qq-rm -v --to two $(id 1); look 1; pulled' <<'T'
out: mess qmailq 644
out: info qmails 600 born now Fme@x.example\0
out: local qmails 600 Tone@y.example\0
out: remote qmails 600 Dtwo@y.example\0Tthree@y.example\0
out: pulled
err: qq-rm: silenced (may be under way): 1
err: qq-rm: 1 silenced
exit: 0
T
# One channel of two.
put 2 me@x.example todo one@y.example two@y.example three@y.example </dev/null; before_the_pull 2
alone; sending 'sleep 1; unlink glob("{intd,todo}/*")'
try 'qq-rm -v --local $(id 2); look 2; pulled' <<'T'
out: mess qmailq 644
out: info qmails 600 born now Fme@x.example\0
out: local qmails 600 Done@y.example\0
out: remote qmails 600 Ttwo@y.example\0Tthree@y.example\0
out: pulled
err: qq-rm: silenced (may be under way): 2
err: qq-rm: 1 silenced
exit: 0
T

# It unlinks intd just when it is asked whether that is the other name of todo.
if strace -o /dev/null true 2>/dev/null; then
  put 3 me@x.example todo one@y.example two@y.example three@y.example </dev/null
  alone; sending 'unlink glob("todo/*")'
  (sleep 1; rm "$(at intd 3)") &
  try 'strace -f -o /dev/null -P "$(dirname "$(at intd 3)")" -e trace=newfstatat \
    -e inject=newfstatat:delay_enter=4s:when=3 qq-rm --to two $(id 3)' <<'T'
err: qq-rm: 1 silenced
exit: 0
T
  wait $!
elif [ "${CI-}" = true ]; then not_ok 'intd goes meanwhile (needs strace)'
else ok 'intd goes meanwhile # SKIP no strace(1) that may trace'; fi

# ---- waiting for it, and telling it ----
# --wait: nobody unlinks them in that time.
try 'qq-rm --wait 1s -v $(id 1081647); qq-rm --wait 0 -q $(id 1081648) $(id 1081651)' <<'T'
err: qq-rm: warning: 1 message is silenced, but still on the disk after 1 s
err: qq-rm: silenced: 1081647
err: qq-rm: 1 silenced
err: qq-rm: warning: 2 messages are silenced, but still on the disk after 0 s
exit: 111
T
# One is unlinked meanwhile; another has never been there.
try '(sleep 1; rm "$(at mess 1081647)") & qq-rm --wait 20s -v $(id 1081647);
  qq-rm --wait 20 5' <<'T'
err: qq-rm: removed: 1081647
err: qq-rm: 1 removed
err: qq-rm: 1 gone
exit: 0
T
# The number is another's by now, which is not what was waited for.
try '(sleep 1; perl -e "utime 1, 1, @ARGV" "$(at mess 1081648)") &
  qq-rm --wait 20 -v $(id 1081648)' <<'T'
err: qq-rm: removed: 1081648
err: qq-rm: 1 removed
exit: 0
T
# Not of some recipients: those go nowhere.
try 'for what in "--to x" --local --remote "--channel local"; do qq-rm --wait 1 $what 5; done' <<'T'
err: qq-rm: fatal: option --wait waits for whole messages: it cannot be used with --local,
...:  --remote, --channel or --to
err: usage: qq-rm [OPTION ...] [ID ...] (qq-rm --help lists the options)
err: qq-rm: fatal: option --wait waits for whole messages: it cannot be used with --local,
...:  --remote, --channel or --to
err: usage: qq-rm [OPTION ...] [ID ...] (qq-rm --help lists the options)
err: qq-rm: fatal: option --wait waits for whole messages: it cannot be used with --local,
...:  --remote, --channel or --to
err: usage: qq-rm [OPTION ...] [ID ...] (qq-rm --help lists the options)
err: qq-rm: fatal: option --wait waits for whole messages: it cannot be used with --local,
...:  --remote, --channel or --to
err: usage: qq-rm [OPTION ...] [ID ...] (qq-rm --help lists the options)
exit: 100
T
# --flush: SIGALRM once for each run that silenced something.
try 'qq-rm --flush $(id 1081651); alarms; qq-rm --flush 5; qq-rm --flush --to nobody $(id 1081657);
  alarms; qq-rm --flush --to victim5 $(id 1081657) $(id 1081763); alarms' <<'T'
out: 1
out: 1
out: 2
err: qq-rm: 1 silenced
err: qq-rm: 1 gone
err: qq-rm: 1 unmatched
err: qq-rm: 1 silenced, 1 unmatched
exit: 0
T
# With --wait again, after 2 seconds and 4 more, while one of them is still there.
: >"$T/alarms"
try 'qq-rm --flush --wait 5 -q $(id 1081648) 2>&1 | sed "s/ after.*//"; alarms' <<'T'
out: qq-rm: warning: 1 message is silenced, but still on the disk
out: 2
exit: 0
T
alone
# Nobody is told who is not qmail-send, or works in another directory; without a mutex nobody is
# known.
for who in "$trigger $locked "'$SIG{ALRM} = sub { exit }; chdir $ARGV[0];' \
  "$trigger $locked "'$0 = "qmail-send"; $SIG{ALRM} = sub { exit };' "$trigger"; do
  beside "$who"
  try 'qq-rm --flush $(id 1081764); sleep 0.2; kill -0 $beside' <<'T'
err: qq-rm: warning: unable to signal qmail-send: its process was not found
err: qq-rm: 1 silenced
exit: 0
T
  alone
done

# ---- a copy of a queue, whose names are no inode numbers ----
mkdir "$T/copy"; cp -a "$QUEUE/." "$T/copy"; QUEUE=$T/copy QQ_QUEUE=copy; exactly >"$T/exactly"
# While qmail-send runs they are refused,
sending
try 'qq-rm $(id 1081764); qq-rm --json --to defer $(token 1081767); qq-rm -v $(id 1081823)' <<'T'
out: {"id":1081767,"token":"1081767@1795179177421498540","result":"failed"}
err: qq-rm: warning: failed: mess/*/1081764: its name is not its inode number,
...:  as after a backup was restored; such a message can only be changed while qmail-send is stopped
err: qq-rm: 1 failed
err: qq-rm: warning: failed: mess/*/1081767: its name is not its inode number,
...:  as after a backup was restored; such a message can only be changed while qmail-send is stopped
err: qq-rm: 1 failed
err: qq-rm: warning: failed: mess/*/1081823: its name is not its inode number,
...:  as after a backup was restored; such a message can only be changed while qmail-send is stopped
err: qq-rm: failed: 1081823
err: qq-rm: 1 failed
exit: 111
T
check 'it is untouched' as_before
alone
# and while it is stopped they are removed as others are.
try 'qq-rm $(id 1081764) $(id 1081823); left 1081764 1081823; qq-rm --to defer $(id 1081767)' <<'T'
out: 
err: qq-rm: 2 removed
err: qq-rm: 1 silenced
exit: 0
T

# ---- what took long: begun above, where `while qmail-send runs' begins ----
QUEUE=$T/slow1 QQ_QUEUE=slow1; echo "$slow_numbers" >"$T/numbers"; turn_back
wait $slow1; wait $slow2
try -s 'cat "$T/slow1.out"; sed "s/message [0-9]*/message N/" "$T/slow2.out"' <<'T'
out: code 111
out: code 111
out: qq-rm: 1 unfinished
out: qq-rm: 2 unfinished
out: qq-rm: warning: unfinished: message N: is not preprocessed yet, so that its recipients have no
...:  channel: let qmail-send run and try again
out: qq-rm: warning: unfinished: todo/1: qmail-send has not preprocessed it yet;
...:  it is held meanwhile
out: qq-rm: warning: unfinished: todo/2: qmail-send has not preprocessed it yet;
...:  it is held meanwhile
exit: 0
T
try 'look 1 2' <<'T'
out: mess root 555
out: intd qmailq 644 u1001\0p7\0Fme1@x.example\0uyou@y.example\0uother@y.example\0
out: todo qmailq 644 u1001\0p7\0Fme1@x.example\0uyou@y.example\0uother@y.example\0
out: info qmails 644 born now Fme1@x.example\0
out: mess root 555
out: intd qmailq 644 u1001\0p7\0Fme2@x.example\0uyou@y.example\0uother@y.example\0
out: todo qmailq 644 u1001\0p7\0Fme2@x.example\0uyou@y.example\0uother@y.example\0
out: info qmails 644 born now Fme2@x.example\0
exit: 0
T
# It got on in the meantime; the same ids again finish it.
for n in 1 2; do
  rm "$(at todo $n)" "$(at intd $n)"; printf 'Tyou@y.example\0' >"$(at local $n)"
  printf 'Tother@y.example\0' >"$(at remote $n)"
done
try 'qq-rm $(id 1) $(id 2); look 1 2' <<'T'
out: mess qmails 555
out: info qmails 644 born now F#@[]\0
out: local root 644 Dyou@y.example\0
out: remote root 644 Dother@y.example\0
out: mess qmails 555
out: info qmails 644 born now F#@[]\0
out: local root 644 Dyou@y.example\0
out: remote root 644 Dother@y.example\0
err: qq-rm: 2 silenced
exit: 0
T
for beside in $beside1 $beside2; do alone; done
fi

# ---- stopped in the middle ---- (killed: kill.t)
if ! strace -o /dev/null -e inject=unlinkat:delay_enter=1:when=1000 true 2>/dev/null; then
  if [ "${CI-}" = true ]; then not_ok 'stopped in the middle (needs strace)'
  else ok 'stopped in the middle # SKIP no strace(1) that may trace'; fi
  finish
fi

# While it works, both locks keep qmail-send from starting, whichever of them that takes; and a
# second run is refused.
queue queue-notqmail; cd "$T" || exit 99; QQ_QUEUE=queue-notqmail/queue
flockable() {
  perl -e "use Fcntl qw(:DEFAULT :flock); $mutex"' exit !flock M, LOCK_EX | LOCK_NB' "$QUEUE"
}
# The first run stands still behind its first unlink, until the second says that it waits.
strace -o "$T/trace" -e trace=unlinkat -e inject=unlinkat:signal=STOP:when=1 sh -c \
  "echo \$\$ >$T/pid; exec qq-rm --jobs 1 $(id 1081647) $(id 1081651)" 2>"$T/first" &
first=$!
until_said 'stopped by SIGSTOP' "$T/trace"
(until_said waiting "$T/second"; kill -CONT "$(cat "$T/pid")") &
# Meanwhile no qmail-send gets a lock (11: EAGAIN), and the second run waits for the first.
try 'flockable; echo $?; lockable; echo $?
  qq-rm $(id 1081657) 2>"$T/second"; sed "s/process [0-9]*/process N/" "$T/second"' <<'T'
out: 1
out: 11
out: qq-rm: waiting for process N, which is changing this queue
out: qq-rm: 1 removed
exit: 0
T
# Behind it all get theirs.
wait $first
try 'cat "$T/first"; left 1081647 1081651 1081657; flockable && lockable' <<'T'
out: qq-rm: 2 removed
out: 
exit: 0
T
finish
