#!/bin/sh
# rm.t - qq-rm while qmail-send is stopped: what is removed, what is left as it was, and when nothing is done at all.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"

# without NAME ...: a tree without the files of these messages; only NAME ...: nothing else is different now
without() { sed "$(for name; do printf '/\\/%s /d;' "$(id "$name")"; done)"; }
only() { tree | without "$@" >"$T/after"; without "$@" <"$T/before" | diff - "$T/after"; }
# The trees in which a message has files.
left() { for name; do find "$QUEUE" -name "$(id "$name")"; done | sed "s|^$QUEUE/||;s|/.*||" | sort | tr '\n' ' '; echo; }

# ---- messages ----
queue queue-notqmail; tree >"$T/before"
try 'qq-rm $(id 1081647); qq-list -c' <<'T'
out: 22
err: qq-rm: 1 removed, 0 silenced, 0 gone, 0 unfinished, 0 failed
exit: 0
T
check 'a failing message is gone with all its files' test "$(left 1081647)" = ''
check 'and nothing else was touched' only 1081647
try 'qq-rm $(token 1081776) $(token 1081812) $(id 1081770); left 1081776 1081812 1081770; qq-list -c' <<'T'
out: 
out: 19
err: qq-rm: 3 removed, 0 silenced, 0 gone, 0 unfinished, 0 failed
exit: 0
T
check 'nothing else was touched by three' only 1081647 1081776 1081812 1081770
# A new one, in todo and intd.
tree >"$T/before"
try 'left 1081821; qq-rm $(token 1081821); left 1081821' <<'T'
out: intd mess todo 
out: 
err: qq-rm: 1 removed, 0 silenced, 0 gone, 0 unfinished, 0 failed
exit: 0
T
check 'nothing else was touched by a new one' only 1081821
# New, with what an interrupted qmail-send made of it.
put 1 me@x.example todo you@y.example </dev/null
printf 'Fme@x.example\0' >"$(at info 1)"; printf 'Tyou@y.example\0' | tee "$(at local 1)" >"$(at remote 1)"; echo x >"$(at bounce 1)"
if am_root; then for tree in info local remote bounce; do chown "$(owner "$QUEUE/info")" "$(at $tree 1)"; done; fi
try 'left 1; qq-rm $(id 1); left 1' <<'T'
out: bounce info intd local mess remote todo 
out: 
err: qq-rm: 1 removed, 0 silenced, 0 gone, 0 unfinished, 0 failed
exit: 0
T
try 'qq-list | qq-rm; qq-list -c; find "$QUEUE" -type f | sed "s|.*queue/||" | sort' <<'T'
out: 0
out: lock/sendmutex
out: lock/tcpto
err: qq-rm: 18 removed, 0 silenced, 0 gone, 0 unfinished, 0 failed
exit: 0
T
queue queue-bigtodo
try 'qq-grep --new | qq-rm --jobs 1; qq-list -c; left 11102467 11102492 11102497' <<'T'
out: 2
out: 
err: qq-rm: 4 removed, 0 silenced, 0 gone, 0 unfinished, 0 failed
exit: 0
T
try 'qq-list | qq-rm --jobs 64; find "$QUEUE" -type f | sed "s|.*queue/||" | sort' <<'T'
out: lock/sendmutex
out: lock/tcpto
err: qq-rm: 2 removed, 0 silenced, 0 gone, 0 unfinished, 0 failed
exit: 0
T
# Further channels.
built suppl 40 --suppl 2 --split 3 --bounces 30
try 'qq-list | qq-rm; find "$QUEUE" -type f | sed "s|.*/suppl/||" | sort' <<'T'
out: lock/sendmutex
out: lock/tcpto
err: qq-rm: 40 removed, 0 silenced, 0 gone, 0 unfinished, 0 failed
exit: 0
T

# ---- what it says ----
queue queue-notqmail
try 'qq-rm -q $(id 1081647); qq-rm --quiet --json $(token 1081648) 5; qq-rm </dev/null; qq-rm -v --json </dev/null' <<'T'
out: {"id":5,"token":"5","result":"gone"}
out: {"id":1081648,"token":"1081648@1795178324160838491","result":"removed"}
exit: 0
T
try 'qq-rm --verbose $(token 1081651) 5@6; qq-rm -v -q $(token 1081657)' <<'T'
err: qq-rm: gone: 5@6
err: qq-rm: removed: 1081651@1795178324166093450
err: qq-rm: 1 removed, 0 silenced, 1 gone, 0 unfinished, 0 failed
err: qq-rm: removed: 1081657@1795178324174439853
exit: 0
T
try 'qq-rm --json $(token 1081763)' <<'T'
out: {"id":1081763,"token":"1081763@1795179177409785063","result":"removed"}
err: qq-rm: 1 removed, 0 silenced, 0 gone, 0 unfinished, 0 failed
exit: 0
T
tree >"$T/before"
try -s 'qq-list | qq-rm --dry-run; qq-rm --dry-run -v $(token 1081764) $(token 1081821) 7 2>&1; qq-rm --dry-run --json -q $(token 1081764)' <<'T'
out: qq-rm: would be gone: 7
out: qq-rm: would be removed: 1081764@1795179177414517821
out: qq-rm: would be removed: 1081821@1795179212018450019
out: qq-rm: would be: 2 removed, 0 silenced, 1 gone, 0 unfinished, 0 failed
out: {"id":1081764,"token":"1081764@1795179177414517821","result":"removed"}
err: qq-rm: would be: 18 removed, 0 silenced, 0 gone, 0 unfinished, 0 failed
exit: 0
T
try 'qq-rm --dry-run -v --to defer $(token 1081764); qq-rm --dry-run --local -q --json $(token 1081776) 7' <<'T'
out: {"id":7,"token":"7","result":"gone"}
out: {"id":1081776,"token":"1081776@1795179177431846107","result":"silenced"}
err: qq-rm: would be silenced: 1081764@1795179177414517821
err: qq-rm: would be: 0 removed, 1 silenced, 0 gone, 0 unfinished, 0 failed
exit: 0
T
# What a run would do is what a run does: a new message has no channels to choose from.
try 'qq-rm --dry-run --local $(token 1081821) 2>&1 | sed "s/.*would be: /qq-rm: /" | tail -n 1; qq-rm --local $(token 1081821) 2>&1 | tail -n 1' <<'T'
out: qq-rm: 0 removed, 0 silenced, 0 gone, 1 unfinished, 0 failed
out: qq-rm: 0 removed, 0 silenced, 0 gone, 1 unfinished, 0 failed
exit: 0
T
check 'a dry run changes nothing' untouched

# ---- recipients ----
queue queue-notqmail; tree >"$T/before"
cp "$(at remote 1081784)" "$T/list"; cp "$(at local 1081776)" "$T/local"; cp "$(at remote 1081776)" "$T/remote"; cp "$(at remote 1081647)" "$T/failing"
try 'qq-rm --to list7@ --to LIST19 $(id 1081784)' <<'T'
err: qq-rm: 0 removed, 1 silenced, 0 gone, 0 unfinished, 0 failed
exit: 0
T
check 'only the right bytes' sh -c 'perl -pe "s/(^|\0)T(?=defer-list(7|19[0-9]?)@)/\$1D/g" "$1" | cmp - "$2"' - "$T/list" "$(at remote 1081784)"
check 'owner, mode and everything else are as they were' only 1081784
try 'qq-show -l $(id 1081784) | grep -c "remote done"; qq-grep -c --done-to list7@; qq-grep -c --to list7@' <<'T'
out: 12
out: 1
out: 0
exit: 1
T
queue queue-notqmail; tree >"$T/before"
try 'qq-rm --local $(id 1081776); qq-rm --local $(id 1081776)' <<'T'
err: qq-rm: 0 removed, 1 silenced, 0 gone, 0 unfinished, 0 failed
err: qq-rm: 0 removed, 0 silenced, 1 gone, 0 unfinished, 0 failed
exit: 0
T
check 'the local one' sh -c 'sed "s/^T/D/" "$1" | cmp - "$2"' - "$T/local" "$(at local 1081776)"
check 'the remote one waits' cmp "$T/remote" "$(at remote 1081776)"
check 'nothing else' only 1081776
queue queue-notqmail
try -s 'qq-rm --channel remote --json $(token 1081776) $(token 1081821); qq-rm --channel remote $(id 1081821)' <<'T'
out: {"id":1081776,"token":"1081776@1795179177431846107","result":"silenced"}
out: {"id":1081821,"token":"1081821@1795179212018450019","result":"unfinished"}
err: qq-rm: warning: unfinished: todo/1081821: is not preprocessed yet, so that its recipients have no channel: start qmail-send and try again
err: qq-rm: 0 removed, 1 silenced, 0 gone, 1 unfinished, 0 failed
err: qq-rm: warning: unfinished: todo/1081821: is not preprocessed yet, so that its recipients have no channel: start qmail-send and try again
err: qq-rm: 0 removed, 0 silenced, 0 gone, 1 unfinished, 0 failed
exit: 111
T
check 'the other way round' sh -c 'sed "s/^T/D/" "$1" | cmp - "$2" && cmp "$3" "$4"' - "$T/remote" "$(at remote 1081776)" "$T/local" "$(at local 1081776)"
queue queue-notqmail
try -s 'qq-list | qq-rm --local --to far.test 2>&1; qq-list | qq-rm --local --channel remote --to mx.example.test 2>/dev/null; qq-list -c; qq-grep --to mx.example.test -c' <<'T'
out: 1
out: 23
out: qq-rm: 0 removed, 0 silenced, 21 gone, 2 unfinished, 0 failed
out: qq-rm: warning: unfinished: todo/1081821: is not preprocessed yet, so that its recipients have no channel: start qmail-send and try again
out: qq-rm: warning: unfinished: todo/1081823: is not preprocessed yet, so that its recipients have no channel: start qmail-send and try again
exit: 0
T
try 'qq-rm --remote --to good@ $(id 1081647)' <<'T'
err: qq-rm: 0 removed, 0 silenced, 1 gone, 0 unfinished, 0 failed
exit: 0
T
check 'who is done stays done, who is not meant waits' cmp "$T/failing" "$(at remote 1081647)"
try 'qq-rm --local --remote $(id 1081647); qq-show $(id 1081647) | sed "1d;s/^ *//;s/ 20 Nov.*//"; left 1081647' <<'T'
out: 1081647 done
out: bounce info mess remote 
err: qq-rm: 0 removed, 1 silenced, 0 gone, 0 unfinished, 0 failed
exit: 0
T
# New: T becomes u, which qmail-send passes over, and a number behind it is nobody's uid.
printf 'u1001\0p7\0Fme@x.example\0T1234\0Tyou@far.test\0Tme@x.example\0' | tee "$T/todo" >"$(at todo 1081821)"
try 'qq-rm --to 1234 --to you@FAR $(id 1081821); qq-grep --uid 0 --to 1234; qq-show -l $(id 1081821) | grep -e " to " -e " done "' <<'T'
out:   done        1234
out:   done        you@far.test
out:   to          me@x.example
err: qq-rm: 0 removed, 1 silenced, 0 gone, 0 unfinished, 0 failed
exit: 0
T
check 'only the right bytes in todo' sh -c 'printf "u1001\0p7\0Fme@x.example\0u1234\0uyou@far.test\0Tme@x.example\0" | cmp - "$1"' - "$(at todo 1081821)"
# A record that does not end is never delivered, and left alone.
printf 'Tone@y.example\0Ttwo@y.exam' >"$(at remote 1081648)"
try 'qq-rm --to y.exam $(id 1081648)' <<'T'
err: qq-rm: 0 removed, 1 silenced, 0 gone, 0 unfinished, 0 failed
exit: 0
T
check 'a record without its NUL stays' sh -c 'printf "Done@y.example\0Ttwo@y.exam" | cmp - "$1"' - "$(at remote 1081648)"
# Addresses that look like records; all in one file; more than a buffer.
put 2 me@x.example remote you@y.example </dev/null; perl -e 'print map { "T$_\@y.example\0" } "T", "D\nT", "", 1 .. 20000, "last"' >"$(at remote 2)"
cp "$(at remote 2)" "$T/long"
try 'qq-rm --to 7 --to last --to "T@" $(id 2)' <<'T'
err: qq-rm: 0 removed, 1 silenced, 0 gone, 0 unfinished, 0 failed
exit: 0
T
check 'in a long file too' sh -c 'perl -0pe "s/^T(?=.*(7|last|t@))/D/si" "$1" | cmp - "$2"' - "$T/long" "$(at remote 2)"

# ---- what is not touched ----
queue queue-notqmail
# qmail-queue may still be writing it; after 36 hours it is dead.
for n in 1 2 3; do printf 'half' | put $n me@x.example todo you@y.example; rm "$(at todo $n)"; touch "$(at mess $n)"; done; rm "$(at intd 1)"
old() { perl -e 'utime time - $ARGV[0], time - $ARGV[1], $ARGV[2] or die' "$@"; }
old 129000 129000 "$(at mess 2)"; old 60 200000 "$(at mess 3)"; tree >"$T/before"
try 'qq-rm -v --to you $(id 1); qq-rm $(id 1) $(id 2) $(id 3); left 1 2 3' <<'T'
out: intd intd mess mess mess 
err: qq-rm: gone: 1
err: qq-rm: 0 removed, 0 silenced, 1 gone, 0 unfinished, 0 failed
err: qq-rm: 0 removed, 0 silenced, 3 gone, 0 unfinished, 0 failed
exit: 0
T
check 'what is being written is not touched' untouched
old 130000 130000 "$(at mess 1)"; old 130000 130000 "$(at mess 2)"
try 'qq-rm $(id 1) $(id 2) $(id 3); left 1 2; left 3' <<'T'
out: 
out: intd mess 
err: qq-rm: 2 removed, 0 silenced, 1 gone, 0 unfinished, 0 failed
exit: 0
T
# A stamp that does not match: gone, and whoever has the number now is not touched.
tree >"$T/before"
try 'qq-rm $(id 1081647)@1795179138967067371 $(id 1081821)@0; qq-rm --to defer $(id 1081647)@1' <<'T'
err: qq-rm: 0 removed, 0 silenced, 2 gone, 0 unfinished, 0 failed
err: qq-rm: 0 removed, 0 silenced, 1 gone, 0 unfinished, 0 failed
exit: 0
T
check 'a wrong stamp touches nothing' untouched
# A removed message leaves the number to another one, which a token with a stamp does not mean.
number=$(id 1081647); qq-rm -q "$number"
printf 'innocent\n' >"$QUEUE/mess/new"; mv "$QUEUE/mess/new" "$(place mess "$number")"; printf 'Fi@x.example\0' >"$(place info "$number")"; printf 'Ti@y.example\0' >"$(place remote "$number")"
if am_root; then chown "$(owner "$QUEUE/mess")" "$(place mess "$number")"; chown "$(owner "$QUEUE/info")" "$(place info "$number")" "$(place remote "$number")"; fi
try 'qq-rm $(token 1081647); left 1081647' <<'T'
out: info mess remote 
err: qq-rm: 0 removed, 0 silenced, 1 gone, 0 unfinished, 0 failed
exit: 0
T
if skip_unless_root 'owners'; then
  queue queue-notqmail
  chown 4242 "$(at mess 1081647)"; tree >"$T/before"
  try 'qq-rm $(id 1081647); qq-rm --to defer2 $(id 1081647)' <<'T'
err: qq-rm: warning: failed: mess/*/1081647: has a foreign owner, expected those of mess/ or info/, or root
err: qq-rm: 0 removed, 0 silenced, 0 gone, 0 unfinished, 1 failed
err: qq-rm: warning: failed: mess/*/1081647: has a foreign owner, expected those of mess/ or info/, or root
err: qq-rm: 0 removed, 0 silenced, 0 gone, 0 unfinished, 1 failed
exit: 111
T
  check 'a foreign owner is refused' untouched
  # Over, held, interrupted: all may be removed; what is left of them too.
  chown 0 "$(at mess 1081648)"; chown "$(owner "$QUEUE/info" | sed 's/:.*//')" "$(at mess 1081651)" "$(at mess 1081823)" "$(at mess 1081770)" "$(at mess 1081657)"
  rm "$(at bounce 1081770)" "$(at remote 1081770)"; rm "$(at remote 1081657)" "$(at info 1081657)"
  try 'qq-rm $(id 1081648); qq-list --over | qq-rm; qq-rm -v $(id 1081657); left 1081648 1081651 1081823 1081770 1081657; qq-list --over -c' <<'T'
out: 
out: 0
err: qq-rm: 1 removed, 0 silenced, 0 gone, 0 unfinished, 0 failed
err: qq-rm: 3 removed, 0 silenced, 0 gone, 0 unfinished, 0 failed
err: qq-rm: removed: 1081657
err: qq-rm: 1 removed, 0 silenced, 0 gone, 0 unfinished, 0 failed
exit: 0
T
  # As a user who may not: nothing is changed.
  chmod -R o+rX "$QUEUE"; chmod o+w "$QUEUE/lock/sendmutex"; tree >"$T/before"
  try 'nobody qq-rm $(id 1081763) 2>&1 | sed "s|$T/||"' <<'T'
out: qq-rm: warning: failed: unable to change the owner of mess/*/1081763: Operation not permitted (run it as root)
out: qq-rm: 0 removed, 0 silenced, 0 gone, 0 unfinished, 1 failed
exit: 0
T
  check 'without the right to, nothing is changed' untouched
fi

# ---- when qmail-send runs, or may ----
queue queue-notqmail; cd "$T" || exit 99; QQ_QUEUE=queue-notqmail/queue
tree >"$T/before"
# refused COMMAND: what it says, with the process as N, and its exit code
refused() { "$@" 2>"$T/said"; code=$?; sed 's/process [0-9][0-9]*/process N/' "$T/said"; return $code; }
says_who() { grep "process $holder" "$T/said"; }
waits() { for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ ! -e "$T/ready" ] || break; sleep 0.1; done; rm -f "$T/ready"; }
# hold PERL: a process that does this and goes on until release
hold() { rm -f "$T/ready"; perl -e 'use Fcntl qw(:DEFAULT :flock); $| = 1; '"$1"'; open my $r, ">", "'"$T"'/ready"; close $r; sleep 100' "$QUEUE" & holder=$!; waits; }
release() { kill "$holder"; wait "$holder" 2>/dev/null; }
trigger='sysopen T, "$ARGV[0]/lock/trigger", O_RDONLY | O_NONBLOCK or die'
mutex='sysopen M, "$ARGV[0]/lock/sendmutex", O_WRONLY or die'

hold "$trigger"
try 'qq-rm $(id 1081647)' <<'T'
err: qq-rm: fatal: qmail-send is running on queue-notqmail/queue: stop it first; nothing was done
exit: 111
T
try 'qq-list | qq-rm --dry-run; qq-rm --local $(id 1081776)' <<'T'
err: qq-rm: fatal: qmail-send is running on queue-notqmail/queue: stop it first; nothing was done
err: qq-rm: fatal: qmail-send is running on queue-notqmail/queue: stop it first; nothing was done
exit: 111
T
# Without ids there is nothing to refuse.
try 'qq-rm </dev/null; qq-rm -v - </dev/null; qq-rm 5 2>/dev/null' <<'T'
exit: 111
T
release
hold "$trigger; $mutex; flock M, LOCK_EX or die"
try 'refused qq-rm $(id 1081647)' <<'T'
out: qq-rm: fatal: qmail-send is running on queue-notqmail/queue (process N): stop it first; nothing was done
exit: 111
T
check 'it says which process' says_who
release
hold "$mutex; flock M, LOCK_EX or die"
try 'refused qq-rm $(id 1081647)' <<'T'
out: qq-rm: fatal: queue-notqmail/queue/lock/sendmutex is locked by process N, but nobody reads lock/trigger: qmail-send is starting or stopping, or a child outlived it
exit: 111
T
check 'it says which process has the lock' says_who
# A dry run takes no lock, and asks for none.
try 'qq-rm --dry-run $(id 1081647)' <<'T'
err: qq-rm: would be: 1 removed, 0 silenced, 0 gone, 0 unfinished, 0 failed
exit: 0
T
release
# A qmail that was built with lockf(3).
record='my \$f = pack("ssx![l!]l!l!ix![l!]", F_WRLCK, 0, 0, 0, 0); fcntl M, F_SETLK, \$f or die qq(\$!)'
record=$(echo "$record" | tr -d '\\')
lockable() { perl -e 'use Fcntl; sysopen M, "$ARGV[0]/lock/sendmutex", O_WRONLY or die; '"$record" "$QUEUE" 2>/dev/null; }
hold "$mutex; $record"
if lockable; then ok 'a record lock # SKIP perl knows another struct flock'
else
  try 'refused qq-rm $(id 1081647)' <<'T'
out: qq-rm: fatal: queue-notqmail/queue/lock/sendmutex is locked by process N, but nobody reads lock/trigger: qmail-send is starting or stopping, or a child outlived it
exit: 111
T
  check 'it says which process has the record lock' says_who
fi
release
check 'none of these did anything' untouched

# ---- the mutex handed down ----
handed() { perl -e 'use Fcntl qw(:DEFAULT :flock F_SETFD); my ($q, $file, $lock, @command) = @ARGV; sysopen M, "$q/$file", O_RDWR | O_CREAT or die;
  !$lock or flock M, LOCK_EX or die; fcntl M, F_SETFD, 0 or die; $ENV{QQ_MUTEX} = fileno M; exec @command or die' "$QUEUE" "$@"; }
try 'handed lock/sendmutex 1 qq-rm $(token 1081647); left 1081647' <<'T'
out: 
err: qq-rm: 1 removed, 0 silenced, 0 gone, 0 unfinished, 0 failed
exit: 0
T
try 'handed lock/sendmutex "" qq-rm $(token 1081648)' <<'T'
err: qq-rm: 1 removed, 0 silenced, 0 gone, 0 unfinished, 0 failed
exit: 0
T
# Another file, a closed descriptor, no number: as if nothing were said.
hold "$mutex; flock M, LOCK_EX or die"
tree >"$T/before"
: >"$T/other"
try 'refused handed ../../other 1 qq-rm $(id 1081651); for said in 99 0 x; do QQ_MUTEX=$said qq-rm $(id 1081651) >/dev/null 2>&1; echo $?; done' <<'T'
out: qq-rm: fatal: queue-notqmail/queue/lock/sendmutex is locked by process N, but nobody reads lock/trigger: qmail-send is starting or stopping, or a child outlived it
out: 111
out: 111
out: 111
exit: 0
T
release
# Handed down by one that does not have it either.
hold "$trigger; $mutex; flock M, LOCK_EX or die"
try 'refused handed lock/sendmutex "" qq-rm $(id 1081651)' <<'T'
out: qq-rm: fatal: qmail-send is running on queue-notqmail/queue (process N): stop it first; nothing was done
exit: 111
T
release
check 'none of these did anything either' untouched

# ---- two runs at once ----
hold 'opendir my $d, "$ARGV[0]/info" or die; open I, "<", "$ARGV[0]/info" or die; flock I, LOCK_EX or die'
try 'qq-rm $(id 1081651)' <<'T'
err: qq-rm: fatal: queue-notqmail/queue/info is locked: another program is changing this queue
exit: 111
T
release
check 'the second run did nothing' untouched
try 'qq-rm $(id 1081651)' <<'T'
err: qq-rm: 1 removed, 0 silenced, 0 gone, 0 unfinished, 0 failed
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
mkfifo "$QUEUE/lock/trigger"; rm "$QUEUE/lock/sendmutex"; ln -s "$T/other" "$QUEUE/lock/sendmutex"; tree >"$T/before"
try 'qq-rm $(id 1081657)' <<'T'
err: qq-rm: fatal: unable to take queue-notqmail/queue/lock/sendmutex: Too many levels of symbolic links
exit: 111
T
check 'a link is no lock' untouched

# ---- stopped and killed in the middle ----
# The sanitizers see all of the program above; killing it shows nothing more of them, and takes them a minute.
case $BUILD in */asan) finish ;; esac
if ! strace -o /dev/null -e inject=unlinkat:delay_enter=1:when=1000 true 2>/dev/null; then
  if [ "${CI-}" = true ]; then not_ok 'killed at any moment (needs strace)'; else ok 'killed at any moment # SKIP no strace(1) that may trace'; fi
  finish
fi

# While it works, both locks keep qmail-send from starting, whichever of them that takes; and a second run is refused.
queue queue-notqmail; cd "$T" || exit 99; QQ_QUEUE=queue-notqmail/queue
flockable() { perl -e 'use Fcntl qw(:DEFAULT :flock); sysopen M, "$ARGV[0]/lock/sendmutex", O_WRONLY or die; exit !flock M, LOCK_EX | LOCK_NB' "$QUEUE"; }
strace -f -o "$T/trace" -e trace=unlinkat -e inject=unlinkat:delay_enter=3000000:when=1 qq-rm --jobs 1 "$(id 1081647)" "$(id 1081651)" 2>"$T/first" &
first=$!
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do grep -q unlinkat "$T/trace" 2>/dev/null && break; sleep 0.1; done
try 'qq-rm $(id 1081657); flockable; echo $?; lockable; echo $?; qq-rm --local $(id 1081776) 2>/dev/null' <<'T'
out: 1
out: 11
err: qq-rm: fatal: queue-notqmail/queue/info is locked: another program is changing this queue
exit: 111
T
wait $first
try 'cat "$T/first"; left 1081647 1081651; left 1081657; flockable && lockable && qq-rm $(id 1081657)' <<'T'
out: qq-rm: 2 removed, 0 silenced, 0 gone, 0 unfinished, 0 failed
out: 
out: info mess remote 
err: qq-rm: 1 removed, 0 silenced, 0 gone, 0 unfinished, 0 failed
exit: 0
T

# legal: every message is in one of qmail's states (doc/qmail-queue.5): no file without its mess file, recipients and bounce only with info or todo,
# intd not beside info alone.
legal() {
  (cd "$QUEUE" && for tree in mess intd todo info local remote bounce; do find $tree -type f | sed 's|.*/||' | sort >"$T/in-$tree"; done
    sort -u "$T/in-info" "$T/in-todo" >"$T/queued"; comm -23 "$T/in-info" "$T/in-todo" >"$T/preprocessed"
    for tree in intd todo info local remote bounce; do comm -23 "$T/in-$tree" "$T/in-mess" | sed "s|^|$tree without mess: |"; done
    for tree in local remote bounce; do comm -23 "$T/in-$tree" "$T/queued" | sed "s|^|$tree without info or todo: |"; done
    comm -12 "$T/in-intd" "$T/preprocessed" | sed 's|^|intd beside info: |') >"$T/illegal"
  cat "$T/illegal"; [ ! -s "$T/illegal" ]
}
# What has been begun is over, so that it cannot be delivered any more.
begun_is_over() {
  for id in $victims; do
    [ -z "$(left "$id")" ] || [ "$(left "$id")" = "$(sed -n "s/^$id //p" "$T/whole")" ] || [ "$(owner "$(at mess "$id")" | sed 's/:.*//')" = "$qmails" ] || { echo "$id: only $(left "$id")"; return 1; }
  done
}
# kill_at SYSCALL N: the queue is legal, nobody else is touched, and the same ids finish the work
kill_at() {
  rm -rf "$T/killed"; built killed 6 --seed 3 --split 2 --new 40 --bounces 50 --recipients 3
  qq-list --lines | sort >"$T/tokens"; sed 's/@.*//;s/.*/& &/' "$T/tokens" >"$T/numbers"
  qmails=$(owner "$QUEUE/info" | sed 's/:.*//')
  victims=$(sed -n '1,4s/@.*//p' "$T/tokens"); tokens=$(sed -n 1,4p "$T/tokens"); tree >"$T/before"
  for id in $victims; do echo "$id $(left "$id")"; done >"$T/whole"
  strace -f -o /dev/null -e trace="$1" -e inject="$1:signal=KILL:when=$2" qq-rm --jobs 1 $tokens >"$T/last-words" 2>&1 && { echo "it was not killed"; return 1; }
  ! grep qq-rm "$T/last-words" && legal && only $victims && begun_is_over || return 1       # it has not reported any success
  qq-rm $tokens && [ -z "$(left $victims)" ] && legal && only $victims
}
# Where all files belong to one user, what has lost its info looks like what qmail-queue is writing, and is not finished.
if skip_unless_root 'killed at any moment'; then
  for n in 1 2 3 4 5 6 7 8 9 10 11 12; do check "killed at unlink $n" kill_at unlinkat $n; done
  for n in 1 2 3; do check "killed at chown $n" kill_at fchown $n; done
  check 'killed at the sync' kill_at syncfs 1
fi
finish
