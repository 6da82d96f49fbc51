#!/bin/sh
# qctl-templates.t - qctl-list, -save, -diff, -apply, -undo, -rm: what they say and do.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/control.sh"
without_time() {
  sed 's/  [ 0-9][0-9] [A-Z][a-z]* 20[0-9][0-9] [0-9:]*  /  TIME  /
    s/"when":"[^"]*"/"when":"TIME"/;s/"user":"[^"]*","uid":[0-9]*/"user":"ME","uid":0/'
}
who() { without_time | sed "s/  $(command id -un)  /  ME  /"; }

# ---- absent, empty, and there ----
home; file concurrencylocal '5\n'; file locals ''; file badmailfrom '@a.example\n'
template own concurrencylocal '' locals '\n' badmailfrom '\n' databytes '7\n' percenthack ''
try 'qctl-diff own; qctl-apply --dry-run own; ls home/control; ls home/qqtools' <<'T'
out: badmailfrom (next connection)
out:   - @a.example
out: concurrencylocal (restart qmail-send)
out:   - 5
out:   + (no file)
out: databytes (next connection)
out:   - (no file)
out:   + 7
out: restart qmail-send: concurrencylocal
out: in force from the next connection on: badmailfrom, databytes
out: badmailfrom (next connection)
out:   - @a.example
out: concurrencylocal (restart qmail-send)
out:   - 5
out:   + (no file)
out: databytes (next connection)
out:   - (no file)
out:   + 7
out: restart qmail-send: concurrencylocal
out: in force from the next connection on: badmailfrom, databytes
out: badmailfrom
out: concurrencylocal
out: locals
out: me
out: rcpthosts
out: templates
exit: 0
T
live >before
try 'qctl-apply own; ls home/control; wc -c home/control/badmailfrom home/control/locals;
  qctl-diff own; qctl-list' <<'T'
out: restart qmail-send: concurrencylocal
out: in force from the next connection on: badmailfrom, databytes
out: badmailfrom
out: databytes
out: locals
out: me
out: rcpthosts
out: 0 home/control/badmailfrom
out: 0 home/control/locals
out: 0 total
out:   aggressive (shipped)
out:   default (shipped)
out:   improved (shipped)
out: * own
exit: 0
T
try 'qctl-apply own; history; qctl-undo; history; ls home/control; qctl-list' <<'T'
out: 1 
out: badmailfrom (next connection)
out:   + @a.example
out: concurrencylocal (restart qmail-send)
out:   - (no file)
out:   + 5
out: databytes (next connection)
out:   - 7
out:   + (no file)
out: restart qmail-send: concurrencylocal
out: in force from the next connection on: badmailfrom, databytes
out: 
out: badmailfrom
out: concurrencylocal
out: locals
out: me
out: rcpthosts
out:   aggressive (shipped)
out:   default (shipped)
out:   improved (shipped)
out:   own
exit: 0
T
check 'undone' as_before
try 'qctl-undo; say qctl-undo --force; qctl-undo --list' <<'T'
err: There is no change to undo.
err: There is no change to undo.
err: code 1
exit: 0
T

# ---- what to do about it ----
home; file morercpthosts 'a.example\n'; file morercpthosts.cdb ''
touch -d @1 home/control/morercpthosts
template all concurrencylocal '5\n' locals 'a.example\n' morercpthosts 'b.example\n' logsize '7\n' \
  databytes '8\n' timeoutremote '9\n' idhost 'a.example\n' unheard-of '1\n' queuelifetime '60\n'
try 'qctl-apply all; qctl-apply all' <<'T'
err: qctl-apply: error: unheard-of: is not a known control file, and control/ has none of that name
err: qctl-apply: warning: me: line 1: "mx.example.org" is neither in locals nor in virtualdomains:
...:  mail for this host, such as double bounces, is sent elsewhere
err: qctl-apply: fatal: 1 error: nothing was changed
err: qctl-apply: error: unheard-of: is not a known control file, and control/ has none of that name
err: qctl-apply: warning: me: line 1: "mx.example.org" is neither in locals nor in virtualdomains:
...:  mail for this host, such as double bounces, is sent elsewhere
err: qctl-apply: fatal: 1 error: nothing was changed
exit: 100
T
# One error is enough to refuse all; every one is told.
template bad concurrencylocal '6\n' databytes '12x\n' helohost ' a\n' me '' rcpthosts '' locals \
  'b!d.example\n'
live >before; history >past; qctl-list >list
try 'qctl-apply bad; say qctl-apply --dry-run bad; qctl-check bad' <<'T'
out: error: databytes: line 1: "12x" is not a number: qmail reads only the digits at its beginning,
...:  12
out: error: helohost: line 1: begins with a blank, which qmail takes as part of it
out: error: locals: line 1: "b!d.example" is not a domain
out: error: me: is missing: this host has no name, and most programs refuse to work
out: error: rcpthosts: is missing: an open relay, this server takes mail from anybody to anywhere;
...:  an empty one takes none
out: warning: morercpthosts: has no effect without rcpthosts
err: qctl-apply: error: databytes: line 1: "12x" is not a number: qmail reads only the digits at its
...:  beginning, 12
err: qctl-apply: error: helohost: line 1: begins with a blank, which qmail takes as part of it
err: qctl-apply: error: locals: line 1: "b!d.example" is not a domain
err: qctl-apply: error: me: is missing: this host has no name, and most programs refuse to work
err: qctl-apply: error: rcpthosts: is missing: an open relay,
...:  this server takes mail from anybody to anywhere; an empty one takes none
err: qctl-apply: warning: morercpthosts: has no effect without rcpthosts
err: qctl-apply: fatal: 5 errors: nothing was changed
err: qctl-apply: error: databytes: line 1: "12x" is not a number: qmail reads only the digits at its
...:  beginning, 12
err: qctl-apply: error: helohost: line 1: begins with a blank, which qmail takes as part of it
err: qctl-apply: error: locals: line 1: "b!d.example" is not a domain
err: qctl-apply: error: me: is missing: this host has no name, and most programs refuse to work
err: qctl-apply: error: rcpthosts: is missing: an open relay,
...:  this server takes mail from anybody to anywhere; an empty one takes none
err: qctl-apply: warning: morercpthosts: has no effect without rcpthosts
err: qctl-apply: fatal: 5 errors: nothing was changed
err: code 100
exit: 1
T
qctl-list | diff list - >/dev/null; check 'nothing has changed' as_before; history >now
check 'nor the history' diff past now
check 'a check of a template says what an apply would' sh -c \
  'qctl-check bad | grep rcpthosts && qctl-check bad | grep "me: "'

# ---- nothing to change ----
home; file concurrencylocal '5\n'; template own concurrencylocal '5\n'
template other concurrencylocal '5\n' databytes ''; live -i >inodes
try 'qctl-apply own; qctl-list | grep "*"; qctl-apply other; qctl-list | grep "*"; history;
  qctl-undo' <<'T'
out: * own
out: * other
out: 
err: There is no change to undo.
exit: 1
T
live -i | diff inodes - >now; check 'no file was touched' test ! -s now
try 'qctl-apply --dry-run own; qctl-list | grep "*"; qctl-set concurrencylocal 6;
  qctl-list | grep "*"; qctl-list --json | sed 1,2d; qctl-undo; qctl-list | grep "*"' <<'T'
out: * other
out: restart qmail-send: concurrencylocal
out: * other  live files differ: concurrencylocal
out: {"name":"improved","shipped":true,"in_force":false,"drifted":[]}
out: {"name":"other","shipped":false,"in_force":true,"drifted":["concurrencylocal"]}
out: {"name":"own","shipped":false,"in_force":false,"drifted":[]}
out: concurrencylocal (restart qmail-send)
out:   - 6
out:   + 5
out: restart qmail-send: concurrencylocal
out: * other
exit: 0
T

# ---- differences ----
home; file rcpthosts '# ours\nb.example\na.example\n'; file smtproutes 'a.example:r\n'
file smtpgreeting 'one\ntwo\n'; file helohost ''; file servercert.pem 'secret\n'
template own rcpthosts 'a.example\nc.example\n' smtproutes 'a.example:s\nb.example:\n' \
  smtpgreeting 'three\n' helohost '' servercert.pem 'secret 2\n' bouncefrom '\n'
try 'qctl-diff own' <<'T'
out: bouncefrom (restart qmail-send)
out:   - (no file)
out:   + (an empty file)
out: helohost (next delivery)
out:   - (an empty file)
out:   + (no file)
out: rcpthosts (next connection)
out:   - b.example
out:   + c.example
out: servercert.pem (next connection)
out:   - (a file)
out:   + (a file)
out: smtpgreeting (next connection)
out:   - one
out:   - two
out:   + three
out: smtproutes (next delivery)
out:   - a.example:r
out:   + a.example:s
out:   + b.example:
out: restart qmail-send: bouncefrom
out: in force from the next connection on: rcpthosts, servercert.pem, smtpgreeting
out: in force from the next delivery on: helohost, smtproutes
exit: 1
T
try 'qctl-diff --json own | grep -v servercert' <<'T'
out: {"name":"bouncefrom","before":null,"after":"","effect":"restart qmail-send"}
out: {"name":"helohost","before":"","after":null,"effect":"next delivery"}
out: {"name":"rcpthosts","before":"# ours\nb.example\na.example\n","after":"a.example\nc.example\n",
...: "effect":"next connection"}
out: {"name":"smtpgreeting","before":"one\ntwo\n","after":"three\n","effect":"next connection"}
out: {"name":"smtproutes","before":"a.example:r\n","after":"a.example:s\nb.example:\n",
...: "effect":"next delivery"}
exit: 0
T
check 'no secrets in it' sh -c \
  '! qctl-diff --json own | grep -e secret -e "$(printf secret | base64 | cut -c1-6)"'
template order rcpthosts 'a.example\n\n# changed\nb.example\n'
template same rcpthosts '# ours\nb.example\na.example\n' bouncefrom ''
try 'say qctl-diff order; say qctl-diff same; say qctl-diff own same; say qctl-diff same own;
  qctl-diff own own' <<'T'
out: rcpthosts (next connection)
out:     (the entries are the same; their order or the comments differ)
out: in force from the next connection on: rcpthosts
out: bouncefrom (restart qmail-send)
out:   - (an empty file)
out:   + (no file)
out: rcpthosts (next connection)
out:   - c.example
out:   + b.example
out: servercert.pem (next connection)
out:   - (a file)
out:   + (not mentioned)
out: smtpgreeting (next connection)
out:   - three
out:   + (not mentioned)
out: smtproutes (next delivery)
out:   - a.example:s
out:   - b.example:
out:   + (not mentioned)
out: bouncefrom (restart qmail-send)
out:   - (no file)
out:   + (an empty file)
out: rcpthosts (next connection)
out:   - b.example
out:   + c.example
out: servercert.pem (next connection)
out:   - (not mentioned)
out:   + (a file)
out: smtpgreeting (next connection)
out:   - (not mentioned)
out:   + three
out: smtproutes (next delivery)
out:   - (not mentioned)
out:   + a.example:s
out:   + b.example:
err: code 1
err: code 0
err: code 1
err: code 1
exit: 0
T
try 'qctl-diff --json same own | grep -v servercert; qctl-diff --json same' <<'T'
out: {"name":"bouncefrom","before":null,"after":"","before_mentioned":true,"after_mentioned":true,
...: "effect":"restart qmail-send"}
out: {"name":"rcpthosts","before":"# ours\nb.example\na.example\n","after":"a.example\nc.example\n",
...: "before_mentioned":true,"after_mentioned":true,"effect":"next connection"}
out: {"name":"smtpgreeting","before":null,"after":"three\n","before_mentioned":false,
...: "after_mentioned":true,"effect":"next connection"}
out: {"name":"smtproutes","before":null,"after":"a.example:s\nb.example:\n",
...: "before_mentioned":false,"after_mentioned":true,"effect":"next delivery"}
exit: 0
T
# What the one says is not to be there, and the other says nothing of, is in neither.
try 'qctl-diff default improved | grep -c -e "(not mentioned)" -e bouncefrom' <<'T'
out: 0
exit: 1
T
template less bouncefrom '\n'; template none helohost ''
try 'qctl-diff less none; qctl-diff none none' <<'T'
out: bouncefrom (restart qmail-send)
out:   - (an empty file)
out:   + (not mentioned)
exit: 0
T
rm -r home/qqtools/templates/less home/qqtools/templates/none
# Where they were built, programs find those beside the build directory.
if [ -e /proc/self/exe ]; then
  mkdir -p source/built/bin source/templates/beside
  cp "$BIN/qctl-list" source/built/bin; echo 1 >source/templates/beside/databytes
  try 'unset QQ_TEMPLATES; ./source/built/bin/qctl-list | grep beside; touch source/built/config.h;
    ./source/built/bin/qctl-list | grep -e beside -e improved;
    source/built/bin/qctl-list | wc -l' <<'T'
out:   beside (shipped)
out: 4
exit: 0
T
  rm -r source
fi
if skip_unless_root 'a reader'; then
  try 'nobody qctl-diff own | head -n 2; nobody qctl-list; say nobody qctl-apply own;
    say nobody qctl-apply --dry-run same; say nobody qctl-undo; say nobody qctl-save x;
    nobody qctl-rm own' <<'T'
out: bouncefrom (restart qmail-send)
out:   - (no file)
out:   aggressive (shipped)
out:   default (shipped)
out:   improved (shipped)
out:   order
out:   own
out:   same
err: qctl-apply: fatal: unable to create home/qqtools/history: Permission denied (run it as root)
err: code 111
err: code 0
err: qctl-undo: fatal: unable to create home/qqtools/history: Permission denied (run it as root)
err: code 111
err: qctl-save: fatal: unable to create home/qqtools/history: Permission denied (run it as root)
err: code 111
err: qctl-rm: fatal: unable to create home/qqtools/history: Permission denied (run it as root)
exit: 111
T
fi

# ---- saving ----
home; file locals ''; file doublebounceto '\n'; file databytes '5\n'
file nonsense 'x\n'; file servercert.pem 'key\n'; file spfbehavior '3\n'
file .hidden 'x\n'
try 'qctl-save all; ls home/qqtools/templates/all | tr "\n" " ";
  (cd home/qqtools/templates/all &&
    wc -c me locals doublebounceto databytes concurrencylocal spfbehavior); qctl-diff all;
  qctl-list' <<'T'
out: badmailfrom bouncefrom bouncehost concurrencylocal concurrencyremote databytes defaultdomain
...:  defaulthost doublebouncehost doublebounceto envnoathost helohost idhost localiphost locals me
...:  morercpthosts percenthack plusdomain qmqpservers queuelifetime rcpthosts smtpgreeting
...:  smtproutes spfbehavior timeoutconnect timeoutremote timeoutsmtpd virtualdomains 15 me
out:  1 locals
out:  1 doublebounceto
out:  2 databytes
out:  0 concurrencylocal
out:  2 spfbehavior
out: 21 total
out:   aggressive (shipped)
out:   all
out:   default (shipped)
out:   improved (shipped)
exit: 0
T
try 'qctl-save some databytes concurrencylocal nonsense servercert.pem;
  cd home/qqtools/templates/some && wc -c *' <<'T'
out: 0 concurrencylocal
out: 2 databytes
out: 2 nonsense
out: 4 servercert.pem
out: 8 total
exit: 0
T
echo old >home/qqtools/templates/some/timeoutremote
try 'say qctl-save some me; qctl-save --replace some me databytes; ls home/qqtools/templates/some;
  say qctl-save aggressive; say qctl-save --replace aggressive; qctl-save --replace new me;
  qctl-list' <<'T'
out: databytes
out: me
out:   aggressive (shipped)
out:   all
out:   default (shipped)
out:   improved (shipped)
out:   new
out:   some
err: qctl-save: fatal: there is a template "some": choose another name, or use --replace
err: code 100
err: qctl-save: fatal: the template "aggressive" is a shipped one: choose another name
err: code 100
err: qctl-save: fatal: the template "aggressive" is a shipped one: choose another name
err: code 100
exit: 0
T
check 'no temporary directory stays' clean

# ---- undoing ----
home; template one databytes '1\n'; template two databytes '2\n' concurrencylocal '2\n'
file databytes '0\n'; live >before0
qctl-apply one >/dev/null; live >before1; qctl-apply two >/dev/null; live >before2
qctl-set timeoutremote 60 >/dev/null
try 'qctl-undo --list | who; qctl-undo --list --json | without_time; qctl-undo --dry-run; history;
  qctl-list | grep "*"' <<'T'
out: 3  TIME  ME  qctl-set timeoutremote
out: 2  TIME  ME  qctl-apply two
out: 1  TIME  ME  qctl-apply one
out: {"number":3,"when":"TIME","user":"ME","uid":0,"what":"qctl-set timeoutremote",
...: "template_before":"two","template_after":"two"}
out: {"number":2,"when":"TIME","user":"ME","uid":0,"what":"qctl-apply two","template_before":"one",
...: "template_after":"two"}
out: {"number":1,"when":"TIME","user":"ME","uid":0,"what":"qctl-apply one","template_before":null,
...: "template_after":"one"}
out: timeoutremote (next delivery)
out:   - 60
out:   + (no file)
out: in force from the next delivery on: timeoutremote
out: 1 2 3 
out: * two
exit: 0
T
try 'qctl-undo; live | diff before2 - && qctl-list | grep "*"; qctl-undo;
  live | diff before1 - && qctl-list | grep "*"; qctl-undo --list | who; qctl-undo;
  live | diff before0 - && qctl-list | grep "*"; qctl-undo' <<'T'
out: timeoutremote (next delivery)
out:   - 60
out:   + (no file)
out: in force from the next delivery on: timeoutremote
out: * two
out: concurrencylocal (restart qmail-send)
out:   - 2
out:   + (no file)
out: databytes (next connection)
out:   - 2
out:   + 1
out: restart qmail-send: concurrencylocal
out: in force from the next connection on: databytes
out: * one
out: 1  TIME  ME  qctl-apply one
out: databytes (next connection)
out:   - 1
out:   + 0
out: in force from the next connection on: databytes
err: There is no change to undo.
exit: 1
T
# Edited since.
qctl-apply two >/dev/null; file databytes '3\n'; rm home/control/concurrencylocal
file other.example 'x\n'; live >before
try 'say qctl-undo; say qctl-undo --dry-run; history' <<'T'
out: 1 
err: qctl-undo: fatal: edited since: concurrencylocal, databytes;
...:  nothing was changed (--force undoes all the same)
err: code 100
err: qctl-undo: fatal: edited since: concurrencylocal, databytes;
...:  nothing was changed (--force undoes all the same)
err: code 100
exit: 0
T
check 'refused, nothing changed' as_before
try 'qctl-undo --force; qctl-get databytes; history; ls home/control' <<'T'
out: databytes (next connection)
out:   - 3
out:   + 0
out: in force from the next connection on: databytes
out: 0
out: 
out: databytes
out: me
out: other.example
out: rcpthosts
exit: 0
T
# The same bytes again, or another file beside it, are no edit.
qctl-apply two >/dev/null; cp home/control/databytes copy
cp copy home/control/databytes; file timeoutremote '70\n'
try 'qctl-undo; qctl-get databytes timeoutremote 2>/dev/null; qctl-get timeoutremote' <<'T'
out: concurrencylocal (restart qmail-send)
out:   - 2
out:   + (no file)
out: databytes (next connection)
out:   - 2
out:   + 0
out: restart qmail-send: concurrencylocal
out: in force from the next connection on: databytes
out: 70
exit: 0
T
# Nor is a link to it, behind which the file becomes what it was; but with another content it is.
qctl-apply two >/dev/null; mv home/control/databytes elsewhere
ln -s ../../elsewhere home/control/databytes
check 'behind a link' sh -c 'qctl-undo && [ -L home/control/databytes ] &&
  [ "$(cat elsewhere)" = 0 ]'
qctl-apply two >/dev/null; echo 9 >elsewhere; live >before
check 'a link to something else is not undone' sh -c 'qctl-undo; [ $? != 0 ]'
check 'and stays' as_before
rm home/control/databytes

# ---- removing ----
home; template one databytes '1\n'; template two databytes '2\n'; qctl-apply one >/dev/null
try 'say qctl-rm one; say qctl-rm aggressive; say qctl-rm three; qctl-rm two; qctl-list;
  qctl-set databytes 5 >/dev/null; qctl-rm one' <<'T'
out:   aggressive (shipped)
out:   default (shipped)
out:   improved (shipped)
out: * one
err: qctl-rm: fatal: the template "one" is in force
err: code 100
err: qctl-rm: fatal: the template "aggressive" is a shipped one
err: code 100
err: qctl-rm: fatal: there is no template "three": qctl-list shows them
err: code 100
err: qctl-rm: fatal: the template "one" is in force
exit: 100
T
# One of a shipped one's name hides it.
template improved databytes '5\n'
try 'qctl-list; qctl-rm improved; qctl-list' <<'T'
out:   aggressive (shipped)
out:   default (shipped)
out:   improved
out: * one  live files differ: databytes
out:   aggressive (shipped)
out:   default (shipped)
out:   improved (shipped)
out: * one  live files differ: databytes
exit: 0
T
# The one in force is gone, by hand; history names it still.
rm -r home/qqtools/templates/one
try 'qctl-list; qctl-apply aggressive >/dev/null; qctl-undo >/dev/null; qctl-list' <<'T'
out:   aggressive (shipped)
out:   default (shipped)
out:   improved (shipped)
out:   aggressive (shipped)
out:   default (shipped)
out:   improved (shipped)
err: qctl-list: warning: the template in force, "one", no longer exists
err: qctl-list: warning: the template in force, "one", no longer exists
exit: 0
T
# Only a link is removed, not what it leads to.
mkdir elsewhere.d; echo 1 >elsewhere.d/databytes
ln -s ../../../elsewhere.d home/qqtools/templates/linked
qctl-rm linked >/dev/null 2>&1
check 'what a link leads to is not emptied' test -s elsewhere.d/databytes
qctl-save three me
check 'and nothing is in the way of others' test -s home/qqtools/templates/three/me
check 'no temporary directory stays there' clean

# ---- what changes something says so to who sits before it, and nothing into a pipe ----
if script -qec true /dev/null >/dev/null 2>&1; then
  home; template own databytes '1\n'
  terminal() { script -qec "$*" /dev/null </dev/null | tr -d '\r'; }
  try 'terminal qctl-save before; terminal qctl-set --template own databytes 2;
    terminal qctl-apply own; terminal qctl-apply own; terminal qctl-set databytes 2;
      terminal qctl-set --dry-run databytes 2;
    terminal qctl-undo; terminal qctl-undo --dry-run; terminal qctl-rm before;
    terminal qctl-set --template own --dry-run databytes 3; terminal qctl-set --template own \
    --apply databytes 3' <<'T'
out: the template "before" is saved: qctl-apply before makes the settings so again
out: the template "own" is changed: qctl-apply own puts it in force
out: in force from the next connection on: databytes
out: nothing has changed: it is so already
out: nothing has changed: it is so already
out: nothing has changed: it is so already
out: databytes (next connection)
out:   - 2
out:   + (no file)
out: in force from the next connection on: databytes
out: change 1, qctl-apply own, is undone
out: There is no change to undo.
out: the template "before" is removed
out: databytes (next connection)
out:   - 2
out:   + 3
out: in force from the next connection on: databytes
exit: 0
T
else ok 'on a terminal # SKIP no script(1) of util-linux'
fi
try 'qctl-save before; qctl-rm before; qctl-set --template own databytes 2' <<'T'
exit: 0
T

# ---- acting: with a qmail-send that runs, in qsvc-errands.t ----
home; template restart concurrencylocal '5\n' locals 'a.example\n'
template reload locals 'a.example\nb.example\n'
# Without a queue nobody can be told.
try 'say qctl-apply --act restart; qctl-get concurrencylocal; say qctl-undo --act;
  qctl-set --act locals c.example' <<'T'
out: restart qmail-send: concurrencylocal
out: HUP qmail-send: locals
out: 5
out: concurrencylocal (restart qmail-send)
out:   - 5
out:   + (no file)
out: locals (HUP qmail-send)
out:   - a.example
out:   + (no file)
out: restart qmail-send: concurrencylocal
out: HUP qmail-send: locals
out: HUP qmail-send: locals
err: qctl-apply: warning: me: line 1: "mx.example.org" is neither in locals nor in virtualdomains:
...:  mail for this host, such as double bounces, is sent elsewhere
err: qctl-apply: fatal: the files are changed, but qmail-send was not told:
...:  unable to open the queue home/queue: No such file or directory; do by hand what is said above
err: code 111
err: qctl-undo: fatal: the files are changed, but qmail-send was not told:
...:  unable to open the queue home/queue: No such file or directory; do by hand what is said above
err: code 111
err: qctl-set: warning: me: line 1: "mx.example.org" is neither in locals nor in virtualdomains:
...:  mail for this host, such as double bounces, is sent elsewhere
err: qctl-set: fatal: the files are changed, but qmail-send was not told:
...:  unable to open the queue home/queue: No such file or directory; do by hand what is said above
exit: 111
T
mkqueue home/queue 0
home_again() {
  rm -rf home/control home/qqtools; mkdir home/control; file me 'mx.example.org\n'
  file rcpthosts 'example.org\n'
  template restart concurrencylocal '5\n' locals 'a.example\n'
}
home_again
try 'qctl-apply --act --dry-run restart; qctl-apply --act restart; qctl-set --act databytes 6;
  qctl-set --act locals c.example; qctl-undo --act' <<'T'
out: concurrencylocal (restart qmail-send)
out:   - (no file)
out:   + 5
out: locals (HUP qmail-send)
out:   - (no file)
out:   + a.example
out: restart qmail-send: concurrencylocal
out: HUP qmail-send: locals
out: restart qmail-send: concurrencylocal
out: HUP qmail-send: locals
out: in force from the next connection on: databytes
out: HUP qmail-send: locals
out: locals (HUP qmail-send)
out:   - c.example
out:   + a.example
out: HUP qmail-send: locals
err: qctl-apply: warning: me: line 1: "mx.example.org" is neither in locals nor in virtualdomains:
...:  mail for this host, such as double bounces, is sent elsewhere
err: qctl-apply: warning: me: line 1: "mx.example.org" is neither in locals nor in virtualdomains:
...:  mail for this host, such as double bounces, is sent elsewhere
err: qmail-send is stopped: it reads them when it starts
err: qmail-send is stopped: it reads them when it starts
err: qmail-send is stopped: it reads them when it starts
exit: 0
T

# What could not be written leaves nothing behind.
home; file locals 'a.example\n'
try 'qctl-save first; (ulimit -f 0; qctl-save full 2>&1) | cat
  ls -A home/qqtools/templates' <<'T'
out: qctl-save: fatal: unable to write home/qqtools/templates/full: File too large
out: first
exit: 0
T
finish
