#!/usr/bin/perl
# online.t - qq-rm beside the model of a running qmail-send (tests/model): removals at random
# moments, while messages come in, are tried again, end, and their numbers are given to others.
# Nobody who was not meant loses a message or gets it twice; of a removed message no delivery starts
# and no bounce is sent once qq-rm has returned; it leaves the disk by itself; and qmail-send has
# nothing to complain about. Likewise a message that is held, until it is released.
#
#   ROUNDS=N     so many removals (36)      SEED=N  the first seed (1): each is a
#                queue with twelve rounds
#   VERBOSE=1    what the rounds did        KEEP=1  leave everything that belongs to a failure

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Time::HiRes qw(sleep time);
require(abs_path(dirname(__FILE__)) . '/online.pl');
our (
    $is_asan, $T, $bin, $has_strace, $queue, $model, @injectors,
    @complaints, %count, %sender, %token, %removed, %dropped, %held);

my $rounds = $ENV{ROUNDS} // ($is_asan ? 12 : 36);
my $in_a_queue = 12;
my @shapes =
    (['--split', 23], ['--split', 3, '--bigtodo'], ['--split', 7, '--suppl', 2], ['--split', 1]);
my $lifetime;

# ---- messages ----
# Those of spammers are meant to be removed, those to *.part sometimes some of their recipients.
sub inject_some {
    my @messages;
    for (1 .. 3 + rand 12) {
        my $is_spam = rand() < 0.45;
        my $sender =
            rand() < 0.1
            ? '<>'
            : ($is_spam ? 'spam' : (qw(good any fail))[rand 3]) . '.sender@far.example';
        my @kinds =
            $is_spam && rand() < 0.3 ? 'defer' : qw(good good any any any fail defer slowgood slow);
        my @domains = (qw(local.example far.example far.example suppl0.example))[0 .. rand 4];
        my $recipients = int(rand() < 0.15 ? 10 + rand 40 : rand 5);
        push @messages, new_message(
            $sender,
            map {
                      $kinds[rand @kinds]
                    . ($is_spam ? '.spam' : rand() < 0.2 ? '.part' : '') . '@'
                    . $domains[rand @domains]
            } 1 .. $recipients);
    }
    inject(
        \@messages, '--seed', 1 + int rand 1e6, '--every',
        1 + int rand 30, '--pauses', int rand 20);
}
sub is_spam { my ($n) = @_; return $sender{$n} =~ /^spam/ }

# ---- what is done to them ----
# The tokens that a program prints, which should have nothing to complain about.
sub list {
    my ($what, @command) = @_;
    my $pid = start(undef, "$T/tokens", "$T/said", "$bin/$command[0]", '--queue', $queue,
        @command[1 .. $#command]);
    my $code = ended($pid);
    complain("$what: exit code $code: " . read_file("$T/said")) if $code > 1 || -s "$T/said";
    return split /\0/, read_file("$T/tokens");
}
sub spam {
    my ($what) = @_;
    return list(
        $what,
        'qq-grep',
        @{  (   ['--from', 'spam'],
                ['--subject', 'spam'],
                ['--to', 'spam'],
                ['--to', 'spam', '--from', 'spam']
            )[rand 4]
        })
}

# strace(1) with pauses behind some system calls, so that qmail-send gets in between.
sub slowly {
    return if !$has_strace || rand() < 0.6;
    my @delays = map {
        sprintf 'inject=%s:delay_exit=%d:when=%d+%d', $_, 500 + rand 8000, 1 + rand 5, 1 + rand 6
    } grep { rand() < 0.6 } qw(fchown renameat2 utimensat unlinkat);
    push @delays, map {
        sprintf 'inject=%s:delay_exit=%d:when=%d+%d', $_, 500 + rand 8000, 1 + rand 20, 5 + rand 10
    } grep { rand() < 0.4 } qw(openat newfstatat pwrite64);
    return ('strace', '-f', '-o', '/dev/null', map { ('-e', $_) } @delays);
}

# strace(1) that kills it at one of its system calls.
sub killed_at {
    my $call = (qw(fchown renameat2 utimensat unlinkat pwrite64 syncfs))[rand 6];
    return ('strace', '-f', '-o', '/dev/null', '-e', sprintf 'inject=%s:signal=KILL:when=%d',
        $call, 1 + rand($call eq 'syncfs' ? 2 : 12));
}

sub removal {
    my ($what, $tokens, @arguments) = @_;
    return if !@$tokens;
    my $r = result($what, change([slowly()], 'qq-rm', $tokens, @arguments));
    must_succeed($what, $r);
    note_removal($what, $r);
}

my %kind;
%kind = (
    plain => sub { removal($_[0], [spam($_[0])]) },
    tokens_wait => sub { my @t = spam($_[0]); sleep rand 0.1; removal($_[0], \@t) },
    flush => sub { removal($_[0], [spam($_[0])], '--flush') },
    wait => sub { removal($_[0], [spam($_[0])], '--flush', '--wait', 30) },
    everything => sub { removal($_[0], [list($_[0], 'qq-list')]) },
    in_flight =>
        sub { my @t = spam($_[0]); kill 'ALRM', $model; sleep rand 0.02; removal($_[0], \@t) },
    # The last ones that came in; and every one that ever did, with numbers that others have by now.
    newest => sub {
        read_tokens();
        removal(
            $_[0],
            [   grep { defined }
                    (certain_tokens(sort { $b <=> $a } grep { is_spam($_) } keys %sender))[0 .. 9]
            ])
    },
    stale => sub {
        read_tokens();
        removal($_[0], [certain_tokens(grep { is_spam($_) } sort keys %sender)])
    },
    # Many new ones at once, while it begins to look at them.
    burst => sub {
        kill 'STOP', -$model;
        inject_some() for 1 .. 2;
        sleep 0.1;
        my @t = spam($_[0]);
        kill 'CONT', -$model;
        sleep rand 0.01;
        removal($_[0], \@t);
    },
    # The same, and it stands still in the midst of that until qq-rm has seen it so.
    midway => sub {
        kill 'STOP', -$model;
        inject_some() for 1 .. 2;
        sleep 0.1;
        my @t = spam($_[0]);
        kill 'CONT', -$model;
        sleep rand 0.02;
        kill 'STOP', -$model;
        my $r = @t ? change([slowly()], 'qq-rm', \@t) : undef;
        sleep rand 0.04;
        kill 'CONT', -$model;
        return if !$r;
        must_succeed($_[0], result($_[0], $r));
        note_removal($_[0], $r);
    },
    some => sub {
        my @t = list($_[0], 'qq-grep', '--to', 'part');
        return if !@t;
        my $r = result($_[0], change([slowly()], 'qq-rm', \@t, '--to', 'part'));
        must_succeed($_[0], $r);
        $dropped{$_} = 1 for @t;
        $count{"$_ (some)"}++ for values %{ $r->{outcome} };
    },
    # Somebody who is not meant is held for a while, and released. A lifetime of a second or two is
    # too short for that.
    hold => sub {
        return $kind{plain}->(@_) if $lifetime < 3;
        my @t = grep { rand() < 0.5 } list($_[0], 'qq-list');
        return if !@t;
        my $r = result($_[0], change([slowly()], 'qq-hold', \@t));
        my @held = grep { $r->{outcome}{$_} eq 'held' } keys %{ $r->{outcome} };
        my @lines = grep {
            !/: failed: .* is past its lifetime, and its last attempt is under way$|is not in the queue \(any more\)$/
        } split /\n/, $r->{said};
        complain("$_[0]: qq-hold: exit code $r->{code}: @lines")
            if @lines || $r->{code} != 0 && $r->{code} != 1 && $r->{code} != 111;
        $count{"$_ (hold)"}++ for values %{ $r->{outcome} };
        kill 'ALRM', $model if rand() < 0.5;
        sleep rand 0.3;
        push @{ $held{$_} }, [$r->{returned}, time, $_[0]] for @held;
        return if !@held;
        $r = result($_[0], change([slowly()], 'qq-release', \@held, '--flush'));
        complain("$_[0]: qq-release: exit code $r->{code}: $r->{said}")
            if $r->{code} > 1 || grep { !/ is not in the queue \(any more\)$/ } split /\n/,
            $r->{said};
        $count{"$_ (release)"}++ for values %{ $r->{outcome} };
    },
    # Killed, the same ids finish it.
    killed => sub {
        my @t = spam($_[0]);
        return if !@t;
        for (1 .. 1 + rand 3) {
            my $by_call = $has_strace && rand() < 0.6;
            my $r = change([$by_call ? killed_at() : ()], 'qq-rm', \@t);
            if (!$by_call) { sleep rand 0.02; kill 'KILL', $r->{pid} }
            ended($r->{pid});
            $removed{$_}{maybe} = 1 for @t;
            sleep rand 0.1;
        }
        removal($_[0], \@t, rand() < 0.5 ? '--flush' : ());
    },
    # qmail-send stops or starts meanwhile, so that it is done online, offline, or not at all.
    restart => sub {
        my @t = spam($_[0]);
        my $r = @t && rand() < 0.5 ? change([slowly()], 'qq-rm', \@t) : undef;
        sleep rand 0.02;
        kill 'TERM', $model;
        sleep rand 0.05;
        $r //= change([slowly()], 'qq-rm', \@t);
        sleep rand 0.02;
        stop_model($_[0]);
        for my $try (1 .. 100) {
            note_removal($_[0], result($_[0], $r));
            last if !$r->{code};
            $removed{$_}{maybe} = 1 for @t;
            complain("$_[0]: qq-rm: exit code $r->{code}: $r->{said}")
                if $try == 100 || $r->{code} != 111;
            run_model_again() if $try == 3 && rand() < 0.5 && !kill 0, $model;
            sleep rand 0.05;
            $r = change([slowly()], 'qq-rm', \@t);
        }
        run_model_again() if !kill 0, $model;
    },
);
my @kinds = (
    qw(plain tokens_wait flush wait newest stale stale burst midway midway midway
        in_flight in_flight some killed killed restart everything hold hold)
);

# ---- a queue for each seed ----
my $seed = $ENV{SEED} // 1;
for (my $done = 0; $done < $rounds; $seed++) {
    srand $seed;
    $lifetime = (1, 1, 2, 4)[rand 4];
    begin_queue(
        "queue$seed",
        $shapes[rand @shapes],
        $lifetime,
        '--concurrency',
        1 + int rand 8,
        '--delivery',
        4 + int rand 10,
        '--pauses',
        int rand 25,
        '--linger',
        rand() < 0.5 ? 0 : int rand 40,
        rand() < 0.4 ? '--ext-todo' : (),
        rand() < 0.6 ? '--bounces' : ());
    my @done;
    for my $round (1 .. $in_a_queue) {
        last if ++$done > $rounds;
        inject_some() for 1 .. 1 + rand 2;
        sleep rand 0.2;
        kill 'ALRM', $model if rand() < 0.3;
        my $name = $kinds[rand @kinds];
        push @done, sprintf '%s at %.3f', $name, time;
        $kind{$name}->("seed $seed round $round ($name)");
        last if @complaints > 20;
    }
    end_queue("seed $seed", @done);
}
finish();
