#!/bin/sh
# users-trouble.t - qusers-*, when the system does not let them: an error is not the answer `it is
# not there'. Each call that looks at users/, at a home or at what a line runs fails once; the
# programs say so, or what they say without it.

[ ! -w /dev/shm ] || TMPDIR=${TMPDIR:-/dev/shm}; export TMPDIR
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"

home() {
  rm -rf "$T/q"; mkdir -p "$T/q/users" "$T/q/control" "$T/q/queue" "$T/q/box" "$T/q/alias"
  cd "$T/q" || exit 99; QMAILHOME=$T/q; export QMAILHOME
  echo mx.test >control/me; echo mx.test >control/locals
  printf '&x@y.test\n./Maildir/\n|/bin/true x\n' >box/.qmail; chmod 600 box/.qmail; chmod 700 box
  mkdir box/Maildir box/Maildir/cur box/Maildir/new box/Maildir/tmp
  printf '=a:u:12345:12346:%s:::\n+b-:u:12345:12346:%s:-::\n.\n' "$PWD/box" "$PWD/box" \
    >users/assign
  qusers-compile || exit 99
  ! am_root || chown -R 12345:12346 box
}

# ---- what cannot be read ----
home
try 'rm users/assign; ln -s assign users/assign; for p in list check compile "add =c u 1 2 /h"; do
  qusers-$p >/dev/null 2>"$T/said"; echo $?; sed "s|$T/||" "$T/said" >&2; done' <<'T'
out: 111
out: 111
out: 111
out: 111
err: qusers-list: fatal: unable to open q/users/assign: Too many levels of symbolic links
err: qusers-check: fatal: unable to open q/users/assign: Too many levels of symbolic links
err: qusers-compile: fatal: unable to open q/users/assign: Too many levels of symbolic links
err: qusers-add: fatal: unable to open q/users/assign: Too many levels of symbolic links
exit: 0
T
home
try 'rm users/cdb; ln -s cdb users/cdb; for p in "list --cdb" check compile "lookup a@mx.test"; do
  qusers-$p >/dev/null 2>"$T/said"; [ $? -ge 100 ] || echo $?; sed "s|$T/||" "$T/said" >&2
  done' <<'T'
err: qusers-list: fatal: unable to look at q/users/cdb: Too many levels of symbolic links
err: qusers-check: fatal: unable to look at q/users/cdb: Too many levels of symbolic links
err: qusers-compile: fatal: unable to look at q/users/cdb: Too many levels of symbolic links
err: qusers-lookup: fatal: unable to look at q/users/cdb: Too many levels of symbolic links
exit: 0
T

# ---- each call fails once ----
case $BUILD in */asan) finish ;; esac
if ! strace -o /dev/null -e inject=unlinkat:delay_enter=1:when=1000 true 2>/dev/null; then
  if [ "${CI-}" = true ]; then not_ok 'each call fails once (needs strace)'
  else ok 'each call fails once # SKIP no strace(1) that may trace'; fi
  finish
fi
calls=openat,openat2,newfstatat,fstat,read,pread64,mmap,faccessat2,setgroups,setresgid,setresuid
changing=$calls,write,fsync,renameat,unlinkat,fchown,fchmod,close,flock
# after WORDS CALLS COMMAND: CALL N for each call of the command from the first with the words on
after() {
  words=$1 among=$2; shift 2
  strace -o "$T/trace" -e trace="$among" "$@" >/dev/null 2>&1
  awk -F'(' -v words="$words" '!/^[a-z]/ { next }
    { n[$1]++ } index($0, words) { on = 1 } on { print $1, n[$1] }' "$T/trace"
}
# A reader: the same, or trouble.
reads() {
  words=$1; shift
  "$@" >"$T/right" 2>&1; right=$?; wrong=0 runs=0
  after "$words" $calls "$@" >"$T/calls"
  while read -r call n <&3; do for error in EIO EMFILE; do
    strace -o "$T/trace" -e trace="$call" -e inject="$call:error=$error:when=$n" "$@" \
      >"$T/said" 2>&1
    code=$?; runs=$((runs + 1))
    [ $code = 111 ] || { [ $code = $right ] && cmp -s "$T/right" "$T/said"; } || {
      wrong=1; echo "exit $code: $(grep INJECTED "$T/trace")"; diff "$T/right" "$T/said"
    }
  done; done 3<"$T/calls"
  echo "$runs runs"; [ $wrong = 0 ] && [ $runs -gt 9 ]
}
home
check 'qusers-lookup' reads '"cdb", O_RDONLY' qusers-lookup a@mx.test b-c@mx.test
check 'qusers-check' reads '/users"' qusers-check
check 'qusers-list' reads '/users"' qusers-list
check 'qusers-list --cdb' reads '/users"' qusers-list --cdb
echo '+x:u:1:2:/h:::' >users/assign
check 'qusers-check of a file that qmail-newu refuses' reads '/users"' qusers-check
home; rm users/cdb
check 'qusers-check without users/cdb' reads '/users"' qusers-check

# A program that changes something: what it says is done is done, and what it does not, is not, or
# the next run ends it.
changes() {
  "$@" >/dev/null 2>&1; cp users/assign "$T/new"; home; cp users/assign "$T/old"
  after '/users"' $changing "$@" >"$T/calls"; wrong=0 runs=0
  while read -r call n <&3; do
    home
    strace -o "$T/trace" -e trace="$call" -e inject="$call:error=EIO:when=$n" "$@" \
      >"$T/said" 2>&1
    code=$?; runs=$((runs + 1))
    is=new
    cmp -s users/assign "$T/new" || { is=old; cmp users/assign "$T/old" || wrong=1; }
    case $code:$is in 0:new | 111:*) ;; *)
      wrong=1; echo "exit $code, $is: $(grep INJECTED "$T/trace")" ;;
    esac
    "$@" --replace >/dev/null 2>"$T/said" && cmp users/assign "$T/new" && qusers-check >"$T/said"
    ! grep 'users/cdb' "$T/said" || { wrong=1; echo "behind $call $n"; }
  done 3<"$T/calls"
  echo "$runs runs"; [ $wrong = 0 ] && [ $runs -gt 20 ]
}
home; check 'qusers-add' changes qusers-add =c u 12345 12346 "$PWD/box"

# ---- few descriptors ----
few() {
  "$@" >"$T/right" 2>&1; right=$?; wrong=0
  for limit in 4 5 6 7 8 9 10 11 12 13 14 15 16; do
    sh -c 'ulimit -n $0; exec "$@"' $limit "$@" >"$T/said" 2>&1; code=$?
    [ $code = 111 ] || [ $code = 127 ] ||
      { [ $code = $right ] && cmp -s "$T/right" "$T/said"; } ||
      { wrong=1; echo "$limit: exit $code"; diff "$T/right" "$T/said"; }
  done
  [ $wrong = 0 ]
}
home
check 'qusers-check with few descriptors' few qusers-check
check 'qusers-list with few descriptors' few qusers-list
check 'qusers-list --cdb with few descriptors' few qusers-list --cdb

# ---- a password database that cannot be read ----
home
for error in EACCES EIO EMFILE; do
  unable() {
    strace -o "$T/trace" -P /etc/passwd -e trace=openat -e inject=openat:error=$error "$@" 2>&1
  }
  try 'unable qusers-lookup zz-x@mx.test | tail -n 1 | sed "s/: [^:]*$//"
    unable qusers-lookup zz-x@mx.test >/dev/null; echo $?
    unable qusers-check | grep "the user" | sed "s/: [^:]*$//"; unable qusers-check >/dev/null;
      echo $?
    unable qusers-add =zz zz /h >/dev/null; echo $?; cat users/assign | wc -l' <<'T'
out: qusers-lookup: fatal: unable to read the password database, or a home
out: 111
out: qusers-check: warning: users/assign: line 1: unable to look for the user "u"
out: 111
out: 111
out: 3
exit: 0
T
done
finish
