#!/bin/sh
# qsvc-kill.t - `qsvc stopped': its guard or its worker killed (SIGKILL) before each of their system
# calls, never both; `qsvc restart' and a program with --act, killed before each. Afterwards
# qmail-send runs, once, and reads its trigger; the command has run once at most, and never while
# qmail-send ran.
#
#   CALLS=all   before every call; else as many as go into half a minute, others for each SEED (1)

[ ! -w /dev/shm ] || TMPDIR=${TMPDIR:-/dev/shm}; export TMPDIR
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/service.sh"
skip_unless_seen

case $BUILD in */asan) echo '1..0 # SKIP seen by the other build'; exit 0 ;; esac
if [ "$(killnth guard 1 true 2>&1; echo $?)" != 137 ]; then
  if [ "${CI-}" = true ]; then not_ok 'killed at any moment (needs ptrace)'
  else ok 'killed at any moment # SKIP no process may be traced'; fi
  finish
fi
# A start takes daemontools a second, in which there is nothing to do; so there are more of them.
if [ $# = 0 ]; then
  together s6-1 s6-2 daemontools-1 daemontools-2 daemontools-3 daemontools-4 none-1
  finish
fi
part=${1##*-} kind=${1%-*}
case $kind in
  daemontools) parts=4 samples=8 ;;
  s6) parts=2 samples=50 ;;
  none) parts=1 samples=50 ;;
esac
home "$kind"; QMAILHOME=$T/$kind; export QMAILHOME
if [ "$kind" = none ]; then by_hand "$QMAILHOME"
elif skip_unless_supervisor "$kind"; then supervised "$kind" "$QMAILHOME"
else finish; fi

cat >"$T/kill.pl" <<'P'
use strict; use warnings; use Fcntl; use Time::HiRes qw(sleep time);
my ($T, $who, $part, $parts, $samples, $seed, @command) = @ARGV;
my $home = $ENV{QMAILHOME};
my ($mutex, $lock) = map { (stat "$home/queue/$_")[1] } 'lock/sendmutex', 'lock';
sub slurp {
    my ($file) = @_;
    open my $f, '<', $file or return '';
    local $/;
    return readline($f) // ''
}
# Ours: those of qsvc and of its command, and those that are qmail-send, whatever
# they have of qmail-start.
sub ours {
    my (@qsvc, @send);
    for my $p (map { m{(\d+)} } </proc/[0-9]*>) {
        my $name = slurp("/proc/$p/comm"); chomp $name;
        if ($name eq 'qmail-send') {
            push @send, $p if (readlink("/proc/$p/cwd") // '') eq "$home/queue"
        }
        elsif ($name =~ /^(qsvc|qctl-set|sh|sleep|flock)$/) {
            push @qsvc, $p if index(slurp("/proc/$p/cmdline"), "$T/") >= 0
        }
    }
    return (\@qsvc, \@send);
}
sub holder {
    my ($file) = @_;
    for (split /\n/, slurp('/proc/locks')) { return $1 if / (\d+) [0-9a-f]+:[0-9a-f]+:$file / }
    return 0
}
sub has_reader { return sysopen my $f, "$home/queue/lock/trigger", O_WRONLY | O_NONBLOCK }
# What is wrong, when all has come to rest. Who just ends has no command line any more, and still
# the lock.
sub settled {
    my $until = time + 30;
    my ($qsvc, $send, $why);
    do {
        sleep 0.01 if $why;
        ($qsvc, $send) = ours();
        my $holder = holder($mutex);
        $why =
              @$qsvc ? "qsvc has not ended: @$qsvc"
            : holder($lock) ? 'qsvc has not given up its lock'
            : @$send != 1 ? 'qmail-send runs ' . @$send . ' times'
            : $holder != $send->[0] ? "process $holder has the mutex"
            : has_reader() ? ''
            : 'nobody reads the trigger';
    } while $why && time < $until;
    return $why || ();
}
sub killnth {
    my ($n) = @_;
    open my $f, '>', "$T/note";
    close $f;
    return
        system('sh', '-c', 'exec 3>"$1/calls.n" 2>"$1/said" >/dev/null; shift; exec killnth "$@"',
        'sh', $T, $who, $n, map { s/%/$n % 100 + 1/er } @command) >> 8
}

my $is_stopped = grep { $_ eq 'stopped' } @command;
my @wrong = settled();
my $code = killnth(0);
chomp(my $calls = slurp("$T/calls.n"));
push @wrong, "not killed: exit code $code: " . slurp("$T/said") if $code;
push @wrong, map { "not killed: $_" } settled();
push @wrong, 'not killed: the command says: ' . slurp("$T/note")
    if $is_stopped && slurp("$T/note") ne "begins\nends\n";
my $all = ($ENV{CALLS} // '') eq 'all';
my $step = $all ? 1 : $calls / $samples / $parts; $step = 1 if $step < 1;
my @points;
for (my $at = 1 + ($all ? 0 : $seed * 37 % int $step); $at <= $calls + 3; $at += $step) {
    push @points, int $at
}
my %codes;
for my $i (0 .. $#points) {
    next if $i % $parts != $part - 1;
    my $n = $points[$i];
    $code = killnth($n);
    $codes{$code}++;
    my $said = slurp("$T/said");
    my @bad = settled();
    my $note = slurp("$T/note");
    push @bad, "the command says: $note" if $note !~ /\A(begins\n(ends\n)?)?\z/;
    # The worker alone is killed, not its command.
    push @bad, 'the command did not end' if $note eq "begins\n";
    # How often it looks before qmail-send is down or up is not the same each time; so it may be
    # done before that call.
    push @bad, "exit code $code: $said"
        if $code != ($who eq 'guard' ? 137 : 111)
        && !($code == 0 && ($note =~ /ends/ || !$is_stopped));
    push @wrong, map { "$who killed before call $n of $calls: $_" } @bad;
    last if @wrong > 5;
}
print "$_\n" for @wrong;
print 'killed ', scalar(@points), " times, exit codes ",
    join(', ', map { "$_ ($codes{$_})" } sort keys %codes), "\n";
exit(@wrong > 0);
P
seed=${SEED:-1}
# The command says that it begins and ends, and whether the mutex is not its own then.
own="flock --nonblock \$QQ_MUTEX || echo qmail-send has the mutex >>$T/note"
for who in guard worker; do
  check "$who killed, of a short command" perl "$T/kill.pl" "$T" $who $part $parts $samples $seed \
    qsvc stopped sh -c "$own; printf 'begins\\nends\\n' >>$T/note"
  check "$who killed, of one that takes longer" perl "$T/kill.pl" "$T" $who $part $parts \
    $((samples / 2)) $((seed + 1)) qsvc stopped sh -c \
    "$own; echo begins >>$T/note; sleep 0.1; $own; echo ends >>$T/note"
done
# No worker here: who stops it is the one that was started.
check 'restart killed' perl "$T/kill.pl" "$T" guard $part $parts $((samples / 2)) $((seed + 2)) \
  qsvc restart --home "$QMAILHOME"
check 'a program with --act killed' perl "$T/kill.pl" "$T" guard $part $parts $((samples / 2)) \
  $((seed + 3)) qctl-set --act --home "$QMAILHOME" concurrencylocal %
# What was started without a supervisor just when the worker was killed may be started twice: the
# second one sees that and ends.
sed -i '/cannot start: already running/d' "$QMAILHOME/log"
check 'nothing was cut' unhurt "$QMAILHOME"
finish
