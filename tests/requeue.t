#!/usr/bin/perl
# requeue.t - qq-requeue beside the model of a running qmail-send: messages that wait are tried at
# once, each is there once whatever it was killed at, and nobody gets anything twice.
#
#   ROUNDS=N     so many rounds of the storm (8)       SEED=N  of all that is random (1)
#   CALLS=all    it is killed at every system call, or each fails; else some, by SEED

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use JSON::PP;
use Time::HiRes qw(sleep time utime);
require(abs_path(dirname(__FILE__)) . '/model.pl');
our ($is_asan, $root, $repo, $T, $tools, $build);

if (!$root) {
    if (($ENV{CI} // '') eq 'true') { ok('requeuing', 'needs root'); finish() }
    skip_all('needs root')
}
our $bin = $ENV{BIN} // "$build/bin";
my $has_strace =
    !system 'strace -o /dev/null -e inject=linkat:signal=KILL:when=9 true 2>/dev/null';
$ENV{LC_ALL} = 'C';
srand($ENV{SEED} // 1);

# ---- a home with its model ----
my ($home, $model, @logs);
my $homes = 0;

sub run_model {
    my (@options) = @_;
    ($model, my $log) = start_model("$home/queue", '--unit', 1000, '--processes', @options);
    push @logs, $log;
}

# One in which what leaves it open is never delivered, if no options say otherwise.
my @never = ('--good', 0, '--fail', 0, '--delivery', 1, '--lifetime', 1e12, '--pauses', 0, '--unit',
    1000000);
sub make_home {
    my (@options) = @_;
    $home = "$T/home" . ++$homes;
    mkdir $home or die;
    mkdir "$home/control" or die;
    make_queue("home$homes/queue", '--split', 3);
    @logs = ();
    write_file("$home/control/$_->[0]", "$_->[1]\n") for ['me', 'local.example'],
        ['queuelifetime', 604800], ['locals', 'local.example'];
    run_model(@options ? @options : @never);
}

# What a run that was killed leaves where qmail-send does not look, and reaps it: a body in pid/; an
# intd that was not given away yet, whose message is not in todo.
sub is_half_made {
    my ($complaint) = @_;
    return 1 if $complaint =~ m{: pid/\.load-};
    my ($path) = $complaint =~ m{: (intd/\d+): (?:belongs to 0$|its mode is 0600)} or return 0;
    return !-e "$home/queue/" . $path =~ s/intd/todo/r
}

sub end_home {
    my $code = stop($model);
    my @complaints = map { @{ read_logs($_)->{trouble} } } @logs;
    push @complaints, "the model ended with $code" if $code;
    push @complaints, grep { !is_half_made($_) } illegal("$home/queue");
    system('rm', '-rf', $home);
    return @complaints
}

# Runs one of our programs; returns its exit code, what it printed, and what it said.
sub run {
    my ($program, @arguments) = @_;
    my @before = ref $program ? @$program : ();
    $program = shift @arguments if ref $program;
    my $pid = start(undef, "$T/out", "$T/said", @before, "$bin/$program", @arguments, '--home',
        $home);
    my $code = ended($pid, 120) // die "$program: does not end\n";
    return ($code, read_file("$T/out"), read_file("$T/said"))
}
sub requeue { return run('qq-requeue', '--lines', @_) }

# A bounce beside one that is new is warned about, and a removal that is not through.
sub listing {
    my ($code, $out, $said) = run('qq-show', '--json');
    die "$said" if grep { !m{ bounce/\d+: is left over from another|removals? w.* interrupted} }
        split /\n/, $said;
    return map { decode_json($_) } split /\n/, $out
}
sub tokens { return map { $_->{token} } listing() }
sub stamp { return $_[0] =~ s/.*@//r }
sub waiting { my ($m) = @_; return map { $_->{done} ? () : $_->{address} } @{ $m->{recipients} } }
sub first_file { my ($pattern) = @_; my ($file) = glob "$home/queue/$pattern"; return $file }

# Injects, and waits until all is preprocessed and was tried. Returns the tokens.
sub inject {
    my (@lines) = @_;
    my @to = map { my (undef, @to) = split; @to } @lines;
    my %before = map { $_ => tries($_) } @to;
    my ($injector, $file) = start_injector("$home/queue", \@lines);
    die if ended($injector);
    for (1 .. 6000) {
        last if !glob("$home/queue/todo/*") && !grep { tries($_) == $before{$_} } @to;
        sleep 0.01;
    }
    return map { (split)[0] } split /\n/, read_file($file)
}

# Writes down what has failed of a message.
sub fail {
    my ($id, @text) = @_;
    my $file = "$home/queue/bounce/$id";
    write_file($file, @text);
    chown((stat first_file("info/*/$id"))[4, 5], $file);
    chmod 0600, $file
}

# How often a delivery to the address was asked for.
sub tries { my ($to) = @_; return scalar @{ read_logs(@logs)->{tried}{$to} // [] } }

# What qmail-send has not taken away yet.
sub let_old_end {
    for (1 .. 400) {
        kill 'ALRM', $model if $_ % 20 == 1;
        my ($code, $out) = run('qq-list', '--over', '--count');
        return if $out eq "0\n";
        sleep 0.05;
    }
    die "the old ones do not end\n";
}

# ---- now, and only these ----
{
    make_home();
    my @t = inject('a@x.example any.1@far.example defer.1@local.example',
        'b@x.example any.2@far.example');
    my @before = map { tries($_) } 'any.1@far.example', 'any.2@far.example';
    my ($code, $out, $said) = requeue($t[0]);
    chomp $out;
    ok('a new id', $code || $said ne "qq-requeue: 1 requeued\n" || $out !~ /^\d+@\d+\z/
            || $out eq $t[0] || stamp($out) ne stamp($t[0]) ? "exit code $code: $out: $said" : ());
    for (1 .. 6000) { last if tries('any.1@far.example') > $before[0]; sleep 0.01 }
    my @m = listing();
    my ($new) = grep { $_->{token} eq $out } @m;
    ok('it is tried at once, and only that one',
        tries('any.1@far.example') == $before[0] + 1 ? () : 'not tried',
        tries('any.2@far.example') == $before[1] ? () : 'the other was tried, too',
        @m == 2 && $new && !$new->{held} ? () : 'not there',
        $new && $new->{birth} eq $new->{queued} ? () : 'not of its age',
        $new && join(' ', sort(waiting($new))) eq 'any.1@far.example defer.1@local.example' ? ()
            : 'other recipients');
    ($code, my $again, $said) = requeue($t[0]);
    ok('the same old id again: the same new one', $code || $again ne "$out\n"
            || $said ne "qq-requeue: 1 requeued\n" ? "exit code $code: $again: $said" : (),
        listing() == 2 ? () : 'there are more now');
    let_old_end();
    ($code, $again, $said) = requeue($t[0]);
    ok('and once the old one has gone', $code || $again ne "$out\n" ? "exit code $code: $said"
        : ());

    # Its number may be given to the next one, which has the same stamp.
    my $token = $out;
    my %seen = ($t[0] => 1, $token => 1);
    for (1 .. 20) {
        ($code, $token, $said) = requeue($token);
        chomp $token;
        let_old_end();
        last if $code || $seen{$token}++;
    }
    ok('there and back', $code ? "exit code $code: $said" : (),
        (grep { $_ eq $token } tokens()) && listing() == 2 ? () : "$token is not there");
    ($code, my $next, $said) = requeue($token);
    ok('and on from there', $code || $next eq "$token\n" || listing() != 2
        ? "exit code $code: $next: $said" : ());
    ($code, $out, $said) = requeue('5@1795000000000000001');
    ok('one that is gone', $code == 1 && $out eq '' && $said eq 'qq-requeue: warning: message 5 is'
            . " not in the queue (any more)\nqq-requeue: 1 gone\n" ? () : "exit code $code: $said");
    ok('the queue', end_home());
}

# ---- what has ended and is not in the queue yet ----
# The delivery is over, as the log says, and qmail-send is about to mark the recipient.
{
    make_home(@never, '--slow-marks', 1500);
    my ($injector, $file) =
        start_injector("$home/queue", ['a@x.example good.1@far.example any.2@far.example']);
    die if ended($injector);
    my ($t) = map { (split)[0] } split /\n/, read_file($file);
    for (1 .. 6000) { last if read_logs(@logs)->{served}{'good.1@far.example'}; sleep 0.01 }
    my ($code, $out, $said) = requeue($t);
    my %m = map { $_->{token} => $_ } listing();
    chomp $out;
    ok('a recipient that qmail-send is just marking gets it once', $code ? "exit code $code: $said"
        : (), join(' ', waiting($m{$out} // {})) eq 'any.2@far.example' ? () : 'is requeued, too');

    # Who has stopped marks nothing.
    let_old_end();
    kill 'STOP', $model;
    ($code, my $none, $said) = requeue('--timeout', '0s', $out);
    kill 'CONT', $model;
    ok('not while qmail-send is stopped', $code == 111 && $none eq '' && $said =~
        /stays held: a delivery that began before the hold may be under way\n/
        ? () : "exit code $code: $said");
    ($code, my $new, $said) = requeue($out);
    ok('and then it is', $code || $new !~ /^\d+@\d+\n\z/ || $new eq "$out\n" ? "exit code $code: $said"
        : (), end_home());
}

# ---- what it leaves as it is, and what it changes ----
{
    make_home();
    my @t = inject('a@x.example any.1@far.example any.2@Far.example any.3@far.example',
        'b@x.example any.4@far.example');
    my ($code, $out, $said) = requeue('--readdress', 'any.2@fAR.example=any.9@far.example',
        '--readdress', 'any.1@far.example=any.3@far.example', @t);
    chomp $out;
    my %m = map { $_->{token} => $_ } listing();
    ok('--readdress', $code || $said ne "qq-requeue: 1 requeued, 1 unmatched\n"
        ? "exit code $code: $said" : (),
        $m{$out} && join(' ', sort(waiting($m{$out}))) eq 'any.3@far.example any.9@far.example' ? ()
            : 'wrong recipients',
        $m{ $t[1] } && !$m{ $t[1] }{held} ? () : 'the other one is not as it was');
    my @complaints;
    for my $wrong ('', 'a@b', 'a=b@c', 'a@b=c', 'a@=b@c', '@a=b@c', 'a@b=', 'a@b=@c', 'a@b=c@') {
        ($code, $out, $said) = requeue('--readdress', $wrong, $t[1]);
        push @complaints, "$wrong: exit code $code: $said" if $code != 100 || $said !~
            /^qq-requeue: fatal: option --readdress: "\Q$wrong\E" given, expected OLD=NEW$/m;
    }
    ok('what is no readdressing', @complaints);
    ($code, $out, $said) = requeue('--readdress', 'a=b@c.example=d@e.example', $t[1]);
    ok('a sign in front of the @ is part of the address', $said ne "qq-requeue: 1 unmatched\n"
        ? $said : ());

    # Qmail-send rewrote it by a virtual domain that has another prefix by now.
    @t = inject('a@x.example defer.5@local.example');
    my ($id) = split /@/, $t[0];
    stop($model);
    write_file(first_file("local/*/$id"), "Told-defer.5\@local.example\0");
    write_file("$home/control/locals", '');
    write_file("$home/control/virtualdomains", "local.example:old\n");
    run_model(@never);
    ($code, $out, $said) = requeue($t[0]);
    chomp $out;
    %m = map { $_->{token} => $_ } listing();
    ok('recipients are what they were before they were rewritten', $code ? $said : (),
        $m{$out} && join(' ', waiting($m{$out})) eq 'defer.5@local.example' ? ()
            : 'wrong recipients');
    @t = inject('a@x.example defer.6@local.example');
    ($code, $out, $said) = requeue($t[0]);
    %m = map { $_->{token} => $_ } listing();
    ok('one that nothing would become is as it was', $code == 111 && $out eq '' && $said =~
            m{^qq-requeue: warning: failed: local/\d/\d+: has a recipient that the control files}
        ? () : "exit code $code: $said", $m{ $t[0] } && !$m{ $t[0] }{held} ? () : 'it is not');

    # What has failed by a mistake of one's own.
    write_file("$home/control/virtualdomains", "joe.example:joe\nbob\@far.test:alias-bob\n");
    @t = inject('a@x.example any.20@far.example', 'a@x.example any.21@far.example');
    for (@t) {
        fail((split /@/)[0], map { "<$_->[0]>:\n$_->[1]\n\n" } ['no@y.example', 'No such user'],
            ['joe-x@joe.example', "Loops.\nTwice."], ['alias-bob-bob@far.test', 'it LOOPS']);
    }
    ($code, $out, $said) = requeue('--failed', 'loops', $t[0]);
    %m = map { $_->{token} => $_ } listing();
    ($id) = split /@/, $out;
    ok('--failed', $code ? $said : (),
        join(' ', sort(map { waiting($_) } $m{ $out =~ s/\n//r })) eq
            'any.20@far.example bob@far.test joe-x@joe.example' ? ()
            : 'wrong recipients: ' . join(' ', map { waiting($_) } $m{ $out =~ s/\n//r }),
        read_file("$home/queue/bounce/$id") eq "<no\@y.example>:\nNo such user\n\n" ? ()
            : 'wrong notice: ' . read_file("$home/queue/bounce/$id"));
    ($code, $out, $said) = requeue('--failed', '@', '--failed', 'x', $t[1]);
    ($id) = split /@/, $out;
    ok('of all', $code ? $said : (), -e "$home/queue/bounce/$id" ? 'there is a notice' : ());
    @t = inject('a@x.example any.22@far.example');
    ($code, $out, $said) = requeue('--failed', '@', @t);
    ok('of none', $code || $said ne "qq-requeue: 1 unmatched\n" ? $said : ());

    # Held; past its lifetime.
    write_file("$home/control/locals", "local.example\n");
    @t = inject('a@x.example any.7@far.example', 'a@x.example any.8@far.example');
    run('qq-hold', '-q', $t[0]);
    ($id) = split /@/, $t[1];
    my $old = time - 700000;
    utime $old, $old, map { first_file("$_/*/$id") } qw(info mess);
    ($t[1]) = grep { /^$id@/ } tokens();
    ($code, $out, $said) = requeue(@t);
    %m = map { stamp($_->{token}) => $_ } listing();
    my ($held, $ancient) = map { $m{ stamp($_) } } @t;
    ok('what was held is not any more', $code || $held->{held} ? "exit code $code: $said" : ());
    my ($birth) = glob "$home/queue/info/*/$ancient->{id}";
    ok('what is past its lifetime is young again', $ancient->{held}
        || time - (stat $birth)[9] > 60 || stamp($ancient->{token}) ne stamp($t[1]) ? 'it is not'
        : ());
    ok('the queue', end_home());

    make_home();
    @t = inject('a@x.example any.1@far.example');
    stop($model);
    ($code, $out, $said) = requeue(@t);
    ok('not without qmail-send', $code == 111 && $out eq '' && $said eq
            "qq-requeue: fatal: qmail-send does not run on $home/queue, and only it can take"
            . " messages in: start it first\n" ? () : "exit code $code: $said");
    run_model(@never);
    ok('the queue', end_home());
}

# ---- the examples of the page and of README ----
{
    make_home();
    my @commands = map { read_file($_) =~ /^(?:\.Dl|   ) \$ (.*qq-requeue.*)$/mg }
        "$repo/doc/qq-requeue.8", "$repo/README";
    my @complaints = @commands < 4 ? 'they were not found' : ();
    local @ENV{ 'PATH', 'QQ_QUEUE' } = ("$bin:$ENV{PATH}", "$home/queue");
    for my $command (@commands) {
        my ($t) =
            inject('a@x.example defer@far.test defer@shop.example', 'a@x.example anna@exmaple.org');
        fail($t =~ s/@.*//r, "<b\@shop.example>:\nno\n\n");
        my $code = ended(start(undef, "$T/out", "$T/said", 'sh', '-c', $command));
        push @complaints, "$command: $code: " . read_file("$T/said")
            if $code || read_file("$T/said") !~ /^qq-requeue: \d+ requeued/m;
    }
    my @to = map { waiting($_) } listing();
    ok('what the page and README say', @complaints,
        (grep { /example.org/ } @to) ? () : "the recipients are @to");
    ok('the queue', end_home());
}

# ---- deliveries under way ----
{
    write_file("$T/slow", "yes\n");
    make_home(@never, '--slow-while', "$T/slow");
    my @t = inject('a@x.example slowgood.1@far.example defer.2@far.example');
    my ($id) = split /@/, $t[0];
    wait_for_delivery("$home/queue", $id);
    my ($code, $out, $said) = requeue('--timeout', '1s', @t);
    ok('what is just being delivered stays held', $code == 111 && $out eq '' && $said eq
            "qq-requeue: warning: unfinished: message $id stays held: a delivery that began before"
            . " the hold may be under way\nqq-requeue: 1 unfinished\n"
        ? () : "exit code $code: $out: $said", (listing())[0]{held} ? () : 'it is not held');
    my $pid = start(undef, "$T/out2", "$T/said2", "$bin/qq-requeue", '--lines', '--home', $home,
        @t);
    sleep 0.5;
    my $is_waiting = !defined ended($pid, 0.1) && -z "$T/out2";
    write_file("$T/slow", '');
    $code = ended($pid, 60);
    ok('and goes when that has ended', $is_waiting ? () : 'it did not wait', $code ? $code : ());
    my @r = @{ read_logs(@logs)->{served}{'slowgood.1@far.example'} // [] };
    ok('nobody got it twice', @r == 1 ? () : "served @r",
        join(' ', map { waiting($_) } listing()) eq 'defer.2@far.example' ? () : 'others wait');
    ok('the queue', end_home());
}

# ---- killed ----
# Behind each of its calls, again behind another one, and the same ids once more: all is there,
# once, and not held.
# Of the old one and the new one that qmail-send knows: if one can be delivered, the other never
# can.
sub pairs_that_can_both_go {
    my %mess;
    for (listing()) {
        my ($owner, $mode) = (stat first_file("mess/*/$_->{id}"))[4, 2];
        push @{ $mess{ stamp($_->{token}) } }, { can_go => $owner, is_marked => $mode & 0111 };
    }
    return grep {
        my @m = @{ $mess{$_} };
        (grep { $_->{can_go} } @m) && 1 < grep { !$_->{is_marked} } @m
    } keys %mess
}

if ($has_strace) {
    my %calls = (linkat => 8, openat => 60, fdatasync => 2, syncfs => 5, utimensat => 18,
        unlinkat => 12, fchown => 24, fchmod => 24, renameat => 1, pwrite64 => 5, write => 16,
        flock => 3);
    my @points = map { my $call = $_; map { [$call, $_] } 1 .. $calls{$call} } sort keys %calls;
    my ($seed, $step) = ($ENV{SEED} // 1, ($ENV{CALLS} // '') eq 'all' ? 1 : $is_asan ? 30 : 9);
    @points = @points[grep { $_ % $step == $seed % $step } 0 .. $#points];
    # written but not linked; then taken away, and not written anew, or by half
    push @points, ['linkat', 5, 'linkat', 1], ['linkat', 5, 'unlinkat', 2];
    # linked, and the old one not marked
    push @points, map { ['fchmod', $_, 'linkat', 99] } 13, 14;
    my $kills = @points;
    my @failing = $step == 1 ? @points : @points[grep { $_ % 3 == 0 } 0 .. $#points];
    push @points, @failing;
    my $tried = 0;
    my @complaints;
    my $fired = 0;
    for my $point (@points) {
        my ($call, $n) = @$point;
        make_home();
        my @t = inject(map { "a\@x.example any.$_\@far.example defer.$_\@local.example" } 1 .. 4);
        my %stamp = map { stamp($_) => $_ } @t;
        my ($id) = split /@/, $t[0];
        fail($id, "<x\@y.example>:\nno\n\n");
        my $way = ++$tried <= $kills ? 'signal=KILL' : 'error=' . (qw(EIO ENOSPC))[$tried % 2];
        my ($code) = run(['strace', '-f', '-o', '/dev/null', '-e', "inject=$call:$way:when=$n"],
            'qq-requeue', '--lines', @t);
        $fired++ if $code > 128 || $code == 1009;
        ($call, $n) = @$point > 2 ? @$point[2, 3] : @{ $points[rand @points] };
        run(['strace', '-f', '-o', '/dev/null', '-e', "inject=$call:signal=KILL:when=$n"],
            'qq-requeue', '--lines', @t);
        my @what = map { "two of $_ could go" } pairs_that_can_both_go();
        ($code, my $out, my $said) = requeue(@t);
        push @what, "exit code $code: $said" if $code;
        my %there;
        push @{ $there{ stamp($_->{token}) } }, $_ for listing();
        for my $s (keys %stamp) {
            my @m = @{ $there{$s} // [] };
            push @what, scalar(@m) . " of $stamp{$s}" if @m != 1;
            push @what, "$stamp{$s} is held" if grep { $_->{held} } @m;
            push @what, "$stamp{$s} is the old one" if grep { $_->{token} eq $stamp{$s} } @m;
            push @what, "$stamp{$s}: not printed" if @m && $out !~ /^\Q$m[0]{token}\E$/m;
            push @what, "$stamp{$s} has not its birth"
                if grep { $_->{birth} ne $_->{queued} } @m;
        }
        my ($failing) = @{ $there{ stamp($t[0]) } // [{ id => 0 }] };
        push @what, 'the bounce is lost'
            if read_file("$home/queue/bounce/$failing->{id}") !~ /^<x\@y/;
        let_old_end();
        push @complaints, map { "behind @$point, then $call $n: $_" } @what, end_home();
    }
    ok("killed at any call ($fired of $kills), or it fails, and again: all is there, once",
        @complaints, $fired > $kills / 3 ? () : 'it was hardly ever killed');
} else { skip('killed at any call', 'needs strace') }

# ---- a storm ----
# Many at once, while deliveries are under way, succeed, fail and are put off; some runs are killed,
# and given the same ids again.
{
    my $rounds = $ENV{ROUNDS} // ($is_asan ? 3 : 8);
    make_home('--delivery', 60, '--good', 30, '--fail', 15, '--pauses', 5, '--concurrency', 20,
        '--lifetime', 1e9, '--seed', $ENV{SEED} // 1);
    my (@complaints, @all);
    my $n = 0;
    for my $round (1 .. $rounds) {
        my @lines = map { my $m = ++$n; join ' ', "s$m\@x.example", map { "any.$m.$_\@"
            . (rand() < 0.3 ? 'local.example' : 'far.example') } 1 .. 1 + rand 4 } 1 .. 20;
        for my $line (@lines) {
            my ($sender, @to) = split ' ', $line;
            push @all, [$sender, @to];
        }
        my ($injector) = start_injector("$home/queue", \@lines, '--every', 10);
        sleep rand 0.3;
        kill 'ALRM', $model if rand() < 0.6;
        my @t = grep { rand() < 0.7 } tokens();
        if ($has_strace && rand() < 0.5) {
            my $call = (qw(linkat syncfs fchown unlinkat utimensat pwrite64))[rand 6];
            run(['strace', '-f', '-o', '/dev/null', '-e', sprintf 'inject=%s:signal=KILL:when=%d',
                $call, 1 + rand($call eq 'syncfs' ? 4 : 40)], 'qq-requeue', '--lines', @t);
            sleep rand 0.2;
        }
        my ($code, $out, $said) = @t ? requeue(@t) : (0, '', '');
        my @lines_said = grep { !/is not in the queue \(any more\)$|^qq-requeue: \d+ / }
            split /\n/, $said;
        push @complaints, "round $round: exit code $code: @lines_said" if $code > 1 || @lines_said;
        die if ended($injector);
    }
    for (1 .. 1200) {
        last if !grep { -f } glob "$home/queue/info/*/* $home/queue/todo/*";
        kill 'ALRM', $model if $_ % 4 == 1;
        sleep 0.05;
    }
    my $said = read_logs(@logs);
    my %bounces;
    $bounces{ $_->{from} }++ for @{ $said->{bounced} };
    for (@all) {
        my ($sender, @to) = @$_;
        my $failures = 0;
        for my $to (@to) {
            my @r = @{ $said->{served}{$to} // [] };
            $failures += grep { $_ eq 'failure' } @r;
            push @complaints, "$to was served " . @r . ' times' if @r != 1;
        }
        my $b = $bounces{$sender} // 0;
        push @complaints, "$sender: $failures failures and $b bounces" if $b != ($failures ? 1 : 0);
    }
    ok('a storm of ' . @all . ' messages: each recipient once, each failure told once',
        @complaints);
    ok('the queue', end_home());
}
finish();
