#!/bin/sh
# absent.t - an error is not absence: whichever system call of a program fails, once, it says the
# truth or that there is trouble.
#
#   CALLS=all    every call; else every fourth (with CI=true, and no sanitizers, every one), and every
#                tenth of what reads logs or saves mail

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"

# ---- little memory ----
# It is said, also where nothing is left to say it with.
case $BUILD in
*/asan) ;;
  *)
    built little 40 --split 2; : >"$T/nothing"
    # shellcheck disable=SC3045 # dash and busybox have it
    little() {
      for memory in $(seq 3000 170 12000); do
        (ulimit -v "$memory"; exec "$@") >"$T/out1" 2>"$T/err1"; code=$?
        [ $code != 111 ] || [ -s "$T/err1" ] || echo "$memory KB: not a word"
      done
    }
    for call in 'qq-show' 'qq-grep --body x' "qq-why --log $T/nothing" "qlog-stat $T/nothing"; do
      try "little $call" <<'T'
exit: 0
T
    done ;;
esac

# ---- each call ----
strace -o /dev/null true 2>/dev/null || {
  [ "${CI-}" != true ] || { not_ok 'strace(1) that may trace'; finish; }
  echo '1..0 # SKIP no strace(1) that may trace'; exit 0
}
# One preprocessed message that is failing and has recipients in two channels, and a new one.
build() {
  rm -rf "$T/queue"; built queue 0 --split 2 --bigtodo
  echo 'Subject: one' | put 1 from@x.example local to@x.example
  printf 'Tfar@y.example\0' >"$(at remote 1)"; printf 'far\n' >"$(at bounce 1)"
  echo 'Subject: two' | put 2 new@x.example todo new@y.example
  if am_root; then
    chown 64015:64010 "$(at remote 1)" "$(at bounce 1)"
    [ "${1-}" = root ] || chown -R 64015:64010 "$QUEUE"
  fi
}
# Which calls of each kind look at the queue, from the first line with $begin on, every $step-th,
# counted from the first of the kind: CALL NUMBER
begin='/queue"'
case ${CALLS-}:${CI-}:$BUILD in
  all:*) each=1 ;;
  *:*/asan) each=4 ;;
  *:true:*) each=1 ;;
  *) each=4 ;;
esac
step=$each
calls() {
  strace -f -e trace=openat,newfstatat,fstat,getdents64,pread64,read,unlinkat,setuid \
    -o "$T/trace" "$@" <"$T/ids" >"$T/truth" 2>"$T/said"; code=$?
  perl -se 'while (<STDIN>) { s/^\d+ +//; my ($c) = /^(\w+)\(/ or next; $n{$c}++;
    $begun ||= index($_, $begin) >= 0; print "$c $n{$c}\n" if $begun && $k++ % $step == 0 }' \
    -- "-begin=$begin" "-step=$step" <"$T/trace"
}
# How long ago something was, and when something is going to be, changes meanwhile.
sorted() { tr '\0' '\n' <"$1" | sed 's/ ([^)]*)$//;s/ ([^)]*):/:/' | sort; }
# Every one of them fails in turn. What is printed and is not the truth has to be said.
fails() {
  calls "$@" >"$T/calls"; right=$code; sorted "$T/truth" >"$T/right"
  [ "$(grep -c . "$T/calls")" -gt $((20 / step)) ] || echo "only $(grep -c . "$T/calls") calls"
  while read -r call number; do
    strace -f -o "$T/trace" -e "trace=$call" -e "inject=$call:error=$error:when=$number" "$@" \
      <"$T/ids" >"$T/out1" 2>"$T/err1"; code=$?
    [ $code = 111 ] && [ -s "$T/err1" ] && continue
    if [ $code != $right ] || ! sorted "$T/out1" | cmp -s - "$T/right"; then
      echo "$error at $(grep INJECTED "$T/trace"), code $code"; cat "$T/err1"
    fi
  done <"$T/calls"
}
build
qq-list >"$T/ids"
for error in EIO EMFILE; do
  for call in 'qq-list -' 'qq-grep --failing -' 'qq-grep --to far -' 'qq-grep -v --new -' \
    'qq-stat -' 'qq-show --json -' 'qq-show -l -' 'qq-cat --envelope'; do
    [ $error = EIO ] || case $call in qq-list*|qq-show*) ;; *) continue ;; esac
    try "fails $(echo "$call" | sed 's/ / --jobs 1 /;s/cat --jobs 1/cat/')" <<'T'
exit: 0
T
  done
done
# Logs, and what leaves the queue. (Below /proc is the business of others: qq-save behind that.)
[ "${CALLS-}" = all ] || step=10
mkdir "$T/log" "$T/control"; echo y.example >"$T/control/me"; echo x.example >"$T/control/locals"
one=$(id 1)
for n in 1 2 3; do
  at=@40000000650000
  echo "$at${n}100000000 new msg $one"
  echo "$at${n}100000000 info msg $one: bytes 9 from <from@x.example> qp 7 uid 0"
  echo "$at${n}100000000 starting delivery $n: msg $one to local to@x.example"
  echo "$at${n}200000000 delivery $n: deferral: later/"
done >"$T/log/current"
gzip -c "$T/log/current" >"$T/old.gz"; error=EIO begin=${T##*/}
for call in "qq-why --jobs 1 --log $T/log -" "qlog-show --json $T/log" \
  "qlog-stat --by to $T/old.gz" "qlog-grep --to x.example $T/old.gz" \
  "qlog-show $T/old.gz $T/log" 'qq-save -'; do
  [ "$call" != 'qq-save -' ] || { am_root || continue; begin='setuid('; }
  case $call in qlog*) : >"$T/ids" ;; *) qq-list >"$T/ids" ;; esac
  try "fails $call" <<'T'
exit: 0
T
done
# A compressed log is one each time that it is read.
step=$each; : >"$T/ids"
try "fails qlog-grep --to x.example $T/old.gz" <<'T'
exit: 0
T
# What undoes it may not start, or not a second time.
mkdir -m 777 "$T/tools"; gzip=$(command -v gzip) grep=$(command -v qlog-grep)
with_gzip() {
  printf '#!/bin/sh\n%s\n' "$1" >"$T/tools/gzip"; chmod "$2" "$T/tools/gzip"
  PATH=$T/tools "$grep" --to x.example ../old.gz
}
mkdir -m 755 "$T/here"; cd "$T/here" || exit 99
once="if [ -e $T/tools/once ]; then exit 1; fi; : >$T/tools/once; exec $gzip \"\$@\""
try 'with_gzip "$once" 755 | grep -c .; with_gzip "exit 0" 644; with_gzip "exit 1" 755
  rm "$T/tools/gzip"; PATH=$T/tools "$grep" --to x.example ../old.gz' <<'T'
out: 0
err: qlog-grep: fatal: ../old.gz: less of it could be read the second time
err: qlog-grep: warning: ../old.gz: the program that reads it could not be run
err: qlog-grep: warning: ../old.gz: damaged, or not what it seems to be: it could not be read
...:  to its end
err: qlog-grep: warning: ../old.gz: the program that reads it is not installed
exit: 111
T
cd "$T" || exit 99
begin='/queue"' step=$each
: >"$T/ids"
for call in 'qq-list' 'qq-grep --failing' 'qq-stat'; do
  error=EIO
  try "fails $call --jobs 1" <<'T'
exit: 0
T
done

# Whoever removes mail does not call it gone either.
build root; qq-list >"$T/keep"
removes() {
  cp "$T/keep" "$T/ids"; calls qq-rm --dry-run | grep '^newfstatat' >"$T/calls"
  while read -r call number; do
    build root; qq-list >"$T/ids"
    strace -o "$T/trace" -e "inject=$call:error=EIO:when=$number" qq-rm <"$T/ids" 2>"$T/err1"
    code=$?
    [ $code = 111 ] || ! find "$QUEUE" -type f | grep -v /lock/ | grep . || {
      grep INJECTED "$T/trace"; cat "$T/err1"
    }
  done <"$T/calls"
}
try removes <<'T'
exit: 0
T

# ---- users ----
# A user of whom nothing could be read is not one that is not there. Once is enough for a libc to
# say so, where nsswitch.conf(5) names another source, too.
build root
printf 'Received: (qmail 9 invoked by uid 1); 1 Jan 2026 00:00:00 -0000\n%s\n  %s\n\nx\n' \
  'Received: from unknown (HELO pc) (192.0.2.7)' \
  'by x.example with SMTP; 1 Jan 2026 00:00:00 -0000' |
  put 3 from@x.example local to@x.example
QQ_SMTP_USERS=daemon; export QQ_SMTP_USERS
users() {
  rm -rf none; "$@" <"$T/ids" >"$T/truth" 2>"$T/said"; right=$?
  sorted "$T/truth" >"$T/right"
  for call in openat read; do
    for when in 1 1+; do
      rm -rf none; strace -f -o "$T/trace" -P /etc/passwd -P /etc/group -e "trace=$call" \
        -e "inject=$call:error=EIO:when=$when" "$@" <"$T/ids" >"$T/out1" 2>"$T/err1"; code=$?
      grep -q INJECTED "$T/trace" || echo "$call: nobody was looked for"
      [ $code != 111 ] || ! grep -q 'Input/output' "$T/err1" || continue
      [ $code = $right ] && [ $when = 1 ] && sorted "$T/out1" | cmp -s - "$T/right" && continue
      echo "$call $when: code $code, expected $right or 111"; cat "$T/err1"
    done
  done
}
for call in 'qq-grep --uid daemon -' 'qq-stat --by ip -' \
  'qq-fix --create --queue none --home here' 'qq-fix --dry-run --queue queue --home here' 'qq-check --queue queue --home here'; do
  case $call in
    *-) qq-list >"$T/ids" ;;
    *) am_root || continue; : >"$T/ids"; chown -R 0:0 "$QUEUE" ;;
  esac
  try "users $call" <<'T'
exit: 0
T
done
unset QQ_SMTP_USERS
finish
