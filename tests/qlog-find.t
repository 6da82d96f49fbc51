#!/bin/sh
# qlog-find.t - the log that nobody has named: what the running qmail-send writes to, $QQ_LOG, none;
# and that root is given up before a byte is read.

. "$(dirname "$0")/lib.sh"
[ -e /proc/self/fd ] || { echo '1..0 # SKIP no /proc'; exit 0; }
skip_unless_root
queue=$T/qmail/queue
mkdir -p "$queue/lock" "$queue/mess/0" "$queue/info/0" "$queue/local/0" "$queue/remote/0" \
  "$queue/todo" "$queue/intd" "$queue/bounce" "$queue/pid" "$T/qmail/control" "$T/log/main" \
  "$T/log/status"
: >"$queue/lock/sendmutex"; mkfifo "$queue/lock/trigger"
QQ_QUEUE=$queue; export QQ_QUEUE

# One that has the name, the directory, the mutex and the trigger of a qmail-send, and writes its
# descriptor 0 into a pipe; and the logger behind it, which has two files open that are called
# current.
cat >"$T/stand-in" <<'P'
use Fcntl qw(:DEFAULT :flock);
my ($queue, $log) = @ARGV;
pipe my $r, my $w or die;
unless (fork) {
  open STDIN, '<&', $r or die;
  close $w;
  open my $status, '>', "$log/status/current" or die;
  open my $main, '>', "$log/main/current" or die;
  open my $lock, '>', "$log/main/lock" or die;
  syswrite $status, "\@400000006500000100000000 status: local 0/10 remote 0/20\n";
  open my $before, '>', "$log/main/\@400000006500000200000000.s" or die;
  syswrite $before, "\@400000006500000100000000 new msg 7\n";
  open my $ready, '>', "$log/ready" or die;
  sleep 600;
  exit;
}
$0 = 'qmail-send';
POSIX::dup2(fileno $w, 0);
chdir $queue or die;
sysopen my $mutex, 'lock/sendmutex', O_RDWR or die;
flock $mutex, LOCK_EX or die;
sysopen my $trigger, 'lock/trigger', O_RDONLY | O_NONBLOCK or die;
sleep 600;
P
perl -MPOSIX "$T/stand-in" "$queue" "$T/log" &
send=$!
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -e "$T/log/ready" ] && break; sleep 1; done
sleep 1
try 'qlog-show --verbose --tsv | cut -f 1' <<T
out: id
out: 7
err: qlog-show: reading $T/log/main/@400000006500000200000000.s
err: qlog-show: reading $T/log/main/current
exit: 0
T
echo '@400000006500000100000000 new msg 8' >"$T/other"
try 'QQ_LOG=$T/other qlog-show --verbose --tsv | cut -f 1' <<T
out: id
out: 8
err: qlog-show: reading $T/other
exit: 0
T
# While it rotates the one, its logger has the other current open alone.
mv "$T/log/main/current" "$T/log/main/@400000006500000300000000.s"
echo '@400000006500000300000000 new msg 9' >"$T/log/main/@400000006500000300000000.s"
try 'qlog-show --verbose --tsv | cut -f 1' <<T
out: id
out: 7
out: 9
err: qlog-show: reading $T/log/main/@400000006500000200000000.s
err: qlog-show: reading $T/log/main/@400000006500000300000000.s
exit: 0
T
logger=$(awk -v p="$send" '$4 == p { print $1 }' /proc/[0-9]*/stat 2>/dev/null)
kill "$send" $logger; wait "$send" 2>/dev/null

# Where there is a log of syslog on this host, that would be found.
none() {
  qlog-show </dev/null >"$T/said" 2>&1 && return 0
  [ $? = 111 ] && grep -q \
    'no log of qmail-send found (QQ_LOG can name it); looked at: .*/var/log/maillog' "$T/said"
}
check 'none: it says what was looked at' none

# ---- syslog ----
# What has been rotated, oldest first; what gzip is just making of one of them is not read twice. A
# link leads to where the elders are.
if unshare -m true 2>/dev/null; then
  mkdir "$T/var" "$T/real"
  seen() { unshare -m sh -c 'mount --bind "$1/var" /var/log && shift && exec "$@"' sh "$T" "$@"; }
  for n in 4 3 2; do echo "Sep 12 08:05:1$n mx qmail: new msg $n" >"$T/real/maillog.$n"; done
  echo 'Sep 13 00:00:01 mx cron: rotated a moment ago' >"$T/real/maillog"
  mv "$T/real/maillog.2" "$T/real/maillog.processed"
  gzip <"$T/real/maillog.3" | head -c 20 >"$T/real/maillog.3.gz"
  mv "$T/real/maillog.3" "$T/real/maillog.processed.1"
  mv "$T/real/maillog.3.gz" "$T/real/maillog.processed.1.gz"; gzip "$T/real/maillog.4"
  mv "$T/real/maillog.4.gz" "$T/real/maillog.processed.2.gz"; mkdir "$T/real/maillog.7"
  echo 'new msg 99' >"$T/real/maillog.old"; ln -s "$T/real/maillog" "$T/var/mail.log"
  echo 'Sep 12 08:05:16 mx cron: nothing' >"$T/var/maillog"
  try 'seen qlog-show --verbose --tsv </dev/null | cut -f 1' <<T
out: id
out: 4
out: 3
out: 2
err: qlog-show: reading $T/real/maillog.processed.2.gz
err: qlog-show: reading $T/real/maillog.processed.1
err: qlog-show: reading $T/real/maillog.processed
err: qlog-show: reading $T/real/maillog
err: qlog-show: warning: $T/real/maillog.7 is not a regular file: passed over
exit: 0
T
  # Rotated, and nothing logged since: only if nothing else has events.
  rm "$T/var/mail.log"; echo 'Sep 12 08:05:17 mx qmail: new msg 17' >"$T/var/mail.log.1"
  try 'seen qlog-show --verbose --tsv </dev/null | cut -f 1
    echo "Sep 12 08:05:18 mx qmail: new msg 18" >"$T/var/syslog"
    seen qlog-show --tsv </dev/null | cut -f 1' <<T
out: id
out: 17
out: id
out: 18
err: qlog-show: reading /var/log/mail.log.1
exit: 0
T
else
  ok 'syslog # SKIP needs unshare'
fi

# ---- the service ----
. "$(dirname "$0")/service.sh"
unset QQ_QUEUE
event='new msg 5'
home a; unit qmail.service "$T/a"
stand_in journalctl <<'P'
print "1694498716.123456 mx qmail-send[81]: new msg 5\n";
P
try 'qlog-show --home "$T/a" --service systemd:qmail.service --since @1694498000 --tsv | cut -f 1
  calls | grep journal; qlog-show --home "$T/a" --service no-such; echo $?' <<'T'
out: id
out: 5
out: journalctl -u qmail.service -o short-unix --quiet --no-pager --since=@1694498000
out: 100
err: qlog-show: fatal: --service no-such: expected a service directory (with a slash), systemd:UNIT,
...:  init:SCRIPT, qmailctl:SCRIPT, or one of s6 daemontools runit systemd init qmailctl none
exit: 0
T
stand_in journalctl <<'P'
print STDERR "No journal files were found.\n"; exit 1;
P
try 'qlog-show --home "$T/a" --service systemd:qmail.service --tsv | cut -f 1' <<'T'
out: id
err: qlog-show: warning: qmail.service: the program that reads it failed with exit code 1
exit: 0
T
# The journal goes on behind the cursor that the last run was told. Without one, nothing counts.
stand_in journalctl <<'P'
my ($behind) = "@ARGV" =~ /--after-cursor=s=(\d)/;
exit 0 if ($behind // 0) == 2;
my $n = ($behind // 0) + 1;
print map { "169449871$n.123456 mx qmail-send[81]: info msg 5: bytes 10 from <> qp $n$_ uid 0\n" }
  1, 2;
print "-- cursor: s=$n;i=7\n" if !-e "$ENV{T}/no-cursor";
P
metrics() {
  qlog-stat --home "$T/a" --service systemd:qmail.service --metrics --state "$T/st" |
    grep '^[^#]*messages'
}
export T
try ': >"$T/no-cursor"; metrics; [ -e "$T/st" ] || echo no state; rm "$T/no-cursor"
  metrics; metrics; metrics
  calls | grep journal | grep -o -e --show.*' <<'T'
out: no state
out: qmail_received_messages_total 2
out: qmail_received_messages_total 4
out: qmail_received_messages_total 4
out: --show-cursor
out: --show-cursor
out: --show-cursor --after-cursor=s=1;i=7
out: --show-cursor --after-cursor=s=2;i=7
err: qlog-stat: fatal: journalctl did not say where it ended: nothing is counted
exit: 0
T
if skip_unless_supervisor daemontools; then
  supervised daemontools "$T/a"
  mkdir -p "$SERVICE/log/main"; echo "$event" >"$SERVICE/log/main/current"
  try 'qlog-show --home "$T/a" --verbose --tsv | cut -f 1' <<T
out: id
out: 5
err: qlog-show: reading $SERVICE/log/main/current
exit: 0
T
  mv "$SERVICE/log/main" "$T/elsewhere"
  printf '#!/bin/sh\nexec multilog t "%s"\n' "$T/elsewhere" >"$SERVICE/log/run"
  try 'qlog-show --queue "$T/a/queue" --verbose --tsv | cut -f 1' <<T
out: id
out: 5
err: qlog-show: reading $T/elsewhere/current
exit: 0
T
fi

# ---- root ----
mkfifo "$T/pipe"; chmod 644 "$T/other"
groups() { sed -n 's/^[UG]id:\|^Groups://p' "/proc/$1/status" | tr -s '\t ' '\n' | sort -u; }
for program in qlog-show qlog-grep qlog-stat; do
  $program "$T/pipe" >"$T/out" 2>&1 </dev/null & reader=$!
  exec 9>"$T/pipe"
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    case $(groups $reader) in 0* | *'
0'*) sleep 1 ;; *) break ;; esac
  done
  check "$program gives root up before a byte is there" [ "$(groups $reader | xargs)" = \
    "$({ command id -u nobody; command id -g nobody; } | sort -u | xargs)" ]
  exec 9>&-; wait "$reader"
done

# Where the log has to be found, what strangers wrote into it is looked at by nobody, too.
if unshare -m strace -o /dev/null true 2>/dev/null; then
  seen strace -f -y -s 0 -o "$T/trace" -e trace=read,pread64,setuid,setresuid \
    qlog-show --tsv </dev/null >"$T/out" 2>&1
  grep -E '<[^>]*/(mail|sys)log' "$T/trace" | awk '{ print $1 }' | sort -u >"$T/readers"
  reads_as_root() {
    awk -v p="$1" '$1 == p && /uid\(/ { exit } $1 == p && /(mail|sys)log/ { print; exit }' \
      "$T/trace"
  }
  check 'who reads what is found is not root' [ -s "$T/readers" -a -z "$(while read -r p
    do reads_as_root "$p"; done <"$T/readers")" ]
else
  ok 'who reads what is found is not root # SKIP needs strace and unshare'
fi

# To the user of the logger, and not through his links.
mkdir "$T/his"; cp "$T/other" "$T/his/current"; echo secret >"$T/secret"; chmod 600 "$T/secret"
ln -s "$T/secret" "$T/his/@400000006500000000000000.s"; chown -hR 64015 "$T/his"
try 'qlog-show --tsv "$T/his" | cut -f 1' <<T
out: id
out: 8
err: qlog-show: warning: unable to open $T/his/@400000006500000000000000.s: Too many levels of
...:  symbolic links
exit: 0
T
# What is there and cannot be opened is said, also where older files can be read.
mkdir "$T/old"; cp "$T/other" "$T/old/@400000006500000200000001.s"; ln -s nowhere "$T/old/current"
try 'qlog-show --tsv "$T/old" | cut -f 1; rm "$T/old/current"; qlog-show --tsv "$T/old" |
  cut -f 1' <<T
out: id
out: 8
out: id
out: 8
err: qlog-show: warning: unable to open $T/old/current: Too many levels of symbolic links
exit: 0
T
# Nor where they are named: nothing of root's is opened, and nothing is waited for.
ln -s "$T/secret" "$T/his/link"; mkfifo "$T/his/pipe"; ln -s "$T/his/link" "$T/to-link"
chown -h 64015 "$T/his/link" "$T/his/pipe"; ln -s his/current "$T/to-current"
named() { timeout 20 "$@" 2>&1 </dev/null | sed "s|$T/||"; }
for name in link pipe to-link; do
  said="qlog-grep: fatal: unable to open his/$name: Too many levels of symbolic links"
  case $name in
    pipe) said='qlog-grep: fatal: his/pipe is not a regular file, and somebody else could have put
...:  it there: it is not read' ;;
    to-link) said=$(echo "$said" | sed s,his/,,) ;;
  esac
  path=$T/his/$name; [ $name != to-link ] || path=$T/$name
  try "named qlog-grep '$path'; QQ_LOG='$path' named qlog-grep;
    named qq-grep --from-list '$path' | sed s/qq-grep/qlog-grep/" <<T
$(for _ in 1 2 3; do echo "out: $said"; done)
exit: 0
T
done
try 'qlog-show --tsv "$T/to-current" | cut -f 1; qlog-show --tsv /dev/fd/3 3<"$T/his/current" |
  cut -f 1; cat "$T/his/current" | qlog-show --tsv /dev/stdin | cut -f 1' <<'T'
out: id
out: 8
out: id
out: 8
out: id
out: 8
exit: 0
T
# What undoes the compression runs as him, and so not on root's terminal: he could type there.
mkdir "$T/apart"; chmod 1777 "$T/apart"
gzip -c "$T/other" >"$T/his/8.gz"; chown 64015 "$T/his/8.gz"
printf '#!/bin/sh\necho $$ $(cut -d " " -f 6,7 /proc/$$/stat) >"%s"\nexec %s "$@"\n' \
  "$T/apart/said" "$(command -v gzip)" >"$T/apart/gzip"; chmod 755 "$T/apart/gzip"
try 'PATH=$T/apart:$PATH qlog-show --tsv "$T/his/8.gz" | cut -f 1' <<'T'
out: id
out: 8
exit: 0
T
apart() { read -r pid session terminal <"$T/apart/said"; [ "$pid $terminal" = "$session 0" ]; }
check 'it has a session of its own, without a terminal' apart
finish
