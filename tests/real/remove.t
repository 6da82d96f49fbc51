#!/usr/bin/perl
# Removing, holding and expiring mail at random moments beside a real qmail that receives and
# delivers: nobody else's mail is lost or delivered twice, nothing is delivered or bounced any more
# of what is removed, and the queue is empty at the end.
#
# A run: `begin'; messages go in through qmail-queue (message, inject), and their recipients say by
# their names what becomes of them (good, defer, fail, slow, rand); our programs are called (change,
# job, attempts); `report' lets all end and compares: what the programs said (complaints, judge)
# with what qmail's logs say (look), by the rules that hold for every run (properties). In a random
# round (random_round) injectors, actors that remove and disturbers are processes side by side; the tests
# below `one thing at a time' make their messages by hand (quiet_run).
#
# The environment is that of real.pl, with QQ_REAL_LOG and QQ_REAL_DELIVERIES, and
#   ROUNDS MESSAGES      rounds of random removals (2), messages in each (200); one round in five
#                        more of each other kind
#   SLACK                seconds between a decision to deliver and its line in the log (1), on a
#                        busy machine; with strace, some rounds are exact
#   ONLY                 tests by name, with spaces: control numbers wait frozen recipients live
#                        hold last expire rounds kills restarts holds expires

use strict;
use warnings;
use Digest::MD5 qw(md5_hex);
use FindBin;
use POSIX ();
use Storable ();
use Time::HiRes qw(sleep time);

BEGIN { require "$FindBin::Bin/real.pl" }

our ($home, $queue, $bin, $tmp, $me, $remote, $seed, $over, %given, @children);
my ($rounds, $messages, $slack) =
    ($ENV{ROUNDS} // 2, $ENV{MESSAGES} // 200, $ENV{SLACK} // 1);
real('stopped', 'LOG', 'DELIVERIES');
my $qmailq = (stat "$queue/mess")[4];
my $split = () = glob "$queue/mess/[0-9]*";
my $has_todo = -e "$home/bin/qmail-todo";
my $has_strace = !system 'strace -o /dev/null true 2>/dev/null';
my $run = 0;

# ---- files

# Whether the message of the token is on the disk: perl's mtimes are a
# little less exact than stamps.
sub is_there {
    my ($id, $stamp) = split /@/, $_[0];
    my $mtime = (Time::HiRes::stat("$queue/mess/" . $id % $split . "/$id"))[9];
    return defined $mtime && abs($mtime - $stamp / 1e9) < 5e-6;
}

# ---- qmail

sub children_of {
    my ($pid, $program) = @_;
    return grep { slurp("/proc/$_/stat") =~ /\) . $pid / } processes($program);
}

# It and, where there is one, its qmail-todo.
sub daemons { my $pid = daemon() or return; return $pid, children_of($pid, qr{/qmail-todo$}) }

# Where qmail-lspawn and qmail-rspawn look at the mess file of a delivery, before they begin it.
sub trace_spawns {
    my @spawns = children_of(daemon(), qr{/qmail-[lr]spawn$});
    my @tracers = map {
        my $spawn = $_;
        my @command = (
            'strace', '-ttt', '-y', '-v',
            '-e', 'trace=fstat,newfstatat', '-o', "$tmp/spawn.$run.$spawn",
            '-p', $spawn);
        child(sub { open STDERR, '>', '/dev/null'; exec @command }, 0)
    } @spawns;
    until_true(
        10,
        sub {
            !grep { slurp("/proc/$_/status") =~ /^TracerPid:\t0$/m } @spawns
        }
    ) or die "strace does not trace\n";
    return @tracers;
}
sub spawned {
    my %accepted;
    for (map { split /\n/, slurp($_) } glob "$tmp/spawn.$run.*") {
        push @{$accepted{$2}}, $1
            if
            m{^(\d+\.\d+) \w+\(\d+<[^>]*/mess/\d+/(\d+)(?:\(deleted\)| \(deleted\))?>.*st_uid=(\d+)}
            && $3 == $qmailq;
    }
    return \%accepted;
}

at_end(sub { kill 'CONT', daemons() });      # a disturber may have stopped them

# ---- messages: key ROUND-N => { key, sender, to, is_target, fate: normal, removed, maybe }, and
# what happens to them

my (%world, @offsets);

sub message {
    my ($n, $is_target, @kinds) = @_;
    my $key = "$run-$n";
    my $k = 0;
    my @to = map {
        my ($kind, $local) = /^(\w+?)(@?)$/;
        join('-', $kind, $key, $k++) . '@' . ($local ? $me : $remote)
    } @kinds;
    my $domain = $n % 2 ? $me : $remote;
    my $sender =
        $is_target ? "good-target-$key-\@$domain" : $n % 5 ? "good-keep-$key-\@$domain" : '';
    return $world{$key} =
        { key => $key, sender => $sender, to => \@to, is_target => $is_target, fate => 'normal' };
}

my %kinds = (
    good => 6,
    rand => 4,
    slow => 0.7,
    fail => 0.8,
    defer => 0.6,
    'good@' => 3,
    'rand@' => 2,
    'slow@' => 0.4,
    'deferlocal@' => 0.2,
    'faillocal@' => 0.4);
sub random_message {
    my ($n) = @_;
    return message($n, rand() < 0.65, map { kind(%kinds) } 1 .. 1 + int rand 10)
}

# Through qmail-queue. Sets times, process, exit code.
sub inject {
    my ($m) = @_;
    my $body = "body of $m->{key}\n" x (1 + length($m->{sender}) % 7);
    my $message = "Subject: removing $m->{key}\n\n$body";
    $m->{began} = time;
    @$m{qw(qp code)} = queue_mail($message, $m->{sender}, @{$m->{to}});
    $m->{queued} = time;
    return $m;
}

# ---- our programs

my $serial = 0;

# Runs a command: in, a string or a handle, on its standard input; killed by the
# signal after so many seconds.
sub run {
    my ($command, $in, $kill, $signal) = @_;
    my $base = "$tmp/$$." . $serial++;
    spew("$base.in", $in) unless ref $in;
    my %r = (began => time);
    my $pid = fork // die;
    if (!$pid) {
        if (ref $in) { POSIX::dup2(fileno $in, 0) }
        else { open my $h, '<', "$base.in" or die; POSIX::dup2(fileno $h, 0) }
        open my $o, '>', "$base.out" or die; POSIX::dup2(fileno $o, 1);
        open my $e, '>', "$base.err" or die; POSIX::dup2(fileno $e, 2);
        exec @$command or POSIX::_exit(127);
    }
    if (defined $kill) { sleep $kill; kill $signal, $pid }
    waitpid $pid, 0;
    @r{qw(ended code killed)} = (time, $? >> 8, $? & 127);
    @r{qw(out err)} = map { slurp("$base.$_") } qw(out err);
    unlink map { "$base.$_" } qw(in out err);
    return \%r;
}

# One of the programs that change the queue, with --json. in: tokens, or arguments
# of qq-grep for a pipeline.
sub change {
    my ($program, $arguments, $in, %o) = @_;
    my @command = ("$bin/$program", '--json', @$arguments);
    my ($r, $grep, $reader, $trace);
    if ($o{trace}) {
        $trace = "$tmp/$$.trace";
        unshift @command, 'strace', '-f', '-ttt', '-y', '-e', 'trace=fchown,pwrite64', '-o', $trace;
    }
    if (ref $in) {
        pipe $reader, my $writer or die;
        $grep = fork // die;
        if (!$grep) {
            POSIX::dup2(fileno $writer, 1);
            exec "$bin/qq-grep", @$in or POSIX::_exit(127)
        }
    }
    $r = run(\@command, $reader // $in, @o{qw(kill signal)});
    if ($grep) { close $reader; waitpid $grep, 0; $r->{grep} = $? }
    my %result = $r->{out} =~ /"token":"(\d+\@\d+)","result":"(\w+)"/g;
    $r->{result} = \%result;
    $r->{still_there} = [grep { $result{$_} eq 'removed' && is_there($_) } keys %result];
    if ($trace) {
        for (split /\n/, slurp($trace)) {
            $r->{shut}{$2} //= $1 if m{ (\d+\.\d+) fchown\(\d+<[^>]*/mess/\d+/(\d+)>, 0,.* = 0};
            $r->{in_todo}{$1} = 1 if m{pwrite64\(\d+<[^>]*/todo/(?:\d+/)?(\d+)>, "u"};
        }
        unlink $trace;
    }
    return $r;
}

sub tokens {
    my $r = run(["$bin/qq-grep", @_], '');
    return wantarray ? split(/\0/, $r->{out}) : $r->{out}
}

# It is between a stop and a start, and a qmail-todo still there.
my $no_signal = qr/unable to signal qmail-send: (?:its process was not found|No such )/;
my $other_run = qr/(?:process \d+|another program)/;
my $not_now = qr/$other_run is changing this queue|qmail-send is starting or stopping/;

# What a run of qq-rm, qq-hold or qq-release did not do as it should.
sub complaints {
    my ($job, $r) = @_;
    my @trouble;
    return () if $r->{killed} && $job->{kills};
    push @trouble, "killed by signal $r->{killed}" if $r->{killed};
    push @trouble, "qq-grep: exit code $r->{grep}"
        if ($r->{grep} // 0) & 0xff || ($r->{grep} // 0) >> 8 > 1;
    push @trouble, "said `removed', but it is there: @{$r->{still_there}}" if @{$r->{still_there}};
    push @trouble, "said that it is removed, but it is listed: @{$r->{listed}}"
        if @{$r->{listed} // []};
    my (%count, %said);
    $count{$_}++ for values %{$r->{result}};
    for (split /\n/, $r->{err}) {
        next if /^qq-\w+: waiting for $other_run, which is changing this queue$/;
        next if /fatal: .*$not_now/ || /^qq-release: .*--flush/
            || /Only qmail-send knows when they are tried next/;
        if (/^qq-\w+: (\d+ \w+(?:, \d+ \w+)*)$/) { %said = reverse split /,? /, $1; next }
        next if $job->{restarts} && /: unfinished: |$no_signal/;
        next if $job->{restarts} && $has_todo && /: a qmail-send could not start while/;
        next if $job->{kills} && /removals? w(?:as|ere) interrupted/;
        next if $count{unchanged} && /is not (?:held|expired)$/;
        next if $job->{program} ne 'qq-rm' && $count{gone} && /is not in the queue/;
        push @trouble, $_;
    }
    for (sort keys %count) {
        push @trouble, "said $said{$_} $_, expected $count{$_}" if ($said{$_} // 0) != $count{$_}
    }
    my $may_be_gone = $job->{program} ne 'qq-rm' && $count{gone};
    my $may_be_trouble = $r->{err} =~ $not_now
        || ($job->{restarts} && ($count{unfinished} || $r->{err} =~ $no_signal));
    push @trouble, "exit code $r->{code}"
        unless $r->{code} == 0
        || ($r->{code} == 1 && $may_be_gone)
        || ($r->{code} == 111 && $may_be_trouble);
    push @trouble, "some failed" if $count{failed};
    return map { "$job->{program} (messages @{$job->{asked}}): $_" } @trouble;
}

# ---- a run of qmail: everything between begin and finish is looked at afterwards

sub begin {
    my (%o) = @_;
    $run++;
    %world = ();
    srand($seed + $run);
    stop();
    control('queuelifetime', $o{lifetime} // 86400);
    control('concurrencyremote', $o{concurrencyremote});
    @offsets = map { -s $given{$_} // 0 } qw(LOG DELIVERIES);
    start();
}

# Everything that can be delivered is; the rest fails. Returns what is wrong with what is left.
sub finish {
    stop();
    control('queuelifetime', 0);
    control('concurrencyremote');
    start();
    until_true(90, sub { flush(); return !grep { m{^mess/} } files() }, 0.4);
    stop();
    return map { "left in the queue: $_" } files();
}

# What the logs say. Addresses and senders are used once. What the qmail-todo of a qmail-send that
# could not start has preprocessed has no line: nobody reads what it would log. It is known by its
# first delivery.
sub look {
    my (%w, %life, %known, %new, %delivery, %by_sender, %by_qp, %by_recipient, $could_not);
    for (values %world) {
        for my $to (@{$_->{to}}) { $by_recipient{$to} = $_ }
        if ($_->{sender} ne '') { $by_sender{$_->{sender}} = $_ }
        else { push @{$by_qp{$_->{qp} // 0}}, $_ }
        delete @$_{qw(lives)};
    }
    for (lines($given{LOG}, $offsets[0])) {
        my ($t, $line) = /^(\d+\.\d+) (.*)$/ or next;
        if ($line =~ /^new msg (\d+)/) { $new{$1} = $t }
        elsif ($line =~ /^info msg (\d+): bytes \d+ from <(.*)> qp (\d+) uid (\d+)/) {
            my ($id, $sender, $qp, $uid) = ($1, $2, $3, $4);
            next if $life{$id} && $life{$id}{name} eq "$sender $qp";
            my $m = $by_sender{$sender};
            ($m) =
                sort { $b->{began} <=> $a->{began} }
                grep { $_->{began} < $t } @{$by_qp{$qp} // []}
                if $sender eq '' && $uid == $>;
            $life{$id} =
                { id => $id, new => $new{$id} // $t, name => "$sender $qp", bounces => [] };
            $w{lives}++;
            $w{again}++ if $known{$id}++;
            push @{$m->{lives}}, $life{$id} if $m;
        } elsif ($line =~ /^starting delivery (\d+): msg (\d+) to \S+ (.*)/) {
            my ($id, $to) = ($2, $3);
            $delivery{$1} = $to;
            $w{deliveries}++;
            my $m = $by_recipient{$to};
            if ($could_not && $has_todo && $m && !$life{$id}) {
                $life{$id} = { id => $id, new => $t, name => "$m->{sender} ?", bounces => [] };
                push @{$m->{lives}}, $life{$id};
                $w{$_}++ for 'lives', 'without a line';
            }
        } elsif ($line =~ /^delivery (\d+): (\w+): (.*)/) {
            my ($d, $result, $text) = ($1, $2, $3);
            my $to = delete $delivery{$d} // '?';
            push @{$w{final}{$to}}, $result if $result =~ /^(?:success|failure)$/;
            push @{$w{refused}{$to}}, $t if $text =~ /wrong_owner/;
            push @{$w{bad}}, "$line ($to)" if $text =~ /trouble|unable|mangled|crashed/i;
        }
        elsif ($line =~ /^(bounce|end) msg (\d+)/) {
            my $life = $life{$2} or next;
            if ($1 eq 'bounce') { push @{$life->{bounces}}, $t }
            else { $life->{end} = $t; delete $life{$2} }
        } elsif ($line =~ /^triple bounce: discarding/) {
            $w{discarded}++
        } elsif ($line =~ /^(?:warning|alert):|trouble|unknown record|unable to/) {
            $could_not = 1 if $line =~ /cannot start: qmail-send is already running/;
            push @{$w{bad}}, $line
        }
    }
    for (lines($given{DELIVERIES}, $offsets[1])) {
        if (/^(\S+) start (\S+) (.*)$/) { push @{$w{events}{$3}}, [$1, 's', $2]; $w{started}++ }
        elsif (/^(\S+) (\S+) (.*) ([KDZ])$/) { push @{$w{events}{$3}}, [$1, $4, $2] }
    }
    $w{accepted} = spawned();
    return \%w;
}

# Which message a token meant: one that was asked for, was injected when its file was written, and
# had that number if qmail-send ever saw it. Tokens in the order of their stamps; what cannot be
# told apart is the one that was queued first.
sub meant {
    my ($token, @asked) = @_;
    my ($id, $stamp) = split /@/, $token;
    $stamp /= 1e9;
    my ($meant) = sort {
        !$world{$a}{lives} <=> !$world{$b}{lives} || $world{$a}{queued} <=> $world{$b}{queued}
    } grep {
        my $m = $world{$_};
        $m->{began} - 0.02 < $stamp && $stamp < $m->{queued} + 0.001 && !grep { $_->{id} != $id }
            @{$m->{lives} // []}
    } @asked;
    return $meant;
}

# Decides from what qq-rm, qq-hold and qq-release said what was to become of the messages.
sub judge {
    my (@jobs) = @_;
    my (@trouble, %count);
    for my $job (@jobs) {
        my (%touched, %done);
        for my $r (@{$job->{attempts}}) {
            $count{runs}++;
            $count{killed}++ if $r->{killed};
            $count{retried}++ if $r->{code} == 111;
            push @trouble, complaints($job, $r);
            $count{in_todo} += keys %{$r->{in_todo} // {}};
            for my $token (keys %{$r->{result}}) {
                my $result = $r->{result}{$token};
                $count{$result}++;
                $done{$token} //= [$result, $r] if $result ne 'unfinished';
                $touched{$token} = 1 if $result eq 'unfinished';
            }
            if ($r->{killed}) { $touched{$_} = 1 for @{$job->{tokens}} }
        }
        push @trouble, "$job->{program}: gave up" if $job->{gave_up};
        my %left = map { $_ => 1 } @{$job->{asked}};
        for my $token (sort { ($a =~ s/.*@//r) <=> ($b =~ s/.*@//r) } keys %done) {
            my ($result, $r) = @{$done{$token}};
            my $key = meant($token, keys %left);
            if (!defined $key) {
                push @trouble, "$job->{program}: whose is $token? asked for @{$job->{asked}}";
                next
            }
            delete $left{$key};
            my $m = $world{$key};
            my ($first) = map { $_->{began} } @{$job->{attempts}};
            my ($id) = $token =~ /^(\d+)/;
            if ($result =~ /^(?:removed|silenced)$/) {
                @$m{qw(fate token first done shut)} =
                    ('removed', $token, $first, $r->{ended}, $r->{shut}{$id})
            }
            elsif ($result eq 'gone' && $touched{$token} && $job->{program} eq 'qq-rm') {
                @$m{qw(fate token)} = ('maybe', $token)
            }
            elsif ($result eq 'held') { push @{$m->{held}}, [$r->{ended}, 9e9] }
            elsif ($job->{program} eq 'qq-release') { $m->{held}[-1][1] = $first if $m->{held} }
        }
    }
    note('what was said: ' . join ', ', map { "$count{$_} $_" } sort keys %count);
    return @trouble;
}

# The properties that every run has to have. Troubles by name.
sub properties {
    my ($w) = @_;
    my %trouble = map { $_ => [] } qw(queued lost twice started bounced touched ended);
    my ($late, $latest, $raced, $exact) = (0, 0, 0, 0);
    my $complain = sub {
        my ($what, $m, $text) = @_;
        push @{$trouble{$what}},
              "message $m->{key} ($m->{fate}"
            . ($m->{token} ? ", $m->{token}" : '')
            . "): $text"
    };
    my $after = sub {       # a delivery that began after it should not
        my ($m, $to, $t, $limit, $what) = @_;
        return if !defined $limit || $t <= $limit;
        if ($t > $limit + $slack) {
            $complain->('started', $m,
                sprintf '%s started %.3f s after %s', $to, $t - $limit, $what)
        }
        else { $late++; $latest = $t - $limit if $latest < $t - $limit }
    };
    for my $m (sort { $a->{key} cmp $b->{key} } values %world) {
        my @lives = @{$m->{lives} // []};
        my $failures = 0;
        $complain->('queued', $m, "qmail-queue: exit status $m->{code}") if $m->{code};
        $complain->('queued', $m, @lives . ' times in the queue')
            if @lives > 1 || (!@lives && $m->{fate} eq 'normal');
        for my $to (@{$m->{to}}) {
            my @events = @{$w->{events}{$to} // []};
            my @final = @{$w->{final}{$to} // []};
            my $story = join ' ', map { sprintf '%.3f%s', $_->[0], $_->[1] } @events;
            my $is_done = 0;
            for (@events) {
                my ($t, $what) = @$_;
                $complain->('twice', $m, "$to: $story") if $is_done && $what =~ /[sK]/;
                $is_done = 1 if $what =~ /[KD]/;
                next if $what ne 's';
                $after->($m, $to, $t, $m->{done}, 'qq-rm returned') if $m->{fate} eq 'removed';
                $after->($m, $to, $t, $m->{shut}, 'fchown') if $m->{fate} eq 'removed';
                for (@{$m->{held} // []}) {
                    $after->($m, $to, $t, $_->[0], 'qq-hold returned') if $t < $_->[1]
                }
            }
            $complain->('twice', $m, "$to: finished " . @final . " times: $story") if @final > 1;
            $complain->('touched', $m, "$to was refused")
                if $w->{refused}{$to} && $m->{fate} eq 'normal' && !$m->{held};
            $failures += grep { $_ eq 'failure' } @final;
            next if $m->{fate} ne 'normal' || $m->{dropped}{$to};
            $complain->('lost', $m, "$to: never done: $story") unless @final;
            $complain->('lost', $m, "$to: success without a delivery: $story")
                if "@final" eq 'success' && $story !~ /K/;
        }
        # Exactly: what the spawns had decided before the fchown, and no more.
        if ($m->{shut} && $w->{accepted}->%* && @lives) {
            my $queued = ($m->{token} =~ s/.*@//r) / 1e9 - 0.02;
            my $decided = grep { $_ > $queued && $_ <= $m->{shut} + 0.01 }
                @{ $w->{accepted}{ $lives[0]{id} } // [] };
            my $started = grep { $_->[1] eq 's' } map { @{$w->{events}{$_} // []} } @{$m->{to}};
            $exact++;
            $complain->(
                'started', $m,
                "$started deliveries started, but $decided were decided before the fchown"
            ) if $started > $decided;
        }
        my @bounces = map { @{$_->{bounces}} } @lives;
        my @notices =
            grep { $_->[1] eq 'K' && $_->[2] eq '<>' } @{ $w->{events}{ $m->{sender} } // [] };
        if ($m->{fate} eq 'normal') {
            my $expected = $failures ? 1 : 0;
            $complain->('lost', $m, @notices . " notices, expected $expected")
                if $m->{sender} ne '' && @notices != $expected;
            $complain->('lost', $m, @bounces . " bounces, expected $expected")
                if @bounces != $expected;
            $complain->('ended', $m, 'did not end') if grep { !$_->{end} } @lives;
        }
        elsif ($m->{fate} eq 'removed') {
            # it may just have bounced when qq-rm came: all was delivered by then
            my ($latest_event) = sort { $b <=> $a } 0,
                map { $_->[0] } map { @{$w->{events}{$_} // []} } @{$m->{to}};
            my @before =
                $latest_event > $m->{done}
                ? grep { $_ <= $m->{done} } @bounces
                : grep { $_ <= $m->{done} + $slack } @bounces;
            $raced += @before;
            $complain->(
                'bounced', $m,
                sprintf '%d bounces, %d of them begun before qq-rm returned; %d notices',
                scalar @bounces,
                scalar @before,
                scalar @notices
            ) if @bounces > @before || @notices > @before;
            $complain->('ended', $m, 'is on the disk') if is_there($m->{token});
        }
    }
    my ($removed, $maybe) = map {
        my $fate = $_;
        scalar grep { $_->{fate} eq $fate } values %world
    } qw(removed maybe);
    note(
              keys(%world)
            . " messages ($removed removed, $maybe perhaps), "
            . join(', ', map { ($w->{$_} // 0) . " $_" } qw(lives again started discarded),
                $w->{'without a line'} ? 'without a line' : ())
            . sprintf("; %d bounced while qq-rm ran, %d started late, by up to %.0f ms",
            $raced, $late, 1000 * $latest)
        . ($exact ? "; $exact messages checked exactly" : ''));
    return \%trouble;
}

my (%random_rounds, %control_run);        # what is in the log when nobody removes anything
sub plain { my ($s) = @_; return $s =~ s/\(.*\)//r =~ s/[0-9]+/N/gr }

# Ends the run, and checks it.
sub report {
    my ($name, $jobs, @said) = @_;
    my @left = finish();
    my $w = look();
    push @said, judge(@$jobs);
    my $t = properties($w);
    check("$name: what the programs said", @said);
    check("$name: every message was queued once", @{$t->{queued}});
    check("$name: no recipient of the others is lost", @{$t->{lost}});
    check("$name: no recipient is served twice", @{$t->{twice}});
    check("$name: no other message is touched", @{$t->{touched}});
    check("$name: no delivery starts when it should not", @{$t->{started}});
    check("$name: no bounce of what is removed", @{$t->{bounced}});
    check("$name: every message ended, the queue is empty", @{$t->{ended}}, @left);
    my @bad = grep { !$control_run{plain($_)} } @{$w->{bad} // []};
    # An offline qq-rm had the lock.
    @bad = grep { !/cannot start: qmail-send is already running/ } @bad if $name =~ /^restart/;
    check("$name: the log has nothing that it has not without us", @bad);
    return $w;
}

# ---- removals at random moments

# Messages from several injectors, whose keys and times go down a pipe for whoever acts on targets.
# Returns their processes.
sub injectors {
    my ($plan, $many, @pipes) = @_;
    return map {
        my $j = $_;
        child(sub {
            close $_->[0] for @pipes;
            my @done;
            for (my $i = $j; $i < @$plan && !$over; $i += $many) {
                my $m = inject($plan->[$i]);
                push @done, [@$m{qw(key began queued qp code)}];
                syswrite $pipes[$i / $many % @pipes][1], "$m->{key} $m->{queued}\n"
                    if $m->{is_target};
                sleep rand 0.3 unless $i % 100 < 40;    # forty at once, then one by one
            }
            Storable::store(\@done, "$tmp/injector.$j");
        }, 10 * $run + $j)
    } 0 .. $many - 1;
}

sub injected {
    my ($many) = @_;
    for my $done (map { @{Storable::retrieve("$tmp/injector.$_")} } 0 .. $many - 1) {
        my ($key, @rest) = @$done;
        @{$world{$key}}{qw(began queued qp code)} = @rest;
    }
}

# One qq-rm (or another) until it does not say any more that it has to wait for another, killed some
# times on the way if that is asked for.
sub attempts {
    my ($job, $program, $arguments, $in, %o) = @_;
    $job->{program} = $program;
    my $kills = $job->{kills} ? 1 + int rand 3 : 0;
    for (1 .. 400) {
        my @killed = $kills-- <= 0 ? () : (
            kill => rand() < 0.7 ? rand 0.012 : rand 0.06,
            signal => rand() < 0.8 ? 'KILL' : 'TERM');
        my $r = change($program, $arguments, $in, trace => $o{trace}, @killed);
        push @{$job->{attempts}}, $r;
        my @unfinished = grep { $_ eq 'unfinished' } values %{$r->{result}};
        if (!$r->{killed} && $r->{err} !~ $not_now && !@unfinished) {
            return if $program ne 'qq-rm' || $_ > 1 || rand() < 0.7;
            my @removed =
                grep { $r->{result}{$_} =~ /^(?:removed|silenced)$/ } keys %{$r->{result}}
                or return;
            my $listed = run(["$bin/qq-list", @removed], '');
            push @{$r->{listed}}, split /\0/, $listed->{out};
            # Once more: it does no harm.
            ($in, $arguments) = (join('', map { "$_\0" } @removed), []);
        }
        sleep rand 0.03 unless $r->{killed};
    }
    $job->{gave_up} = 1;
}

# Waits for the targets that come down the pipe, each for its time, and acts on
# one or on all that are due.
sub act_on_targets {
    my ($reader, $kind) = @_;
    my (%due, @later, @jobs, $buffer);
    $buffer = '';
    my $open = 1;
    while ($open || %due || @later) {
        my $next = 0.05;
        my $now = time;
        for (values %due, map { $_->{time} } @later) { $next = $_ - $now if $next > $_ - $now }
        if ($open && $next > 0) {
            my $bits = '';
            vec($bits, fileno $reader, 1) = 1;
            if (select $bits, undef, undef, $next) {
                $open = sysread $reader, $buffer, 65536, length $buffer;
                # half of them in the first fifth of a second, some seconds later
                while ($buffer =~ s/^(\S+) (\S+)\n//) {
                    $due{$1} = $2 + (rand() < 0.8 ? rand 0.2 : rand 4)
                }
            }
        }
        elsif ($next > 0) { sleep $next }
        $now = time;
        my @late = grep { $_->{time} <= $now } @later;
        if (@late) {
            @later = grep { $_->{time} > $now } @later;
            attempts($_->{job}, @{$_->{what}}) for @late;
        }
        my @keys = sort { $due{$a} <=> $due{$b} } grep { $due{$_} <= $now } keys %due or next;
        @keys = $keys[0] if rand() < 0.5;
        delete @due{@keys};
        my %job = (asked => \@keys, kills => $kind eq 'kill', restarts => $kind eq 'restart');
        push @jobs, \%job;
        spew("$tmp/$$.from", join '', map { "$world{$_}{sender}\n" } @keys);
        my @grep =
            @keys == 1
            ? ('--from', $world{ $keys[0] }{sender}, '-x')
            : ('--from-list', "$tmp/$$.from", '-x');
        my %o = (trace => $kind eq 'trace');
        $job{kills} = rand() < 0.3 if $kind =~ /^(?:hold|expire)$/;
        if ($kind eq 'expire') {
            my $tokens = tokens(@grep);
            $job{tokens} = [split /\0/, $tokens];
            attempts(\%job, 'qq-expire', [], $tokens);
            if (rand() < 0.5) {
                my %undo = %job;
                delete $undo{attempts};
                push @jobs, \%undo;
                push @later, { time => time + rand 2, job => \%undo,
                    what => ['qq-expire', ['--undo'], $tokens] };
            }
        }
        elsif ($kind eq 'hold') {
            my $tokens = tokens(@grep);
            $job{tokens} = [split /\0/, $tokens];
            attempts(\%job, 'qq-hold', [], $tokens);
            my %release = %job;
            delete $release{attempts};
            push @jobs, \%release;
            push @later, { time => time + rand 3, job => \%release,
                what => ['qq-release', rand() < 0.3 ? ['--flush'] : [], $tokens] };
        }
        # The same tokens some time later, when others may have the numbers.
        elsif ($kind eq 'kill' || rand() < 0.3) {
            my $tokens = tokens(@grep);
            $job{tokens} = [split /\0/, $tokens];
            push @later, { time => time + ($kind eq 'kill' ? 0 : rand 2), job => \%job,
                what => ['qq-rm', [], $tokens, %o] };
        }
        else { attempts(\%job, 'qq-rm', rand() < 0.1 ? ['--flush'] : [], \@grep, %o) }
        sleep rand 1 if rand() < 0.05;
    }
    Storable::store(\@jobs, "$tmp/actor.$$");
}

# Meanwhile qmail-send tries everything again and again, stands still at times,
# or is stopped and started.
sub disturbers {
    my ($kind) = @_;
    return (
        child(sub { until ($over) { flush(); sleep 0.2 + rand 0.4 } }, 10 * $run + 7),
        child(sub {
            until ($over) {
                sleep rand 1.5;
                my @still = daemons() or next;
                @still = ([$still[0]], [$still[1]], \@still)[rand 3]->@* if @still > 1;
                kill 'STOP', @still;
                sleep 0.02 + rand 0.4;
                kill 'CONT', @still;
            }
        }, 10 * $run + 8),
        $kind ne 'restart' ? () : child(sub {
            until ($over) {
                sleep 0.5 + rand 3;
                stop();
                sleep rand 0.6 if rand() < 0.5;
                start()
            }
        }, 10 * $run + 9));
}

sub random_round {
    my ($kind) = @_;
    my $injectors = 4;
    begin(lifetime => $kind eq 'dying' ? 2 : 86400);
    my @plan = map { random_message($_) } 1 .. $messages;
    my @pipes = map { pipe my $r, my $w or die; [$r, $w] } 1 .. 2;
    my @actors = map {
        my $mine = $_;
        child(sub {
            close $_->[1] for @pipes;
            if ($kind eq 'control') { 1 while sysread $mine->[0], my $s, 4096 }
            else { act_on_targets($mine->[0], $kind) }
        }, 10 * $run + ($mine == $pipes[0] ? 5 : 6))
    } @pipes;
    my @tracers = $kind eq 'trace' ? trace_spawns() : ();
    my @injectors = injectors(\@plan, $injectors, @pipes);
    close $_ for map { @$_ } @pipes;
    my @disturbers = disturbers($kind);
    my @trouble = map { "one of our processes: status $_" } wait_for(@injectors),
        wait_for(@actors), end_children(@disturbers);
    my @jobs = map { -e "$tmp/actor.$_" ? @{Storable::retrieve("$tmp/actor.$_")} : () } @actors;
    injected($injectors);
    push @trouble, settle();
    if (@tracers) { stop(); wait_for(@tracers) }
    my $w = report("$kind " . (++$random_rounds{$kind}), \@jobs, @trouble);
    %control_run = map { plain($_) => 1 } @{$w->{bad} // []} if $kind eq 'control';
}

# What is removed is ended by qmail-send without a restart.
sub settle {
    my $over;
    until_true(30,
        sub { flush(); $over = run(["$bin/qq-list", '--over'], '')->{out}; return $over eq '' },
        0.4);
    my $held = tokens('--held');
    return (map { "is still over: $_" } split /\0/, $over),
        (map { "is still held: $_" } split /\0/, $held),
        map { "is left: $_" } grep { /\.rm-/ } files();
}

# ---- one thing at a time

# A run with messages that are made by hand: @$kinds for each.
sub quiet_run {
    my ($o, $n, $is_target, @kinds) = @_;
    begin(%$o);
    return map { inject(message($_, $is_target, @kinds)) } 1 .. $n;
}

# One run of a program, to be judged in the end.
sub job {
    my ($program, $arguments, $in, $messages) = @_;
    my $r = change($program, $arguments, $in);
    return {
        program => $program,
        asked => [map { $_->{key} } @$messages],
        tokens => [ref $in ? () : split /\0/, $in],
        attempts => [$r] };
}
sub said { my ($job) = @_; return $job->{attempts}[0] }
sub all_said {
    my ($job, $count, @words) = @_;
    my @results = values %{said($job)->{result}};
    my @wrong = grep { my $r = $_; !grep { $_ eq $r } @words } @results;
    return (@results == $count ? () : "$job->{program}: " . @results . " messages, expected $count",
        map { "$job->{program}: $_, expected @words" } @wrong);
}

# The recipients of the message of which a delivery has started.
sub starts {
    my ($m) = @_;
    my $w = look();
    return grep {
        my $to = $_;
        grep { $_->[1] eq 's' } @{$w->{events}{$to} // []}
    } @{$m->{to}}
}
sub have_new { return scalar grep { m{^todo/} } files() }
sub is_idle {       # as far as the log tells
    my @lines = lines($given{LOG}, $offsets[0]);
    my ($last) = grep { / status: / } reverse @lines;
    return !have_new() && ($last // '') =~ /status: local 0\/\d+ remote 0\//;
}
# All has been tried once.
sub calm { my $n = 0; until_true(30, sub { $n = is_idle() ? $n + 1 : 0; return $n > 4 }, 0.1) }

sub snapshot {
    my %s;
    for (files()) {
        my @st = Time::HiRes::stat("$queue/$_");
        $s{$_} = join ' ', @st[1, 2, 3, 4, 5, 7, 9, 10], md5_hex(slurp("$queue/$_"))
    }
    return \%s;
}
sub difference {
    my ($before, $after) = @_;
    my @changed =
        grep { ($before->{$_} // '') ne ($after->{$_} // '') } sort keys %{ { %$before, %$after } };
    return
        map { "$_: " . ($before->{$_} // 'not there') . ', then ' . ($after->{$_} // 'not there') }
        @changed;
}

my @changes = (
    ['qq-rm'],
    ['qq-rm', '--to', 'e'],
    ['qq-rm', '--remote'],
    ['qq-rm', '--local', '--flush'],
    ['qq-rm', '--wait', 1, '--flush'],
    grep { -x "$bin/$_->[0]" } ['qq-hold'], ['qq-release'], ['qq-expire'], ['qq-expire', '--undo']);

# Old tokens, when others have the numbers.
sub test_numbers {
    my $n = 60;
    begin();
    my @daemons = daemons();
    kill 'STOP', @daemons;
    my @old = map { inject(message($_, 0, 'good', 'good@')) } 1 .. $n;
    my @tokens = split /\0/, run(["$bin/qq-list"], '')->{out};
    kill 'CONT', @daemons;
    until_true(30, sub { !grep { is_there($_) } @tokens });
    my $taken = sub {
        my %is = map { m{^mess/\d+/(\d+)} ? ($1 => 1) : () } files();
        return grep { $is{ (split /@/)[0] } } @tokens
    };
    my $next = $n;
    my @wrong = @tokens == $n ? () : @tokens . " tokens, expected $n";
    my $try = sub {
        my ($what) = @_;
        my $before = snapshot();
        for (@changes) {
            my ($program, @arguments) = @$_;
            my $r = change($program, \@arguments, join '', map { "$_\0" } @tokens);
            push @wrong, "$program @arguments ($what): $r->{code}: $r->{err}"
                if $r->{code} != ($program eq 'qq-rm' ? 0 : 1)
                || grep { $_ ne 'gone' } values %{$r->{result}};
        }
        push @wrong, map { "$what: $_" } difference($before, snapshot());
        return scalar $taken->();
    };
    while (scalar($taken->()) < $n && $next < 5 * $n) {
        inject(message(++$next, 0, 'good', 'deferlocal@', 'defer'));
        inject(message(++$next, 0, 'defer', 'defer'))
    }
    calm();
    my $preprocessed = $try->('preprocessed');
    finish_now();
    kill 'STOP', @daemons = daemons();
    for (my $end = $next + 4 * $n; scalar($taken->()) < $n && $next < $end;) {
        inject(message(++$next, 0, 'good', 'good@'))
    }
    my $new = $try->('new');
    kill 'CONT', @daemons;
    note("of $n numbers, others had $preprocessed preprocessed, $new new");
    report('numbers', [], @wrong);
    skip('numbers: others have the numbers', 'this file system gave them to nobody')
        unless $preprocessed && $new;
}

# Everything ends, and qmail runs again.
sub finish_now { finish(); control('queuelifetime', 86400); start() }

# --wait. With --flush it takes no longer than what is under way; but that comes back after the
# signal, and may wait for its next time.
sub test_wait {
    my @kinds = qw(slow defer good rand deferlocal@ slow@);
    my @m = quiet_run({}, 30, 1, @kinds);
    calm();
    my @jobs = job('qq-rm', ['--wait', 20, '--flush'], ['--from', 'good-target'], \@m);
    my $took = said($jobs[0])->{ended} - said($jobs[0])->{began};
    my @wrong = (
        all_said($jobs[0], 30, 'removed'),
        map { "is there: $_" } grep { is_there($_) } keys %{ said($jobs[0])->{result} });
    push @m, my @more = map { inject(message($_, 1, @kinds)) } 31 .. 60;
    push @jobs, job('qq-rm', ['--wait', 3, '--flush'], ['--from', 'good-target'], \@more);
    my $r = said($jobs[1]);
    my @there = grep { is_there($_) } keys %{$r->{result}};
    push @wrong, "said $r->{result}{$_}, but is there: $_"
        for grep { $r->{result}{$_} ne 'silenced' } @there;
    if ($r->{code} == 111) {
        my ($n) =
            $r->{err} =~
            s/^qq-rm: warning: (\d+) messages? (?:is|are) silenced, but still on the disk after 3 s\n//m
            ? $1
            : -1;
        my $said = grep { $_ eq 'silenced' } values %{$r->{result}};
        push @wrong, "warned about $n, said $said silenced" if $n != $said;
        $r->{code} = 0;
    }
    elsif (@there) { push @wrong, "exit code $r->{code}, but is there: @there" }
    note(
        sprintf
            '%d messages, nothing under way: off the disk after %.2f s; '
            . 'something under way: %d of %d left after %.2f s',
        30, $took, scalar @there, scalar keys %{$r->{result}}, $r->{ended} - $r->{began});
    report('wait', \@jobs, @wrong);
}

# A channel that never moves: the messages stay, silenced, until it does.
sub test_frozen {
    my @m = quiet_run({ concurrencyremote => 0 }, 5, 1, 'good', 'slow');
    until_true(10, sub { !have_new() });
    my $job = job('qq-rm', ['--wait', 2, '--flush'], ['--from', 'good-target'], \@m);
    my $r = said($job);
    my @wrong = all_said($job, 5, 'silenced');
    push @wrong, "exit code $r->{code}" unless $r->{code} == 111;
    push @wrong, "stderr: $r->{err}"
        unless $r->{err} =~
        s/^qq-rm: warning: 5 messages are silenced, but still on the disk after 2 s\n//m;
    push @wrong, sprintf 'took %.1f s', $r->{ended} - $r->{began} if $r->{ended} - $r->{began} < 2;
    my @over = split /\0/, run(["$bin/qq-list", '--over'], '')->{out};
    push @wrong, @over . ' over' unless @over == 5;
    $r->{code} = 0;
    stop();
    control('concurrencyremote');
    start();
    until_true(10, sub { flush(); !grep { is_there($_) } @over }, 0.4);
    push @wrong, map { "is there: $_" } grep { is_there($_) } @over;
    push @wrong, map { "$_ was delivered" } map { starts($_) } @m;
    report('concurrency 0', [$job], @wrong);
}

# Some recipients of messages of which all has been tried.
sub test_recipients {
    my @m = quiet_run({}, 40, 0, 'good', 'defer', 'fail', 'good@', 'deferlocal@', 'faillocal@',
        'defer', 'deferlocal@');
    # No deferred local one.
    my @less = map { inject(message($_, 0, 'good', 'fail', 'defer', 'good@')) } 41 .. 50;
    calm();
    my @ways = (
        [['--local'], qr/^deferlocal/],
        [['--remote'], qr/^defer-/],
        [['--to', 'deferlocal'], qr/^deferlocal/],
        [['--channel', 'remote', '--to', '-1@'], qr/^defer-.*-1@/]);
    my (@jobs, @wrong);
    for my $i (0 .. $#ways) {
        my ($arguments, $dropped) = @{$ways[$i]};
        my @mine = grep { $_->{sender} ne '' } @m[grep { $_ % @ways == $i } 0 .. $#m];
        push @mine, @less if "@$arguments" eq '--remote';
        @mine = grep { $_->{sender} ne '' } @mine;
        my $job = job('qq-rm', $arguments, [map({ ('--from', $_->{sender}) } @mine), '-x'], \@mine);
        push @wrong, complaints($job, said($job)), all_said($job, scalar @mine, 'silenced');
        for my $m (@mine) {
            $m->{dropped} = { map { $_ => said($job)->{ended} } grep { /$dropped/ } @{$m->{to}} }
        }
    }
    my $now = time;
    for (1 .. 5) { flush(); sleep 0.4; calm() }
    my $w = look();
    for my $m (@m, @less) {
        for my $to (@{$m->{to}}) {
            my @after = grep { $_->[1] eq 's' && $_->[0] > $now } @{$w->{events}{$to} // []};
            push @wrong, "$to: " . @after . ' attempts after it was removed'
                if @after && $m->{dropped}{$to};
            push @wrong, "$to: not tried any more"
                if !@after && !$m->{dropped}{$to} && $to =~ /^defer/;
        }
    }
    # None is left of these: they are over, and the failure bounces.
    for my $m (grep { $_->{sender} ne '' } @less) {
        push @wrong, "message $m->{key} did not end" unless $m->{lives} && $m->{lives}[0]{end};
        push @wrong, "message $m->{key} did not bounce"
            unless $m->{lives} && @{$m->{lives}[0]{bounces}} == 1;
    }
    report('recipients', [], @wrong);
}

# The same at random moments. What qmail-send had read already, 128 bytes and what is under way, is
# delivered once more.
sub test_live_recipients {
    begin();
    my (@m, @wrong);
    for my $n (1 .. 40) {
        push @m, my $m = inject(message($n, 1, map { kind(%kinds) } 1 .. 10));
        sleep rand 0.15;
        my ($arguments, $dropped) = @{
            (   [['--remote'], qr/\@\Q$remote\E$/],
                [['--local'], qr/\@\Q$me\E$/],
                [['--to', 'good-'], qr/^good-/]
            )[rand 3] };
        my $job = job('qq-rm', $arguments, ['--from', $m->{sender}, '-x'], [$m]);
        push @wrong, complaints($job, said($job));
        $m->{dropped} = { map { $_ => said($job)->{ended} } grep { /$dropped/ } @{$m->{to}} }
            if grep { $_ eq 'silenced' } values %{ said($job)->{result} };
    }
    for (1 .. 10) { flush(); sleep 0.4 }
    my $w = look();
    my ($dropped, $later) = (0, 0);
    for my $m (@m) {
        my %channel;
        for my $to (keys %{$m->{dropped} // {}}) {
            my @after = grep { $_->[1] eq 's' && $_->[0] > $m->{dropped}{$to} }
                @{$w->{events}{$to} // []};
            $dropped++;
            $later += @after;
            push @wrong, "$to: tried " . @after . ' times after it was removed' if @after > 1;
            push @{$channel{$to =~ /\@\Q$me\E$/ ? 'local' : 'remote'}}, length($to) + 2 if @after;
        }
        for (keys %channel) {
            my $bytes = 0;
            $bytes += $_ for @{$channel{$_}};
            push @wrong, "message $m->{key}: $bytes bytes of $_ were still read"
                if $bytes > 2 * 128
        }
    }
    note("$dropped recipients removed, $later of them tried once more");
    report('recipients at random moments', [], @wrong);
}

# Held through retries and a restart, then delivered.
sub test_hold {
    return unless -x "$bin/qq-hold" && -x "$bin/qq-release";
    my @m = quiet_run({}, 10, 1, 'good', 'defer', 'rand', 'good@', 'deferlocal@');
    calm();
    push @m, map { inject(message($_, 1, ('slow', 'good', 'good@') x 3)) } 11 .. 20;
    my $hold = job('qq-hold', [], ['--from', 'good-target'], \@m);
    # Of the last ten some may have been delivered by then.
    my @wrong = all_said($hold, scalar keys %{said($hold)->{result}}, 'held', 'gone');
    for (1 .. 5) { flush(); sleep 0.4 }
    stop();
    start();
    for (1 .. 3) { flush(); sleep 0.4 }
    # Others were all under way.
    my @held = sort grep { is_there($_) } keys %{said($hold)->{result}};
    my @still = sort { $a cmp $b } tokens('--held');
    push @wrong, "held: @still, expected @held" unless "@still" eq "@held";
    push @wrong, @held . ' held' unless @held >= 10;
    my $release = job('qq-release', ['--flush'], join('', map { "$_\0" } @held), \@m);
    push @wrong, all_said($release, scalar @held, 'released');
    for (1 .. 4) { flush(); sleep 0.5 }
    my $w = look();
    for my $to (map { @{$_->{to}} } @m) {
        push @wrong, "$to: not delivered after the release"
            if $to =~ /^(?:good|slow)/
            && "@{$w->{final}{$to} // []}" ne 'success'
    }
    my @again = @m[0 .. 9];     # removed while they are held
    my $hold2 = job('qq-hold', [], [map({ ('--from', $_->{sender}) } @again), '-x'], \@again);
    my $rm = job(
        'qq-rm',
        ['--wait', 20, '--flush'],
        join('', map { "$_\0" } keys %{ said($hold2)->{result} }), \@again);
    push @wrong, all_said($rm, scalar keys %{said($hold2)->{result}}, 'removed');
    report('hold', [$hold, $release, $hold2, $rm], @wrong);
}

# Messages past their lifetime. While their last attempt is under way they cannot be held, or it
# would fail; they can be removed.
sub test_last_attempt {
    begin(lifetime => 60, concurrencyremote => 0);
    my @m = map { inject(message($_, 1, ('slow') x 8)) } 1 .. 3;
    until_true(10, sub { !have_new() });
    my @tokens = map { scalar tokens('--from', $_->{sender}, '-x') } @m;
    my @info = map { my ($id) = /^(\d+)/; "$queue/info/" . $id % $split . "/$id" } @tokens;
    my $birth = int time - 7200;
    utime $birth, $birth, $_ or die "$_: $!\n" for @info;
    my $can_hold = -x "$bin/qq-hold" && -x "$bin/qq-release";
    my (@jobs, @wrong);
    if ($can_hold) {    # nothing is under way
        push @jobs, job('qq-hold', [], $tokens[2], [$m[2]]);
        push @wrong, all_said($jobs[0], 1, 'held');
    }
    stop();
    control('concurrencyremote', 1);
    start();
    until_true(10, sub { starts($m[0]) }, 0.02);
    if ($can_hold) {
        my $refused = job('qq-hold', [], $tokens[0], [$m[0]]);
        push @wrong, all_said($refused, 1, 'failed');
        push @wrong,
            'exit code ' . said($refused)->{code} . ', expected 111: ' . said($refused)->{err}
            if said($refused)->{code} != 111;
        push @wrong, 'the birth is another one' if ((stat $info[0])[9] // 0) != $birth;
    }
    until_true(20, sub { starts($m[1]) }, 0.05);
    push @jobs, job('qq-rm', ['--wait', 20, '--flush'], $tokens[1], [$m[1]]);
    until_true(30, sub { !is_there($tokens[0] =~ s/\0//r) });
    my $w = look();
    push @wrong, map {
        my $to = $_;
        my $r = "@{$w->{final}{$to} // []}";
        $r eq 'success' ? () : "$to: `$r', expected success"
    } @{$m[0]{to}};
    if ($can_hold) {
        push @jobs, job('qq-release', ['--flush'], $tokens[2], [$m[2]]);
        push @wrong, all_said($jobs[-1], 1, 'released');
        until_true(20, sub { flush(); return !grep { 1 } files() }, 0.4);
        $w = look();
        push @wrong, map {
            my $to = $_;
            my $r = "@{$w->{final}{$to} // []}";
            $r eq 'success' ? () : "$to: `$r', expected success"
        } @{$m[2]{to}};
    }
    report('last attempt', \@jobs, @wrong);
}

# The next attempt is the last; or not, after all.
sub test_expire {
    return unless -x "$bin/qq-expire";
    my @m = quiet_run({}, 20, 1, 'good', 'defer', 'deferlocal@');
    calm();
    my $all = job('qq-expire', [], ['--from', 'good-target'], \@m);
    my @wrong = all_said($all, 20, 'expired');
    my @back = @m[10 .. 19];
    my $undo =
        job('qq-expire', ['--undo'], [map({ ('--from', $_->{sender}) } @back), '-x'], \@back);
    push @wrong, all_said($undo, 10, 'restored');
    sleep 0.1;
    my $now = time;
    flush();
    sleep 0.5;
    calm();
    my $w = look();
    for my $m (@m) {
        my $is_back = grep { $_ == $m } @back;
        my $life = $m->{lives} ? $m->{lives}[0] : undef;
        for my $to (grep { /^defer/ } @{$m->{to}}) {
            my @after = grep { $_->[1] eq 's' && $_->[0] > $now } @{$w->{events}{$to} // []};
            push @wrong, "$to: " . @after . ' attempts, expected 1' if @after != 1;
            push @wrong,
                "$to: @{$w->{final}{$to} // ['deferred']}, expected "
                . ($is_back ? 'deferred' : 'failure')
                if "@{$w->{final}{$to} // []}" ne ($is_back ? '' : 'failure');
        }
        push @wrong, "message $m->{key}: " . ($is_back ? 'ended' : 'did not end')
            if !$life || !$life->{end} != !!$is_back;
        push @wrong, "message $m->{key}: " . @{$life->{bounces}} . ' bounces'
            if $life && @{$life->{bounces}} != !$is_back;
    }
    report('expire', [$all, $undo], @wrong);
}

# ----

note("SEED=$seed ROUNDS=$rounds MESSAGES=$messages");
begin();
inject(message(1, 0, 'good', 'good@', 'fail', 'faillocal@'));
calm();
check('the qmail does what this test needs', finish(), do {
    my $w = look();
        map {
            my $to = $_;
            my $s = join ' ', map { $_->[1] } @{$w->{events}{$to} // []};
            $s eq ($to =~ /^good/ ? 's K' : 's D') ? () : "$to: `$s'"
        } @{ (values %world)[0]{to} };
}) or the_end();

my %tests = (
    numbers => \&test_numbers,
    wait => \&test_wait,
    frozen => \&test_frozen,
    recipients => \&test_recipients,
    live => \&test_live_recipients,
    hold => \&test_hold, last => \&test_last_attempt, expire => \&test_expire,
    control => sub { random_round('control') },
    rounds => sub {
        random_round($has_strace && $_ % 2 == 0 ? 'trace' : $_ % 4 == 3 ? 'dying' : 'plain')
            for 1 .. $rounds
    },
    kills => sub { random_round('kill') for 1 .. int(($rounds + 4) / 5) },
    restarts => sub { random_round('restart') for 1 .. int(($rounds + 4) / 5) },
    holds => sub {
        if (-x "$bin/qq-hold" && -x "$bin/qq-release") {
            random_round('hold') for 1 .. int(($rounds + 4) / 5)
        }
    },
    expires => sub {
        if (-x "$bin/qq-expire") { random_round('expire') for 1 .. int(($rounds + 4) / 5) }
    });
for (
    split ' ',
    $ENV{ONLY}
    // 'control numbers wait frozen recipients live hold last expire rounds kills restarts holds '
    . 'expires'
    )
{
    my $test = $tests{$_} or die "no test $_\n";
    $test->();
}
the_end();
