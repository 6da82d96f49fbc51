#!/bin/sh
# tokens.t - the streams of ids between programs: what is a token, what is not, and that a wrong one
# means that nothing was done.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
queue queue-notqmail; cd "$T" || exit 99
one=$(id 1081647) two=$(id 1081648) new=$(id 1081821)
right=$(token 1081647) wrong=$one@1795179138967067371 other=$(token 1081648)

# ---- what producers write ----
try -s 'qq-grep --from spammer@' <<'T'
out: 1081648@1795178324160838491\0
out: 1081651@1795178324166093450\0
out: 1081657@1795178324174439853\0
exit: 0
T
try -s 'qq-grep --lines --from spammer@' <<'T'
out: 1081648@1795178324160838491
out: 1081651@1795178324166093450
out: 1081657@1795178324174439853
exit: 0
T
try 'qq-list --lines --null $one; qq-list --null --lines $one;
  qq-bounces --lines $(id 1081777)' <<'T'
out: 1081647@1795179138967067370\0
out: 1081647@1795179138967067370
out: 1081777@1795179177436243061
exit: 0
T

# ---- NUL and newline, in any mix ----
try -s 'printf "%s\n" $one $two | qq-list --lines -' <<'T'
out: 1081647@1795179138967067370
out: 1081648@1795178324160838491
exit: 0
T
try -s 'printf "%s\0" $one $two | qq-list --lines -' <<'T'
out: 1081647@1795179138967067370
out: 1081648@1795178324160838491
exit: 0
T
try -s 'printf "\0\n\n%s\n\0\0%s\0\n" $one $two | qq-list --lines -' <<'T'
out: 1081647@1795179138967067370
out: 1081648@1795178324160838491
exit: 0
T
try 'printf "\0\n" | qq-list -c -; qq-list -c - </dev/null; printf "\n\n" | qq-cat;
  qq-rm </dev/null' <<'T'
out: 0
out: 0
exit: 0
T
try 'qq-show - </dev/null; qq-stat - </dev/null; qq-stat --by from - </dev/null' <<'T'
out: local: 0
out: remote: 0
out: new: 0
out: bounces: 0
out: double bounces: 0
out: failing: 0
out: held: 0
out: over: 0
out: bytes: 0
out: oldest: -
out:       messages     5m    10m    20m    40m    80m   160m   320m   640m  1280m 1280m+
exit: 0
T
try 'qq-grep --from spammer | qq-grep --subject hello - | qq-grep -v --to victim3 - |
    qq-list -c -' <<'T'
out: 2
exit: 0
T
# As an operand of those that read ids anyway, - alone is standard input too.
try 'printf "%s\n" $one | qq-cat --headers - | grep Subject;
  printf "%s\n" $one | qq-rm --dry-run -' <<'T'
out: Subject: ok
err: qq-rm: would be: 1 removed
exit: 0
T

# ---- what is no token ----
# wrong FORMAT: what qq-list, which may act as tokens arrive, and qq-cat and qq-rm, which are told
# by them, say to it
tree >"$T/before"
wrong() { for program in 'qq-list -' qq-cat qq-rm; do
  printf "$1" | $program; echo "code $?" >&2
done; }
try 'for bad in 007 00 +5 -5 " 5" "5 " 5. 0x5 five 5@ @5 @ 5@@6 5@6@7 5@-6 5@06 "5 @6" 5,6 \
  18446744073709551616 5@18446744073709551616 5@99999999999999999999 123456789012345678901 "5\r" \
  "\\033[2J" "\\377"; do
  printf "%s\n$bad\n" $one | qq-rm; done' <<'T'
err: qq-rm: fatal: standard input, token 2 is "007": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "00": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "+5": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "-5": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is " 5": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "5 ": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "5.": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "0x5": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "five": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "5@": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "@5": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "@": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "5@@6": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "5@6@7": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "5@-6": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "5@06": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "5 @6": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "5,6": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "18446744073709551616": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "5@18446744073709551616": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "5@99999999999999999999": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "123456789012345678901": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "5\r": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "\x1b[2J": expected ID or ID@STAMP
err: qq-rm: fatal: standard input, token 2 is "\xff": expected ID or ID@STAMP
exit: 100
T
try 'wrong "007\n"' <<'T'
err: qq-list: fatal: standard input, token 1 is "007": expected ID or ID@STAMP
err: code 100
err: qq-cat: fatal: standard input, token 1 is "007": expected ID or ID@STAMP
err: code 100
err: qq-rm: fatal: standard input, token 1 is "007": expected ID or ID@STAMP
err: code 100
exit: 0
T
try 'wrong "5\0\n6\n7x\n8\n"' <<'T'
err: qq-list: fatal: standard input, token 3 is "7x": expected ID or ID@STAMP
err: code 100
err: qq-cat: fatal: standard input, token 3 is "7x": expected ID or ID@STAMP
err: code 100
err: qq-rm: fatal: standard input, token 3 is "7x": expected ID or ID@STAMP
err: code 100
exit: 0
T
try 'wrong "5\n6"' <<'T'
err: qq-list: fatal: standard input, token 2 is "6": cut off, expected a NUL or a newline after it
err: code 100
err: qq-cat: fatal: standard input, token 2 is "6": cut off, expected a NUL or a newline after it
err: code 100
err: qq-rm: fatal: standard input, token 2 is "6": cut off, expected a NUL or a newline after it
err: code 100
exit: 0
T
try 'wrong "5\0006@1234"' <<'T'
err: qq-list: fatal: standard input, token 2 is "6@1234": cut off, expected a NUL or a newline after
...:  it
err: code 100
err: qq-cat: fatal: standard input, token 2 is "6@1234": cut off, expected a NUL or a newline after
...:  it
err: code 100
err: qq-rm: fatal: standard input, token 2 is "6@1234": cut off, expected a NUL or a newline after
...:  it
err: code 100
exit: 0
T
try 'wrong x' <<'T'
err: qq-list: fatal: standard input, token 1 is "x": cut off, expected a NUL or a newline after it
err: code 100
err: qq-cat: fatal: standard input, token 1 is "x": cut off, expected a NUL or a newline after it
err: code 100
err: qq-rm: fatal: standard input, token 1 is "x": cut off, expected a NUL or a newline after it
err: code 100
exit: 0
T
try 'perl -e "print qq(5\n), q(9) x 100000, qq(\n)" | qq-rm' <<'T'
err: qq-rm: fatal: standard input, token 2 is "99999999999999999999999999999999999999999999999999999
...: 99999999999": expected ID or ID@STAMP
exit: 100
T
try 'perl -e "print q(x) x 100000" | qq-cat' <<'T'
err: qq-cat: fatal: standard input, token 1 is
...:  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": cut off, expected a NUL or
...:  a newline after it
exit: 100
T
try 'head -c 100000 /dev/zero | qq-list -c -' <<'T'
out: 0
exit: 0
T
# A wrong token behind many good ones, and one among the operands.
try '{ qq-list --lines; echo oops; } | qq-rm' <<'T'
err: qq-rm: fatal: standard input, token 24 is "oops": expected ID or ID@STAMP
exit: 100
T
try '{ qq-list; printf %s $one; } | qq-rm 2>&1 | sed "s/$one/ID/"' <<'T'
out: qq-rm: fatal: standard input, token 24 is "ID": cut off, expected a NUL or a newline after it
exit: 0
T
try 'qq-rm $one $two 5@; qq-rm 5 ""; qq-cat 007; qq-show 5 -; qq-list " 5"' <<'T'
err: qq-rm: fatal: operand 3 is "5@": expected ID or ID@STAMP
err: qq-rm: fatal: operand 2 is "": expected ID or ID@STAMP
err: qq-cat: fatal: operand 1 is "007": expected ID or ID@STAMP
err: qq-show: fatal: operand 2 is "-": expected ID or ID@STAMP
err: qq-list: fatal: operand 1 is " 5": expected ID or ID@STAMP
exit: 100
T
# With a stamp throughout or without one: what is left of a token is a number, too. Operands are no
# better than lines.
both() { for program in qq-list qq-grep qq-show qq-stat qq-bounces qq-cat qq-rm qq-hold qq-release \
  qq-expire; do
  $program "$@"; echo "exit $?"
  printf '%s\n' "$@" | $program -; echo "exit $?"
done 2>&1 | sed 's/^[^ ]*: fatal: //' | sort | uniq -c | sed 's/^ *//'; }
try 'both 5@1795179138967067370 6@0000000000000000001 7' <<'T'
out: 20 exit 100
out: 10 operand 3 is "7": expected ID@STAMP, like those before it; a truncated token does not count
out: 10 standard input, token 3 is "7": expected ID@STAMP, like those before it; a truncated token
...:  does not count
exit: 0
T
try 'both 5 6 7@1795179138967067370' <<'T'
out: 20 exit 100
out: 10 operand 3 is "7@1795179138967067370": expected an ID without a stamp, like those before it;
...:  was one of those cut off?
out: 10 standard input, token 3 is "7@1795179138967067370": expected an ID without a stamp, like
...:  those before it; was one of those cut off?
exit: 0
T
# Behind a hundred thousand that are right; and what head(1) cut and sort(1) ended anew.
try '{ yes 5@1795179138967067370 | head -n 100000; echo 5; } | qq-rm' <<'T'
err: qq-rm: fatal: standard input, token 100001 is "5": expected ID@STAMP, like those before it; a
...:  truncated token does not count
exit: 100
T
try 'printf "%s\0" $right | head -c -12 | sort -z | qq-rm 2>&1 | sed "s/$one/ID/"' <<'T'
out: qq-rm: fatal: standard input, token 1 is "ID@17951791": expected ID or ID@STAMP
exit: 0
T
check 'nothing was done by any of these' untouched

# Numbers up to 64 bits are right, and nobody has them.
try 'echo 18446744073709551615 | qq-list -c -;
  qq-list -c 0 18446744073709551615;
  qq-list -c 0@9999999999999999999 1@0000000000000000000;
  qq-rm 18446744073709551615@9999999999999999999' <<'T'
out: 0
out: 0
out: 0
err: qq-rm: 1 gone
exit: 0
T
try 'qq-cat 18446744073709551615' <<'T'
err: qq-cat: warning: message 18446744073709551615 is not in the queue (any more)
exit: 1
T

# ---- stamps ----
try 'qq-list --lines $right; qq-list --lines $wrong; qq-grep -c $wrong; qq-bounces $wrong;
  qq-stat $wrong | head -n 1' <<'T'
out: 1081647@1795179138967067370
out: 0
out: local: 0
exit: 0
T
try 'qq-show $wrong' <<'T'
err: qq-show: warning: message 1081647 is not in the queue (any more)
exit: 1
T
try 'qq-show --json $wrong $other | sed "s/,.*/,/"' <<'T'
out: {"id":1081648,
err: qq-show: warning: message 1081647 is not in the queue (any more)
exit: 0
T
try -s 'qq-show -l $wrong; qq-show $wrong 5@1795179138967067370 --sort size 2>&1' <<'T'
out: qq-show: warning: message 1081647 is not in the queue (any more)
out: qq-show: warning: message 5 is not in the queue (any more)
err: qq-show: warning: message 1081647 is not in the queue (any more)
exit: 1
T
try 'qq-cat --headers $wrong $other | grep Subject' <<'T'
out: Subject: hello 2
err: qq-cat: warning: message 1081647 is not in the queue (any more)
exit: 0
T
try 'qq-cat --headers $wrong $other >/dev/null' <<'T'
err: qq-cat: warning: message 1081647 is not in the queue (any more)
exit: 1
T
try 'qq-rm $wrong; qq-rm --json $wrong' <<'T'
out: {"id":1081647,"token":"1081647@1795179138967067371","result":"gone"}
err: qq-rm: 1 gone
err: qq-rm: 1 gone
exit: 0
T
# The stamp of a bare id is what the message has now; to the nanosecond, and not of another message.
try 'qq-list --lines $one; qq-list -c $one@${right#*@}; qq-list -c $two@${right#*@}' <<'T'
out: 1081647@1795179138967067370
out: 1
out: 0
exit: 0
T
check 'still nothing was done' untouched

# ---- the same message more than once ----
try 'qq-list -c $one $one; qq-list -c $one $two $one; qq-list -c $right $right;
  qq-list -c $wrong $right' <<'T'
out: 1
out: 2
out: 1
out: 1
exit: 0
T
try 'for message in $one $right; do qq-show --json $message $message | sed "s/,.*/,/"; done;
  qq-show $right $wrong | wc -l' <<'T'
out: {"id":1081647,
out: {"id":1081647,
out: 2
err: qq-show: warning: message 1081647 is not in the queue (any more)
exit: 0
T
# qq-cat writes what it is told to, in that order and as often.
try 'for messages in "$two $one $two" "$other $right $right"; do
  qq-cat --headers $messages | grep Subject; done' <<'T'
out: Subject: hello 2
out: Subject: ok
out: Subject: hello 2
out: Subject: hello 2
out: Subject: ok
out: Subject: ok
exit: 0
T
try 'for message in $one $right; do
  printf "%s\n" $message $message $message | qq-rm --dry-run -v; done' <<'T'
err: qq-rm: would be removed: 1081647
err: qq-rm: would be: 1 removed
err: qq-rm: would be removed: 1081647@1795179138967067370
err: qq-rm: would be: 1 removed
exit: 0
T
try 'qq-rm -v $wrong $right; qq-rm -v $one $one' <<'T'
err: qq-rm: removed: 1081647@1795179138967067370
err: qq-rm: gone: 1081647@1795179138967067371
err: qq-rm: 1 removed, 1 gone
err: qq-rm: gone: 1081647
err: qq-rm: 1 gone
exit: 0
T

# ---- many ----
try 'seq 5000000000 5000099999 >many; { cat many; echo $two; } | qq-list -c -;
  tr "\n" "\0" <many | qq-list -c -; qq-rm <many;
  qq-show - <many 2>&1 | sed "s/[0-9][0-9]*/N/" | sort | uniq -c | sed "s/^ *//"' <<'T'
out: 1
out: 0
out: 100000 qq-show: warning: message N is not in the queue (any more)
err: qq-rm: 100000 gone
exit: 0
T
# 64-bit ids meet no directory of a queue that has smaller ones.
try 'qq-list $(perl -e "print 4294967296 * 23 + $two")' <<'T'
exit: 0
T
finish
