#!/usr/bin/perl
# model.t - that the model of qmail-send (tests/model) behaves like one: left alone it serves
# everybody once and leaves nothing behind; and what must not be done to a running qmail-send it
# does not survive without a warning. SEEDS: how many runs of the first kind (4).

use strict;
use warnings;
use File::Basename qw(dirname);
use Time::HiRes qw(sleep);
require(dirname(__FILE__) =~ m{^/}
    ? dirname(__FILE__) . '/model.pl'
    : './' . dirname(__FILE__) . '/model.pl');
our ($is_asan, $root, $T, $tools);

my $seeds = $ENV{SEEDS} // ($is_asan ? 2 : 4);
my @shapes =
    (['--split', 23], ['--split', 3, '--bigtodo'], ['--split', 7, '--suppl', 2], ['--split', 1]);

# ---- left alone ----
for my $seed (1 .. $seeds) {
    srand $seed;
    my $queue = make_queue("alone$seed", @{ $shapes[$seed % @shapes] });
    my @domains = ('local.example', 'far.example', 'suppl1.example');
    my (%wanted, @injectors);
    my $message = 0;
    for my $i (1 .. 3) {
        my @lines = map {
            my $n = ++$message;
            my $sender =
                rand() < 0.1 ? '<>' : (qw(good any fail))[rand 3] . ".sender.$n\@far.example";
            my $recipients = rand() < 0.1 ? 20 : int rand 5;
            my @to = map {
                      (qw(good good any any any fail defer slowgood))[rand 8]
                    . ".$n.$_\@"
                    . $domains[rand @domains]
            } 1 .. $recipients;
            $wanted{$_} = 1 for @to;
            join ' ', $sender, @to;
        } 1 .. 50;
        push @injectors,
            [
            start_injector(
                $queue, \@lines, '--seed', $seed * 10 + $i,
                '--every', 15, '--pauses', 10)];
    }
    my @options = (
        '--unit', 400, '--lifetime', 1500, '--delivery', 10,
        $seed % 3 ? '--bounces' : (),
        $seed % 2 ? () : '--ext-todo',
        '--pauses', 3 * ($seed % 4));
    my (@logs, @complaints);
    for my $run (1 .. 3) {
        my ($pid, $log) = start_model($queue, '--seed', $seed * 10 + $run,
            @options, $run == 3 ? '--until-empty' : ());
        push @logs, $log;
        for (1 .. 2 + rand 3) { sleep rand 0.2; kill 'ALRM', $pid if $run < 3; kill 'HUP', $pid }
        if ($run == 3) {
            for (map { $_->[0] } @injectors) {
                push @complaints, 'an injector failed' if ended($_)
            }
        }
        my $code = $run < 3 ? stop($pid) : ended($pid);
        push @complaints, "run $run: exit code $code" if $code;
    }
    my $said = read_logs(@logs);
    push @complaints, @{ $said->{trouble} };
    for my $address (sort keys %wanted) {
        my @results = @{ $said->{served}{$address} // [] };
        push @complaints, "$address: " . (join(', ', @results) || 'never served') if @results != 1;
        push @complaints, "$address: should have been @results"
            if @results == 1
            && ($address =~ /^(?:slow)?good/ && "@results" ne 'success'
            || $address =~ /^fail/ && "@results" ne 'failure');
    }
    # Each message ends, and each sender of one that failed has a bounce.
    my @tokens = map {
        map { /^(\S+) (\S+) ?(.*)/ ? [$1, $2, $3] : () } split /\n/, read_file($_->[1])
    } @injectors;
    my %bounced;
    $bounced{$_->{from}}++ for @{ $said->{bounced} };
    for (@tokens) {
        my ($token, $sender, @to) = ($_->[0], $_->[1], split / /, $_->[2]);
        my $ends = @{ $said->{ended}{$token} // [] };
        push @complaints, "$token ended $ends times" if $ends != 1;
        my $failed = grep { "@{ $said->{served}{$_} // [] }" eq 'failure' } @to;
        push @complaints, "$sender has " . ($bounced{$sender} // 0) . ' bounces'
            if $sender ne '<>' && ($bounced{$sender} // 0) != ($failed ? 1 : 0);
    }
    push @complaints, scalar(@tokens) . ' messages injected' if @tokens != 150;
    ok( "seed $seed: 150 messages, " .
            keys(%wanted) . ' recipients, each served once, and the queue is empty',
        @complaints,
        illegal($queue, '--settled', '--empty'));
}

# ---- the mutex, and stopping ----
{
    my $queue = make_queue('stop', '--split', 5);
    my ($first) = start_model($queue, '--unit', 100000);
    my ($second, $log) = start_model($queue);
    ok('a second one does not start',
        ended($second) == 111 && read_file($log) =~ /alert: cannot start/ ? () : 'it did');
    my ($injector, $tokens) = start_injector($queue,
        ['me@far.example defer.1@far.example slowgood.2@far.example defer.3@local.example']);
    ended($injector);
    sleep 0.2;
    my $begun = time;
    my $code = stop($first);
    my $said = read_logs("$T/log." . ($log =~ /(\d+)$/)[0] =~ s/\d+$/$& - 1/er);
    my ($id) = read_file($tokens) =~ /^(\d+)/;
    my ($remote) = glob "$queue/remote/*/$id";
    ok( 'stopped, it waits for what is under way',
        $code ? "exit code $code" : (),
        @{$said->{served}{'slowgood.2@far.example'} // []} == 1 ? () : 'it did not',
        @{$said->{trouble}});
    ok( 'and writes down when messages are due',
        !$remote ? 'no such file' : (stat $remote)[9] > $begun + 20
            && (stat $remote)[9] <= $begun + 41 ? () : 'not so',
        illegal($queue));
    my ($third, $next) = start_model($queue, '--unit', 100000);
    sleep 0.3;
    ok( 'which the next one keeps to',
        stop($third) ? 'trouble' : (),
        keys %{ read_logs($next)->{started} } ? 'it began at once' : ());
}

# ---- what it must not survive ----
my $far = 'defer.1@far.example';

# A message that waits for its next attempt in a model that runs with these options.
sub waiting_message {
    my ($queue, @options) = @_;
    my ($pid, $log) = start_model($queue, '--unit', 100000, '--pauses', 0, @options);
    my ($injector, $tokens) = start_injector($queue, ["me\@far.example $far"]);
    ended($injector);
    wait_for($log, qr/ delivery 1: deferral/) or die "no delivery\n";
    return ($pid, $log, read_file($tokens) =~ /^(\d+)@/);
}

# What comes to light when one of its files has been removed, and everything is tried again.
for (
    [mess => 'unable to open mess/'],
    [info => 'trouble opening info/'],
    [remote => 'trouble opening remote/'])
{
    my ($tree, $expected) = @$_;
    my $queue = make_queue("without-$tree", '--split', 3);
    my ($pid, $log, $id) = waiting_message($queue);
    unlink grep { m{/$tree/} } files_of($queue, $id);
    kill 'ALRM', $pid;
    my $found = wait_for($log, $expected);
    my $code = stop($pid);
    ok( "$tree/ID removed under it",
        $found ? () : 'it did not notice',
        $code == 99 ? () : "exit code $code",
        illegal($queue) || $tree eq 'remote' ? () : 'legal');
}

# All of them, as every other tool does it; and then the number goes to the next message. A file
# system may do that at once, or after a while; here it is done by hand.
{
    my $queue = make_queue('naive', '--split', 3);
    my ($pid, $log, $id) = waiting_message($queue, '--delivery', 50);
    kill 'STOP', $pid;
    unlink files_of($queue, $id);
    my @innocent = map { "slowgood.innocent.$_\@far.example" } 1 .. 3;
    my ($injector, $tokens) = start_injector($queue, ["you\@far.example @innocent"]);
    ended($injector);
    my ($next) = read_file($tokens) =~ /^(\d+)@/;
    for (files_of($queue, $next)) {
        rename $_, m{/mess/} ? "$queue/mess/" . $id % 3 . "/$id" : s{[^/]+$}{$id}r
    }
    kill 'CONT', $pid;
    wait_for($log, " start delivery .* \Q$innocent[0]\E ");
    kill 'ALRM', $pid;
    my $found = wait_for($log, 'warning: unable to unlink');
    my $code = stop($pid);
    my $started = read_logs($log)->{started};
    ok( 'a message removed under it',
        $found ? () : 'it did not notice',
        $code == 99 ? () : "exit code $code");
    ok('the next one with its number is delivered twice',
        (grep { @{$started->{$_} // []} > 1 } @innocent) ? () : 'it was not');
}

# A record that it does not know.
{
    my $queue = make_queue('unknown', '--split', 3);
    my ($injector, $tokens) = start_injector($queue, ['me@far.example good.1@far.example']);
    ended($injector);
    my ($id) = read_file($tokens) =~ /^(\d+)/;
    my ($todo) = glob "$queue/todo/$id";
    my $text = read_file($todo);
    write_file($todo, $text =~ s/T(?=good)/D/r);
    my ($pid, $log) = start_model($queue);
    my $found = wait_for($log, 'unknown record');
    ok( 'D in todo',
        $found && stop($pid) == 99 ? () : 'it did not mind',
        illegal($queue) ? () : 'legal');
    write_file($todo, $text =~ s/T(?=good)/u/r);
    ($pid, $log) = start_model($queue, '--until-empty');
    ok( 'u in todo',
        ended($pid) == 0 ? () : 'it minded',
        keys %{ read_logs($log)->{started} } ? 'it delivered' : (),
        illegal($queue, '--settled', '--empty'));
}

# An owner that is not qmailq: nothing is delivered until the file is given back.
if ($root) {
    my $queue = make_queue('held', '--split', 3);
    my ($injector, $tokens) =
        start_injector($queue, ['me@far.example good.1@far.example good.2@local.example']);
    ended($injector);
    my ($id) = read_file($tokens) =~ /^(\d+)/;
    my ($mess) = glob "$queue/mess/*/$id";
    my ($qmailq) = (stat $mess)[4];
    chown 0, -1, $mess;
    my ($pid, $log) = start_model($queue, '--unit', 500, '--until-empty');
    wait_for($log, qr/(?:deferral.*?){4}/s);
    my $before = keys %{ read_logs($log)->{started} };
    chown $qmailq, -1, $mess;
    kill 'ALRM', $pid;
    ok( 'a foreign owner holds a message',
        ended($pid) ? 'trouble' : (),
        $before ? 'it was delivered' : (),
        keys %{ read_logs($log)->{served} } == 2 ? () : 'it never was',
        illegal($queue, '--settled', '--empty'));
} else { skip('a foreign owner holds a message', 'needs root') }

# ---- legal ----
my $damaged = 0;
for (
    [   'a number that is no inode',
        sub { rename $_[1], $_[1] =~ s/\d+$/$& + 3/er },
        'its inode number'
    ],
    [   'another split directory',
        sub {
            my ($d) = $_[1] =~ m{/(\d)/};
            rename $_[1], $_[1] =~ s{/$d/}{'/' . ($d + 1) % 3 . '/'}er
        },
        'should be in'
    ],
    ['a mode', sub { chmod 0640, "$_[1]" =~ s/mess/info/r }, 'its mode'],
    [   'a second record in info',
        sub { open my $f, '>>', $_[1] =~ s/mess/info/r; print $f "Fyou\0" },
        'more than a sender'
    ],
    ['padding in info', sub { open my $f, '>>', $_[1] =~ s/mess/info/r; print $f "\0\0" }, undef],
    [   'a letter in remote',
        sub { open my $f, '+<', $_[1] =~ s/mess/remote/r; print $f 'X' },
        'begins with "X"'
    ],
    [   'a record without its end',
        sub { open my $f, '>>', $_[1] =~ s/mess/remote/r; print $f 'Tyou' },
        'does not end'
    ],
    [   'a name that is no number',
        sub { write_file($_[1] =~ s/mess(.*?)\d+$/info$1.new/r) },
        'no number'
    ],
    ['bounce alone', sub { write_file("$_[0]/bounce/1") }, 'no such message'],
    ['intd beside info', sub { write_file($_[1] =~ s{mess/\d+}{intd}r) }, 'beside info'],
    ['recipients without info', sub { unlink $_[1] =~ s/mess/info/r }, 'without info'],
    [   'mess alone',
        sub {
            unlink map { $_[1] =~ s/mess/$_/r } qw(info remote)
        },
        'without info and todo'
    ])
{
    my ($name, $damage, $expected) = @$_;
    my $queue = make_queue('damage' . ++$damaged, '--split', 3);
    my ($injector, $tokens) = start_injector($queue, ["me\@far.example $far"]);
    ended($injector);
    stop((start_model($queue))[0]);
    sleep 0.01;
    my ($id) = read_file($tokens) =~ /^(\d+)/;
    if (!glob "$queue/info/*/$id") {
        my ($pid, $log) = start_model($queue);
        wait_for($log, 'deferral');
        stop($pid)
    }
    my ($mess) = glob "$queue/mess/*/$id";
    my @before = illegal($queue, '--settled');
    $damage->($queue, $mess);
    my @after = illegal($queue, '--settled');
    ok( "legal: $name",
        @before,
        $expected
        ? (grep { /\Q$expected\E/ } @after)
                ? ()
                : ('it said:', @after, 'and not', $expected)
        : @after);
}

finish();
