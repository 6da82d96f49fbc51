#!/usr/bin/perl
# online.t - qq-rm beside the model of a running qmail-send (tests/model): removals at random moments, while messages come in, are tried
# again, end, and their numbers are given to others. Nobody who was not meant loses a message or gets it twice; of a removed message no delivery
# starts and no bounce is sent once qq-rm has returned; it leaves the disk by itself; and qmail-send has nothing to complain about.
#
#   ROUNDS=N     so many removals (48)      SEED=N  the first seed (1): each is a queue with twelve rounds
#   VERBOSE=1    what the rounds did

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Time::HiRes qw(sleep time);
require(abs_path(dirname(__FILE__)) . '/model.pl');
our ($is_asan, $root, $T, $tools, $build);

if (!$root) { if (($ENV{CI} // '') eq 'true') { ok('removal beside the model', 'needs root'); finish() } skip_all('needs root') }
my $bin = $ENV{BIN} // "$build/bin";
my $rounds = $ENV{ROUNDS} // ($is_asan ? 24 : 48);
my $in_a_queue = 12;
my $has_strace = !system 'strace -o /dev/null -e inject=fchown,renameat2,utimensat,unlinkat,openat,newfstatat,pwrite64,syncfs:delay_exit=1:when=1000 true 2>/dev/null';
my @shapes = (['--split', 23], ['--split', 3, '--bigtodo'], ['--split', 7, '--suppl', 2], ['--split', 1]);

my (%run, $queue, @options, $model, @logs, @injectors, @complaints, %count, $message);

# ---- messages ----
# By their number, which is in every address: sender, recipients; and the token, once the injector has said it.
my (%sender, %recipients, %token, %number_of, %injected_by);

sub inject_some {
    my @lines;
    for (1 .. 3 + rand 12) {
        my $n = ++$message;
        my $is_spam = rand() < 0.45;
        $sender{$n} = rand() < 0.1 ? '<>' : ($is_spam ? 'spam' : (qw(good any fail))[rand 3]) . ".sender.$n\@far.example";
        my @kinds = $is_spam && rand() < 0.3 ? 'defer' : qw(good good any any any fail defer slowgood slow);
        my @domains = (qw(local.example far.example far.example suppl0.example))[0 .. rand 4];
        my $recipients = rand() < 0.15 ? 10 + rand 40 : rand 5;
        $recipients{$n} = [map { $kinds[rand @kinds] . ($is_spam ? '.spam' : rand() < 0.2 ? '.part' : '') . ".$n.$_\@" . $domains[rand @domains] } 1 .. $recipients];
        push @lines, join ' ', $sender{$n}, @{ $recipients{$n} };
        $injected_by{$n} = @injectors;
    }
    my ($pid, $tokens) = start_injector($queue, \@lines, '--seed', 1 + int rand 1e6, '--every', 1 + int rand 30, '--pauses', int rand 20);
    push @injectors, { pid => $pid, tokens => $tokens, first => $message - $#lines };
}

sub read_tokens {
    for my $i (@injectors) {
        my $n = $i->{first};
        for (split /\n/, read_file($i->{tokens})) {
            my ($token) = /^(\d+@\d+) / or next;
            $token{$n} = $token;
            $number_of{$token} = $n++;
        }
    }
}

# ---- removals ----
# What was asked for, for each token: { returned, gone, maybe }. returned: nothing may happen any more; gone: qq-rm found it gone then;
# maybe: something was begun that may or may not have come to its end.
my (%removed, %dropped, %held);

sub complain { push @complaints, "$_[0]" }

sub list {
    my ($what, @command) = @_;
    my $pid = start(undef, "$T/tokens", "$T/said", "$bin/$command[0]", '--queue', $queue, @command[1 .. $#command]);
    my $code = ended($pid);
    complain("$what: exit code $code: " . read_file("$T/said")) if $code > 1 || -s "$T/said";
    return split /\0/, read_file("$T/tokens");
}

sub remove {
    my ($what, $tokens, @arguments) = @_;
    return remove_by([rand() < 0.4 ? slowly() : ()], $what, $tokens, @arguments);
}

sub remove_by {
    my ($strace, $what, $tokens, @arguments) = @_;
    return change($strace, 'qq-rm', $tokens, @arguments);
}

sub change {
    my ($strace, $program, $tokens, @arguments) = @_;
    write_file("$T/in", map { "$_\0" } @$tokens);
    my $begun = time;
    my @command = (@$strace, "$bin/$program", '--queue', $queue, '--json', '--quiet', @arguments);
    return { begun => $begun, pid => start("$T/in", "$T/out", "$T/said", @command) };
}

# With a pause behind some of its system calls, so that qmail-send gets in between.
sub slowly {
    return if !$has_strace;
    my @delays = map { sprintf 'inject=%s:delay_exit=%d:when=%d+%d', $_, 500 + rand 8000, 1 + rand 5, 1 + rand 6 } grep { rand() < 0.6 } qw(fchown renameat2 utimensat unlinkat);
    push @delays, map { sprintf 'inject=%s:delay_exit=%d:when=%d+%d', $_, 500 + rand 8000, 1 + rand 20, 5 + rand 10 } grep { rand() < 0.4 } qw(openat newfstatat pwrite64);
    return ('strace', '-f', '-o', '/dev/null', map { ('-e', $_) } @delays);
}

# Killed at one of these system calls.
sub killed_at {
    my $call = (qw(fchown renameat2 utimensat unlinkat pwrite64 syncfs))[rand 6];
    return ('strace', '-f', '-o', '/dev/null', '-e', sprintf 'inject=%s:signal=KILL:when=%d', $call, 1 + rand($call eq 'syncfs' ? 2 : 12));
}

# Reads what became of the tokens. What it is allowed to fail with is told by the caller.
sub result {
    my ($what, $r) = @_;
    $r->{code} = ended($r->{pid}) // die "$what: qq-rm does not end\n";
    $r->{returned} = time;
    $r->{said} = read_file("$T/said");
    $r->{outcome} = { map { /"token":"(\d+@\d+)","result":"(\w+)"/ ? ($1 => $2) : (complain("$what: qq-rm wrote $_") && ()) } split /\n/, read_file("$T/out") };
    return $r;
}

sub note_removal {
    my ($what, $r) = @_;
    for my $token (keys %{ $r->{outcome} }) {
        my $outcome = $r->{outcome}{$token};
        $count{$outcome}++;
        if ($outcome eq 'silenced' || $outcome eq 'removed') {
            $removed{$token}{begun} //= $r->{begun};
            $removed{$token}{returned} //= $r->{returned};
            $removed{$token}{what} //= $what;
        } elsif ($outcome eq 'gone') { push @{ $removed{$token}{gone} }, [$r->{returned}, $what] }
        if ($outcome eq 'removed') {
            my ($id, $stamp) = split /@/, $token;
            my ($mess) = glob "$queue/mess/*/$id";
            my $mtime = $mess ? (Time::HiRes::stat($mess))[9] : undef;
            complain("$what: $token is removed, and still there") if defined $mtime && abs($mtime - $stamp / 1e9) < 1e-6;
        }
    }
}

# The whole of it, which has to succeed.
sub removal {
    my ($what, $tokens, @arguments) = @_;
    return if !@$tokens;
    my $r = result($what, remove($what, $tokens, @arguments));
    complain("$what: qq-rm @arguments: exit code $r->{code}: $r->{said}") if $r->{code} || $r->{said} ne '';
    note_removal($what, $r);
}

# ---- rounds ----
sub spam { my ($what) = @_; return list($what, 'qq-grep', @{ (['--from', 'spam'], ['--subject', 'spam'], ['--to', 'spam'], ['--to', 'spam', '--from', 'spam'])[rand 4] }) }
sub run_model { my ($pid, $log) = start_model($queue, @options, '--seed', 1 + int rand 1e6); push @logs, $log; $model = $pid }

# Starts it; a qq-rm that has the locks keeps it from that.
sub run_model_again {
    for (1 .. 2000) {
        run_model();
        return if read_file($logs[-1]) !~ /alert: cannot start/;
        ended($model);
        pop @logs;
        sleep 0.01;
    }
    die "the model does not start\n";
}

sub stop_model {
    my ($what) = @_;
    my $code = stop($model);
    complain("$what: the model ended with $code") if $code;
}

my (%kind, $lifetime);
%kind = (
    plain => sub { removal($_[0], [spam($_[0])]) },
    tokens_wait => sub { my @t = spam($_[0]); sleep rand 0.1; removal($_[0], \@t) },
    flush => sub { removal($_[0], [spam($_[0])], '--flush') },
    wait => sub { removal($_[0], [spam($_[0])], '--flush', '--wait', 30) },
    # Straight from the injector: these are as new as can be.
    newest => sub {
        read_tokens();
        my @young = grep { (split /@/, $token{$_})[1] / 1e9 < time - 0.02 } grep { $token{$_} && $sender{$_} =~ /^spam/ } sort { $b <=> $a } keys %sender;
        removal($_[0], [map { $token{$_} } grep { defined } @young[0 .. 9]]);
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
        return kill 'CONT', -$model if !@t;
        my $r = remove($_[0], \@t);
        sleep rand 0.04;
        kill 'CONT', -$model;
        result($_[0], $r);
        complain("$_[0]: qq-rm: exit code $r->{code}: $r->{said}") if $r->{code} || $r->{said} ne '';
        note_removal($_[0], $r);
    },
    in_flight => sub { my @t = spam($_[0]); kill 'ALRM', $model; sleep rand 0.02; removal($_[0], \@t) },
    some => sub {
        my @t = list($_[0], 'qq-grep', '--to', 'part');
        return if !@t;
        my $r = result($_[0], remove($_[0], \@t, '--to', 'part'));
        complain("$_[0]: qq-rm --to part: exit code $r->{code}: $r->{said}") if $r->{code} || $r->{said} ne '';
        $dropped{$_} = 1 for @t;
        $count{"$_ (some)"}++ for values %{ $r->{outcome} };
    },
    everything => sub { removal($_[0], [list($_[0], 'qq-list')]) },
    # Every one that ever was, with numbers that others have by now.
    stale => sub {
        read_tokens();
        removal($_[0], [map { $token{$_} } grep { $token{$_} && $sender{$_} =~ /^spam/ && (split /@/, $token{$_})[1] / 1e9 < time - 0.02 } sort keys %sender]);
    },
    # Somebody who is not meant is held for a while, and released. A lifetime of a second or two is too short for that.
    hold => sub {
        return $kind{plain}->(@_) if $lifetime < 3;
        my @t = grep { rand() < 0.5 } list($_[0], 'qq-list');
        return if !@t;
        my $r = result($_[0], change([rand() < 0.4 ? slowly() : ()], 'qq-hold', \@t));
        my @held = grep { $r->{outcome}{$_} eq 'held' } keys %{ $r->{outcome} };
        my @lines = grep { !/: failed: .* is past its lifetime, and its last attempt is under way$|is not in the queue \(any more\)$/ } split /\n/, $r->{said};
        complain("$_[0]: qq-hold: exit code $r->{code}: @lines") if @lines || $r->{code} != 0 && $r->{code} != 1 && $r->{code} != 111;
        $count{"$_ (hold)"}++ for values %{ $r->{outcome} };
        kill 'ALRM', $model if rand() < 0.5;
        sleep rand 0.3;
        push @{ $held{$_} }, [$r->{returned}, time, $_[0]] for @held;
        return if !@held;
        $r = result($_[0], change([rand() < 0.4 ? slowly() : ()], 'qq-release', \@held, '--flush'));
        complain("$_[0]: qq-release: exit code $r->{code}: $r->{said}") if $r->{code} > 1 || grep { !/ is not in the queue \(any more\)$/ } split /\n/, $r->{said};
        $count{"$_ (release)"}++ for values %{ $r->{outcome} };
    },
    # Killed, the same ids finish it.
    killed => sub {
        my @t = spam($_[0]);
        return if !@t;
        for (1 .. 1 + rand 3) {
            my $by_call = $has_strace && rand() < 0.6;
            my $r = remove_by($by_call ? [killed_at()] : [], $_[0], \@t);
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
        my $r = @t && rand() < 0.5 ? remove($_[0], \@t) : undef;
        sleep rand 0.02;
        kill 'TERM', $model;
        sleep rand 0.05;
        $r //= remove($_[0], \@t);
        sleep rand 0.02;
        stop_model($_[0]);
        for my $try (1 .. 100) {
            note_removal($_[0], result($_[0], $r));
            last if !$r->{code};
            $removed{$_}{maybe} = 1 for @t;
            complain("$_[0]: qq-rm: exit code $r->{code}: $r->{said}") if $try == 100 || $r->{code} != 111;
            run_model_again() if $try == 3 && rand() < 0.5 && !kill 0, $model;
            sleep rand 0.05;
            $r = remove($_[0], \@t);
        }
        run_model_again() if !kill 0, $model;
    },
);
my @kinds = (qw(plain tokens_wait flush wait newest stale stale burst midway midway midway in_flight in_flight some killed killed restart everything hold hold));

# ---- what must have come of it ----
sub account {
    my $said = read_logs(@logs);
    complain($_) for @{ $said->{trouble} };
    read_tokens();
    my %bounced;
    push @{ $bounced{"$_->{id}\@$_->{stamp}"} }, $_ for @{ $said->{bounced} };
    for my $n (sort { $a <=> $b } keys %sender) {
        my $token = $token{$n} or do { complain("message $n was not injected"); next };
        my $removal = $removed{$token};
        my $is_removed = $removal && ($removal->{returned} || $removal->{maybe});
        for my $to (@{ $recipients{$n} }) {
            my @results = @{ $said->{served}{$to} // [] };
            my $late = grep { $removal && $removal->{returned} && $_ > $removal->{returned} } @{ $said->{tried}{$to} // [] };
            complain("$removal->{what}: $token: $to was tried $late times after qq-rm had returned") if $late > 1;
            $count{'tries of what had been read'} += $late;
            my $may_miss = $is_removed || $dropped{$token} && $to =~ /\.part\./;
            complain("$token: $to was served " . @results . " times: @results") if @results > 1 || !@results && !$may_miss;
            complain("$token: $to should have been success and was @results") if !$is_removed && $to =~ /^(?:slow)?good/ && "@results" =~ /failure/;
            for my $d (@{ $said->{started}{$to} // [] }) {
                complain("$token: $to was served as $d->{id}\@$d->{stamp} at $d->{at}") if "$d->{id}\@$d->{stamp}" ne $token;
                complain("$token: $to was served with sender $d->{from}") if $d->{from} ne $sender{$n} =~ s/^<>$//r;
                for (@{ $held{$token} // [] }) {
                    my ($from, $until, $what) = @$_;
                    complain(sprintf '%s: %s: delivery to %s began %.6f s after qq-hold had returned', $what, $token, $to, $d->{at} - $from) if $d->{at} > $from && $d->{at} < $until;
                }
                next if !$removal || !$removal->{returned};
                complain(sprintf '%s: %s: delivery to %s began %.6f s after qq-rm had returned', $removal->{what}, $token, $to, $d->{at} - $removal->{returned}) if $d->{at} > $removal->{returned};
                $count{'deliveries during a removal'}++ if $d->{at} > $removal->{begun} && $d->{at} < $removal->{returned};
            }
        }
        for (@{ $removal->{gone} // [] }) {
            my ($at, $what) = @$_;
            my @ended = grep { $_ < $at } @{ $said->{ended}{$token} // [] };
            complain("$what: $token was called gone, and was not") if !@ended && !$is_removed;
        }
        my @bounces = @{ $bounced{$token} // [] };
        complain("$token has " . @bounces . ' bounces') if @bounces > 1;
        if ($removal && $removal->{returned} && @bounces) {
            my $at = $bounces[0]{at};
            complain(sprintf '%s: %s: bounced %.6f s after qq-rm had returned', $removal->{what}, $token, $at - $removal->{returned}) if $at > $removal->{returned};
            $count{'bounces during a removal'}++ if $at > $removal->{begun} && $at < $removal->{returned};
        }
        my $ends = @{ $said->{ended}{$token} // [] };
        complain("$token ended $ends times") if $ends > 1 || !$ends && !$is_removed;
        my $failures = grep { "@{ $said->{served}{$_} // [] }" eq 'failure' } @{ $recipients{$n} };
        complain("$token: $failures failures and " . @bounces . ' bounces') if !$is_removed && ($failures ? 1 : 0) != @bounces;
    }
}

sub is_empty { return !grep { m{/\d+$} && -f } map { glob "$queue/$_" } 'mess/*/*', 'info/*/*', 'todo/*', 'todo/*/*' }

# ---- a queue ----
mkdir "$T/control" or die;
my $seed = $ENV{SEED} // 1;
for (my $done = 0; $done < $rounds; $seed++) {
    srand $seed;
    @complaints = @logs = @injectors = ();
    (%sender, %recipients, %token, %number_of, %injected_by, %removed, %dropped, %held, %count) = ();
    $message = 0;
    $queue = make_queue("queue$seed", @{ $shapes[rand @shapes] });
    $lifetime = (1, 1, 2, 4)[rand 4];
    write_file("$T/control/queuelifetime", "$lifetime\n");
    @options = ('--unit', 400, '--lifetime', $lifetime * 2500, '--concurrency', 1 + int rand 8, '--delivery', 4 + int rand 10, '--pauses', int rand 25, '--linger', rand() < 0.5 ? 0 : int rand 40,
        rand() < 0.4 ? '--ext-todo' : (), rand() < 0.6 ? '--bounces' : ());
    run_model();
    my (@done, $begun);
    $begun = time;
    for my $round (1 .. $in_a_queue) {
        last if ++$done > $rounds;
        inject_some() for 1 .. 1 + rand 2;
        sleep rand 0.2;
        kill 'ALRM', $model if rand() < 0.3;
        my $name = $kinds[rand @kinds];
        my $at = time;
        $kind{$name}->("seed $seed round $round ($name)");
        push @done, sprintf '%s at %.3f', $name, $at;
        last if @complaints > 20;
    }
    for (@injectors) { my $code = ended($_->{pid}); complain('an injector ' . (defined $code ? "failed: $code" : 'does not end')) if $code || !defined $code }
    my $until = time + 60;
    until (is_empty() || time > $until) { kill 'ALRM', $model; sleep 0.1 }
    complain('the queue does not become empty: ' . join ' ', map { s{^\Q$queue\E/}{}r } grep { m{/\d+$} && -f } glob "$queue/*/*/* $queue/*/*") if !is_empty();
    stop_model('at the end');
    account();
    complain($_) for illegal($queue, '--settled', '--empty');
    print map { "# $_\n" } "@options", @done, map { "$_: $count{$_}" } sort keys %count if $ENV{VERBOSE} || @complaints;
    ok(sprintf('seed %d: %d messages, %s', $seed, $message, join ', ', map { "$count{$_} $_" } grep { !/\(| / } sort keys %count), @complaints);
    if (@complaints && $ENV{KEEP}) { print "# kept in $T: @logs\n"; last }
    system('rm', '-rf', $queue) == 0 or die;
}
finish();
