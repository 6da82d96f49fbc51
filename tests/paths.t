#!/bin/sh
# paths.t - the programs for domains and mailboxes, where directories belong to others: root is not
# led elsewhere, what somebody else uses is not removed, and no name gets into users/assign that it
# cannot hold.

# With mounts of its own, which end with it.
if [ -z "${QQ_MOUNTS-}" ] && unshare -m true 2>/dev/null; then
  QQ_MOUNTS=1; export QQ_MOUNTS; exec unshare -m "$0"
fi
[ ! -w /dev/shm ] || TMPDIR=${TMPDIR:-/dev/shm}; export TMPDIR
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/change.sh"
. "$(dirname "$0")/domain.sh"

d=q/mailnames/a.test
# filled: the domain a.test with the mailbox joe
filled() {
  home; dom qdom-add a.test; dom qmbox-add --deliver ./Maildir/ joe@a.test
}
owner_does() { as $uid:$gid sh -c "$1"; }

# ---- links that the owner of the directories has made ----
# safe PROGRAM ...: it ends with 111, says that a link is in the way, and nothing is done elsewhere
safe() {
  files elsewhere >one; files q >two
  "$@" --user $user >"$T/said" 2>&1; code=$?
  files elsewhere >other
  [ $code = 111 ] && grep -q ': fatal: .*symbolic links$' "$T/said" && diff one other || {
    echo "exit $code"; cat "$T/said"; return 1
  }
}
unsafe_nowhere() { safe "$@" && files q | diff two - || { cat "$T/said"; return 1; }; }
elsewhere() {
  rm -rf elsewhere; mkdir elsewhere elsewhere/joe elsewhere/joe/Maildir elsewhere/a.test
  echo precious >elsewhere/joe/data; echo '#' >elsewhere/a.test/.qmail-default
  chmod -R 700 elsewhere
}
if skip_unless_root 'links of the owner'; then
  elsewhere; filled; dom qdom-add b.test; dom qmbox-add --deliver ./Maildir/ eve@b.test
  owner_does "mv $d $d.mine && ln -s $T/elsewhere $d"
  check 'a domain that is a link: no mailbox is made behind it' unsafe_nowhere qmbox-add jane@a.test
  check 'the one that is there is left alone' unsafe_nowhere qmbox-add joe@a.test
  check 'nothing is purged behind it' unsafe_nowhere qmbox-rm --purge joe@a.test
  check 'a dry run says so, too' unsafe_nowhere qmbox-rm --purge --dry-run joe@a.test
  check 'nor shown' unsafe_nowhere qmbox-add --dry-run jane@a.test
  check 'no domain is purged' unsafe_nowhere qdom-rm --purge a.test
  check 'nobody is looked for there' unsafe_nowhere qalias-add j@a.test joe@a.test
  check 'the domain is not called whole or made so' unsafe_nowhere qdom-add a.test
  try 'qdom-list | sed "s|$T/||;/b.test/d"; qdom-list >/dev/null' <<'T'
out: a.test 100 1 mailbox, 0 aliases:
...:  q/mailnames/a.test cannot be opened (Too many levels of symbolic links)
exit: 111
T
  filled; owner_does "mv $d/joe $d/mine && ln -s $T/elsewhere/joe $d/joe"
  check 'a mailbox that is a link' unsafe_nowhere qmbox-add joe@a.test
  check 'is not purged' unsafe_nowhere qmbox-rm --purge joe@a.test
  filled; owner_does "rm -r $d/joe/Maildir && ln -s $T/elsewhere/joe/Maildir $d/joe/Maildir"
  check 'a Maildir that is a link' safe qmbox-add joe@a.test
  check 'is removed, and not what it leads to' sh -c 'qmbox-rm --purge joe@a.test &&
    [ ! -e q/mailnames/a.test/joe ] && [ -d elsewhere/joe/Maildir ]'
  home; mkdir pool; chown $uid:$gid pool
  owner_does "ln -s $T/elsewhere pool/vhosts"
  check 'mailnames that are a link' unsafe_nowhere qdom-add --mailnames "$T/pool/vhosts" a.test
  check 'mailnames below one' unsafe_nowhere qdom-add --mailnames "$T/pool/vhosts/new" a.test
  # A file is replaced, or stays, but is never followed.
  filled; owner_does "ln -sf $T/elsewhere/joe/data $d/.qmail-default"
  dom qdom-rm a.test; files elsewhere >one
  check '.qmail-default is replaced' dom qdom-add --drop a.test
  check 'and is no link any more' test "$(cat $d/.qmail-default)" = '#'
  owner_does "ln -sf $T/elsewhere/joe/data $d/joe/.qmail"
  check 'nothing is shown from behind a link' safe qmbox-add --deliver ./x joe@a.test
  rm elsewhere/joe/data; owner_does "rm $d/joe/.qmail; mkfifo $d/joe/.qmail"
  check 'a pipe holds nobody up' sh -c \
    'timeout 10 qmbox-add --user $1 --deliver ./x joe@a.test 2>&1 |
      grep "unable to read .*/.qmail: Invalid argument"' - $user
  # What root's own directories have is root's word.
  if ! [ "${QQ_MOUNTS-}" = 1 ] || ! mount -t tmpfs -o mode=755 none /mnt 2>/dev/null; then
    [ "${CI-}" = true ] && not_ok 'links of root (needs a mount)' ||
      ok 'links of root # SKIP no mount'
  else
    home; mkdir /mnt/disk /mnt/home /mnt/disk/a.test; chown $uid:$gid /mnt/disk/a.test
    ln -s /mnt/disk /mnt/home/mailnames; ln -s a.test /mnt/disk/b.test
    check 'a link of root to another disk is followed' dom qdom-add \
      --mailnames /mnt/home/mailnames a.test
    check 'a mailbox comes to be there' dom qmbox-add --deliver ./Maildir/ joe@a.test
    check 'and goes' dom qmbox-rm --purge joe@a.test
    check 'the domain is there' test -f /mnt/disk/a.test/.qmail-default -a ! -e /mnt/disk/a.test/joe
    dom qdom-add --mailnames /mnt/home/mailnames b.test; before
    check 'a domain that is a link is not purged: only that would go' refused qdom-rm --purge \
      b.test
  fi
fi

# ---- links that come and go ----
# The owner exchanges the mailbox and a link while root adds it.
if skip_unless_root 'links that come and go'; then
  filled; elsewhere; rm -r elsewhere/joe; chmod 755 elsewhere
  owner_does "ln -s $T/elsewhere $d/link"
  # renameat2(2) with RENAME_EXCHANGE, so that joe is always one of the two
  cat >swap.pl <<'P'
my ($d, $machine, $stop) = @ARGV;
my $call = { x86_64 => 316, aarch64 => 276 }->{$machine} or exit 0;
chdir $d or die;
my ($one, $other) = ('joe', 'link');
until (-e $stop) { syscall $call, -100, $one, -100, $other, 2 for 1 .. 100 }
P
  as $uid:$gid perl swap.pl $d "$(uname -m)" "$T/stop" & swapping=$!
  for i in $(seq 80); do
    qmbox-add --user $user --deliver ./Maildir/ joe@a.test
  done >/dev/null 2>&1
  : >stop; wait $swapping
  check 'nothing has come to be where the link leads' test "$(ls -A elsewhere | tee more)" = a.test
  # In the moment between the making of a directory and the giving away of it.
  if strace -o /dev/null -e inject=mkdirat:delay_exit=1:when=1000 true 2>/dev/null; then
    home; dom qdom-add a.test; mkdir $d/roots; echo secret >$d/roots/file; chmod 700 $d/roots
    strace -f -o /dev/null -e trace=mkdirat -e inject=mkdirat:delay_exit=1000000:when=1 \
      qmbox-add --user $user --deliver ./Maildir/ joe@a.test >said 2>&1 & adding=$!
    owner_does "for i in \$(seq 100); do [ ! -e $d/.joe.new ] || break; sleep 0.02; done
      rmdir $d/.joe.new; mv $d/roots $d/.joe.new"
    wait $adding; code=$?
    check 'what is put in the place of a new directory is not given away' test \
      "$code $(stat -c %u $d/.joe.new) $(grep -c 'unable to create .*/joe: ' said)" = '111 0 1'
  elif [ "${CI-}" = true ]; then not_ok 'what is put in the place of a new directory (needs strace)'
  else ok 'what is put in the place of a new directory # SKIP no strace(1) that may trace'; fi
fi

# ---- what a purge leaves ----
if skip_unless_root 'what a purge leaves' && [ "${QQ_MOUNTS-}" = 1 ]; then
  filled; owner_does "mkdir $d/joe/Maildir/cur/x"
  mount -t tmpfs none $d/joe/Maildir/cur/x
  try 'qmbox-rm --purge joe@a.test 2>&1 | sed "s|$T/||"; grep -c joe q/users/assign;
    (cd $d/joe; find . | sort)' <<'T'
out: qmbox-rm: fatal: unable to remove q/mailnames/a.test/joe/Maildir/cur/x:
...:  Invalid cross-device link
out: 0
out: .
out: ./Maildir
out: ./Maildir/cur
out: ./Maildir/cur/x
exit: 0
T
  umount $d/joe/Maildir/cur/x
  check 'the same again finishes it' qmbox-rm --purge joe@a.test
  check 'all is gone' test ! -e $d/joe
fi
if skip_unless_root 'an owner who keeps making files'; then
  filled
  cat >busy.pl <<'P'
my ($d, $stop) = @ARGV;
chdir $d or die;
for (my $i = 0; !-e $stop; $i++) {
    mkdir "d$i"; open my $f, '>', "d$i/f"; close $f if $f; open $f, '>', "f$i"; close $f if $f;
    last if !-e 'f0' && !open my $g, '>', 'f0';
}
P
  as $uid:$gid perl busy.pl $d/joe/Maildir/new "$T/over" & busy=$!
  sleep 0.3
  timeout 60 qmbox-rm --purge joe@a.test >said 2>&1; code=$?
  check 'a purge ends while its owner makes files and directories' test $code != 124
  check 'and says what is left, or leaves nothing' sh -c \
    '[ $1 = 0 ] && [ ! -e $2/joe ] ||
      [ $1 = 111 ] && grep "unable to remove .*/a.test/joe.*: Directory not empty" said ||
      { echo "code $1"; cat said; ls -ld "$2/joe"; false; }' - $code $d
  : >over; wait $busy
  check 'when he has ended, the same again finishes it' sh -c \
    '[ ! -e $1/joe ] || qmbox-rm --purge joe@a.test && [ ! -e $1/joe ]' - $d
fi
filled
perl -e 'chdir shift; for (1 .. 200) { mkdir "d" or die; chdir "d" or die } open my $f, ">", "f"' \
  $d/joe/Maildir/new
check 'a mailbox of 200 directories, one in the other' qmbox-rm --purge joe@a.test
check 'goes' test ! -e $d/joe

# ---- what others use ----
# used WORDS PROGRAM OPERAND: with --purge it is refused, and the words say why; without, it is done
used() {
  words=$1; shift
  refused "$1" --purge "$2" && grep -e "$words" "$T/said" && grep 'since others use it' "$T/said" &&
    "$1" --user $user "$2" >"$T/said" 2>&1 || { cat "$T/said"; return 1; }
}
# assigned LINE...: users/assign gets these lines
assigned() {
  for line; do sed "\$i$line" q/users/assign >new; cat new >q/users/assign; done
  qusers-compile; before
}
filled; dom qdom-add b.test; sed -i 's/^b.test:.*/b.test:100/' q/control/virtualdomains; before
check 'another domain with the same prefix' used 'control/virtualdomains, line 2' qdom-rm a.test
check 'which is named' grep 'prefix 100 is that of b.test, too' "$T/said"
filled; echo b.test:100 >>q/control/virtualdomains; mkdir $d/../b.test
check 'whose own directory nobody uses' dom qdom-rm --purge b.test
check 'it goes' test ! -e $d/../b.test -a -d $d/joe
filled; echo .sub.a.test:100 >>q/control/virtualdomains; before
check 'the domains below it' used 'that of .sub.a.test, too.*, line 2' qdom-rm a.test
check 'which keep the lines' grep +100 q/users/assign
filled; dom qdom-add b.test; dom qalias-add joe@b.test joe@a.test; before
check 'an alias into a mailbox below' used 'users/assign, line 1: =200-joe has the home ' \
  qdom-rm a.test
rm -rf q; cp -Rp saved q
check 'it is no reason to keep the mailbox, whose alias it is' dom qmbox-rm --purge joe@a.test
check 'and once it is gone, none to keep the domain' dom qdom-rm --purge a.test
check 'which is gone' test ! -e $d
filled; assigned "+bobs-:$user:$uid:$gid:$T/$d:-::"
check 'a prefix of others with that home' used 'users/assign, line 3: +bobs- has' qdom-rm a.test
filled; assigned "+bobs-:$user:$uid:$gid:$T/$d/joe:-::" \
  "+100-joe-:$user:$uid:$gid:$T/$d/joe:-::"
check 'or with that of a mailbox' used 'users/assign, line 3: +bobs- has' qmbox-rm joe@a.test
check 'that prefix stays, and those of the mailbox go' test \
  "$(sed -n 's/:.*//p' q/users/assign | tr '\n' ' ')" = '+100 +bobs- '
filled; assigned "=eve:$user:$uid:$gid:$T/$d/joe/below:::"
check 'a home below a mailbox' used '=eve has the home .*/joe/below' qmbox-rm joe@a.test
filled; assigned "=eve:$user:$uid:$gid:$T/q/../q//mailnames/./a.test/joe:::"
check 'one that is written in another way' used '=eve has the home' qdom-rm a.test
filled; ln -s q/mailnames/a.test away; assigned "=eve:$user:$uid:$gid:$T/away/joe:::"
check 'one behind a link' used '=eve has the home .*/away/joe' qdom-rm a.test
filled; dom qdom-rm a.test; assigned "=eve:$user:$uid:$gid:$T/$d/joe:::"
check 'a domain of which only the directory is left' refused qdom-rm --purge a.test
check 'whose user is named' grep '=eve has the home' "$T/said"
filled; assigned "=eve:$user:$uid:$gid:$T/$d.other:::"
check 'a home that only begins alike is none of this' dom qdom-rm --purge a.test
check 'and the domain goes' test ! -e $d

# ---- names ----
home; before
for m in / /a:b "/a
b" "/a$(printf '\r')" /a/../..; do
  check "not the directory of domains: $m" refused qdom-add --mailnames "$m" a.test
done
for m in "$T/m//n" "$T/m/./n/" "$T/m/../m/x/../n" "$T//m/n/."; do
  mkdir m; home; dom qdom-add --mailnames "$m" a.test
  check "one way to write it: $m" grep ":$T/m/n/a.test:::\$" q/users/assign
  check 'which the next one finds' dom qmbox-add --deliver ./x --mailnames "$T/./m/n" joe@a.test
  check 'there' test -f m/n/a.test/joe/.qmail
  rm -rf m
done
home; mkdir 'c:d'; mv q 'c:d'; QMAILHOME=$T/c:d/q
try 'qdom-add --user $user a.test 2>&1 | sed "s|$T/||"; ls c:d/q/mailnames' <<'T'
out: qdom-add: fatal: users/assign cannot hold c:d/q/mailnames, with a colon or control character:
...:  give --mailnames; nothing was done
err: ls: cannot access 'c:d/q/mailnames': No such file or directory
exit: 2
T
rm -r 'c:d'; home; before
check 'no prefix with a control character' refused qdom-add --prefix "a$(printf '\r')b" a.test
filled; before
for a in '*@a.test' '@a.test'; do
  check "no mailbox takes the rest: $a" refused qmbox-add "$a"
  check "which says what does" grep 'goes by .qmail-default' "$T/said"
  check "nor an alias: $a" refused qalias-add "$a" joe@a.test
  check 'the same' grep 'goes by .qmail-default' "$T/said"
done
assigned "=100-*:$user:$uid:$gid:$T/$d/joe:::"
check 'what an older version has taken can be removed' dom qalias-rm '*@a.test'

# ---- a .qmail that is there ----
filled; before
check 'the same is asked for: it is done' dom qmbox-add --deliver ./Maildir/ joe@a.test
check 'nothing has changed' untouched
check 'another one is refused' refused qmbox-add --deliver '|true' joe@a.test
check 'with what is there' grep '/joe/.qmail is there already, and says "./Maildir/\\n"; nothing' \
  "$T/said"
check 'to forward, too' refused qmbox-add --forward x@y.test joe@a.test
check 'a dry run says the same' refused qmbox-add --dry-run --deliver '|true' joe@a.test
dom qmbox-rm joe@a.test; printf '&me@y.test\n' >$d/joe/.qmail; before
check 'of a mailbox that was kept as well' refused qmbox-add --deliver ./Maildir/ joe@a.test
check 'nothing asked for: it comes back as it was' sh -c \
  'qmbox-add --user $1 joe@a.test 2>&1 | grep "warning: .*stays: it says \"&me@y.test\\\\n\""' - \
  $user
check 'with its old .qmail' grep -x '&me@y.test' $d/joe/.qmail
: >$d/joe/.qmail; before
check 'an empty one is one, too' refused qmbox-add --deliver ./Maildir/ joe@a.test
finish
