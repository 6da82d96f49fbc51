#!/bin/sh
# qlog.t - logs of qmail-send: each form of a line, the rules by which lives are followed, which
# files are read, what is printed, and what is no log.

. "$(dirname "$0")/lib.sh"
cd "$T" || exit 99

# lives [LOG ...]: a life a line: number, end, sender, size, qp, and of each recipient channel,
# address, result, attempts, text. `*' in front: incomplete; `?': the beginning is not known.
too_old="a/I'm_not_going_to_try_again;_this_message_has_been_in_the_queue_too_long./"
cat >brief <<'P'
use JSON::PP;
binmode STDOUT, ':utf8';
while (<STDIN>) {
  my $l = decode_json($_);
  my $s = join ' ', ($l->{incomplete} ? '*' : '') . (defined $l->{begun} ? '' : '?') . $l->{id},
    $l->{end}, map { defined $_ ? "<$_>" : '-' } $l->{from};
  $s .= " $l->{qp}" if defined $l->{qp};
  $s .= " bounce $l->{bounce_qp}" if $l->{bounce_qp};
  $s .= join ' ', ',', @$_{qw(channel address result attempts text)} for @{$l->{recipients}};
  print "$s\n";
}
P
lives() { qlog-show --json "$@" | perl brief; }
# tai FILE: lines of standard input, one a second, with stamps of multilog.
tai() { awk '{ printf "@400000006500%04x00000000 %s\n", NR, $0 }' >"$1"; }

events() {
  cat <<'L'
status: local 0/10 remote 0/20
new msg 71
info msg 71: bytes 250 from <ann@a.example> qp 4001 uid 89
starting delivery 1: msg 71 to remote bob@b.example
status: local 0/10 remote 1/20
delivery 1: deferral: 192.0.2.7_does_not_like_recipient./Giving_up_on_192.0.2.7./
starting delivery 2: msg 71 to local c.example-carl@c.example
delivery 2: success: did_0+1+0/qp_4002/
starting delivery 3: msg 71 to remote bob@b.example
delivery 3: failure: Sorry,_no_host_b.example._(#5.1.2)/
bounce msg 71 qp 4003
end msg 71
status: exiting
L
}
told='71 done <ann@a.example> 4001 bounce 4003'
told="$told, remote bob@b.example failed 2 Sorry,_no_host_b.example._(#5.1.2)/"
told="$told, local c.example-carl@c.example delivered 1 did_0+1+0/qp_4002/"

# ---- forms ----
# The same life behind each prefix; behind the form, the stamp of `new msg' in UTC.
form() {
  name=$1 expected=$3
  events | awk -v p="$2" '{ print p $0 }' >form
  same() {
    [ "$(lives form)" = "$told" ] &&
      qlog-show --json form | grep -q "\"begun\":\"$expected\""
  }
  check "a line of $name" same
}
form 'multilog, svlogd -t, s6-log t' '@4000000065000010075bcd15 ' 2023-09-12T06:07:02.123456+00:00
form 'tai64nlocal' '2023-09-12 06:05:16.123456789 ' 2023-09-12T06:05:16.123456+00:00
form 's6-log T' '2023-09-12 06:05:16.123456789  ' 2023-09-12T06:05:16.123456+00:00
form 'svlogd -tt' '2023-09-12_06:05:16.12345 ' 2023-09-12T06:05:16.123450+00:00
form 'svlogd -ttt' '2023-09-12T06:05:16.12345 ' 2023-09-12T06:05:16.123450+00:00
form 'accustamp' '1694498716.123456 ' 2023-09-12T06:05:16.123456+00:00
form 'splogger' 'Sep 12 08:05:16 mx1 qmail: 1694498716.123456 ' 2023-09-12T06:05:16.123456+00:00
form "FreeBSD's syslogd -vv" 'Sep 12 08:05:16 <mail.info> mx1 qmail: 1694498716.123456 ' \
  2023-09-12T06:05:16.123456+00:00
form 'rsyslog' '2023-09-12T08:05:16.123456+02:00 mx1 qmail: ' 2023-09-12T06:05:16.123456+00:00
form 'RFC 5424' '<22>1 2023-09-12T06:05:16.1Z mx1 qmail 81 - [a@1 b="]"]  ' \
  2023-09-12T06:05:16.100000+00:00
form 'journalctl -o short-iso' '2023-09-12T06:05:16+0000 mx1 qmail-send[81]: ' \
  2023-09-12T06:05:16.000000+00:00
form 'journalctl -o short-unix' '1694498716.123456 mx1 qmail-send[81]: ' \
  2023-09-12T06:05:16.123456+00:00
form 'journalctl -o short-full' 'Tue 2023-09-12 06:05:16 UTC mx1 qmail-send.service[81]: ' \
  2023-09-12T06:05:16.000000+00:00
form 's6-log t T' '@4000000065000010075bcd15 2023-09-12 06:07:02.123456789  ' \
  2023-09-12T06:07:02.123456+00:00
form 'socklog behind TAI64N' '@4000000065000010075bcd15 mail.info: Sep 12 08:07:02 qmail: ' \
  2023-09-12T06:07:02.123456+00:00
form "busybox's syslogd" 'Sep 12 08:05:16 mx1 mail.info qmail: 1694498716.123456 ' \
  2023-09-12T06:05:16.123456+00:00
form 'local0.notice' 'Sep 12 08:05:16 mx1 local0.notice qmail: 1694498716.123456 ' \
  2023-09-12T06:05:16.123456+00:00
form 'metalog' 'Sep 12 08:05:16 [qmail] 1694498716.123456 ' 2023-09-12T06:05:16.123456+00:00
form "Solaris' syslogd" 'Sep 12 08:05:16 mx1 qmail: [ID 748625 mail.info] 1694498716.123456 ' \
  2023-09-12T06:05:16.123456+00:00
form 'containers' '2023-09-12T06:05:16.123456789Z stderr F ' 2023-09-12T06:05:16.123456+00:00
form 'containers with multilog' '2023-09-12T06:05:17.1Z @4000000065000010075bcd15 ' \
  2023-09-12T06:07:02.123456+00:00
form 'a byte order mark' "$(printf '\357\273\277')@4000000065000010075bcd15 " \
  2023-09-12T06:07:02.123456+00:00
events | sed 's/$/  /;s/^/   qmail: /' >bare
try 'lives bare' <<T
out: ?$told
exit: 0
T
stamp=__REALTIME_TIMESTAMP
events | awk -v s=$stamp '{
  printf "{\"MESSAGE\":\"%s\",\"%s\":\"1694498716123456\"}\n", $0, s }' >json
events | awk -v s=$stamp '{ 
  printf "__CURSOR=1\n%s=1694498716123456\nMESSAGE=%s\n\n", s, $0 }' >exported
printf '__CURSOR=1\nMESSAGE\n\012\0\0\0\0\0\0\0end msg 99\n\n' >>exported
try 'lives json; lives exported; qlog-grep --id 71 exported | lives -' <<T
out: $told
out: $told
out: $told
exit: 0
T
events | sed 's/$/ queue5/;s/delivery \([0-9]\):/delivery \1.5:/' | tai queue5
try 'lives queue5; qlog-show --json queue5 | grep -o "\"stream\":[^,]*"' <<T
out: $told
out: "stream":"queue5:queue5"
exit: 0
T
# The greatest moment, whose second has no end, and one near the beginning.
for m in 18446744073709550 100000; do
  printf '{"%s":"%s","MESSAGE":"%s msg 1"}\n' $stamp $m new $stamp $m end
done >ends
try 'qlog-show ends | sed "1d;s/^ *1 \(.\{20\}\).*/\1/"' <<'T'
out: 21 Jul 2554 23:34:33
out:  1 Jan 1970 00:00:00
exit: 0
T
# What was tried as an event, because a host and a tag read like the beginning of one, keeps its
# queue.
p='Sep 12 08:05:16 mail recv: '
printf '%s\n' "${p}new msg 1" "${p}new msg 2 queue7" | qlog-show --json - |
  grep -o '"stream":[^,]*' >streams
try 'cat streams' <<'T'
out: "stream":"-:mail:recv"
out: "stream":"-:mail:recv:queue7"
exit: 0
T

# Syslog leaves out the year: the last line is not younger than the file.
printf '%s\n' 'Dec 30 10:00:00 mx1 qmail: new msg 1' 'Jan  2 10:00:00 mx1 qmail: end msg 1' \
  'Dec 31 10:00:00 mx1 qmail: new msg 2' 'Jan  3 10:00:00 mx1 qmail: end msg 2' >years
touch -d '2021-01-05 00:00' years
try 'qlog-show --json years | grep -o "20..-..-.."' <<'T'
out: 2019-12-30
out: 2020-01-02
out: 2020-12-31
out: 2021-01-03
exit: 0
T
# Lines that are passed over may be all that there is of a year.
printf '%s\n' 'Jan  3 10:00:00 mx1 qmail: new msg 1' 'Jan  5 10:00:00 mx1 qmail: end msg 1' \
  'Jan  5 10:00:00 mx1 qmail: status: local 0/10 remote 0/20' \
  'Dec 30 10:00:00 mx1 qmail: status: local 0/10 remote 0/20' \
  'Jan  6 10:00:00 mx1 qmail: new msg 2' 'Jan  6 10:00:00 mx1 qmail: end msg 2' >years
touch -d '2021-01-07 00:00' years
try 'qlog-show --json years | grep -o "20..-..-.."' <<'T'
out: 2020-01-03
out: 2020-01-05
out: 2021-01-06
out: 2021-01-06
exit: 0
T
# splogger cuts at 799 bytes; a rest without its head, or behind a shorter one, is nobody's.
{
  p='Sep 12 08:05:16 mx1 qmail: 1694498716.123456'
  echo "$p+rest"
  echo "$p starting delivery 1: msg 5 to remote x@y"
  awk -v p="$p" 'BEGIN { s = "delivery 1: failure: "; while (length(s) < 799) s = s "x"
    print p " " s; print "Sep 12 08:05:16 mx1 cron: other"; print p "+end_of_it/" }'
  echo "$p starting delivery 2: msg 5 to remote z@y"
  echo "$p delivery 2: success: short"
  echo "$p+rest"
} >pieces
try 'lives pieces | sed s/x\\{99,\\}/XX/; qlog-grep --to x@y pieces | wc -l' <<'T'
out: ?5 open -, remote x@y failed 1 XXend_of_it/, remote z@y delivered 1 short
out: 5
exit: 0
T

# ---- rules ----
# rule NAME: the log on standard input up to `--', then its lives.
rule() {
  sed "s|TOO_OLD|$too_old|" >both
  sed '/^--$/,$d' both | tai rule
  sed '1,/^--$/d' both >expected
  lives rule >got 2>&1
  check "$1" diff expected got
}
rule 'a number given again after its end is another message' <<'L'
new msg 5
info msg 5: bytes 9 from <a> qp 1 uid 0
starting delivery 1: msg 5 to local x
delivery 1: success: did_1+0+0/
end msg 5
new msg 5
info msg 5: bytes 9 from <b> qp 2 uid 0
starting delivery 2: msg 5 to local x
delivery 2: deferral: no/
--
5 done <a> 1, local x delivered 1 did_1+0+0/
5 open <b> 2, local x deferred 1 no/
L
rule 'without an end the first has vanished; its result still counts' <<'L'
new msg 5
info msg 5: bytes 9 from <a> qp 1 uid 0
starting delivery 1: msg 5 to local x
new msg 5
info msg 5: bytes 9 from <b> qp 2 uid 0
delivery 1: success: did_1+0+0/
--
5 vanished <a> 1, local x delivered 1 did_1+0+0/
5 open <b> 2
L
rule 'todo_do that does it again is the same message, however often' <<'L'
new msg 5
info msg 5: bytes 9 from <a> qp 1 uid 0
new msg 5
info msg 5: bytes 9 from <a> qp 1 uid 0
new msg 5
new msg 5
info msg 5: bytes 9 from <a> qp 1 uid 0
end msg 5
end msg 5
--
5 done <a> 1
L
rule 'new msg, and then no info of the same: another message' <<'L'
new msg 5
info msg 5: bytes 9 from <a> qp 1 uid 0
new msg 5
starting delivery 1: msg 5 to local x
new msg 6
info msg 6: bytes 9 from <a> qp 1 uid 0
new msg 6
info msg 6: bytes 9 from <a> qp 2 uid 0
--
5 vanished <a> 1
6 vanished <a> 1
5 open -, local x under_way 1 
6 open <a> 2
L
rule 'info, start and bounce open a life without a beginning; end and discarding do not' <<'L'
info msg 1: bytes 9 from <> qp 1 uid 0
starting delivery 9: msg 2 to suppl1 x
bounce msg 3 qp 77
end msg 4
triple bounce: discarding bounce/5
info msg 2: bytes 9 from <a> qp 1 uid 0
--
?1 open <> 1
?2 vanished -, suppl1 x under_way 1 
?3 open - bounce 77
?2 open <a> 1
L
rule 'a restart cuts what is under way: delivery numbers begin anew' <<'L'
new msg 5
info msg 5: bytes 9 from <a> qp 1 uid 0
starting delivery 8: msg 5 to remote x
starting delivery 9: msg 5 to remote y
delivery 9: deferral: no/
starting delivery 1: msg 5 to remote y
delivery 8: success: nobody_knows/
delivery 1: report mangled, will defer
starting delivery 2: msg 5 to remote x
delivery 2: log: nothing
--
5 open <a> 1, remote x under_way 2 , remote y deferred 2 report mangled, will defer
L
rule 'a clean end cuts, too; end msg ends what is deferred or under way' <<'L'
starting delivery 1: msg 5 to local x
status: exiting
starting delivery 2: msg 6 to local x
delivery 2: deferral: a/
starting delivery 3: msg 6 to local y
starting delivery 4: msg 6 to local z
delivery 4: failure: TOO_OLD
end msg 6
delivery 3: success: late/
--
?6 done -, local x removed 1 a/, local y unknown 1 , local z expired 1 TOO_OLD
?5 open -, local x unknown 1 
L
rule 'one address twice is two recipients, if the first is done' <<'L'
starting delivery 1: msg 5 to local x
starting delivery 2: msg 5 to local x
delivery 1: success: one/
delivery 2: deferral: two/
starting delivery 3: msg 5 to local x
delivery 3: success: three/
starting delivery 4: msg 5 to remote x
--
?5 open -, local x delivered 1 one/, local x delivered 2 three/, remote x under_way 1 
L
rule 'what stands in an address is no event' <<'L'
info msg 5: bytes 9 from <a>_qp_3_uid_0> qp 1 uid 0
starting delivery 1: msg 5 to remote new_msg_7@x:_to_local_y
delivery 1: success: end_msg_5/delivery_1:_x/
newer msg 5
end msg 5x
end msg 99999999999999999999
--
?5 open <a>_qp_3_uid_0> 1, remote new_msg_7@x:_to_local_y delivered 1 end_msg_5/delivery_1:_x/
L
# A recipient for each start, as long as none can be tried again: many, and one that is tried again.
awk 'BEGIN { for (i = 1; i <= 3000; i++) {
    print "starting delivery " i ": msg 5 to local r" (i % 1000)
    print "delivery " i ": " (i > 2000 ? "success" : "deferral") ": /"
  } print "end msg 5" }' | tai many
try 'lives many | tr , "\n" | grep -c "delivered 3 /"' <<'T'
out: 1000
exit: 0
T
p='Sep 12 08:05:16 mx1'
printf '%s\n' "$p qmail: new msg 1" "$p other: new msg 2" \
  "$p systemd-journald: Suppressed 9 messages from qmail.service" "$p qmail: new msg 3" \
  "$p other: end msg 2" "$p qmail: info msg 1: bytes 1 from <a> qp 1 uid 0" \
  "$p qmail: starting delivery 1: msg 1 to local x" "$p qmail: new msg 1" >lost
try 'lives lost' <<'T'
out: 2 done -
out: *1 unknown <a> 1, local x under_way 1 
out: 3 open -
out: 1 open -
err: qlog-show: warning: the logger lost lines 1 time: what it has is incomplete
exit: 0
T
# However many lines were lost, and of however many messages: the time grows with the log alone, and
# so it does with streams that wait for more of a line that splogger has cut.
awk -v p="$p" 'BEGIN {
  for (i = 1; i <= 60000; i++) print p " qmail: new msg " i
  for (i = 1; i <= 60000; i++) print p " systemd-journald: Suppressed 9 messages from qmail.service"
}' >many
awk 'BEGIN {
  line = sprintf("%799s", ""); gsub(" ", "x", line)
  for (i = 1; i <= 60000; i++)
    print "Sep 12 08:05:16 h" i " qmail: 1694498716." (100000 + i) " " line
}' >./cut
awk 'BEGIN {
  s = "@400000006500000100000000 "
  print s "info msg 5: bytes 9 from <a> qp 1 uid 0"
  for (i = 1; i <= 100000; i++) {
    print s "starting delivery " 2 * i ": msg 5 to local r" i
    print s "starting delivery " 2 * i + 1 ": msg 5 to remote r" i
    print s "delivery " 2 * i ": success: did_0+1+0/qp_7/"
  }
  print s "info msg 6: bytes 1 from <a> qp 7 uid 0"
}' >forwards
try 'export PATH
  timeout 60 qlog-show --json many 2>/dev/null | grep -c "incomplete\":true"
  timeout 60 qlog-show --json cut
  timeout 60 qlog-show -l --follow --id 5 forwards | grep -c "delivered\|message 6 in"' <<'T'
out: 60000
out: 100001
err: qlog-show: warning: no line about a message in cut
exit: 0
T

# ---- ties to SMTP ----
tai smtp <<'L'
tcpserver: ok 77 mx:192.0.2.1:25 :2001:db8::9::4000
mail recv: pid 77 from <ann@a.example> qp 4001
qlogreceived: result=accepted code=250 helo=h.example authuser=carl remoteip=192.0.2.9 qp=4002
info msg 1: bytes 1 from <ann@a.example> qp 4001 uid 0
info msg 2: bytes 1 from <ann@a.example> qp 4002 uid 0
info msg 3: bytes 1 from <ann@a.example> qp 4002 uid 0
L
try 'qlog-show --json smtp | grep -o "\"smtp\":.*,\"rec"
  qlog-stat --by login --tsv smtp | cut -f 1-4' <<'T'
out: "smtp":{"ip":"2001:db8::9","helo":null,"login":null},"rec
out: "smtp":{"ip":"192.0.2.9","helo":"h.example","login":"carl"},"rec
out: "smtp":null,"rec
out: by	key	messages	recipients
out: login	-	2	0
out: login	carl	1	0
exit: 0
T

# The log of qmail-smtpd in a directory of its own, in any order; a process with that number was
# there hours before, too.
mkdir smtpd send
{ echo '@400000006500000100000000 mail recv: pid 7 from <a@b.example> qp 31'
  for ip in 1 2; do
    stamp=@4000000065005${ip}0000000000
    echo "$stamp tcpserver: ok 7 mx:192.0.2.1:25 :198.51.100.$ip::4000"
    echo "$stamp mail recv: pid 7 from <a@b.example> qp 31"
    echo "$stamp tcpserver: end 7 status 0"
  done
} >smtpd/current
for n in 1 2; do
  echo "@4000000065005${n}0100000000 info msg 5: bytes $n from <a@b.example> qp 31 uid 0"
  echo "@4000000065005${n}0200000000 end msg 5"
done >send/current
# Each of many that have one number at other times, or on other hosts, has its own.
received='qlogreceived: result=accepted helo=h remoteip=192.0.2.1 qp=7'
for i in $(seq 10 49); do
  echo "@4000000065${i}000000000000 $received authuser=u$i" >&3
  printf '@4000000065%s010000000000 info msg %s: bytes 1 from <a> qp 7 uid 0\n' "$i" "$i"
  echo "2023-09-12T08:05:16.1Z mx$i smtpd: $received authuser=u$i" >&4
done >queued 3>received 4>cluster
for i in $(seq 10 49); do
  echo "2023-09-12T08:05:17.1Z mx$i qmail: info msg 1: bytes 1 from <a> qp 7 uid 0"
done >>cluster
try 'qlog-stat --by login --tsv received queued | grep -c "u[1-4]"
  qlog-stat --by login --tsv cluster | grep -c "u[1-4]"' <<'T'
out: 40
out: 40
exit: 0
T
# Of another host, or of another time than that of a life whose beginning is not known.
cat >hosts <<'L'
2023-09-12T08:05:16Z mxA smtpd: qlogreceived: result=accepted authuser=carl remoteip=192.0.2.9 qp=7
2023-09-12T08:05:16.1Z mxA smtpd: tcpserver: ok 77 mx:192.0.2.1:25 :198.51.100.1::4000
2023-09-12T08:05:17.1Z mxB smtpd: mail recv: pid 77 from <a@b> qp 8
2023-09-12T08:35:16.1Z mxB qmail: info msg 1: bytes 1 from <eve@b.example> qp 7 uid 0
2023-09-12T08:35:16.1Z mxB qmail: info msg 2: bytes 1 from <a@b> qp 8 uid 0
L
cat >late <<'L'
@400000006500000100000000 info msg 1: bytes 1 from <ann@a.example> qp 7 uid 0
@400000006500f00000000000 qlogreceived: result=accepted authuser=mallory remoteip=192.0.2.9 qp=7
@400000006500f10000000000 end msg 1
L
try 'qlog-show --json hosts late | grep -o "\"smtp.*,\"rec"' <<'T'
out: "smtp":null,"rec
out: "smtp":null,"rec
out: "smtp":null,"rec
exit: 0
T
try 'for logs in "smtpd send" "send smtpd"; do
    qlog-stat --by ip --tsv $logs | cut -f 2,10
  done' <<'T'
out: key	first
out: 198.51.100.1	2023-09-12T11:52:24.000000+00:00
out: 198.51.100.2	2023-09-12T11:56:40.000000+00:00
out: key	first
out: 198.51.100.1	2023-09-12T11:52:24.000000+00:00
out: 198.51.100.2	2023-09-12T11:56:40.000000+00:00
exit: 0
T

# ---- files ----
mkdir log
events | sed -n 1,3p | tai log/@400000006500000500000000.s
events | sed -n 4,6p | tai log/@400000006500000600000000.s
events | sed -n 7,9p | tai log/@400000006500000700000000.u
printf '@400000006500001000000000 end msg 7' >>log/@400000006500000700000000.u
events | sed -n 10,13p | tai log/current
echo '@400000006500001000000000 new msg 888' >log/@400000006500000800000000.t
gzip log/@400000006500000600000000.s && mv log/@*.gz log/@400000006500000600000000.s
try 'lives log; lives log/current log/@*[su]; QQ_LOG=log:log lives </dev/null' <<T
out: $told
out: $told
out: $told
exit: 0
T
# While it is rotated, a file has no name of its own yet, or is there twice.
try 'mv log/@400000006500000700000000.u log/previous; : >log/processed; lives log
  mv log/previous log/processed; lives log
  cp log/processed log/@400000006500000700000000.u
  mv log/processed log/@400000006500000700000000.s; lives log
  mv log/@400000006500000700000000.u log/previous
  ln -f log/previous log/@400000006500000700000000.s; lives log; ls log' <<T
out: $told
out: $told
out: $told
out: $told
out: @400000006500000500000000.s
out: @400000006500000600000000.s
out: @400000006500000700000000.s
out: @400000006500000800000000.t
out: current
out: previous
exit: 0
T
rm log/previous; mv log/@400000006500000700000000.s log/@400000006500000700000000.u
# Compressed beside it, or by a name of its own; what is named in $QQ_LOG is put in order as
# operands are.
cp log/@400000006500000500000000.s part
gzip -c part >log/@400000006500000500000000.s.gz
try 'lives log; rm log/@400000006500000500000000.s; lives log
  QQ_LOG=log/current:$(echo log/@*[!t] | tr " " :) lives </dev/null' <<T
out: $told
out: $told
out: $told
exit: 0
T
mv part log/@400000006500000500000000.s; rm log/*.gz
# A line that a file ends within goes on in the next, and is longer than any may be.
mkdir carried
perl -e '$s = "\@400000006500000100000000 "
  ; open F, ">carried/\@400000006500000500000000.s"; print F $s, "new msg 1\n", $s, "x" x 1e6
  ; open F, ">carried/current"; print F "y" x 16e6, "\n", $s, "new msg 2\n"'
try 'lives carried; qlog-grep --id 2 carried | cut -d " " -f 2-' <<'T'
out: 1 open -
out: 2 open -
out: new msg 2
err: qlog-show: warning: carried/current: passed over a line of more than 16 MB
err: qlog-grep: warning: carried/current: passed over a line of more than 16 MB
exit: 0
T
# multilog and svlogd finish a file at its size, also within a line. Where the rest is not there,
# what there is counts.
mkdir within
stamp=@400000006500000b00000000
{ echo "$stamp starting delivery 1: msg 5 to local x"; printf '%s delivery 1: deferral: be' "$stamp"
} >within/@400000006500001000000000.s
printf gin_ >within/@400000006500002000000000.s
printf '4_end\n%s new msg 6\n' "$stamp" >within/current
cp -R within apart; rm apart/@400000006500002000000000.s
echo "$stamp new msg 7" >apart/current
try 'lives within; qlog-grep --to x within | tail -n 1; lives apart' <<'T'
out: ?5 open -, local x deferred 1 begin_4_end
out: 6 open -
out: @400000006500000b00000000 delivery 1: deferral: begin_4_end
out: ?5 open -, local x deferred 1 be
out: 7 open -
exit: 0
T
try 'qlog-show --since "2023-09-12 06:06:53" --verbose --tsv log | wc -l' <<'T'
out: 1
err: qlog-show: reading log/@400000006500000700000000.u
err: qlog-show: reading log/current
exit: 0
T
# Sets in order by their names; what comes later of a life that is meant is read, too, and what is
# not meant may be anywhere.
day() { sed "s/^/Nov $1 10:00:00 mx1 qmail: /"; }
for elder in old.1 old-20231101 old-2023-11-01 old.20231101T000000 old-2023110100.gz; do
  rm -f old*
  events | sed -n 1,4p | day 01 >"$elder"; touch -d 2023-11-01 "$elder"
  events | sed -n 5,13p | day 03 >old; touch -d 2023-11-04 old
  try 'lives old*; QQ_LOG=$PWD/old:$(echo $PWD/old[.-]*) lives </dev/null
    lives --until "2023-11-02" old*; lives --since "2023-11-02" -v old* | wc -l' <<T
out: $told
out: $told
out: $told
out: 0
exit: 0
T
done
# Years that are left out: a straggler of the old one behind the new one; a day that few years have.
{ printf '%s\n' 'Dec 31 23:59:58 mx q: new msg 1' 'Jan  1 00:00:00 mx q: new msg 2'
  printf '%s\n' 'Dec 31 23:59:59 mx q: new msg 3' 'Jan  1 00:00:01 mx q: new msg 4'; } >years
touch -d 2026-01-01 years
printf 'Feb 29 12:00:00 mx q: new msg 5\n' >leap; touch -d 2026-03-01 leap
try 'qlog-show --json years leap | grep -o "begun.*,.ended"' <<'T'
out: begun":"2025-12-31T23:59:58.000000+00:00","ended
out: begun":"2026-01-01T00:00:00.000000+00:00","ended
out: begun":"2025-12-31T23:59:59.000000+00:00","ended
out: begun":"2026-01-01T00:00:01.000000+00:00","ended
out: begun":"2024-02-29T12:00:00.000000+00:00","ended
exit: 0
T
events | sed -n 1,4p >maillog.2; events | sed -n 5,8p >maillog.1; events | sed -n 9,13p >maillog
gzip maillog.2
try 'lives maillog* | cut -d " " -f 2-; lives maillog.2.gz maillog.2.gz | wc -l' <<T
out: ${told#71 }
out: 1
exit: 0
T

# ---- criteria ----
tai mix <<'L'
new msg 1
info msg 1: bytes 10 from <ann@a.example> qp 11 uid 5
starting delivery 1: msg 1 to remote bob@b.example
starting delivery 2: msg 1 to local carl@c.example
delivery 1: deferral: Connected_to_192.0.2.7_but_connection_died._(#4.4.2)/
delivery 2: success: did_1+0+0/
new msg 2
info msg 2: bytes 20 from <> qp 12 uid 6
starting delivery 3: msg 2 to local dora@d.example
delivery 3: failure: Sorry,_no_mailbox_here_by_that_name._(#5.1.1)/
end msg 2
L
ids() {
  qlog-show --json "$@" mix >found || echo "exit code $?"
  perl brief <found | cut -d ' ' -f 1 | tr '\n' ' '
}
criterion() { expected=$1; shift; got=$(ids "$@")
  check "criteria: $*" [ "$got" = "$expected" ]; }
criterion '1 ' --from ANN
criterion '2 ' --null-sender
criterion '' --null-sender --from a.example
criterion '' --bounces --no-bounces
criterion '' --from ANN --case
criterion '1 ' --to bob
criterion '1 ' -x --to BOB@b.example
criterion '' -x --to bob
criterion '2 ' -E --to '^d.*e$'
criterion '1 ' --host 192.0.2.7
criterion '1 ' --reason 'but connection died'
criterion '2 ' --reason no_mailbox
criterion '1 ' --result deferred
criterion '2 1 ' --result deferred --result failed
criterion '' --to carl --result deferred
criterion '2 1 ' --local
criterion '1 ' --channel remote
criterion '2 ' --bounces
criterion '1 ' --no-bounces
criterion '2 ' --id 2
criterion '1 ' --qp 11
criterion '2 ' --uid 6
criterion '2 1 ' --min-attempts 1
criterion '' --min-attempts 2
criterion '1 ' --min-delay 4s
criterion '2 ' -v --to bob
criterion '2 ' --since @1694498813
criterion '1 ' --until @1694498813
criterion '1 ' --id "1@1694498807100000000"
criterion '' --id "1@1694498807100000000" --since @1694498813
criterion '' --id "1@1694498809000000000"
printf 'bob\ncarl\n' >names
criterion '1 ' --to-list names

# ---- what is printed ----
try 'qlog-grep --to dora mix' <<'T'
out: @400000006500000700000000 new msg 2
out: @400000006500000800000000 info msg 2: bytes 20 from <> qp 12 uid 6
out: @400000006500000900000000 starting delivery 3: msg 2 to local dora@d.example
out: @400000006500000a00000000 delivery 3: failure: Sorry,_no_mailbox_here_by_that_name._(#5.1.1)/
out: @400000006500000b00000000 end msg 2
exit: 0
T
try 'qlog-grep --to dora mix >some; cat mix | qlog-grep --to dora - | cmp - some
  qlog-show --json - <some | sed s/\"-\"/\"mix\"/ >a; qlog-show --json --to dora mix | cmp - a
  qlog-grep -c mix; qlog-grep -q --to nobody mix; echo $?; qlog-grep -m 1 mix | wc -l' <<'T'
out: 2
out: 1
out: 5
exit: 0
T
# A line that was cut comes where its last piece stands, whatever came between.
{
  p='qmail: 1694498716.123456'
  sed "s/^. /Sep 12 08:05:16 mx&$p /" <<T
1 new msg 5
2 new msg 5
1 starting delivery 1: msg 5 to remote x@y
T
  awk -v p="Sep 12 08:05:16 mx1 $p" 'BEGIN { s = "delivery 1: failure: "
    while (length(s) < 799) s = s "x"; print p " " s }'
  echo "Sep 12 08:05:16 mx2 $p end msg 5"
  echo "Sep 12 08:05:16 mx1 $p+end_of_it/"
  echo "Sep 12 08:05:16 mx1 $p end msg 5"
} >between
head -n 4 between | gzip >joint.1.gz
tail -n +5 between >joint
try 'qlog-grep --to x between | sed "s/x\{99,\}/XX/; s/Sep.*mx/mx/"; qlog-grep between >all
  qlog-grep joint* | cmp - all; gzip <between | qlog-grep - | cmp - all; cut -c 19 all | tr -d \\n
  qlog-grep -v --to x between; qlog-grep -v between' <<'T'
out: mx1 qmail: 1694498716.123456 new msg 5
out: mx1 qmail: 1694498716.123456 starting delivery 1: msg 5 to remote x@y
out: mx1 qmail: 1694498716.123456 delivery 1: failure: XX
out: mx1 qmail: 1694498716.123456+end_of_it/
out: mx1 qmail: 1694498716.123456 end msg 5
out: 1212111Sep 12 08:05:16 mx2 qmail: 1694498716.123456 new msg 5
out: Sep 12 08:05:16 mx2 qmail: 1694498716.123456 end msg 5
exit: 1
T
try 'qlog-show --to bob --tsv mix; qlog-show --result failed mix' <<'T'
out: id	begun	from	to	result	attempts	last	host	text
out: 1	2023-09-12T06:06:47.000000+00:00	ann@a.example	bob@b.example	deferred	1	2023-09-12T06:06:
...: 51.000000+00:00	192.0.2.7	Connected_to_192.0.2.7_but_connection_died._(#4.4.2)/
out:        id begun                from                         to                           re
...: sult    tries last                 host            text
out:         2 12 Sep 2023 06:06:53 <>                           dora@d.example               fa
...: iled        1 12 Sep 2023 06:06:56                 Sorry, no mailbox here by that name. (#5
...: .1.1)
exit: 0
T
try 'qlog-show -l --id 2 mix' <<'T'
out: message 2 in mix
out:   12 Sep 2023 06:06:54  queued by process 12, user 6: 20 bytes from <>
out:   12 Sep 2023 06:06:56  dora@d.example: failed: Sorry, no mailbox here by that name. (#5.1.1)
out:   12 Sep 2023 06:06:57  ended after 4s
exit: 0
T
tai story <<L
qlogreceived: result=accepted code=250 helo=h.example authuser=carl remoteip=192.0.2.9 qp=21
new msg 9
info msg 9: bytes 1 from <ann@a.example> qp 21 uid 0
starting delivery 1: msg 9 to local fwd@a.example
starting delivery 2: msg 9 to remote away@b.example
delivery 1: success: did_0+1+0/qp_22/
delivery 2: deferral: no/
starting delivery 3: msg 9 to remote away@b.example
delivery 3: failure: $too_old
starting delivery 4: msg 9 to remote gone@b.example
delivery 4: deferral: no/
starting delivery 5: msg 9 to remote cut@b.example
bounce msg 9 qp 23
end msg 9
starting delivery 6: msg 10 to remote away@b.example
L
try 'qlog-show -l story' <<T
out: message 9 in story
out:                         it came by SMTP from 192.0.2.9, HELO h.example, login carl
out:   12 Sep 2023 06:06:49  queued by process 21, user 0: 1 byte from ann@a.example
out:   12 Sep 2023 06:06:52  fwd@a.example: delivered: did 0+1+0/qp 22
out:   12 Sep 2023 06:06:53  away@b.example: deferred: no
out:   12 Sep 2023 06:06:55  away@b.example: expired at attempt 2, it had waited too long: a/I'm not
...:  going to try again; this message has been in the queue too long.
out:   12 Sep 2023 06:06:57  gone@b.example: deferred: no
out:   12 Sep 2023 06:06:59  a bounce goes to the sender, queued by process 23
out:   12 Sep 2023 06:07:00  ended after 12s
out:   12 Sep 2023 06:06:52  fwd@a.example: forwarded as the message of process 22
out:   12 Sep 2023 06:06:57  gone@b.example: removed while it was deferred
out:   12 Sep 2023 06:06:58  cut@b.example: the end of the last attempt is not known
out: 
out: message 10 in story: when it began is not known
out:   12 Sep 2023 06:07:01  away@b.example: still under way
out:                         still open at the end of the log
exit: 0
T
# Without stamps.
try 'qlog-show -l bare; qlog-show --tsv bare; qlog-show bare | tail -n 1 | tr -s " "' <<'T'
out: message 71 in bare:qmail: when it began is not known
out:                         queued by process 4001, user 89: 250 bytes from ann@a.example
out:                         bob@b.example: deferred: 192.0.2.7 does not like recipient./Giving up o
...: n 192.0.2.7.
out:                         c.example-carl@c.example: delivered: did 0+1+0/qp 4002
out:                         bob@b.example: failed at attempt 2: Sorry, no host b.example. (#5.1.2)
out:                         a bounce goes to the sender, queued by process 4003
out:                         ended
out:                         c.example-carl@c.example: forwarded as the message of process 4002
out: id	begun	from	to	result	attempts	last	host	text
out: 71		ann@a.example	bob@b.example	failed	2		b.example	Sorry,_no_host_b.example._(#5.1.2)/
out: 71		ann@a.example	c.example-carl@c.example	delivered	1			did_0+1+0/qp_4002/
out:  71 ann@a.example c.example-carl@c.example delivered 1 did 0+1+0/qp 4002
exit: 0
T
try 'qlog-stat --json mix; qlog-stat --by host --by day --tsv mix' <<'T'
out: {"messages":2,"recipients":3,"delivered":1,"failed":1,"deferrals":1,"open":1,"bytes":30,"fi
...: rst":"2023-09-12T06:06:47.000000+00:00","last":"2023-09-12T06:06:57.000000+00:00","restarts
...: ":0,"results_without_start":0,"delay_50_ms":5000,"delay_90_ms":5000,"delay_99_ms":5000}
out: by	key	messages	recipients	delivered	failed	deferrals	open	bytes	first	last
out: host	-	2	2	1	1	0	0	30	2023-09-12T06:06:47.000000+00:00	2023-09-12T06:06:57.000000+00:00
out: host	192.0.2.7	1	1	0	0	1	1	10	2023-09-12T06:06:47.000000+00:00	2023-09-12T06:06:51.000000+00:00
out: day	2023-09-12	2	3	1	1	1	1	30	2023-09-12T06:06:47.000000+00:00	2023-09-12T06:06:57.000000+00:00
exit: 0
T

# A qmail-remote with TLS names the host at the end.
tai tls <<'L'
starting delivery 1: msg 5 to remote x@b.example
delivery 1: deferral: TLS_connect_failed:_timed_out;_connecting_to_192.0.2.7._(#4.4.2)/
L
try 'qlog-show --tsv tls | cut -f 8' <<'T'
out: host
out: 192.0.2.7
exit: 0
T

# A forward may be logged before the delivery that made it has ended; a bounce comes later.
tai family <<'L'
info msg 9: bytes 1 from <old@a.example> qp 22 uid 0
end msg 9
info msg 1: bytes 1 from <ann@a.example> qp 21 uid 0
starting delivery 1: msg 1 to local fwd@a.example
info msg 2: bytes 1 from <ann@a.example> qp 22 uid 0
delivery 1: success: did_0+1+0/qp_22/
end msg 1
starting delivery 2: msg 2 to remote x@b.example
delivery 2: failure: no/
info msg 4: bytes 1 from <eve@a.example> qp 23 uid 0
bounce msg 2 qp 23
end msg 2
info msg 3: bytes 1 from <> qp 23 uid 0
info msg 5: bytes 1 from <> qp 23 uid 0
L
try 'lives --to fwd --follow family | cut -d " " -f 1 | tr "\n" " "
  qlog-show --follow --tsv --id 1 - <family | cut -f 1,4' <<'T'
out: ?1 ?2 ?3 id	to
out: 1	fwd@a.example
out: 2	x@b.example
out: 3	
exit: 0
T

# ---- recipes of README ----
# at SECONDS BEHIND TODAY'S MIDNIGHT: the lines of standard input, as accustamp stamps them
midnight=$(perl -e 'print time - time % 86400')
at() { awk -v t="$((midnight + $1))" '{ print t ".000000 " $0 }'; }
{
  at -43200 <<'L'
qlogreceived: result=accepted code=250 helo=h authuser=alice remoteip=192.0.2.9 qp=7
info msg 71: bytes 9 from <alice@a.example> qp 7 uid 89
starting delivery 1: msg 71 to local fwd@a.example
starting delivery 2: msg 71 to remote bob@b.example
info msg 72: bytes 9 from <alice@a.example> qp 8 uid 64011
delivery 1: success: did_0+1+0/qp_8/
starting delivery 3: msg 72 to remote carl@c.example
delivery 3: failure: no/
bounce msg 72 qp 9
end msg 72
new msg 1081796
info msg 1081796: bytes 9 from <> qp 9 uid 64015
end msg 1081796
L
  at 0 <<'L'
delivery 2: deferral: 192.0.2.7_does_not_like_recipient./
qlogreceived: result=accepted code=250 helo=h authuser=dora remoteip=192.0.2.9 qp=10
info msg 80: bytes 9 from <dora@a.example> qp 10 uid 89
starting delivery 4: msg 80 to remote eve@b.example
delivery 4: deferral: 192.0.2.7_does_not_like_recipient./
L
} >recipes
QQ_LOG=$PWD/recipes; export QQ_LOG
sed -n '/^What became of it/,/^The service/s/^    \$ \(qlog-.*\)/\1/p' "$repo/README" >commands
# recipe COMMAND FILTER <TRANSCRIPT
recipe() {
  grep -vxF -- "$1" commands >others; mv others commands
  try "$1 | $2"
}
recipe 'qlog-show -l --from alice --to bob --since yesterday --until today' \
  'sed "s|$PWD/||;s/^  .\{20\}  / /"' <<'T'
out: message 71 in recipes: when it began is not known
out:  it came by SMTP from 192.0.2.9, HELO h, login alice
out:  queued by process 7, user 89: 9 bytes from alice@a.example
out:  fwd@a.example: delivered: did 0+1+0/qp 8
out:  bob@b.example: deferred: 192.0.2.7 does not like recipient.
out:  fwd@a.example: forwarded as the message of process 8
out:  still open at the end of the log
exit: 0
T
ends='awk "NF { print \$1, \$NF }"'
recipe 'qlog-stat --result deferred --by host --top 10' "$ends" <<'T'
out: messages host
out: 2 192.0.2.7
exit: 0
T
recipe 'qlog-stat --since today --by login --by uid --top 10' "$ends" <<'T'
out: messages login
out: 1 alice
out: 1 dora
out: messages uid
out: 2 89
exit: 0
T
recipe 'qlog-grep --id 1081796' 'cut -d " " -f 2-' <<'T'
out: new msg 1081796
out: info msg 1081796: bytes 9 from <> qp 9 uid 64015
out: end msg 1081796
exit: 0
T
recipe 'qlog-show --follow -l --id 71' 'grep -o "message .* in\|bounce.*\|forwarded.*"' <<'T'
out: message 72 in
out: bounce goes to the sender, queued by process 9
out: message 1081796 in
out: message 71 in
out: forwarded as the message of process 8
exit: 0
T
recipe 'qlog-stat --since 24h' 'grep restarts' <<'T'
out: restarts of qmail-send: 0
exit: 0
T
check 'all recipes of README about logs were tried' [ ! -s commands ]
unset QQ_LOG

# ---- what is no log ----
try 'qlog-show nowhere' <<'T'
err: qlog-show: fatal: unable to open nowhere: No such file or directory
exit: 100
T
mkdir empty
try 'qlog-show empty' <<'T'
err: qlog-show: fatal: empty: is not a log directory, expected current or @* in it
exit: 100
T
printf '\037\213not gzip' >magic
try 'qlog-show --json magic mix | wc -l; qlog-show --json magic' <<'T'
out: 2
err: qlog-show: warning: magic: damaged, or not what it seems to be: it could not be read to its end
err: qlog-show: warning: magic: damaged, or not what it seems to be: it could not be read to its end
exit: 111
T
# 10,000 rotated files, more than a process may usually have open; 10 MB of a sender.
mkdir rotated; : >rotated/current
perl -e 'for (1 .. 10000) {
  open my $f, ">", sprintf "rotated/\@40000000650%05x00000000.s", $_ or die;
  printf $f "\@40000000650%05x00000000 new msg %d\n", $_, $_ }'
perl -e 'print "$ARGV[0] info msg 5: bytes 9 from <", "a" x 1e7, "> qp 1 uid 0\n"' $stamp >wide
try '(ulimit -S -n 256; qlog-show --tsv rotated | wc -l)
  (ulimit -n 256; qlog-show rotated 2>&1; echo $?) | sed "s/@.*s:/FILE:/"
  qlog-show --json wide | wc -c; qlog-show -l wide | wc -c' <<'T'
out: 10001
out: qlog-show: fatal: unable to open rotated/FILE: Too many open files
out: 111
out: 10000162
out: 10000170
exit: 0
T
try "yes '$stamp new msg 7
$stamp end msg 7' | timeout 60 qlog-grep -m 2 - | cut -d ' ' -f 2-" <<'T'
out: new msg 7
out: end msg 7
out: new msg 7
out: end msg 7
exit: 0
T
# A file that is cut off once it has been read, and before: by then, more than a pipe holds has been
# taken of the one beside it.
mkfifo beside
cut_off() { { yes '' | head -c 300000; : >shrinks; } >beside; }
try 'cp mix shrinks; cut_off & qlog-grep --to dora shrinks beside; wait
  cp mix shrinks; cut_off & qlog-show --tsv beside shrinks | cut -f 1; wait' <<'T'
out: id
err: qlog-grep: fatal: shrinks: it became shorter while it was read
err: qlog-show: warning: shrinks: it became shorter while it was read
err: qlog-show: warning: no line about a message in any of the files
exit: 0
T
if skip_unless_root 'a directory without permission'; then
  mkdir -m 700 closed; : >closed/current
  nobody() { perl -e '$) = $( = 65534; $< = $> = 65534; exec @ARGV' "$@"; }
  try 'nobody qlog-show closed; chmod 711 closed; nobody qlog-stat closed
    chmod 755 closed; chmod 600 closed/current; nobody qlog-grep closed' <<'T'
err: qlog-show: fatal: unable to open closed: Permission denied (run it as root)
err: qlog-stat: fatal: unable to open closed: Permission denied (run it as root)
err: qlog-grep: fatal: unable to open closed/current: Permission denied (run it as root)
exit: 111
T
fi
head -c 20000000 /dev/zero | tr '\0' x >long; echo >>long; cat mix >>long
head -c 300000 /dev/urandom >noise
try 'lives long | wc -l; qlog-grep -q noise' <<'T'
out: 2
err: qlog-show: warning: long: passed over a line of more than 16 MB
err: qlog-grep: warning: no line about a message in noise
exit: 1
T
try 'echo 5@1795177124123456789 | { readable; qlog-show mix; }
  echo 5@1795177124123456789 | { readable; qlog-grep -; }' <<'T'
err: qlog-show: fatal: standard input has ids, and this program takes none: give </dev/null
err: qlog-grep: fatal: standard input has ids, and this program takes none: give </dev/null
exit: 100
T
# Nor are lines of a log taken without the `-'; a loop around a program that names a message may
# read ids; and what is called like a message, and is no file, is one.
try 'export QQ_LOG=mix
  cat mix | { readable; qlog-stat; }; qlog-show <mix
  printf "2@1795177124123456789\n1@1694498807100000000\n" >ids
  while read -r id; do qlog-show --tsv --id "$id" | sed 1d | cut -f 1; done <ids
  : >2; qlog-grep -c 2; rm 2; qlog-grep 2 2>&1 | sed 1q; qlog-grep 2@1795177124123456789' <<'T'
out: 1
out: 1
out: 0
out: qlog-grep: fatal: operand "2" given, expected a log: --id 2 asks for a message
err: qlog-stat: fatal: standard input has lines of a log: give - to read them, or </dev/null
err: qlog-show: fatal: standard input has lines of a log: give - to read them, or </dev/null
err: qlog-grep: fatal: operand "2@1795177124123456789" given, expected a log:
...:  --id 2@1795177124123456789 asks for a message
err: usage: qlog-grep [OPTION ...] [LOG ... | -] (qlog-grep --help lists the options)
exit: 100
T
# A token from before the log means what begins soon behind it, or nothing.
printf '@400000006500%s\n' '100000000000 new msg 7' '100100000000 end msg 7' >later
try 'for s in 1694502901 1694499303 1694499301; do
  qlog-grep -c --id 7@${s}000000000 later; done
  qlog-show --tsv --id 7@1694502904000000000 later' <<'T'
out: 1
out: 1
out: 0
out: id	begun	from	to	result	attempts	last	host	text
err: qlog-grep: warning: 7@1694499301000000000 was queued before the log begins
...:  (12 Sep 2023 07:15:02)
exit: 0
T
# Each set begins for itself; what begins up to a second before its token is it.
printf '@400000006400%s\n' '000000000000 new msg 1' '000000000000 end msg 1' >early
try 'for logs in "early later" "later early"; do
  qlog-grep -c --id 7@1694499301000000000 $logs; qlog-grep -c --id 7@1694502902500000000 $logs
  qlog-grep -c --id 7@1694499301000000000 --since @1694500000 $logs; done' <<'T'
out: 0
out: 1
out: 1
out: 0
out: 1
out: 1
exit: 0
T
# What has nothing about messages is another log than somebody thinks.
printf '%s\n' 'delivery 1: success: did_0+0+1/' 'delivery 2: success: did_0+0+1/' >ends
try 'qlog-show -l ends; qlog-stat --json ends noise | cut -c 1-13; qlog-show -l /dev/null
  qlog-show -l --since today noise; qlog-grep -c mix noise' <<'T'
out: {"messages":0
out: 2
err: qlog-show: warning: 2 results of deliveries, and no beginning of one
err: qlog-stat: warning: 2 results of deliveries, and no beginning of one
exit: 0
T
# A forged log has one address under way without end: it is done in seconds of work all the same.
awk 'BEGIN { print "new msg 5"
  for (i = 1; i <= 100000; i++) print "starting delivery " i ": msg 5 to remote a@b.example"
}' >forged
try '(ulimit -t 20; qlog-stat forged | sed -n 2p)' <<'T'
out: recipients: 100000
exit: 0
T
# On a terminal the text is what the remote host said.
tai told <<'L'
starting delivery 1: msg 1 to remote joe@d.example
delivery 1: deferral: 192.0.2.7_does_not_like_recipient./Remote_host_said:_450_4.2.0_Greylisted/
starting delivery 2: msg 1 to local ann@a.example
delivery 2: success: did_1+0+0/
L
if script -qec true /dev/null >/dev/null 2>&1; then
  try 'script -qec "stty cols 90; qlog-show told" /dev/null </dev/null | tr -d "\r"' <<'T'
out:       id to                   result    last                 text
out:        1 joe@d.example        deferred  12 Sep 2023 06:06:48 450 4.2.0 Greylisted
out:        1 ann@a.example        delivered 12 Sep 2023 06:06:50 did 1+0+0
exit: 0
T
else
  ok 'on a terminal # SKIP needs script(1)'
fi

# What has the number of the process on another host, or an hour later, is no forward.
cat >far <<'L'
Nov 20 10:00:01 mx1 qmail: info msg 1: bytes 1 from <a@b> qp 40 uid 0
Nov 20 10:00:01 mx1 qmail: starting delivery 1: msg 1 to local l@x
Nov 20 10:00:01 mx2 qmail: info msg 2: bytes 1 from <other@b> qp 41 uid 0
Nov 20 10:00:02 mx1 qmail: delivery 1: success: did_0+1+0/qp_41/
Nov 20 10:00:03 mx1 qmail: info msg 7: bytes 1 from <a@b> qp 41 uid 0
Nov 20 10:00:03 mx1 qmail: starting delivery 2: msg 7 to local l@x
Nov 20 10:00:03 mx1 qmail: info msg 9: bytes 1 from <a@b> qp 42 uid 0
Nov 20 10:00:03 mx1 qmail: info msg 10: bytes 1 from <a@b> qp 43 uid 0
Nov 20 10:00:03 mx1 qmail: info msg 11: bytes 1 from <a@b> qp 44 uid 0
Nov 20 10:00:03 mx1 qmail: delivery 2: success: did_0+1+0/qp_42/
Nov 20 11:00:04 mx1 qmail: info msg 8: bytes 1 from <a@b> qp 42 uid 0
L
try 'qlog-show --follow --tsv --id 1 far | cut -f 1' <<'T'
out: id
out: 1
out: 7
out: 9
exit: 0
T
# Nor is there any other way to make it take for ever, or grow: each of these took minutes.
cat >forge <<'P'
my ($kind, $n) = @ARGV;
for my $i (1 .. $n) {
  print "starting delivery 0: msg 5 to local r$i\n" if $kind eq 'zero';
  print "qlogreceived: result=accepted helo=h remoteip=1.2.3.4 qp=7\n" if $kind eq 'ties';
  print "Sep 12 08:05:16 h t$i: new msg 1\n" if $kind eq 'streams';
  print "info msg $i: bytes 1 from <a> qp 7 uid 0\nbounce msg $i qp 7\n" if $kind eq 'bounces';
}
print "Sep 12 08:05:16 h systemd-journald: Suppressed 9 messages from q.service\n" x $n
  if $kind eq 'streams';
P
for kind in zero ties streams bounces; do
  perl forge $kind 100000 >forged
  try '(ulimit -t 20; qlog-show --json --follow forged >/dev/null 2>&1; echo $?)' <<'T'
out: 0
exit: 0
T
done
# splogger's pieces go on without end.
perl -e '$p = "Sep 12 08:05:16 h q: 1694498716.123456"; $x = "y" x 799
  ; print "$p starting delivery 1: msg 5 to local x\n$p ", substr("delivery 1: failure: $x", 0, 799)
  ; print "\n", "$p+$x\n" x 60000' >pieces
try 'qlog-show --tsv pieces | wc -c; qlog-grep --id 5 pieces | wc -l' <<'T'
out: 66394
out: 84
exit: 0
T
try 'qlog-stat --top 3 mix' <<'T'
err: qlog-stat: fatal: options --top, --sort and --reverse need --by
err: usage: qlog-stat [OPTION ...] [LOG ... | -] (qlog-stat --help lists the options)
exit: 100
T
echo 'starting delivery 1: msg 5 to remote x@xn--bcher-kva.example' >idn
try 'qlog-grep -c --to bücher.example idn; qlog-grep --channel suppl18446744073709551615 mix' <<'T'
out: 1
err: qlog-grep: fatal: option --channel: "suppl18446744073709551615" given,
...:  expected local, remote or supplN
err: usage: qlog-grep [OPTION ...] [LOG ... | -] (qlog-grep --help lists the options)
exit: 100
T
printf '%s new msg 5\n' "$stamp" >short; printf '%s info msg 5: bytes 9 from <a>\n' "$stamp" >>short
try 'qlog-show -l short | sed -n 2p' <<'T'
out:   12 Sep 2023 06:06:57  queued: 9 bytes from a
exit: 0
T
printf '@400000006500000100000000 info msg 5: bytes 9 from <a\033[2J\000b\377> qp 1 uid 0\n' >steers
try 'qlog-show -l steers | sed -n 2p; qlog-show --json steers | grep -o "\"from.*,\"size"' <<'T'
out:   12 Sep 2023 06:06:47  queued by process 1, user 0: 9 bytes from a\x1b[2J\x00b\xff
out: "from":"a\u001b[2J\u0000b�","from_base64":"YRtbMkoAYv8=","size
exit: 0
T
finish
