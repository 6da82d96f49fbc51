#!/bin/sh
# layouts.t - domains that are laid out in another way than qdom-add does it: given to a system user
# or to alias, or vpopmail's. qdom-list, qctl-check and qusers-lookup say the same of them.

[ ! -w /dev/shm ] || TMPDIR=${TMPDIR:-/dev/shm}; export TMPDIR
if [ -z "${QQ_MOUNTS-}" ] && unshare -m true 2>/dev/null; then
  QQ_MOUNTS=1; export QQ_MOUNTS; exec unshare -m "$0"
fi
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
skip_unless_root
# Users of our own.
{
  echo "anna:x:5001:5001::$T/anna:/bin/sh"; echo "vpopmail:x:5089:5089::$T/v:/bin/sh"
  echo "aliasqq:x:5002:5002::$T/q/alias:/bin/sh"; grep -v -e ^anna: -e ^vpopmail: /etc/passwd
} >"$T/passwd"
[ -n "${QQ_MOUNTS-}" ] && mount --bind "$T/passwd" /etc/passwd 2>/dev/null || {
  if [ "${CI-}" = true ]; then not_ok 'users of our own (needs mount)'
  else ok 'users of our own # SKIP nothing can be mounted here'; fi
  finish
}

# home: an empty qmail, with a home for each
home() {
  rm -rf "$T/q" "$T/anna" "$T/v"; mkdir -p "$T/q/users" "$T/q/control" "$T/q/queue" "$T/q/alias" \
    "$T/anna" "$T/v/domains"
  cd "$T" || exit 99; QMAILHOME=$T/q; export QMAILHOME; echo . >q/users/assign; qusers-compile
  echo mx.test | tee q/control/me q/control/locals >q/control/rcpthosts
  chown 5001:5001 anna; chown 5002:5002 q/alias; chown -R 5089:5089 v
  mail q/alias/.qmail-postmaster '|true'
}
virtual() {
  printf '%s\n' "$@" >q/control/virtualdomains
  sed 's/:.*//;s/.*@//' q/control/virtualdomains >>q/control/rcpthosts
}
mail() { echo "$2" >"$1"; chown --reference="${1%/*}" "$1"; chmod 600 "$1"; }
# takes DOMAIN WHO ADDRESS: all three say that it is in order, and who gets it
takes() {
  qdom-list >"$T/said" 2>&1; listed=$?
  qctl-check >>"$T/said" 2>&1; qusers-lookup "$3" >>"$T/said" 2>&1; code=$?
  [ $listed = 0 ] && [ $code = 0 ] && grep -q "^$1 $2\$" "$T/said" &&
    ! grep -e 'nobody takes' "$T/said" && return
  echo "$listed, $code"; cat "$T/said"; return 1
}
# lacks DOMAIN WORDS ADDRESS: all three say that something is wrong
lacks() {
  qdom-list >"$T/said" 2>&1; listed=$?
  qctl-check >>"$T/said" 2>&1; qusers-lookup "$3" >>"$T/said" 2>&1; code=$?
  [ $listed = 1 ] && [ $code = 1 ] && grep -q "^$1 .*: $2\$" "$T/said" &&
    grep -q 'nobody takes mail' "$T/said" && return
  echo "$listed, $code"; cat "$T/said"; return 1
}

# ---- a system user ----
home; virtual shop.test:anna; mail anna/.qmail-default '&x@y.test'
check 'a user, with a file for all' takes shop.test "anna delivered as anna $T/anna" x@shop.test
rm anna/.qmail-default; mail anna/.qmail-info '&x@y.test'
check 'with one for an address' takes shop.test "anna delivered as anna $T/anna" info@shop.test
rm anna/.qmail-info
check 'with none' lacks shop.test 'the user anna has no .qmail file for it' info@shop.test
# Each look into a directory fails once: that is no answer.
each_fails() {
  qdom-list >"$T/right" 2>&1; right=$?
  strace -f -e trace=getdents64,openat2 -o "$T/trace" qdom-list >"$T/said" 2>&1
  for call in getdents64 openat2; do
    for n in $(seq "$(grep -c "$call(" "$T/trace")"); do
      strace -f -e "inject=$call:error=EIO:when=$n" -o /dev/null qdom-list >"$T/said" 2>&1
      code=$?; [ $code = 111 ] || { [ $code = $right ] && cmp -s "$T/said" "$T/right"; } ||
        { echo "$call $n: $code"; cat "$T/said"; }
    done
  done
}
case $BUILD in */asan) ;; *) ! strace -o /dev/null true 2>/dev/null || try each_fails <<'T'
exit: 0
T
esac
virtual wild.test:anna-wild; mail anna/.qmail-wild-default '&x@y.test'
check 'an extension of his' takes wild.test "anna-wild delivered as anna $T/anna" x@wild.test
virtual wild.test:anna-no; mail anna/.qmail-not-default '&x@y.test'
check 'another one, without a file' lacks wild.test 'the user anna has no .qmail file for it' \
  x@wild.test
virtual wild.test:Anna-Wild
check 'in capitals' takes wild.test "Anna-Wild delivered as anna $T/anna" x@wild.test
rm anna/.qmail-wild-default; mail anna/.qmail-a:b-x '&x@y.test'; virtual wild.test:anna-a.b
check 'with a dot' takes wild.test "anna-a.b delivered as anna $T/anna" x@wild.test
virtual shop.test:anna; mail anna/.qmail-default '&x@y.test'; chown 7 anna
check "somebody else's home is no user's" lacks shop.test 'users/assign has no +anna' x@shop.test
home; virtual shop.test:ghost
check 'nobody' lacks shop.test 'users/assign has no +ghost' x@shop.test
mail q/alias/.qmail-ghost-default '&x@y.test'
check 'alias' takes shop.test "ghost delivered as aliasqq $T/q/alias" x@shop.test
rm q/alias/.qmail-ghost-default; mail q/alias/.qmail-ghost-info '&x@y.test'
check 'alias, for an address' takes shop.test "ghost delivered as aliasqq $T/q/alias" info@shop.test
rm q/alias/.qmail-ghost-info; mail q/alias/.qmail-default '&x@y.test'
try 'qdom-list; qctl-check; qusers-lookup x@shop.test | tail -n 1' <<'T'
out: shop.test ghost 0 mailboxes, 0 aliases: users/assign has no +ghost
out: warning: virtualdomains: line 1: nobody takes mail for "ghost-...": no line in users/cdb and no
...:  .qmail file is for it, and it bounces, or goes by .qmail-default of alias
out:   forwards to: x@y.test
exit: 0
T
rm q/alias/.qmail-default; virtual shop.test:aliasqq-sub;
  mail q/alias/.qmail-sub-default '&x@y.test'
check 'alias, by name' takes shop.test "aliasqq-sub delivered as aliasqq $T/q/alias" x@shop.test
virtual shop.test:aliasqq-no
check 'alias, by name, without a file' lacks shop.test 'the user aliasqq has no .qmail file for it' \
  x@shop.test
rm -r q/alias
check 'no alias' lacks shop.test 'users/assign has no +aliasqq-no' x@shop.test
# qdom-add takes nobody's mail away, and an address forwards in any layout.
home; virtual shop.test:anna vp.test:vp.test; mail anna/.qmail-default '&x@y.test'
mkdir v/domains/vp.test; chown 5089:5089 v/domains/vp.test;
  mail v/domains/vp.test/.qmail-default '|true'
printf '+vp.test-:vp.test:5089:5089:%s:-::\n.\n' "$T/v/domains/vp.test" >q/users/assign
qusers-compile
try 'qdom-add --user anna --drop shop.test 2>&1 | sed "s|$T/||"; qdom-add --user anna vp.test 2>&1 |
    sed "s|$T/||"; ls q
  for a in sales@shop.test sales@vp.test; do qalias-add --forward to@y.test $a
    qusers-lookup $a | sed -n "s|$T/||;5,\$p"; done; cat q/users/assign | wc -l
  stat -c "%U %n" anna/.qmail-sales v/domains/vp.test/.qmail-sales
  qmbox-list | sed "s|$T/||"; qmbox-list --user anna --json | sed "s|$T/||"
  qalias-rm sales@shop.test; qalias-rm sales@vp.test; ls -A anna v/domains/vp.test | xargs' <<'T'
out: qdom-add: fatal: the domain shop.test is there, and its mail is delivered as anna in anna;
...:  nothing was done
out: qdom-add: fatal: the domain vp.test is there, and its mail is delivered as vp.test in
...:  v/domains/vp.test; nothing was done
out: alias
out: control
out: qqtools
out: queue
out: users
out:   the password database has the user
out:   delivered as user anna (uid 5001), home anna, dash "-", extension "sales"
out:   reads anna/.qmail-sales
out:   forwards to: to@y.test
out:   reads v/domains/vp.test/.qmail-sales
out:   forwards to: to@y.test
out: 2
out: anna anna/.qmail-sales
out: vpopmail v/domains/vp.test/.qmail-sales
out: sales@shop.test anna/.qmail-sales
out: sales@vp.test v/domains/vp.test/.qmail-sales
out: {"address":"sales@shop.test","type":"file","directory":"anna","file":".qmail-sales"}
out: anna: .qmail-default v/domains/vp.test: .qmail-default
exit: 0
T
# Where there is no users/cdb at all.
home; rm -r q/users; mkdir q/users; virtual shop.test:anna; mail anna/.qmail-default '&x@y.test'
check 'without users/cdb' takes shop.test "anna delivered as anna $T/anna" x@shop.test
# One address, and all hosts of a domain, are no domains: qctl-check judges them.
home; virtual postmaster@shop.test:aliasqq-pm .sub.test:anna :ghost
mail q/alias/.qmail-postmaster '#'
mail q/alias/.qmail-pm-postmaster '&x@y.test'; mail anna/.qmail-default '&x@y.test'
try 'qctl-check; qdom-list' <<'T'
out: warning: virtualdomains: line 3: nobody takes mail for "ghost-...": no line in users/cdb and no
...:  .qmail file is for it, and it bounces, or goes by .qmail-default of alias
exit: 0
T
rm q/alias/.qmail-pm-postmaster
check 'one address without a file' sh -c 'qctl-check | grep "line 1: nobody takes mail"'

# ---- vpopmail ----
home; mkdir v/domains/shop.test; chown 5089:5089 v/domains/shop.test
mail v/domains/shop.test/.qmail-default '|true'; virtual shop.test:shop.test
printf '+shop.test-:shop.test:5089:5089:%s:-::\n.\n' "$T/v/domains/shop.test" >q/users/assign
qusers-compile
check "vpopmail's line" takes shop.test \
  "shop.test delivered as shop.test $T/v/domains/shop.test" joe@shop.test
check 'where --mailnames is its directory, too' sh -c '
  [ "$(qdom-list --mailnames "$1/v/domains")" = \
    "shop.test shop.test delivered as shop.test $1/v/domains/shop.test" ]' - "$T"
try 'qdom-list --json | sed "s|$T/||"; qdom-list --user shop.test | sed "s|$T/||";
  qdom-list --user popuser; qmbox-list' <<'T'
out: {"domain":"shop.test","prefix":"shop.test","mailboxes":0,"aliases":0,
...: "directory":"v/domains/shop.test","user":"shop.test","inconsistent":null}
out: shop.test shop.test delivered as shop.test v/domains/shop.test
out: shop.test shop.test 0 mailboxes, 0 aliases: users/assign has no +shop.test of the user popuser
exit: 0
T
rm -r v/domains/shop.test
try 'qdom-list | sed "s|$T/||g"' <<'T'
out: shop.test shop.test delivered as shop.test v/domains/shop.test: v/domains/shop.test is not an
...:  existing directory
exit: 0
T
finish
