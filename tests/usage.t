#!/bin/sh
# usage.t - wrong use of every program: one line that says what is wrong, the exit code, and nothing done; and which queue is meant.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
readers='qq-list qq-grep qq-show qq-stat qq-bounces'     # start from the whole queue
takers='qq-cat qq-rm'                                   # need to be told
queue queue-notqmail
tree >"$T/before"
cd "$T" && mkdir place && mv queue-notqmail home && cp -a home/queue alone && QUEUE=$T/home/queue QQ_QUEUE=home/queue
nobody() { if am_root; then perl -e '$( = 65534; $) = "65534 65534"; $< = $> = 65534; exec @ARGV' "$@"; else "$@"; fi; }

# ---- what all programs say alike ----
for program in $readers $takers; do
  case $program in qq-cat|qq-rm) operands='[ID ...]' ;; *) operands='[ID ... | -]' ;; esac
  usage="err: usage: $program [OPTION ...] $operands ($program --help lists the options)"
  try "$program --nonsense" <<T
err: $program: fatal: unknown or ambiguous option --nonsense
$usage
exit: 100
T
  try "$program -Z" <<T
err: $program: fatal: unknown option -Z
$usage
exit: 100
T
  try "$program --queue" <<T
err: $program: fatal: option --queue needs a value
$usage
exit: 100
T
  try "$program --help=5" <<T
err: $program: fatal: option --help=5: no value expected
$usage
exit: 100
T
  try "$program --queue nowhere" <<T
err: $program: fatal: unable to open the queue nowhere: No such file or directory
exit: 100
T
  try "$program --queue place" <<T
err: $program: fatal: place is no qmail queue: it has no directory mess
exit: 100
T
  try "$program --queue home/queue/lock/sendmutex" <<T
err: $program: fatal: unable to open the queue home/queue/lock/sendmutex: Not a directory
exit: 100
T
  try "$program --queue ''" <<T
err: $program: fatal: unable to open the queue : No such file or directory
exit: 100
T
  try "$program 0x5" <<T
err: $program: fatal: operand 1 is "0x5": expected ID or ID@STAMP
exit: 100
T
  try "$program --help | head -n 1; $program --help 2>&1 >/dev/null" <<T
out: usage: $program [OPTION ...] $operands
exit: 0
T
  try "$program --version" <<T
out: $program (qqtools) $(sed -n 1p "$repo/package/versions")
exit: 0
T
  try "$program --help >/dev/full" <<T
err: $program: fatal: unable to write to standard output: No space left on device
exit: 111
T
  try "$program --version >&-" <<T
err: $program: fatal: unable to write to standard output: Bad file descriptor
exit: 111
T
done
for program in $readers qq-rm; do
  for value in 0 1025 -1 many 1e3 ''; do
    try "$program --jobs '$value' 2>&1 | head -n 1" <<T
out: $program: fatal: option --jobs: "$value" given, expected a number$([ "$value" != 0 ] && [ "$value" != 1025 ] || echo ' from 1 to 1024')
exit: 0
T
  done
done
for program in $readers; do
  try "$program - 5" <<T
err: $program: fatal: operand "5" given behind -, expected none
err: usage: $program [OPTION ...] [ID ... | -] ($program --help lists the options)
exit: 100
T
  try "$program - <&-" <<T
err: $program: fatal: unable to read standard input: Bad file descriptor
exit: 111
T
done
for program in $takers; do
  try "$program <&-" <<T
err: $program: fatal: unable to read standard input: Bad file descriptor
exit: 111
T
done
try 'qq-cat /dev/null' <<'T'
err: qq-cat: fatal: operand 1 is "/dev/null": expected ID or ID@STAMP
exit: 100
T

# ---- values ----
try 'qq-grep --after 2026-13-01' <<'T'
err: qq-grep: fatal: option --after: "2026-13-01" given, expected a time: 2026-11-20, '2026-11-20 12:00' or @SECONDS
err: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
exit: 100
T
for value in 2026-02-30 2026-11-20T25:00 '2026-11-20 12' '2026-11-20 12:60' 20.11.2026 yesterday @ @-1 @1e9 1969-12-31 2026-1-1 '2026-11-20 12:00 ' '' 2026-00-10; do
  try "qq-grep --before '$value' 2>&1 | head -n 1" <<T
out: qq-grep: fatal: option --before: "$value" given, expected a time: 2026-11-20, '2026-11-20 12:00' or @SECONDS
exit: 0
T
done
for value in 5x -5m 1.5h '' h '7 d' 99999999999d; do
  try "qq-bounces --older '$value' 2>&1 | head -n 1" <<T
out: qq-bounces: fatal: option --older: "$value" given, expected an age: 90s, 15m, 36h, 7d or 2w
exit: 0
T
done
for value in 5X -5 1.5K '' K 10KB 18446744073709551616 99999999999G 0x10; do
  try "qq-grep --min-size '$value' 2>&1 | head -n 1" <<T
out: qq-grep: fatal: option --min-size: "$value" given, expected a size: 512, 10K, 5M or 1G
exit: 0
T
done
for option in qq-grep:--uid qq-grep:--min-recipients qq-grep:-m qq-bounces:--min-recipients qq-stat:--top; do
  program=${option%:*} option=${option#*:} long=${option#*:}
  [ "$option" != -m ] || long=--max-count
  for value in five -1 +1 01 ' 1' 1.0 18446744073709551616 ''; do
    try "$program $option '$value' 2>&1 | head -n 1" <<T
out: $program: fatal: option $long: "$value" given, expected a number
exit: 0
T
  done
done
try 'qq-grep --ip 300.1.2.3' <<'T'
err: qq-grep: fatal: option --ip: "300.1.2.3" given, expected an IPv4 or IPv6 address
err: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
exit: 100
T
try 'qq-grep --ip 192.0.2' <<'T'
err: qq-grep: fatal: option --ip: "192.0.2" given, expected an IPv4 or IPv6 address
err: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
exit: 100
T
try 'qq-grep --ip ""' <<'T'
err: qq-grep: fatal: option --ip: "" given, expected an IPv4 or IPv6 address
err: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
exit: 100
T
try 'qq-grep --channel suppl0' <<'T'
err: qq-grep: fatal: option --channel: "suppl0" given, expected a channel of the queue home/queue
exit: 100
T
try 'qq-bounces --channel smtp' <<'T'
err: qq-bounces: fatal: option --channel: "smtp" given, expected a channel of the queue home/queue
exit: 100
T
try 'qq-rm --channel "" 5' <<'T'
err: qq-rm: fatal: option --channel: "" given, expected a channel of the queue home/queue
exit: 100
T
try 'qq-show --sort weight' <<'T'
err: qq-show: fatal: option --sort: "weight" given, expected date|size|from|to|recipients|id
err: usage: qq-show [OPTION ...] [ID ... | -] (qq-show --help lists the options)
exit: 100
T
try 'qq-show --sort dat' <<'T'
err: qq-show: fatal: option --sort: "dat" given, expected date|size|from|to|recipients|id
err: usage: qq-show [OPTION ...] [ID ... | -] (qq-show --help lists the options)
exit: 100
T
try 'qq-show --sort "date|size"' <<'T'
err: qq-show: fatal: option --sort: "date|size" given, expected date|size|from|to|recipients|id
err: usage: qq-show [OPTION ...] [ID ... | -] (qq-show --help lists the options)
exit: 100
T
try 'qq-stat --by colour' <<'T'
err: qq-stat: fatal: option --by: "colour" given, expected from|from-domain|to-domain|uid|ip|channel|age|size
err: usage: qq-stat [OPTION ...] [ID ... | -] (qq-stat --help lists the options)
exit: 100
T
try 'qq-stat --by ""' <<'T'
err: qq-stat: fatal: option --by: "" given, expected from|from-domain|to-domain|uid|ip|channel|age|size
err: usage: qq-stat [OPTION ...] [ID ... | -] (qq-stat --help lists the options)
exit: 100
T

# ---- patterns ----
for option in from to done-to subject body; do
  try "qq-grep --$option '' 2>&1 | head -n 1" <<T
out: qq-grep: fatal: option --$option: empty pattern
exit: 0
T
done
try 'qq-grep --header Subject:' <<'T'
err: qq-grep: fatal: option --header: empty pattern
err: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
exit: 100
T
try 'qq-grep --header Subject' <<'T'
err: qq-grep: fatal: option --header: "Subject" given, expected NAME:PAT
err: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
exit: 100
T
try 'qq-grep --header :spam' <<'T'
err: qq-grep: fatal: option --header: ":spam" given, expected NAME:PAT
err: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
exit: 100
T
try 'qq-rm --to "" 5' <<'T'
err: qq-rm: fatal: option --to: empty pattern
err: usage: qq-rm [OPTION ...] [ID ...] (qq-rm --help lists the options)
exit: 100
T
: >empty; printf '\n\r\n\n' >blank; printf 'good\n[a-\n' >bad
for list in from to subject; do
  try "qq-grep --$list-list empty" <<T
err: qq-grep: fatal: empty: expected a pattern on each line, found none
exit: 100
T
  try "qq-grep --$list-list blank" <<T
err: qq-grep: fatal: blank: expected a pattern on each line, found none
exit: 100
T
  try "qq-grep --$list-list nowhere" <<T
err: qq-grep: fatal: unable to open nowhere: No such file or directory
exit: 100
T
  try "qq-grep --$list-list place" <<T
err: qq-grep: fatal: unable to read place: Is a directory
exit: 111
T
done
try 'qq-grep -E --from "(a"' <<'T'
err: qq-grep: fatal: option --from: bad regular expression: Unmatched ( or \(
err: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
exit: 100
T
try 'qq-grep -E --from-list bad' <<'T'
err: qq-grep: fatal: bad:2: bad regular expression: Unmatched [, [^, [:, [., or [=
exit: 100
T
try 'qq-grep -g --from "[z-a]"' <<'T'
err: qq-grep: fatal: option --from: bad regular expression: Invalid range end
err: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
exit: 100
T
try 'qq-grep -g -E --from a' <<'T'
err: qq-grep: fatal: options -g and -E exclude each other
err: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
exit: 100
T
try 'qq-grep --from a -g --regex' <<'T'
err: qq-grep: fatal: options -g and -E exclude each other
err: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
exit: 100
T

# ---- options that do not go together ----
try 'qq-show -l --json' <<'T'
err: qq-show: fatal: options -l and --json exclude each other
err: usage: qq-show [OPTION ...] [ID ... | -] (qq-show --help lists the options)
exit: 100
T
try 'qq-cat --headers --body 5' <<'T'
err: qq-cat: fatal: options --headers, --body, --envelope, --text and --mbox exclude each other
err: usage: qq-cat [OPTION ...] [ID ...] (qq-cat --help lists the options)
exit: 100
T
try 'qq-cat --mbox --text 5' <<'T'
err: qq-cat: fatal: options --headers, --body, --envelope, --text and --mbox exclude each other
err: usage: qq-cat [OPTION ...] [ID ...] (qq-cat --help lists the options)
exit: 100
T
try 'qq-bounces --reasons --summary' <<'T'
err: qq-bounces: fatal: options --reasons and --summary exclude each other
err: usage: qq-bounces [OPTION ...] [ID ... | -] (qq-bounces --help lists the options)
exit: 100
T
try 'qq-stat --top 5' <<'T'
err: qq-stat: fatal: option --top needs --by
err: usage: qq-stat [OPTION ...] [ID ... | -] (qq-stat --help lists the options)
exit: 100
T
try 'qq-cat --headers --headers </dev/null' <<'T'
exit: 0
T

# ---- which queue ----
mkdir many many/queue; cp -a alone other; rm -f other/mess/*/* other/info/*/* other/todo/*; cp -a other many/queue.new; rmdir many/queue; mv many/queue.new many/queue
try 'qq-list -c' <<'T'
out: 23
exit: 0
T
try 'QMAILHOME=nowhere qq-list -c; unset QQ_QUEUE; QMAILHOME=home qq-list -c; QMAILHOME=many qq-list -c' <<'T'
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
try 'qq-list --count --queue alone; qq-grep -c --from spammer --queue alone; qq-stat --queue alone | head -n 2' <<'T'
out: 23
out: 6
out: messages in queue: 23
out: messages in queue but not yet preprocessed: 2
exit: 0
T

# ---- a queue that one may not read ----
for program in $readers; do
  chmod 0 home/queue
  try "nobody $program" <<T
err: $program: fatal: unable to open the queue home/queue: Permission denied (run it as root)
exit: 111
T
  chmod 750 home/queue
done
if am_root; then chmod 755 home/queue; fi; mode=$(stat -c %a home/queue/info 2>/dev/null || echo 700); chmod 0 home/queue/info
try 'nobody qq-list' <<'T'
err: qq-list: fatal: unable to read home/queue/mess: Permission denied (run it as root)
exit: 111
T
try 'nobody qq-rm 5' <<'T'
err: qq-rm: fatal: unable to read home/queue/mess: Permission denied (run it as root)
exit: 111
T
chmod "$mode" home/queue/info; chmod 750 home/queue

# ---- where the results go ----
for call in 'qq-list' 'qq-list -c' 'qq-grep --from spammer' 'qq-grep -c' 'qq-show' 'qq-show --json' 'qq-show -l' 'qq-stat' 'qq-stat --json' 'qq-stat --by from' 'qq-bounces' \
  'qq-bounces --reasons' 'qq-bounces --summary' 'qq-cat $(id 1081787)' 'qq-cat --text $(id 1081647)' 'qq-rm --dry-run --quiet --json $(id 1081647)'; do
  try "$call >/dev/full" <<T
err: ${call%% *}: fatal: unable to write to standard output: No space left on device
exit: 111
T
  try "$call >&-" <<T
err: ${call%% *}: fatal: unable to write to standard output: Bad file descriptor
exit: 111
T
done
try 'qq-grep -q; qq-list 2>&-' <<'T'
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

# Nothing of all this has changed the queue.
check 'the queue is untouched' untouched
finish
