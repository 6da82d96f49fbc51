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
err: qctl-get: warning: a change of the control files was interrupted: run any qctl program as root
...:  to complete it
exit: 0
T
rmdir home/qqtools/history/9.applying
check 'then it is free' qctl-set databytes 3

# ---- copies ----
# control/ is closed, its files are not: so are what was, and what will be.
copies='home/qqtools home/qqtools/history home/qqtools/history/1
  home/qqtools/history/1/old home/qqtools/history/1/new home/qqtools/templates
  home/qqtools/templates/saved home/qqtools/templates/made'
secrets() { nobody grep -rls SECRET home; }
home; file smtproutes 'SECRET1:a\n'; chgrp 7 home/control; chmod 750 home/control
qctl-set smtproutes SECRET2:b >/dev/null; qctl-save saved
qctl-set --template made smtproutes SECRET3:c
try 'secrets; stat -c "%a %g" $copies | uniq -c' <<'T'
out:       8 750 7
exit: 0
T
# Whoever may read control/ may read them, too.
as_member() { perl -e '$( = 7; $) = "7 7"; $< = $> = 65534; exec @ARGV' "$@"; }
try 'as_member qctl-undo --list | sed "s/.*root/root/"; as_member qctl-diff saved' <<'T'
out: root  qctl-set smtproutes
exit: 0
T
# What an older version made, or was open when control/ was, is mended by the next change, whatever
# it is of; what is closed more stays so.
home; file smtproutes 'SECRET1:a\n'; qctl-set smtproutes SECRET2:b >/dev/null; qctl-save saved
chmod 711 home/qqtools/templates; chmod 750 home/control; chgrp 7 home/control
try 'qctl-set databytes 5 >/dev/null; secrets; stat -c "%a %g" home/qqtools home/qqtools/history \
  home/qqtools/history/1/old home/qqtools/templates home/qqtools/templates/saved | uniq -c' <<'T'
out:       3 750 7
out:       1 710 7
out:       1 750 7
exit: 0
T
# control/ is open, and a file in it was closed since: so are its copies, and new ones.
home; file smtproutes 'SECRET1:a\n'; qctl-set smtproutes SECRET2:b >/dev/null; qctl-save saved
chmod 640 home/control/smtproutes; chgrp 7 home/control/smtproutes
try 'qctl-set databytes 5 >/dev/null; qctl-set --template made smtproutes SECRET3:c; secrets;
  cd home/qqtools; stat -c "%a %n" history/1/* history/1/*/smtproutes templates/*/smtproutes' <<'T'
out: 700 history/1/new
out: 700 history/1/old
out: 644 history/1/record
out: 644 history/1/new/smtproutes
out: 644 history/1/old/smtproutes
out: 640 templates/made/smtproutes
out: 640 templates/saved/smtproutes
exit: 0
T
# What is taken back has the mode that it had.
try 'qctl-undo >/dev/null; qctl-undo >/dev/null; stat -c %a home/control/smtproutes' <<'T'
out: 644
exit: 0
T
# A second name of something else is none of its copies, and a link leads nowhere.
home; echo x >other; chmod 644 other; qctl-save saved; file databytes '5\n'
chmod 600 home/control/databytes; ln -f other home/qqtools/templates/saved/databytes
mkdir away; chmod 755 away; ln -s ../../../away home/qqtools/templates/led; chmod 700 home/control
try 'qctl-set timeoutremote 60 >/dev/null; stat -c %a other away' <<'T'
out: 644
out: 755
exit: 0
T
finish
