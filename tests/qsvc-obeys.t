#!/bin/sh
# qsvc-obeys.t - whom qsvc obeys: a supervisor that root alone can change, and that says that it
# starts this qmail. Of all others it says what it saw, and tells nobody anything.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/service.sh"
skip_unless_root
QQ_TEMPLATES=$repo/templates; export QQ_TEMPLATES

# refused NAME WHY: every verb that tells something, and programs with an errand.
refused() {
  why="$1 is not obeyed: $2"; before=$(sendpid "$QMAILHOME")
  for verb in stop restart 'stopped echo ran' pause flush reload; do
    try "svc $verb 2>&1 | sed 's/^qsvc: fatal: [^:]*: //;/^qsvc: warning: /d'" <<X
out: $why
exit: 0
X
    try "svc $verb >/dev/null 2>&1" <<'X'
exit: 111
X
  done
  try 'plain qctl-set --act concurrencylocal 7 2>&1 | sed 1d' <<X
out: qctl-set: fatal: the files are changed, but qmail-send was not told: $why;
...:  do by hand what is said above
exit: 0
X
  check 'the same qmail-send runs' test "$before" = "$(sendpid "$QMAILHOME")"
}

say='use --service to say what starts qmail-send (none: nothing does)'

# ---- who calls himself a supervisor ----
# The user of qmail-send pretends to be runsv, in a directory of his own; the pipe that root's sv
# would write to leads elsewhere.
use forged
mkdir -p "$T/evil/supervise"; echo 'root:x:0:0' >"$T/victim"; chmod 600 "$T/victim"
mkfifo "$T/evil/supervise/ok"; ln -s "$T/victim" "$T/evil/supervise/control"
printf '#!/bin/sh\nexec %s/rc\n' "$QMAILHOME" >"$T/evil/run"
: >"$T/evil/supervise/stat"
chown -hR 64015 "$T/evil"
pretend "0:runsv:$T/evil:64015" "1:qmail-send+:$QMAILHOME/queue:64015" \
  9<>"$T/evil/supervise/ok"
# up, and meant to be (runsv.c:update_status)
perl -e 'print pack "Q>LVCaCC", 2 ** 62 + time, 0, $ARGV[0], 0, "u", 0, 1' \
  "$(pretended qmail-send)" >"$T/evil/supervise/status"
try 'svc status' <<X
out: qmail-send: running, process N, since WHEN
out: supervisor: runit, T/evil: is not obeyed
out: deliveries: local 0 of 10, remote 0 of 20
err: qsvc: warning: T/evil (runit) is not obeyed:
...:  process N, which runs it, belongs to user 64015
exit: 0
X
refused 'T/evil (runit)' 'process N, which runs it, belongs to user 64015'
check 'what the link leads to is as it was' test "$(cat "$T/victim")" = 'root:x:0:0'
kill $(pretended runsv) $(pretended qmail-send)
# The same directory, said by hand, and in the scan directory: its supervisor is nobody now.
try 'svc --service "$T/evil" start; svc --service "$T/evil" status' <<'X'
out: qmail-send: stopped
out: supervisor: runit, T/evil: is not obeyed
err: qsvc: fatal: unable to start qmail-send: T/evil (runit) is not obeyed:
...:  T/evil belongs to user 64015
err: qsvc: warning: T/evil (runit) is not obeyed: T/evil belongs to user 64015
exit: 3
X
ln -s "$T/evil" "$T/service/evil"
try 'svc --service runit start' <<'X'
err: qsvc: fatal: unable to start qmail-send: T/service/evil (runit) is not obeyed:
...:  others may put something else in the place of T/service/evil
exit: 111
X
rm "$T/service/evil"

# ---- a service that root made, and others may write to ----
for kind in daemontools runit s6; do
  skip_unless_supervisor $kind || continue
  use $kind; supervised $kind "$QMAILHOME"
  spoiled() {
    try "svc stop; svc status | sed -n 2p" <<X
out: supervisor: $kind, T/service/$kind: is not obeyed
err: qsvc: fatal: unable to stop qmail-send: T/service/$kind ($kind) is not obeyed: $1
err: qsvc: warning: T/service/$kind ($kind) is not obeyed: $1
exit: 0
X
  }
  chmod 777 "$SERVICE/supervise"
  spoiled "others may write to T/service/$kind/supervise (mode 777)"
  chmod 700 "$SERVICE/supervise"; chown 64030 "$SERVICE/supervise/control"
  spoiled "T/service/$kind/supervise/control belongs to user 64030"
  chown 0 "$SERVICE/supervise/control"; chmod g+w "$SERVICE/run"
  spoiled "others may write to T/service/$kind/run (mode 775)"
  chmod g-w "$SERVICE/run"; chown 64030 "$T/service"
  spoiled "others may put something else in the place of T/service/$kind"
  chown 0 "$T/service"
  if [ $kind = runit ]; then        # whose sv asks the logger, too
    mkdir -p "$SERVICE/log/supervise"; chown 64030 "$SERVICE/log/supervise"
    spoiled "T/service/$kind/log/supervise belongs to user 64030"
    rm -r "$SERVICE/log"
  fi
  try 'svc restart; svc stop' <<'X'
out: qmail-send (process N) has stopped
out: qmail-send (process N) has started
out: qmail-send (process N) has stopped
exit: 0
X
  unsupervise
done

# ---- something else that is supervised, and an honest qmail-send below it ----
# As from a web panel, an ssh session, cron.
for kind in daemontools runit s6; do
  skip_unless_supervisor $kind || continue
  use below-$kind; SERVICE=$T/service/panel; mkdir -p "$SERVICE"; echo $kind >"$SERVICE/.kind"
  printf '#!/bin/sh\n# of the queue %s\nexec %s\n' "$QMAILHOME/queue" "$T/bin/panel" >"$SERVICE/run"
  printf '#!/bin/sh\n%s/rc </dev/null >/dev/null 2>&1 &\nwhile :; do sleep 1; done\n' "$QMAILHOME" \
    >"$T/bin/panel"
  chmod +x "$SERVICE/run" "$T/bin/panel"
  options "$QMAILHOME"; supervise_again; wait_until is_up "$QMAILHOME"; sleep 1.2
  panel=$(pgrep -f "$T/bin/panel" | head -n 1)
  refused "T/service/panel ($kind)" \
    "neither qmail-start nor T/below-$kind/rc is in its run: $say"
  check 'the panel has not been touched' kill -0 "$panel"
  check 'nor told to end' sh -c "! grep -q 'alarm\|reread\|exit' '$QMAILHOME/log'"
  try 'svc --service none flush; svc --service none stop' <<'X'
out: qmail-send (process N) tries everything now
out: qmail-send (process N) has stopped
exit: 0
X
  check 'the panel still runs' kill -0 "$panel"
  unsupervise
done

# ---- units ----
use unit; unit qmail.service "$QMAILHOME" KillMode=mixed \
  "ExecStart={ path=/usr/sbin/panel ; argv[]=/usr/sbin/panel -f ; ignore_errors=no }"
systemctl start qmail.service; wait_until is_up "$QMAILHOME"; calls >/dev/null
refused 'qmail.service (systemd)' "neither qmail-start nor T/unit/rc is in its ExecStart: $say"
try 'calls | grep -v "systemctl show"; svc --service systemd:qmail.service stop' <<'X'
out: qmail-send (process N) has stopped
exit: 0
X
# What it starts may be a script that says it.
printf '#!/bin/sh\nexec $QMAIL/bin/qmail-start ./Mailbox\n' >"$T/bin/wrapper"
echo "{ path=$T/bin/wrapper ; argv[]=$T/bin/wrapper ; ignore_errors=no }" \
  >"$T/units/qmail.service/ExecStart"
systemctl start qmail.service; wait_until is_up "$QMAILHOME"
try 'svc stop' <<'X'
out: qmail-send (process N) has stopped
exit: 0
X
systemctl start qmail.service; wait_until is_up "$QMAILHOME"; chmod 666 "$T/bin/wrapper"
try 'svc stop 2>&1 | sed "s/is in its.*//"; svc --service none stop' <<'X'
out: qsvc: fatal: unable to stop qmail-send: qmail.service (systemd) is not obeyed:
...:  neither qmail-start nor T/unit/rc 
out: qmail-send (process N) has stopped
exit: 0
X
rm -rf "$T/units" "$T/bin/systemctl" "$T/bin/wrapper"

# ---- scripts ----
use script; script qmailctl "$QMAILHOME"; calls >/dev/null; chmod g+w "$T/bin/qmailctl"
try 'svc start; calls; rm "$T/bin/qmailctl"; chown 64030 "$QMAILHOME/rc"; svc start' <<'X'
err: qsvc: fatal: unable to start qmail-send: T/bin/qmailctl (qmailctl) is not obeyed:
...:  others may write to T/bin/qmailctl (mode 775)
err: qsvc: fatal: unable to start qmail-send: T/script/rc (none) is not obeyed:
...:  T/script/rc belongs to user 64030
exit: 111
X
check 'nothing was started' test -z "$(processes "$QMAILHOME")"

# ---- who calls himself a part of qmail ----
# Others than the users of the queue are nobody, whatever they are called, and are not signalled.
use names
pretend "0:qmail-todo:$QMAILHOME/queue:64030" "1:qmail-clean:$QMAILHOME/queue:64030" \
  "1:qmail-lspawn:$QMAILHOME/queue/mess:64030" "1:qmail-send:$QMAILHOME/queue:64030"
try 'svc status; svc stop' <<'X'
out: qmail-send: stopped
out: supervisor: none, T/names/rc
out: qmail-send is stopped already
exit: 0
X
try 'timeout 20 qsvc stop; kill -0 $(pretended qmail-todo)' <<'X'
out: qmail-send is stopped already
exit: 0
X
finish
