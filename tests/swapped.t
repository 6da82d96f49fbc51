#!/bin/sh
# swapped.t - whoever owns the queue may put a link to somewhere else into the place of a tree or of
# lock/, at any moment: what the programs do, they do in the queue that they opened.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
cd "$T" || exit 99

# Another directory with files of the same names, as a tree has them.
fresh() {
  rm -rf queue elsewhere; built queue 0 --split 3; QQ_QUEUE=queue QUEUE=queue
  echo body | put 1 from@x.example remote to@y.example
  mkdir elsewhere elsewhere/0 elsewhere/1 elsewhere/2
  printf 'Tprecious@y.example\0' >"elsewhere/$(($(id 1) % 3))/$(id 1)"
  find elsewhere -type f -exec ls -ln {} + >before
  cat elsewhere/*/* >>before
}
# swapped TREE COMMAND: it has the queue open, and waits for ids (or $stream), when the tree becomes
# a link
stream=
swapped() {
  tree=$1; shift
  rm -f pipe; mkfifo pipe
  "$@" <pipe >said 2>&1 & program=$!
  exec 7>pipe
  asleep=0
  while [ $asleep -lt 3 ]; do
    if ls -l /proc/$program/fd 2>/dev/null | grep -q '/queue$' &&
      grep -q '^State:.S' /proc/$program/status
    then asleep=$((asleep + 1)); else asleep=0; fi
    sleep 0.1
  done
  mv queue/$tree queue/aside; ln -s ../elsewhere queue/$tree
  if [ -n "$stream" ]; then cat "$stream" >&7; else id 1 >&7; fi
  exec 7>&-
  wait $program; code=$?
  { find elsewhere -type f -exec ls -ln {} +; cat elsewhere/*/*; } | diff before - || return 1
  cat said; echo "code $code"
}
[ -r /proc/self/status ] || { echo '1..0 # SKIP no /proc'; exit 0; }
for tree in mess remote local; do
  fresh
  try "swapped $tree qq-rm; find queue -name $(id 1)" <<T
out: qq-rm: 1 removed
out: code 0
exit: 0
T
done
# Whoever changes the queue looks at info/ once more: qq-fix may have put another in its place.
fresh
try "swapped info qq-rm; find queue -name $(id 1) | wc -l" <<'T'
out: qq-rm: fatal: queue has been rebuilt meanwhile: run it again
out: code 111
out: 3
exit: 0
T
fresh
try 'swapped remote qq-rm --to @' <<'T'
out: qq-rm: 1 silenced
out: code 0
exit: 0
T
fresh
try 'swapped remote qq-cat --envelope' <<'T'
out: Ffrom@x.example\0
out: Tto@y.example\0
out: \0
out: code 0
exit: 0
T
fresh
try 'swapped info qq-grep -c --from from@x.example -' <<'T'
out: qq-grep: fatal: queue has been rebuilt meanwhile: run it again
out: code 111
exit: 0
T
fresh
try 'swapped mess qq-cat' <<'T'
out: body
out: code 0
exit: 0
T

# What goes elsewhere, and what comes in.
mkdir control; echo mx.example >control/me
fresh
try 'swapped remote qq-save - | tr -d "\0" |
  grep -a -o -e "Tto@y.example" -e "code [0-9]*$" -e precious' <<'T'
out: Tto@y.example
out: code 0
exit: 0
T
fresh; qq-save "$(id 1)" 2>/dev/null | cat >stream; mv queue source
for tree in pid mess intd todo; do
  fresh; rm -rf qqtools; sleep 60 <>queue/lock/trigger & reader=$!
  said='1 placed'; [ $tree != pid ] || said='1 failed'
  try "stream=stream; swapped $tree qq-load --timeout 1s |
    grep -a -o -e '1 [a-z]*$' -e 'code.*'" <<T
out: $said
out: code 111
exit: 0
T
  kill $reader
done

# What is in lock/ is opened below it, and it is no link.
fresh; mv queue/lock aside; ln -s ../elsewhere queue/lock
: >elsewhere/sendmutex; mkfifo elsewhere/trigger; printf 'hosts\n' >elsewhere/tcpto
perl -e 'sysopen T, "elsewhere/trigger", 2; print "\n"; close STDOUT; sleep 20' >opened & reader=$!
until [ -s opened ]; do sleep 0.1; done
try 'qq-rm $(id 1); qq-rm --dry-run $(id 1); qsvc --queue queue flush --tcpto; cat elsewhere/tcpto;
  QQ_MUTEX=7 qq-rm $(id 1) 7>elsewhere/sendmutex; qq-list -c; qq-show | wc -l;
    qq-show -l >shown' <<'T'
out: hosts
out: 1
out: 2
err: qq-rm: fatal: unable to take queue/lock/sendmutex: Not a directory
err: qq-rm: fatal: unable to open queue/lock/trigger: Not a directory
err: qsvc: fatal: unable to look into the queue queue: Not a directory
err: qq-rm: fatal: unable to take queue/lock/sendmutex: Not a directory
err: qq-show: warning: unable to see whether qmail-send runs on queue: Not a directory
exit: 111
T
kill $reader

# The queue itself may be a link, as it is where all that changes lies on another volume.
fresh; mkdir volume; mv queue volume/; ln -s volume/queue queue
try 'qq-list -c; qq-list | qq-rm; find volume -name $(id 1)' <<'T'
out: 1
err: qq-rm: 1 removed
exit: 0
T
finish
