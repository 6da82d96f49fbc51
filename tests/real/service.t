#!/usr/bin/perl
# With a real qmail under each supervisor that is installed (s6, daemontools, runit): a stop waits
# for all that works for qmail-send and cuts no delivery; restarts under load lose and double no
# mail; `qsvc stopped', its guard or its worker killed, leaves qmail-send up; status is quick beside
# a large queue; flush, reload, pause and continue do what they say; and so where `run' does not
# exec, behind links, with a finish script.
#
# The environment is that of real.pl, with QQ_REAL_DELIVERIES; the local users good-* and slow-*
# have programs that log. Deliveries that are to last are frozen by signals. And
#   QQ_REAL_RC           command line that starts it in the foreground. It begins with exec, and it
#                        needs PATH: qmail-start looks there for the other programs (exec env
#                        PATH=QMAILHOME/bin:$PATH QMAILHOME/bin/qmail-start ./Maildir/)
#   SUPERVISORS          those that are tried, with spaces
#   ROUNDS STOPPED       restarts under each supervisor (30), runs of `qsvc stopped' (20)
#   MESSAGES             in the large queue (20000)
#   ONLY                 tests by name, with spaces: stop restarts stopped verbs odd killed status

use strict;
use warnings;
use Fcntl;
use FindBin;
use POSIX ();
use Time::HiRes qw(sleep time);

BEGIN { require "$FindBin::Bin/real.pl" }

our ($home, $queue, $bin, $tmp, $me, $remote, $seed, $over, %given);
my ($rounds, $stopped, $messages) =
    ($ENV{ROUNDS} // 30, $ENV{STOPPED} // 20, $ENV{MESSAGES} // 20000);
my %supervise = (s6 => 's6-supervise', daemontools => 'supervise', runit => 'runsv');
my @supervisors = grep {
    my $c = $supervise{$_} or die "no such supervisor: $_\n";
    !system "command -v $c >/dev/null"
} split ' ', $ENV{SUPERVISORS} // 's6 daemontools runit';
skip_all('needs s6, daemontools or runit') if !@supervisors;
real('stopped', 'DELIVERIES');
srand $seed;
my $rc = $ENV{QQ_REAL_RC}
    // "exec env PATH=$home/bin:\$PATH $home/bin/qmail-start ./Maildir/";
my $deliveries = $given{DELIVERIES};
my ($log, $manifest, $serial) = ("$tmp/log", "$tmp/manifest", 0);

# ---- processes

my @programs = qw(send lspawn rspawn clean todo local remote);
my %program = map { same("$home/bin/qmail-$_") => "qmail-$_" } @programs;
delete $program{''};
sub name_of { my ($pid) = @_; return $program{same("/proc/$pid/exe")} // '' }

sub has_reader { sysopen my $h, "$queue/lock/trigger", O_WRONLY | O_NONBLOCK }
sub is_up { my $pid = daemon(); return has_reader() ? $pid : 0 }

# All that works for it: [PID, NAME, PARENT].
sub set {
    my @set;
    my $mess = same("$queue/mess");
    for (map { m{(\d+)} } glob '/proc/[0-9]*') {
        next unless name_of($_) || same("/proc/$_/cwd") eq $mess;
        my ($name, $parent) = slurp("/proc/$_/stat") =~ /^\d+ \((.*)\) [^Z] (\d+)/ or next;
        push @set, [$_, $name, $parent];
    }
    return @set;
}
sub children_of {
    my ($name) = @_;
    my @set = set();
    my %is = map { $_->[1] eq $name ? ($_->[0] => 1) : () } @set;
    return map { $is{ $_->[2] } ? $_->[0] : () } @set
}

# run COMMAND...: { code, killed, out, err, seconds }. begin and done are its halves. What takes too
# long is ended by TERM.
my $begun;
sub begin {
    my ($in, @command) = @_;
    my $base = "$tmp/run." . $serial++;
    my $pid = fork // die;
    if (!$pid) {
        $SIG{TERM} = $SIG{INT} = $SIG{HUP} = 'DEFAULT';
        open STDIN, '<', $in; open STDOUT, '>', "$base.out"; open STDERR, '>', "$base.err";
        exec { $command[0] } @command or POSIX::_exit(127);
    }
    return $begun =
        { pid => $pid, base => $base, began => time, what => join ' ', map { s{.*/}{}r } @command };
}
sub is_done {
    my ($r) = @_;
    return 1 if defined $r->{code};
    return 0 unless waitpid $r->{pid}, POSIX::WNOHANG();
    @$r{qw(seconds code killed)} = (time - $r->{began}, $? >> 8, $? & 127);
    @$r{qw(out err)} = map { slurp("$r->{base}.$_") } qw(out err);
    unlink map { "$r->{base}.$_" } qw(out err);
    return 1;
}
sub done {
    my ($r, $seconds) = @_;
    if (!until_true($seconds // 90, sub { is_done($r) })) {
        kill 'TERM', $r->{pid};
        $r->{hung} = 1;
        until_true(60, sub { is_done($r) }) or die "$r->{what} does not end\n"
    }
    return $r;
}
sub run { return done(begin('/dev/null', @_)) }
my @service;
sub qsvc { return run("$bin/qsvc", '--home', $home, @service, @_) }

# What a run did otherwise than it should.
sub wrong {
    my ($r, $code, $said) = @_;
    my @trouble;
    push @trouble, 'took too long' if $r->{hung};
    push @trouble, "exit code $r->{code}, signal $r->{killed}"
        if $r->{killed} || $r->{code} != $code;
    push @trouble, 'said otherwise' if defined $said && "$r->{out}$r->{err}" !~ $said;
    return map { "$r->{what}: $_: " . "$r->{out}$r->{err}" =~ s/\n/ | /gr } @trouble;
}

# ---- the service

my ($supervisor, $service, $kind);

# Begins down. more: lines of run before the last.
sub supervise {
    ($kind, my %o) = @_;
    $service = $o{service} // "$tmp/$kind/qmail-send";
    mkdir $_ for "$tmp/$kind", $service;
    spew($log, '') unless -e $log;
    spew("$service/run",
        "#!/bin/sh\nexec </dev/null >>'$log' 2>&1\n" . ($o{more} // '') . ($o{rc} // $rc) . "\n");
    spew("$service/down", '');
    chmod 0755, "$service/run";
    if ($o{finish}) {
        spew("$service/finish", "#!/bin/sh\n$o{finish}\n");
        chmod 0755, "$service/finish"
    }
    $ENV{QQ_SERVICE_PATH} = $o{path} // "$tmp/$kind";
    oversee();
}
sub oversee {
    $supervisor = fork // die;
    if (!$supervisor) {
        POSIX::setsid();
        chdir '/';
        open STDIN, '<', '/dev/null';
        open STDOUT, '>>', "$tmp/supervisor.log";
        open STDERR, '>&', \*STDOUT;
        exec { $supervise{$kind} } $supervise{$kind}, $service or POSIX::_exit(127);
    }
    my $ok = {
        s6 => "s6-svok '$service'",
        daemontools => "svok '$service'",
        runit => "sv status '$service' >/dev/null"
    }->{$kind};
    until_true(10, sub { !system $ok }) or die "$supervise{$kind} does not work\n";
}
sub unsupervise {
    return unless $supervisor;
    kill 'CONT', $_ for map { $_->[0] } set();
    system {
        s6 => "s6-svc -dx '$service'",
        daemontools => "svc -dx '$service'",
        runit => "sv exit '$service'"
    }->{$kind};
    if (!until_true(40, sub { waitpid $supervisor, POSIX::WNOHANG() })) {
        kill 'KILL', $supervisor;
        waitpid $supervisor, 0
    }
    $supervisor = 0;
    kill 'TERM', daemon() || ();
    until_true(40, sub { !set() })
        or note('left behind: ' . join ', ', map { "$_->[1] ($_->[0])" } set());
    system 'rm', '-rf', $service;
}

# ---- mail

sub in_queue { return scalar(() = glob "$queue/mess/*/*") }

sub inject {
    my ($sender, @to) = @_;
    my $body = "body\n" x (1 + length($sender) % 7);
    my ($pid, $status) = queue_mail("Subject: service\n\n$body", $sender, @to);
    return 0 if $status;
    sysopen my $m, $manifest, O_WRONLY | O_APPEND | O_CREAT or die;
    syswrite $m, "$sender @to\n";
    return 1;
}

my %kinds = (good => 6, rand => 1, slow => 1, 'good@' => 4, 'slow@' => 0.6, 'defer' => 0.02);
sub address {
    my ($kind, @rest) = @_;
    my $local = $kind =~ s/\@$//;
    return join('-', $kind, $$, @rest) . '@' . ($local ? $me : $remote)
}

# Until it is told to end; more mail than is delivered is not made.
sub injector {
    my ($pause) = @_;
    return child(sub {
        my $made = 0;
        for (my $n = 0; !$over; $n++) {
                inject(
                    address(rand() < 0.5 ? 'good@' : 'good', 'sender', $n),
                    map { address(kind(%kinds), $n, $_) } 1 .. 1 + int rand 5
                ) or die "qmail-queue failed\n";
            if ($n % 10 == 9) { sleep 0.1 while !$over && in_queue() > 200 }
            sleep rand $pause;
        }
    }, ++$serial);
}

# Everything that can be delivered is delivered, the rest fails.
my %ends;
sub fresh {
    unlink map({ "$queue/$_" } files()), $manifest;
    spew($log, '');
    %ends = (offset => -s $deliveries // 0);
}
sub events { return lines($deliveries, $ends{offset}) }

# Deliveries that have begun and not ended.
sub under_way {
    my %open;
    for (events()) {
        if (/^\S+ start (\S+ \S+)$/) { $open{$1}++ }
        elsif (/^\S+ (\S+ \S+) [KDZ]$/) { $open{$1}-- }
    }
    return grep { $open{$_} } sort keys %open;
}

# Of the recipients in the manifest, all but those that match and `removed'. defer* is delivered
# never: it is over at the end (queuelifetime).
sub judge {
    my ($removed) = @_;
    my (@trouble, %got, %count);
    if (!is_up()) { push @trouble, wrong(qsvc('start'), 0) }
    until_true(
        60,
        sub {
            kill 'ALRM', daemon() || ();
            sleep 0.3;
            my @left = `'$bin/qq-grep' --home '$home' -v --to defer --lines`;
            !@left
        }
    ) or push @trouble, 'mail is not delivered';
    control('queuelifetime', 0);
    push @trouble, wrong(qsvc('restart'), 0);
    until_true(60, sub { kill 'ALRM', daemon() || (); sleep 0.3; !in_queue() })
        or push @trouble, 'mail is left';
    control('queuelifetime', 604800);
    push @trouble, wrong(qsvc('stop'), 0);
    push @trouble, map { "not over: $_" } under_way();
    for (events()) {
        if (/^\S+ start /) { $count{deliveries}++ }
        elsif (/^\S+ (\S+) (\S+) ([KDZ])$/) { push @{$got{$2}}, $3; $count{"result $3"}++ }
    }
    for (split /\n/, slurp($manifest)) {
        my ($sender, @to) = split / /;
        $count{messages}++;
        my $fails = 0;
        for my $to (@to) {
            my @results = @{delete $got{$to} // []};
            my @final = grep { $_ ne 'Z' } @results;
            my $expected = $to =~ /^defer/ ? 0 : 1;
            $count{recipients}++;
            $fails = 1 if !$expected || "@final" eq 'D';
            next if $removed && $to =~ $removed && !@final;
            push @trouble, "$to: @results (of $sender)" if @final != $expected;
        }
        my @bounces = grep { $_ ne 'Z' } @{delete $got{$sender} // []};
        next if $removed && "@to" =~ $removed;
        push @trouble, "$sender: expected $fails bounce, came @bounces" if @bounces != $fails;
    }
    push @trouble, map { "nobody sent this: $_ @{$got{$_}}" } sort keys %got;
    push @trouble, map { "log: $_" } grep {
        /lost spawn connection|^(?:alert|warning):|oh no|trouble|unable to/
            && !/#5\.4\.7|been in the queue too long/
    } split /\n/, slurp($log);
    note(join ', ', map { "$count{$_} $_" } sort keys %count);
    return @trouble;
}

die "$home: something reads its trigger\n" if has_reader();
at_end(sub {
    if ($begun && !defined $begun->{code}) {
        kill 'TERM', $begun->{pid};
        waitpid $begun->{pid}, 0;
    }
    unsupervise();
});
control('queuelifetime', 604800);

# ---- the tests

my %what = (stop => \&stops, restarts => \&restarts, stopped => \&stopped, verbs => \&verbs,
    odd => \&odd, killed => \&killed, status => \&status);
my @only = split ' ', $ENV{ONLY} // 'stop restarts stopped verbs odd killed status';
note("seed $seed");
delivers($supervisors[0]) or the_end();
for my $name (@only) {
    my $test = $what{$name} or die "no such test: $name\n";
    if ($name eq 'status') { $test->($supervisors[0]); next }
    for my $k (@supervisors) { fresh(); @service = (); $test->($k); unsupervise() }
}
the_end();

sub gone {
    my ($when) = @_;
    return map({ "$when: $_->[1] ($_->[0]) is still there" } set()),
        map { "$when: cut: $_" }
        under_way()
}

# Without it nothing that follows would tell anything of qsvc.
sub delivers {
    my ($k) = @_;
    fresh();
    supervise($k);
    my @trouble = wrong(qsvc('start'), 0);
    inject('', map { address($_, 'delivers') } 'good', 'good@');
    my $started = 0;
    until_true(10, sub { $started = grep { / start / } events(); return $started == 2 });
    push @trouble, map { "its log: $_" } split /\n/, slurp($log) if $started != 2;
    unsupervise();
    return check($started == 2 ? 'deliveries start'
        : "no deliveries: $started of 2 were seen to start; "
        . 'QQ_REAL_RC has to set PATH, and QQ_REAL_DELIVERIES is where they log', @trouble);
}

# The last of these processes that could be frozen: one may end before the signal comes.
sub frozen {
    for my $pid (reverse @_) {
        kill 'STOP', $pid;
        return $pid if until_true(1, sub { slurp("/proc/$pid/stat") =~ /^\d+ \(.*\) T/ });
    }
    return;
}

# A remote and a local delivery are frozen, and thus last as long as we want.
sub stops {
    my ($k) = @_;
    my @trouble;
    supervise($k);
    push @trouble, wrong(qsvc('start'), 0);
    for my $round (1 .. 3) {
        push @trouble, wrong(qsvc('start'), 0) unless is_up();
        inject(
            address('good', 'stop', $round),
            map { address($_, 'stop', $round, $serial++) } ('slow') x 8,
            ('slow@') x 5);
        my @spawns = ('qmail-rspawn', 'qmail-lspawn');
        until_true(10, sub { 2 == grep { children_of($_) > 2 } @spawns });
        my @frozen = map { frozen(children_of($_)) } @spawns;
        if (@frozen < 2) { push @trouble, "round $round: no deliveries"; last }
        push @trouble,
            wrong(qsvc('stop', '--timeout', '2s'), 111, qr/1 local delivery, 1 remote delivery/);
        push @trouble, wrong(qsvc('status'), 0, qr/is stopping it.*local 1 of \d+, remote 1 of/s);
        my $r = begin('/dev/null', "$bin/qsvc", '--home', $home, 'stop');
        sleep 1.5;
        push @trouble, "round $round: stop did not wait" if is_done($r);
        kill 'CONT', $frozen[0];
        sleep 1.2;
        push @trouble, "round $round: stop did not wait for the local delivery" if is_done($r);
        kill 'CONT', @frozen;
        done($r);
        push @trouble, gone("round $round"), wrong($r, 0, qr/has stopped$/),
            wrong(qsvc('stop'), 0, qr/stopped already/), wrong(qsvc('status'), 3, qr/stopped/);
    }
    push @trouble, judge();
    check("$k: stop waits for deliveries and all that works for qmail-send, and cuts nothing",
        @trouble);
}

sub restarts {
    my ($k) = @_;
    my (@trouble, %seconds);
    supervise($k);
    push @trouble, wrong(qsvc('start'), 0);
    my @injectors = map { injector(0.25) } 1 .. 3;
    my $began = time;
    for my $round (1 .. $rounds) {
        sleep rand 0.4;
        my $before = daemon();
        # Or what is deferred keeps the injectors waiting.
        push @trouble, wrong(qsvc('flush'), 0) if $round % 10 == 1;
        if ($round % 5) {
            my $r = qsvc('restart');
            push @trouble, wrong($r, 0);
            push @{$seconds{restart}}, $r->{seconds};
        }
        else {
            my $r = qsvc('stop');
            push @trouble, wrong($r, 0), gone("round $round");
            push @{$seconds{stop}}, $r->{seconds};
            push @trouble, wrong($r = qsvc('start'), 0);
            push @{$seconds{start}}, $r->{seconds};
        }
        my $pid = is_up();
        push @trouble, "round $round: not up" if !$pid;
        push @trouble, "round $round: the same process" if $pid && $pid == $before;
        last if @trouble > 20;
    }
    my $took = time - $began;
    end_children(@injectors);
    push @trouble, judge();
    note(
        sprintf '%s: %d rounds in %.0f s; %s',
        $k, $rounds, $took,
        join '; ',
        map {
            my @s = sort { $a <=> $b } @{$seconds{$_}};
            sprintf '%s %.2f s, most %.2f s', $_, $s[@s / 2], $s[-1]
        } sort keys %seconds);
    check("$k: $rounds restarts under load: every recipient once", @trouble);
}

# What `stopped' runs: removes messages of a sender, sees that they are unlinked and that nothing
# reads the trigger meanwhile.
sub make_command {
    spew("$tmp/command", <<"P" . <<'P');
#!/usr/bin/perl
my (\$bin, \$queue) = ('$bin', '$queue');
P
use strict; use warnings; use Fcntl; use Time::HiRes qw(sleep);
$SIG{TERM} = $SIG{INT} = $SIG{HUP} = 'IGNORE';
my ($base, $from, $pause) = @ARGV;
my @said;
sub look {
    my ($when) = @_;
    push @said, "$when: the trigger is read"
        if sysopen my $h, "$queue/lock/trigger", O_WRONLY | O_NONBLOCK;
}
sub there {
    my ($id, $stamp) = split /@/, $_[0];
    return grep { abs((Time::HiRes::stat($_))[9] - $stamp / 1e9) < 5e-6 } glob "$queue/mess/*/$id";
}
open my $b, '>', "$base.begun"; close $b;
look('first');
my @tokens = split /\0/, `'$bin/qq-grep' --from '$from'`;
push @said, 'no marked message' unless @tokens;
push @said, "not there: $_" for grep { !there($_) } @tokens;
sleep $pause;
open my $rm, '|-', "'$bin/qq-rm' -q" or die;
print $rm map { "$_\0" } @tokens;
close $rm;
push @said, "qq-rm: exit code $?" if $?;
push @said, "not unlinked: $_" for grep { there($_) } @tokens;
look('last');
open my $e, '>', "$base.ended.new";
print $e map { "$_\n" } @said;
close $e;
rename "$base.ended.new", "$base.ended";
exit 7;
P
    chmod 0755, "$tmp/command";
}

sub is_there {
    my ($id, $stamp) = split /@/, $_[0];
    return grep { abs((Time::HiRes::stat($_))[9] - $stamp / 1e9) < 5e-6 } glob "$queue/mess/*/$id"
}
sub is_process { my ($pid) = @_; return slurp("/proc/$pid/stat") =~ /^\d+ \(.*\) [^ZX]/ }

# The guard waits for the worker: the child that goes by the same name.
sub worker_of {
    my ($guard) = @_;
    for (map { split ' ' } slurp("/proc/$guard/task/$guard/children")) {
        return $_ if (slurp("/proc/$_/comm") =~ /^qsvc$/)
    }
    return 0
}

sub stopped {
    my ($k) = @_;
    my (@trouble, %count);
    make_command();
    supervise($k);
    push @trouble, wrong(qsvc('start'), 0);
    my @injectors = map { injector(0.3) } 1 .. 2;
    for my $round (1 .. $stopped) {
        my $mark = "good-mark-$$-$round-\@$remote";
        inject($mark, map { "defer-mark-$$-$round-$_-$$\@$remote" } 1 .. 2) for 1 .. 1 + int rand 3;
        sleep rand 0.5;
        my $pipe = $round % 2;
        my $base = "$tmp/round.$round";
        my ($tokens, @command) = ('/dev/null', "$tmp/command", $base, $mark, rand 0.5);
        if ($pipe) {
            $tokens = "$base.tokens";
            system "'$bin/qq-grep' --home '$home' --from '$mark' >'$tokens'"
                and push @trouble, "round $round: no marked mail";
            @command = ("$bin/qq-rm", '--json');
        }
        my $r = begin($tokens, "$bin/qsvc", '--home', $home, 'stopped', @command);
        my $how = (qw(guard worker guard worker TERM none))[int rand 6];
        my $worker = 0;
        if ($how ne 'none') {
            sleep rand(rand() < 0.3 ? 0.1 : 1.3);
            $worker = worker_of($r->{pid}) unless is_done($r);
            $how = 'over' if is_done($r);
            $how = 'guard' if $how eq 'worker' && !$worker;
            if ($how eq 'guard') { kill 'KILL', $r->{pid} }
            elsif ($how eq 'worker') { kill 'KILL', $worker }
            elsif ($how eq 'TERM') { kill 'TERM', $r->{pid} }
        }
        $count{$how}++;
        done($r);
        kill 'ALRM', daemon() || () if $round % 10 == 1;
        if ($how eq 'guard' && $worker) {
            until_true(90, sub { !is_process($worker) })
                or push @trouble, "round $round: the worker does not end"
        }
        until_true(30, sub { is_up() })
            or push @trouble, "round $round ($how): qmail-send is not up: $r->{out}$r->{err}";
        if (-e "$base.begun") {
            $count{'commands run'}++;
            push @trouble, "round $round ($how): the command was cut" unless -e "$base.ended";
            push @trouble, map { "round $round ($how): $_" } split /\n/, slurp("$base.ended");
        } elsif (!$pipe && ($how eq 'none' || $how eq 'over')) {
            push @trouble, "round $round: no command was run: $r->{err}"
        }
        push @trouble, map { "round $round: $_" } wrong($r, $pipe ? 0 : 7)
            if $how eq 'none' || $how eq 'over';
        if ($pipe) {
            my %result = $r->{out} =~ /"token":"(\d+\@\d+)","result":"(\w+)"/g;
            $count{'qq-rm run'}++ if %result;
            $count{removed} += grep { $_ eq 'removed' } values %result;
            push @trouble,
                map { "round $round ($how): not unlinked: $_" }
                grep { $result{$_} eq 'removed' && is_there($_) } keys %result;
            push @trouble,
                map { "round $round ($how): $_ $result{$_}" }
                grep { $result{$_} ne 'removed' } keys %result;
        }
        push @trouble,
            "round $round ($how): exit code $r->{code}, signal $r->{killed}, process $worker of $r->{pid}, and said: $r->{err}"
            if $how eq 'worker'
            && $r->{err} !~ /was killed|is gone/
            && $r->{code} != ($pipe ? 0 : 7);
        last if @trouble > 20;
    }
    end_children(@injectors);
    note("$k: " . join ', ', map { "$count{$_} $_" } sort keys %count);
    push @trouble, judge(qr/^defer-mark|-mark-/);
    check(
        "$k: $stopped runs of `qsvc stopped', guard or worker killed: qmail-send is up, "
            . 'every recipient once',
        @trouble);
}

sub logged { my ($text) = @_; return until_true(10, sub { index(slurp($log), $text) >= 0 }) }

sub verbs {
    my ($k) = @_;
    my @trouble;
    supervise($k);
    push @trouble, wrong(qsvc('start'), 0, qr/has started/),
        wrong(qsvc('start'), 0, qr/running already/);
    my $deferred = address('defer', 'verbs');
    my $tries = sub { scalar grep { / start .*\Q$deferred\E$/ } events() };
    inject(address('good', 'verbs', 's'), $deferred);
    until_true(10, sub { $tries->() == 1 && !under_way() }) or push @trouble, 'not deferred';
    sleep 0.5;
    push @trouble, wrong(qsvc('flush', '--tcpto'), 0, qr/tries everything now/);
    until_true(5, sub { $tries->() == 2 }) or push @trouble, 'flush did not reach what is deferred';

    my ($local, $virtual) = ('good-' . $$ . '-l@locals.test', 'any-' . $$ . '@virtual.test');
    inject(address('good', 'verbs', 't'), $local);
    logged("to remote $local") or push @trouble, "$local was not remote before";
    control('locals', slurp("$home/control/locals") . "locals.test\n");
    control('virtualdomains', slurp("$home/control/virtualdomains") . "virtual.test:good\n");
    push @trouble, wrong(qsvc('reload'), 0, qr/rereads locals and virtualdomains/);
    $local =~ s/-l/-m/;
    inject(address('good', 'verbs', 'u'), $local, $virtual);
    logged("to local $local") or push @trouble, "$local is not local after reload";
    logged("to local good-$virtual") or push @trouble, "$virtual is not local after reload";
    control($_) for qw(locals virtualdomains);
    push @trouble, wrong(qsvc('reload'), 0);

    until_true(5, sub { !under_way() });
    push @trouble, wrong(qsvc('pause'), 0, qr/is paused/),
        wrong(qsvc('status'), 0, qr/qmail-send: paused/), wrong(qsvc('pause'), 0, qr/already/);
    my $begun = () = grep { / start / } events();
    inject(address('good', 'verbs', 'v'), address('good', 'verbs', 'w'));
    push @trouble, wrong(qsvc('flush'), 0, qr/paused/);
    sleep 1.5;
    push @trouble, 'a delivery began while it was paused' if $begun != grep { / start / } events();
    push @trouble, wrong(qsvc('continue'), 0, qr/goes on/),
        wrong(qsvc('continue'), 0, qr/not paused/);
    until_true(
        5,
        sub {
            grep { /-verbs-w\@\Q$remote\E K/ } events()
        }
    ) or push @trouble, 'no delivery after it went on';
    push @trouble, wrong(qsvc('pause'), 0), wrong(qsvc('stop'), 0, qr/has stopped/),
        gone('stop of what is paused');
    push @trouble, map { wrong(qsvc($_), 3, qr/stopped/) } qw(pause continue flush reload status);
    # The domains are not ours any more, and what went there is.
    push @trouble, grep {
               !/^nobody sent this: (?:good-|any-)\S*(?:locals|virtual)\.test/
            && !/^(?:any|good)-\S+\@(?:locals|virtual)\.test/
    } judge();
    check("$k: flush, reload, pause and continue", @trouble);
}

# Service directories as they are found in the wild.
sub odd {
    my ($k) = @_;
    my $inner = $rc =~ s/^exec //r;
    mkdir "$tmp/scan";
    my @ways = (
        ['run does not exec', rc => "$inner\nexit 3"],
        ['run in two shells', rc => "sh -c '$inner; :'\n:"],
        ['limited', more => "ulimit -n 300\n"],
        ['a finish script', finish => "echo finish >>'$tmp/finish.log'; sleep 1"],
        ['a linked directory', link => 1],
        ['said by its directory', said => 1],
    );
    for (@ways) {
        my ($what, %o) = @$_;
        my @trouble;
        next if $o{finish} && $k eq 'daemontools';      # has none
        fresh();
        unlink "$tmp/scan/$k", "$tmp/finish.log";
        if ($o{link}) {
            mkdir "$tmp/elsewhere";
            symlink "$tmp/elsewhere/qmail.$k", "$tmp/scan/$k";
            @o{qw(service path)} = ("$tmp/elsewhere/qmail.$k", "$tmp/scan")
        }
        if ($o{said}) { $o{path} = '/nonexistent' }
        supervise($k, %o);
        @service = $o{said} ? ('--service', $service) : ();
        push @trouble, wrong(qsvc('status'), 3, qr/supervisor: $k/),
            wrong(qsvc('start'), 0, qr/has started/),
            wrong(qsvc('status'), 0, qr/supervisor: $k, \S+$/m);
        my $injector = injector(0.1);
        for my $round (1 .. 3) {
            sleep 0.5;
            push @trouble, map { "$what: $_" } wrong(qsvc('restart'), 0);
            push @trouble, 'not up' unless is_up();
            push @trouble, map { "$what: $_" } wrong(qsvc('stop'), 0), gone("round $round");
            sleep 2.5;
            push @trouble, 'it came up again by itself' if daemon();
            push @trouble, wrong(qsvc('status'), 3, qr/supervisor: $k, \S+: down/);
            push @trouble, map { "$what: $_" } wrong(qsvc('start'), 0);
            push @trouble, map { "$what: $_" } wrong(qsvc('pause'), 0),
                wrong(qsvc('status'), 0, qr/qmail-send: paused/), wrong(qsvc('continue'), 0),
                wrong(qsvc('reload'), 0), wrong(qsvc('flush'), 0);
            push @trouble,
                map { "$what: $_" }
                wrong(qsvc('stopped', 'sh', '-c', "test ! '$queue/nothing' -ef . && exit 9"), 9);
            push @trouble, 'not up after stopped' unless is_up();
        }
        end_children($injector);
        push @trouble, judge();
        push @trouble, 'no finish' if $o{finish} && !-s "$tmp/finish.log";
        check("$k: $what", @trouble);
        unsupervise();
    }
}

# What waits for the disk dies a little later.
sub crash {
    my $pid = daemon() or die "no qmail-send to kill\n";
    kill 'KILL', $pid;
    until_true(10, sub { !is_process($pid) }) or die "$pid is immortal\n";
    return $pid;
}

# What crashes: duplicates are qmail's then, and mail is not looked at.
sub killed {
    my ($k) = @_;
    my @trouble;
    supervise($k);
    push @trouble, wrong(qsvc('start'), 0);
    for my $round (1 .. 3) {
        my $injector = injector(0.1);
        my $old = crash();
        push @trouble, grep { !/exit code [03],/ } wrong(qsvc('status'), 0);
        until_true(20, sub { my $pid = is_up(); $pid && $pid != $old })
            or push @trouble, 'its supervisor did not start it again';
        push @trouble, map { "killed, up again: $_" } wrong(qsvc('stop'), 0),
            gone('killed, up again');
        push @trouble, wrong(qsvc('start'), 0);
        crash();
        push @trouble, map { "killed: $_" } wrong(qsvc('stop'), 0), gone('killed');
        sleep 2.2;
        push @trouble, 'it came up again' if daemon();
        push @trouble, wrong(qsvc('start'), 0);
        crash();
        push @trouble, map { "killed, start: $_" } wrong(qsvc('start'), 0);
        push @trouble, 'killed, start: not up' unless until_true(5, sub { is_up() });
        end_children($injector);
        # The supervisor itself
        my $pid = daemon();
        push @trouble, 'not up: ' . join ' | ', (split /\n/, slurp($log))[-8 .. -1] unless $pid;
        kill 'KILL', $supervisor;
        waitpid $supervisor, 0;
        push @trouble, map { "no supervisor: $_" } wrong(qsvc('status'), 0, qr/does not answer/),
            wrong(qsvc('restart'), 111, qr/nothing was stopped/);
        push @trouble, 'no supervisor: restart stopped it' unless $pid && daemon() == $pid;
        push @trouble,
            map { "no supervisor: $_" }
            wrong(qsvc('stopped', 'true'), 111, qr/nothing was stopped/), wrong(qsvc('stop'), 0),
            gone('no supervisor'), wrong(qsvc('start'), 111);
        oversee();
        push @trouble, map { "a new supervisor: $_" } wrong(qsvc('start'), 0);
        push @trouble, 'a new supervisor: not up' unless is_up();
        last if @trouble;
    }
    push @trouble, wrong(qsvc('stop'), 0), gone('last');
    check("$k: qmail-send and its supervisor killed", @trouble);
}

# Milliseconds of one run, of so many.
sub cost {
    my ($n, @arguments) = @_;
    my @command = ("$bin/qsvc", '--home', $home, 'status', @arguments);
    my @times;
    for (1 .. $n) {
        my $began = time;
        my $pid = fork // die;
        if (!$pid) {
            open STDOUT, '>', '/dev/null';
            open STDERR, '>&', \*STDOUT;
            exec @command or POSIX::_exit(127)
        }
        waitpid $pid, 0;
        push @times, 1000 * (time - $began);
    }
    @times = sort { $a <=> $b } @times;
    return $times[@times / 2], $times[-1];
}

sub status {
    my ($k) = @_;
    my (@trouble, %cost);
    fresh();
    supervise($k);
    push @trouble, wrong(qsvc('start'), 0);
    @{$cost{'running, empty'}} = cost(100);
    push @trouble, wrong(qsvc('stop'), 0);
    @{$cost{'stopped, empty'}} = cost(100);
    my ($mkqueue) = grep { -x } map { "$_/tests/mkqueue" } $ENV{BUILD} // 'build', "$bin/..";
    my %owner = map { $_ => (stat "$queue/$_")[4] } qw(mess info lock);
    my $split = () = glob "$queue/mess/[0-9]*";
    my @bigtodo = -d "$queue/todo/0" ? '--bigtodo' : ();
    my ($qmailq, $qmails, $qmailr, $group) = (
        (stat "$queue/mess")[4],
        (stat "$queue/info")[4],
        (stat "$queue/lock/tcpto")[4],
        (stat "$queue/lock/sendmutex")[5]);
    rename $queue, "$queue.qq-kept" or die "$queue: $!\n";
    system($mkqueue, $queue, $messages, '--split', $split, @bigtodo, '--qmailq',
        $qmailq, '--qmails', $qmails, '--qmailr', $qmailr, '--group', $group
    ) and die "mkqueue failed\n";
    @{$cost{'stopped'}} = cost(100);
    @{$cost{'stopped, --count'}} = cost(3, '--count');
    control($_, 0) for qw(concurrencyremote concurrencylocal);
    push @trouble, wrong(qsvc('start', '--timeout', '5m'), 0);
    until_true(300, sub { !(() = glob "$queue/todo/[0-9]*") }) unless @bigtodo;
    sleep 1;
    @{$cost{'running'}} = cost(100);
    @{$cost{'running, --count'}} = cost(3, '--count');
    my $r = qsvc('status', '--count');
    push @trouble, wrong($r, 0, qr/messages: $messages \(/);
    push @trouble, wrong(qsvc('stop'), 0), gone('stop');
    unsupervise();
    system 'rm', '-rf', $queue;
    rename "$queue.qq-kept", $queue or die;
    control($_) for qw(concurrencyremote concurrencylocal);
    note(map { sprintf '%s: %.1f ms, most %.1f ms', $_, @{$cost{$_}} } sort keys %cost);
    for ('running', 'stopped') {
        push @trouble, "$_: slower with a large queue"
            if $cost{$_}[0] > 3 * $cost{"$_, empty"}[0] + 5
    }
    check("status beside $messages messages: milliseconds", @trouble);
}
