#!/bin/sh
# targets.t - where the lines of a .qmail file lead: maildirs, mboxes and programs, as qusers-lookup
# and qusers-check judge them, with the rights of the user. Where $QMAILHOME has a qmail-local, it
# has to come to the same.

[ ! -w /dev/shm ] || TMPDIR=${TMPDIR:-/dev/shm}; export TMPDIR
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
skip_unless_root
real=$REAL_QMAILHOME/bin/qmail-local; [ -n "$REAL_QMAILHOME" ] && [ -x "$real" ] || real=
as() { perl -e '$( = 12346; $) = "12346 12346"; $< = $> = 12345; exec @ARGV or die' -- "$@"; }

# box LINES: a is assigned to 12345, whose home is box, with these lines in .qmail
box() {
  rm -rf "$T/q"; mkdir -p "$T/q/users" "$T/q/control" "$T/q/queue" "$T/q/box" "$T/q/shut"
  cd "$T/q" || exit 99; QMAILHOME=$T/q; export QMAILHOME
  echo mx.test >control/me; echo mx.test >control/locals; chmod 700 shut
  printf "$1" >box/.qmail; chmod 600 box/.qmail; chown -R 12345:12346 box; chmod 700 box
  printf '=a:u:12345:12346:%s:::\n.\n' "$T/q/box" >users/assign; qusers-compile || exit 99
}
maildir() { as mkdir -p "$1" "$1/tmp" "$1/new" "$1/cur"; }
# comes_to CODE WORDS [FOUND]: qusers-lookup ends with the code, and has the words; qusers-check
# finds an error or a warning, or does not, as FOUND or the code say; and qmail-local delivers, or
# not
comes_to() {
  qusers-lookup a@mx.test >"$T/said" 2>&1; code=$?
  qusers-check >"$T/findings" 2>&1; is=0; right=$1
  if grep -q -e '^error' -e '^warning' "$T/findings"; then is=1; fi
  if [ -n "$real" ]; then
    printf 'Subject: x\n\nx\n' >"$T/mail"
    as "$real" -- u "$T/q/box" a '' '' mx.test '' ./Default/ <"$T/mail" >"$T/local" 2>&1
    case $? in 0) right=0 ;; 100 | 111) right=1 ;; *) right=9 ;; esac
  fi
  [ $code = "$1" ] && [ $is = "${3-$1}" ] && [ $right = "$1" ] && grep -q -e "$2" "$T/said" &&
    return
  echo "exit $code, found $is, really $right"; cat "$T/said" "$T/findings" "$T/local"; return 1
}


# ---- what is hardly meant: qmail-local forwards to what it does not know ----
while IFS= read -r line; do
  box "$line\n"
  check "hardly meant: $line" comes_to 0 '^  this is hardly meant: ' 1
done <<'T'
Maildir/
 ./Maildir/
\357\273\277joe@x.test
&
joe@x.test, ann@x.test
"|vacation joe"
\\joe
joe@x.test\r
./Mailbox\r
T
for line in 'joe@x.test' '&joe@x.test  ' '&joe' 'joe+news=x@x.test' '"joe"@x.test' \
  'J\303\266@x.test'; do
  box "$line\n"
  check "an address: $line" sh -c 'qusers-lookup a@mx.test >"$1" && ! grep hardly "$1"' - "$T/said"
done

# ---- maildirs ----
box './Maildir/\n'
check 'no maildir' comes_to 1 '^  ./Maildir/ is not an existing directory, and mail is deferred$'
maildir box/Maildir
check 'one that is whole' comes_to 0 'delivers to the maildir: ./Maildir/'
as rmdir box/Maildir/cur
check 'without cur: mail comes, but nobody reads it' comes_to 0 '^  ./Maildir/ has no cur' 1
as touch box/Maildir/cur
check 'cur is a file' comes_to 0 '^  ./Maildir/ has no cur' 1
for part in tmp new; do
  rm -rf box/Maildir; maildir box/Maildir; rmdir box/Maildir/$part
  check "without $part" comes_to 1 "^  ./Maildir/$part is not an existing directory"
  as touch box/Maildir/$part
  check "$part is a file" comes_to 1 "^  ./Maildir/$part is not an existing directory"
  rm box/Maildir/$part; mkdir box/Maildir/$part
  check "$part is root's" comes_to 1 \
    "^  ./Maildir/$part cannot be written to by uid 12345, and mail"
  chmod 777 box/Maildir/$part
  check "$part is root's, but open to all" comes_to 0 'to the maildir'
done
chown -R 0:0 box/Maildir; chmod 755 box/Maildir/*
check "root's, all of it" comes_to 1 '^  ./Maildir/tmp cannot be written to by uid 12345'
chmod 700 box/Maildir
check 'and closed' comes_to 1 '^  ./Maildir/ cannot be written to by uid 12345'
chmod 755 box/Maildir; chmod 777 box/Maildir/*
check 'and open' comes_to 0 '^  ./Maildir/ does not belong to uid 12345' 1
chown 12345 box/Maildir/*; chgrp 12346 box/Maildir; chown 7 box/Maildir; chmod 750 box/Maildir
check "somebody else's, and the group may enter it" comes_to 0 'does not belong to uid 12345' 1
rm -rf box/Maildir; as touch box/Maildir
check 'a file' comes_to 1 '^  ./Maildir/ is not an existing directory'
rm box/Maildir; as ln -s nowhere box/Maildir
check 'a link to nothing' comes_to 1 '^  ./Maildir/ is not an existing directory'
as ln -sf Maildir box/Maildir
check 'a link to itself' comes_to 1 '^  ./Maildir/ is not an existing directory'
maildir box/far; as ln -sfn far box/Maildir
check 'a link to one' comes_to 0 'delivers to the maildir: ./Maildir/'
as ln -sfn "$T/q/shut/Maildir" box/Maildir; mkdir -p shut/Maildir
check 'a link to where he may not look' comes_to 1 '^  ./Maildir/ cannot be written to by uid 12345'
box "$T/q/mail/a/\n"
check 'by its whole path, which is not there' comes_to 1 '/mail/a/ is not an existing directory'
mkdir -p mail; chown 12345 mail; maildir mail/a
check 'and is there' comes_to 0 'delivers to the maildir: /.*/mail/a/'
box './.Spam/ \t\n./Maildir/\n'; maildir box/.Spam
check 'of two lines the second' comes_to 1 '^  ./Maildir/ is not an existing directory'
box '|true\n./Maildir/\n'
check 'below a program' comes_to 1 'mail is deferred (unless a program above exits with 99)$'
box './Maildir/\n'; chmod 700 box/.qmail
check 'where it is refused nothing is looked at' comes_to 1 'may only forward'
check 'nor said' sh -c '! grep "no directory" "$1" "$2"' - "$T/said" "$T/findings"

# ---- mboxes ----
box './Mailbox\n'
check 'an mbox that is not there is made' comes_to 0 'delivers to the mbox: ./Mailbox'
as touch box/Mailbox
check 'one that is' comes_to 0 'delivers to the mbox: ./Mailbox'
chown 0 box/Mailbox; chmod 644 box/Mailbox
check "root's" comes_to 1 '^  ./Mailbox cannot be written to by uid 12345, and mail is deferred$'
chmod 666 box/Mailbox
check "root's, but open to all" comes_to 0 '^  ./Mailbox does not belong to uid 12345' 1
rm box/Mailbox; as mkdir box/Mailbox
check 'a directory' comes_to 1 '^  ./Mailbox is not a regular file, and mail is deferred'
rmdir box/Mailbox; as mkfifo box/Mailbox
check 'a pipe that nobody reads' comes_to 1 '^  ./Mailbox is not a regular file'
box '/dev/null\n'
check 'a device, which cannot be synced' comes_to 1 '^  /dev/null is not a regular file'
box './Mail/in\n'
check 'nor is its directory there' comes_to 1 \
  '^  ./Mail/in is not there and cannot be made (No such'
as touch box/Mail
check 'which is a file' comes_to 1 '^  ./Mail/in is not there and cannot be made (Not a directory)'
rm box/Mail; mkdir box/Mail
check "which is root's" comes_to 1 '^  ./Mail/in cannot be written to by uid 12345'
box '.mbox\n'
check 'a name that begins with a dot' comes_to 0 'delivers to the mbox: .mbox'
chown 0 box; chmod 755 box; rm -f box/.mbox
check 'in a home where he may make nothing' comes_to 1 '^  .mbox cannot be written to'

# ---- programs ----
mkdir -p "$T/bin"; printf '#!/bin/sh\nexit 0\n' >"$T/bin/ready"; chmod 755 "$T/bin/ready"
if [ -n "$real" ]; then PATH=$REAL_QMAILHOME/bin:$PATH; fi
bounced="this bounces the mail: lines below it are not carried out"
box '|bouncesaying No\\ such\\ user\n./Maildir/\n'
check 'bouncesaying' comes_to 1 "^  $bounced" 0
check 'nothing below it is told' sh -c '! grep Maildir "$1"' - "$T/said"
box '| bouncesaying "this is \\"it\\""\n'
check 'in quotes' comes_to 1 "^  $bounced" 0
box "|bouncesaying 'no longer | here' \\n"
check 'in other ones' comes_to 1 "^  $bounced" 0
if [ -n "$real" ]; then box "|$REAL_QMAILHOME/bin/bouncesaying no\\n"
check 'by its path' comes_to 1 "^  $bounced" 0; fi
box "|bouncesaying no false\\n"
check 'with a program, that may say otherwise' comes_to 0 'runs the program: bouncesaying no false'
box "|bouncesaying no || true\\n"
check 'where the shell does more' comes_to 0 'runs the program'
box '|/no/such/bouncesaying no\n'
check 'one that is not there' comes_to 1 'bouncesaying is not there, and mail is deferred'
box '|true\n|bouncesaying no\n'
check 'below a program' comes_to 1 \
  'this bounces the mail (unless a program above exits with 99): l' 0
for code in 100 64 65 70 76 77 78 112; do
  box "|exit $code\\n"; check "exit $code" comes_to 1 "^  $bounced" 0
done
for code in 1 111 75 255; do
  box "|exit $code\\n./Maildir/\\n"
  check "exit $code" comes_to 1 '^  this defers the mail: lines below it are not carried out'
done
box '|exit 99\n./Maildir/\n'
check 'exit 99' comes_to 0 'this is the end'
box '|exit 0\n'
check 'exit 0' comes_to 0 'runs the program: exit 0'
check 'qusers-lookup says it once for all addresses' sh -c '
  printf "|exit 100\n" >box/.qmail; qusers-lookup x@far.test a@mx.test >/dev/null; [ $? = 1 ]'

# ---- somebody else looks, by modes ----
box './Maildir/\n'; chmod 644 box/.qmail; chmod 755 . box users control; maildir box/Maildir
try 'nobody qusers-lookup a@mx.test | tail -n 1; chown -R 7:7 box/Maildir; chmod 711 box/Maildir
  nobody qusers-lookup a@mx.test | tail -n 1; nobody qusers-lookup a@mx.test >"$T/said"; echo $?
  chmod 700 box/Maildir; nobody qusers-lookup a@mx.test | tail -n 1; chown 12345 box/Maildir
  nobody qusers-lookup a@mx.test | tail -n 1; nobody qusers-lookup a@mx.test >"$T/said"; echo $?
  nobody qusers-check 2>&1 | sed "s|$T/||g"' <<'T'
out:   delivers to the maildir: ./Maildir/
out:   ./Maildir/tmp cannot be written to by uid 12345, and mail is deferred
out: 1
out:   ./Maildir/ cannot be written to by uid 12345, and mail is deferred
out:   ./Maildir/tmp cannot be looked at by you: Permission denied
out: 111
out: hint: users/assign: line 1: there is no user "u"; mail is delivered with the uid all the same
out: qusers-check: warning: users/assign: line 1: q/box/.qmail names ./Maildir/tmp, which cannot be
...:  looked at by you: Permission denied
exit: 0
T
# What qusers-check says.
box './Maildir/\n./Mailbox\n./Mail/in\n/dev/null\n|exit 75\n'; as mkdir box/Mailbox
try 'qusers-check | sed "s|$T/||g"' <<'T'
out: hint: users/assign: line 1: there is no user "u"; mail is delivered with the uid all the same
out: error: users/assign: line 1: q/box/.qmail delivers to ./Maildir/, which is not an existing
...:  directory, and mail is deferred
out: error: users/assign: line 1: q/box/.qmail delivers to ./Mailbox,
...:  which is not a regular file, and mail is deferred
out: error: users/assign: line 1: q/box/.qmail delivers to ./Mail/in,
...:  which is not there and cannot be made (No such file or directory), and mail is deferred
out: error: users/assign: line 1: q/box/.qmail delivers to /dev/null,
...:  which is not a regular file, and mail is deferred
out: warning: users/assign: line 1: q/box/.qmail runs exit 75, and mail is deferred
exit: 0
T
box './Maildir/\n'; maildir box/Maildir; rm -r box/Maildir/new box/Maildir/cur
try 'qusers-check | tail -n 1 | sed "s|$T/||g"; as mkdir box/Maildir/new
  qusers-check | tail -n 1 | sed "s|$T/||g"; chown 7 box/Maildir/new;
  qusers-check | tail -n 1 | sed "s|$T/||g"; chmod 777 box/Maildir/new; chown 7 box/Maildir
  chmod 755 box/Maildir; qusers-check | sed -n "2s|$T/||gp"' <<'T'
out: error: users/assign: line 1: q/box/.qmail delivers to ./Maildir/new, which is not an existing
...:  directory, and mail is deferred
out: warning: users/assign: line 1: q/box/.qmail delivers to ./Maildir/, which has no cur, and mail
...:  readers need that
out: error: users/assign: line 1: q/box/.qmail delivers to ./Maildir/new,
...:  which cannot be written to by uid 12345, and mail is deferred
out: warning: users/assign: line 1: q/box/.qmail delivers to ./Maildir/,
...:  which does not belong to uid 12345
exit: 0
T
finish
