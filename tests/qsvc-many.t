#!/bin/sh
# qsvc-many.t - qmails with more processes than most: several channels with a qmail-rspawn each, and
# what a qmail-send that could not start has left beside one that runs.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/service.sh"
skip_unless_root
home many; QMAILHOME=$T/many; export QMAILHOME
queue=$QMAILHOME/queue

# ---- channels, as sagredo's qmail has them ----
rm -rf "$queue"
mkqueue "$queue" 0 --split 7 --suppl 2 --qmailq 64011 --qmails 64015 --qmailr 64014 --group 64010
echo 5 >"$QMAILHOME/control/concurrencysuppl1"
# Children in the order in which qmail-start forks them, and so many deliveries below each.
delivery() { for i in $(seq "$1"); do echo "2:a-program:/:$2"; done; }
pretend "0:qmail-send+:$queue:64015" \
  "1:qmail-lspawn:$queue/mess:0" $(delivery 1 64020) "1:qmail-rspawn:$queue/mess:64014" \
  $(delivery 2 64014) "1:qmail-clean:$queue:64011" "1:qmail-rspawn:$queue/mess:64014" \
  $(delivery 3 64014) "1:qmail-rspawn:$queue/mess:64014"
# These have not the arguments of the true ones, nor the message open.
try 'svc status; svc status --json |
  sed "s/\"since\":\"[^\"]*\"}/\"since\":\"WHEN\"}/g;s/,{\"channel/,\n{\"channel/g"' <<'X'
out: qmail-send: running, process N, since WHEN
out: supervisor: none, T/many/rc
out: deliveries: local 1 of 10, remote 2 of 20, suppl0 3 of 20, suppl1 0 of 5
out: {"queue":"T/many/queue","state":"running","pid":N,"since":"WHEN","supervisor":"none",
...: "service":"T/many/rc","supervises":false,"wanted_up":null,"local":1,"local_limit":10,
...: "remote":2,"remote_limit":20,"suppl0":3,"suppl0_limit":20,"suppl1":0,"suppl1_limit":5,
...: "messages":null,"new":null,"new_waits":false,"busy":null,"deliveries":[{"channel":"local","id":null,
...: "recipient":null,"pid":N,"since":"WHEN"},
out: {"channel":"remote","id":null,"recipient":null,"pid":N,"since":"WHEN"},
out: {"channel":"remote","id":null,"recipient":null,"pid":N,"since":"WHEN"},
out: {"channel":"suppl0","id":null,"recipient":null,"pid":N,"since":"WHEN"},
out: {"channel":"suppl0","id":null,"recipient":null,"pid":N,"since":"WHEN"},
out: {"channel":"suppl0","id":null,"recipient":null,"pid":N,"since":"WHEN"}]}
exit: 0
X
# All of them are waited for.
try 'qsvc stop --timeout 1s 2>&1 | sed -n "s/.*, \([0-9]* local.*\)/\1/p"' <<'X'
out: 1 local delivery, 5 remote deliveries
exit: 0
X
unsupervise

# ---- one that could not start has left its qmail-todo ----
# It ignores that its qmail-send has ended; with ext-todo it spins then.
by_hand "$QMAILHOME" --ext-todo
try 'svc status | sed -n 1p' <<'X'
out: qmail-send: running, process N, since WHEN
exit: 0
X
pretend "0:qmail-todo:$queue:64015"; one=$(pretended qmail-todo)
pretend "0:qmail-todo:$queue:64015"; other=$(pretended qmail-todo)
try 'svc status | sed -n 1p; svc status --json | grep -o "\"state\":\"[a-z]*\""' <<'X'
out: qmail-send: running, process N, since WHEN
out: "state":"running"
err: qsvc: warning: left over from a qmail-send that could not start or was killed,
...:  and never ends by itself: qmail-todo (process N), qmail-todo (process N);
...:  new mail may be lost until `qsvc restart' ends it
err: qsvc: warning: left over from a qmail-send that could not start or was killed,
...:  and never ends by itself: qmail-todo (process N), qmail-todo (process N);
...:  new mail may be lost until `qsvc restart' ends it
exit: 0
X
try 'svc restart 2>&1 | grep -v "^qsvc: warning: qmail-todo"; svc status | sed -n 1p;
  kill -0 $one 2>/dev/null || kill -0 $other 2>/dev/null' <<'X'
out: qmail-send (process N) has stopped
out: qmail-send (process N) has started
out: qmail-send: running, process N, since WHEN
exit: 1
X

# ---- one that could not start because the queue was being changed ----
# Beside the qmail-todo of the next qmail-send, it would take new mail, and lose it.
svc stop >/dev/null
pretend "0:qmail-todo:$queue:64015"; one=$(pretended qmail-todo)
pretend "0:qmail-todo:$T:64015"; other=$(pretended qmail-todo)
try 'qq-rm --queue "$queue" 1; ! kill -0 $one 2>/dev/null && kill -0 $other' <<'X'
err: qq-rm: warning: a qmail-send could not start while the queue was being changed; the
...:  qmail-todo that it left was told to end
err: qq-rm: 1 gone
exit: 0
X
# One that is about to start is qmail-start yet, and has not what will be its qmail-send.
pretend "0:qmail-start:/:0" "1:qmail-todo:$queue:64015"; one=$(pretended qmail-todo)
try 'qq-rm --queue "$queue" 1; kill -0 $one' <<'X'
err: qq-rm: 1 gone
exit: 0
X
finish
