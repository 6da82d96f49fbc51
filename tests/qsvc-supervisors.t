#!/bin/sh
# qsvc-supervisors.t - every verb of qsvc, under each supervisor of service directories.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/service.sh"
skip_unless_seen

if [ $# = 0 ]; then together daemontools runit s6; finish; fi
kind=$1; skip_unless_supervisor "$kind" || finish
home $kind; QMAILHOME=$T/$kind; export QMAILHOME
supervised $kind "$QMAILHOME"

# ---- status ----
try 'svc status' <<X
out: qmail-send: running, process N, since WHEN
out: supervisor: $kind, T/service/$kind
out: deliveries: local 0 of 10, remote 0 of 20
exit: 0
X
try 'svc status --json' <<X
out: {"queue":"T/$kind/queue","state":"running","pid":N,"since":"WHEN","supervisor":"$kind",
...: "service":"T/service/$kind","supervises":true,"wanted_up":true,"local":0,"local_limit":10,
...: "remote":0,"remote_limit":20,"messages":null,"new":null,"new_waits":false,"busy":null,"deliveries":[]}
exit: 0
X
check 'the process is the one that has the mutex' sh -c \
  "qsvc status --json | grep -q '\"pid\":$(sendpid "$QMAILHOME"),'"
check 'and began just now' perl -MTime::Local -e '
  `qsvc status --json` =~ m{"since":"(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)\+00:00"} or die;
  my $age = time - timegm($6, $5, $4, $3, $2 - 1, $1);
  exit !($age >= 0 && $age < 30)'
echo 3 >"$QMAILHOME/control/concurrencylocal"; echo 0 >"$QMAILHOME/control/concurrencyremote"
inject "$QMAILHOME" me@x.example defer@local.example defer@far.example >/dev/null
wait_until '[ $(how_often "$QMAILHOME" deferral) = 2 ]'; at_work "$QMAILHOME" 0
try 'svc status --count; svc status -c --json' <<X
out: qmail-send: running, process N, since WHEN
out: supervisor: $kind, T/service/$kind
out: deliveries: local 0 of 3, remote 0 of 0
out: messages: 1 (0 new)
out: {"queue":"T/$kind/queue","state":"running","pid":N,"since":"WHEN","supervisor":"$kind",
...: "service":"T/service/$kind","supervises":true,"wanted_up":true,"local":0,"local_limit":3,
...: "remote":0,"remote_limit":0,"messages":1,"new":0,"new_waits":false,"busy":null,"deliveries":[]}
exit: 0
X
rm "$QMAILHOME/control/concurrencylocal" "$QMAILHOME/control/concurrencyremote"

# ---- signals ----
: >"$QMAILHOME/log"
try 'svc flush; wait_until said "$QMAILHOME" alarm' <<X
out: qmail-send (process N) tries everything now
exit: 0
X
for size in 0 1024 5000; do
  head -c $size /dev/urandom >"$QMAILHOME/queue/lock/tcpto"; : >"$QMAILHOME/log"
  try 'svc flush --tcpto; wait_until said "$QMAILHOME" alarm;
    tr -d "\\000" <"$QMAILHOME/queue/lock/tcpto" | wc -c;
    stat -c %s "$QMAILHOME/queue/lock/tcpto"' <<X
out: no host counts as timed out any more
out: qmail-send (process N) tries everything now
out: 0
out: $size
exit: 0
X
done
try 'svc reload; wait_until said "$QMAILHOME" reread' <<X
out: qmail-send (process N) rereads locals and virtualdomains, for mail that arrives from now on;
...:  all else that it reads takes \`qsvc restart'
exit: 0
X
sleep 0.05
for file in locals virtualdomains databytes concurrencyremote queuelifetime; do echo 30 \
  >"$QMAILHOME/control/$file"; done
try 'svc reload' <<X
out: qmail-send (process N) rereads locals and virtualdomains, for mail that arrives from now on;
...:  all else that it reads takes \`qsvc restart'
err: qsvc: warning: concurrencyremote was changed after qmail-send had started:
...:  that takes \`qsvc restart'
err: qsvc: warning: queuelifetime was changed after qmail-send had started:
...:  that takes \`qsvc restart'
exit: 0
X
before=$(sendpid "$QMAILHOME")
try 'svc restart; svc reload' <<X
out: qmail-send (process N) has stopped
out: qmail-send (process N) has started
out: qmail-send (process N) rereads locals and virtualdomains, for mail that arrives from now on;
...:  all else that it reads takes \`qsvc restart'
exit: 0
X
check 'it is another process' test "$before" != "$(sendpid "$QMAILHOME")"
rm "$QMAILHOME"/control/[lvdcq]*

# ---- pause, continue ----
try 'svc pause; svc pause; svc status; qsvc status --json | grep -o "\"state\":\"[a-z]*\""' <<X
out: qmail-send is paused: no delivery starts, those under way go on
out: qmail-send is paused already
out: qmail-send: paused, process N, since WHEN
out: supervisor: $kind, T/service/$kind
out: deliveries: local 0 of 10, remote 0 of 20
out: "state":"paused"
exit: 0
X
inject "$QMAILHOME" me@x.example good@local.example >/dev/null
try 'svc status; qsvc status --json 2>/dev/null | grep -o "\"new_waits\":.*"; svc flush;
  svc reload' <<X
out: qmail-send: paused, process N, since WHEN
out: supervisor: $kind, T/service/$kind
out: deliveries: local 0 of 10, remote 0 of 20
out: "new_waits":true,"busy":null,"deliveries":[]}
out: qmail-send (process N) tries everything now
out: qmail-send (process N) rereads locals and virtualdomains, for mail that arrives from now on;
...:  all else that it reads takes \`qsvc restart'
err: qsvc: warning: mail arrives, and nothing preprocesses it:
...:  a new message has been waiting for WHEN
err: qsvc: warning: qmail-send is paused: it acts on this when it goes on (qsvc continue)
err: qsvc: warning: qmail-send is paused: it acts on this when it goes on (qsvc continue)
exit: 0
X
check 'nothing was delivered meanwhile' sh -c "! grep success '$QMAILHOME/log'"
try 'svc continue; svc continue; wait_until said "$QMAILHOME" success;
  wait_until said "$QMAILHOME" alarm; wait_until said "$QMAILHOME" reread' <<X
out: qmail-send goes on
out: qmail-send was not paused
exit: 0
X
try 'svc pause; svc start; svc restart; svc status' <<X
out: qmail-send is paused: no delivery starts, those under way go on
out: qmail-send (process N) is running already, and paused (qsvc continue)
out: qmail-send (process N) has stopped
out: qmail-send (process N) has started
out: qmail-send: running, process N, since WHEN
out: supervisor: $kind, T/service/$kind
out: deliveries: local 0 of 10, remote 0 of 20
err: qsvc: warning: qmail-send is paused, and will not be when it is started again
exit: 0
X
try 'svc pause; svc stop; processes "$QMAILHOME"' <<X
out: qmail-send is paused: no delivery starts, those under way go on
out: qmail-send (process N) has stopped
out: 
exit: 0
X

# ---- stopped ----
try 'svc status' <<X
out: qmail-send: stopped
out: supervisor: $kind, T/service/$kind: down
exit: 3
X
try 'svc status --json' <<X
out: {"queue":"T/$kind/queue","state":"stopped","pid":null,"since":null,"supervisor":"$kind",
...: "service":"T/service/$kind","supervises":false,"wanted_up":false,"local":0,"local_limit":10,
...: "remote":0,"remote_limit":20,"messages":null,"new":null,"new_waits":false,"busy":null,"deliveries":[]}
exit: 3
X
for verb in pause continue flush reload; do
  try "svc $verb" <<X
out: qmail-send is stopped: no signal was sent
exit: 3
X
done
head -c 1000 /dev/urandom >"$QMAILHOME/queue/lock/tcpto"
try 'svc flush --tcpto; tr -d "\\000" <"$QMAILHOME/queue/lock/tcpto" | wc -c' <<X
out: no host counts as timed out any more
out: qmail-send is stopped: no signal was sent
out: 0
exit: 0
X
inject "$QMAILHOME" me@x.example good@local.example >/dev/null
try 'svc status --count; svc stop' <<X
out: qmail-send: stopped
out: supervisor: $kind, T/service/$kind: down
out: messages: 2 (1 new)
out: qmail-send is stopped already
err: qsvc: warning: mail arrives, and nothing preprocesses it:
...:  a new message has been waiting for WHEN
exit: 0
X
try 'svc start; svc start; at_work "$QMAILHOME" 0; processes "$QMAILHOME"' <<X
out: qmail-send (process N) has started
out: qmail-send (process N) is running already
out: qmail-clean qmail-lspawn qmail-rspawn qmail-send
exit: 0
X
try 'svc stop; svc restart; svc restart --timeout 30s; svc stop --timeout 30s' <<X
out: qmail-send (process N) has stopped
out: qmail-send is stopped already
out: qmail-send (process N) has started
out: qmail-send (process N) has stopped
out: qmail-send (process N) has started
out: qmail-send (process N) has stopped
exit: 0
X
# What is said to have been told has been told, also just after a start, when supervise does not
# listen for a second.
try 'svc start >/dev/null; : >"$QMAILHOME/log"; svc reload | sed "s/,.*//";
  wait_until said "$QMAILHOME" reread; how_often "$QMAILHOME" reread; svc restart >/dev/null;
  : >"$QMAILHOME/log"; svc flush; wait_until said "$QMAILHOME" alarm;
  how_often "$QMAILHOME" alarm' <<X
out: qmail-send (process N) rereads locals and virtualdomains
out: 1
out: qmail-send (process N) tries everything now
out: 1
exit: 0
X
# Whoever supervises it is found by where it works, too, if it is in none of the usual places.
try 'QQ_SERVICE_PATH=$T/nowhere; svc status; svc stop; sleep 1.5;
  svc status 2>/dev/null | head -n 1; svc --service "$SERVICE" start' <<X
out: qmail-send: running, process N, since WHEN
out: supervisor: $kind, T/service/$kind
out: deliveries: local 0 of 10, remote 0 of 20
out: qmail-send (process N) has stopped
out: qmail-send: stopped
out: qmail-send (process N) has started
err: qsvc: warning: T/service/$kind is not found by itself as long as qmail-send is stopped:
...:  start it with --service T/service/$kind
exit: 0
X
# Signals do not break a restart in two.
options "$QMAILHOME"; svc restart >/dev/null; : >"$QMAILHOME/log"
deliver "$QMAILHOME" slowgood@local.example
try 'qsvc restart >"$T/restart" 2>&1 & restart=$!; wait_until said "$QMAILHOME" exitasap;
  kill -TERM $restart; wait $restart; echo $?; let_end "$QMAILHOME";
  turned <"$T/restart" | sed "/delivery, /d;s/not ended yet.*;/not ended yet ...;/";
  wait_until said "$QMAILHOME" success; wait_until is_up "$QMAILHOME";
  how_often "$QMAILHOME" success' <<X
out: 111
out: qsvc: fatal: qmail-send is ending, but has not ended yet ...; it starts again then
out: 1
exit: 0
X
check 'nothing was cut' unhurt "$QMAILHOME"
finish
