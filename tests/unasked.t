#!/bin/sh
# unasked.t - ids on standard input that nobody asked for: a program that would begin with the whole
# queue refuses them, in every shell's pipelines, and is not disturbed by any other standard input.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
queue queue-notqmail; cd "$T" || exit 99
what='standard input has ids: give - to look only among them, or </dev/null'
tree >before
qq-grep --from spammer@ >spam; qq-list --lines >lines; : >empty

# A writer that begins late is waited for, but not for long: on a busy machine it may be too late.
often() { for _ in 1 2 3 4 5; do "$@" && return; done; return 1; }

# ---- what is refused ----
# Exit code 100, that one line and nothing else, whether the pipe has ids, none, or none yet.
fails() { eval "$1" >out 2>said; code=$?; [ $code = 100 ] && [ ! -s out ]; }
try 'often fails "qq-list | qq-grep -v --from spammer@"; cat said; echo $code' <<T
out: qq-grep: fatal: $what
out: 100
exit: 0
T
try 'often fails "qq-grep --from nobody-at-all | qq-list"; cat said; echo $code' <<T
out: qq-list: fatal: $what
out: 100
exit: 0
T
for program in qq-list 'qq-list --count' qq-grep 'qq-grep -q' 'qq-grep --from nobody-at-all' \
  qq-bounces 'qq-bounces --reasons' qq-show 'qq-show -l' 'qq-show --json' qq-stat qq-save \
  'qq-stat --by from'; do
  refused() { eval "$1" >out 2>err; [ $? = 100 ] && grep -qxF "${2%% *}: fatal: $what" err; }
  check "$program behind qq-list" refused "qq-list | $program" "${program%% *}"
  check "$program behind a producer that finds nothing" \
    often refused "qq-grep --from nobody-at-all | $program" "${program%% *}"
  check "$program behind sort -z" refused "qq-list | sort -z | $program" "${program%% *}"
  check "$program with a file of ids" refused "$program <spam" "${program%% *}"
done

# Whatever else wrote the stream, or hands it on: it is known by its first bytes, whole ones.
for pipeline in 'qq-list | tee copy | qq-show' 'qq-list --lines | cat -u | qq-list -c' \
  'cat spam | qq-bounces' '{ sleep 0.1; cat spam; } | qq-stat' '(echo; cat spam) | qq-show' \
  '{ sleep 0.1; qq-grep --from nobody-at-all; } | qq-list' 'qq-bounces | qq-grep' \
  'qq-list | (cd / && sh -c "exec qq-list")' 'qq-grep -v --from spammer@ | qq-bounces'; do
  check "$pipeline" often refused "$pipeline" \
    "$(echo "$pipeline" | grep -o 'qq-[a-z]*' | tail -n 1)"
done
mkqueue "$T/public" 3 && chmod -R a+rX "$T/public"
readable() { QQ_QUEUE=$T/public refused "$@"; }
for pipeline in 'nobody qq-list | nobody qq-stat' 'nobody qq-grep -m 1 | qq-grep' \
  'qq-grep --from nobody-at-all | nobody qq-list' 'cat spam | nobody qq-list'; do
  check "$pipeline, of a queue that everybody may read" often readable "$pipeline" "${pipeline##* }"
done
if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root() { sudo -n env "PATH=$PATH" "QQ_QUEUE=$QQ_QUEUE" "$@"; }
  for pipeline in 'qq-list | as_root qq-stat' 'qq-grep --from nobody-at-all | as_root qq-stat' \
    'cat spam | as_root qq-stat' 'as_root qq-list | as_root qq-stat'; do
    check "sudo: $pipeline" often refused "$pipeline" qq-stat
  done
else ok 'through sudo # SKIP it is not here, or wants a password'; fi

# Nothing is done behind it, also where the ids come after the first output.
spoiled() {
  { sleep 0.1; qq-list; } | qq-grep --from spammer@ >got 2>err
  [ $? = 100 ] && grep -qF "$what" err || return 1
  [ -s got ] || return 0        # on a busy machine it was not late
  tail -c 2 got | tr '\0' '!' | grep -qx '@!' || return 1
  qq-rm <got 2>err; [ $? = 100 ] && grep -F 'is "@": expected ID or ID@STAMP' err
}
check 'a producer that is late: the stream ends with what nobody takes' often spoiled
late() {
  { { sleep 0.1; qq-list; } | qq-grep -v --from spammer@ | qq-rm --dry-run; } >said 2>&1
  grep -F "qq-grep: fatal: $what" said && ! grep 'would be' said
}
check 'nor does who comes next do anything' often late
check 'nothing was changed' untouched

# A log that has nothing about them.
QQ_LOG=$repo/tests/fuzz/corpus/life/plain; export QQ_LOG
takes_none() {
  eval "$1" >out 2>err
  [ $? = 100 ] && grep -qF 'standard input has ids, and this program takes none' err
}

# The shells have pipelines of their own kinds: ksh93's are sockets.
for shell in dash bash zsh mksh ksh93 busybox; do
  if ! command -v $shell >/dev/null; then
    case ${CI-}:$shell in
      true:busybox) ;;
      true:*) not_ok "$shell is here" ;;
      *) ok "$shell # SKIP it is not here" ;;
    esac
    continue
  fi
  run=$shell; if [ $shell = busybox ]; then run='busybox sh'; fi
  # Which of the two begins first is not ours to say: what was written by then is spoiled.
  for pipeline in 'qq-list | qq-grep --from spammer@' 'qq-list | sort -z | tee copy | qq-stat'; do
    check "$shell: $pipeline" often refused "$run -c '$pipeline'" "${pipeline##*| }"
  done
  # So do those that take no ids, or go by a log. An empty stream through a socket has no mark.
  for pipeline in 'qq-list | qq-why' 'qq-list | sort -z | qq-why --json' \
    'qq-grep --from nobody-at-all | qq-why'; do
    case $shell:$pipeline in ksh93:*nobody*) continue ;; esac
    check "$shell: $pipeline" often refused "$run -c '$pipeline'" qq-why
  done
  for pipeline in 'qq-list | qlog-show' 'qq-list | sort -z | tee copy | qlog-grep --from x' \
    'qq-grep --from nobody-at-all | qlog-stat'; do
    case $shell:$pipeline in ksh93:*nobody*) continue ;; esac
    check "$shell: $pipeline" often takes_none "$run -c '$pipeline'"
  done
  try "$run -c 'qq-list | qq-grep --from spammer@ - | qq-list -c -'" <<'T'
out: 3
exit: 0
T
  why='qq-why --ids --to victim - 2>/dev/null'
  try "$run -c 'qq-grep --from spammer@ | $why | qq-list -c -'" <<'T'
out: 3
exit: 0
T
done
# Nobody takes an archive for ids, or ids for an archive.
try 'qq-list | qq-load; qq-grep --from nobody-at-all | qq-load' <<'T'
err: qq-load: fatal: this is not a tar archive
err: qq-load: fatal: the archive is cut off
exit: 111
T

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
check 'ids that somebody has read to their end' fine "{ cat >/dev/null; $find; } <spam" 3
check 'a number with something behind it' fine "printf '5@1795179138967067370 x\n' | $find" 3
check 'a stamp that has not all its digits' fine "printf '5@179517913896706737\n' | $find" 3
check 'the start of a token' fine "printf 5@1795179138967067370 | $find" 3
check 'a pipe that is open for writing alone' fine "$find <&1 | cat" 3
mkfifo fifo
check 'a FIFO that nobody writes to' fine "$find <>fifo" 3
check 'a socket that stays open' fine 'perl -MSocket -e "socketpair my \$one, my \$other, AF_UNIX,
  SOCK_STREAM, 0 or die; open STDIN, q(<&), \$other or die; exec @ARGV" '"$find" 3
for call in 'qq-why --ids' 'qlog-show --tsv' 'qlog-stat --json'; do
  eval "$call" >right </dev/null
  for pipeline in "$call <empty" "$call <&-" "$call <." "yes | $call" "sleep 1 | $call" \
    ": | $call" "printf '1000\\n1001\\n' | $call" "printf 5@1795179138967067370 | $call"; do
    same_as_ever() { eval "$pipeline" >out 2>err; [ $? = 0 ] && cmp out right; }
    check "$pipeline" same_as_ever
  done
done
if script -qec true /dev/null >/dev/null 2>&1; then
  check 'a terminal' fine "script -qec '$find >seen' /dev/null <spam >/dev/null; cat seen" 3
fi
check 'nothing was changed by these' untouched

# ---- a part of a token is none ----
# A filter that ends a cut token anew makes it whole: a stamp has all of its digits, and an id that
# lost its stamp stands beside those that have theirs.
for bytes in 2 9 20 21 25; do
  cut() {
    qq-list | head -c "-$1" | sort -z | tee part | qq-rm 2>err; [ $? = 100 ] || return
    named=$(sed -n 's/.*token \([0-9]*\) is "\([0-9@]*\)".*/\1 \2/p' err)
    [ "$named" ] && tr '\0' '\n' <part | sed -n "${named% *}p" | grep -x "${named#* }"
  }
  check "cut by $bytes bytes and sorted" cut $bytes
done
try 'printf "%s\n" $(id 1081647) $(token 1081821) | qq-rm' <<'T'
err: qq-rm: fatal: standard input, token 2 is "1081821@1795179212018450019": expected an ID without
...:  a stamp, like those before it; was one of those cut off?
exit: 100
T
try 'qq-rm $(token 1081821) $(id 1081647) 2>&1 | sed "s/\"[0-9]*\"/\"NUMBER\"/"' <<'T'
out: qq-rm: fatal: operand 2 is "NUMBER": expected ID@STAMP, like those before it; a truncated token
...:  does not count
exit: 0
T
check 'nothing was changed by parts' untouched
finish
