#!/bin/sh
# qctl-set.t - qctl-set: one value, lists, maps, templates; what is refused, and that what was not
# asked for stays as it is.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/control.sh"
bytes() { od -An -c "home/control/$1" | tr -s ' '; }
same() { printf "$2" | cmp - "home/control/$1"; }       # same NAME TEXT

# ---- one value ----
home
try 'qctl-set concurrencyremote 50; bytes concurrencyremote; qctl-set concurrencyremote 50;
  qctl-set smtpgreeting "mx.example.org hello"; qctl-set --unset concurrencyremote;
  qctl-get concurrencyremote; ls home/control' <<'T'
out: restart qmail-send: concurrencyremote
out:  5 0 \n
out: in force from the next connection on: smtpgreeting
out: restart qmail-send: concurrencyremote
out: 20
out: me
out: rcpthosts
out: smtpgreeting
exit: 0
T
try 'qctl-set doublebounceto ""; bytes doublebounceto; qctl-get doublebounceto;
  qctl-set --unset doublebounceto; qctl-set --unset doublebounceto;
  qctl-set --home home me host.example.org; qctl-get me' <<'T'
out: restart qmail-send: doublebounceto
out:  \n
out: 
out: restart qmail-send: doublebounceto
out: restart qmail-send: me
out: host.example.org
err: qctl-set: warning: doublebounceto: line 1: is empty: qmail takes the empty string,
...:  not its default
exit: 0
T
# Seconds as people say them; no other number, and nothing that is no time.
try 'for value in 5d 36h 15M 2w 90s 90; do qctl-set queuelifetime $value >/dev/null;
  cat home/control/queuelifetime; done; qctl-set timeoutsmtpd 10m; qctl-set --template t \
  timeoutremote 20m; cat home/control/timeoutsmtpd home/qqtools/templates/t/timeoutremote' <<'T'
out: 432000
out: 129600
out: 900
out: 1209600
out: 90
out: 90
out: in force from the next connection on: timeoutsmtpd
out: 600
out: 1200
exit: 0
T
try 'for value in 5x 5dd d -5d 9999w; do say qctl-set -- queuelifetime $value; done 2>&1 |
    grep -v fatal; say qctl-set databytes 5m; qctl-set bouncefrom 5d;
  cat home/control/bouncefrom' <<'T'
out: qctl-set: error: queuelifetime: line 1: "5x" is not a number: qmail reads only the digits at
...:  its beginning, 5
out: qctl-set: warning: queuelifetime: line 1: 5 seconds are out of range,
...:  expected 60 to 2147483647
out: code 100
out: qctl-set: error: queuelifetime: line 1: "5dd" is not a number: qmail reads only the digits at
...:  its beginning, 5
out: qctl-set: warning: queuelifetime: line 1: 5 seconds are out of range,
...:  expected 60 to 2147483647
out: code 100
out: qctl-set: error: queuelifetime: line 1: "d" does not begin with a digit: qmail ignores it,
...:  and the default counts: 604800
out: code 100
out: qctl-set: error: queuelifetime: line 1: "-5d" does not begin with a digit: qmail ignores it,
...:  and the default counts: 604800
out: code 100
out: qctl-set: error: queuelifetime: line 1: 6047395200 is too large: it wraps to 1752427904
out: code 100
out: restart qmail-send: bouncefrom
out: 5d
err: qctl-set: error: databytes: line 1: "5m" is not a number: qmail reads only the digits at its
...:  beginning, 5
err: qctl-set: fatal: 1 error: nothing was changed
err: code 100
exit: 0
T
home; qctl-set bouncefrom 5d >/dev/null; qctl-set --unset bouncefrom >/dev/null
live >before; history >past
try 'for value in 12abc " 12" 0x10 "" -5 4294967306 99999999999999999999; do
  say qctl-set -- databytes "$value"; done' <<'T'
err: qctl-set: error: databytes: line 1: "12abc" is not a number: qmail reads only the digits at its
...:  beginning, 12
err: qctl-set: fatal: 1 error: nothing was changed
err: code 100
err: qctl-set: error: databytes: line 1: " 12" does not begin with a digit: qmail ignores it,
...:  and the default counts: 0
err: qctl-set: fatal: 1 error: nothing was changed
err: code 100
err: qctl-set: error: databytes: line 1: "0x10" is not a number: qmail reads only the digits at its
...:  beginning, 0
err: qctl-set: fatal: 1 error: nothing was changed
err: code 100
err: qctl-set: error: databytes: line 1: "" does not begin with a digit: qmail ignores it,
...:  and the default counts: 0
err: qctl-set: fatal: 1 error: nothing was changed
err: code 100
err: qctl-set: error: databytes: line 1: "-5" does not begin with a digit: qmail ignores it,
...:  and the default counts: 0
err: qctl-set: fatal: 1 error: nothing was changed
err: code 100
err: qctl-set: error: databytes: line 1: 4294967306 is too large: it wraps to 10
err: qctl-set: fatal: 1 error: nothing was changed
err: code 100
err: qctl-set: error: databytes: line 1: 99999999999999999999 is too large: it wraps to 1661992959
err: qctl-set: fatal: 1 error: nothing was changed
err: code 100
exit: 0
T
try 'say qctl-set me host; say qctl-set me ""; say qctl-set helohost "a b";
  say qctl-set helohost " a.example"; say qctl-set helohost "#a.example";
  qctl-set bouncefrom "# x"' <<'T'
err: qctl-set: error: me: line 1: "host" is not a full host name: it has no domain
err: qctl-set: fatal: 1 error: nothing was changed
err: code 100
err: qctl-set: error: me: line 1: is empty: this host has no name
err: qctl-set: fatal: 1 error: nothing was changed
err: code 100
err: qctl-set: error: helohost: line 1: "a b" is not a host name; qmail uses it as it is
err: qctl-set: fatal: 1 error: nothing was changed
err: code 100
err: qctl-set: error: helohost: line 1: begins with a blank, which qmail takes as part of it
err: qctl-set: fatal: 1 error: nothing was changed
err: code 100
err: qctl-set: error: helohost: line 1: begins with #: this file has no comments, and qmail takes
...:  the line as it is
err: qctl-set: fatal: 1 error: nothing was changed
err: code 100
err: qctl-set: error: bouncefrom: line 1: begins with #: this file has no comments, and qmail takes
...:  the line as it is
err: qctl-set: fatal: 1 error: nothing was changed
exit: 100
T
try 'say qctl-set --unset me; qctl-set --unset rcpthosts' <<'T'
err: qctl-set: error: me: is missing: this host has no name, and most programs refuse to work
err: qctl-set: fatal: 1 error: nothing was changed
err: code 100
err: qctl-set: error: rcpthosts: is missing: an open relay,
...:  this server takes mail from anybody to anywhere; an empty one takes none
err: qctl-set: fatal: 1 error: nothing was changed
exit: 100
T
check 'what is refused changes nothing' as_before
history >now; check 'and is not in the history' diff past now
# What may be meant is done, and warned about.
try 'qctl-set concurrencylocal 0; qctl-set concurrencylocal 300; qctl-set helohost ""' <<'T'
out: restart qmail-send: concurrencylocal
out: restart qmail-send: concurrencylocal
out: in force from the next delivery on: helohost
err: qctl-set: warning: concurrencylocal: line 1: 0 keeps all mail of this channel waiting
err: qctl-set: warning: concurrencylocal: line 1: 300 is more than the 120 that most qmails are
...:  built for (conf-spawn), and then counts as that; bin/qmail-showctl cannot be asked
err: qctl-set: warning: helohost: line 1: is empty: qmail takes the empty string, not its default
exit: 0
T
# One value is one line.
check 'a value of two lines is refused' sh -c \
  'qctl-set helohost "$(printf "a.example\nb.example")"; [ $? = 100 ]'
check 'and so is an entry of two' sh -c \
  'qctl-set badmailfrom --add "$(printf "@a.example\n@b.example")"; [ $? = 100 ] &&
    ! qctl-get badmailfrom'

# ---- lists ----
home; file rcpthosts '# ours\nexample.org  \n\n.example.org\n# end'
try 'qctl-set rcpthosts --add example.net; bytes rcpthosts' <<'T'
out: in force from the next connection on: rcpthosts
out:  # o u r s \n e x a m p l e . o
out:  r g \n \n . e x a m p l e . o
out:  r g \n # e n d \n e x a m p l e
out:  . n e t \n
exit: 0
T
try 'qctl-set rcpthosts --add example.net --add EXAMPLE.ORG --add a.example --add a.example;
  cat home/control/rcpthosts' <<'T'
out: in force from the next connection on: rcpthosts
out: # ours
out: example.org  
out: 
out: .example.org
out: # end
out: example.net
out: a.example
exit: 0
T
try 'qctl-set rcpthosts --remove example.net --remove Example.Org --remove nothere.example;
  cat home/control/rcpthosts' <<'T'
out: in force from the next connection on: rcpthosts
out: # ours
out: 
out: .example.org
out: # end
out: a.example
err: qctl-set: warning: rcpthosts has no entry "nothere.example"
exit: 0
T
live >before
try 'qctl-set rcpthosts --remove nothere.example --add A.example;
  qctl-set rcpthosts --add "# x" 2>&1 | head -n 1; history' <<'T'
out: qctl-set: fatal: rcpthosts: "# x" given, expected an entry, not an empty line or a comment
out: 1 2 3 
err: qctl-set: warning: rcpthosts has no entry "nothere.example"
exit: 0
T
try 'qctl-set rcpthosts b.example c.example; cat home/control/rcpthosts; qctl-set rcpthosts "";
  bytes rcpthosts; qctl-set rcpthosts --add d.example --remove d.example; bytes rcpthosts' <<'T'
out: in force from the next connection on: rcpthosts
out: b.example
out: c.example
out: in force from the next connection on: rcpthosts
exit: 0
T
# A file that begins with an empty line; several; no newline at the end; comments and blanks; CRs.
# Edit TEXT OPTION ...
edit() { home; file rcpthosts "$1"; shift; within qctl-set rcpthosts "$@" >"$T/edited" 2>&1; }
for text in '\n' '\n\n' '\na.example\n' '\n\n\na.example' ' \n'; do
  edit "$text" --add b.example
  check "add to $text" sh -c 'qctl-get rcpthosts | grep -c ^b.example >n; [ $(cat n) = 1 ]'
  edit "$text" --remove a.example
  check "remove from $text" sh -c '! qctl-get rcpthosts | grep ^a.example'
done
edit 'a.example' --add b.example
check 'a missing newline is made up for' same rcpthosts 'a.example\nb.example\n'
edit 'a.example\n# b.example\n\nx.example\t\nb.example\t \nB.EXAMPLE' --remove b.example
check 'all of them go, and nothing else' same rcpthosts 'a.example\n# b.example\n\nx.example\t\n'
edit '#a\nb.example\n#a' --remove '#a'
check 'a comment is no entry' same rcpthosts '#a\nb.example\n#a'
edit 'b.example\n' --add 'c.example '; edit2=$(wc -l <home/control/rcpthosts)
qctl-set rcpthosts --add 'c.example ' >/dev/null 2>&1
check 'a blank behind it makes no second entry' test "$(wc -l <home/control/rcpthosts)" = "$edit2"
for entry in '' '#x.example'; do
  edit 'b.example\n' --add "$entry" 2>/dev/null
  check "an entry that qmail does not see is refused: <$entry>" same rcpthosts 'b.example\n'
done
# What is not there, and stands for something: me for locals, every domain for rcpthosts.
home
try 'qctl-set locals --add b.example; cat home/control/locals; qctl-set --unset locals;
  qctl-set locals --remove mx.example.org; qctl-get locals; ls home/control;
  qctl-set --unset locals' <<'T'
out: HUP qmail-send: locals
out: mx.example.org
out: b.example
out: HUP qmail-send: locals
out: HUP qmail-send: locals
out: locals
out: me
out: rcpthosts
out: HUP qmail-send: locals
err: qctl-set: warning: me: line 1: "mx.example.org" is neither in locals nor in virtualdomains:
...:  mail for this host, such as double bounces, is sent elsewhere
exit: 0
T
home; live >before
try 'qctl-set locals --remove b.example' <<'T'
err: qctl-set: warning: locals has no entry "b.example"
exit: 0
T
check 'taking out what is not there makes no file' as_before
home; rm home/control/rcpthosts; live >before
try 'qctl-set rcpthosts --remove b.example; qctl-set badmailfrom --remove b.example;
  qctl-set virtualdomains --remove b.example' <<'T'
err: qctl-set: warning: rcpthosts has no entry "b.example"
err: qctl-set: warning: badmailfrom has no entry "b.example"
err: qctl-set: warning: virtualdomains has no entry "b.example"
exit: 0
T
check 'not one that stops all mail either' as_before
try 'qctl-set rcpthosts --add example.net; qctl-get rcpthosts' <<'T'
out: in force from the next connection on: rcpthosts
out: example.net
exit: 0
T
# Its cdb can only be made of it afterwards.
home
check 'morercpthosts can be set before there is its cdb' sh -c \
  'qctl-set morercpthosts --add b.example && [ "$(qctl-get morercpthosts)" = b.example ]'
: >home/control/morercpthosts.cdb
touch -d '2026-11-20 12:00' home/control/morercpthosts.cdb
file morercpthosts 'c.example\n'; touch -d '2026-11-20 13:00' home/control/morercpthosts
check 'and again when it is newer than it' sh -c \
  'qctl-set morercpthosts --add d.example && [ "$(qctl-get morercpthosts | wc -l)" = 2 ]'
# One error at a time.
edit 'a_b.example\nc_d.example\nok.example\n' --remove a_b.example
check 'one of two wrong lines can be taken out' same rcpthosts 'c_d.example\nok.example\n'

# ---- maps ----
home; file virtualdomains 'a.example:alice\n# B\nB.example:bob\nb.example:bert\n:all\n.c.example:\n'
try 'qctl-set virtualdomains --add b.EXAMPLE:new; cat home/control/virtualdomains;
  qctl-set virtualdomains --add :none --remove a.example --remove .c.example:;
  cat home/control/virtualdomains' <<'T'
out: HUP qmail-send: virtualdomains
out: a.example:alice
out: # B
out: :all
out: .c.example:
out: b.EXAMPLE:new
out: HUP qmail-send: virtualdomains
out: # B
out: b.EXAMPLE:new
out: :none
exit: 0
T
try 'qctl-set virtualdomains --remove b.example:old; qctl-set virtualdomains --remove "";
  cat home/control/virtualdomains; qctl-set virtualdomains --add plain' <<'T'
out: HUP qmail-send: virtualdomains
out: # B
out: b.EXAMPLE:new
err: qctl-set: warning: virtualdomains has no entry "b.example:old"
err: qctl-set: error: virtualdomains: line 3: "plain" has no colon: qmail ignores the line
err: qctl-set: fatal: 1 error: nothing was changed
exit: 100
T
# What counts afterwards is what was asked for.
home; file virtualdomains 'a.example:one\na.example:two\n'
check 'a line that a later one overrides' sh -c \
  'qctl-set virtualdomains --add a.example:one && ! grep two home/control/virtualdomains &&
    [ "$(grep -c one home/control/virtualdomains)" = 1 ]'
home; file authsenders 'a@example.org:relay.example|me|secret\n'
check 'a value that differs in case' sh -c \
  "qctl-set authsenders --add 'a@example.org:relay.example|me|SECRET' >/dev/null &&
    [ \"\$(cat home/control/authsenders)\" = 'a@example.org:relay.example|me|SECRET' ]"

# ---- all or nothing, and what is kept ----
home; file databytes '5\n'; chmod 0600 home/control/databytes; live >before
try 'qctl-set --dry-run databytes 6;
  qctl-set --dry-run rcpthosts --add b.example --remove example.org; qctl-set --dry-run databytes 5;
  qctl-set --dry-run databytes x' <<'T'
out: databytes (next connection)
out:   - 5
out:   + 6
out: in force from the next connection on: databytes
out: rcpthosts (next connection)
out:   - example.org
out:   + b.example
out: in force from the next connection on: rcpthosts
err: qctl-set: error: databytes: line 1: "x" does not begin with a digit: qmail ignores it,
...:  and the default counts: 0
err: qctl-set: fatal: 1 error: nothing was changed
exit: 100
T
check 'a dry run changes nothing' as_before
check 'and makes nothing' sh -c '[ ! -e home/qqtools ]'
if am_root; then chown 7791:2107 home/control/databytes; fi
was=$(stat -c '%a %u %g' home/control/databytes)
check 'owner and mode are kept' sh -c \
  'qctl-set databytes 6 && [ "$(stat -c "%a %u %g" home/control/databytes)" = "$0" ] &&
    [ "$(stat -c %a home/control/me)" = 644 ]' "$was"
check 'a new file is for everybody to read' sh -c \
  'umask 077; qctl-set databytes 6; qctl-set timeoutremote 600 &&
    [ "$(stat -c %a home/control/timeoutremote)" = 644 ]'
check 'and so is the history' sh -c '[ -z "$(find home/qqtools -type d ! -perm -005)" ]'
ln -s ../nowhere home/control/concurrencyremote; live >before
try 'qctl-set concurrencyremote 8' <<'T'
err: qctl-set: fatal: unable to read home/control/concurrencyremote: No such file or directory
exit: 111
T
check 'a link that leads nowhere stays' as_before
home; mkdir home/control/databytes; mkfifo home/control/queuelifetime; live >before
for name in databytes queuelifetime; do check "$name that is no file is refused" sh -c \
  'timeout 10 qctl-set $0 600; [ $? != 0 ] && [ $? != 124 ]' $name; done
check 'and stays' as_before
check 'and nothing hangs on it' sh -c 'qctl-get me && qctl-set concurrencylocal 5'
check 'no temporary file stays' clean

# ---- templates ----
home
try 'qctl-set --template own concurrencylocal 5; qctl-set --template own --unset databytes;
  qctl-set --template own rcpthosts ""; cd home/qqtools/templates/own && wc -c *' <<'T'
out: 2 concurrencylocal
out: 0 databytes
out: 1 rcpthosts
out: 3 total
exit: 0
T
try 'qctl-set --template own rcpthosts --add a.example --add b.example;
  qctl-set --template own locals --add c.example;
  cat home/qqtools/templates/own/rcpthosts home/qqtools/templates/own/locals; qctl-diff own' <<'T'
out: a.example
out: b.example
out: mx.example.org
out: c.example
out: concurrencylocal (restart qmail-send)
out:   - (no file)
out:   + 5
out: locals (HUP qmail-send)
out:   - (no file)
out:   + mx.example.org
out:   + c.example
out: rcpthosts (next connection)
out:   - example.org
out:   + a.example
out:   + b.example
out: restart qmail-send: concurrencylocal
out: HUP qmail-send: locals
out: in force from the next connection on: rcpthosts
exit: 1
T
live >before
try 'qctl-set --template own concurrencylocal x; qctl-set --template own concurrencylocal 5;
  qctl-set --template aggressive concurrencylocal 5 2>&1 | sed "s|copy [^ ]*/|copy |";
  qctl-set --template own --dry-run concurrencylocal 6;
  cat home/qqtools/templates/own/concurrencylocal' <<'T'
out: qctl-set: fatal: the template "aggressive" is a shipped one:
...:  copy aggressive to home/qqtools/templates, under another name, and change that
out: concurrencylocal (restart qmail-send)
out:   - 5
out:   + 6
out: 5
err: qctl-set: error: concurrencylocal: line 1: "x" does not begin with a digit: qmail ignores it,
...:  and the default counts: 10
err: qctl-set: fatal: 1 error: nothing was changed
exit: 0
T
check 'live files are not touched' as_before
check 'nor is there a history' test "$(history)" = "$(printf '\n')"
try 'qctl-set --template own --apply concurrencylocal 6; qctl-get concurrencylocal; qctl-list;
  history' <<'T'
out: restart qmail-send: concurrencylocal
out: HUP qmail-send: locals
out: in force from the next connection on: rcpthosts
out: 6
out:   aggressive (shipped)
out:   default (shipped)
out:   improved (shipped)
out: * own
out: 1 
exit: 0
T
live >before
try 'qctl-set --template own --apply --dry-run concurrencylocal 7' <<'T'
out: concurrencylocal (restart qmail-send)
out:   - 6
out:   + 7
out: restart qmail-send: concurrencylocal
exit: 0
T
check 'a dry run' as_before
# The template says locals is not to be there: then it is me that an entry is added to.
template two locals ''; file locals 'live.example\n'
check 'what the template says counts, not what is live' sh -c \
  'qctl-set --template two locals --add x.example && printf "mx.example.org\nx.example\n" |
    cmp - home/qqtools/templates/two/locals'
# It may hold more than settings.
template three databytes '5\n'; mkdir home/qqtools/templates/three/.git
echo x >home/qqtools/templates/three/.git/config
qctl-set --template three databytes 6; qctl-save four me
check 'a template under version control can be changed' sh -c \
  '[ "$(cat home/qqtools/templates/three/databytes)" = 6 ] &&
    [ "$(cat home/qqtools/templates/three/.git/config)" = x ]'
check 'and others can be made' test -s home/qqtools/templates/four/me
check 'no temporary directory stays' clean
# Refused as a whole.
home; template bad databytes '12x\n'; live >before; find home/qqtools | sort >found
check '--apply of a template with errors' sh -c \
  'qctl-set --template bad --apply concurrencylocal 5; [ $? = 100 ]'
check 'the live files are as they were' as_before
check 'and the template' sh -c \
  'find home/qqtools -path "*/templates*" | sort >now; grep /templates found | diff - now'
# A certificate is not for printing, but it is a file like others.
home; file servercert.pem 'CERTIFICATE\n'; chmod 640 home/control/servercert.pem
qctl-save own servercert.pem; live >before; live -i | grep servercert >inode
try 'qctl-set --template own --apply concurrencylocal 5' <<'T'
out: restart qmail-send: concurrencylocal
exit: 0
T
live -i | grep servercert >now
check 'the same certificate is not touched' diff inode now
qctl-undo >/dev/null
check 'and undoing does not lose it' as_before
finish
