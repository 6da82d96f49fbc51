#!/bin/sh
# qsvc-status.t - what `qsvc status' warns of: the trigger, the mutex, programs of qmail, a channel
# without a free slot. What only looks does not wake qmail-send. And what qq-show knows of
# deliveries.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/service.sh"
. "$(dirname "$0")/queue.sh"
skip_unless_root

home one; QMAILHOME=$T/one; export QMAILHOME; QUEUE=$T/one/queue
# All of qmail's programs; owners by the numbers of `home'.
for name in lspawn rspawn clean local remote getpw; do
  ln -s "$BUILD/tests/model" "$QMAILHOME/bin/qmail-$name"
done
new_queue() {
  rm -f "$QMAILHOME/bin/qmail-queue"; cp "$BUILD/tests/model" "$QMAILHOME/bin/qmail-queue"
  chown 64011:64010 "$QMAILHOME/bin/qmail-queue"; chmod 4711 "$QMAILHOME/bin/qmail-queue"
}
new_queue
# Names of users, where the machine has given such numbers away.
faults() { qsvc status 2>&1 >/dev/null | turned; }
user() { perl -e 'print getpwuid($ARGV[0]) // $ARGV[0]' "$1"; }
group() { perl -e 'print getgrgid($ARGV[0]) // $ARGV[0]' "$1"; }
q=$(user 64011) s=$(user 64015) g=$(group 64010) nine=$(user 999)
try faults <<'T'
exit: 0
T

# ---- lock/ ----
told='qmail-send is not told of new mail, which waits for up to 25 minutes'
trigger=$QUEUE/lock/trigger mutex=$QUEUE/lock/sendmutex
for case in "600 64015 prw------- $s" "200 64015 p-w------- $s" "644 64015 prw-r--r-- $s" \
  "620 64015 prw--w---- $s" "602 64015 prw-----w- $s" "622 0 prw--w--w- root" \
  "622 64011 prw--w--w- $q" "622 999 prw--w--w- $nine"; do
  set -- $case; chmod "$1" "$trigger"; chown "$2" "$trigger"
  try "echo $1 $2; faults" <<T
out: $1 $2
out: qsvc: warning: lock/trigger is $3 $4:$g, expected prw--w--w- $s:$g: $told
exit: 0
T
done
chmod 666 "$trigger"; chown 64015 "$trigger"
try faults <<T
out: qsvc: warning: lock/trigger is prw-rw-rw- $s:$g, expected prw--w--w- $s:$g:
...:  others can take away what tells qmail-send of new mail
exit: 0
T
chmod 622 "$trigger"; chgrp 0 "$trigger"
try 'echo any group will do; faults' <<'T'
out: any group will do
exit: 0
T
mv "$trigger" "$T/trigger"
try faults <<T
out: qsvc: warning: lock/trigger is not there: $told
exit: 0
T
: >"$trigger"; chown 64015:64010 "$trigger"; chmod 622 "$trigger"
try faults <<T
out: qsvc: warning: lock/trigger is -rw--w--w- $s:$g, expected prw--w--w- $s:$g: $told
exit: 0
T
rm "$trigger"; mv "$T/trigger" "$trigger"; chgrp 64010 "$trigger"
chown 0 "$mutex"
try faults <<T
out: qsvc: warning: lock/sendmutex is -rw------- root:$g, expected -rw------- $s:$g:
...:  qmail-send cannot start
exit: 0
T
chown 64015 "$mutex"; chmod 700 "$QUEUE/lock"
try faults <<T
out: qsvc: warning: lock is drwx------ $q:$g, expected drwxr-x--- $q:$g:
...:  qmail-send cannot start, or is not told of new mail
exit: 0
T
chmod 750 "$QUEUE/lock"; chmod 600 "$trigger"
try 'svc start 2>&1; svc status 2>&1 >/dev/null; svc restart 2>&1' <<T
out: qmail-send (process N) has started
out: qsvc: warning: lock/trigger is prw------- $s:$g, expected prw--w--w- $s:$g: $told
out: qsvc: warning: lock/trigger is prw------- $s:$g, expected prw--w--w- $s:$g: $told
out: qmail-send (process N) has stopped
out: qmail-send (process N) has started
out: qsvc: warning: lock/trigger is prw------- $s:$g, expected prw--w--w- $s:$g: $told
exit: 0
T

# ---- who only looks does not wake it ----
: >"$T/numbers"; turn_back
put 1 me@x.example todo defer@far.example </dev/null
waits() { sleep 0.3; test -e "$QUEUE/todo/$new"; }
for command in 'qsvc status' 'qsvc status --json --count' qq-show 'qq-show -l' 'qq-show --json' \
  qq-stat 'qq-stat --by from' qq-list 'qq-grep --new' 'qq-cat'; do
  case $command in qq-cat) command="qq-cat $new" ;; esac
  $command >/dev/null 2>&1; check "${command%% [0-9]*}: the message is still new" waits
done
check 'it is up all the same' sh -c 'qq-show -l | grep -q "^  queued"; qsvc status |
  grep -q running'
chmod 622 "$trigger"; qsvc stop >/dev/null

# ---- what keeps it from working, in the queue: a hint at qq-check ----
last=$(($(splits) - 1))
hints() { qsvc start --timeout 1s 2>&1 | grep '^qsvc:' | grep -v fatal; qsvc stop >/dev/null 2>&1; }
mv "$QUEUE/info/$last" "$T/info"
try hints <<T
out: qsvc: warning: info/$last: The directory is missing. qmail-send waits for it (\`unable to
...:  opendir'), or no message whose number leads to it is taken.
out: qsvc: qq-check says all that is wrong with the queue; \`qsvc stopped qq-fix' mends it
exit: 0
T
mv "$T/info" "$QUEUE/info/$last"; mv "$trigger" "$T/trigger"
try hints <<T
out: qsvc: warning: lock/trigger is not there: $told
out: qsvc: qq-check says all that is wrong with the queue; \`qsvc stopped qq-fix' mends it
exit: 0
T
mv "$T/trigger" "$trigger"; mv "$mutex" "$T/mutex"
try 'qsvc start 2>&1 | sed "s,$T/,,"' <<'T'
out: qsvc: fatal: one/queue has no lock/sendmutex, without which qmail-send cannot start: qq-fix
...:  makes it, and qq-check says what else is wrong
exit: 0
T
mv "$T/mutex" "$mutex"
sed -i '/alert: unable to open \(info\|lock\)/d' "$QMAILHOME/log"       # as it should say

# One that was restored as root's: nothing of qmail is at fault.
mv "$QUEUE" "$T/kept"; cp -a "$T/kept" "$QUEUE"; chown -R 0:0 "$QUEUE"
try 'hints | sed "s,$T/,T/,"; faults' <<'T'
out: qsvc: warning: T/one/queue is root's, as when it was restored, and qmail-send cannot work in
...:  it: qq-check says what is wrong; `qsvc stopped qq-fix --owners' mends it
out: qsvc: warning: T/one/queue is root's, as when it was restored, and qmail-send cannot work in
...:  it: qq-check says what is wrong; `qsvc stopped qq-fix --owners' mends it
exit: 0
T
rm -r "$QUEUE"; mv "$T/kept" "$QUEUE"

# ---- programs ----
fails='recipient fails for good at once'
refused='mail is refused or, once queued, never delivered'
bin=$QMAILHOME/bin; chown root:64010 "$bin"; chmod 755 "$bin"
without() { mv "$bin/$1" "$T/$1"; faults; svc start 2>&1 | grep warning; mv "$T/$1" "$bin/$1"
  qsvc stop >/dev/null; }
for case in "local every local $fails" "remote every remote $fails" \
  'getpw local mail that users/cdb does not assign is deferred' \
  'queue no mail gets into the queue, and no bounce is sent' \
  'clean qmail-send does not start again'; do
  try "without qmail-${case%% *}" <<T
out: qsvc: warning: bin/qmail-${case%% *} is not there: ${case#* }
out: qsvc: warning: bin/qmail-${case%% *} is not there: ${case#* }
exit: 0
T
done
rm "$bin/qmail-remote"; ln -s nowhere "$bin/qmail-remote"; rm "$bin/qmail-local"
: >"$bin/qmail-local"; chmod 644 "$bin/qmail-local"
try faults <<T
out: qsvc: warning: bin/qmail-local is -rw-r--r-- root:root, expected -rwx--x--x root:$g:
...:  every local $fails
out: qsvc: warning: bin/qmail-remote is not there: every remote $fails
exit: 0
T
for name in local remote; do ln -sf "$BUILD/tests/model" "$bin/qmail-$name"; done
chmod 700 "$bin"
try faults <<T
out: qsvc: warning: bin is drwx------ root:$g, expected drwxr-xr-x root:$g:
...:  every recipient fails for good at once
exit: 0
T
chmod 755 "$bin"
for case in "711 64011 -rwx--x--x $q:$g" "4711 0 -rws--x--x root:$g" "4711 64015 -rws--x--x $s:$g" \
  "4600 64011 -rwS------ $q:$g" "2711 64011 -rwx--s--x $q:$g"; do
  set -- $case; chown "$2" "$bin/qmail-queue"; chmod "$1" "$bin/qmail-queue"
  try "echo $1 $2; faults" <<T
out: $1 $2
out: qsvc: warning: bin/qmail-queue is $3 $4, expected -rws--x--x $q:$g: $refused
exit: 0
T
done
# A wrapper has another one behind it; a copy of the true one that was kept is none.
new_queue; mv "$bin/qmail-queue" "$bin/qmail-queue.orig"
printf '#!/bin/sh\nexec /var/qmail/bin/qmail-queue.orig\n' >"$bin/qmail-queue"
chmod 755 "$bin/qmail-queue"
try faults <<'T'
exit: 0
T
echo 'Received: (qmail ' >>"$bin/qmail-queue"
try faults <<T
out: qsvc: warning: bin/qmail-queue is -rwxr-xr-x root:root, expected -rws--x--x $q:$g: $refused
exit: 0
T
rm "$bin/qmail-queue.orig"; printf '#!/bin/sh\nexec simscan\n' >"$bin/qmail-queue"
try faults <<T
out: qsvc: warning: bin/qmail-queue is -rwxr-xr-x root:root, expected -rws--x--x $q:$g: $refused
exit: 0
T
new_queue

# ---- a full channel ----
find "$QUEUE" -name "$new" -exec rm {} +
echo 2 >"$QMAILHOME/control/concurrencylocal"; echo 3 >"$QMAILHOME/control/concurrencyremote"
by_hand "$QMAILHOME" --concurrency 3
deliver "$QMAILHOME" slowgood1@far.example slowgood2@far.example
number=$(qq-list --lines | sed 's/@.*//')
ages() { svc "$@" 2>&1 | sed 's/message [0-9]*/message N/;s/for [0-9]*[smh]*$/for AGE/'; }
try 'ages status | tail -n 1' <<'T'
out: deliveries: local 0 of 2, remote 2 of 3
exit: 0
T
inject "$QMAILHOME" me@x.example slowgood3@far.example slowgood@local.example >/dev/null
at_work "$QMAILHOME" 4
try 'ages status | tail -n +3' <<'T'
out: deliveries: local 1 of 2, remote 3 of 3
out:   remote, message N to slowgood1@far.example: process N, for AGE
out:   remote, message N to slowgood2@far.example: process N, for AGE
out:   remote, message N to slowgood3@far.example: process N, for AGE
out: qsvc: warning: the channel remote is full: all 3 slots are taken,
...:  and the oldest delivery (process N) has been under way for AGE
exit: 0
T
# qmail was built for less than the control file says.
echo 9 >"$QMAILHOME/control/concurrencyremote"
printf '#!/bin/sh\nprintf "%%s\\n" "user-ext delimiter: -." "paternalism (in decimal): 2." \
  "silent concurrency limit: 3."\n' >"$QMAILHOME/bin/qmail-showctl"
chmod 755 "$QMAILHOME/bin/qmail-showctl"
try 'ages status | grep -e "^deliveries" -e full' <<'T'
out: deliveries: local 1 of 2, remote 3 of 3
out: qsvc: warning: the channel remote is full: all 3 slots are taken,
...:  and the oldest delivery (process N) has been under way for AGE
exit: 0
T
rm "$QMAILHOME/bin/qmail-showctl"; echo 3 >"$QMAILHOME/control/concurrencyremote"
check 'the message is named by its number' sh -c \
  "qsvc status 2>&1 |
    grep -q '^  remote, message $number to slowgood1@far.example: process [0-9]*,'"
try 'qsvc status --json 2>/dev/null | perl -MJSON::PP -ne "
  print join q( ), @\$_{qw(channel recipient)}, \$_->{id} > 0, \$_->{pid} > 1,
    \$_->{since} =~ /^\d{4}-\d\d-\d\dT/, qq(\n) for @{decode_json(\$_)->{deliveries}}"' <<'T'
out: local slowgood@local.example 1 1 1 
out: remote slowgood1@far.example 1 1 1 
out: remote slowgood2@far.example 1 1 1 
out: remote slowgood3@far.example 1 1 1 
exit: 0
T
under() { qq-show -l "$@" | grep 'under way' | turned | sed 's/for [0-9]*[smh]*/for AGE/'; }
try 'under $number' <<'T'
out:   under way   slowgood1@far.example (process N, for AGE)
out:   under way   slowgood2@far.example (process N, for AGE)
exit: 0
T
try 'under; qq-show --json $number | perl -MJSON::PP -ne "
  print join q( ), @\$_{qw(channel recipient)}, \$_->{pid} > 1, \$_->{since} =~ /^\d{4}-/, qq(\n)
    for @{decode_json(\$_)->{under_way}}"' <<'T'
out:   under way   slowgood1@far.example (process N, for AGE)
out:   under way   slowgood2@far.example (process N, for AGE)
out:   under way   slowgood@local.example (process N, for AGE)
out:   under way   slowgood3@far.example (process N, for AGE)
out: remote slowgood1@far.example 1 1 
out: remote slowgood2@far.example 1 1 
exit: 0
T
# Who is qmails does not see it, and says so.
as() { perl -e '$( = $ARGV[1]; $) = "$ARGV[1] $ARGV[1]"; $< = $> = $ARGV[0];
  exec @ARGV[2 .. $#ARGV] or die' "$@"; }
try 'as 64015 64010 qq-show -l $number | grep -e "under way" -e "next remote" |
  sed "s/  *[0-9].*), / /"
  as 64015 64010 qq-show --json $number | grep -o "\"under_way\":.*"' <<'T'
out:   next remote about, by the ideal schedule
out:   under way   only root can see whether it is
out: "under_way":null}
exit: 0
T
let_end "$QMAILHOME"; at_work "$QMAILHOME" 0
check 'nothing was lost' unhurt "$QMAILHOME"
finish
