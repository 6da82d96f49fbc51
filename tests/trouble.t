#!/bin/sh
# trouble.t - the programs that change a queue, when the system does not let them: what
# they say, with which exit code, and that a message on which nothing could be begun is as
# it was, to the nanosecond.

# With mounts of its own, which end with it.
if [ -z "${QQ_MOUNTS-}" ] && unshare -m true 2>/dev/null; then
  QQ_MOUNTS=1; export QQ_MOUNTS; exec unshare -m "$0"
fi
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/change.sh"
fresh() {
  queue queue-notqmail; mkdir -p "$QUEUE/../control"; cd "$T" || exit 99
  QQ_QUEUE=queue-notqmail/queue
  for n in 1081647 1081648 1081651 1081776 1081821; do born $n 86400 86340; done
  exactly >"$T/exactly"
}

# ---- who may not ----
fresh
if skip_unless_root 'who may not'; then
  qmails=$(owner "$QUEUE/info") qmailq=$(owner "$QUEUE/mess")
  try 'for who in 65534:65534 $qmailq; do as $who qq-rm $(id 1081647);
    as $who qq-rm --to defer $(id 1081647); as $who qq-rm --dry-run $(id 1081647); done' <<'T'
err: qq-rm: fatal: unable to open the queue queue-notqmail/queue: Permission denied (run it as root)
err: qq-rm: fatal: unable to open the queue queue-notqmail/queue: Permission denied (run it as root)
err: qq-rm: fatal: unable to open the queue queue-notqmail/queue: Permission denied (run it as root)
err: qq-rm: fatal: unable to read queue-notqmail/queue/info: Permission denied (run it as root)
err: qq-rm: fatal: unable to read queue-notqmail/queue/info: Permission denied (run it as root)
err: qq-rm: fatal: unable to read queue-notqmail/queue/info: Permission denied (run it as root)
exit: 111
T
  check 'nothing is changed' as_before
  try 'as $qmails qq-rm $(id 1081647); as $qmails qq-rm -v $(id 1081821);
    as $qmails qq-rm --to nobody $(id 1081647)' <<'T'
err: qq-rm: warning: failed: unable to change the owner of mess/*/1081647:
...:  Operation not permitted (run it as root)
err: qq-rm: 1 failed
err: qq-rm: warning: failed: unable to change the owner of mess/*/1081821:
...:  Operation not permitted (run it as root)
err: qq-rm: failed: 1081821
err: qq-rm: 1 failed
err: qq-rm: 1 unmatched
exit: 0
T
  check 'nothing is changed as qmails either, who may not give files away' as_before
  try 'as $qmails qq-rm --to defer20 $(id 1081821);
    as $qmails qq-rm --dry-run --to defer $(id 1081821)' <<'T'
err: qq-rm: warning: failed: unable to write todo/1081821: Permission denied (run it as root)
err: qq-rm: 1 failed
err: qq-rm: would be: 1 silenced
exit: 0
T
  sending
  try 'for who in 65534:65534 $qmailq; do as $who qq-rm $(id 1081647); done;
    as $qmails qq-rm $(id 1081647); as $qmails qq-rm $(id 1081821);
    as $qmails qq-rm --to defer20 $(id 1081821)' <<'T'
err: qq-rm: fatal: unable to open the queue queue-notqmail/queue: Permission denied (run it as root)
err: qq-rm: fatal: unable to read queue-notqmail/queue/info: Permission denied (run it as root)
err: qq-rm: warning: failed: unable to change the owner of mess/*/1081647:
...:  Operation not permitted (run it as root)
err: qq-rm: 1 failed
err: qq-rm: warning: failed: unable to change the owner of mess/*/1081821:
...:  Operation not permitted (run it as root)
err: qq-rm: 1 failed
err: qq-rm: warning: failed: unable to write todo/1081821: Permission denied (run it as root)
err: qq-rm: 1 failed
exit: 111
T
  check 'nor while qmail-send runs' as_before
  chmod -R o+rX "$QUEUE"; chmod o+w "$QUEUE/lock/sendmutex" "$QUEUE/lock/trigger"
  exactly >"$T/exactly"
  try 'nobody qq-rm $(id 1081647); nobody qq-rm $(id 1081821);
    nobody qq-rm --to defer $(id 1081647); nobody qq-rm --to defer20 $(id 1081821)' <<'T'
err: qq-rm: warning: failed: unable to set the birth of info/*/1081647:
...:  Operation not permitted (run it as root)
err: qq-rm: 1 failed
err: qq-rm: warning: failed: unable to change the owner of mess/*/1081821:
...:  Operation not permitted (run it as root)
err: qq-rm: 1 failed
err: qq-rm: warning: failed: unable to write remote/*/1081647: Permission denied (run it as root)
err: qq-rm: 1 failed
err: qq-rm: warning: failed: unable to write todo/1081821: Permission denied (run it as root)
err: qq-rm: 1 failed
exit: 111
T
  check 'nor by somebody else' as_before
  alone
  try 'nobody qq-rm --to defer $(id 1081647)' <<'T'
err: qq-rm: warning: failed: unable to write remote/*/1081647: Permission denied (run it as root)
err: qq-rm: 1 failed
exit: 111
T
  check 'offline' as_before
fi

# ---- output that nobody takes ----
fresh
try 'qq-rm --json $(id 1081647) >/dev/full; left 1081647; qq-rm -v $(id 1081648) 2>/dev/full;
  echo $?; left 1081648' <<'T'
out: 
out: 0
out: 
err: qq-rm: fatal: unable to write to standard output: No space left on device
exit: 0
T
# A pipe that nobody reads any more.
unread() { perl -e 'pipe R, W or die; close R; open STDOUT, ">&W" or die; exec @ARGV' "$@"; }
try 'unread qq-rm --json $(id 1081651); echo $? >&2; left 1081651;
  qq-expire $(id 1081776) >/dev/full' <<'T'
out: 
err: qq-rm: fatal: unable to write to standard output: Broken pipe
err: 111
err: qq-expire: fatal: unable to write to standard output: No space left on device
exit: 111
T

# ---- numbers of every size ----
fresh
big=18446744073709551615
for tree in mess info remote; do mv "$(at $tree 1081647)" \
  "$QUEUE/$tree/$(perl -e 'print 18446744073709551615 % 23')/$big"; done
rm "$(at bounce 1081647)"
try 'qq-list --lines $big | sed "s/@.*//"; qq-rm --dry-run -v $big;
  qq-rm --json 1@9999999999999999999; qq-rm --json $big 1; qq-list -c; qq-rm 18446744073709551616;
  qq-hold -q 9223372036854775808@9223372036854775807' <<'T'
out: 18446744073709551615
out: {"id":1,"token":"1@9999999999999999999","result":"gone"}
out: {"id":1,"token":"1","result":"gone"}
out: {"id":18446744073709551615,"token":"18446744073709551615","result":"removed"}
out: 22
err: qq-rm: would be removed: 18446744073709551615
err: qq-rm: would be: 1 removed
err: qq-rm: 1 gone
err: qq-rm: 1 removed, 1 gone
err: qq-rm: fatal: operand 1 is "18446744073709551616": expected ID or ID@STAMP
err: qq-hold: warning: message 9223372036854775808 is not in the queue (any more)
exit: 1
T
if skip_unless_root 'many tokens'; then
  # Memory: what the programs need anyway, and less than 24 bytes a token.
  fresh; exactly >"$T/exactly"
  perl -e 'print 3000000000 + 654321 * $_ % 1000003, "\@1795179138967067370\n" for 1 .. 250000' \
    >"$T/many"
  peak() { measure "$@" 2>&1 >/dev/null | awk 'END { print $4 }'; }
  spends() {
    least=$(peak "$@" -q 7); most=$(peak "$@" -q <"$T/many")
    echo "$* takes $least KB for one, $most KB for 250,000"
    [ $(((most - least) * 1024)) -lt $((24 * 250000)) ]
  }
  case $BUILD in
*/asan) ;;
    *) for call in qq-rm qq-hold qq-expire; do check "$call spends less than 24 bytes a token" \
      spends $call; done ;;
esac
  sending
  case $BUILD in
*/asan) ;;
    *) check "qq-rm spends less than 24 bytes a token, too, while qmail-send runs" spends qq-rm \
      --wait 0 ;;
esac
  try 'qq-rm --json <many | wc -l' <<'T'
out: 250000
err: qq-rm: 250000 gone
exit: 0
T
  alone
  check 'and nothing was touched' as_before
fi
# Cut off anywhere it is wrong, or a token; the program cannot know which: so
# the last one needs its end.
token=$(token 1081648); fresh
cut_off() { for n in $(seq 1 3 ${#token}); do printf "%.${n}s" "$token" | qq-rm 2>&1 |
  sed 's/".*"/"..."/'; done | sort | uniq -c | sed 's/^ *//'; }
try 'cut_off | sed "s/^[0-9]*/N/"' <<'T'
out: N qq-rm: fatal: standard input, token 1 is "...": cut off, expected a NUL or a newline after it
exit: 0
T
check 'nothing was done' as_before

# ---- few descriptors ----
if skip_unless_root 'few descriptors'; then
  built few 40 --split 3 --suppl 2; cd "$T" || exit 99; QQ_QUEUE=few; sending
  try 'ulimit -n 30; qq-list --over -c; qq-list | qq-rm; ulimit -n 28; qq-list --over | qq-rm' <<'T'
out: 0
err: qq-rm: 40 silenced
err: qq-rm: 40 silenced
exit: 0
T
  for limit in 64 70 100; do
    try "(ulimit -n $limit; qq-list --over | qq-rm -q; qq-list --over -c)" <<'T'
out: 40
exit: 0
T
  done
  alone
  try "ulimit -n 20; qq-list --over | qq-rm" <<'T'
err: qq-rm: 40 removed
exit: 0
T
fi

# ---- what fails is named ----
case $BUILD in */asan) finish ;; esac
if ! strace -o /dev/null -e inject=unlinkat:delay_enter=1:when=1000 true 2>/dev/null; then
  if [ "${CI-}" = true ]; then not_ok 'what fails is named (needs strace)'
  else ok 'what fails is named # SKIP no strace(1) that may trace'; fi
  finish
fi
skip_unless_root 'what fails is named' || finish

# Offline. The first unlink is that of a replacement that an earlier run
# left, which need not succeed.
fresh
try 'broken fchown EROFS 1 qq-rm $(id 1081647); broken fchown EPERM 1 qq-rm $(id 1081821);
  broken unlinkat EIO 2 qq-rm $(id 1081647); broken unlinkat EROFS 2+ qq-rm $(id 1081821)' <<'T'
err: qq-rm: warning: failed: unable to change the owner of mess/*/1081647: Read-only file system
err: qq-rm: 1 failed
err: qq-rm: warning: failed: unable to change the owner of mess/*/1081821:
...:  Operation not permitted
err: qq-rm: 1 failed
err: qq-rm: warning: failed: unable to remove bounce/1081647: Input/output error
err: qq-rm: 1 failed
err: qq-rm: warning: failed: unable to remove local/*/1081821: Read-only file system
err: qq-rm: 1 failed
exit: 111
T
check 'what could not be begun is as it was' as_before
try 'broken unlinkat EIO 3 qq-rm -v $(id 1081647); look 1081647;
  broken unlinkat EIO 3 qq-rm --json $(token 1081821 | sed "s/@.*//") >/dev/null; look 1081821;
  qq-list --over -c' <<'T'
out: mess qmails 644
out: info qmails 600 born 24 hours ago Fme@b.test\0
out: remote qmails 600 Dgood@far.test\0Dfail1@far.test\0Tdefer2@far.test\0
out: mess qmailq 644
out: intd qmailq 644 u0\0p18546\0Ft1@todo.example\0Tdefer20@far.test\0Tpostmaster@mx.example.test\0
out: todo qmailq 644 u0\0p18546\0Ft1@todo.example\0Tdefer20@far.test\0Tpostmaster@mx.example.test\0
out: 1
err: qq-rm: warning: unfinished: unable to remove local/*/1081647: Input/output error
err: qq-rm: unfinished: 1081647
err: qq-rm: 1 unfinished
err: qq-rm: warning: failed: unable to remove remote/*/1081821: Input/output error
err: qq-rm: 1 failed
exit: 0
T
try 'qq-rm $(id 1081647) $(id 1081821); left 1081647 1081821' <<'T'
out: 
err: qq-rm: 2 removed
exit: 0
T
try 'broken unlinkat EIO 1 qq-rm $(id 1081648); broken syncfs EIO 1 qq-rm $(id 1081651);
  left 1081648 1081651' <<'T'
out: 
err: qq-rm: 1 removed
err: qq-rm: fatal: unable to sync queue-notqmail/queue: Input/output error
exit: 0
T
# Some recipients.
fresh
try 'for error in EIO ENOSPC EDQUOT; do broken pwrite64 $error 1 qq-rm --to defer $(id 1081776);
  done' <<'T'
err: qq-rm: warning: failed: unable to mark recipients in local/*/1081776: Input/output error
err: qq-rm: 1 failed
err: qq-rm: warning: failed: unable to mark recipients in local/*/1081776: No space left on device
err: qq-rm: 1 failed
err: qq-rm: warning: failed: unable to mark recipients in local/*/1081776: Disk quota exceeded
err: qq-rm: 1 failed
exit: 111
T
check 'nobody is marked' as_before
try 'broken pwrite64 EIO 2 qq-rm --to defer $(id 1081776); look 1081776;
  qq-rm --to defer $(id 1081776); look 1081776 | tail -n 2' <<'T'
out: mess qmailq 644
out: info qmails 600 born 24 hours ago Fbob@shop.example\0
out: local qmails 600 Ddeferlocal@mx.example.test\0
out: remote qmails 600 Tdefer3@far.test\0
out: local qmails 600 Ddeferlocal@mx.example.test\0
out: remote qmails 600 Ddefer3@far.test\0
err: qq-rm: warning: unfinished: unable to mark recipients in remote/*/1081776: Input/output error
err: qq-rm: 1 unfinished
err: qq-rm: 1 silenced
exit: 0
T
# Hold, release, expire.
fresh
try 'broken utimensat EROFS 1 qq-hold $(id 1081647); broken fchown EROFS 1 qq-hold $(id 1081647);
  broken fchown EPERM 1 qq-hold $(id 1081821); broken utimensat EIO 1 qq-expire $(id 1081647);
  broken openat EMFILE 30+ qq-hold $(id 1081647) | cut -c 1-20' <<'T'
err: qq-hold: warning: failed: unable to set the birth of info/*/1081647: Read-only file system
err: qq-hold: 1 failed
err: qq-hold: warning: failed: unable to change the owner of mess/*/1081647: Read-only file system
err: qq-hold: 1 failed
err: qq-hold: warning: failed: unable to change the owner of mess/*/1081821:
...:  Operation not permitted
err: qq-hold: 1 failed
err: qq-expire: warning: failed: unable to set the birth of info/*/1081647: Input/output error
err: qq-expire: 1 failed
err: qq-hold: fatal: unable to read queue-notqmail/queue/mess: Too many open files
exit: 0
T
check 'what could not be begun is as it was' as_before
qq-hold -q "$(id 1081647)" "$(id 1081821)"; exactly >"$T/exactly"
try 'broken utimensat EROFS 1 qq-release $(id 1081647);
  broken fchown EROFS 1 qq-release $(id 1081647);
  broken fchown EPERM 1 qq-release $(id 1081821)' <<'T'
err: qq-release: warning: failed: unable to set the birth of info/*/1081647: Read-only file system
err: qq-release: 1 failed
err: qq-release: warning: failed: unable to change the owner of mess/*/1081647:
...:  Read-only file system
err: qq-release: 1 failed
err: qq-release: warning: failed: unable to change the owner of mess/*/1081821:
...:  Operation not permitted
err: qq-release: 1 failed
exit: 111
T
check 'what could not be released is held as it was' as_before
try 'broken syncfs EIO 1 qq-release $(id 1081647); look 1081647 | head -n 2;
  broken syncfs EIO 1 qq-hold $(id 1081647); broken syncfs EIO 1 qq-expire $(id 1081648)' <<'T'
out: mess qmailq 644
out: info qmails 600 born when queued Fme@b.test\0
err: qq-release: fatal: unable to sync queue-notqmail/queue: Input/output error
err: qq-hold: fatal: unable to sync queue-notqmail/queue: Input/output error
err: qq-expire: fatal: unable to sync queue-notqmail/queue: Input/output error
exit: 111
T

# ---- while qmail-send runs ----
fresh; sending
# The replacement for info cannot be made, written, given to qmails; the birth cannot be set; the
# message cannot be given to root.
try 'broken fchown EROFS 1 qq-rm $(id 1081647); broken fchmod EIO 1 qq-rm $(id 1081647);
  broken write EIO 1 qq-rm $(id 1081647); broken utimensat EROFS 1 qq-rm $(id 1081647)' <<'T'
err: qq-rm: warning: failed: unable to change the owner of mess/*/1081647: Read-only file system
err: qq-rm: 1 failed
err: qq-rm: warning: failed: unable to change the owner of mess/*/1081647: Input/output error
err: qq-rm: 1 failed
err: qq-rm: warning: failed: unable to replace info/*/1081647: Input/output error
err: qq-rm: 1 failed
err: qq-rm: warning: failed: unable to set the birth of info/*/1081647: Read-only file system
err: qq-rm: 1 failed
exit: 111
T
check 'what could not be begun is as it was, without a replacement beside it' as_before
try 'broken fchown EIO 1 qq-rm $(id 1081647); broken renameat2 EIO 1 qq-rm $(id 1081647);
  broken fchown EIO 1 qq-rm $(id 1081821); broken pwrite64 EIO 1 qq-rm $(id 1081821)' <<'T'
err: qq-rm: warning: failed: unable to change the owner of mess/*/1081647: Input/output error
err: qq-rm: 1 failed
err: qq-rm: warning: failed: unable to replace info/*/1081647: Input/output error
err: qq-rm: 1 failed
err: qq-rm: warning: failed: unable to change the owner of mess/*/1081821: Input/output error
err: qq-rm: 1 failed
err: qq-rm: warning: failed: unable to mark recipients in todo/1081821: Input/output error
err: qq-rm: 1 failed
exit: 111
T
check 'nor is it changed by what fails a moment later' as_before
# From here on it is begun, and the same ids finish it.
try 'broken pwrite64 EIO 2 qq-rm $(id 1081776); look 1081776; qq-grep --interrupted -c;
  qq-rm $(id 1081776); look 1081776' <<'T'
out: mess root 555
out: info qmails 600 born now F#@[]\0
out: local qmails 600 Ddeferlocal@mx.example.test\0
out: remote qmails 600 Tdefer3@far.test\0
out: 1
out: mess qmails 555
out: info qmails 600 born now F#@[]\0
out: local qmails 600 Ddeferlocal@mx.example.test\0
out: remote qmails 600 Ddefer3@far.test\0
err: qq-rm: warning: unfinished: unable to mark recipients in remote/*/1081776: Input/output error
err: qq-rm: 1 unfinished
err: qq-rm: 1 silenced
exit: 0
T
try 'broken fchown EIO 3 qq-rm $(id 1081648); look 1081648; qq-rm -q $(id 1081648);
  look 1081648 | head -n 1' <<'T'
out: mess root 555
out: info qmails 600 born now F#@[]\0
out: remote qmails 600 Dvictim2@far.test\0Dother2@away.test\0
out: mess qmails 555
err: qq-rm: warning: unfinished: unable to change the owner of mess/*/1081648: Input/output error
err: qq-rm: 1 unfinished
exit: 0
T
exactly >"$T/exactly.before"
try 'broken syncfs EIO 1 qq-rm -q $(id 1081651) 2>/dev/null' <<'T'
exit: 111
T
check 'what could not be put on the disk is not begun, and as it was' sh -c \
  'sed "/trigger/d" "$1" >"$1.1"; sed "/trigger/d" | diff "$1.1" -' - "$T/exactly.before" <<T
$(exactly)
T
try 'broken syncfs EIO 2 qq-rm $(id 1081651); look 1081651; qq-rm -q $(id 1081651);
  look 1081651' <<'T'
out: mess root 555
out: info qmails 600 born now F#@[]\0
out: remote qmails 600 Dvictim3@far.test\0Dother3@away.test\0
out: mess qmails 555
out: info qmails 600 born now F#@[]\0
out: remote qmails 600 Dvictim3@far.test\0Dother3@away.test\0
err: qq-rm: warning: unfinished: unable to sync mess/*/1081651: Input/output error
err: qq-rm: 1 unfinished
exit: 0
T
try 'broken pwrite64 EIO 2 qq-rm $(id 1081821); look 1081821; qq-rm -q $(id 1081821);
  look 1081821' <<'T'
out: mess root 555
out: intd qmailq 644 u0\0p18546\0Ft1@todo.example\0udefer20@far.test\0Tpostmaster@mx.example.test\0
out: todo qmailq 644 u0\0p18546\0Ft1@todo.example\0udefer20@far.test\0Tpostmaster@mx.example.test\0
out: mess qmails 555
out: intd qmailq 644 u0\0p18546\0Ft1@todo.example\0udefer20@far.test\0upostmaster@mx.example.test\0
out: todo qmailq 644 u0\0p18546\0Ft1@todo.example\0udefer20@far.test\0upostmaster@mx.example.test\0
err: qq-rm: warning: unfinished: unable to mark recipients in todo/1081821: Input/output error
err: qq-rm: 1 unfinished
exit: 0
T
check 'nothing else was touched by these' as_before trigger 1081776 1081648 1081651 1081821
alone
# No space for a replacement, or no such call: info is written in place, NULs behind it as far as
# the old one went.
by_hand() { fresh; put 1 '' remote you@y.example </dev/null; sending; }
in_place() { broken "$@" qq-rm "$(id 1081648)"; broken "$@" qq-rm -q "$(id 1)"; look 1081648 1; }
for trouble in 'write ENOSPC' 'write EDQUOT' 'renameat2 EINVAL' 'renameat2 ENOSYS' \
  'renameat2 EOPNOTSUPP'; do
  by_hand
  try "in_place $trouble 1" <<'T'
out: mess qmails 555
out: info qmails 600 born now F#@[]\0\0\0\0\0\0\0\0\0\0\0\0\0\0
out: remote qmails 600 Dvictim2@far.test\0Dother2@away.test\0
out: mess qmails 555
out: info qmails 644 born now F#@[]\0
out: remote qmails 644 Dyou@y.example\0
err: qq-rm: 1 silenced
exit: 0
T
  alone
done
# Not even a name for it; and none for another reason. Which open(2) makes it is found out first.
by_hand
strace -o "$T/trace" -e trace=openat qq-rm -q "$(id 1081651)"
nth=$(grep -n O_CREAT "$T/trace" | sed 's/:.*//'); alone
for error in ENOSPC EDQUOT; do
  by_hand
  try "broken openat $error $nth qq-rm \$(id 1081651); look 1081651" <<'T'
out: mess qmails 555
out: info qmails 600 born now F#@[]\0\0\0\0\0\0\0\0\0\0\0\0\0\0
out: remote qmails 600 Dvictim3@far.test\0Dother3@away.test\0
err: qq-rm: 1 silenced
exit: 0
T
  alone
done
by_hand; exactly >"$T/exactly"
try 'for error in EIO EROFS EMFILE EACCES; do broken openat $error $nth qq-rm $(id 1081651);
  done' <<'T'
err: qq-rm: warning: failed: unable to replace info/*/1081651: Input/output error
err: qq-rm: 1 failed
err: qq-rm: warning: failed: unable to replace info/*/1081651: Read-only file system
err: qq-rm: 1 failed
err: qq-rm: warning: failed: unable to replace info/*/1081651: Too many open files
err: qq-rm: 1 failed
err: qq-rm: warning: failed: unable to replace info/*/1081651: Permission denied
err: qq-rm: 1 failed
exit: 111
T
check 'as it was' as_before
# In place, it cannot be written either.
try 'strace -f -o "$T/trace" -e trace=write,pwrite64 -e inject=write,pwrite64:error=EIO:when=1 \
    qq-rm $(id 1081651) 2>&1;
  strace -f -o "$T/trace" -e trace=write,pwrite64 -e inject=write:error=ENOSPC:when=1 \
    -e inject=pwrite64:error=ENOSPC:when=1 qq-rm $(id 1081651)' <<'T'
out: qq-rm: warning: failed: unable to replace info/*/1081651: Input/output error
out: qq-rm: 1 failed
err: qq-rm: warning: failed: unable to replace info/*/1081651: No space left on device
err: qq-rm: 1 failed
exit: 111
T
check 'as it was, here too' as_before
alone

# ---- the queue vanishes ----
# vanishing CALL N COMMAND: the queue is removed before the N-th call of that name
vanishing() {
  call=$1 when=$2; shift 2; : >"$T/trace"
  strace -f -o "$T/trace" -e trace="$call" -e inject="$call:delay_enter=2500000:when=$when" "$@" &
  traced=$!
  for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    [ "$(grep -c "$call" "$T/trace")" -lt "$when" ] || break; sleep 0.05
  done
  rm -rf "$QUEUE"; wait $traced
}
for call in 'fchown 1 qq-rm' 'unlinkat 3 qq-rm' 'syncfs 1 qq-rm' 'fchown 1 qq-hold' \
  'utimensat 1 qq-expire -q' 'pwrite64 1 qq-rm --to defer'; do
  fresh
  case $call in
    *defer) said='1 silenced' ;;
    *qq-rm) said='1 removed' ;;
    *hold) said='1 held' ;;
  esac
  case $call in
    *expire*) try "vanishing $call \$(id 1081647) | sed 's/about .*/about .../'" <<'T'
exit: 0
T
    ;;
    *) program=${call#* * } program=${program%% *}; try "vanishing $call \$(id 1081647)" <<T
err: $program: $said
exit: 0
T
  esac
done
for call in 'utimensat 1' 'fchown 2' 'renameat2 1' 'syncfs 1'; do
  fresh; sending
  if [ "$call" = 'utimensat 1' ]; then
    try "vanishing $call qq-rm \$(id 1081647)" <<'T'
err: qq-rm: 1 gone
exit: 0
T
  else
    try "vanishing $call qq-rm \$(id 1081647)" <<'T'
err: qq-rm: 1 gone
exit: 0
T
  fi
  alone
done

# ---- told to end ----
# Beside a running qmail-send it brings to its end what it has begun.
for signal in TERM INT HUP; do
  fresh; sending
  try "strace -o /dev/null -e trace=fchown -e inject=fchown:signal=$signal:when=2 \
    qq-rm --json \$(id 1081647) 2>/dev/null; kill -l \$?; look 1081647 | head -n 3" <<T
out: $signal
out: mess qmails 555
out: info qmails 600 born now F#@[]\0
out: remote qmails 600 Dgood@far.test\0Dfail1@far.test\0Ddefer2@far.test\0
exit: 0
T
  alone
done

# ---- real file systems, where they can be mounted ----
# small FILESYSTEM: a queue in one that is full
small() {
  mkdir -p "$T/full"; cd "$T" || exit 99
  case $1 in
    tmpfs) mount -t tmpfs -o size=300k,nr_inodes=100 none full ;;
    ext4) dd if=/dev/zero of=image bs=1024 count=2048 2>/dev/null &&
      mkfs.ext4 -q -N 96 -m 0 image && mount -o loop image full ;;
  esac || return 1
  mkqueue full/queue 0 --split 2 --qmailq 64011 --qmails 64015 --qmailr 64014 --group 64010 ||
    exit 99
  QUEUE=$T/full/queue QQ_QUEUE=full/queue; : >"$T/numbers"
  put 1 a-sender-with-some-length@x.example remote you@y.example </dev/null
  put 2 me@x.example todo you@y.example </dev/null
  put 3 me@x.example local you@y.example </dev/null; born 3 3600
  put 4 me@x.example local you@y.example </dev/null
  mkdir full/control; dd if=/dev/zero of=full/fill bs=1024 2>/dev/null; n=0
  while [ $n -lt 200 ] && touch full/$n 2>/dev/null; do n=$((n + 1)); done
  ! touch full/more 2>/dev/null
}
for filesystem in tmpfs ext4; do
  if ! { [ "${QQ_MOUNTS-}" = 1 ] && am_root && small $filesystem; } >"$T/mounted" 2>&1; then
    umount -l full 2>/dev/null; ok "a full $filesystem # SKIP it cannot be mounted here"; continue
  fi
  sending
  try 'qq-hold $(id 3); qq-release -q $(id 3); qq-expire -q $(id 3); qq-expire --undo -q $(id 3);
    qq-rm $(id 1); qq-rm -q --to you $(id 3); qq-rm $(id 2) | grep -v removed; look 1 2 3' <<'T'
out: mess qmails 555
out: info qmails 644 born now F#@[]\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0
out: remote qmails 644 Dyou@y.example\0
out: mess qmails 555
out: intd qmailq 644 u1001\0p7\0Fme@x.example\0uyou@y.example\0
out: todo qmailq 644 u1001\0p7\0Fme@x.example\0uyou@y.example\0
out: mess qmailq 644
out: info qmails 644 born when queued Fme@x.example\0
out: local qmails 644 Dyou@y.example\0
err: qq-hold: 1 held
err: qq-rm: 1 silenced
err: qq-rm: 1 silenced
exit: 0
T
  alone; mount -o remount,ro full; exactly >"$T/exactly"
  try 'for call in qq-rm "qq-rm --to you" qq-hold qq-release qq-expire; do $call $(id 4); done;
    qq-list -c' <<'T'
out: 2
err: qq-rm: fatal: unable to take full/queue/lock/sendmutex: Read-only file system
err: qq-rm: fatal: unable to take full/queue/lock/sendmutex: Read-only file system
err: qq-hold: fatal: unable to take full/queue/lock/sendmutex: Read-only file system
err: qq-release: fatal: unable to take full/queue/lock/sendmutex: Read-only file system
err: qq-expire: fatal: unable to take full/queue/lock/sendmutex: Read-only file system
exit: 0
T
  check "nothing is changed in a $filesystem that is read-only" as_before
  mount -o remount,rw full
  try 'qq-rm $(id 1) $(id 2) $(id 3) $(id 4); find full/queue -type f | sort' <<'T'
out: full/queue/lock/sendmutex
out: full/queue/lock/tcpto
err: qq-rm: 4 removed
exit: 0
T
  umount full || umount -l full
done
cd /
finish
