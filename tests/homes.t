#!/bin/sh
# homes.t - qusers-lookup and qusers-check at the homes of others: root looks with the rights that
# qmail-local would have, opens nothing but files, reads no more than a file of instructions needs,
# and says of what it does not show why. And the truth about what qmail-local would make of it.

[ ! -w /dev/shm ] || TMPDIR=${TMPDIR:-/dev/shm}; export TMPDIR
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
skip_unless_root
as() { perl -e '$( = 12346; $) = "12346 12346"; $< = $> = 12345; exec @ARGV or die' -- "$@"; }

# box [DASH [UID [GID [HOME]]]]: a is assigned so, with a home of 12345 and 12346
box() {
  rm -rf "$T/q"; mkdir -p "$T/q/users" "$T/q/control" "$T/q/queue" "$T/q/box" "$T/q/shut/in"
  cd "$T/q" || exit 99; QMAILHOME=$T/q; export QMAILHOME
  echo mx.test >control/me; echo mx.test >control/locals
  echo '&secret@root.test' >shut/secret; chmod 600 shut/secret
  echo '&secret@root.test' >shut/open; chmod 644 shut/open; chmod 700 shut
  chown 12345:12346 box; chmod 700 box
  printf '=a:u:%s:%s:%s:%s::\n.\n' "${2-12345}" "${3-12346}" "${4-$T/q/box}" "${1-}" >users/assign
  qusers-compile || exit 99
}
# says CODE WORDS: qusers-lookup ends with the code, and a line has the words; qusers-check finds
# something for 1, does not know for 111, and is silent for 0; neither shows the secret
says() {
  timeout 10 qusers-lookup a@mx.test >"$T/said" 2>&1 </dev/null; code=$?
  timeout 10 qusers-check >"$T/findings" 2>&1 </dev/null; found=$?
  grep -q -e '^error' -e '^warning' "$T/findings" || [ $found = 111 ] || found=0
  [ $code = "$1" ] && [ $found = "${3-$1}" ] && grep -q -e "$2" "$T/said" &&
    ! grep -q secret@ "$T/said" "$T/findings" && return
  echo "exit $code, $found"; cat "$T/said" "$T/findings"; return 1
}
# mail TEXT MODE [OWNER]: the .qmail file
mail() { printf '%b' "$1" >box/.qmail; chmod "$2" box/.qmail; chown "${3-12345:12346}" box/.qmail; }

# ---- what the owner of a home has put there ----
box; as ln -s "$T/q/shut/secret" box/.qmail; chmod 755 shut
check 'a link to a file of root' says 1 '/box/.qmail cannot be read by uid 12345'
chmod 700 shut
check 'in a directory of root' says 1 '/box/.qmail cannot be read by uid 12345'
as ln -sf "$T/q/shut/open" box/.qmail
check 'a link to what all may read, in a directory of root' says 1 'cannot be read by uid 12345'
echo '&x@y.test' >public; as ln -sf "$T/q/public" box/.qmail
check 'a link to what he may read is followed, as qmail-local does' says 0 'forwards to: x@y.test'
box; rmdir box; ln -s shut box
check 'a home that is a link to a directory of root' says 1 'box cannot be entered by uid 12345'
box; echo '&secret@root.test' >shut/open; chmod 711 shut
mkdir joe; chown 12345 joe; ln -s "$T/q/shut" joe/box; box '' 12345 12346 "$T/q/joe/box"
mkdir joe; chown 12345 joe; as ln -s "$T/q/shut" joe/box; cp shut/secret shut/.qmail
check 'and below a directory of his' says 1 'joe/box cannot be entered by uid 12345'

# Devices and their like are not opened at all.
is_not_opened() {
  strace -f -o "$T/trace" -e trace=open,openat,openat2 qusers-lookup a@mx.test >/dev/null 2>&1
  ! grep -e '"\.qmail' -e "\"$1" "$T/trace"
}
for what in /dev/ptmx /dev/tty /dev/zero /dev/stdin; do
  box; as ln -s $what box/.qmail
  check "a link to $what" says 0 '/box/.qmail is not a regular file.*passes over it' 1
  if strace -o /dev/null true 2>/dev/null; then
    check "$what is not opened" is_not_opened $what
  fi
done
box; as ln -s /proc/kmsg box/.qmail
check 'a link to the log of the kernel' says 1 'cannot be read by uid 12345'
box; as mkfifo box/.qmail
check 'a FIFO' says 0 'not a regular file' 1
box -; as mkfifo box/.qmail-
check 'a FIFO where the mail bounces' says 1 'it bounces'
box; as mkdir box/.qmail; as chmod 700 box/.qmail
check 'a directory' says 0 'not a regular file' 1
chown 0 box/.qmail
check 'a directory that he may not open: qmail-local defers' says 1 'cannot be read by uid 12345'

# What /proc has about us is not his to see.
for what in cmdline maps fd/3/control/me; do
  box; as ln -s /proc/self/$what box/.qmail
  check "a link to /proc/self/$what" says 111 '/box/.qmail'
done
box; as ln -s /proc/self/cwd/open box/.qmail; cp -p shut/open shut/in
in_shut() { cd "$T/q/shut/in" && says "$@"; }
check 'a link by way of our working directory' in_shut 111 '/box/.qmail cannot be read by you'

# Size.
box; as truncate -s 50G box/.qmail
case $BUILD in */asan) limit= ;; *) limit='ulimit -v 200000' ;; esac
check '50 GB of nothing' sh -c "$limit"'
  qusers-lookup a@mx.test | grep "/box/.qmail is not shown: it has more than 1048576 bytes"'
check 'and nobody knows' says 111 'is not shown'
box; mail "$(perl -e 'print "#" x 1048566, "\\n&x\@y.test"')" 600
truncate -s 1048576 box/.qmail
check 'as much as is shown' says 0 'forwards to: x@y.test'
truncate -s 1048577 box/.qmail
check 'a byte more' says 111 'is not shown'

# Not as root: with his own rights.
box; chmod 755 box; mail '&x@y.test\n' 600
try 'nobody qusers-lookup a@mx.test | tail -n 1 | sed "s|$T/||"
  nobody qusers-lookup a@mx.test >/dev/null; echo $?' <<'T'
out:   q/box/.qmail cannot be read by you: Permission denied
out: 111
exit: 0
T
mail '&x@y.test\n' 604
check 'somebody else reads what he may' sh -c 'perl -e "\$> = 65534; exec @ARGV" \
  qusers-lookup a@mx.test | grep "forwards to: x@y.test"'

# Root that cannot become others.
if setpriv --bounding-set -setuid true 2>/dev/null; then
  box; mail '&secret@root.test\n' 600
  weak() { setpriv --bounding-set -setuid "$@"; }
  try 'weak qusers-lookup a@mx.test | tail -n 1 | sed "s|$T/||"
    weak qusers-lookup a@mx.test | grep -c secret; weak qusers-lookup a@mx.test >/dev/null; echo $?
    weak qusers-check | grep -v ^hint' <<T
out:   q/box is not looked at: unable to become uid 12345: Operation not permitted
out: 0
out: 111
err: qusers-check: warning: users/assign: line 1: the home $T/q/box is not looked at:
...:  unable to become uid 12345: Operation not permitted
exit: 1
T
fi
# It is root again behind it, for the next address.
box; mail '&x@y.test\n' 600; printf '=a:u:12345:12346:%s::\n.\n' "$T/q/box:" >users/assign
qusers-compile; chmod 700 .; chmod 600 users/cdb
check 'several addresses' sh -c '
  [ "$(qusers-lookup a@mx.test b@far.test a@mx.test | grep -c "cannot be entered by uid")" = 2 ]'

# ---- who may read it ----
box; mail '&x@y.test\n' 640 0:12346
check 'readable for the group' says 0 'forwards to: x@y.test'
chgrp 12347 box/.qmail
check 'for another group' says 1 'cannot be read by uid 12345, and qmail-local defers'
mail '&x@y.test\n' 604 12345:12346
check 'for its owner and for others' says 0 'forwards to: x@y.test'
mail '&x@y.test\n' 204 12345:12346
check 'for others, but not for its owner' says 1 'cannot be read by uid 12345'
mail '&x@y.test\n' 200
check 'for nobody' says 1 'cannot be read by uid 12345'
mail '&x@y.test\n' 606 0:0
check 'and writable by all' says 1 'writable by others'
chmod 755 box
check 'said to somebody else, too' sh -c 'chmod 200 box/.qmail; chown 12345 box/.qmail
  perl -e "\$> = 65534; exec @ARGV" qusers-lookup a@mx.test | grep "cannot be read by uid 12345"'

# ---- links that lead nowhere: qmail-local passes over them ----
box; as ln -s .qmail box/.qmail
check 'a link to itself' says 0 '/box/.qmail is not a regular file, or leads to none' 1
check 'the default counts' says 0 'default instructions count' 1
box -; as ln -s .qmail- box/.qmail-
check 'where the mail bounces' says 1 'it bounces'
box -; as ln -s nothing box/.qmail-; as sh -c 'echo "&x@y.test" >box/.qmail-default'
check 'a link to nothing, and a file behind it' says 0 'forwards to: x@y.test' 1

# ---- homes ----
box; mail '&x@y.test\n' 600; chmod 600 box
check 'a home that its owner cannot enter' says 1 'box cannot be entered by uid 12345'
chmod 711 box; chown 0 box
check 'one that he can enter, but not read' says 0 'forwards to: x@y.test' 1
chmod 700 box
check "root's" says 1 'box cannot be entered by uid 12345'
chmod 770 box; chgrp 12346 box; chown 12345:12346 box/.qmail
check 'one that is open for his group' says 0 'forwards to: x@y.test' 1
box '' 12345 12346 box; mail '&secret@root.test\n' 600
check 'one that is no path' says 1 \
  'box does not begin with /: qmail-local refuses it, and it bounces'
box '' 12345 12346 "$T/q/control/me"
check 'a file' says 1 'me cannot be entered (Not a directory), and qmail-local defers'
box '' 12345 12346 "$T/q/box"; rmdir box; ln -s box box
check 'a link to itself' says 1 'box cannot be entered (.*), and qmail-local defers'

# ---- numbers that are none ----
box '' 4294967296
check 'uid 2^32 is root' says 1 'uid 0.*'
check 'and qmail-lspawn does not deliver' says 1 'does not deliver as root, and defers'
box '' 4294967295
check 'the last uid is nobody' says 1 'no process can have that uid or gid'
box '' 12345 4294967295
check 'nor the last gid' says 1 'no process can have that uid or gid'
box '' 4294979641; mail '&x@y.test\n' 600
check 'uid 2^32 + 12345 is 12345' says 0 'delivered as user u (uid 12345).*' 1

# ---- programs ----
box; mail '|exit 99\n|/no/such x\n' 600
check 'exit 99 above a missing program' says 0 'the lines below are not carried out'
mail '| exit\t99 \n./Maildir/\n+list\n|x\n' 600
check 'nothing below it is told' sh -c '! qusers-lookup a@mx.test | grep Maildir'
mail '|exit 99\n|x\n' 700
check 'but not where it is refused' says 1 'only forward .* defers$'
mail '|exit 0\n|/no/such x\n' 600
check 'exit 0' says 1 'is not there, and mail is deferred (unless a program above exits with 99)'
mail '|/no/such x\n|true\n' 600
check 'nothing above it' says 1 'is not there, and mail is deferred$'
mail '&x@y.test\n|a\n+list\n./Maildir/\n' 600
check 'the same below +list' says 1 'and qmail-local defers (unless a program above exits with 99)'
printf '#!/bin/sh\n' >box/run; chmod 700 box/run; chown 0 box/run
mail "|$T/q/box/run x\n" 600
check "a program that is root's alone" says 1 'run cannot be run by uid 12345, and mail is deferred'
chown 12345 box/run
check 'one that is his' says 0 'runs the program: .*/box/run'
chmod 600 box/run
check 'one that is no program' says 1 'run cannot be run by uid 12345'
mail "|$T/q/shut/run x\n" 600
check 'one that he cannot see' says 1 'run cannot be run by uid 12345'
finish
