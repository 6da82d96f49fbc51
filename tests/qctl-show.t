#!/bin/sh
# qctl-show.t - qctl-show and qctl-get: what is in force, where it comes from,
# and when a change is seen.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/control.sh"

# ---- as it comes ----
home
try 'qctl-show | short' <<'T'
out: badmailfrom          (none)                       none       next connection
out: bouncefrom           MAILER-DAEMON                default    restart qmail-send
out: bouncehost           mx.example.org               me         restart qmail-send
out: concurrencylocal     10                           default    restart qmail-send
out: concurrencyremote    20                           default    restart qmail-send
out: databytes            0                            default    next connection
out: defaultdomain        mx.example.org               me         next run
out: defaulthost          mx.example.org               me         next run
out: doublebouncehost     mx.example.org               me         restart qmail-send
out: doublebounceto       postmaster                   default    restart qmail-send
out: envnoathost          mx.example.org               me         restart qmail-send
out: helohost             mx.example.org               me         next delivery
out: idhost               mx.example.org               me         next run
out: localiphost          mx.example.org               me         next connection
out: locals               mx.example.org               me         HUP qmail-send
out: me                   mx.example.org               set        restart qmail-send
out: morercpthosts        (none)                       none       rebuild its cdb
out: morercpthosts.cdb    (none)                       none       next connection
out: percenthack          (none)                       none       restart qmail-send
out: plusdomain           mx.example.org               me         next run
out: qmqpservers          (none)                       none       next run
out: queuelifetime        604800                       default    restart qmail-send
out: rcpthosts            example.org                  set        next connection
out: smtpgreeting         mx.example.org               me         next connection
out: smtproutes           (none)                       none       next delivery
out: timeoutconnect       60                           default    next delivery
out: timeoutremote        1200                         default    next delivery
out: timeoutsmtpd         1200                         default    next connection
out: virtualdomains       (none)                       none       HUP qmail-send
exit: 0
T
home; file concurrencyremote '255\n'; file locals ''
file virtualdomains '# ours\nvirtual.example:alice\n.sub.example:bob\n\n'
file doublebounceto '\n'; file databytes ' 12\n'
file servercert.pem 'key\n'; file badrcptto 'x@y.example\n'; file nonsense 'x\n'
file smtpgreeting 'mx.example.org    hello  \n'; rm home/control/rcpthosts
try 'qctl-show --changed | short' <<'T'
out: badrcptto            x@y.example                  set        next connection
out: concurrencyremote    255                          set        restart qmail-send
out: databytes            0                            ignored    next connection
out: doublebounceto       (empty)                      set        restart qmail-send
out: locals               (empty)                      set        HUP qmail-send
out: me                   mx.example.org               set        restart qmail-send
out: servercert.pem       (a file)                     set        next connection
out: smtpgreeting         mx.example.org    hello      set        next connection
out: virtualdomains       virtual.example:alice, .sub.example:bob set        HUP qma
out: nonsense: a file that is not known here
exit: 0
T
try 'qctl-show me nonsense servercert.pem spfbehavior timeoutremote | short;
  qctl-show --changed timeoutremote | short' <<'T'
out: me                   mx.example.org               set        restart qmail-send
out: servercert.pem       (a file)                     set        next connection
out: spfbehavior          0                            default    next connection
out: timeoutremote        1200                         default    next delivery
out: nonsense: a file that is not known here
out: timeoutremote        1200                         default    next delivery
exit: 0
T
try 'qctl-show --explain databytes helohost rcpthosts servercert.pem locals;
  qctl-show --explain spfbehavior concurrencyincoming' <<'T'
out: databytes = 0 (ignored)
out:   largest message that is taken from the network, in bytes; 0 is no limit
out:   kind: integer; default: 0; read by: qmail-smtpd, qmail-qmtpd; a change is seen:
...:  next connection
out:   overridden by: $DATABYTES
out: 
out: helohost = mx.example.org (me)
out:   the name that is said in HELO to other servers
out:   kind: host; default: the value of me; read by: qmail-remote; a change is seen: next delivery
out: 
out: locals = (empty) (set)
out:   domains that are delivered here
out:   kind: list; default: the value of me; read by: qmail-send; a change is seen: HUP qmail-send
out: 
out: rcpthosts = (none: every domain, an open relay) (none)
out:   domains that mail is taken for; without the file, all: an open relay
out:   kind: list; default: none; read by: qmail-smtpd, qmail-qmtpd; a change is seen:
...:  next connection
out: 
out: servercert.pem = (a file) (set)
out:   certificate and key of the SMTP server
out:   kind: opaque; default: none; read by: qmail-smtpd; a change is seen: next connection
out:   known to: TLS
out: 
out: concurrencyincoming = (none) (none)
out:   SMTP connections at a time
out:   kind: integer; default: none; read by: run scripts; a change is seen: restart its service
out:   known to: scripts
out: 
out: spfbehavior = 0 (default)
out:   what SPF does: 0 nothing, 1 header, 2 also defer on errors of DNS, 3 refuse fail, 4 softfail,
...:  5 neutral, 6 all but pass
out:   kind: integer; default: 0; read by: qmail-smtpd; a change is seen: next connection
out:   overridden by: $SPFBEHAVIOR
out:   known to: SPF, Plesk
out: 
exit: 0
T
try 'qctl-show --json me databytes rcpthosts virtualdomains locals doublebounceto servercert.pem \
    nonsense spfbehavior helohost smtproutes |
    sed "s|,.meaning.:.[^\"]*.||"' <<'T'
out: {"name":"databytes","kind":"integer","value":0,"source":"ignored","effect":"next connection",
...: "reader":"qmail-smtpd, qmail-qmtpd","default":"0","default_is_me":false,
...: "environment":"DATABYTES","origin":null,"low":0,"high":2147483647}
out: {"name":"doublebounceto","kind":"string","value":"","source":"set","effect":"restart
...:  qmail-send","reader":"qmail-send","default":"postmaster","default_is_me":false,
...: "environment":null,"origin":null}
out: {"name":"helohost","kind":"host","value":"mx.example.org","source":"me","effect":"next
...:  delivery","reader":"qmail-remote","default":null,"default_is_me":true,"environment":null,
...: "origin":null}
out: {"name":"locals","kind":"list","value":[],"source":"set","effect":"HUP qmail-send",
...: "reader":"qmail-send","default":null,"default_is_me":true,"environment":null,"origin":null}
out: {"name":"me","kind":"host","value":"mx.example.org","source":"set","effect":"restart
...:  qmail-send","reader":"all programs","default":null,"default_is_me":false,"environment":null,
...: "origin":null}
out: {"name":"rcpthosts","kind":"list","value":null,"source":"none","effect":"next connection",
...: "reader":"qmail-smtpd, qmail-qmtpd","default":null,"default_is_me":false,"environment":null,
...: "origin":null}
out: {"name":"servercert.pem","kind":"opaque","value":null,"source":"set","effect":"next
...:  connection","reader":"qmail-smtpd","default":null,"default_is_me":false,"environment":null,
...: "origin":"TLS"}
out: {"name":"smtproutes","kind":"map","value":null,"source":"none","effect":"next delivery",
...: "reader":"qmail-remote","default":null,"default_is_me":false,"environment":null,"origin":null}
out: {"name":"spfbehavior","kind":"integer","value":0,"source":"default","effect":"next connection",
...: "reader":"qmail-smtpd","default":"0","default_is_me":false,"environment":"SPFBEHAVIOR",
...: "origin":"SPF, Plesk","low":0,"high":6}
out: {"name":"virtualdomains","kind":"map","value":["virtual.example:alice",".sub.example:bob"],
...: "source":"set","effect":"HUP qmail-send","reader":"qmail-send","default":null,
...: "default_is_me":false,"environment":null,"origin":null}
out: {"name":"nonsense","kind":"unknown"}
exit: 0
T
check 'every line of JSON can be read' sh -c \
  'qctl-show --json --all | perl -MJSON::PP -ne "decode_json(\$_)"'
check 'they are sorted, and all there are' sh -c \
  'qctl-show --json --all | sed "s/.\"name\":\"\([^\"]*\).*/\1/;/nonsense/d" >names;
    sort -c names && [ $(wc -l <names) = $(sort -u names | wc -l) ] && [ $(wc -l <names) -gt 90 ]'
check 'and documented as such' sh -c \
  'qctl-show --all | awk "{ print \$1 }" | sed "/nonsense/d" | diff names -'

# ---- one value ----
try 'for name in concurrencyremote databytes me helohost smtpgreeting bouncefrom timeoutconnect \
  spfbehavior; do
  qctl-get $name; done' <<'T'
out: 255
out: 0
out: mx.example.org
out: mx.example.org
out: mx.example.org    hello
out: MAILER-DAEMON
out: 60
out: 0
exit: 0
T
try 'qctl-get virtualdomains; say qctl-get locals; say qctl-get doublebounceto;
  say qctl-get rcpthosts; say qctl-get smtproutes; qctl-get spfrules' <<'T'
out: virtual.example:alice
out: .sub.example:bob
out: 
err: code 0
err: code 0
err: code 1
err: code 1
exit: 1
T
check 'as JSON it is the object of qctl-show' sh -c \
  'for name in databytes helohost locals virtualdomains doublebounceto; do qctl-get --json $name |
    grep "\"name\":\"$name\"" >"$0" || exit 1; qctl-show --json $name | cmp - "$0" || exit 1;
      done' \
  object
try 'qctl-get --json rcpthosts >none; echo $?; sed "s/,.kind.*value/ value/;s/,.effect.*//" none;
  qctl-get --json servercert.pem' <<'T'
out: 1
out: {"name":"rcpthosts" value":null,"source":"none"
err: qctl-get: fatal: servercert.pem has no value that can be printed
exit: 100
T
# Without me.
home; rm home/control/me
try 'say qctl-get me; say qctl-get helohost; say qctl-get locals; qctl-get defaulthost;
  qctl-get idhost; qctl-show me locals helohost plusdomain | short' <<'T'
out: defaulthost
out: idhost
out: helohost             (none)                       none       next delivery
out: locals               (none)                       none       HUP qmail-send
out: me                   (none)                       none       restart qmail-send
out: plusdomain           plusdomain                   default    next run
err: code 1
err: code 1
err: code 1
exit: 0
T
# Bytes: exact to a pipe, safe in a table, UTF-8 in JSON.
home; file rcpthosts 'f\374r.example\nfenêtre.example\n\033[31mred\n a\n'
file smtpgreeting 'f\374r \033[31m\n'; file badmailfrom 'a\000b\n'
try 'qctl-get rcpthosts | od -An -c; qctl-get smtpgreeting | od -An -c; qctl-get badmailfrom;
  qctl-show rcpthosts smtpgreeting | cut -c 1-32;
  qctl-show --explain smtpgreeting | head -n 1' <<'T'
out:    f 374   r   .   e   x   a   m   p   l   e  \n   f   e   n 303
out:  252   t   r   e   .   e   x   a   m   p   l   e  \n 033   [   3
out:    1   m   r   e   d  \n       a  \n
out:    f 374   r     033   [   3   1   m  \n
out: a
out: b
out: rcpthosts            f\xfcr.exam
out: smtpgreeting         f\xfcr \x1b
out: smtpgreeting = f\xfcr \x1b[31m (set)
exit: 0
T
try 'qctl-show --json smtpgreeting | sed "s|,.source.*||"' <<'T'
out: {"name":"smtpgreeting","kind":"string","value":"f�r \u001b[31m","value_base64":"ZvxyIBtbMzFt"
exit: 0
T
check 'a list that is no UTF-8 is JSON all the same' sh -c \
  'qctl-show --json rcpthosts |
    perl -MJSON::PP -ne "\$v = decode_json(\$_)->{value}; @\$v == 4 &&
      \$v->[1] eq \"fen\x{ea}tre.example\" && \$v->[3] eq \" a\" or die; END { \$. == 1 or die }"'

# ---- who may not read everything ----
if skip_unless_root 'an unreadable file'; then
  home; file authsenders 'x@example.org:relay|me|secret\n'
  chmod 600 home/control/authsenders; file databytes '5\n'
  chmod 000 home/control/databytes
  file srs_secrets 'x\n'; chmod 600 home/control/srs_secrets
  try 'nobody qctl-show authsenders databytes srs_secrets >unreadable;
    nobody qctl-show --json databytes | sed "s|,.effect.*||"; say nobody qctl-get databytes;
    nobody qctl-get me' <<'T'
out: {"name":"databytes","kind":"integer","value":null,"source":"unreadable"
out: mx.example.org
err: qctl-show: warning: unable to read home/control/authsenders: Permission denied
...:  (run it as root)
err: qctl-show: warning: unable to read home/control/databytes: Permission denied
...:  (run it as root)
err: qctl-show: warning: unable to read home/control/srs_secrets: Permission denied
...:  (run it as root)
err: qctl-show: warning: unable to read home/control/databytes: Permission denied
...:  (run it as root)
err: qctl-get: fatal: unable to read home/control/databytes: Permission denied (run it as root)
err: code 111
exit: 0
T
  check 'what cannot be read is not said to be empty, or none' sh -c \
    '! grep -e "(empty)" -e "(none)" unreadable'
  try 'nobody qctl-show --changed | sed "s/ .*//"; nobody qctl-check' <<'T'
out: authsenders
out: databytes
out: me
out: rcpthosts
out: srs_secrets
out: warning: authsenders: cannot be read (run this as root)
out: warning: databytes: cannot be read (run this as root)
out: warning: srs_secrets: cannot be read (run this as root)
out: warning: rcpthosts: line 1: "example.org" is neither in locals nor in virtualdomains:
...:  its mail is taken and sent on, as a backup MX does
out: warning: me: line 1: "mx.example.org" is not in rcpthosts: SMTP takes no mail for it,
...:  except from clients that may relay
err: qctl-show: warning: unable to read home/control/authsenders: Permission denied
...:  (run it as root)
err: qctl-show: warning: unable to read home/control/databytes: Permission denied
...:  (run it as root)
err: qctl-show: warning: unable to read home/control/srs_secrets: Permission denied
...:  (run it as root)
exit: 111
T
  # A file that cannot be reached is not one that is not there: this is no open relay.
  mkdir -m 700 home/secret; mv home/control/rcpthosts home/secret
  ln -s ../secret/rcpthosts home/control/rcpthosts
  try 'nobody qctl-show --json rcpthosts | sed "s/,\"effect.*//"; nobody qctl-get rcpthosts;
    echo $?' <<'T'
out: {"name":"rcpthosts","kind":"list","value":null,"source":"unreadable"
out: 111
err: qctl-show: warning: unable to read home/control/rcpthosts: Permission denied
...:  (run it as root)
err: qctl-get: fatal: unable to read home/control/rcpthosts: Permission denied (run it as root)
exit: 0
T
  chmod 700 home/control
  try 'nobody qctl-show; say nobody qctl-get me; nobody qctl-list' <<'T'
err: qctl-show: fatal: unable to open home/control: Permission denied (run it as root)
err: qctl-get: fatal: unable to open home/control: Permission denied (run it as root)
err: code 111
err: qctl-list: fatal: unable to open home/control: Permission denied (run it as root)
exit: 111
T
fi

# ---- what else may lie in control/ ----
home; echo 5 >elsewhere; ln -s ../../elsewhere home/control/concurrencylocal
ln -s nowhere home/control/concurrencyremote
mkdir home/control/databytes home/control/domainkeys
file .hidden 'x\n'; mkfifo home/control/queuelifetime home/control/fifo
try 'within qctl-show concurrencylocal concurrencyremote | short;
  within qctl-show --changed | short' <<'T'
out: concurrencylocal     5                            set        restart qmail-send
out: concurrencyremote    (unreadable)                 unreadable restart qmail-send
out: concurrencylocal     5                            set        restart qmail-send
out: concurrencyremote    (unreadable)                 unreadable restart qmail-send
out: me                   mx.example.org               set        restart qmail-send
out: rcpthosts            example.org                  set        next connection
err: qctl-show: warning: unable to read home/control/concurrencyremote: No such file or directory
err: qctl-show: warning: unable to read home/control/concurrencyremote: No such file or directory
exit: 0
T
ln -s loop home/control/loop
perl -MIO::Socket::UNIX -e \
  'IO::Socket::UNIX->new(Local => "home/control/socket", Listen => 1) or die'
if truncate -s 1G home/control/core 2>/dev/null; then ok 'a large file'
else ok 'a large file # SKIP no truncate(1)'; fi
try 'within qctl-get me; within qctl-show concurrencylocal | sed "s/  .*//"' <<'T'
out: mx.example.org
out: concurrencylocal
exit: 0
T
finish
