#!/bin/sh
# qctl-undo.t - what qctl-undo tells of what it takes back, and what it refuses. What becomes of one
# that is interrupted is in qctl-crash.t.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/control.sh"

# ---- it is told, old and new ----
home; qctl-set databytes 5 >/dev/null; qctl-set rcpthosts --add b.example >/dev/null
try 'qctl-undo --dry-run; qctl-undo; qctl-undo' <<'T'
out: rcpthosts (next connection)
out:   - b.example
out: in force from the next connection on: rcpthosts
out: rcpthosts (next connection)
out:   - b.example
out: in force from the next connection on: rcpthosts
out: databytes (next connection)
out:   - 5
out:   + (no file)
out: in force from the next connection on: databytes
exit: 0
T
# Before it is done: who cannot be told keeps what he has.
qctl-set databytes 6 >/dev/null
try 'qctl-undo >/dev/full; qctl-get databytes; history' <<'T'
out: 6
out: 1 
err: qctl-undo: fatal: unable to write to standard output: No space left on device
exit: 0
T

# ---- a relay ----
home; rm home/control/rcpthosts; qctl-set rcpthosts a.example >/dev/null; live >before
try 'say qctl-undo; say qctl-undo --dry-run; history' <<'T'
out: 1 
err: qctl-undo: fatal: without rcpthosts, as it was before, this server is an open relay;
...:  nothing was changed (--force undoes all the same)
err: code 100
err: qctl-undo: fatal: without rcpthosts, as it was before, this server is an open relay;
...:  nothing was changed (--force undoes all the same)
err: code 100
exit: 0
T
check 'it stays closed' as_before
try 'qctl-undo --force; ls home/control' <<'T'
out: rcpthosts (next connection)
out:   - a.example
out:   + (no file)
out: in force from the next connection on: rcpthosts
out: me
exit: 0
T
# As one of several files, by a template.
template two rcpthosts 'a.example\n' databytes '5\n'; qctl-apply two >/dev/null; live >before
check 'all of them or none' sh -c 'qctl-undo 2>/dev/null; [ $? = 100 ]'
check 'and that is none' as_before
# One that is open stays as it is; to be closed again is no reason to refuse.
home; qctl-set databytes 7 >/dev/null; rm home/control/rcpthosts
try 'qctl-undo | tail -n 1' <<'T'
out: in force from the next connection on: databytes
exit: 0
T
home; qctl-set rcpthosts --add c.example >/dev/null; rm home/control/rcpthosts
try 'qctl-undo --force; qctl-get rcpthosts' <<'T'
out: rcpthosts (next connection)
out:   - (no file)
out:   + example.org
out: in force from the next connection on: rcpthosts
out: example.org
exit: 0
T

# ---- an undo that an older version, or a crash, left half-way ----
home; qctl-set databytes 5 >/dev/null; qctl-set databytes 6 >/dev/null
qctl-set locals a.example >/dev/null
mv home/qqtools/history/3 home/qqtools/history/3.undoing
try 'qctl-undo; qctl-get databytes; history; qctl-undo' <<'T'
out: locals (HUP qmail-send)
out:   - a.example
out:   + (no file)
out: HUP qmail-send: locals
out: 6
out: 1 2 
out: databytes (next connection)
out:   - 6
out:   + 5
out: in force from the next connection on: databytes
err: The undo of change 3, qctl-set locals, was interrupted, and has been completed now. Nothing
...:  else was undone.
exit: 0
T
# All but its record is forgotten; or that too.
mkdir home/qqtools/history/2.undone
try 'qctl-undo; clean; history' <<'T'
out: 1 
err: The undo of change 2 was interrupted, and has been completed now. Nothing else was undone.
exit: 0
T
# A change that was interrupted is one that can be taken back.
qctl-set databytes 7 >/dev/null; mv home/qqtools/history/2 home/qqtools/history/2.applying
try 'qctl-undo; qctl-get databytes' <<'T'
out: databytes (next connection)
out:   - 7
out:   + 5
out: in force from the next connection on: databytes
out: 5
exit: 0
T
finish
