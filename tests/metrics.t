#!/bin/sh
# metrics.t - qq-stat --metrics: what Prometheus reads, on standard output and in a file that is
# replaced whole; of a queue that cannot be read, nothing is said to be 0. And qlog-stat --metrics,
# whose counters qlog-metrics.t counts.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/change.sh"
cd "$T" || exit 99
samples() { grep -v '^#' "$@"; }
# Where promtool is, it has the last word on the form; what is always asked: each name has its HELP
# and TYPE once, in front of its samples, which are numbers.
well_formed() {
  perl -ne '
    if (/^# HELP (\S+) \S/) { $seen{$1}++ and die "twice: $_"; $name = $1; next }
    if (/^# TYPE (\S+) (gauge|counter|histogram)$/) { $1 eq $name or die "apart: $_"; next }
    /^\Q$name\E(_bucket|_sum|_count)?(\{(\w+="[^"\\\n]*",?)+\})? \d+(\.\d+)?\n$/
      or die "no sample of $name: $_";
    $n++;
    END { $n or die "no sample\n" }' "$1" || return
  if command -v promtool >/dev/null; then promtool check metrics <"$1"; fi
}

# ---- what is counted, against --json of qq-show ----
of_json() {
  qq-show --json >"$T/json" && qq-show --json --over >>"$T/json" && perl -MJSON::PP -e '
    our %n;
    my ($now) = splice @ARGV, 0, 1;
    my @step = map { 300 * 2**$_ } 0 .. 8;
    %n = map { ("qmail_queue_$_" => 0) } qw(bytes failing);
    sub n { my ($name, $label, $value) = @_; \$n{qq(qmail_queue_$name\{$label="$value"})} }
    ${ n("bounces", "kind", $_) } = 0 for qw(single double);
    ${ n("messages", "state", $_) } = 0 for qw(over held new preprocessed);
    ${ n("recipients", "channel", $_) } = 0 for qw(local remote new);
    ${ n("messages_older", "age_seconds", $_) } = 0 for @step;
    while (<STDIN>) {
      my $o = JSON::PP->new->utf8->decode($_);
      my $is = $o->{held} && $o->{state} ne "over" ? "held" : $o->{state};
      ${ n("messages", "state", $is) }++;
      next if $is eq "over";
      $n{qmail_queue_bytes} += $o->{size};
      $n{qmail_queue_failing} += !!$o->{failing};
      ${ n("bounces", "kind", $o->{bounce}) }++ if $o->{bounce};
      my ($stamp) = $o->{token} =~ /@(\d+)\d{9}$/;
      $now - $stamp > $_ and ${ n("messages_older", "age_seconds", $_) }++ for @step;
      $_->{done} or ${ n("recipients", "channel", $_->{channel} // "new") }++
        for @{ $o->{recipients} };
    }
    print map { "$_ $n{$_}\n" } sort keys %n' "$(date +%s)" <"$T/json"
}
same() {
  qq-stat --metrics >"$T/metrics" && well_formed "$T/metrics" && of_json | sort >"$T/expected" &&
    samples "$T/metrics" | grep -v -e _up -e oldest -e success | sort | diff "$T/expected" -
}
for fixture in queue-bigtodo queue-notqmail; do
  queue $fixture; QUEUE=$T/$fixture/queue
  check "$fixture: the figures are those of qq-show --json" same
done
if am_root; then
  queue queue-notqmail; QUEUE=$T/queue-notqmail/queue
  held 1081647 1081821; over 1081648; born 1081763 400; born 1081770 5000
  check 'with held ones, an over one, and young ones' same
  try 'qq-stat --metrics | samples | grep state' <<'T'
out: qmail_queue_messages{state="over"} 1
out: qmail_queue_messages{state="held"} 2
out: qmail_queue_messages{state="new"} 1
out: qmail_queue_messages{state="preprocessed"} 19
exit: 0
T
fi

# ---- the oldest, up, and an empty queue ----
fresh() { queue queue-notqmail; QUEUE=$T/queue-notqmail/queue; }
fresh
oldest() { qq-stat --metrics | sed -n 's/^qmail_queue_oldest_age_seconds //p'; }
near() { qq-stat --json | perl -e '
  <STDIN> =~ /"oldest_age":(\d+)\}$/ && abs($1 - $ARGV[0]) < 60 or die "$_\n"' "$(oldest)"; }
check 'the age of the oldest, in --json, too' near
try 'qq-stat --metrics | samples | grep up' <<'T'
out: qmail_up 0
exit: 0
T
if am_root; then
  sending
  try 'qq-stat --metrics | samples | grep up' <<'T'
out: qmail_up 1
exit: 0
T
  try '[ -s "$T/pulls" ] || echo the trigger was not opened' <<'T'
out: the trigger was not opened
exit: 0
T
  alone
fi
find "$QUEUE/mess" "$QUEUE/info" "$QUEUE/local" "$QUEUE/remote" "$QUEUE/todo" "$QUEUE/intd" \
  "$QUEUE/bounce" -type f -exec rm {} +
try 'qq-stat --metrics | samples; qq-stat --json | grep -o ".oldest.*"' <<'T'
out: qmail_up 0
out: qmail_queue_messages{state="over"} 0
out: qmail_queue_messages{state="held"} 0
out: qmail_queue_messages{state="new"} 0
out: qmail_queue_messages{state="preprocessed"} 0
out: qmail_queue_recipients{channel="local"} 0
out: qmail_queue_recipients{channel="remote"} 0
out: qmail_queue_recipients{channel="new"} 0
out: qmail_queue_bytes 0
out: qmail_queue_oldest_age_seconds 0.000000000
out: qmail_queue_messages_older{age_seconds="300"} 0
out: qmail_queue_messages_older{age_seconds="600"} 0
out: qmail_queue_messages_older{age_seconds="1200"} 0
out: qmail_queue_messages_older{age_seconds="2400"} 0
out: qmail_queue_messages_older{age_seconds="4800"} 0
out: qmail_queue_messages_older{age_seconds="9600"} 0
out: qmail_queue_messages_older{age_seconds="19200"} 0
out: qmail_queue_messages_older{age_seconds="38400"} 0
out: qmail_queue_messages_older{age_seconds="76800"} 0
out: qmail_queue_bounces{kind="single"} 0
out: qmail_queue_bounces{kind="double"} 0
out: qmail_queue_failing 0
out: qmail_queue_read_success 1
out: "oldest":null,"left_over":0,"oldest_age":null}
exit: 0
T

# ---- what cannot be read ----
# A damaged message is left out, and said to be; of a queue without a directory there is no figure.
fresh
printf 'xyz' >"$(at info 1081647)"
try 'qq-stat --metrics >m; echo $?; samples m | grep -c messages.state; samples m | grep success' <<'T'
out: 111
out: 4
out: qmail_queue_read_success 0
err: qq-stat: warning: info/*/1081647: has a record without its NUL
exit: 0
T
fresh
rm -rf "$QUEUE/info/7"; rm -f "$QUEUE"/bounce/*
try 'qq-stat --metrics >m; echo $?; samples m' <<'T'
out: 111
out: qmail_up 0
out: qmail_queue_read_success 0
err: qq-stat: warning: info/7 is missing (mess, local, remote have 23)
exit: 0
T

# ---- into a file ----
fresh
try 'umask 077; qq-stat --metrics --output q.prom; stat -c %a q.prom; ls -A | grep prom' <<'T'
out: 644
out: q.prom
exit: 0
T
check 'the file is what standard output is' eval 'qq-stat --metrics | samples | grep -v age_s >a
  samples q.prom | grep -v age_s | diff a -'
# The old figures must not stay: who watches has to see that they are not to be had.
try 'qq-stat --metrics --output q.prom --queue nowhere; echo $?; samples q.prom' <<'T'
out: 100
out: qmail_queue_read_success 0
err: qq-stat: fatal: unable to open the queue nowhere: No such file or directory
exit: 0
T
if strace -o /dev/null true 2>/dev/null; then
  try 'strace -f -o /dev/null -e trace=getdents64 -e inject=getdents64:signal=KILL \
    qq-stat --metrics --output q.prom; echo $?; samples q.prom' <<'T'
out: 111
out: qmail_queue_read_success 0
err: qq-stat: fatal: the process that did the work was killed
exit: 0
T
fi
try 'qq-stat --metrics --output no/q.prom; echo $?; mkdir d.prom; qq-stat --metrics \
  --output d.prom; echo $?; ls -A . d.prom | grep prom' <<'T'
out: 111
out: 111
out: d.prom
out: q.prom
out: d.prom:
err: qq-stat: fatal: unable to open the directory of no/q.prom: No such file or directory
err: qq-stat: fatal: unable to write d.prom: Is a directory
exit: 0
T
if am_root; then
  # Root has what it needs to write there, and reads the queue as somebody else.
  mkdir -m 700 mine
  try 'qq-stat --metrics --output mine/q.prom; echo $?; samples mine/q.prom | grep success' <<'T'
out: 0
out: qmail_queue_read_success 1
exit: 0
T
  # A collector of its own user, and what he puts in the way.
  mkdir his; chown 12345 his; echo secret >hers; ln -s ../hers his/.q.prom.new
  ln -s ../hers his/q.prom
  try 'qq-stat --metrics --output his/q.prom; echo $?; cat hers; stat -c %F his/q.prom' <<'T'
out: 0
out: secret
out: regular file
exit: 0
T
fi

# What is no file stays as it is, and so does one's own link: /dev/null, /dev/stdout.
mkdir -m 755 own; mkfifo own/pipe; ln -s pipe own/link
try 'for o in pipe link; do qq-stat --metrics --output own/$o; echo $?; done; ls -F own' <<'T'
out: 100
out: 100
out: link@
out: pipe|
err: qq-stat: fatal: own/pipe is not a regular file
err: qq-stat: fatal: own/link is not a regular file
exit: 0
T

# ---- of the log ----
awk '{ printf "@400000006500%04x00000000 %s\n", NR, $0 }' >log <<'L'
new msg 71
info msg 71: bytes 250 from <ann@a.example> qp 4001 uid 89
starting delivery 1: msg 71 to remote bob@b.example
starting delivery 2: msg 71 to suppl3 carl@c.example
delivery 2: success: ok/
delivery 7: failure: no/
L
try 'qlog-stat --metrics --state st log >m; echo $?; samples m | grep -v bucket' <<'T'
out: 0
out: qmail_deliveries_total{channel="local",result="delivered"} 0
out: qmail_deliveries_total{channel="local",result="failed"} 0
out: qmail_deliveries_total{channel="local",result="expired"} 0
out: qmail_deliveries_total{channel="local",result="deferred"} 0
out: qmail_deliveries_total{channel="remote",result="delivered"} 0
out: qmail_deliveries_total{channel="remote",result="failed"} 0
out: qmail_deliveries_total{channel="remote",result="expired"} 0
out: qmail_deliveries_total{channel="remote",result="deferred"} 0
out: qmail_deliveries_total{channel="suppl3",result="delivered"} 1
out: qmail_deliveries_total{channel="unknown",result="failed"} 1
out: qmail_received_messages_total 1
out: qmail_received_bytes_total 250
out: qmail_restarts_total 0
out: qmail_delivery_delay_seconds_sum 4.000000000
out: qmail_delivery_delay_seconds_count 1
out: qmail_log_gaps_total 0
out: qmail_log_read_success 1
exit: 0
T
try 'grep bucket m | head -4; grep -c bucket m' <<'T'
out: qmail_delivery_delay_seconds_bucket{le="0.1"} 0
out: qmail_delivery_delay_seconds_bucket{le="1"} 0
out: qmail_delivery_delay_seconds_bucket{le="5"} 1
out: qmail_delivery_delay_seconds_bucket{le="15"} 1
out: 13
exit: 0
T
check 'the form of the counters' well_formed m
try 'stat -c %a st; ls -A | grep st$; qlog-stat --metrics --state st log | diff m -' <<'T'
out: 644
out: st
exit: 0
T
# A state that is damaged, cut off, of another version, or no state at all: one line, the state
# stays as it is, and whoever watches sees it.
spoiled() {
  cp st bad; sed -i "$1" bad; cp bad before
  qlog-stat --metrics --state bad --output o.prom log; echo $?; samples o.prom; cmp bad before
}
for how in '2s/1/2/' '$d' '1s/1/2/' '$s/.$//' d; do
  spoiled "$how" 2>&1 | sed "s/^qlog-stat: fatal: bad is .*/refused/" >said
  try "echo '$how'; cat said" <<T
out: $how
out: refused
out: 100
out: qmail_log_read_success 0
exit: 0
T
done
damaged='damaged or cut off; without it, all is counted anew'
try 'spoiled 2s/1/2/; spoiled 1s/1/2/; head -c 100 st >bad
  qlog-stat --metrics --state bad log' <<T
out: 100
out: qmail_log_read_success 0
out: 100
out: qmail_log_read_success 0
err: qlog-stat: fatal: bad is $damaged
err: qlog-stat: fatal: bad is no state of qlog-stat --metrics of this version
err: qlog-stat: fatal: bad is $damaged
exit: 100
T
# What is in the way.
ln -s st link; mkfifo pipe; mkdir directory
try 'for s in link pipe directory no/st; do qlog-stat --metrics --state $s log; echo $?; done
  qlog-stat --metrics --state new pipe; echo $?; [ -e new ] || echo nothing is there' <<T
out: 100
out: 100
out: 100
out: 111
out: 100
out: nothing is there
err: qlog-stat: fatal: link is not a regular file
err: qlog-stat: fatal: pipe is not a regular file
err: qlog-stat: fatal: directory is not a regular file
err: qlog-stat: fatal: unable to open the directory of no/st: No such file or directory
err: qlog-stat: fatal: $T/pipe is not a regular file: passed over
exit: 0
T

# ---- wrong use ----
no_others='option --metrics counts all: no criteria, --by, --top, --sort, --reverse, --json or'
no_others="$no_others --tsv can be used with it"
usage='usage: qlog-stat [OPTION ...] [LOG ... | -] (qlog-stat --help lists the options)'
try 'for o in --top=1 --sort=key --reverse --json --tsv --by=from --to=x --bounces -v
  do qlog-stat --metrics --state st $o log; echo $?; done 2>&1 | sort | uniq -c | sed "s/^ *//"
  ' <<T
out: 9 100
out: 9 qlog-stat: fatal: $no_others
out: 9 $usage
exit: 0
T
try 'then_say qlog-stat --metrics log; then_say qlog-stat --state x log
  then_say qlog-stat --output x log; then_say qlog-stat --metrics --state st -' <<T
err: qlog-stat: fatal: option --metrics needs --state
err: $usage
err: code 100
err: qlog-stat: fatal: option --state needs --metrics
err: $usage
err: code 100
err: qlog-stat: fatal: option --output needs --metrics
err: $usage
err: code 100
err: qlog-stat: fatal: option --metrics reads no standard input, but files
err: $usage
err: code 100
exit: 0
T
try 'then_say qq-stat --output x; then_say qq-stat --metrics --json;
  then_say qq-stat --metrics --by from; then_say qq-stat --metrics 5' <<'T'
err: qq-stat: fatal: option --output needs --metrics
err: usage: qq-stat [OPTION ...] [ID ... | -] (qq-stat --help lists the options)
err: code 100
err: qq-stat: fatal: option --metrics cannot be used with --json, --tsv or --by
err: usage: qq-stat [OPTION ...] [ID ... | -] (qq-stat --help lists the options)
err: code 100
err: qq-stat: fatal: option --metrics cannot be used with --json, --tsv or --by
err: usage: qq-stat [OPTION ...] [ID ... | -] (qq-stat --help lists the options)
err: code 100
err: qq-stat: fatal: option --metrics takes no ids, but the whole queue
err: usage: qq-stat [OPTION ...] [ID ... | -] (qq-stat --help lists the options)
err: code 100
exit: 0
T

# ---- one file of many hosts, from lines as pdsh mixes them ----
of_hosts() {
  qq-stat --metrics >"$T/one"
  sed 's/^/mx1: /' "$T/one" >"$T/mx1"; sed 's/^/mx2: /' "$T/one" >"$T/mx2"
  paste -d '\n' "$T/mx1" "$T/mx2" | "$repo/share/metrics-of-hosts" >"$T/all"
  well_formed "$T/all" && for host in mx1 mx2; do
    samples "$T/all" | sed -n "s/host=\"$host\",//p; s/{host=\"$host\"}//p" | sort >"$T/of-$host"
    samples "$T/one" | sort | diff - "$T/of-$host" || return
  done
}
check 'metrics-of-hosts: each host has its own, and the form is kept' of_hosts
finish
