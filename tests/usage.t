#!/bin/sh
# usage.t - wrong use of every program: one line that says what is wrong, the exit code, and nothing
# done; and which queue is meant.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
readers='qq-list qq-grep qq-show qq-stat qq-bounces qq-why'      # start from the whole queue
takers='qq-cat qq-rm'                                   # need to be told
QQ_LOG=$repo/tests/fuzz/corpus/life/plain; export QQ_LOG        # for qq-why
queue queue-notqmail
tree >"$T/before"
cd "$T" && mkdir -p place/half/mess place/half/info place/half/local place/half/remote \
  place/half/todo && mv queue-notqmail home && cp -a home/queue alone &&
  QUEUE=$T/home/queue QQ_QUEUE=home/queue

# refused PROGRAM OPTION VALUE ...: exit code and first line for each value; what follows is the
# line that says how to use the program.
refused() {
  program=$1 option=$2; shift 2
  for value; do
    "$program" "$option" "$value" >"$T/said" 2>&1; echo "$? $(head -n 1 "$T/said")"
  done
  sed -n 2p "$T/said"
}

# ---- what all programs say alike ----
for program in $readers $takers; do
  case $program in qq-cat|qq-rm) operands='[ID ...]' ;; *) operands='[ID ... | -]' ;; esac
  usage="err: usage: $program [OPTION ...] $operands ($program --help lists the options)"
  try "then_say $program --nonsense; then_say $program -Z; then_say $program --queue;
    then_say $program --no-such=5 5; $program --help=5" <<T
err: $program: fatal: unknown option --nonsense
$usage
err: code 100
err: $program: fatal: unknown option -Z
$usage
err: code 100
err: $program: fatal: option --queue needs a value
$usage
err: code 100
err: $program: fatal: unknown option --no-such=5
$usage
err: code 100
err: $program: fatal: option --help=5: no value is expected
$usage
exit: 100
T
  try "then_say $program --queue nowhere; then_say $program --queue place;
    then_say $program --queue place/half;
    then_say $program --queue home/queue/lock/sendmutex; $program --queue ''" <<T
err: $program: fatal: unable to open the queue nowhere: No such file or directory
err: code 100
err: $program: fatal: place is not a qmail queue: it has no directory mess
err: code 100
err: $program: fatal: place/half is not a qmail queue: it has no directory mess/0
err: code 100
err: $program: fatal: unable to open the queue home/queue/lock/sendmutex: Not a directory
err: code 100
err: $program: fatal: unable to open the queue : No such file or directory
exit: 100
T
  try "$program 0x5" <<T
err: $program: fatal: operand 1 is "0x5": expected ID or ID@STAMP
exit: 100
T
  try "$program --help | head -n 1; $program --help 2>&1 >/dev/null; $program --version" <<T
out: usage: $program [OPTION ...] $operands
out: $program (qqtools) $(sed -n 1p "$repo/package/versions")
exit: 0
T
  try "then_say $program --help >/dev/full; $program --version >&-" <<T
err: $program: fatal: unable to write to standard output: No space left on device
err: code 111
err: $program: fatal: unable to write to standard output: Bad file descriptor
exit: 111
T
done
for program in $readers qq-rm; do
  try "refused $program --jobs 0 1025 -1 many 1e3 '' | head -n 6" <<T
out: 100 $program: fatal: option --jobs: "0" given, expected a number from 1 to 1024
out: 100 $program: fatal: option --jobs: "1025" given, expected a number from 1 to 1024
out: 100 $program: fatal: option --jobs: "-1" given, expected a number
out: 100 $program: fatal: option --jobs: "many" given, expected a number
out: 100 $program: fatal: option --jobs: "1e3" given, expected a number
out: 100 $program: fatal: option --jobs: "" given, expected a number
exit: 0
T
done
for program in $readers; do
  try "then_say $program - 5; $program - <&-" <<T
err: $program: fatal: operand "5" given after -, expected none
err: usage: $program [OPTION ...] [ID ... | -] ($program --help lists the options)
err: code 100
err: $program: fatal: unable to read standard input: Bad file descriptor
exit: 111
T
done
for program in $takers; do
  try "then_say $program <&-; $program - <&-" <<T
err: $program: fatal: unable to read standard input: Bad file descriptor
err: code 111
err: $program: fatal: unable to read standard input: Bad file descriptor
exit: 111
T
done

# A limit to the size of files is an error of writing, not a signal that ends the program.
for program in $(programs); do
  said="out: $program: fatal: unable to write to standard output: File too large" code=111
  case $program in qq-alarm) said='' code=3 ;; esac
  try "{ (ulimit -f 0; exec $program --help >limited); echo \$?; } 2>&1 | cat" <<T
${said:+$said
}out: $code
exit: 0
T
done

# ---- values ----
try 'refused qq-grep --before 2026-13-01 2026-02-30 2026-00-10 2026-11-20T25:00 \
  "2026-11-20 12" "2026-11-20 12:60" "2026-11-20 12:00 " 20.11.2026 2026-1-1 1969-12-31 \
  @ @-1 @1e9 yesterday ""' <<'T'
out: 100 qq-grep: fatal: option --before: "2026-13-01" given, expected a time: 2026-11-20,
...:  '2026-11-20 12:00' or @SECONDS
out: 100 qq-grep: fatal: option --before: "2026-02-30" given, expected a time: 2026-11-20,
...:  '2026-11-20 12:00' or @SECONDS
out: 100 qq-grep: fatal: option --before: "2026-00-10" given, expected a time: 2026-11-20,
...:  '2026-11-20 12:00' or @SECONDS
out: 100 qq-grep: fatal: option --before: "2026-11-20T25:00" given, expected a time: 2026-11-20,
...:  '2026-11-20 12:00' or @SECONDS
out: 100 qq-grep: fatal: option --before: "2026-11-20 12" given, expected a time: 2026-11-20,
...:  '2026-11-20 12:00' or @SECONDS
out: 100 qq-grep: fatal: option --before: "2026-11-20 12:60" given, expected a time: 2026-11-20,
...:  '2026-11-20 12:00' or @SECONDS
out: 100 qq-grep: fatal: option --before: "2026-11-20 12:00 " given, expected a time: 2026-11-20,
...:  '2026-11-20 12:00' or @SECONDS
out: 100 qq-grep: fatal: option --before: "20.11.2026" given, expected a time: 2026-11-20,
...:  '2026-11-20 12:00' or @SECONDS
out: 100 qq-grep: fatal: option --before: "2026-1-1" given, expected a time: 2026-11-20,
...:  '2026-11-20 12:00' or @SECONDS
out: 100 qq-grep: fatal: option --before: "1969-12-31" given, expected a time: 2026-11-20,
...:  '2026-11-20 12:00' or @SECONDS
out: 100 qq-grep: fatal: option --before: "@" given, expected a time: 2026-11-20,
...:  '2026-11-20 12:00' or @SECONDS
out: 100 qq-grep: fatal: option --before: "@-1" given, expected a time: 2026-11-20,
...:  '2026-11-20 12:00' or @SECONDS
out: 100 qq-grep: fatal: option --before: "@1e9" given, expected a time: 2026-11-20,
...:  '2026-11-20 12:00' or @SECONDS
out: 100 qq-grep: fatal: option --before: "yesterday" given, expected a time: 2026-11-20,
...:  '2026-11-20 12:00' or @SECONDS
out: 100 qq-grep: fatal: option --before: "" given, expected a time: 2026-11-20,
...:  '2026-11-20 12:00' or @SECONDS
out: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
exit: 0
T
try 'refused qq-bounces --older 5x -5m 1.5h h "7 d" 99999999999d ""' <<'T'
out: 100 qq-bounces: fatal: option --older: "5x" given, expected an age: 90s, 15m, 36h, 7d or 2w
out: 100 qq-bounces: fatal: option --older: "-5m" given, expected an age: 90s, 15m, 36h, 7d or 2w
out: 100 qq-bounces: fatal: option --older: "1.5h" given, expected an age: 90s, 15m, 36h, 7d or 2w
out: 100 qq-bounces: fatal: option --older: "h" given, expected an age: 90s, 15m, 36h, 7d or 2w
out: 100 qq-bounces: fatal: option --older: "7 d" given, expected an age: 90s, 15m, 36h, 7d or 2w
out: 100 qq-bounces: fatal: option --older: "99999999999d" given, expected an age: 90s, 15m,
...:  36h, 7d or 2w
out: 100 qq-bounces: fatal: option --older: "" given, expected an age: 90s, 15m, 36h, 7d or 2w
out: usage: qq-bounces [OPTION ...] [ID ... | -] (qq-bounces --help lists the options)
exit: 0
T
try 'refused qq-grep --max-size 5X -5 1.5K K 10KB 0x10 18446744073709551616 99999999999G ""' <<'T'
out: 100 qq-grep: fatal: option --max-size: "5X" given, expected a size: 512, 10K, 5M or 1G
out: 100 qq-grep: fatal: option --max-size: "-5" given, expected a size: 512, 10K, 5M or 1G
out: 100 qq-grep: fatal: option --max-size: "1.5K" given, expected a size: 512, 10K, 5M or 1G
out: 100 qq-grep: fatal: option --max-size: "K" given, expected a size: 512, 10K, 5M or 1G
out: 100 qq-grep: fatal: option --max-size: "10KB" given, expected a size: 512, 10K, 5M or 1G
out: 100 qq-grep: fatal: option --max-size: "0x10" given, expected a size: 512, 10K, 5M or 1G
out: 100 qq-grep: fatal: option --max-size: "18446744073709551616" given, expected a size: 512,
...:  10K, 5M or 1G
out: 100 qq-grep: fatal: option --max-size: "99999999999G" given, expected a size: 512,
...:  10K, 5M or 1G
out: 100 qq-grep: fatal: option --max-size: "" given, expected a size: 512, 10K, 5M or 1G
out: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
exit: 0
T
try 'refused qq-grep --uid five -1 +1 01 " 1" 1.0 18446744073709551616 "";
  for call in "qq-grep --min-recipients" "qq-grep -m" "qq-bounces --min-recipients" \
    "qq-stat --top"; do
  refused $call -1 | head -n 1; done' <<'T'
out: 100 qq-grep: fatal: option --uid: "five" given, expected a user, by number or by name
out: 100 qq-grep: fatal: option --uid: "-1" given, expected a user, by number or by name
out: 100 qq-grep: fatal: option --uid: "+1" given, expected a user, by number or by name
out: 100 qq-grep: fatal: option --uid: "01" given, expected a user, by number or by name
out: 100 qq-grep: fatal: option --uid: " 1" given, expected a user, by number or by name
out: 100 qq-grep: fatal: option --uid: "1.0" given, expected a user, by number or by name
out: 100 qq-grep: fatal: option --uid: "18446744073709551616" given,
...:  expected a user, by number or by name
out: 100 qq-grep: fatal: option --uid: "" given, expected a user, by number or by name
out: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
out: 100 qq-grep: fatal: option --min-recipients: "-1" given, expected a number
out: 100 qq-grep: fatal: option --max-count: "-1" given, expected a number
out: 100 qq-bounces: fatal: option --min-recipients: "-1" given, expected a number
out: 100 qq-stat: fatal: option --top: "-1" given, expected a number
exit: 0
T
try 'refused qq-grep --ip 300.1.2.3 192.0.2 192.0.2.1/33 fe80::1%eth0 mx.example.test ""' <<'T'
out: 100 qq-grep: fatal: option --ip: "300.1.2.3" given, expected an IPv4 or IPv6 address,
...:  or a network such as 192.0.2.0/24
out: 100 qq-grep: fatal: option --ip: "192.0.2" given, expected an IPv4 or IPv6 address,
...:  or a network such as 192.0.2.0/24
out: 100 qq-grep: fatal: option --ip: "192.0.2.1/33" given, expected an IPv4 or IPv6 address,
...:  or a network such as 192.0.2.0/24
out: 100 qq-grep: fatal: option --ip: "fe80::1%eth0" given, expected an IPv4 or IPv6 address,
...:  or a network such as 192.0.2.0/24
out: 100 qq-grep: fatal: option --ip: "mx.example.test" given, expected an IPv4 or IPv6 address,
...:  or a network such as 192.0.2.0/24
out: 100 qq-grep: fatal: option --ip: "" given, expected an IPv4 or IPv6 address,
...:  or a network such as 192.0.2.0/24
out: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
exit: 0
T
try 'refused qq-show --sort weight dat "date|size" "";
  refused qq-stat --by colour from-dom ""' <<'T'
out: 100 qq-show: fatal: option --sort: "weight" given, expected date|size|from|to|recipients|id
out: 100 qq-show: fatal: option --sort: "dat" given, expected date|size|from|to|recipients|id
out: 100 qq-show: fatal: option --sort: "date|size" given, expected date|size|from|to|recipients|id
out: 100 qq-show: fatal: option --sort: "" given, expected date|size|from|to|recipients|id
out: usage: qq-show [OPTION ...] [ID ... | -] (qq-show --help lists the options)
out: 100 qq-stat: fatal: option --by: "colour" given,
...:  expected from|from-domain|to|to-domain|subject|header:NAME|uid|ip|login|channel|age|size
out: 100 qq-stat: fatal: option --by: "from-dom" given,
...:  expected from|from-domain|to|to-domain|subject|header:NAME|uid|ip|login|channel|age|size
out: 100 qq-stat: fatal: option --by: "" given, expected
...:  from|from-domain|to|to-domain|subject|header:NAME|uid|ip|login|channel|age|size
out: usage: qq-stat [OPTION ...] [ID ... | -] (qq-stat --help lists the options)
exit: 0
T
try 'refused qq-grep --channel suppl0 smtp ""; refused qq-bounces --channel smtp;
  refused qq-rm --channel lo' <<'T'
out: 100 qq-grep: fatal: option --channel: "suppl0" given,
...:  expected a channel of the queue home/queue
out: 100 qq-grep: fatal: option --channel: "smtp" given, expected a channel of the queue home/queue
out: 100 qq-grep: fatal: option --channel: "" given, expected a channel of the queue home/queue
out: 100 qq-bounces: fatal: option --channel: "smtp" given,
...:  expected a channel of the queue home/queue
out: 100 qq-rm: fatal: option --channel: "lo" given, expected a channel of the queue home/queue
exit: 0
T

# ---- patterns ----
try 'for option in from to done-to subject body; do refused qq-grep --$option ""; done;
  refused qq-rm --to ""' <<'T'
out: 100 qq-grep: fatal: option --from: empty pattern
out: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
out: 100 qq-grep: fatal: option --to: empty pattern
out: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
out: 100 qq-grep: fatal: option --done-to: empty pattern
out: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
out: 100 qq-grep: fatal: option --subject: empty pattern
out: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
out: 100 qq-grep: fatal: option --body: empty pattern
out: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
out: 100 qq-rm: fatal: option --to: empty pattern
out: usage: qq-rm [OPTION ...] [ID ...] (qq-rm --help lists the options)
exit: 0
T
try 'refused qq-grep --header Subject: Subject :spam ""' <<'T'
out: 100 qq-grep: fatal: option --header: empty pattern
out: 100 qq-grep: fatal: option --header: "Subject" given, expected NAME:PAT
out: 100 qq-grep: fatal: option --header: ":spam" given, expected NAME:PAT
out: 100 qq-grep: fatal: option --header: "" given, expected NAME:PAT
out: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
exit: 0
T
: >empty; printf '\n\r\n\n' >blank; printf 'good\n[a-\n' >bad
try 'for list in from to subject; do refused qq-grep --$list-list empty blank nowhere place "";
  done' <<'T'
out: 100 qq-grep: fatal: empty: expected a pattern on each line, found none
out: 100 qq-grep: fatal: blank: expected a pattern on each line, found none
out: 100 qq-grep: fatal: unable to open nowhere: No such file or directory
out: 100 qq-grep: fatal: unable to read place: Is a directory
out: 100 qq-grep: fatal: unable to open : No such file or directory
out: 100 qq-grep: fatal: empty: expected a pattern on each line, found none
out: 100 qq-grep: fatal: blank: expected a pattern on each line, found none
out: 100 qq-grep: fatal: unable to open nowhere: No such file or directory
out: 100 qq-grep: fatal: unable to read place: Is a directory
out: 100 qq-grep: fatal: unable to open : No such file or directory
out: 100 qq-grep: fatal: empty: expected a pattern on each line, found none
out: 100 qq-grep: fatal: blank: expected a pattern on each line, found none
out: 100 qq-grep: fatal: unable to open nowhere: No such file or directory
out: 100 qq-grep: fatal: unable to read place: Is a directory
out: 100 qq-grep: fatal: unable to open : No such file or directory
exit: 0
T
# What is wrong with an expression, libc says in its own words.
try 'for call in "-E --from (a" "-E -x --subject a[" "-E --body a{2,1}" "-E --from-list bad" \
  "-g --to [z-a]"; do
  qq-grep $call 2>&1 | head -n 1 | sed "s/expression: .*/expression: .../"; done;
  qq-grep -E --from "(" 2>/dev/null' <<'T'
out: qq-grep: fatal: option --from: bad regular expression: ...
out: qq-grep: fatal: option --subject: bad regular expression: ...
out: qq-grep: fatal: option --body: bad regular expression: ...
out: qq-grep: fatal: bad:2: bad regular expression: ...
out: qq-grep: fatal: option --to: bad regular expression: ...
exit: 100
T
try 'then_say qq-grep -g -E --from a; qq-grep --from a --regex --glob 2>/dev/null' <<'T'
err: qq-grep: fatal: options -g and -E cannot be used together
err: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
err: code 100
exit: 100
T

# ---- slips ----
# What comes near is named; a criterion that belongs to qq-grep, with the pipeline it is for.
first_line() { "$@" 2>&1 | head -n 1; }
try 'first_line qq-grep --form x; first_line qq-rm --form x; first_line qq-list --jbos=2;
  first_line qq-grep --un-like-any' <<'T'
out: qq-grep: fatal: unknown option --form: did you mean --from?
out: qq-rm: fatal: unknown option --form: did you mean --from?
out: qq-list: fatal: unknown option --jbos=2: did you mean --jobs?
out: qq-grep: fatal: unknown option --un-like-any
exit: 0
T
for program in rm hold release expire cat; do
  try "first_line qq-$program --from x" <<T
out: qq-$program: fatal: option --from belongs to qq-grep: qq-grep --from x | qq-$program
exit: 0
T
done
for program in show stat list bounces; do
  try "first_line qq-$program --subject='a b'" <<T
out: qq-$program: fatal: option --subject belongs to qq-grep: qq-grep --subject 'a b' |
...:  qq-$program -
exit: 0
T
done
try "first_line qq-rm 5 --held; first_line qq-rm --older; first_line qq-rm --subject \"it's\"" <<'T'
out: qq-rm: fatal: option --held belongs to qq-grep: qq-grep --held | qq-rm
out: qq-rm: fatal: option --older belongs to qq-grep: qq-grep --older AGE | qq-rm
out: qq-rm: fatal: option --subject belongs to qq-grep: qq-grep --subject PAT | qq-rm
exit: 0
T
for program in $(programs); do
  "$program" --help >help; check "$program -h is --help" eval "$program -h | cmp - help"
  check "$program: no line of --help is longer than 80 columns" \
    eval '! grep -E "^.{81}" help'
  check "$program: --queue before --home, --help by itself" eval \
    'sed -n "s/^  .*--\(queue\|home\|help\) .*/\1/p; s/^\$/-/p" help | tail -n 5 | tr -d "\n" |
      grep -x -- "[-]*queuehome-help-"'
done

# ---- options that do not go together ----
try 'then_say qq-show -l --json; then_say qq-cat --headers --body 5;
  then_say qq-cat --mbox --text 5; then_say qq-bounces --reasons --summary; qq-stat --top 5' <<'T'
err: qq-show: fatal: options -l, --json and --tsv cannot be used together
err: usage: qq-show [OPTION ...] [ID ... | -] (qq-show --help lists the options)
err: code 100
err: qq-cat: fatal: options --headers, --body, --envelope, --text and --mbox cannot be used together
err: usage: qq-cat [OPTION ...] [ID ...] (qq-cat --help lists the options)
err: code 100
err: qq-cat: fatal: options --headers, --body, --envelope, --text and --mbox cannot be used together
err: usage: qq-cat [OPTION ...] [ID ...] (qq-cat --help lists the options)
err: code 100
err: qq-bounces: fatal: options --reasons and --summary cannot be used together
err: usage: qq-bounces [OPTION ...] [ID ... | -] (qq-bounces --help lists the options)
err: code 100
err: qq-stat: fatal: option --top needs --by
err: usage: qq-stat [OPTION ...] [ID ... | -] (qq-stat --help lists the options)
exit: 100
T
try 'qq-cat --headers --headers' <<'T'
exit: 0
T

# ---- which queue ----
mkdir many many/queue; cp -a alone other
find other -type f ! -path "other/lock/*" -exec rm {} +; cp -a other many/queue.new
rmdir many/queue; mv many/queue.new many/queue
try 'qq-list -c' <<'T'
out: 23
exit: 0
T
try 'QMAILHOME=nowhere qq-list -c; unset QQ_QUEUE; QMAILHOME=home qq-list -c;
  QMAILHOME=many qq-list -c' <<'T'
out: 23
out: 23
out: 0
exit: 0
T
try 'qq-list -c --home many; QQ_QUEUE=nowhere QMAILHOME=nowhere qq-list -c --home home' <<'T'
out: 0
out: 23
exit: 0
T
try 'QMAILHOME=nowhere qq-list -c --home nowhere --queue other' <<'T'
out: 0
exit: 0
T
try 'qq-list -c --home nowhere' <<'T'
err: qq-list: fatal: unable to open the queue nowhere/queue: No such file or directory
exit: 100
T
try 'QQ_QUEUE= QMAILHOME=many qq-list -c; QQ_QUEUE= QMAILHOME= qq-list -c --home home' <<'T'
out: 0
out: 23
exit: 0
T
try 'qq-list -c --queue alone/; qq-list -c --queue ./alone/../alone' <<'T'
out: 23
out: 23
exit: 0
T

# Without control/ beside it a queue is as good, and a lifetime is qmail's own.
try 'qq-show -l --queue alone $(id 1081647) | grep expires | cut -c 1-34' <<'T'
out:   expires     27 Nov 2026 12:52:18
exit: 0
T
mkdir home/control; echo 86400 >home/control/queuelifetime
try 'qq-show -l --queue home/queue $(id 1081647) | grep expires | cut -c 1-34' <<'T'
out:   expires     21 Nov 2026 12:52:18
exit: 0
T
try 'qq-show -l --home home $(id 1081647) | grep expires | cut -c 1-34' <<'T'
out:   expires     21 Nov 2026 12:52:18
exit: 0
T
try 'qq-list --count --queue alone; qq-grep -c --from spammer --queue alone;
  qq-stat --queue alone | head -n 2' <<'T'
out: 23
out: 6
out: messages in queue: 23
out: messages in queue but not yet preprocessed: 2
exit: 0
T

# ---- a queue that one may not read ----
for program in $readers; do
  chmod 700 home/queue
  try "nobody $program" <<T
err: $program: fatal: unable to open the queue home/queue: Permission denied (run it as root)
exit: 111
T
  chmod 750 home/queue
done
# All but info/ may be read.
cp -a alone private; chmod -R a+rX private; chmod 0 private/info
try 'nobody qq-list --queue private' <<'T'
err: qq-list: fatal: unable to read private/info: Permission denied (run it as root)
exit: 111
T
try 'nobody qq-rm --queue private 5' <<'T'
err: qq-rm: fatal: unable to read private/info: Permission denied (run it as root)
exit: 111
T
chmod 700 private/info

# ---- where the results go ----
for call in 'qq-list' 'qq-list -c' 'qq-grep --from spammer' 'qq-grep -c' 'qq-show' \
  'qq-show --json' 'qq-show -l' 'qq-stat' 'qq-stat --json' 'qq-stat --by from' 'qq-bounces' \
  'qq-bounces --reasons' 'qq-bounces --summary' 'qq-cat $(id 1081787)' \
  'qq-cat --text $(id 1081647)' 'qq-rm --dry-run --quiet --json $(id 1081647)'; do
  try "then_say $call >/dev/full; $call >&-" <<T
err: ${call%% *}: fatal: unable to write to standard output: No space left on device
err: code 111
err: ${call%% *}: fatal: unable to write to standard output: Bad file descriptor
exit: 111
T
done
try 'qq-grep -q >&-; qq-grep --from nobody >&-; qq-list --count 2>&-' <<'T'
out: 23
exit: 0
T
# A reader that goes away ends the program by SIGPIPE, or as trouble where that is ignored.
try '{ qq-cat $(id 1081787); echo "code $?" >&2; } | head -c 10' <<'T'
out: Received: 
out: (no newline)
err: code 141
exit: 0
T
try 'trap "" PIPE; { qq-cat $(id 1081787); echo "code $?" >&2; } | head -c 10' <<'T'
out: Received: 
out: (no newline)
err: qq-cat: fatal: unable to write to standard output: Broken pipe
err: code 111
exit: 0
T

# ---- logs ----
for program in qlog-grep qlog-show qlog-stat; do
  usage="err: usage: $program [OPTION ...] [LOG ... | -] ($program --help lists the options)"
  try "then_say $program --nonsense; then_say $program --since; $program --help=5" <<T
err: $program: fatal: unknown option --nonsense
$usage
err: code 100
err: $program: fatal: option --since needs a value
$usage
err: code 100
err: $program: fatal: option --help=5: no value is expected
$usage
exit: 100
T
  try "$program --help | head -n 1; $program --version; then_say $program nowhere
    then_say $program - <&-; $program --help >/dev/full" <<T
out: usage: $program [OPTION ...] [LOG ... | -]
out: $program (qqtools) $(sed -n 1p "$repo/package/versions")
err: $program: fatal: unable to open nowhere: No such file or directory
err: code 100
err: $program: fatal: unable to read -: Bad file descriptor
err: code 111
err: $program: fatal: unable to write to standard output: No space left on device
exit: 111
T
done
try 'refused qlog-grep --result done ""; refused qlog-show --channel smtp suppl suppl-1
  refused qlog-grep --id x 5@ 5@x ""' <<'T'
out: 100 qlog-grep: fatal: option --result: "done" given, expected delivered, failed, expired,
...:  deferred, removed, unknown or under_way
out: 100 qlog-grep: fatal: option --result: "" given, expected delivered, failed, expired,
...:  deferred, removed, unknown or under_way
out: usage: qlog-grep [OPTION ...] [LOG ... | -] (qlog-grep --help lists the options)
out: 100 qlog-show: fatal: option --channel: "smtp" given, expected local, remote or supplN
out: 100 qlog-show: fatal: option --channel: "suppl" given, expected local, remote or supplN
out: 100 qlog-show: fatal: option --channel: "suppl-1" given, expected local, remote or supplN
out: usage: qlog-show [OPTION ...] [LOG ... | -] (qlog-show --help lists the options)
out: 100 qlog-grep: fatal: option --id: "x" given, expected ID or ID@STAMP
out: 100 qlog-grep: fatal: option --id: "5@" given, expected ID or ID@STAMP
out: 100 qlog-grep: fatal: option --id: "5@x" given, expected ID or ID@STAMP
out: 100 qlog-grep: fatal: option --id: "" given, expected ID or ID@STAMP
out: usage: qlog-grep [OPTION ...] [LOG ... | -] (qlog-grep --help lists the options)
exit: 0
T
try 'refused qlog-stat --since 2026-13-01 tomorrow 5x ""; refused qlog-show --min-delay 1.5h ""' \
  <<'T'
out: 100 qlog-stat: fatal: option --since: "2026-13-01" given, expected a time (2026-11-20,
...:  '2026-11-20 12:00', @SECONDS), an age (36h), today or yesterday
out: 100 qlog-stat: fatal: option --since: "tomorrow" given, expected a time (2026-11-20,
...:  '2026-11-20 12:00', @SECONDS), an age (36h), today or yesterday
out: 100 qlog-stat: fatal: option --since: "5x" given, expected a time (2026-11-20, '2026-11-20
...:  12:00', @SECONDS), an age (36h), today or yesterday
out: 100 qlog-stat: fatal: option --since: "" given, expected a time (2026-11-20, '2026-11-20
...:  12:00', @SECONDS), an age (36h), today or yesterday
out: usage: qlog-stat [OPTION ...] [LOG ... | -] (qlog-stat --help lists the options)
out: 100 qlog-show: fatal: option --min-delay: "1.5h" given, expected an age: 90s, 15m, 36h, 7d
...:  or 2w
out: 100 qlog-show: fatal: option --min-delay: "" given, expected an age: 90s, 15m, 36h, 7d or 2w
out: usage: qlog-show [OPTION ...] [LOG ... | -] (qlog-show --help lists the options)
exit: 0
T
try 'refused qlog-grep --qp -1 x; refused qlog-grep --uid five; refused qlog-show --min-attempts 1e3
  refused qlog-grep -m -1; refused qlog-grep --from ""' <<'T'
out: 100 qlog-grep: fatal: option --qp: "-1" given, expected a number
out: 100 qlog-grep: fatal: option --qp: "x" given, expected a number
out: usage: qlog-grep [OPTION ...] [LOG ... | -] (qlog-grep --help lists the options)
out: 100 qlog-grep: fatal: option --uid: "five" given, expected a number
out: usage: qlog-grep [OPTION ...] [LOG ... | -] (qlog-grep --help lists the options)
out: 100 qlog-show: fatal: option --min-attempts: "1e3" given, expected a number
out: usage: qlog-show [OPTION ...] [LOG ... | -] (qlog-show --help lists the options)
out: 100 qlog-grep: fatal: option --max-count: "-1" given, expected a number
out: usage: qlog-grep [OPTION ...] [LOG ... | -] (qlog-grep --help lists the options)
out: 100 qlog-grep: fatal: option --from: empty pattern
out: usage: qlog-grep [OPTION ...] [LOG ... | -] (qlog-grep --help lists the options)
exit: 0
T
try 'refused qlog-stat --by colour ""; refused qlog-stat --sort weight' <<'T'
out: 100 qlog-stat: fatal: option --by: "colour" given, expected
...:  from|from-domain|to|to-domain|host|reason|uid|ip|login|channel|result|hour|day
out: 100 qlog-stat: fatal: option --by: "" given, expected
...:  from|from-domain|to|to-domain|host|reason|uid|ip|login|channel|result|hour|day
out: usage: qlog-stat [OPTION ...] [LOG ... | -] (qlog-stat --help lists the options)
out: 100 qlog-stat: fatal: option --sort: "weight" given, expected
...:  messages|recipients|delivered|failed|deferrals|open|bytes|first|last|key
out: usage: qlog-stat [OPTION ...] [LOG ... | -] (qlog-stat --help lists the options)
exit: 0
T
try 'then_say qlog-show --json -l; qlog-stat --json --tsv' <<'T'
err: qlog-show: fatal: options -l, --json and --tsv cannot be used together
err: usage: qlog-show [OPTION ...] [LOG ... | -] (qlog-show --help lists the options)
err: code 100
err: qlog-stat: fatal: options --json and --tsv cannot be used together
err: usage: qlog-stat [OPTION ...] [LOG ... | -] (qlog-stat --help lists the options)
exit: 100
T
try 'refused qq-why --by colour; refused qq-why --min-attempts x; qq-why --json --ids' <<'T'
out: 100 qq-why: fatal: option --by: "colour" given, expected host|reason|to-domain
out: usage: qq-why [OPTION ...] [ID ... | -] (qq-why --help lists the options)
out: 100 qq-why: fatal: option --min-attempts: "x" given, expected a number
out: usage: qq-why [OPTION ...] [ID ... | -] (qq-why --help lists the options)
err: qq-why: fatal: option --ids cannot be used with -l, --json, --tsv or --by
err: usage: qq-why [OPTION ...] [ID ... | -] (qq-why --help lists the options)
exit: 100
T

# Nothing of all this has changed the queue.
check 'the queue is untouched' untouched
finish
