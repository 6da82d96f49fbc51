#!/bin/sh
# qctl-private.t - what is nobody else's business: the lock, which nobody else may take; the copies
# of control files in the history and in templates, which whoever may not read control/ may not read
# either.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/control.sh"
skip_unless_root
mode() { stat -c '%a %U:%G' "$@"; }

# ---- the lock ----
home; qctl-set databytes 1 >/dev/null
try 'mode home/qqtools/lock' <<'T'
out: 600 root:root
exit: 0
T
try 'nobody perl -e "open my \$f, q(<), q(home/qqtools/lock) or die qq(\$!\n)"' <<'T'
err: Permission denied
exit: 13
T
# One that an older version made.
chmod 644 home/qqtools/lock
try 'qctl-set databytes 2 >/dev/null; mode home/qqtools/lock' <<'T'
out: 600 root:root
exit: 0
T
# By users and domains too; and it is closed before anything is done, so also by what fails.
mkdir home/users; printf '.\n' >home/users/assign; chmod 666 home/qqtools/lock
try 'qusers-add =a u 1 2 /h; mode home/qqtools/lock; chmod 664 home/qqtools/lock;
  qctl-rm none 2>/dev/null; mode home/qqtools/lock' <<'T'
out: 600 root:root
out: 600 root:root
exit: 0
T
# Whoever opened it before is named.
chmod 644 home/qqtools/lock
perl -e 'use Fcntl qw(:flock); $( = 65534; $) = "65534 65534"; $< = $> = 65534;
  open my $f, "<", "home/qqtools/lock" or die; flock $f, LOCK_EX or die;
  $0 = "waiting"; print "ready\n"; close STDOUT; sleep 100' >ready &
holder=$!; until [ -s ready ]; do sleep 0.1; done
try 'qctl-set databytes 3; mode home/qqtools/lock; qctl-get databytes' <<T
out: 600 root:root
out: 2
err: qctl-set: fatal: home/qqtools/lock is locked by process $holder: another program is changing
...:  control files or users
exit: 0
T
# A reader who may not open the lock knows all the same that a change is under way: none is
# interrupted.
mkdir home/qqtools/history/9.applying; chmod 755 home/qqtools home/qqtools/history
try 'nobody qctl-get databytes' <<'T'
out: 2
exit: 0
T
kill $holder; wait $holder 2>/dev/null
try 'nobody qctl-get databytes' <<'T'
out: 2
err: qctl-get: warning: a change of the control files was interrupted:
...:  run any qctl program as root to end it
exit: 0
T
rmdir home/qqtools/history/9.applying
check 'then it is free' qctl-set databytes 3
finish
