#!/usr/bin/perl
# kill.t - the programs that change a queue, killed before each system call that changes something,
# one after the other, and before some that do not: the queue is one that qmail-send accepts,
# nothing that could still go out is hidden, what was interrupted shows, nobody else is touched, and
# the same command again leaves what one that was not killed leaves. At last, the same beside the
# model of a running qmail-send.
#
#   EVERY=N   of the calls that change nothing, every N-th (60)    ROUNDS=N   beside the model (30)
#             SEED=N   of both (1)

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Time::HiRes qw(sleep time utime);
BEGIN { $ENV{TMPDIR} //= '/dev/shm' if -d '/dev/shm' && -w _ }     # where a sync takes no time
require(abs_path(dirname(__FILE__) . '/seven.pl'));
our ($is_asan, $root, $T, $queue, $started, %id, %queued, $now, $qmailq, $qmails, $group);

skip_all('the sanitizers see the programs in the other tests') if $is_asan;
if (!$root) {
    if (($ENV{CI} // '') eq 'true') { ok('killed at any moment', 'needs root'); finish() }
    skip_all('needs root')
}
if (system("strace -o /dev/null -e inject=unlinkat:delay_enter=1:when=1000 true 2>/dev/null")) {
    if (($ENV{CI} // '') eq 'true') { ok('killed at any moment', 'needs strace'); finish() }
    skip_all('no strace(1) that may trace');
}
my $every = $ENV{EVERY} // 60;
my $seed = $ENV{SEED} // 1;

mkdir($_) or die "$_: $!\n" for "$T/home", "$T/home/control";
$queue = make_queue('home/queue', '--split', 3, '--suppl', 1);
my @victims;

# killed NAME, OPTIONS, COMMAND: options are setup => sub, online => 1, younger => 1 (a birth may
# stay what the hold made it: who was killed had released the message)
sub killed {
    my ($what, $option, @command) = @_;
    my $set_up = $option->{setup} // sub { };
    send_starts() if $option->{online};
    my $fresh = sub { build(); $set_up->(); $started = time; return tokens(@victims) };
    my @tokens = $fresh->();
    my $untouched = state();
    my ($code, $out, $said) = run(\@command, \@tokens, 'strace', '-f', '-o', "$T/trace");
    my $whole = state();
    my @complaints = (illegal($queue), differences('others', $untouched, $whole, 'other\w*'));
    push @complaints, "exit code $code: $said" if $code != ($option->{code} // 0);
    push @complaints, 'it did nothing' if !differences('', $untouched, $whole);
    ok("$what: @command: not killed", @complaints);
    # The same again changes nothing more.
    ($code, $out, $said) = run(\@command, \@tokens);
    my @again = differences('again', $whole, state());
    push @again, "exit code $code: $said" if $code != ($option->{code} // 0);
    ok("$what: again", @again);

    my @calls = calls("$T/trace");
    my @points = grep { my $c = $calls[$_]; $c->[2] || ($_ + $seed) % $every == 0 } 0 .. $#calls;
    my %bad;
    for my $i (@points) {
        my ($call, $n, $changes) = @{ $calls[$i] };
        @tokens = $fresh->();
        my $point = "killed at $call $n, call " . ($i + 1) . ' of ' . @calls;
        ($code, $out, $said) =
            run(\@command, \@tokens, 'strace', '-o', '/dev/null', '-e', "trace=$call", '-e',
            "inject=$call:signal=KILL:when=$n");
        next if !$changes && !$code;                    # of these there may be more or fewer
        push @{ $bad{$point} }, "it was not killed: $code" if $code != 1009;
        # It has told of nothing yet that is not on the disk.
        push @{$bad{$point}}, "it said: $said"
            if $said =~ /^\Q$command[0]\E: \d/m && $call ne 'write';
        push @{$bad{$point}}, illegal($queue, '--allow-temporary'), hidden($option->{online}),
            differences('others', $untouched, state(), 'other\w*');
        ($code, $out, $said) = run(\@command, \@tokens);
        push @{ $bad{$point} }, "again: exit code $code: $said" if $code != ($option->{code} // 0);
        push @{ $bad{$point} }, grep { !$option->{younger} || !m{^again: info/.*, got .* -7\.000 } }
            differences('again', $whole, state());
        delete $bad{$point} if !@{ $bad{$point} };
        last if keys %bad > 5;
    }
    ok( "$what: killed at each of " . @points . ' of ' . @calls . ' calls',
        map {
            my $p = $_;
            map { "$p: $_" } @{$bad{$p}}
        } sort keys %bad);
    send_ends() if $option->{online};
}

my $hold = sub {
    chown 0, $group, place('mess', $id{$_}) or die for @victims;
    utime $now - 7, $now - 7, grep { -e } map { place('info', $id{$_}) } @victims
};
my $expired = sub {
    for (map { place('info', $id{$_}) } grep { has('info', $_) } @victims) {
        my $t = (Time::HiRes::stat($_))[9] - 604800 - 86400;
        utime $t, $t, $_ or die
    }
};
my $interrupted = sub {
    chown 0, $group, place('mess', $id{$_}) or die for qw(failing far);
    put(place('info', $id{$_}), $qmails, 0600, $now - 5, "F#@[]\0") for qw(failing far);
    put("$queue/info/" . $id{far} % 3 . "/.rm-$id{far}", $qmails, 0600, $now - 5, 'x');
};
@victims = qw(failing bounce far new);
killed('removed offline', {}, 'qq-rm', '--jobs', 1);
killed(
    'what is held or interrupted, removed offline',
    { setup => $interrupted },
    'qq-rm', '--jobs', 1);
killed('some recipients, offline', {}, 'qq-rm', '--to', 'a@');
killed('held offline', {}, 'qq-hold');
killed('released offline', { setup => $hold, younger => 1 }, 'qq-release');
killed('removed online', { online => 1 }, 'qq-rm');
killed(
    'what is held or interrupted, removed online',
    { setup => $interrupted, online => 1 },
    'qq-rm', '--flush');
killed('some recipients, online', { online => 1 }, 'qq-rm', '--to', 'a@');
killed('held online', { online => 1 }, 'qq-hold');
killed(
    'released online',
    { setup => $hold, online => 1, younger => 1 },
    'qq-release', '--flush');
@victims = qw(failing bounce far);
killed('expired offline', {}, 'qq-expire');
killed('expired online', { online => 1 }, 'qq-expire');
killed('not expired any more', { setup => $expired }, 'qq-expire', '--undo');

# ---- beside the model ----
# Spam comes in with other mail, fails for good, is put off, bounces. Removals of it are killed at
# random calls, once or twice, then go through.
sub beside_the_model {
    my ($rounds, @options) = @_;
    srand $seed;
    $queue = make_queue('beside', '--split', 7);
    my (%token, %to, @complaints, %returned, @logs, @injectors, %count);
    my $number = 0;
    my ($model, $log) = start_model(
        $queue, '--unit', 400, '--lifetime', 5000, '--concurrency',
        3, '--delivery', 15, '--pauses', 10, '--seed',
        $seed, @options);
    for my $round (1 .. $rounds) {
        my @lines;
        for (1 .. 6) {
            my $n = ++$number;
            my $is_spam = rand() < 0.6;
            my @kinds = $is_spam ? qw(fail defer defer slow good) : qw(good fail slowgood any);
            $to{$n} = [
                map {
                          $kinds[rand @kinds]
                        . ".$n.$_\@"
                        . (rand() < 0.5 ? 'local' : 'far')
                        . '.example'
                } 1 .. 1 + rand 8];
            push @lines, join ' ', ($is_spam ? 'spam' : 'good') . ".$n\@far.example", @{ $to{$n} };
        }
        push @injectors,
            [
            start_injector(
                $queue, \@lines, '--seed', $seed + $round, '--every', 10, '--pauses', 10
            ),
            $number - $#lines];
        sleep rand 0.15;
        kill 'ALRM', $model if rand() < 0.3;
        my (undef, $out) = run(['qq-grep', '--from', 'spam'], []);
        my @tokens = split /\0/, $out or next;
        for (1 .. 1 + rand 2) {
            my $call = (
                qw(fchown fchown pwrite64 pwrite64 renameat2 unlinkat utimensat syncfs openat write)
            )[rand 10];
            my $n =
                  $call eq 'syncfs' ? 1 + int rand 3
                : $call eq 'openat' ? 30 + int rand 10 * @tokens
                : 1 + int rand 2 * @tokens;
            my ($code) =
                run(['qq-rm'], \@tokens, 'strace', '-f', '-o', '/dev/null', '-e', "trace=$call",
                '-e', "inject=$call:signal=KILL:when=$n");
            $count{$code == 1009 ? 'killed' : 'went through'}++;
            push @complaints, "round $round: exit code $code: " . read_file("$T/said")
                if $code && $code != 1009;
            sleep rand 0.1;
        }
        my ($code, undef, $said) = run(['qq-rm'], \@tokens);
        my $at = time;
        push @complaints, "round $round: again: exit code $code: $said" if $code;
        $returned{$_} //= $at for @tokens;
    }
    push @complaints,
        map { my $code = ended($_->[0]); $code ? "an injector: $code" : () } @injectors;
    for my $i (@injectors) {
        my $n = $i->[2];
        $token{ $n++ } = (split / /)[0] for split /\n/, read_file($i->[1])
    }
    my $until = time + 30;
    my @left;
    while ((@left = map { glob "$queue/$_" } 'mess/*/*', 'info/*/*', 'todo/*') && time < $until) {
        kill 'ALRM', $model;
        sleep 0.1
    }
    push @complaints, "left in the queue: @left" if @left;
    my $code = stop($model);
    push @complaints, "the model ended with $code" if $code;
    push @complaints, illegal($queue, '--allow-temporary');
    my $logged = read_logs($log);
    push @complaints, @{ $logged->{trouble} };
    for my $n (sort { $a <=> $b } keys %to) {
        my $token = $token{$n} // '';
        for my $to (@{ $to{$n} }) {
            my @served = @{ $logged->{served}{$to} // [] };
            push @complaints, "$token: $to was served " . @served . ' times'
                if @served > 1 || !@served && !$returned{$token};
            my @late = grep { $returned{$token} && $_->{at} > $returned{$token} }
                @{$logged->{started}{$to} // []};
            push @complaints, "$token: a delivery to $to began after it was removed" if @late;
        }
    }
    for (@{ $logged->{bounced} }) {
        my $returned = $returned{"$_->{id}\@$_->{stamp}"};
        push @complaints, "$_->{id}\@$_->{stamp} bounced after it was removed"
            if $returned && $_->{at} > $returned;
    }
    ok( "beside the model (@options): $number messages, "
            . join(', ', map { "$count{$_} $_" } sort keys %count),
        @complaints);
    system('rm', '-rf', $queue);
}
my $rounds = $ENV{ROUNDS} // 30;
beside_the_model($rounds / 2, '--bounces');
beside_the_model($rounds / 2, '--ext-todo');
finish();
