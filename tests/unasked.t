#!/bin/sh
# unasked.t - ids on standard input that nobody asked for: a program that would begin with the whole
# queue refuses them, in every shell's pipelines, and is not disturbed by any other standard input.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
queue queue-notqmail; cd "$T" || exit 99
what='standard input has ids: give - to look only among them, or </dev/null'
tree >before
qq-grep --from spammer@ >spam; qq-list --lines >lines; : >empty

# ---- what is refused ----
# Exit code 100 and that one line, whether the pipe has ids, none, or none yet.
try 'qq-list | qq-grep -v --from spammer@' <<T
err: qq-grep: fatal: $what
exit: 100
T
try 'qq-grep --from nobody-at-all | qq-list' <<T
err: qq-list: fatal: $what
exit: 100
T
for program in qq-list 'qq-list --count' qq-grep 'qq-grep -q' 'qq-grep --from nobody-at-all' qq-bounces \
  'qq-bounces --reasons' qq-show 'qq-show -l' 'qq-show --json' qq-stat 'qq-stat --by from'; do
  refused() { eval "$1" >out 2>err; [ $? = 100 ] && grep -qxF "${2%% *}: fatal: $what" err; }
  check "$program behind qq-list" refused "qq-list | $program" "${program%% *}"
  check "$program behind a producer that finds nothing" \
    refused "qq-grep --from nobody-at-all | $program" "${program%% *}"
  check "$program behind sort -z" refused "qq-list | sort -z | $program" "${program%% *}"
  check "$program with a file of ids" refused "$program <spam" "${program%% *}"
done

# Nothing is done behind it, also where the ids come after the first output.
spoiled() {
  { sleep 0.1; qq-list; } | qq-grep --from spammer@ >got 2>err
  [ $? = 100 ] && grep -qF "$what" err && tail -c 2 got | tr '\0' '!' | grep -qx '@!' || return 1
  qq-rm <got 2>err; [ $? = 100 ] && grep -F 'is "@": expected ID or ID@STAMP' err
}
check 'a producer that is late: the stream ends with what nobody takes' spoiled
try '{ sleep 0.1; qq-list; } | qq-grep -v --from spammer@ | qq-rm --quiet' <<T
err: qq-grep: fatal: $what
err: qq-rm: fatal: standard input, token 21 is "@": expected ID or ID@STAMP
exit: 100
T
check 'nothing was changed' untouched

# The shells have pipelines of their own kinds: ksh93's are sockets.
for shell in dash bash zsh mksh ksh93 busybox; do
  command -v $shell >/dev/null || { [ "${CI-}" = true ] && [ $shell != busybox ] && not_ok "$shell is not here"; continue; }
  run=$shell; if [ $shell = busybox ]; then run='busybox sh'; fi
  # Which of the two begins first is not ours to say: what was written by then is spoiled.
  for pipeline in 'qq-list | qq-grep --from spammer@' 'qq-list | sort -z | tee copy | qq-stat'; do
    check "$shell: $pipeline" refused "$run -c '$pipeline'" "${pipeline##*| }"
  done
  try "$run -c 'qq-list | qq-grep --from spammer@ - | qq-list -c -'" <<'T'
out: 3
exit: 0
T
done

# ---- what changes nothing ----
# Three messages are found whatever standard input is, and what it has is left for who comes next.
fine() { eval "$1" >out 2>err; [ $? = 0 ] && [ ! -s err ] && [ "$(cat out)" = "$2" ]; }
find='qq-grep --from spammer@ -c'
check 'a file that is empty' fine "$find <empty" 3
check '/dev/null' fine "$find </dev/null" 3
check 'a closed one' fine "$find <&-" 3
check 'a pipe whose writer has ended' fine ": | $find" 3
check 'a pipe that stays open' fine "sleep 1 | $find" 3
check 'a pipe full of something else' fine "yes | $find" 3
check 'a here-document of domains' fine "$find <<E
a.example
E" 3
check 'bare numbers, such as uids' fine "printf '1000\n1001\n' | { $find; cat; }" '3
1000
1001'
check 'the loop around it keeps its lines' \
  fine "printf '%s\n' a.example b.example | while read -r x; do $find; echo \$x; done" '3
a.example
3
b.example'
check 'a count is no stream of ids' fine "qq-list -c | { $find; cat; }" '3
23'
check 'a token as an operand is what is meant' fine "qq-list <spam --count $(head -n 1 lines)" 1
check 'nor do programs look that take ids anyway' fine 'qq-rm --dry-run -q <spam' ''
check 'a directory' fine "$find <." 3
check 'nothing was changed by these' untouched

# ---- a part of a token is none ----
# A filter that ends a cut token anew makes it whole: a stamp has all of its digits, and an id that
# lost its stamp stands beside those that have theirs.
for bytes in 2 9 20 21 25; do
  cut() { qq-list | head -c "-$1" | sort -z | qq-rm 2>err; [ $? = 100 ] && grep 'token .* is "1' err; }
  check "cut by $bytes bytes and sorted" cut $bytes
done
try 'printf "%s\n" $(id 1081647) $(token 1081821) | qq-rm' <<'T'
err: qq-rm: fatal: standard input, token 2 is "1081821@1795179212018450019": expected an ID without a stamp, as before it; was that one cut off?
exit: 100
T
try 'qq-rm $(token 1081821) $(id 1081647) 2>&1 | sed "s/\"[0-9]*\"/\"NUMBER\"/"' <<'T'
out: qq-rm: fatal: operand 2 is "NUMBER": expected ID@STAMP, as before it; what is left of a token is none
exit: 0
T
check 'nothing was changed by parts' untouched
finish
