#!/usr/bin/perl
# between.t - qq-rm beside the model of a running qmail-send (tests/model), which does its work just
# when qq-rm is behind its first, second, third ... system call of each kind: it preprocesses a new
# message, tries one again, ends one, bounces one. What must not come of that is as in online.t.
#
# strace makes qq-rm wait for an eighth of a second behind that call; until then the model is
# stopped, so that what has changed meanwhile is what it does in that time. The logs are looked at
# at the end of each half (end_queue in online.pl), for all messages of all points together.
#
#   CALLS=all    every one of them; else every fourth, other ones for each SEED (1)

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Time::HiRes qw(sleep time);
require(abs_path(dirname(__FILE__)) . '/online.pl');
our ($is_asan, $has_strace, $model, @logs, @injectors, %count, %unfinished);

if (!$has_strace) {
    if (($ENV{CI} // '') eq 'true') { ok('between system calls', 'needs strace'); finish() }
    skip_all('no strace(1) that may trace')
}

# How often qq-rm makes each call for the messages below, and a few more.
my %calls = (openat => 56, newfstatat => 60, fchown => 12, pwrite64 => 18, utimensat => 4,
    renameat2 => 3, unlinkat => 11, syncfs => 2);
my @points = map { my $call = $_; map { [$call, $_] } 1 .. $calls{$call} } sort keys %calls;
my $seed = $ENV{SEED} // 1;
if (($ENV{CALLS} // '') ne 'all') {
    my $step = $is_asan ? 12 : 4;
    @points = @points[grep { $_ % $step == $seed % $step } 0 .. $#points]
}

# One point: messages of each kind are removed by a qq-rm that stands still behind the N-th CALL
# while qmail-send goes on. Nobody else's mail, the innocent, may suffer.
sub between {
    my ($call, $n) = @_;
    my $what = "behind $call $n";
    my @old = (
        # waits for its next attempt
        new_message('spam@far.example', 'defer@far.example', 'good@far.example'),
        # has failed, too
        new_message('spam@far.example', 'fail@local.example', 'defer@far.example'),
        # is being delivered, and read
        new_message('spam@far.example', map { 'slowgood@far.example' } 1 .. 12),
        # is about to bounce
        new_message('fail@far.example', 'slowfail@local.example'));
    $unfinished{$_} = 1 for @old[0, 1];
    my @innocent = (
        new_message('good@far.example', 'slowgood@far.example', 'any@local.example'),
        new_message('fail@far.example', 'fail@far.example', 'defer@far.example'));
    inject([@old, @innocent]);
    # The old ones have got so far; the new ones come while qmail-send stands still.
    my ($third) = $old[2];
    complain("$what: no delivery")
        if !wait_for($logs[-1], "start delivery .* to remote slowgood\\.$third\\.1@");
    sleep 0.03;
    kill 'STOP', -$model;
    my @new = (
        new_message('spam@far.example', 'good@local.example', 'any@far.example'),
        new_message('spam@far.example', 'fail@far.example'));
    my $also_innocent = new_message('good@far.example', 'good@far.example');
    inject([@new, $also_innocent]);
    ended($injectors[-1]{pid});
    sleep 0.025;
    read_tokens();
    # qq-rm stops behind its call for 120 ms, before the end of which qmail-send goes on.
    my @strace = ('strace', '-f', '-o', '/dev/null');
    my $r = change([@strace, '-e', "inject=$call:delay_exit=120000:when=$n"],
        'qq-rm', [certain_tokens(@old, @new)]);
    sleep 0.04;
    kill 'CONT', -$model;
    for (1 .. 3) { kill 'ALRM', $model; sleep 0.025 }
    must_succeed($what, result($what, $r));
    note_removal($what, $r);
    $count{"stood still at $call"}++ if $r->{returned} - $r->{begun} > 0.12;
}

# In two halves: qmail-send as one process, and with one of its own for todo/, which takes its time
# to open the trigger again.
for my $half (0, 1) {
    srand $seed;
    my @options = ('--concurrency', 3, '--delivery', 8, '--pauses', 0);
    begin_queue("between$half", ['--split', 1], 3, @options, $half ? ('--ext-todo', '--deaf', 30) : ());
    between(@{ $points[$_] }) for grep { $_ % 2 == $half } 0 .. $#points;
    end_queue($half ? 'with a process for todo' : 'in one process');
}
finish();
