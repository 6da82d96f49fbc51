#!/usr/bin/perl
# power.t - the power fails: right after qq-rm has returned, and after it was killed at each call
# that changes something. The queue is in a file system of its own, which is shut down without
# writing what it still has in memory, and mounted again: the queue is one that qmail-send accepts,
# of what was removed or silenced nothing can go out, nothing that could is hidden, and the same ids
# again finish it.
#
#   EVERY=N   only every N-th of the calls (1)    ROUNDS=N   beside the model (6)    SEED=N   (1)

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Time::HiRes qw(sleep time utime);
my $is_apart;
# With mounts of its own, which end with it.
BEGIN {
    $is_apart = $ENV{QQ_MOUNTS};
    if (!$is_apart && !$> && !system 'unshare -m true 2>/dev/null') {
        $ENV{QQ_MOUNTS} = 1;
        exec 'unshare', '-m', $^X, $0
    }
    $ENV{TMPDIR} //= '/dev/shm' if -d '/dev/shm' && -w _;
}
require(abs_path(dirname(__FILE__) . '/seven.pl'));
our ($is_asan, $root, $T, $queue, $started, $tools, %id, %queued, $now, $qmailq, $qmails, $group);

my $every = $ENV{EVERY} // 1;
my $seed = $ENV{SEED} // 1;
# EXT4_IOC_SHUTDOWN; EXT4_GOING_FLAGS_LOGFLUSH, _NOLOGFLUSH.
use constant { SHUTDOWN => 0x8004587d, KEEP_LOG => 1, LOSE_LOG => 2 };

# ---- the file system ----
my ($image, $disk) = ("$T/image", "$T/disk");
sub mounted { return !system("mount -o loop,commit=300 '$image' '$disk' 2>/dev/null") }
sub unmounted {
    for (1 .. 100) { return 1 if !system "umount '$disk' 2>/dev/null"; sleep 0.05 }
    return 0
}
END {
    my $code = $?;
    system "umount -l '$disk' 2>/dev/null; rm -rf '$T'" if $disk && $is_apart;
    $? = $code
}

sub made {
    unlink $image;
    open my $f, '>', $image or return 0;
    truncate $f, 16 << 20 or return 0;
    close $f;
    mkdir $disk;
    return !
        system("mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 '$image' >/dev/null 2>&1")
        && mounted();
}

# What is in memory is lost; with KEEP_LOG, all that happened to names, owners and sizes is not. A
# model is stopped before, since it could go on.
sub power_fails {
    my ($how, $model) = @_;
    open my $d, '<', $disk or die "$disk: $!\n";
    kill 'STOP', $model if $model;
    ioctl $d, SHUTDOWN, pack('L', $how) or die "shutdown: $!\n";
    close $d;
    if ($model) { kill 'KILL', $model; ended($model) }
    unmounted() or die "$disk cannot be unmounted\n";
    mounted() or die "$image cannot be mounted again\n";
}
sub all_is_written { system('sync', '-f', $disk) == 0 or system('sync') == 0 or die }

skip_all('the sanitizers see the programs in the other tests') if $is_asan;
if (!$is_apart || !made()) { skip_all('no file system can be mounted here') }
write_file("$disk/test", 'before');
all_is_written();
write_file("$disk/lost", 'after');
open my $f, '+<', "$disk/test" or die; print $f 'AFTER!'; close $f;
if (!eval { power_fails(LOSE_LOG); 1 }) { skip_all('this system cannot shut down a file system') }
ok('what was not written is lost',
    -e "$disk/lost" || read_file("$disk/test") ne 'before' ? 'it is not' : ());

mkdir($_) or die "$_: $!\n" for "$disk/home", "$disk/home/control";
$queue = "$disk/home/queue";
system(
    "$tools/mkqueue", $queue, 0, '--split', 3,
    '--suppl', 1, '--qmailq', $qmailq, '--qmails',
    $qmails, '--qmailr', 64014, '--group', $group
) == 0 or die;
my @victims = qw(failing bounce far new);
my @tokens;
sub fresh { build(); $started = time; @tokens = tokens(@victims); all_is_written() }
sub could_go {
    my ($name) = @_;
    return grep { /^T/ } map { records($_, $name) } qw(local remote suppl0 todo)
}

# What is true behind a qq-rm that returned, whatever the disk has forgotten.
sub still_removed {
    my @bad;
    for my $name (@victims) {
        my $owner = (lstat place('mess', $id{$name}))[4] // next;
        push @bad, "$name is there, with recipients, and qmailq's"
            if could_go($name) && $owner == $qmailq;
        push @bad, "$name is there, with recipients" if could_go($name) && $owner != $qmails;
    }
    return @bad;
}
sub again {
    my ($code, $out, $said) = run(['qq-rm'], \@tokens);
    return (map({ has('mess', $_) || has('info', $_) ? "again: $_ is still there" : () } @victims),
        $code ? "again: exit code $code: $said" : ())
}

# ---- right after it has returned ----
for my $way ('offline', 'online') {
    for my $how (LOSE_LOG, KEEP_LOG) {
        fresh();
        my $untouched = state();
        send_starts() if $way eq 'online';
        my ($code, $out, $said) = run(['qq-rm'], \@tokens);
        my $whole = state();
        send_ends();
        power_fails($how);
        my @complaints = (
            illegal($queue), still_removed(),
            differences('others', $untouched, state(), 'other\w*'),
            differences('after', $whole, state()));
        push @complaints, "exit code $code: $said" if $code;
        ok( "$way, the power fails when qq-rm has returned"
                . ($how == KEEP_LOG ? ', the log is kept' : ''),
            @complaints, hidden($way eq 'online'), again());
    }
}
for my $call (['qq-hold'], ['qq-expire'], ['qq-rm', '--to', 'a@']) {
    fresh();
    my ($code, $out, $said) = run($call, [tokens(qw(failing bounce far))]);
    my $whole = state();
    power_fails(LOSE_LOG);
    ok( "@$call", illegal($queue), hidden(),
        differences('after', $whole, state()),
        $code ? "exit code $code: $said" : ());
}

# ---- in the middle ----
for my $way ('offline', 'online') {
    fresh();
    send_starts() if $way eq 'online';
    run(['qq-rm', '--jobs', 1], \@tokens, 'strace', '-f', '-o', "$T/trace");
    send_ends();
    my @calls = calls("$T/trace");
    my @points = grep { $calls[$_][2] } 0 .. $#calls;
    @points = map { $points[$_] } grep { ($_ + $seed) % $every == 0 } 0 .. $#points;
    my @complaints;
    for my $i (@points) {
        my ($call, $n) = @{ $calls[$i] };
        for my $how (LOSE_LOG, KEEP_LOG) {
            my $point =
                  "killed at $call $n, call "
                . ($i + 1) . ' of '
                . @calls
                . ($how == KEEP_LOG ? ', the log is kept' : '');
            fresh();
            my $untouched = state();
            send_starts() if $way eq 'online';
            my ($code) = run(['qq-rm', '--jobs', 1],
                \@tokens, 'strace', '-f', '-o', '/dev/null', '-e', "trace=$call", '-e',
                "inject=$call:signal=KILL:when=$n");
            send_ends();
            power_fails($how);
            push @complaints, map { "$point: $_" } $code == 1009 ? () : "it was not killed: $code",
                illegal($queue, '--allow-temporary'),
                hidden($way eq 'online'), differences('others', $untouched, state(), 'other\w*'),
                again();
        }
        last if @complaints > 10;
    }
    ok("$way, killed at each of " . @points . ' calls, and the power fails', @complaints);
}

# ---- beside the model, which does what it does at the same time ----
my (@complaints, $removed, $deliveries);
srand $seed;
for my $round (1 .. $ENV{ROUNDS} // 6) {
    build();
    unlink place($_, $id{other_new}) for qw(todo intd mess);
    delete $id{other_new};
    @tokens = tokens(@victims);
    all_is_written();
    my ($model, $log) =
        start_model($queue, '--unit', 400, '--lifetime', 100000000, '--pauses', 10, '--good', 0,
        '--fail', 20, '--seed', $seed + $round);
    sleep rand 0.3;
    kill 'ALRM', $model if rand() < 0.5;
    sleep rand 0.02;
    my ($code, $out, $said) = run(['qq-rm', '--json'], \@tokens);
    power_fails($round % 2 ? LOSE_LOG : KEEP_LOG, $model);
    push @complaints, map { "round $round: $_" } $code ? "exit code $code: $said" : (),
        illegal($queue, '--allow-temporary'), still_removed(), hidden(1), again();
    $removed++ while $out =~ /"result":"(removed|silenced)"/g;
}
ok("beside the model: $removed removed or silenced", @complaints);
unmounted();
finish();
