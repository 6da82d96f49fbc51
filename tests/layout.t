#!/bin/sh
# layout.t - how a queue is split is found out from the queue: any split, split todo,
# left-overs of another split, nothing in it; and what cannot be found out is not guessed
# when mail is to be removed.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
cd "$T" || exit 99

# ---- any split ----
for split in 1 2 7 23 151; do
  for todo in '' --bigtodo; do
    rm -rf queue; built queue 30 --split $split $todo --new 30 --bounces 20; QQ_QUEUE=queue
    tree >before; ls queue/mess/* queue/todo/* >all
    everything() {
      qq-list --lines | sed 's/@.*//' | sort >got
      find queue/mess -type f | sed 's|.*/||' | sort | diff - got && [ "$(grep -c . got)" = 30 ]
    }
    check "split $split $todo: every message" everything
    try "qq-show --json | wc -l; qq-stat | head -n 1;
      [ \$(qq-grep --new -c) = \$(find queue/todo -type f | wc -l) ] && echo new;
      qq-list | qq-cat | wc -c | tr -d ' ' >a;
      cat queue/mess/*/* | wc -c | tr -d ' ' | cmp - a" <<'T'
out: 30
out: messages in queue: 30
out: new
exit: 0
T
    check 'reading changes nothing' untouched
    # Nothing is to be had by one id that the walk over all does not have.
    try 'qq-list | tr "\0" "\n" | sed "s/@.*//" | while read -r id; do qq-list -c $id;
      done | sort | uniq -c | sed "s/^ *//"' <<'T'
out: 30 1
exit: 0
T
  done
  try 'qq-list | qq-rm; find queue/[a-km-z]* -type f' <<'T'
err: qq-rm: 30 removed
exit: 0
T
done

# ---- nothing in it ----
for kind in '--split 23' '--split 7 --bigtodo --suppl 3' '--split 1'; do
  rm -rf queue; built queue 0 $kind; QQ_QUEUE=queue
  try 'qq-list -c; qq-show; qq-show --json; qq-grep; qq-bounces; qq-cat 5; qq-rm 5;
    qq-stat | grep -v ": 0$"' <<'T'
out: 0
out: oldest: -
err: qq-cat: warning: message 5 is not in the queue (any more)
err: qq-rm: 1 gone
exit: 0
T
done

# ---- intd split, todo not; and the other way round ----
rm -rf queue; built queue 10 --split 3 --new 100; QQ_QUEUE=queue
for n in 0 1 2; do
  mkdir queue/intd/$n
  for file in queue/intd/[0-9]*; do [ ! -f "$file" ] || [ $((${file##*/} % 3)) != $n ] ||
    mv "$file" queue/intd/$n/; done
done
if am_root; then chown -R "$(owner queue/mess)" queue/intd; fi
try 'qq-list -c; qq-list | qq-rm; find queue/[a-km-z]* -type f' <<'T'
out: 10
err: qq-rm: 10 removed
exit: 0
T

# ---- numbered directories that nobody uses, as recipes for a new queue make them ----
for split in 1 3 23; do
  rm -rf queue; built queue 10 --split $split --new 50; QQ_QUEUE=queue
  for tree in todo intd; do
    n=0; while [ $n -lt $split ]; do mkdir queue/$tree/$n; n=$((n + 1)); done
  done
  if am_root; then chown -R "$(owner queue/mess)" queue/todo queue/intd; fi
  try 'qq-list -c; qq-grep --new -c; qq-show --json | grep -c "\"state\":\"new\"";
    qq-list | qq-list -c -; qq-list | qq-rm; find queue/[a-km-z]* -type f' <<'T'
out: 10
out: 2
out: 2
out: 10
err: qq-rm: 10 removed
exit: 0
T
done

# ---- left over from a larger split ----
rm -rf queue; built queue 20 --split 7; QQ_QUEUE=queue
more() { for tree in "$@"; do
  for n in 7 8 9 10; do mkdir queue/$tree/$n; done
  if am_root; then chown -R "$(owner queue/$tree)" queue/$tree; fi
done; }
more mess
try 'qq-list -c; qq-show | wc -l' <<'T'
out: 20
out: 21
exit: 0
T
more info local remote
try 'qq-list -c; qq-show | wc -l; qq-stat | head -n 1; qq-list | qq-rm;
  find queue/[a-km-z]* -type f' <<'T'
out: 20
out: 21
out: messages in queue: 20
err: qq-rm: 20 removed
exit: 0
T
# Directories that are no part of it: names that are no numbers, numbers behind a gap.
rm -rf queue; built queue 20 --split 7; QQ_QUEUE=queue
mkdir queue/mess/99 queue/mess/07 queue/info/lost+found queue/mess/9
try 'qq-list -c; qq-list | qq-rm' <<'T'
out: 20
err: qq-rm: 20 removed
exit: 0
T

# ---- trees that disagree ----
# Not empty: the ids decide.
rm -rf queue; built queue 20 --split 7; QQ_QUEUE=queue; mkdir queue/remote/7 queue/info/7
try 'qq-list -c; qq-grep --to @ -c | grep -c .; qq-list | qq-rm' <<'T'
out: 20
out: 1
err: qq-rm: 20 removed
exit: 0
T
# Empty: who knows? Readers have nothing to lose; nothing is removed.
rm -rf queue; built queue 0 --split 7; QQ_QUEUE=queue
mkdir queue/mess/7 queue/local/7 queue/remote/7; tree >before
try 'qq-list -c; qq-stat | head -n 1; qq-rm 5; qq-rm --dry-run 5; qq-rm </dev/null' <<'T'
out: 0
out: messages in queue: 0
err: qq-rm: fatal: the split of queue is uncertain: its directories disagree and no message decides;
...:  nothing was done
err: qq-rm: fatal: the split of queue is uncertain: its directories disagree and no message decides;
...:  nothing was done
exit: 0
T
check 'nothing is changed there' untouched

# ---- a missing directory ----
# Readers name it, and what there is they show; nobody takes that for the whole. Who changes the
# queue refuses.
for tree in info remote mess; do
  others=$(echo ', mess, info, local, remote,' | sed "s/, $tree,/,/;s/^, //;s/,\$//")
  case $tree in mess) others='info, local, remote' ;; esac
  for missing in 6 3 1; do
    rm -rf queue; built queue 60 --split 7 --new 0; QQ_QUEUE=queue
    rm -r queue/$tree/$missing; tree >before
    here=$(find queue/info -type f | grep -v "/$missing/" | grep -c .)
    [ $tree != remote ] || here=$(find queue/info -type f | grep -c .)
    try "for call in qq-list 'qq-list --jobs 3 -c' 'qq-show --json' qq-stat 'qq-grep --min-size 0' \
      'qq-cat 5'; do
        \$call 2>said >got; echo \$?; grep -c ' $tree/$missing is missing ($others have 7)' said;
      done;
      qq-list --lines 2>&1 | grep -c @" <<T
$(for call in 1 2 3 4 5 6; do echo 'out: 111'; echo 'out: 1'; done)
out: $here
exit: 0
T
    refused() {
      find queue/info queue/mess -type f | sed 's|.*/||' | sort -u | $1 2>said
      code=$?; cat said; [ $code = 111 ] && [ "$(grep -c fatal said)" = 1 ] &&
        grep "queue is damaged: $tree/$missing is missing" said && untouched
    }
    for call in qq-rm qq-hold 'qq-rm --dry-run'; do
      check "without $tree/$missing: $call" refused "$call"
    done
  done
done
# The same of the trees that not every queue has; the first may be what is missing.
rm -rf queue; built queue 60 --split 7 --bigtodo --suppl 1; QQ_QUEUE=queue
rm -r queue/suppl0/2 queue/suppl0/6 queue/todo/0
try 'qq-list -c 2>&1 >/dev/null; qq-rm 5 2>&1 | grep -c "todo/0 is missing"' <<'T'
out: qq-list: warning: todo/0 is missing (mess, info, local, remote have 7)
out: qq-list: warning: suppl0/2 is missing (mess, info, local, remote have 7)
out: qq-list: warning: suppl0/6 is missing (mess, info, local, remote have 7)
out: 1
exit: 0
T

# ---- messages where nobody looks for them ----
# Most say how the queue is split; the odd one is damage, and none of anybody else's.
rm -rf queue; built queue 60 --split 7; QQ_QUEUE=queue; : >queue/mess/0/1; : >queue/mess/5/3
try 'qq-list -c; qq-list 2>/dev/null | qq-rm --to nobody; qq-rm 3;
  qq-list 2>/dev/null | qq-rm; find queue/[a-km-z]* -type f | sort' <<'T'
out: 60
out: queue/mess/0/1
out: queue/mess/5/3
err: qq-list: warning: mess/0/1: in the wrong split directory, expected it in mess/1
err: qq-list: warning: mess/5/3: in the wrong split directory, expected it in mess/3
err: qq-rm: 60 unmatched
err: qq-rm: warning: failed: mess/5/3: is not where qmail looks for it;
...:  `qsvc stopped qq-fix' mends it
err: qq-rm: 1 failed
err: qq-rm: 60 removed
exit: 0
T
# One beside it is enough.
rm -rf queue; built queue 1 --split 7 --new 0; QQ_QUEUE=queue; : >queue/mess/0/1
try 'qq-list 2>/dev/null | qq-rm' <<'T'
err: qq-rm: 1 removed
exit: 0
T

# The first one of a tree is no other than the rest.
for tree in mess info local remote; do
  rm -rf queue; built queue 20 --split 7; QQ_QUEUE=queue
  rm -r queue/$tree/0; find queue/mess -type f | sed 's|.*/||' | sort >all
  try 'qq-list 2>&1 >/dev/null | sed -n "s/ (.*//p"; qq-list --lines 2>/dev/null | sed "s/@.*//" |
    sort | comm -13 all - | wc -l' <<T
out: qq-list: warning: $tree/0 is missing
out: 0
exit: 0
T
done
rm -rf queue; built queue 20 --split 7; QQ_QUEUE=queue; rm -r queue/local/0
check 'what is elsewhere is read' sh -c '[ "$(qq-list -c 2>/dev/null)" = 20 ]'

# As a link to somewhere else it is no directory either.
rm -rf queue; built queue 10 --split 2; QQ_QUEUE=queue; mv queue/info/1 elsewhere
ln -s ../../elsewhere queue/info/1; tree >before
try 'qq-rm $(ls queue/mess/0 | head -n 1) 2>/dev/null' <<'T'
exit: 111
T
check 'nothing is removed through a link' untouched
check 'nor elsewhere' test "$(ls elsewhere | grep -c .)" -gt 0

# ---- no queue ----
for tree in mess info local remote todo; do
  rm -rf queue; built queue 5 --split 2; QQ_QUEUE=queue; mv queue/$tree "$T/away"
  try 'qq-list; qq-rm 5' <<T
err: qq-list: fatal: queue is not a qmail queue: it has no directory $tree
err: qq-rm: fatal: queue is not a qmail queue: it has no directory $tree
exit: 100
T
  : >queue/$tree
  try qq-list <<T
err: qq-list: fatal: queue is not a qmail queue: it has no directory $tree
exit: 100
T
  rm -rf "$T/away"
done
# Without bounce/ nothing ever failed; without intd/ and lock/ it can still be read.
rm -rf queue; built queue 5 --split 2 --bounces 0; QQ_QUEUE=queue; mv queue/intd queue/lock .
try 'qq-list -c; qq-show | wc -l; qq-show -l | grep -c "^[0-9]"; qq-rm 5' <<'T'
out: 5
out: 6
out: 5
err: qq-rm: fatal: unable to take queue/lock/sendmutex: No such file or directory
exit: 111
T

# ---- a copy: the numbers are no inodes any more ----
rm -rf queue copy intd lock; built queue 10 --split 7; cp -Rp queue copy; QQ_QUEUE=copy QUEUE=copy
try 'qq-list -c; qq-show | wc -l; qq-list --queue queue | qq-list -c -' <<'T'
out: 10
out: 11
out: 10
exit: 0
T
# Mail whose number says another directory than the one it is in fits no split.
rm -rf queue; built queue 0 --split 7; QQ_QUEUE=queue
for n in 1 2 3; do : >queue/mess/$n/$((n + 1)); done
try 'qq-list; qq-rm 5' <<'T'
err: qq-list: fatal: queue: the messages in mess/ fit no split up to 7
err: qq-rm: fatal: queue: the messages in mess/ fit no split up to 7
exit: 100
T
finish
