#!/bin/sh
# domains.t - qdom-*, qmbox-*, qalias-*: the same trees as the steps of the manual,
# done by hand with coreutils.

# Nothing here is about a crash, and fsync takes its time.
[ ! -w /dev/shm ] || TMPDIR=${TMPDIR:-/dev/shm}; export TMPDIR
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/domain.sh"

# ---- the whole recipe ----
home; cp -Rp q hand
check 'a domain' dom qdom-add example.test
if [ -e /usr/bin/deliverquota ]; then said=
else said='err: qmbox-add: warning: /usr/bin/deliverquota
...:  is not there, and mail for joe@example.test is deferred until it is,
...:  or .qmail says ./Maildir/ instead
'; fi
try 'qmbox-add --user $user joe@example.test' <<T
${said}exit: 0
T
check 'an alias' dom qalias-add sales@example.test joe@example.test
check 'a mailbox with a limit that forwards' dom qmbox-add --quota 100M --forward x@y.test \
  --forward z@y.test ann@example.test
check 'a mailbox as one likes it' dom qmbox-add --deliver '|true' --deliver ./Maildir/ \
  eve@example.test
by_hand() (
  cd hand || exit 1; umask 077; d=$T/q/mailnames/example.test; line="$user:$uid:$gid"
  echo example.test >>control/rcpthosts; echo example.test:100 >control/virtualdomains
  chmod 644 control/*
  mkdir -p mailnames/example.test
  echo '|bouncesaying This\ address\ no\ longer\ accepts\ mail.' \
    >mailnames/example.test/.qmail-default
  for u in joe ann eve; do
    mkdir -p mailnames/example.test/$u/@attachments mailnames/example.test/$u/Maildir/cur \
      mailnames/example.test/$u/Maildir/new mailnames/example.test/$u/Maildir/tmp
    printf '| true\n| /usr/bin/deliverquota ./Maildir\n' >mailnames/example.test/$u/.qmail
    printf '0S,0C\n           0           0\n' >mailnames/example.test/$u/Maildir/maildirsize
    chmod 644 mailnames/example.test/$u/Maildir/maildirsize
  done
  printf '&x@y.test\n&z@y.test\n' >>mailnames/example.test/ann/.qmail
  printf '104857600S,0C\n           0           0\n' >mailnames/example.test/ann/Maildir/maildirsize
  printf '|true\n./Maildir/\n' >mailnames/example.test/eve/.qmail
  ! am_root || chown -R "$uid:$gid" mailnames
  {
    for a in eve=eve ann=ann sales=joe joe=joe; do echo "=100-${a%=*}:$line:$d/${a#*=}:::"; done
    echo "+100:$line:$d:::"; echo .
  } >users/assign
  chmod 644 users/assign
  QMAILHOME=$T/hand qusers-compile
)
by_hand
check 'every file, owner, mode and line as by hand' same hand q
try 'qdom-list; qdom-list --json | sed "s|$T/|T/|"; qmbox-list | sed "s|$T/||";
  qmbox-list --json | sed "s|$T/|T/|" | tail -n 2; qmbox-list EXAMPLE.test | wc -l;
  qmbox-list no.test; echo $?' <<'T'
out: example.test 100 3 mailboxes, 1 alias
out: {"domain":"example.test","prefix":"100","mailboxes":3,"aliases":1,
...: "directory":"T/q/mailnames/example.test","user":null,"inconsistent":null}
out: eve@example.test q/mailnames/example.test/eve
out: ann@example.test q/mailnames/example.test/ann
out: sales@example.test q/mailnames/example.test/joe
out: joe@example.test q/mailnames/example.test/joe
out: {"address":"sales@example.test","type":"alias","directory":"T/q/mailnames/example.test/joe",
...: "file":null}
out: {"address":"joe@example.test","type":"mailbox","directory":"T/q/mailnames/example.test/joe",
...: "file":null}
out: 4
out: 100
err: qmbox-list: fatal: control/virtualdomains has no domain "no.test"
exit: 0
T
check 'qusers-check finds nothing but that deliverquota is not here, perhaps' sh -c \
  'qusers-check >"$0" 2>&1; [ $? -le 1 ] &&
    ! grep -v "runs /usr/bin/deliverquota, which is not there" "$0"' "$T/found"
try 'for a in joe sales ann nobody; do route $a@example.test | sed "s|$T/||"; done' <<'T'
out: q/mailnames/example.test/joe
out: q/mailnames/example.test/joe
out: q/mailnames/example.test/ann
out: q/mailnames/example.test
exit: 0
T
# The same again.
before
try 'qdom-add --user $user example.test; echo $?; qmbox-add --user $user joe@example.test; echo $?;
  qalias-add --user $user sales@example.test joe@example.test; echo $?' <<'T'
out: 100
out: 0
out: 0
err: qdom-add: fatal: the domain example.test is there: control/virtualdomains, line 1;
...:  nothing was done
exit: 0
T
check 'nothing was changed' untouched
# ---- removing ----
dry() { "$@" --dry-run --user $user >"$T/said" 2>&1 && [ -s "$T/said" ] && untouched || {
  cat "$T/said"; return 1
}; }
check 'not an alias' refused qalias-rm joe@example.test
check 'no mailbox' refused qmbox-rm nobody@example.test
check 'no alias' refused qalias-rm nobody@example.test
check 'no domain' refused qdom-rm no.test
check 'an alias is taken by a mailbox' refused qalias-add ann@example.test joe@example.test
check 'a mailbox is taken by an alias' refused qmbox-add sales@example.test
check 'an alias of nobody' refused qalias-add a@example.test nobody@example.test
for a in 'example' 'a@' '@example.test' 'a/b@example.test' '../x@example.test' 'a:b@example.test' \
  'a b@example.test' '.x@example.test' 'a@no.test' "a
b@example.test" 'ä@example.test'; do check "no mailbox: $a" refused qmbox-add "$a"; done
for d in '' 'a b' 'a:b' '../x' 'a/b' '.x.test' 'a..b' "a
b" 'x@y'; do check "no domain: $d" refused qdom-add "$d"; done
for o in --bounce=a"
"b --catch-all=x --catch-all=x@ --prefix= --prefix=a:b --prefix=100 --mailnames=rel \
  --user=nosuchuser --user=root --no-such; do
  check "refused: $o" refused qdom-add "$o" new.test
done
check 'two ways at once' refused qdom-add --drop --bounce x new.test
for o in --quota=x --quota=-1 --forward=x --deliver= --deliver=deliverquota --deliver='a
b'; do check "refused: $o" refused qmbox-add "$o" new@example.test; done
# Dry runs say everything, and change nothing.
check 'dry: a domain' dry qdom-add new.test
try 'sed "s|$T/||;s/ $uid:$gid/ UID:GID/;s/:$user:$uid:$gid:/:USER:UID:GID:/;
  s/owner $uid:$gid/owner UID:GID/" "$T/said"' <<'T'
out: make directory q/mailnames/new.test (mode 0700, owner UID:GID)
out: make file q/mailnames/new.test/.qmail-default (mode 0600, owner UID:GID)
out: +|bouncesaying This\ address\ no\ longer\ accepts\ mail.
out: change users/assign
out: ++200:USER:UID:GID:q/mailnames/new.test:::
out: change control/rcpthosts
out: +new.test
out: change control/virtualdomains
out: +new.test:200
exit: 0
T
check 'dry: a mailbox' dry qmbox-add new@example.test
try 'grep -c "^make directory" "$T/said"; grep -c "^make file" "$T/said";
  grep -c "^+=100-new:" "$T/said"' <<'T'
out: 6
out: 2
out: 1
exit: 0
T
check 'dry: an alias' dry qalias-add new@example.test joe@example.test
check 'dry: remove an alias' dry qalias-rm sales@example.test
check 'dry: remove a mailbox' dry qmbox-rm --purge joe@example.test
check 'which is said with its directory' grep "remove $T/q/mailnames/example.test/joe" "$T/said"
check 'dry: remove a domain' dry qdom-rm --purge example.test
try 'grep -c "^-[=+]100" "$T/said"; grep -c "^-example.test" "$T/said";
  grep -c "^remove " "$T/said"' <<'T'
out: 5
out: 2
out: 1
exit: 0
T
check 'an alias is removed' dom qalias-rm sales@example.test
check 'to where the rest goes' test "$(route sales@example.test)" = "$T/q/mailnames/example.test"
dom qalias-add sales@example.test joe@example.test
check 'a mailbox is removed' dom qmbox-rm joe@example.test
check 'and its aliases, not its directory' sh -c \
  '! grep -e joe -e sales "$1/q/users/assign" && [ -d "$1/q/mailnames/example.test/joe/Maildir" ]' \
  - "$T"
check 'with --purge' dom qmbox-rm --purge ann@example.test
check 'the directory goes too' test ! -e q/mailnames/example.test/ann
check 'a domain is removed' dom qdom-rm example.test
check 'the directory stays' test -f q/mailnames/example.test/.qmail-default
mv q/mailnames kept; rm q/control/virtualdomains
home_again() { rm -rf fresh; cp -Rp q kept-q; home; mv q fresh; mv kept-q q; same fresh q; }
check 'all else is as it was in the beginning' home_again
# A domain that comes back with another wish for the rest.
home; dom qdom-add example.test; dom qdom-rm example.test
check 'it comes back' dom qdom-add --drop example.test
check 'and does what is asked for now' grep -x '#' q/mailnames/example.test/.qmail-default
check 'purged with --purge' sh -c \
  'qdom-rm --purge --user "$1" example.test && [ ! -e q/mailnames/example.test ]' - $user
# Who removes needs no account: it may be gone.
home; dom qdom-add example.test; dom qmbox-add joe@example.test
dom qalias-add sales@example.test joe@example.test
check 'no user "nosuchuser": an alias is removed' qalias-rm --user nosuchuser sales@example.test
check 'a mailbox is removed' qmbox-rm --purge --user nosuchuser joe@example.test
check 'a domain is removed' qdom-rm --purge --user nosuchuser example.test
try 'grep . q/users/assign; ls q/mailnames; qdom-add --user nosuchuser example.test' <<'T'
out: .
err: qdom-add: fatal: there is no user "nosuchuser": give --user
exit: 100
T
# A domain that is there says where, and as whom: the two options are for the first time only.
home; dom qdom-add --mailnames "$T/q/far" a.test; qmbox-add --deliver ./Maildir/ joe@a.test
try 'qmbox-add --deliver ./Maildir/ ann@a.test && qalias-add sales@a.test ann@a.test &&
  qdom-add --catch-all joe@a.test a.test >said && tail -n 1 said &&
  cut -d : -f 1,2,5- q/users/assign | sed "s|$T/||;s/:$user:/:USER:/"; ls q | grep -c mailnames;
    ls -A q/far/a.test' <<'T'
out: +&joe@a.test
out: =100-sales:USER:q/far/a.test/ann:::
out: =100-ann:USER:q/far/a.test/ann:::
out: =100-joe:USER:q/far/a.test/joe:::
out: +100:USER:q/far/a.test:::
out: .
out: 0
out: .qmail-default
out: ann
out: joe
exit: 0
T
check 'all of it is that user'"'"'s' sh -c \
  '[ "$(find q/far/a.test/ann q/far/a.test/joe ! -uid "$0" | wc -l)" = 0 ]' "$uid"
# As root nothing is delivered, whatever the line says.
sed 's/^\(+100:[^:]*\):[0-9]*:/\1:0:/' q/users/assign >new && cp new q/users/assign
check 'nobody gets uid 0' sh -c 'qmbox-add bob@a.test; ! grep "^=100-bob:[^:]*:0:" q/users/assign'
# What is there in part is made whole; what is whole, or says otherwise, is refused.
home; dom qdom-add b.test; dom qdom-add --reject example.test; cp -Rp q whole
dom qdom-rm example.test; qctl-undo >/dev/null
try 'qdom-list' <<'T'
out: b.test 100 0 mailboxes, 0 aliases
out: example.test 200 0 mailboxes, 0 aliases: users/assign has no +200
exit: 1
T
before
check 'an undo has brought it back in part: another prefix contradicts' refused qdom-add --prefix \
  300 example.test
check 'which is said' grep 'qdom-add: fatal: the domain example.test has the prefix 200: '\
'control/virtualdomains, line 2; nothing was done' "$T/said"
check 'a dry run says what is missing' dry qdom-add example.test
try 'grep -c . "$T/said"; grep "^+" "$T/said" | sed "s/:.*//"' <<'T'
out: 3
out: ++200
exit: 0
T
try 'qdom-add --user $user example.test' <<'T'
out: HUP qmail-send: virtualdomains
err: qdom-add: warning: the domain example.test is there in part,
...:  control/virtualdomains has it in line 2: what is missing is made
exit: 0
T
check 'all is there again' same whole q
before
check 'now it is whole' refused qdom-add example.test
# in_part WORDS COMMAND...: without what the command takes away it is not whole, qdom-list says so,
# and qdom-add makes it whole
in_part() {
  rm -rf q; cp -Rp whole q; words=$1; shift; "$@" && qusers-compile
  qdom-list >"$T/said" 2>&1
  [ -z "$words" ] || grep -q "$words" "$T/said" || {
    cat "$T/said"; return 1
  }
  qdom-add --user $user example.test >"$T/said" 2>&1 && grep -q 'is there in part' "$T/said" || {
    cat "$T/said"; return 1
  }
  same whole q
}
check 'without its directory' in_part 'is not an existing directory' rm -r q/mailnames/example.test
check 'without .qmail-default' in_part '' rm q/mailnames/example.test/.qmail-default
check 'without its line in rcpthosts' in_part 'takes no mail for it' sed -i '/^example.test$/d' \
  q/control/rcpthosts
check 'with --reject' sh -c \
  'rm -rf q; cp -Rp whole q; rm q/control/rejectnonexist;
    qdom-add --reject --user "$1" example.test &&
    grep -x example.test q/control/rejectnonexist' - $user
rm -rf q; cp -Rp whole q; sed -i '/^+200/s|/example.test|/other|' q/users/assign
qusers-compile; before
check 'its prefix leads elsewhere' refused qdom-add example.test
check 'which is said, too' grep \
  'fatal: +200 is assigned to .*/q/mailnames/other: users/assign, line 1; nothing was done' \
  "$T/said"
check 'and qdom-list says it' sh -c \
  'mkdir q/mailnames/other; qdom-list |
    grep "200 leads to .*/mailnames/other, not below .*/q/mailnames (--mailnames)"'
# A wildcard of rcpthosts serves it, too.
rm -rf q; cp -Rp whole q; sed -i 's/^example.test$/.test/' q/control/rcpthosts; before
check 'a wildcard in rcpthosts: it is whole' refused qdom-add example.test
# Another layout, and another user.
home; m="--mailnames $T/q/vhosts"; dom qdom-add $m a.test; dom qmbox-add $m joe@a.test
dom qalias-add $m j@a.test joe@a.test
try 'qdom-list $m; qdom-list | sed "s|$T/||g"; qmbox-list --json $m | grep -c mailbox;
  qmbox-list --json | grep -c mailbox; qdom-list --user root $m; qdom-list --user $user $m;
  qmbox-list --user root; qmbox-list --user $user | wc -l' <<'T'
out: a.test 100 1 mailbox, 1 alias
out: a.test 100 0 mailboxes, 2 aliases: +100 leads to q/vhosts/a.test,
...:  not below q/mailnames (--mailnames)
out: 1
out: 0
out: a.test 100 0 mailboxes, 0 aliases: users/assign has no +100 of the user root
out: a.test 100 1 mailbox, 1 alias
out: 2
exit: 0
T
check 'the domain is removed from there' dom qdom-rm --purge $m a.test
check 'all of it' test "$(cat q/users/assign; ls q/vhosts)" = .
# An alias of another domain's mailbox goes with that.
home; dom qdom-add a.test; dom qdom-add b.test; dom qmbox-add joe@a.test
dom qalias-add joe@b.test joe@a.test; dom qmbox-rm --purge joe@a.test
check 'no address leads to a directory that is gone' sh -c '! grep a.test/joe q/users/assign'
# Names are without case.
home; dom qdom-add a.test
check 'a domain is found without case' dom qmbox-add joe@A.Test
check 'and has one directory' test "$(ls q/mailnames | wc -l)" = 1

# ---- what is accepted and rejected by SMTP ----
home; echo '# mine' >>q/control/rcpthosts; printf 'more.test\n' >q/control/morercpthosts
: >q/control/rejectnonexist
check 'a domain where there is morercpthosts' dom qdom-add Example.test
list() { for h in "$@"; do printf '+%d,0:%s->\n' ${#h} "$h"; done; echo; }
try 'cat q/control/rcpthosts q/control/morercpthosts q/control/rejectnonexist' <<'T'
out: mx.test
out: # mine
out: more.test
out: example.test
out: example.test
exit: 0
T
if command -v cdb >/dev/null; then
  list more.test example.test | cdb -c -t tmp want
  check 'morercpthosts.cdb' cmp want q/control/morercpthosts.cdb
  list more.test | cdb -c -t tmp want
fi
dom qdom-rm EXAMPLE.test
try 'cd q/control; cat rcpthosts morercpthosts rejectnonexist virtualdomains' <<'T'
out: mx.test
out: # mine
out: more.test
exit: 0
T
if command -v cdb >/dev/null; then
  check 'morercpthosts.cdb without it' cmp want q/control/morercpthosts.cdb
fi
home; dom qdom-add --reject a.test; check '--reject' grep -x a.test q/control/rejectnonexist
check 'qdom-list: a wildcard of rcpthosts and blanks behind it count' sh -c \
  'printf "mx.test\n.test \n" >q/control/rcpthosts; qdom-list'
check 'qdom-list: without it there is a fault' sh -c \
  'echo mx.test >q/control/rcpthosts; qdom-list | grep "takes no mail"'

# ---- prefixes ----
# next PREFIX LINES [ASSIGN]: with these virtualdomains the next is PREFIX
next() {
  home; printf "$2" >q/control/virtualdomains; printf "${3-}.\n" >q/users/assign
  qusers-compile; qdom-add --user $user new.test >/dev/null 2>"$T/said"
  got=$(sed -n 's/^new.test://p' q/control/virtualdomains)
  [ "$got" = "$1" ] || {
    echo "got $got"; cat "$T/said"; return 1
  }
}
check 'the first is 100' next 100 ''
check 'behind 100' next 200 'a.test:100\n'
check 'behind 117' next 200 'a.test:117\n'
check 'behind 99' next 100 'a.test:99\n'
check 'behind 950: 1000 overlaps nothing' next 1000 'a.test:950\n'
check 'behind 950, where there is 100: not 1000, 1001' next 1100 'b.test:100\na.test:950\n'
check 'where there is 1: nothing that begins with it' next 200 'a.test:1\n'
check 'names are no numbers' next 100 'a.test:alias-a\n'
check 'those of users/assign count' next 400 '' '+317:x:5:5:/h:::\n'
check 'nine in use, so that every number begins alike: the next, with a warning' next 100 \
  'a.test:1\nb.test:2\nc.test:3\nd.test:4\ne.test:5\nf.test:6\ng.test:7\nh.test:8\ni.test:9\n'
check 'which names the other' grep 'warning: the prefix 100 and 1 begin alike' "$T/said"
check 'eight in use: the ninth' next 900 \
  'a.test:1\nb.test:2\nc.test:3\nd.test:4\ne.test:5\nf.test:6\ng.test:7\nh.test:8\n'
check 'without a warning' test ! -s "$T/said"
check 'eight in use, and a long one' next 900000 \
  'a.test:1\nb.test:2\nc.test:3\nd.test:4\ne.test:5\nf.test:6\ng.test:7\nh.test:123456\ni.test:8\n'
check 'a user whose name is a number is no prefix' next 100 '' '=1:x:5:5:/h:::\n'
check 'but what has a dash is one' next 200 '' '=1-x:x:5:5:/h:::\n'
# A prefix that something else has would send the mail of the new domain there.
mine() {
  next "$@" >/dev/null
  for u in joe x; do case $(route $u@new.test) in
    */q/mailnames/new.test) ;;
    *)
      qusers-lookup $u@new.test; return 1
      ;;
  esac done
}
check 'an address in virtualdomains has it' next 200 'u@x.test:100\n'
check 'a domain with its subdomains has it' next 200 '.x.test:100\n'
check 'the rest of the world has it' next 200 ':100\n'
check 'what is left of a mailbox has it' mine - '' '=100-joe:x:5:5:/other:::\n'
check 'a prefix with a dash has it' mine - '' '+100-:x:5:5:/other:-::\n'
home; printf '+joe:x:5:5:/other:-::\n.\n' >q/users/assign; qusers-compile; before
check 'a prefix that is asked for and belongs to another home' refused qdom-add --prefix joe \
  new.test
quietly() { "$@" --user $user 2>&1 >/dev/null | tee "$T/said"; [ ! -s "$T/said" ]; }
home
for p in 1 2 3 4 5 6 7 8 9; do check "prefix $p is asked for, and nothing begins so" quietly \
  qdom-add --prefix $p d$p.test; done
home; dom qdom-add --prefix 1 one.test; dom qdom-add --prefix 10 ten.test 2>"$T/said"
check 'an overlap that is asked for is warned about' grep \
  'warning: the prefix 10 and 1 begin alike' "$T/said"
check 'and found' sh -c 'qusers-check | grep "+1 is the beginning of +10"'
dom qdom-rm ten.test 2>"$T/said"
check 'mail for what is gone does not come to the other one' sh -c \
  'qusers-lookup x@ten.test | grep remote'
check 'nor what is in the queue' grep \
  'qdom-rm: warning: users/assign keeps +10: without it, '\
'+1 would take the mail that is still queued' \
  "$T/said"
check 'its prefix leads where it led' grep '^+10:.*/q/mailnames/ten.test:::$' q/users/assign
qusers-rm +10; dom qdom-rm one.test
check 'nothing is left' test "$(cat q/users/assign q/control/virtualdomains)" = .
# Mail that is queued for a domain that is gone must not come to the one that is made next.
home; for d in a b; do dom qdom-add $d.test; done; dom qdom-rm b.test; dom qdom-add c.test
try 'cat q/control/virtualdomains q/qqtools/last-prefix; qdom-rm --dry-run c.test >/dev/null;
  dom qdom-rm c.test; dom qdom-rm a.test; dom qdom-add d.test;
  cat q/control/virtualdomains q/qqtools/last-prefix' <<'T'
out: a.test:100
out: c.test:300
out: 300
out: d.test:400
out: 400
exit: 0
T
try 'dom qdom-add --prefix 200 b.test; dom qdom-add --prefix 500 e.test;
  dom qdom-add --prefix alias-x x.test; cat q/qqtools/last-prefix' <<'T'
out: 500
err: qdom-add: warning: the prefix 200 may have been another domain's (400 was given already):
...:  mail that is queued for that one goes to this one
exit: 0
T
echo x >q/qqtools/last-prefix; before
try '{ qdom-add --user $user f.test; qdom-rm e.test; } 2>&1 | sed "s|$T/||"' <<'T'
out: qdom-add: fatal: q/qqtools/last-prefix: expected a number,
...:  the highest prefix that was ever given; nothing was done
out: qdom-rm: fatal: q/qqtools/last-prefix: expected a number,
...:  the highest prefix that was ever given; nothing was done
exit: 0
T
# A domain that is elsewhere says so itself.
home; mkdir "$T/elsewhere"; dom qdom-add --mailnames "$T/elsewhere" far.test
dom qmbox-add far.test 2>/dev/null; dom qmbox-add joe@far.test
dom qalias-add jim@far.test joe@far.test
check 'a mailbox comes beside its domain' test -d "$T/elsewhere/far.test/joe/Maildir"
try 'qalias-rm joe@far.test; qmbox-rm jim@far.test 2>&1 | sed "s|$T/||g;s/:.*//";
  qalias-rm jim@far.test; qdom-rm --purge far.test | sed "/HUP/d"; ls elsewhere' <<'T'
out: qmbox-rm
err: qalias-rm: fatal: joe@far.test is a mailbox: qmbox-rm removes it
exit: 0
T
dom qdom-add --mailnames "$T/elsewhere" far.test; rm -rf "$T/elsewhere/far.test"
try 'qdom-rm --purge far.test 2>&1 | sed "s|$T/||g;/HUP/d"' <<'T'
out: qdom-rm: warning: there is no directory elsewhere/far.test, so nothing was purged: --mailnames
...:  says where domains are
exit: 0
T
# What is behind the dot does not count.
home
printf '.\n+100:%s:%d:%d:%s:::\n' $user "$uid" "$gid" "$T/q/mailnames/new.test" >q/users/assign
qusers-compile; dom qdom-add new.test
check 'a line behind the dot is none' test "$(route x@new.test)" = "$T/q/mailnames/new.test"
# A users/assign that is a link, as a panel makes it.
home; mkdir q/etc; mv q/users/assign q/etc; ln -s ../etc/assign q/users
check 'a domain, behind the link' sh -c 'qdom-add --user "$1" new.test && [ -L q/users/assign ] &&
  [ "$(ls -A q/users)" = "$(printf "assign\ncdb")" ] && grep -q ^+100: q/etc/assign' - $user
home; mkdir q/etc; mv q/users/assign q/etc; ln -s ../etc/assign q/users; chmod 777 q/etc; before
check 'nothing is made where somebody else could change the way' refused qdom-add new.test
check 'which is said' grep 'q/users/assign is a symbolic link, and somebody else' "$T/said"
# Who sits before it is told what was done.
if script -qec true /dev/null >/dev/null 2>&1; then
  home
  terminal() { script -qec "$*" /dev/null </dev/null | tr -d '\r' | sed "s,$T/q,HOME,g"; }
  try 'terminal qdom-add --user $user a.test; terminal qmbox-add --user $user --deliver ./Maildir/ \
    joe@a.test; terminal qalias-add --user $user info@a.test joe@a.test;
    terminal qalias-rm info@a.test; terminal qmbox-rm joe@a.test; terminal qdom-rm a.test;
    terminal qusers-add =bob $user $uid $gid /home/bob;
    terminal qusers-add =bob $user $uid $gid /home/bob; terminal qusers-rm =bob;
    terminal qusers-compile' <<'T'
out: the domain a.test is there: its prefix is 100
out: HUP qmail-send: virtualdomains
out: the mailbox joe@a.test is there: mail for it goes by HOME/mailnames/a.test/joe/.qmail
out: mail for info@a.test goes where that for joe@a.test goes
out: the alias info@a.test is removed
out: the mailbox joe@a.test is removed: HOME/mailnames/a.test/joe is kept
out: HUP qmail-send: virtualdomains
out: the domain a.test is removed: HOME/mailnames/a.test is kept
out: users/assign and users/cdb have it, from the next delivery on
out: nothing has changed: it is so already
out: taken out of users/assign and users/cdb, from the next delivery on
out: users/cdb is made anew, and in force from the next delivery on
exit: 0
T
else ok 'on a terminal # SKIP no script(1) of util-linux'
fi

# Where mail for nobody goes is changed later.
home; dom qdom-add a.test
try 'for o in "--catch-all=x@y.test" "--catch-all=x@y.test" --dry-run\ --drop --bounce=No --drop; do
  qdom-add --user $user $o a.test | sed "s|$T/||"; done; cat q/mailnames/a.test/.qmail-default;
  stat -c %a q/mailnames/a.test/.qmail-default; qdom-list' <<'T'
out: change q/mailnames/a.test/.qmail-default
out: -|bouncesaying This\ address\ no\ longer\ accepts\ mail.
out: +&x@y.test
out: change q/mailnames/a.test/.qmail-default
out: -&x@y.test
out: +#
out: change q/mailnames/a.test/.qmail-default
out: -&x@y.test
out: +|bouncesaying No
out: change q/mailnames/a.test/.qmail-default
out: -|bouncesaying No
out: +#
out: #
out: 600
out: a.test 100 0 mailboxes, 0 aliases
exit: 0
T
before
check 'not with another prefix' refused qdom-add --drop --prefix 7 a.test
# Who is to get the mail for nobody has to be somebody.
home; dom qdom-add a.test; dom qmbox-add joe@a.test
try 'qdom-add --catch-all jonh@A.test a.test >/dev/null
  qalias-add --forward x@b.test in.fo@a.test >/dev/null
  qdom-add --catch-all In.Fo@a.test a.test >/dev/null
  qdom-add --catch-all Joe@a.test a.test >/dev/null
  qdom-add --catch-all x@b.test a.test | wc -l' <<'T'
out: 3
err: qdom-add: warning: jonh@A.test is nobody: mail for nobody goes round in circles until qmbox-add
...:  or qalias-add has added it
exit: 0
T
# What forwards the mail for nobody to a mailbox that goes is named, in whatever domain.
home; dom qdom-add a.test; dom qdom-add b.test; dom qdom-add --catch-all jim@a.test c.test
dom qmbox-add joe@a.test; dom qdom-add --catch-all joe@a.test a.test
dom qdom-add --catch-all Joe@A.test b.test
echo '&Joe@A.test  ' >"$T/q/mailnames/b.test/.qmail-default"       # as qmail reads it, too
try 'qmbox-rm --dry-run joe@a.test 2>&1 >said | grep -c forwards
  qmbox-rm --purge joe@a.test 2>&1 | sed "s|$T/||"' <<'T'
out: 2
out: qmbox-rm: warning: q/mailnames/b.test/.qmail-default forwards mail for nobody to joe@a.test:
...:  qdom-add --catch-all, --bounce or --drop changes that
out: qmbox-rm: warning: q/mailnames/a.test/.qmail-default forwards mail for nobody to joe@a.test:
...:  qdom-add --catch-all, --bounce or --drop changes that
exit: 0
T

# An address that forwards.
try 'qalias-add --forward x@y.test --forward z@y.test Info.desk@a.test; route info.desk@a.test |
    sed "s|$T/||"; qusers-lookup INFO.desk@a.test | grep forwards
  qalias-add --forward x@y.test --forward z@y.test info.desk@a.test; cd q/mailnames/a.test
  ls -A; stat -c "%a %U" .qmail-info:desk' <<T
out: q/mailnames/a.test
out:   forwards to: x@y.test
out:   forwards to: z@y.test
out: .qmail-default
out: .qmail-info:desk
out: 600 $user
exit: 0
T
for f in b c-default c-default-x default-; do echo '&x@y.test' >q/mailnames/a.test/.qmail-$f; done
try 'qmbox-list | sed "s|$T/q/||"; rm q/mailnames/a.test/.qmail-[!di]* \
  q/mailnames/a.test/.qmail-default-' <<'T'
out: b@a.test mailnames/a.test/.qmail-b
out: c-default-x@a.test mailnames/a.test/.qmail-c-default-x
out: default-@a.test mailnames/a.test/.qmail-default-
out: info.desk@a.test mailnames/a.test/.qmail-info:desk
exit: 0
T
before
check 'to another address' refused qalias-add --forward other@y.test info.desk@a.test
check 'of a mailbox' sh -c 'qmbox-add --user "$1" joe@a.test >/dev/null 2>&1
  ! qalias-add --forward x@y.test joe@a.test 2>"$2" && grep "=100-joe is assigned to" "$2"' - \
  $user "$T/said"
before
for o in '--forward=x' '--forward=x@y.test --forward=|true' '--forward=x@y.test a@a.test'; do
  check "refused: $o" refused qalias-add $o b@a.test
done
check 'dry: an address that forwards' dry qalias-add --forward x@y.test new@a.test
check 'dry: it goes' dry qalias-rm info.desk@a.test
check 'with its file' grep "^remove $T/q/mailnames/a.test/.qmail-info:desk$" "$T/said"
check 'it goes' sh -c 'qalias-rm info.desk@a.test && [ ! -e q/mailnames/a.test/.qmail-info:desk ]'
echo '|ezmlm-send x' >q/mailnames/a.test/.qmail-list; before
check 'not what does more than forward' refused qalias-rm list@a.test
check 'which is said' grep 'qmail-list does more than forward, and is not removed' "$T/said"
check 'nor what is not there' refused qalias-rm nobody@a.test
rm q/mailnames/a.test/.qmail-list; ln -s "$T/q/control/me" q/mailnames/a.test/.qmail-list
check 'no link is followed' sh -c '! qalias-rm list@a.test && [ -e q/control/me ]'
# What is listed by another writer, or not whole.
home; printf '=a:u:1:2:/h:::\n\n.\n' >q/users/assign; before
check 'a bad users/assign' refused qdom-add new.test
check 'is named with its line' grep 'q/users/assign: line 2: ' "$T/said"
home; mkdir -p q/qqtools
perl -e '
  use Fcntl qw(:flock);
  open my $f, ">>", "q/qqtools/lock" or die;
  flock $f, LOCK_EX or die;
  open my $r, ">", "ready";
  sleep 100' &
holder=$!
for i in $(seq 600); do [ ! -e ready ] || break; sleep 0.1; done; before
try 'qdom-add --user $user new.test; qdom-add --dry-run --user $user new.test | wc -l' <<T
out: 10
err: qdom-add: fatal: $T/q/qqtools/lock is locked by process $holder: another program is
...:  changing control files or users
exit: 0
T
kill $holder; wait $holder 2>/dev/null
check 'and nothing was done' untouched
if skip_unless_root 'without rights'; then
  home; before
  try 'nobody qdom-add --user $user new.test' <<T
err: qdom-add: fatal: unable to open $T/q/qqtools/lock: Permission denied (run it as root)
exit: 111
T
  check 'nothing was done without rights' untouched
fi
finish
