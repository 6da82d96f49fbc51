#!/bin/sh
# bounces.t - qq-bounces: which messages are bounces, and why they are there.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
queue queue-notqmail
bounces() { qq-bounces --lines "$@" | sed 's/@.*//'; }

try -s 'bounces' <<'T'
out: 1081777
out: 1081781
out: 1081811
out: 1081812
out: 1081817
exit: 0
T
try -s 'bounces --single' <<'T'
out: 1081777
out: 1081811
out: 1081817
exit: 0
T
try -s 'bounces --double' <<'T'
out: 1081781
out: 1081812
exit: 0
T
try 'qq-bounces --single --double | tr "\0" "\n" | wc -l; qq-bounces --null $(id 1081812)' <<'T'
out: 5
out: 1081812@1795179207006903754\0
exit: 0
T

# ---- with criteria, and ids ----
try -s 'bounces --local' <<'T'
out: 1081812
out: 1081817
exit: 0
T
try -s 'bounces --remote --single' <<'T'
out: 1081777
out: 1081811
exit: 0
T
try -s 'bounces --channel local --double' <<'T'
out: 1081812
exit: 0
T
try 'qq-bounces --local --remote' <<'T'
exit: 1
T
try -s 'bounces --min-size 900 --max-size 1K' <<'T'
out: 1081811
exit: 0
T
try -s 'bounces --after "2026-11-20 12:53:26" --before "2026-11-20 12:53:27"' <<'T'
out: 1081811
out: 1081817
exit: 0
T
try 'TZ=America/New_York bounces --after "2026-11-20 07:53:27"; bounces --after @1795179207' <<'T'
out: 1081812
out: 1081812
exit: 0
T
try 'qq-bounces --min-recipients 2' <<'T'
exit: 1
T
perl -e 'utime time - 86400, time - 86400, @ARGV' "$(at mess 1081777)" "$(at mess 1081781)" \
  "$(at mess 1081817)"
touch -t 202001010000 "$(at mess 1081811)"
perl -e 'utime time - 3600, time - 3600, $ARGV[0]' "$(at mess 1081812)"
try 'bounces --older 365d; bounces --newer 2h --older 30m' <<'T'
out: 1081811
out: 1081812
exit: 0
T
queue queue-notqmail
try 'bounces $(id 1081812) $(id 1081647) 5' <<'T'
out: 1081812
exit: 0
T
try 'qq-bounces $(id 1081647); qq-grep --from spammer | qq-bounces - --reasons;
  qq-bounces - </dev/null' <<'T'
exit: 1
T
# qq-grep means the same by a bounce; what is about to become one is something else.
alike() {
  qq-bounces --lines "$@" | sort >"$T/a"; shift $#
  qq-grep --lines --bounces | sort | diff "$T/a" - && [ -s "$T/a" ]
}
check 'qq-grep --bounces finds the same' alike
try -s 'qq-grep --failing --lines | sed "s/@.*//"' <<'T'
out: 1081647
out: 1081770
exit: 0
T
queue queue-bigtodo
try 'qq-bounces; qq-bounces --reasons --single-bounces; qq-bounces --summary --double-bounces' <<'T'
exit: 1
T
# What has failed of messages that have not ended yet is no bounce, but a reason.
try 'qq-bounces --reasons | cut -f 2; qq-bounces --summary' <<'T'
out: fail1@far.test
out: failed recipients by reason:
out:        1  550 5.1.1 no such user here
out: failed recipients by host:
out:        1  far.test
exit: 0
T

# ---- why ----
queue queue-notqmail
try -s 'qq-bounces --reasons' <<'T'
out: 1081647@1795179138967067370	fail1@far.test	127.0.0.1 does not like recipient./Remote host
...:  said: 550 5.1.1 no such user here/Giving up on 127.0.0.1.
out: 1081770@1795179177425225203	fail1@far.test	127.0.0.1 does not like recipient./Remote host
...:  said: 550 5.1.1 no such user here/Giving up on 127.0.0.1.
out: 1081811@1795179206995134714	fail77@far.test	127.0.0.1 does not like recipient./Remote host
...:  said: 550 5.1.1 no such user here/Giving up on 127.0.0.1.
out: 1081811@1795179206995134714	fail78@away.test	127.0.0.1 does not like recipient./Remote host
...:  said: 550 5.1.1 no such user here/Giving up on 127.0.0.1.
out: 1081812@1795179207006903754	fail-sender@far.test	127.0.0.1 does not like recipient./Remote host
...:  said: 550 5.1.1 no such user here/Giving up on 127.0.0.1.
out: 1081817@1795179206998627790	nosuchuser@mx.example.test	Sorry,
...:  no mailbox here by that name. (#5.1.1)
err: qq-bounces: warning: 2 bounces are in no known form, so their reasons are not shown: see
...:  qq-bounces(8)
exit: 0
T
try 'qq-bounces --summary' <<'T'
out: failed recipients by reason:
out:        5  550 5.1.1 no such user here
out:        1  Sorry, no mailbox here by that name. (#5.1.1)
out: failed recipients by host:
out:        4  far.test
out:        1  away.test
out:        1  mx.example.test
err: qq-bounces: warning: 2 bounces are in no known form, so their reasons are not shown: see
...:  qq-bounces(8)
exit: 0
T
try 'qq-bounces --reasons --double; qq-bounces --summary --double;
  qq-bounces --summary $(id 1081817)' <<'T'
out: 1081812@1795179207006903754	fail-sender@far.test	127.0.0.1 does not like recipient./Remote host
...:  said: 550 5.1.1 no such user here/Giving up on 127.0.0.1.
out: failed recipients by reason:
out:        1  550 5.1.1 no such user here
out: failed recipients by host:
out:        1  far.test
out: failed recipients by reason:
out:        1  Sorry, no mailbox here by that name. (#5.1.1)
out: failed recipients by host:
out:        1  mx.example.test
err: qq-bounces: warning: 1 bounce is in no known form, so its reasons are not shown: see
...:  qq-bounces(8)
err: qq-bounces: warning: 1 bounce is in no known form, so its reasons are not shown: see
...:  qq-bounces(8)
exit: 0
T

# What qmail-send writes, and what others write that looks like it.
# Bounce NAME SENDER <PARAGRAPHS: with the head and the tail of a bounce of qmail-send.
bounce() {
  {
    printf 'Received: (qmail 1 invoked for bounce); 20 Nov 2026 12:53:26 -0000\nDate: x\nFrom: MAILER-DAEMON@mx.example.test\nTo: me@x.example\nSubject: failure notice\n\n'
    printf "Hi. This is the qmail-send program at mx.example.test.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n"
    cat
    printf -- '--- Below this line is a copy of the message.\n\nReturn-Path: <me@x.example>\n<not@me.example>:\nnot a reason\n\n'
  } | put "$1" "$2" remote me@x.example
}
bounce 1 '' <<'M'
<one@a.example>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 <one@a.example>: user unknown, id 20261120123456
Giving up on 192.0.2.1.

<Two@B.Example>:
Connected to 2001:db8::1 but greeting failed.
Remote host said: 554 not from 198.51.100.7

<three@a.example>:
Sorry, I couldn't find any host by that name. (#4.1.2)
I'm not going to try again; this message has been in the queue too long.

M
bounce 2 '' <<'M'
<four@a.example>:
192.0.2.9 does not like recipient.
Remote host said: 550 5.1.1 <FOUR@A.example>: user unknown, id 777777777
Giving up on 192.0.2.9.

<noat>:
This address no longer accepts mail.

<"a b>c"@a.example>:
x

M
printf '<esc@a.example>:\nsaid: \033[2Jthree\twords and \303\251\342\200\256\377\n\n<six@a.example>:\nRemote host said: 550 [2001:db8::25] is blocked\n\n' | bounce 3 ''
printf 'Subject: foreign report\n\nYour message to <x@y.example>:\nwas not delivered\n' |
  put 4 '' remote me@x.example
printf 'Received: (qmail 1 invoked for bounce); x\n\nHi. This is the qmail-send program at x.\n\n<cut@a.example>:\nreason without an en' | put 5 '' remote me@x.example
some="$(id 1) $(id 2) $(id 3) $(id 4) $(id 5)"
try -s 'qq-bounces --reasons $some' <<'T'
out: 1@1795197600000000000	Two@B.Example	Connected to 2001:db8::1 but greeting failed./Remote host
...:  said: 554 not from 198.51.100.7
out: 1@1795197600000000000	one@a.example	192.0.2.1 does not like recipient./Remote host said:
...:  550 5.1.1 <one@a.example>: user unknown, id 20261120123456/Giving up on 192.0.2.1.
out: 1@1795197600000000000	three@a.example	Sorry, I couldn't find any host by that name.
...:  (#4.1.2)/I'm not going to try again; this message has been in the queue too long.
out: 2@1795197600000000000	"a b>c"@a.example	x
out: 2@1795197600000000000	four@a.example	192.0.2.9 does not like recipient./Remote host said:
...:  550 5.1.1 <FOUR@A.example>: user unknown, id 777777777/Giving up on 192.0.2.9.
out: 2@1795197600000000000	noat	This address no longer accepts mail.
out: 3@1795197600000000000	esc@a.example	said: \x1b[2Jthree\twords and é\u{202e}\xff
out: 3@1795197600000000000	six@a.example	Remote host said: 550 [2001:db8::25] is blocked
out: 5@1795197600000000000	cut@a.example	reason without an en
err: qq-bounces: warning: 1 bounce is in no known form, so its reasons are not shown: see
...:  qq-bounces(8)
exit: 0
T
try 'qq-bounces --summary $some' <<'T'
out: failed recipients by reason:
out:        2  550 5.1.1 <ADDRESS>: user unknown, id #
out:        1  550 [#] is blocked
out:        1  554 not from #
out:        1  Sorry, I couldn't find any host by that name. (#4.1.2)
out:        1  This address no longer accepts mail.
out:        1  reason without an en
out:        1  said: \x1b[2Jthree\twords and é\u{202e}\xff
out:        1  x
out: failed recipients by host:
out:        7  a.example
out:        1  -
out:        1  b.example
err: qq-bounces: warning: 1 bounce is in no known form, so its reasons are not shown: see
...:  qq-bounces(8)
exit: 0
T
# In MIME: as a part of its own, as indimail writes it, and encoded; a copy of another bounce in it
# is none. What RFC 3464 says is read where no part is in qmail's form.
again() {
  printf "Content-Type: multipart/mixed; boundary=\"1795.mx\"\n\npreamble\n--1795.mx\n${2-}\n"
  printf "Hi. This is the $1 program at mx.example.test.\nIt did not work out.\n\n" | ${3:-cat}
  { cat; printf -- '--- Enclosed is a copy of the message.\n\n'; } | ${3:-cat}
  printf '%s\n' '' --1795.mx 'Content-Type: message/rfc822' '' 'Subject: failure notice' '' \
    'Hi. This is the qmail-send program.' '' '<inner@x.example>:' not 'this one' '' --1795.mx--
}
report() {
  printf 'Content-Type: multipart/report; boundary=r\n\n'; sed 's/^-- /--r\nContent-Type: /'
  printf -- '--r\nContent-Type: message/rfc822\n\nFinal-Recipient: rfc822; x@y.example\n\n--r--\n'
}
again qmail-send <<'M' | put i '' remote me@x.example
<full@i.example>:
From: <me@x.example> RCPT: <full@i.example> 192.0.2.25 does not like recipient.
Remote host said: 552 5.2.2 <full@i.example>: full
Giving up on 192.0.2.25.

<gone@i.example>:
Remote host said: 550 5.1.1 gone

M
again qmail-ldap 'Content-Transfer-Encoding: base64\n' base64 <<'M' |
<coded@j.example>:
Over.

M
  put j '#@[]' local me@x.example
report <<'M' | put k '' remote me@x.example
-- text/plain

This is the mail system at host mx.example.
<one@k.example>: not qmail's form

-- message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; <One@K.example>
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <one@k.example>:
    unknown

Original-Recipient: rfc822;two@k.example
ACTION: Failed (permanently)
Status: 5.4.4

Final-Recipient: rfc822; late@k.example
Action: delayed
Status: 4.4.1

Final-Recipient: rfc822; three@k.example
Diagnostic-Code: X-Postfix; host 192.0.2.1 is silent
M
report <<'M' | put l '' remote me@x.example
-- message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; late@l.example
Action: delayed

M
report <<'M' | put m '' remote me@x.example
-- text/html

<p>Your mail could not be delivered.

M
try -s 'qq-bounces --reasons $(id i) $(id j) $(id k) $(id l) $(id m) | sed "s/@[0-9]*//"' <<'T'
out: i	full@i.example	From: <me@x.example> RCPT: <full@i.example> 192.0.2.25 does not like
...:  recipient./Remote host said: 552 5.2.2 <full@i.example>: full/Giving up on 192.0.2.25.
out: i	gone@i.example	Remote host said: 550 5.1.1 gone
out: j	coded@j.example	Over.
out: k	One@K.example	550 5.1.1 <one@k.example>: unknown
out: k	three@k.example	host 192.0.2.1 is silent
out: k	two@k.example	5.4.4
err: qq-bounces: warning: 1 bounce is in no known form, so its reasons are not shown: see
...:  qq-bounces(8)
exit: 0
T
try 'qq-bounces --summary $(id i) $(id j) $(id k)' <<'T'
out: failed recipients by reason:
out:        1  5.4.4
out:        1  550 5.1.1 <ADDRESS>: unknown
out:        1  550 5.1.1 gone
out:        1  552 5.2.2 <ADDRESS>: full
out:        1  Over.
out:        1  host # is silent
out: failed recipients by host:
out:        3  k.example
out:        2  i.example
out:        1  j.example
exit: 0
T
# A bounce that is new is one as well.
bounce 6 '' <<'M'
<new@n.example>:
Over.

M
printf 'u0\0p1\0F\0Tme@x.example\0' >"$(place todo "$(id 6)")"
rm "$(at info 6)" "$(at remote 6)"
if am_root; then chown "$(owner "$QUEUE/todo")" "$(at todo 6)"; fi
try 'qq-bounces --reasons $(id 6) --single; qq-bounces --local --remote $(id 6)' <<'T'
out: 6@1795197600000000000	new@n.example	Over.
exit: 1
T
# Of a reason that is without end, the first part.
{
  echo '<long@l.example>:'; perl -e 'print "x" x 3000000, "\n\n"'
  echo '<next@l.example>:'; echo y; echo
} | bounce 7 ''
try 'qq-bounces --reasons $(id 7) | cut -f 2,3 | cut -c 1-40;
  qq-bounces --reasons $(id 7) | wc -c | awk "{ print (\$1 > 1000 && \$1 < 1000000) }"' <<'T'
out: long@l.example	xxxxxxxxxxxxxxxxxxxxxxxxx
out: next@l.example	y
out: 1
exit: 0
T

# In JSON the lines of a reason stay lines, and what is pending is told from what a bounce tells.
try -s 'qq-bounces --reasons --json $(id 3) $(id 6) $(id i)' <<'T'
out: {"id":3,"token":"3@1795197600000000000","bounce":"single","pending":false,"address":"esc@a.ex
...: ample","reason":"said: \u001b[2Jthree\twords and
...:  é\u202e�","reason_base64":"c2FpZDogG1sySnRocmVlCXdvcmRzIGFuZCDDqeKArv8="}
out: {"id":3,"token":"3@1795197600000000000","bounce":"single","pending":false,"address":"six@a.ex
...: ample","reason":"Remote host said: 550 [2001:db8::25] is blocked"}
out: {"id":6,"token":"6@1795197600000000000","bounce":"single","pending":false,"address":"new@n.ex
...: ample","reason":"Over."}
out: {"id":i,"token":"i@1795197600000000000","bounce":"single","pending":false,"address":"full@i.e
...: xample","reason":"From: <me@x.example> RCPT: <full@i.example> 192.0.2.25 does not like
...:  recipient.\nRemote host said: 552 5.2.2 <full@i.example>: full\nGiving up on 192.0.2.25."}
out: {"id":i,"token":"i@1795197600000000000","bounce":"single","pending":false,"address":"gone@i.e
...: xample","reason":"Remote host said: 550 5.1.1 gone"}
exit: 0
T
queue queue-bigtodo
try 'qq-bounces --reasons --json; qq-bounces --summary --json' <<'T'
out: {"id":11102462,"token":"11102462@1795181611877056226","bounce":null,"pending":true,"address":
...: "fail1@far.test","reason":"127.0.0.1 does not like recipient.\nRemote host said: 550 5.1.1 no
...:  such user here\nGiving up on 127.0.0.1."}
out: {"by":"reason","key":"550 5.1.1 no such user here","recipients":1}
out: {"by":"host","key":"far.test","recipients":1}
exit: 0
T
queue queue-notqmail
try 'qq-bounces --summary --json --single; qq-bounces --json; qq-bounces --json --single' <<'T'
out: {"by":"reason","key":"550 5.1.1 no such user here","recipients":2}
out: {"by":"reason","key":"Sorry, no mailbox here by that name. (#5.1.1)","recipients":1}
out: {"by":"host","key":"away.test","recipients":1}
out: {"by":"host","key":"far.test","recipients":1}
out: {"by":"host","key":"mx.example.test","recipients":1}
err: qq-bounces: warning: 1 bounce is in no known form, so its reasons are not shown: see
...:  qq-bounces(8)
err: qq-bounces: fatal: option --json needs --reasons or --summary
err: usage: qq-bounces [OPTION ...] [ID ... | -] (qq-bounces --help lists the options)
err: qq-bounces: fatal: option --json needs --reasons or --summary
err: usage: qq-bounces [OPTION ...] [ID ... | -] (qq-bounces --help lists the options)
exit: 100
T

if skip_unless_root 'held and over'; then
  queue queue-notqmail
  chown 0 "$(at mess 1081811)"; chown "$(owner "$QUEUE/info" | sed 's/:.*//')" "$(at mess 1081812)"
  try -s 'bounces' <<'T'
out: 1081777
out: 1081781
out: 1081811
out: 1081817
exit: 0
T
  try -s 'qq-bounces --reasons | cut -f 2; qq-bounces --double --local' <<'T'
out: fail1@far.test
out: fail1@far.test
out: fail77@far.test
out: fail78@away.test
out: nosuchuser@mx.example.test
err: qq-bounces: warning: 2 bounces are in no known form, so their reasons are not shown: see
...:  qq-bounces(8)
exit: 1
T
fi
finish
