#!/bin/sh
# qctl-check.t - what qctl-check says of keys and values, of files compared with each other, and of
# open relays; and that qctl-set, qctl-apply and qctl-undo do not open one.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/control.sh"
# A home that nothing is found in.
sound() {
  home; file rcpthosts 'mx.example.org\n'; mkdir home/users home/bin
  rm -rf post; mkdir post; chmod 755 post
  for prefix in shop- 1-; do echo "+$prefix:nobody:65534:65534:$T/post:-::"; done >home/users/assign
  printf '=postmaster:nobody:65534:65534:%s:::\n.\n' "$T/post" >>home/users/assign; qusers-compile
}
lines() { qctl-check | sed 's/\(line [0-9]*\): .*/\1/'; }     # without the words
sound; check 'nothing is found' qctl-check

# ---- domains; underscores are in some of them, and are nothing to qmail ----
sound; file locals 'mx.example.org\nmy_shop.example\n'
file rcpthosts 'mx.example.org\nmy_shop.example\n.in_dia.example\n'
file virtualdomains 'a.in_dia.example:1\n'
check 'underscores in every list' qctl-check
sound; file rcpthosts 'mx.example.org\nm\303\274nchen.example\nshop.example.\nb.example c.example
@d.example
joe@e.example\n*.f.example\n'
file locals 'mx.example.org\nshop.example.\n'; file smtproutes 'm\303\274nchen.example:r:0587
shop.example.:r\n'
try 'qctl-check | grep "^error"' <<'T'
out: error: locals: line 2: "shop.example." is not a domain as addresses have it: leave out the dot
...:  at its end
out: error: rcpthosts: line 2: "münchen.example" is not a domain as mail has it: write its form with
...:  xn--, which idn2(1) prints
out: error: rcpthosts: line 3: "shop.example." is not a domain as addresses have it: leave out the
...:  dot at its end
out: error: rcpthosts: line 4: "b.example c.example" is not a domain: there is a blank in it, and
...:  each domain needs a line of its own
out: error: rcpthosts: line 5: "@d.example" is not a domain: leave out the @, and what is in front
...:  of it
out: error: rcpthosts: line 6: "joe@e.example" is not a domain: leave out the @, and what is in
...:  front of it
out: error: rcpthosts: line 7: "*.f.example" is not a domain: for what is below one, write a dot in
...:  front, and no asterisk
out: error: smtproutes: line 1: "münchen.example" is not a domain as mail has it: write its form
...:  with xn--, which idn2(1) prints
out: error: smtproutes: line 2: "shop.example." is not a domain as addresses have it: leave out the
...:  dot at its end
exit: 0
T
# An editor's UTF-16: no line of it is what it looks like.
sound; printf 'mx.example.org\nshop.example\n' | iconv -t UTF-16 >home/control/rcpthosts
try 'qctl-check | grep "^error"' <<'T'
out: error: rcpthosts: is in UTF-16, which qmail cannot read: save it as plain text, in UTF-8
...:  without a byte order mark
exit: 0
T

# ---- virtualdomains ----
sound
file virtualdomains '\357\273\277a.example:1\nb.example :1\nc.example: 1\n*.d.example:1
@e.example:1
http://f.example:1\ng.example:joe@far.example\nh.example;1\ni.example:1-\n'
printf '%s.example\n' a b c d e f g h i >>home/control/rcpthosts
try 'qctl-check | grep "^[a-z]*: virtualdomains" | grep -v nobody' <<'T'
out: error: virtualdomains: line 1: begins with a byte order mark, which qmail takes as part of the
...:  line
out: error: virtualdomains: line 2: "b.example " ends with a blank before the colon, which qmail
...:  takes as part of it
out: error: virtualdomains: line 3: the prefix " 1" begins with a blank, which qmail takes as part
...:  of it
out: error: virtualdomains: line 4: "*.d.example" is not a domain: for what is below one, write a
...:  dot in front, and no asterisk
out: error: virtualdomains: line 5: "@e.example" is not an address: for all of a domain, leave out
...:  the @
out: error: virtualdomains: line 6: "//f.example:1" is not a prefix, which is a name that qmail puts
...:  before the address, with a dash between
out: error: virtualdomains: line 7: "joe@far.example" is not a prefix, which is a name that qmail
...:  puts before the address, with a dash between
out: error: virtualdomains: line 8: "h.example;1" has no colon: qmail ignores the line
out: warning: virtualdomains: line 9: the prefix "1-" ends with a dash, and qmail adds another
exit: 0
T
# What an address can have: a user, what is below a domain, everything, an exception, an address.
sound; file virtualdomains 'A.example:1\njoe@far.example:1\n.b.example:1\nc.b.example:\n:1
[192.0.2.1]:1
my_shop:1\nshop.example:shop\n'
printf '%s\n' a.example .b.example shop.example >>home/control/rcpthosts
check 'keys as they should be' qctl-check
for entry in 'x.example :1' '@x.example:1' '*.x.example:1' 'x.example: 1' 'x.example.:1' 'a b:1' \
  'http://x.example:1' 'joe@:1' '-x.example:1'; do
  check "qctl-set does not add $entry" sh -c \
    'qctl-set --add "$0" virtualdomains 2>said; [ $? = 100 ] && grep -c error: said' "$entry"
done

# An address in brackets is what qmail looks for where mail is for one (qmail-send.c:rewrite).
sound; file locals 'mx.example.org\n[192.0.2.1]\n[IPv6:2001:db8::1]\n'
file rcpthosts 'mx.example.org\n[192.0.2.1]\n'
check 'addresses in brackets are domains' qctl-check
for entry in '[192.0.2.1' '192.0.2.1]' '[]' '[192.0.2.1]x'; do
  check "$entry is none" sh -c 'qctl-set --add "$0" locals 2>said; [ $? = 100 ]' "$entry"
done
# Days were meant.
sound; file queuelifetime '5\n'; file timeoutremote '0\n'
try 'qctl-check; file queuelifetime "60\n"; qctl-check | grep -c queuelifetime' <<'T'
out: warning: queuelifetime: line 1: 5 seconds are out of range, expected 60 to 2147483647
out: warning: timeoutremote: line 1: 0 seconds are out of range, expected 1 to 2147483647
out: 0
exit: 1
T

# ---- smtproutes ----
sound
file smtproutes ':r;25\na.example:r:587 user word\nb.example:2001:db8::1\nc.example:[2001:db8::1]:26
d.example: r\ne.example:r:smtp\n*.f.example:r\n@g.example:r\nh.example :r\ni.example:r:0
j.example:a/b
k.example:[192.0.2.1\nl.example:r:70000\nm.example:r|user|word\n!@:r\n'
try 'qctl-check' <<'T'
out: warning: smtproutes: line 1: "r;25" has a semicolon, which only s/qmail takes as the beginning
...:  of a port: others look for a host of that name
out: warning: smtproutes: line 2: "r:587" has more than a relay and a port: a qmail-remote without a
...:  patch for that does not log in
out: error: smtproutes: line 3: "2001:db8::1" is an IPv6 address without brackets: qmail takes what
...:  follows the first colon as the port
out: warning: smtproutes: line 4: "[2001:db8::1]:26" has an IPv6 address, which qmail-remote cannot
...:  reach without a patch for them
out: error: smtproutes: line 5: the relay " r" begins with a blank, which qmail takes as part of it
out: error: smtproutes: line 6: "smtp" is not a port, which is a number from 1 to 65535
out: error: smtproutes: line 7: "*.f.example" is not a domain: for what is below one, write a dot in
...:  front, and no asterisk
out: error: smtproutes: line 8: "@g.example" is not a domain: leave out the @, and what is in front
...:  of it
out: error: smtproutes: line 9: "h.example " ends with a blank before the colon, which qmail takes
...:  as part of it
out: error: smtproutes: line 10: "0" is not a port, which is a number from 1 to 65535
out: error: smtproutes: line 11: "a/b" is neither the name nor the address of a host
out: error: smtproutes: line 12: "[192.0.2.1" is neither the name nor the address of a host
out: error: smtproutes: line 13: "70000" is not a port, which is a number from 1 to 65535
out: warning: smtproutes: line 14: "r" has more than a relay and a port: a qmail-remote without a
...:  patch for that does not log in
out: error: smtproutes: line 15: "!@" is not a domain
exit: 1
T
sound; file smtproutes ':r\na.example:\n.b.example:r.example:587\n[192.0.2.9]:[192.0.2.1]
c.example:192.0.2.1:25
d_e.example:[192.0.2.1]:25\nF.EXAMPLE:f_g\n'
check 'routes as they should be' qctl-check
# The program is asked what it knows.
sound; file smtproutes ':r;25\na.example:r;587|user|word\nb.example:2001:db8::1\n!@:r
c.example:r;x\nd.example:r:25\n'
printf '\0control/tlsdestinations\0' >home/bin/qmail-remote
try 'qctl-check' <<'T'
out: error: smtproutes: line 5: "x" is not a port, which is a number from 1 to 65535
out: warning: smtproutes: line 6: "r:25" has a colon, but s/qmail takes a port after a semicolon,
...:  and looks for a host of that name
exit: 1
T
sound; file smtproutes ':r:587|user|word\na.example:[2001:db8::1]\nb.example:r;25\n'
printf 'AUTH LOGIN\0inet_pton\0' >home/bin/qmail-remote
try lines <<'T'
out: warning: smtproutes: line 3
exit: 0
T

# ---- badmailfrom ----
sound
file badmailfrom 'joe@a.example\n@b.example\n.*@c\\.example$\n!d@d.example\nspam@\n*@e.example
f.example
@.g.example\n@[192.0.2.1]\n@m\374nchen.example\n@my_shop.example\nbounce+x=y.example@h.example
 @i.example\n'
try 'lines; qctl-check | head -n 1; qctl-check | grep "line 13"' <<'T'
out: warning: badmailfrom: line 3
out: warning: badmailfrom: line 4
out: warning: badmailfrom: line 5
out: warning: badmailfrom: line 6
out: warning: badmailfrom: line 7
out: warning: badmailfrom: line 8
out: error: badmailfrom: line 13
out: warning: badmailfrom: line 3: ".*@c\.example$" matches no sender unless qmail-smtpd has a patch
...:  for patterns: what counts is user@domain or @domain
out: error: badmailfrom: line 13: begins with a blank, which qmail takes as part of it
exit: 0
T
for sign in regexec control/badloadertypes; do
  printf 'x\0%s\0' "$sign" >home/bin/qmail-smtpd
  try 'lines' <<'T'
out: error: badmailfrom: line 13
exit: 0
T
done
file badmailfrom '\357\273\277@a.example\n@b.example\n'
try lines <<'T'
out: error: badmailfrom: line 1
exit: 0
T
# Of what is no list it is told, too.
sound; file me '\357\273\277mx.example.org\n'; file locals 'mx.example.org\n'
try 'qctl-check | grep mark' <<'T'
out: error: me: line 1: begins with a byte order mark, which qmail takes as part of the line
exit: 0
T

# ---- a domain that is in one file only ----
sound; file locals 'mx.example.org\nlocal.example\nlocalhost\nlocalhost.localdomain\n'
file rcpthosts 'mx.example.org\ntaken.example\n.below.example\nrouted.example\n.up.example
v.example\n'
file virtualdomains 'virtual.example:1\na.up.example:1\nv.example:1\nelsewhere.example:\nfax:1
joe@far.example:1\n'
file smtproutes ':smart.example\nrouted.example:inner.example\n'
try 'qctl-check' <<'T'
out: warning: rcpthosts: line 2: "taken.example" is neither in locals nor in virtualdomains: its
...:  mail is taken and sent on, as a backup MX does
out: warning: rcpthosts: line 3: ".below.example" is neither in locals nor in virtualdomains: its
...:  mail is taken and sent on, as a backup MX does
out: warning: locals: line 2: "local.example" is not in rcpthosts: SMTP takes no mail for it,
...:  except from clients that may relay
out: warning: virtualdomains: line 1: "virtual.example" is not in rcpthosts: SMTP takes no mail for
...:  it, except from clients that may relay
exit: 1
T
# morercpthosts counts; what is not known is not spoken of.
file morercpthosts 'LOCAL.example\n.example\nmore.example.net\n'; file morercpthosts.cdb ''
try 'lines | grep -v "morercpthosts: is"' <<'T'
out: error: morercpthosts: line 2
out: warning: rcpthosts: line 2
out: warning: rcpthosts: line 3
out: warning: morercpthosts: line 3
exit: 0
T
rm home/control/morercpthosts
try 'lines | grep "line"' <<'T'
out: warning: rcpthosts: line 2
out: warning: rcpthosts: line 3
exit: 0
T
# All that virtualdomains takes; a template, and what it would bring.
sound; file virtualdomains ':1\n'; file rcpthosts 'mx.example.org\na.example\n'
check 'a virtual domain for everything' qctl-check
template two rcpthosts 'b.example\n'; template three virtualdomains ''
try 'qctl-check two; qctl-check three' <<'T'
out: warning: me: line 1: "mx.example.org" is not in rcpthosts: SMTP takes no mail for it,
...:  except from clients that may relay
out: warning: rcpthosts: line 2: "a.example" is neither in locals nor in virtualdomains: its mail is
...:  taken and sent on, as a backup MX does
exit: 1
T
check 'qctl-set does not compare them: one comes before the other' sh -c \
  'qctl-set --add new.example rcpthosts 2>&1 >/dev/null | diff /dev/null -'

# ---- the host itself ----
sound; file locals 'a.example\n'; file rcpthosts 'a.example\n'
try 'qctl-check; qctl-set me mx.example.net; qctl-set --add .example.net:1 virtualdomains;
  qctl-set me mx.example.com; qctl-set --add :r smtproutes; qctl-set me mx.example.org' <<'T'
out: warning: me: line 1: "mx.example.org" is neither in locals nor in virtualdomains: mail for this
...:  host, such as double bounces, is sent elsewhere
out: restart qmail-send: me
out: HUP qmail-send: virtualdomains
out: restart qmail-send: me
out: in force from the next delivery on: smtproutes
out: restart qmail-send: me
err: qctl-set: warning: me: line 1: "mx.example.net" is neither in locals nor in virtualdomains:
...:  mail for this host, such as double bounces, is sent elsewhere
err: qctl-set: warning: me: line 1: "mx.example.com" is neither in locals nor in virtualdomains:
...:  mail for this host, such as double bounces, is sent elsewhere
exit: 0
T

# ---- where double bounces go ----
bounces() { qctl-check | grep double; }
dot_qmail() { echo "$1" >post/.qmail; chmod 644 post/.qmail; }
for instruction in '# nobody' '&joe@far.example' '|exit 0'; do
  sound; dot_qmail "$instruction"
  check "they are delivered, or meant to go: $instruction" qctl-check
done
sound; file doublebouncehost 'far.example\n'
check 'or elsewhere' qctl-check
sound; file doublebounceto '\n'
try 'bounces' <<'T'
out: warning: doublebounceto: line 1: is empty: qmail takes the empty string, not its default
exit: 0
T
sound; file doublebounceto 'shop-nobody\n'
try 'bounces' <<'T'
out: warning: doublebounceto: double bounces go to shop-nobody@mx.example.org, which bounces:
...:  they are lost; qusers-lookup says why
exit: 0
T
sound; rm -r post
try 'bounces' <<'T'
out: warning: doublebounceto: double bounces go to postmaster@mx.example.org, which is deferred:
...:  they wait in the queue; qusers-lookup says why
exit: 0
T
# By way of a forward, to a virtual domain; in a circle, by a forward without a domain.
sound; dot_qmail '&joe@shop.example'; file virtualdomains 'shop.example:shop\n'
echo shop.example >>home/control/rcpthosts
try 'bounces; echo "&postmaster" >post/.qmail; bounces; chmod 666 post/.qmail; bounces;
  echo "|exit 0" >post/.qmail-default; chmod 644 post/.qmail*; echo "joe@shop.example" >post/.qmail;
  bounces' <<'T'
out: warning: doublebounceto: double bounces go to postmaster@mx.example.org and on to
...:  joe@shop.example, which bounces: they are lost; qusers-lookup says why
out: warning: doublebounceto: double bounces go to postmaster@mx.example.org and on to postmaster,
...:  which bounces: they are lost; qusers-lookup says why
out: warning: doublebounceto: double bounces go to postmaster@mx.example.org, which is deferred:
...:  they wait in the queue; qusers-lookup says why
exit: 1
T

# ---- open relays ----
sound; file rcpthosts 'mx.example.org\n.hack.example\n'; file morercpthosts 'more.example\n'
file morercpthosts.cdb ''; file percenthack 'a.hack.example\nMORE.example\nmx.example.org
other.example\n'
file envnoathost 'other.example\n'; file locals 'mx.example.org\n'
file virtualdomains '.hack.example:1\nmore.example:1\n'
try 'qctl-check' <<'T'
out: error: percenthack: line 1: "a.hack.example" is in rcpthosts too: an open relay,
...:  mail to user%host@a.hack.example goes to user@host
out: error: percenthack: line 2: "MORE.example" is in rcpthosts too: an open relay,
...:  mail to user%host@MORE.example goes to user@host
out: error: percenthack: line 3: "mx.example.org" is in rcpthosts too: an open relay,
...:  mail to user%host@mx.example.org goes to user@host
out: error: percenthack: line 4: "other.example" is envnoathost: an open relay,
...:  mail to user%host goes to user%host@other.example, and so to user@host
exit: 1
T
# An empty name is none (for the sanitizers: it has no bytes at all).
file envnoathost ''; file percenthack 'a.example\n'
check 'envnoathost is empty' sh -c '! qctl-check | grep relay'
sound; file percenthack 'inside.example\n'
check 'a domain that SMTP takes no mail for' qctl-check
live >before
template open rcpthosts 'mx.example.org\ninside.example\n'; template com rcpthosts '.com\n'
template me envnoathost 'inside.example\n'
try 'say qctl-set --add inside.example rcpthosts; say qctl-set envnoathost inside.example;
  say qctl-set --add mx.example.org percenthack; say qctl-set --add .com rcpthosts;
  say qctl-set --add .org morercpthosts; say qctl-apply open; say qctl-apply com;
  say qctl-apply me' 2>said <<'T'
err: qctl-set: error: percenthack: line 1: "inside.example" is in rcpthosts too: an open relay,
...:  mail to user%host@inside.example goes to user@host
err: qctl-set: fatal: 1 error: nothing was changed
err: code 100
err: qctl-set: error: percenthack: line 1: "inside.example" is envnoathost: an open relay,
...:  mail to user%host goes to user%host@inside.example, and so to user@host
err: qctl-set: fatal: 1 error: nothing was changed
err: code 100
err: qctl-set: error: percenthack: line 2: "mx.example.org" is in rcpthosts too: an open relay,
...:  mail to user%host@mx.example.org goes to user@host
err: qctl-set: fatal: 1 error: nothing was changed
err: code 100
err: qctl-set: error: rcpthosts: line 2: ".com" is all of a top-level domain: an open relay,
...:  this server takes mail from anybody to there
err: qctl-set: fatal: 1 error: nothing was changed
err: code 100
err: qctl-set: error: morercpthosts: line 1: ".org" is all of a top-level domain: an open relay,
...:  this server takes mail from anybody to there
err: qctl-set: warning: morercpthosts: has no effect: morercpthosts.cdb is missing; run qmail-newmrh
err: qctl-set: fatal: 1 error: nothing was changed
err: code 100
err: qctl-apply: error: percenthack: line 1: "inside.example" is in rcpthosts too: an open relay,
...:  mail to user%host@inside.example goes to user@host
err: qctl-apply: fatal: 1 error: nothing was changed
err: code 100
err: qctl-apply: error: rcpthosts: line 1: ".com" is all of a top-level domain: an open relay,
...:  this server takes mail from anybody to there
err: qctl-apply: fatal: 1 error: nothing was changed
err: code 100
err: qctl-apply: error: percenthack: line 1: "inside.example" is envnoathost: an open relay,
...:  mail to user%host goes to user%host@inside.example, and so to user@host
err: qctl-apply: fatal: 1 error: nothing was changed
err: code 100
exit: 0
T
check 'nothing has changed' as_before
try 'qctl-check open' <<'T'
out: error: percenthack: line 1: "inside.example" is in rcpthosts too: an open relay,
...:  mail to user%host@inside.example goes to user@host
out: warning: rcpthosts: line 2: "inside.example" is neither in locals nor in virtualdomains: its
...:  mail is taken and sent on, as a backup MX does
exit: 1
T
# A relay that is open already can be mended, and changed otherwise; an undo does not open it again.
sound; file rcpthosts 'mx.example.org\n.com\n.net\n'
try 'say qctl-set --add a.example rcpthosts; say qctl-set --remove .com rcpthosts;
  say qctl-undo; qctl-undo --force | head -n 2' <<'T'
out: in force from the next connection on: rcpthosts
out: in force from the next connection on: rcpthosts
out: rcpthosts (next connection)
out:   + .com
err: code 0
err: code 0
err: qctl-undo: error: rcpthosts: line 2: ".com" is all of a top-level domain: an open relay,
...:  this server takes mail from anybody to there
err: qctl-undo: fatal: as it was before, this server would be an open relay;
...:  nothing was changed (--force undoes all the same)
err: code 100
exit: 0
T
finish
