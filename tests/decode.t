#!/bin/sh
# decode.t - encoded text is read the same way in every run, or the program says why it cannot be.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
built queue 0; cd "$T" || exit 99

# ---- the same in every run ----
# Text of UTF-8 that is labelled as something else, of growing length: what the thread has read
# before, and how large its buffers are by then, makes no difference.
for set in TSCII UTF-7 ISO-2022-KR CP1258 BIG5-HKSCS; do
  euros=; n=0
  while [ $((n += 1)) -lt 24 ]; do
    euros="$euros=E2=82=AC"
    put "$set$n" me@x.example remote you@y.example <<T
Subject: =?$set?q?$euros?= $set
Content-Type: text/plain; charset=$set
Content-Transfer-Encoding: quoted-printable

$euros
T
  done
done
qq-list --lines >tokens
each() { while read -r token; do "$@" "$token" </dev/null; done <tokens; }
each qq-show --json | sort >alone
for jobs in 1 1 1 2 2 16; do
  together() { qq-show --json --jobs $jobs | sort | diff alone -; }
  check "with --jobs $jobs as each message for itself" together
done
each qq-cat --text >alone
together() { qq-cat --text <tokens | diff alone -; }
check 'and so with bodies' together

# ---- what iconv(3) needs is not there ----
# A set is unknown only if the system has none of that name. Whatever else keeps iconv from opening
# it (glibc says no more than `Invalid argument') is said, and the answer is no other one.
put koi me@x.example remote you@y.example <<'T'
Subject: =?koi8-r?q?=F0=D2=C9=D7=C5=D4?=
Content-Type: text/plain; charset=koi8-r
Content-Transfer-Encoding: quoted-printable

=D0=CF=CB=C1
T
koi=$new
# truthful COMMAND ...: it says what it says when all is well, or that it cannot, and exits 111
truthful() {
  "$@" >out 2>err; code=$?
  if [ $code = 111 ]; then grep -q 'fatal\|warning' err; else cmp -s right out; fi && return
  echo "exit $code:"; cat out err; return 1
}
limited() { truthful sh -c 'ulimit "$0" "$1"; shift; exec "$@"' "$@"; }
for command in 'qq-grep --jobs 1 --subject Привет' 'qq-grep --jobs 1 -v --subject Привет' \
  'qq-grep --jobs 1 --body пока' 'qq-show --json' 'qq-cat --text'; do
  set -- $command $koi
  "$@" >right
  for n in 4 5 6 7 8 9 10 11 12 13; do check "$command, $n descriptors" limited -n $n "$@"; done
  case $BUILD in */asan) continue ;; esac
  for n in 3500 5000 7000 10000 20000; do check "$command, $n KB" limited -v $n "$@"; done
done
if strace -o trace -e trace=openat qq-show --json "$koi" >right 2>/dev/null; then
  # Each call once; then all that iconv opens, always: it has not even a list of the sets.
  for n in $(seq "$(grep -c . trace)"); do
    broken() {
      truthful strace -o /dev/null -e trace=openat -e "inject=openat:error=EIO:when=$n" \
        qq-show --json "$koi"
      code=$?; [ $code = 0 ] || ! sed -n "${n}p" trace | grep -q gconv
    }
    check "openat call $n of qq-show fails" broken
  done
  set --
  for path in $(sed -n 's/.*"\(.*gconv[^"]*\)".*/\1/p' trace); do set -- "$@" -P "$path"; done
  case $# in
    0) ;;                       # a libc that has its sets in itself
    *) set -- "$@" -P "${2%/*}/gconv-modules" -P "${2%/*}/gconv-modules.d"
      blind() { strace -o /dev/null -e trace=openat -e inject=openat:error=EIO "$@"; }
      without="$*"
      try 'blind $without qq-show $koi; echo $?; blind $without qq-cat --text $koi; echo $?
        blind $without qq-grep -c --body пока $koi' <<'T'
out: 111
out: 111
out: 0
err: qq-show: fatal: unable to decode mail: Input/output error
err: qq-cat: fatal: unable to decode mail: Input/output error
err: qq-grep: warning: mess/*/koi: Input/output error
exit: 111
T
      ;;
  esac
elif [ "${CI-}" = true ]; then not_ok 'iconv cannot read its files (needs strace)'
else ok 'iconv cannot read its files # SKIP no strace(1) that may trace'
fi
finish
