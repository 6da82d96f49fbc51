#!/bin/sh
# which.t - advice that can be followed: a queue and a home that do not lie beside each other, the
# several queues of one home, and what root is told that may not either.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"

# ---- a queue here, its home there ----
cd "$T" || exit 99
mkdir far; built far/queue1 3 --split 2; built far/queue2 5 --split 2; unset QQ_QUEUE
mkdir -p home/control far2/control elsewhere; cp -Rp far/queue2 far2/queue
echo mx.home.example >home/control/me; echo mx.far2.example >far2/control/me
try 'qctl-get --queue far/queue1 me; qctl-get --queue far/queue1 --home home me;
  qctl-get --home home --queue far2/queue me; qctl-get --queue far2/queue me;
  QQ_QUEUE=far2/queue QMAILHOME=home qctl-get me; QQ_QUEUE=far2/queue qctl-get me
  QQ_QUEUE=far2/queue QMAILHOME=home qctl-get --home far2 me' <<'T'
out: mx.home.example
out: mx.home.example
out: mx.far2.example
out: mx.home.example
out: mx.far2.example
out: mx.far2.example
err: qctl-get: fatal: the home of the queue far/queue1 is not known: its parent has no control/;
...:  give both --queue and --home
exit: 0
T
try 'qq-list --count --queue far/queue1 --home home; qq-list --count --home home --queue far2/queue;
  QQ_QUEUE=far/queue1 QMAILHOME=home qq-list --count' <<'T'
out: 3
out: 5
out: 3
exit: 0
T
# What a hold and the last attempt go by is the lifetime of that home.
echo 100 >home/control/queuelifetime
id=$(qq-list --lines --queue far/queue1 | sed 's/@.*//' | head -n 1)
file=$(find far/queue1/mess -name "$id")
try 'qq-expire -q --queue far/queue1 "$id" 2>&1 | sed "s/far.queue1/QUEUE/"
  qq-expire -q --queue far/queue1 --home home "$id" 2>&1 | sed "s/about .*/about/;s/$id/N/"' <<'T'
out: qq-expire: fatal: the home of QUEUE is not known, which has control/queuelifetime:
...:  give both --queue and --home
exit: 0
T
moved() { echo $(($(stat -c %Y "$file") - $(stat -c %Y "far/queue1/info/${file#*/mess/}"))); }
check 'what was expired is expired by that home' test "$(moved)" -lt 90000

# ---- several queues of one home ----
mkdir -p several/control several/queue/not-one several/queue/half/lock
for name in queue2 queue10 slowq; do cp -Rp far/queue1 "several/queue/$name"; done
for program in qq-list 'qq-rm 5' qq-stat 'qsvc status'; do
  try "$program --home several 2>&1 | sed 's,$T/,,'" <<T
out: ${program%% *}: fatal: several/queue is not a queue, but has these: queue10, queue2, slowq;
...:  name one with --queue
exit: 0
T
done
try 'qq-list --home several; echo $?; qq-list --count --queue several/queue/slowq' <<'T'
out: 100
out: 3
err: qq-list: fatal: several/queue is not a queue, but has these: queue10, queue2, slowq;
...:  name one with --queue
exit: 0
T

# ---- who is root already ----
skip_unless_root 'root is not told to be root' || finish
bound() { setpriv --bounding-set -dac_override,-dac_read_search "$@"; }
mkdir shut; chmod 700 shut; cp -Rp far/queue1 shut; chown 12345:12345 shut
if bound true 2>/dev/null; then
  try 'bound qq-list --queue shut/queue1; nobody qq-list --queue shut/queue1' <<'T'
err: qq-list: fatal: unable to open the queue shut/queue1: Permission denied
err: qq-list: fatal: unable to open the queue shut/queue1: Permission denied (run it as root)
exit: 111
T
fi
# One that has given root up.
chown 12345 far/queue1/info/0; chmod 700 far/queue1/info/0
try 'qq-list --queue far/queue1' <<'T'
err: qq-list: fatal: unable to read the queue far/queue1: Permission denied
exit: 111
T
finish
