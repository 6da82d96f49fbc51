#!/bin/sh
# origin.t - where messages came from by SMTP, and who logged in: whatever stands between the line
# of qmail-queue and that of the SMTP server, in the forms of many kins of qmail; and what is only
# claimed.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"

built queue 0
put_mail() { put "$1" sales@shop.example remote "$1@far.test"; }
# from_network NAME, through NAME UID: what is below the line of qmail-queue comes from stdin
from_network() {
  { echo 'Received: (qmail 7 invoked from network); 20 Nov 2026 12:00:00 -0000'; cat; } |
    put_mail "$1"
}
through() {
  { echo "Received: (qmail 7 invoked by uid $2); 20 Nov 2026 12:00:00 -0000"; cat; } | put_mail "$1"
}
# by_server CLIENT PROTOCOL: as qmail-smtpd writes it
by_server() {
  printf 'Received: %s\n  by mx.shop.example with %s; 20 Nov 2026 12:00:00 -0000\nSubject: x\n\n' \
    "$1" "$2"
}
simscan() {
  printf 'Received: by simscan 1.4.0 ppid: 7, pid: 8, t: 0.1s\n         scanners: clamav: 0.1\n'
}
# What is warned about claims has a part of its own below.
quietly() { "$@" 2>"$T/said"; sed '/ who sent /d' "$T/said" >&2; }
found() { for n in $(quietly qq-grep --lines "$@" | cut -d@ -f1); do
  awk -v n="$n" '$2 == n { print $1 }' "$T/numbers"
done | sort -n | tr '\n' ' '; echo; }
who() { for n; do
  qq-show --json "$(id "$n")" | perl -ne '
    /("ip":[^,]*,)"subject".*,("login":[^{}]*,"claimed":(?:null|{[^}]*}))/ and print "$1$2\n"'
done; }
# count KEY
count() { quietly qq-stat --by "$1" | sed 1d | awk '{ print $1, $2 }'; }

# ---- behind a scanner ----
{ simscan; by_server 'from unknown (HELO pc) (ann@shop.example@192.0.2.7)' ESMTPA; } |
  through 1 1089
{ simscan; by_server 'from a.example (HELO ?10.0.0.2?) (192.0.2.77)' SMTP; } | through 2 1089
{ simscan; by_server 'from unknown (HELO pc) (ann@shop.example@192.0.2.7)' SMTP; } | from_network 3
{
  echo 'X-Qmail-Scanner-Diagnostics: from 2001:db8::7 by mx (envelope-from <x@a.example>, uid 89)'
  echo '  with qmail-scanner-2.11'
  by_server 'from unknown (HELO pc) (2001:db8::7)' SMTP
} | through 4 0
# Somebody on this host who made it all up.
{ simscan; by_server 'from unknown (HELO pc) (ann@shop.example@192.0.2.7)' ESMTPA; } |
  through 5 10003
# A forward of what came from the network: that was another message.
{ echo 'Delivered-To: ann@shop.example'
  echo 'Received: (qmail 6 invoked from network); 20 Nov 2026 12:00:00 -0000'
  by_server 'from a.example (HELO a) (192.0.2.9)' SMTP; } | through 6 0

QQ_SMTP_USERS=root:1089; export QQ_SMTP_USERS
try 'found --ip 192.0.2.7; found --ip 192.0.2.77; found --ip 2001:DB8::7; found --login ann@;
  found -x --login ann; found -v --login ann; found --ip 192.0.2.9' <<'T'
out: 1 3 
out: 2 
out: 4 
out: 1 3 
out: 
out: 2 4 5 6 
out: 
exit: 0
T
try 'count ip; count login' <<'T'
out: TOTAL 6
out: - 2
out: 192.0.2.7 2
out: 192.0.2.77 1
out: 2001:db8::7 1
out: TOTAL 6
out: - 4
out: ann@shop.example 2
exit: 0
T
try 'who 1 2 3 4 5 6' <<'T'
out: "ip":"192.0.2.7","login":"ann@shop.example","claimed":null
out: "ip":"192.0.2.77","login":null,"claimed":null
out: "ip":"192.0.2.7","login":"ann@shop.example","claimed":null
out: "ip":"2001:db8::7","login":null,"claimed":null
out: "ip":null,"login":null,"claimed":{"ip":"192.0.2.7","login":"ann@shop.example"}
out: "ip":null,"login":null,"claimed":null
exit: 0
T
try 'for n in 1 5; do qq-show -l "$(id $n)" | sed -n "/injected/,/from/p"; done' <<'T'
out:   injected    by uid 1089 (192.0.2.7)
out:   login       ann@shop.example
out:   from        sales@shop.example
out:   injected    by uid 10003
out:   claimed     address 192.0.2.7 (not believed)
out:   claimed     login ann@shop.example (not believed)
out:   from        sales@shop.example
exit: 0
T
# Empty, it names nobody; a name that is not there is said, but not of those that are built in.
try 'QQ_SMTP_USERS= found --ip 192.0.2.7; QQ_SMTP_USERS="1089, no-such-user" found --ip 192.0.2.7;
  unset QQ_SMTP_USERS; found --ip 192.0.2.7' <<'T'
out: 3 
out: 1 3 
out: 3 
err: qq-grep: warning: QQ_SMTP_USERS: there is no user "no-such-user"
exit: 0
T

# What would have been found, or counted, is said.
try 'qq-grep -c --ip 192.0.2.0/24; qq-grep -c --ip 192.0.2.77; qq-grep -q --login nobody
  unset QQ_SMTP_USERS; qq-grep -c --login ann; qq-stat --by ip >/dev/null' <<'T'
out: 3
out: 1
out: 1
err: qq-grep: warning: 1 message only claims who sent it, and is not believed: see `Who sent it' in
...:  qq-grep(8)
err: qq-grep: warning: 2 messages only claim who sent them, and are not believed: see `Who sent it'
...:  in qq-grep(8)
err: qq-stat: warning: 4 messages only claim who sent them, and are not believed: see `Who sent it'
...:  in qq-grep(8)
exit: 0
T

# ---- networks ----
try 'found --ip 192.0.2.0/24; found --ip 192.0.2.99/26 ; found --ip 192.0.2.77/32;
  found --ip 2001:db8::/32; found --ip 2001:db8::8/125; found --ip ::ffff:192.0.2.0/120;
  found --ip 0.0.0.0/0; found --ip ::/0; found --ip 192.0.2.77 --ip 2001:db8::/64' <<'T'
out: 1 2 3 
out: 2 
out: 2 
out: 4 
out: 
out: 1 2 3 
out: 1 2 3 
out: 4 
out: 2 4 
exit: 0
T
for bad in 192.0.2.0/33 2001:db8::/129 192.0.2.0/ 192.0.2.0/-1 192.0.2.0/024 192.0.2/24 /24 ''; do
  try "qq-grep --ip '$bad'" <<T
err: qq-grep: fatal: option --ip: "$bad" given, expected an IPv4 or IPv6 address,
...:  or a network such as 192.0.2.0/24
err: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
exit: 100
T
done

# ---- far down ----
many() { perl -e 'print "X-Spam-Report: ", "x" x 60, "\n" for 1 .. shift' "$1"; }
for bytes in 55 70 3000; do
  { many "$bytes"; by_server 'from unknown (HELO pc) (ann@shop.example@198.51.100.7)' ESMTPA; } |
    from_network "$((bytes + 1000))"
done
# Here HELO is longer than what is read first.
by_server "from unknown (HELO $(perl -e 'print "a" x 5000')) (198.51.100.7)" SMTP |
  from_network 5000
try 'found --ip 198.51.100.7; found --login ann --ip 198.51.100.0/24' <<'T'
out: 1055 1070 4000 5000 
out: 1055 1070 4000 
exit: 0
T

# ---- the forms of the field ----
form() { name=$1; shift; by_server "$@" | from_network "$name"; }
form 10 'from h.example (HELO ?192.168.1.5?) (joe@203.0.113.9)' 'ESMTPSA (C-SHA384 encrypted)'
form 11 'from unknown (HELO pc) (joe@shop.example@2001:db8::9)' ESMTPA
form 12 'from unknown (HELO [10.1.2.3]) (joe@shop.example@[203.0.113.9])' ESMTPA
form 13 'from unknown (HELO pc) (smtp-auth username joe@shop.example, mechanism login)
  (203.0.113.9)' '(AES128-SHA encrypted) SMTP'
form 14 'from unknown (HELO pc) (203.0.113.9)
  (smtp-auth username joe@shop.example, mechanism plain)' ESMTPA
form 15 'from unknown (HELO localhost) (joe5@203.0.113.9 with login)' SMTP
form 16 '(HELO pc) (joe@shop.example)' 'ESMTPSA (C-SHA384 encrypted)'
form 17 '(HELO localhost) ()' SMTP
form 18 'from unknown (HELO pc) (Authenticated:joe@[203.0.113.9])
          (envelope-sender <a@b.example>)' SMTP
form 19 'from unknown (HELO bmFtZQ==) (am9l@MTkyLjAuMi4x)' ESMTPA
# What the client's own host says of who called is no login.
form 20 'from unknown (HELO pc) (joe@203.0.113.9)' SMTP
try 'found --login joe; found -x --login joe; found -x --login joe@shop.example;
  found -g --login "joe[0-9]"; found --ip 203.0.113.9' <<'T'
out: 10 11 12 13 14 15 16 18 
out: 10 18 
out: 11 12 13 14 16 
out: 15 
out: 10 12 13 14 15 18 20 
exit: 0
T
try 'who 11 16 17 19 20; qq-show -l "$(id 20)" | sed -n "/injected/,/from/p"' <<'T'
out: "ip":"2001:db8::9","login":"joe@shop.example","claimed":null
out: "ip":null,"login":"joe@shop.example","claimed":null
out: "ip":null,"login":null,"claimed":null
out: "ip":null,"login":"am9l@MTkyLjAuMi4x","claimed":null
out: "ip":"203.0.113.9","login":null,"claimed":{"ip":null,"login":"joe"}
out:   injected    from network (203.0.113.9)
out:   claimed     login joe (not believed)
out:   from        sales@shop.example
exit: 0
T

# ---- the first lines of indimail ----
first() { name=$1; { printf '%b\n' "$2"; cat; } | put_mail "$name"; }
first 30 'Received: (indimail-mta 7 invoked from 192.0.2.30 by host mx by uid 1089); Thu, 26 Nov' \
  </dev/null
mta='Received: indimail-mta queue 7 by host mx\n (invoked from network'
first 31 "$mta 192.0.2.31, by uid 1089);\\n  Thu, 26 Nov" </dev/null
by_server 'indimail-mta smtpd 7 from pc (HELO pc) (ann@shop.example@192.0.2.32)' ESMTPSA |
  first 32 "$mta 192.0.2.31, by uid 1089);\\n  Thu, 26 Nov"
# $TCPREMOTEIP is anybody's.
first 33 "$mta 192.0.2.33, by uid 10003);\\n  Thu, 26 Nov" </dev/null
try 'found --ip 192.0.2.30/31 --ip 192.0.2.32/30; who 30 31 32 33; found --uid 10003' <<'T'
out: 30 31 32 
out: "ip":"192.0.2.30","login":null,"claimed":null
out: "ip":"192.0.2.31","login":null,"claimed":null
out: "ip":"192.0.2.32","login":"ann@shop.example","claimed":null
out: "ip":null,"login":null,"claimed":{"ip":"192.0.2.33","login":null}
out: 5 33 
exit: 0
T

# ---- what a sender may forge ----
# The server's own field is not of a known form: the next one is not taken for it.
{ by_server 'from a.example (a.example [192.0.2.40])' ESMTP
  by_server 'from unknown (HELO pc) (ann@shop.example@192.0.2.41)' ESMTPA; } | from_network 40
{ echo 'Received: by mx.shop.example with UTF8SMTPSA (C encrypted, authenticated); Thu, 26 Nov'
  by_server 'from unknown (HELO pc) (ann@shop.example@192.0.2.41)' ESMTPA; } | from_network 41
# A name with what is not safe to look at, as only a local user can write it.
by_server "$(printf 'from unknown (HELO pc) (\033[2J\377@192.0.2.41)')" ESMTPA | from_network 42
by_server "$(printf 'from unknown (HELO pc) (a\342\200\256\377@192.0.2.42)')" ESMTPA |
  from_network 43
try 'who 40 41 42 43; qq-show -l "$(id 43)" | grep login' <<'T'
out: "ip":null,"login":null,"claimed":null
out: "ip":null,"login":null,"claimed":null
out: "ip":null,"login":null,"claimed":null
out: "ip":"192.0.2.42","login":"a\u202e�","login_base64":"YeKArv8=","claimed":null
out:   login       a\u{202e}\xff
exit: 0
T
finish
