#!/usr/bin/perl
# fix-kill.t - qq-fix, killed before each of its system calls and run again: each time all messages
# are what they were, under right numbers and in the right places; and whoever was killed while the
# queue was closed has left it closed. Every call fails once, too (EIO), and the disk is full.
#
#   CALLS=all   before every call, on small queues; else before as many as go into half a minute,
#               others for each SEED (1)
#   ONLY=NAME   only what has this name

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
BEGIN { $ENV{TMPDIR} //= '/dev/shm' if -d '/dev/shm' && -w _ }
require(abs_path(dirname(__FILE__) . '/model.pl'));
require(abs_path(dirname(__FILE__) . '/restored.pl'));
our ($is_asan, $root, $T, $build, $tools);
our $bin = $ENV{BIN} // "$build/bin";

skip_all('the sanitizers see it in fix.t') if $is_asan;
if (!$root || system("$tools/killnth guard 1 true 2>/dev/null") >> 8 != 137) {
    if (($ENV{CI} // '') eq 'true') {
        ok('killed at any moment', 'needs root, and ptrace');
        finish()
    }
    skip_all('needs root, and ptrace');
}
my ($every, $samples, $seed) = (($ENV{CALLS} // '') eq 'all', 25, $ENV{SEED} // 1);
srand $seed;

# A copy of the queue, in which numbers are wrong anyway.
my $fresh = "$T/fresh";
sub copy {
    system('rm', '-rf', $fresh);
    system('cp', '-a', $_[0], $fresh) == 0 or die;
    return $fresh;
}

# Runs it, below another program or not; the exit code, and what it said.
sub fix {
    my ($before, @options) = @_;
    my $pid = start(undef, "$T/out", "$T/said", @$before, "$bin/qq-fix", '--queue', $fresh,
        '--home', $T, @options);
    my $code = ended($pid) // die "qq-fix does not end\n";
    return ($code, read_file("$T/said"));
}

sub is_closed { return !((stat $fresh)[2] & 07777) }

sub killed {
    my ($name, $queue, $is, @options) = @_;
    my $expected = contents($queue);
    my @sound = wrong($queue, %$is);
    copy($queue);
    my ($code, $said) = fix([], @options);
    ok("$name: @options", $code ? "exit code $code: $said" : (), wrong($fresh, %$is),
        compare('not killed', $expected, contents($fresh)), @sound ? () : 'nothing was wrong');
    copy($queue);
    system("'$tools/killnth' guard 0 '$bin/qq-fix' --queue '$fresh' --home '$T' @options"
            . " 3>'$T/calls'");
    my $calls = 0 + read_file("$T/calls");
    my @points = $every ? 1 .. $calls : map { 1 + int rand $calls } 1 .. $samples;
    my (@bad, $closed);
    for my $point (sort { $a <=> $b } @points) {
        copy($queue);
        ($code, $said) = fix(["$tools/killnth", 'guard', $point], @options);
        # There may be fewer calls than there were: of processes, some have ended.
        my @here = $code != 137 && $code ? "exit code $code: $said" : ();
        my $was_closed = is_closed();
        $closed += $was_closed;
        push @here, compare('killed', $expected, contents($fresh))
            if !$was_closed && !-e "$fresh/.fix";
        my ($listed) = $was_closed ? run_list() : 111;
        push @here, "qq-list looks into a closed queue: $listed" if $listed != 111;
        ($code, $said) = fix([], @options);
        push @here, "again: exit code $code: $said" if $code;
        push @here, wrong($fresh, %$is), compare('again', $expected, contents($fresh));
        push @bad, map { "killed at $point of $calls: $_" } @here;
        last if @bad > 10;
    }
    push @bad, 'it was never closed' if !$closed;
    ok("$name: @options: killed at " . @points . " of $calls calls", @bad);
}
sub run_list {
    return ended(start(undef, "$T/out", "$T/list", "$bin/qq-list", '--queue', $fresh, '--home',
            $T));
}

# ---- what fails ----
# Each call of these fails once: before the new trees are whole, all is as it was and open; after
# that it stays closed, and the next run ends it.
sub fails {
    my ($name, $queue, $is, @options) = @_;
    return skip($name, 'no strace(1) that may trace')
        if system('strace -o /dev/null true 2>/dev/null');
    my $expected = contents($queue);
    copy($queue);
    my ($code, $said) = fix(['strace', '-f', '-o', "$T/trace"], @options);
    my (%count, @points);
    for (split /\n/, read_file("$T/trace")) {
        my ($call) = /^\d+\s+(\w+)\(/ or next;
        $count{$call}++;
        next
            if $call !~ /^(?:linkat|mkdirat|fchown|fchmod|f?sync|syncfs|renameat2?|openat)$/
            && $call !~ /^(?:getdents64|newfstatat|fstat|statx|write|futimens|ftruncate|unlinkat)$/;
        next if !/\Q$fresh\E|\.fix|linkat|mkdirat|sync|rename|unlink|getdents/;
        push @points, [$call, $count{$call}];
    }
    my %of = map { $_->[0] => 1 } @points;
    # Some of each, and the last of each.
    my @some = $every ? @points : map {
        my @c = do { my $call = $_; grep { $_->[0] eq $call } @points };
        (map({ $c[rand @c] } 1 .. 3), $c[-1])
    } sort keys %of;
    my @bad;
    for my $point (@some) {
        my ($call, $n) = @$point;
        for my $error (qw(EIO ENOSPC)) {
            copy($queue);
            ($code, $said) = fix(['strace', '-f', '-o', '/dev/null', '-e', "trace=$call", '-e',
                "inject=$call:error=$error:when=$n"], @options);
            my @here;
            my $closed = is_closed();
            push @here, "exit code $code: $said" if $code && $code != 111;
            push @here, "closed, and not said: $said" if $closed && $said !~ /stays closed/;
            push @here, compare('failed', $expected, contents($fresh)) if !$closed;
            push @here, "mended, and not said: $said"
                if $code && !$closed && -e "$fresh/.fix/done" && $said !~ /queue is mended/;
            push @here, "closed without `ready': $said"
                if $closed && !-e "$fresh/.fix/ready" && !-e "$fresh/.fix/done"
                && $call !~ /fchmod|fstat|fsync|unlinkat/;
            ($code, $said) = fix([], @options);
            push @here, "again: exit code $code: $said" if $code;
            push @here, wrong($fresh, %$is), compare('again', $expected, contents($fresh));
            push @bad, map { "$error at $call $n: $_" } @here;
        }
        last if @bad > 10;
    }
    ok("$name: @options: " . @some . ' calls failed', @bad);
}

# Where every call counts, one thread makes them, and no more messages are there than each kind of
# file needs.
my @plain = $every
    ? qw(10 --split 3 --new 30 --bounces 40 --suppl 1)
    : qw(32 --split 3 --new 40 --bounces 30 --suppl 1);
my @big = $every
    ? qw(10 --split 3 --new 40 --bounces 60 --recipients 4 --seed 3 --bigtodo)
    : qw(24 --split 5 --new 50 --bigtodo);
my ($plain, $big) = (restored('plain', @plain), restored('big', @big));
my @jobs = $every ? qw(--jobs 1) : ();
my @cases = (
    [\&killed, 'renumbered', $plain, { split => 3 }],
    [\&fails, 'what fails', $plain, { split => 3 }],
    [\&killed, 'another split', $plain, { split => 7 }, '--split', 7],
    [\&killed, 'todo split', $plain, { split => 3, big_todo => 1 }, '--big-todo'],
    [\&killed, 'all at once', $big, { split => 2 }, '--split', 2, '--no-big-todo']
);
for my $case (grep { $_->[1] eq ($ENV{ONLY} // $_->[1]) } @cases) {
    my ($test, @arguments) = @$case;
    $test->(@arguments, @jobs);
}
finish();
