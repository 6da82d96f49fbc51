#!/bin/sh
# qctl-hostile.t - what may lie in control/, in a template and in qqtools/ by accident or malice:
# names, links, pipes, damage, other people's directories, size.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/control.sh"
raw() { "$@" 2>&1 | LC_ALL=C grep -q "$(printf '[\001-\010\016-\037\177]')"; }
one_line() { "$@" 2>&1 >/dev/null | grep -c ''; }

# ---- names ----
home; odd=$(printf 'a\033[31m\nb\302\233')
template odd "$odd" '5\n' "$(printf '%0240d' 7)" '5\n' databytes '5\n'
printf 'x\n' >"home/control/$(printf 'c\tc\r\033]0;x\007')"
: >"home/control/$(printf '%0250d' 8)"
for command in 'show' 'show --json' 'check' 'check odd' 'check --json' 'diff odd' \
  'diff --json odd' 'apply --dry-run odd'; do
  check "nothing that steers a terminal from qctl-$command" sh -c \
    "$(printf 'out=$(qctl-%s 2>&1); printf %%s "$out" | LC_ALL=C perl -ne "exit 1 if /[\\\\x00-\\\\x08\\\\x0b-\\\\x1f\\\\x7f]|\\\\xc2[\\\\x80-\\\\x9f]/" && [ -n "$out" ]' "$command")"
done
check 'one JSON object a line' sh -c \
  'qctl-show --json >j; qctl-check --json >>j; qctl-diff --json odd >>j;
    perl -MJSON::PP -ne "decode_json(\$_)" j'
try 'qctl-apply odd >/dev/null 2>&1; echo $?; ls home/control | wc -l; qctl-undo >/dev/null 2>&1;
  echo $?; qctl-undo --list' <<'T'
out: 100
out: 4
out: 1
exit: 0
T
check 'all undone' sh -c '[ ! -e home/control/databytes ] && [ ! -e "home/control/$0" ]' "$odd"

# ---- templates that are none ----
home; template own databytes '5\n'; mkfifo home/qqtools/templates/own/locals; live >before
try 'within qctl-apply own; within qctl-check own 2>/dev/null; echo $?;
  within qctl-diff own 2>/dev/null; echo $?; within qctl-list | tail -n 1' <<'T'
out: 100
out: 100
out:   own
err: qctl-apply: fatal: home/qqtools/templates/own/locals: is not a regular file,
...:  as those of a template are
exit: 0
T
rm home/qqtools/templates/own/locals; mkdir home/qqtools/templates/own/locals
try 'qctl-apply own 2>/dev/null; echo $?; qctl-set --template own databytes 6 2>/dev/null; echo $?;
  rmdir home/qqtools/templates/own/locals; echo x >home/qqtools/templates/file; qctl-apply file;
  qctl-list | grep file' <<'T'
out: 100
out: 100
err: qctl-apply: fatal: there is no template "file": qctl-list shows them
exit: 1
T
check 'nothing was changed' as_before
# The one in force is spoilt: the others are listed all the same.
qctl-apply own >/dev/null; mkdir home/qqtools/templates/own/sub
check 'a spoilt template does not hide the others' sh -c \
  'qctl-list | grep "aggressive (shipped)" && qctl-list | grep "[*] own"'
rm -r home/qqtools/templates/own/sub
# Who or what is in force.
for what in '../../../etc\n' '' 'own\nown\n' '\377\033[31m\n' 'own'; do
  printf "$what" >home/qqtools/in-force
  check "in-force says $what" sh -c \
    'qctl-list 2>said; [ $? = 0 ] && ! grep "$(printf "\033")" said && [ $(wc -l <said) -le 1 ]'
done
head -c 100000 /dev/zero | tr '\0' x >home/qqtools/in-force
check 'or much' sh -c 'qctl-list 2>said; [ $? = 0 ] && [ $(wc -c <said) -lt 1000 ]'
rm home/qqtools/in-force; mkfifo home/qqtools/in-force
check 'or nothing at all' sh -c 'timeout 10 qctl-list; [ $? != 124 ]'
rm home/qqtools/in-force; mkdir home/qqtools/in-force
try 'one_line qctl-list; qctl-list >/dev/null 2>&1; echo $?; qctl-apply own >/dev/null 2>&1;
  echo $?; qctl-get databytes' <<'T'
out: 1
out: 111
out: 111
out: 5
exit: 0
T
rmdir home/qqtools/in-force

# ---- damage ----
home; for n in 1 2 3; do qctl-set databytes $n >/dev/null; done
for damage in 'echo garbage' 'printf "when x\n"' 'head -c 3 home/qqtools/history/2/record' \
  'printf "when 1\nuid 0\nuser \033[31m\nwhat \033[31m\nbefore \nafter \n"' :; do
  sh -c "$damage" >info; cp info home/qqtools/history/1/record
  check "a damaged record ($damage) does not hide the others" sh -c \
    'qctl-undo --list >said 2>&1; grep "^3 " said && grep "^2 " said &&
      ! grep "$(printf "\033")" said'
done
try 'qctl-undo; qctl-undo; qctl-get databytes; one_line qctl-undo; qctl-undo 2>/dev/null; echo $?;
  qctl-get databytes; qctl-set databytes 7' <<'T'
out: databytes (next connection)
out:   - 3
out:   + 2
out: in force from the next connection on: databytes
out: databytes (next connection)
out:   - 2
out:   + 1
out: in force from the next connection on: databytes
out: 1
out: 1
out: 111
out: 1
out: in force from the next connection on: databytes
exit: 0
T
home; qctl-set databytes 1 >/dev/null; qctl-set databytes 2 >/dev/null
rm -r home/qqtools/history/2/old; live >before
try 'one_line qctl-undo; qctl-undo 2>/dev/null; echo $?' <<'T'
out: 1
out: 111
exit: 0
T
check 'without what was before, nothing is undone' as_before
# An interrupted change whose record is damaged: what is in force can be shown still.
mv home/qqtools/history/2 home/qqtools/history/2.applying
check 'readers go on' sh -c 'qctl-get databytes && qctl-show databytes'
home; qctl-set databytes 1 >/dev/null
check 'nothing is left' clean

# ---- other people's directories ----
if skip_unless_root 'other owners'; then
  home; mkdir -p home/qqtools/history/1.applying/old home/qqtools/history/1.applying/new
  echo x >home/qqtools/history/1.applying/old/rcpthosts
  printf 'when 1\nuid 0\nuser root\nwhat x\nbefore \nafter \n' \
    >home/qqtools/history/1.applying/record
  chown -R 65534:65534 home/qqtools; live >before
  qctl-list >/dev/null 2>&1; qctl-get me >/dev/null 2>&1; qctl-apply aggressive >/dev/null 2>&1
  check 'what others put into the history is not carried out' test -s home/control/rcpthosts
  # A link is no lock.
  home; qctl-set databytes 5 >/dev/null; rm home/qqtools/lock; mkdir outside
  ln -s ../../outside/made home/qqtools/lock; qctl-set databytes 6 >/dev/null 2>&1
  check 'a link for the lock is refused' sh -c \
    '[ ! -e outside/made ] && [ "$(qctl-get databytes)" = 5 ]'
  # An ordinary user whose control/ it is: what is not his cannot keep its owner, and is left alone.
  home; chown 65534:65534 home home/control home/control/me; file databytes '5\n'
  file timeoutremote '60\n'; chown 65534:65534 home/control/timeoutremote
  template own databytes '6\n' timeoutremote '70\n' idhost 'a.example\n'
  chown -R 65534:65534 home/qqtools; live >before
  try 'nobody qctl-apply own 2>/dev/null; echo $?' <<'T'
out: 111
exit: 0
T
  check 'all or nothing' as_before
  check 'nothing temporary' clean
  try 'nobody qctl-set timeoutremote 80; nobody qctl-undo; nobody qctl-undo' <<'T'
out: in force from the next delivery on: timeoutremote
out: timeoutremote (next delivery)
out:   - 80
out:   + 60
out: in force from the next delivery on: timeoutremote
err: There is no change to undo.
exit: 1
T
  check 'his own he may change' as_before
  chmod 555 home/control
  try 'nobody qctl-set timeoutremote 80 2>&1 | grep -c "Permission denied (run it as root)";
    nobody qctl-get timeoutremote' <<'T'
out: 1
out: 60
exit: 0
T
  check 'a directory that may not be written' as_before
  chmod 755 home/control
  check 'nothing temporary there' clean
fi

# ---- places ----
# control/ elsewhere, as distributions have it; a home by another path; from inside it.
home; mv home/control far; ln -s ../far home/control
template own databytes '5\n' rcpthosts 'b.example\n'
try 'qctl-apply own; cat far/databytes far/rcpthosts; qctl-undo; cat far/rcpthosts; ls far;
  QMAILHOME=$T/home/./ qctl-get databytes' <<'T'
out: in force from the next connection on: databytes, rcpthosts
out: 5
out: b.example
out: databytes (next connection)
out:   - 5
out:   + (no file)
out: rcpthosts (next connection)
out:   - b.example
out:   + example.org
out: in force from the next connection on: databytes, rcpthosts
out: example.org
out: me
out: rcpthosts
out: 0
exit: 0
T
rm -r far
home; mkdir home/control/domainkeys; mkfifo home/control/tlshosts
template own domainkeys 'x\n' tlshosts 'x\n' databytes '5\n' concurrencylocal '5\n' timeoutsmtpd \
  '5\n'
live >before
check 'what is no file is not replaced by one' sh -c \
  'timeout 10 qctl-apply own; [ $? != 0 ] && [ $? != 124 ]'
check 'and nothing else either' as_before
check 'and nothing is in the way of what comes next' sh -c \
  'qctl-set databytes 6 && qctl-get databytes'
check 'no temporary file' clean
home; template own domainkeys '' databytes '5\n'; mkdir home/control/domainkeys
qctl-apply own >/dev/null 2>&1
check 'a directory that is not to be there' sh -c \
  'qctl-get databytes; [ -d home/control/domainkeys ]'
check 'leaves no temporary file' clean
# A file that cannot be replaced.
if am_root && : >immutable && chattr +i immutable 2>/dev/null; then
  chattr -i immutable
  home; file timeoutremote '1\n'; chattr +i home/control/timeoutremote; live >before
  template own databytes '5\n' timeoutremote '2\n' timeoutsmtpd '5\n'
  check 'a file that cannot be replaced' sh -c 'qctl-apply own; [ $? = 111 ]'
  check 'what is in force can be shown' sh -c 'qctl-get me; qctl-list'
  chattr -i home/control/timeoutremote; qctl-list >/dev/null
  check 'then nothing has changed, or all' sh -c \
    'v=$(cd home/control; cat databytes timeoutremote timeoutsmtpd 2>/dev/null |
      tr -d "\n"); [ "$v" = 1 ] || [ "$v" = 525 ]'
else
  ok 'a file that cannot be replaced # SKIP no chattr(1) that works'
fi

# ---- size ----
home; perl -e 'print "d$_.example\n" for 1 .. 100000' >home/control/rcpthosts
mkdir -p home/qqtools/templates/large
perl -e 'print "d$_.example\n" for 2 .. 100001' >home/qqtools/templates/large/rcpthosts
perl -e 'print "d$_.example:p$_\n" for 1 .. 20000' >home/control/virtualdomains
mkdir home/users
perl -e 'print "+p$_-:alias:1:1:/x:::\n" for 1 .. 20000; print ".\n"' >home/users/assign
perl -e 'print "e$_.example\n" for 1 .. 20000' >home/control/locals
check 'a difference of long lists' sh -c 'timeout 10 qctl-diff large >out; [ $? = 1 ]'
check 'a check of them' sh -c 'timeout 60 qctl-check; [ $? -lt 2 ]'
check 'applying' sh -c \
  'timeout 10 qctl-apply large && timeout 10 qctl-set rcpthosts --add new.example &&
    timeout 10 qctl-undo && timeout 10 qctl-undo'
finish
