#!/usr/bin/perl
# qctl-crash.t - changes of control files that are killed, or fail, at every system call in turn:
# the next run of any qctl program leaves the old set or the new one, whole, and nothing temporary;
# the template in force and the history agree with it. Two changes at once; templates that vanish.

use strict;
use warnings;
use Fcntl qw(:DEFAULT :flock);
use FindBin;
require "$FindBin::Bin/control-tree.pl";
our ($T, $home, $bin, $build);

# ---- two at a time, and what vanishes ----
sub small { fresh(); template('own', databytes => "5\n", concurrencylocal => "5\n"); }
small();
qctl('set', 'databytes', '1'); qctl('set', 'databytes', '2');
open my $lock, '<', "$home/qqtools/lock" or die; flock $lock, LOCK_EX or die;
my $before = tree($home, inodes => 1);
for (
    ['apply', 'own'],
    ['undo'],
    ['set', 'databytes', '7'],
    ['set', '--template', 'own', 'databytes', '7'],
    ['save', 'new'],
    ['rm', 'own'])
{
    my ($code, $out, $err) = qctl(@$_);
    result(
        "$code $out" eq '111 '
            && $err eq
            "qctl-$_->[0]: fatal: $home/qqtools/lock is locked by process $$: "
            . "another program is changing control files or users\n",
        "qctl-@$_ beside another one",
        "$code $out $err");
}
for (
    ['apply', '--dry-run', 'own'],
    ['undo', '--dry-run'],
    ['undo', '--list'],
    ['list'],
    ['show', '--json', 'me'],
    ['get', 'me'],
    ['check'], ['diff', 'own'])
{
    my ($code, $out, $err) = qctl(@$_);
    result($code =~ /\A[01]\z/ && $err eq '', "qctl-@$_ does not mind", "$code $out $err");
}
result(
    differences($before, tree($home, inodes => 1)) eq '',
    'all is as it was',
    differences($before, tree($home, inodes => 1)));
close $lock;
# Many at once: one after the other, or not at all.
small();
template("own$_", databytes => "$_\n", concurrencylocal => "$_\n", concurrencyremote => "$_\n")
    for 1 .. 8;
my @pids = map {
    my $t = "own$_";
    my $pid = fork // die;
    if (!$pid) {
        open STDOUT, '>', "$T/out.$t";
        open STDERR, '>', "$T/err.$t";
        exec "$bin/qctl-apply", $t
    }
    $pid
} 1 .. 8;
my %codes; for (@pids) { waitpid $_, 0; $codes{ $? >> 8 }++ }
my @values =
    map { slurp("$home/control/$_") // 'absent' } qw(databytes concurrencylocal concurrencyremote);
result(
    $values[0] eq $values[1]
        && $values[1] eq $values[2]
        && in_force() eq "own$values[0]" =~ s{\n}{}r
        && !leavings()
        && past() eq join(' ', 1 .. ($codes{0} // 0))
        && !(grep { !/\A(0|111)\z/ } keys %codes),
    'eight at once', "@values", in_force(), past(), map { "$_: $codes{$_}" } keys %codes);

my $can_trace =
    !system("strace -o /dev/null -e inject=unlinkat:delay_enter=1:when=1000 true 2>/dev/null");
my $sanitized = $build =~ m{/asan\z};
if (!$can_trace || $sanitized) {
    if (!$sanitized && ($ENV{CI} // '') eq 'true') {
        result(0, 'killed at any moment (needs strace)')
    }
    else {
        skip(
            'killed at any moment',
            $sanitized ? 'shows nothing more under the sanitizers' : 'no strace(1) that may trace')
    }
    finish();
}

# The calls that the command makes: [name, number among those of that name, the line of strace].
sub calls {
    my ($names, @command) = @_;
    run('strace', '-o', "$T/trace", '-e', "trace=$names", '-e', 'signal=none', '--', @command);
    my (%n, @calls);
    for (split /\n/, slurp("$T/trace")) { push @calls, [$1, ++$n{$1}, $_] if /\A(\w+)\(/ }
    return @calls;
}
sub inject {
    my ($name, $what, $when, @command) = @_;
    return run('strace', '-o', '/dev/null', '-e', "trace=$name", '-e',
        "inject=$name:$what:when=$when",
        '--', @command)
}
# Those that change something, and not only its own output.
my $changing = 'mkdirat,openat,write,fchown,fchmod,utimensat,rename,renameat,renameat2,unlinkat';
sub changes_something {
    my ($name, undef, $line) = @{$_[0]};
    return
          $name eq 'openat' ? $line =~ /O_CREAT/
        : $name eq 'write' ? $line !~ /\Awrite\([12],/
        : 1
}

# ---- a template that vanishes while it is read ----
small(); keep('small');
my @opened = calls('openat', "$bin/qctl-apply", 'own');
my ($first) = grep { $opened[$_][2] =~ m{"own", O_RDONLY} } 0 .. $#opened;
my ($second) =
    grep { defined $first && $_ > $first && $opened[$_][2] =~ /"(databytes|concurrencylocal)"/ }
    0 .. $#opened;
for my $error ('ENOENT', 'EIO') {
    restore('small');
    my ($code, $out, $err) =
        defined $second
        ? inject('openat', "error=$error", $opened[$second][1], "$bin/qctl-apply", 'own')
        : ();
    result(
        defined $second
            && $code
            && !-e "$home/control/databytes"
            && !-e "$home/control/concurrencylocal"
            && in_force() eq ''
            && !leavings(),
        "a file of the template is gone ($error): nothing is applied", $code, $out, $err);
}

# ---- the changes ----
# The state before and after, as the trees of control/, the template in force, the
# history and the templates.
sub state {
    my $templates =
        -e "$home/qqtools/templates" ? tree("$home/qqtools/templates", no_times => 1) : {};
    return {
        control => tree("$home/control"),
        untimed => tree("$home/control", no_times => 1),
        in_force => in_force(),
        past => past(),
        templates => $templates };
}
sub is_state {
    my ($now, $state, $same_times) = @_;
    return join '; ',
        grep { $_ ne '' } differences(
        $now->{ $same_times ? 'control' : 'untimed' },
        $state->{ $same_times ? 'control' : 'untimed' }
        ),
        differences($now->{templates}, $state->{templates}),
        map { $now->{$_} eq $state->{$_} ? () : "$_: $now->{$_}, not $state->{$_}" }
        qw(in_force past);
}
sub base {
    fresh();
    control('databytes', "0\n");
    chmod 0640, "$home/control/databytes";
    chown 0, 7, "$home/control/databytes" if !$>;
    control('locals', '');
    Time::HiRes::utime(1.5e9 + 0.25, 1.5e9 + 0.25, "$home/control/$_") for qw(databytes locals me);
    template('first', idhost => "a.example\n");
    template('own', databytes => "5\n", locals => '', timeoutremote => "60\n");
    qctl('apply', 'first');
}
# databytes lies in another directory; control/ has a link to it.
sub linked {
    base();
    mkdir "$home/control/.panel", 0755 or die;
    rename "$home/control/databytes", "$home/control/.panel/databytes" or die;
    symlink '.panel/databytes', "$home/control/databytes" or die;
}
my %scenarios = (
    apply => [sub { base() }, ['apply', 'own']],
    'apply behind a link' => [sub { linked() }, ['apply', 'own']],
    'undo behind a link' => [sub { linked(); qctl('apply', 'own') }, ['undo']],
    undo => [sub { base(); qctl('apply', 'own') }, ['undo']],
    set => [sub { base(); system('rm', '-r', "$home/qqtools") }, ['set', 'databytes', '7']],
    'set --template --apply' =>
        [sub { base() }, ['set', '--template', 'own', '--apply', 'databytes', '7']],
    'apply without a change' => [
        sub {
            base();
            template('same', databytes => "0\n");
            # as closed as the live one, which the lock would make it
            chmod 0640, "$home/qqtools/templates/same/databytes";
            chown 0, 7, "$home/qqtools/templates/same/databytes" if !$>;
        },
        ['apply', 'same']],
    'save --replace' => [sub { base() }, ['save', '--replace', 'own', 'me']],
    rm => [sub { base() }, ['rm', 'own']],
);
# A template is changed before it is applied.
my %between = ('set --template --apply' => 1);

my @errors = qw(ENOSPC EIO EROFS EACCES EDQUOT);
for my $name (sort keys %scenarios) {
    my ($make, $arguments) = @{ $scenarios{$name} };
    my ($program, @arguments) = @$arguments;
    my @command = ("$bin/qctl-$program", @arguments);
    $make->(); keep('base');
    my $old = state();
    restore('base');
    my @calls = calls("$changing,fsync", @command);
    my $new = state();
    my @kills = grep { $_->[0] ne 'fsync' && changes_something($_) } @calls;
    my (@bad, %ends, $readers);
    my $judge = sub {
        my ($how, $code, $err) = @_;
        my $interrupted = grep { m{/\d+\.(applying|undoing)\z} } leavings();
        if (!$> && $interrupted && !$readers++) {
            my $was = tree($home, inodes => 1);
            my (undef, undef, $said) = as_nobody("$bin/qctl-list");
            push @bad, "$how: a reader does not say that a change was interrupted: $said"
                if $said !~ /interrupted/;
            push @bad, "$how: a reader changed something"
                if differences($was, tree($home, inodes => 1)) ne '';
        }
        my ($list) = qctl('list');
        push @bad, "$how: qctl-list: $list" if $list ne '0';
        my $now = state();
        my $is_old = is_state($now, $old, 1);
        my $is_new = is_state($now, $new, $program eq 'undo');
        my $is_between =
               $between{$name}
            && is_state({ %$now, templates => {} }, { %$old, templates => {} }, 1) eq ''
            && is_state({ %$now, control => {}, untimed => {}, past => '' },
            { %$new, in_force => $now->{in_force}, control => {}, untimed => {}, past => '' }, 1)
            eq '';
        push @bad, "$how: neither the old set ($is_old)\n  nor the new one ($is_new)"
            if $is_old ne '' && $is_new ne '' && !$is_between;
        push @bad, "$how: left: " . join ' ', leavings() if leavings();
        $ends{ $is_new eq '' ? 'new' : 'old' }++;
        push @bad, "$how: success, but it is the old set" if $code eq '0' && $is_new ne '';
    };
    for my $call (@kills) {
        restore('base');
        my ($code) = inject($call->[0], 'signal=KILL', $call->[1], @command);
        push @bad, "killed at $call->[0] $call->[1]: it went on, $code" if $code !~ /signal|137/;
        $judge->("killed at $call->[0] $call->[1] ($call->[2])", $code, '');
    }
    result(
        !@bad && @kills > 5 && $ends{old},
        "qctl-$program @arguments ($name) killed at each of " . @kills . ' calls',
        (join ', ', map { "$_ $ends{$_}" } sort keys %ends),
        splice @bad,
        0,
        6);
    @bad = %ends = ();
    my $i = 0;
    for my $call (@calls) {
        next unless $call->[0] eq 'fsync' || changes_something($call);
        my $error = $errors[$i++ % @errors];
        restore('base');
        my ($code, $out, $err) = inject($call->[0], "error=$error", $call->[1], @command);
        my $how = "$error at $call->[0] $call->[1] ($call->[2])";
        push @bad, "$how: exit $code" if $code !~ /\A(0|111)\z/;
        push @bad, "$how: it said <$err>"
            if $code eq '111' && $err !~ /\Aqctl-\w+: fatal: [^\n]+\n\z/;
        $judge->($how, $code, $err);
    }
    result(
        !@bad,
        "qctl-$program @arguments ($name): one error in each of $i calls",
        (join ', ', map { "$_ $ends{$_}" } sort keys %ends),
        scalar(@bad) . ' complaints',
        splice @bad, 0, 8);
}
# ---- an undo that was interrupted, and the same again ----
# One change is taken back, and not two: killed or with an error anywhere.
{
    my @command = ("$bin/qctl-undo");
    base(); qctl('apply', 'own'); keep('base');
    my @calls = calls("$changing,fsync", @command);
    my $new = state();
    my (@bad, %ends);
    for my $call (@calls) {
        my @how = (changes_something($call) ? 'signal=KILL' : (), 'error=EIO');
        for my $how (@how) {
            restore('base');
            my ($first) = inject($call->[0], $how, $call->[1], @command);
            my ($code, $out, $err) = $first eq '0' ? ('0', '', '') : run(@command);
            my $is_new = is_state(state(), $new);
            $ends{ $err =~ /\AThe undo of change 2(, qctl-apply own,)? was interrupted/ ? 'ended'
                : $err eq '' ? 'begun again' : "said <$err>" }++;
            push @bad, "$how at $call->[2]: exit $first, then $code: $is_new $err"
                if $code ne '0' || $is_new ne '' || leavings();
        }
    }
    result(
        !@bad && $ends{ended} && $ends{'begun again'} && keys %ends == 2,
        'qctl-undo after an interrupted qctl-undo takes back one change',
        (map { "$_: $ends{$_}" } sort keys %ends),
        @bad);
}
# ---- edited between the crash and the next run ----
# What is done is not done again: the hand of somebody who came in between stays.
base(); keep('base');
my @calls = calls('openat,renameat,unlinkat', "$bin/qctl-apply", 'own');
my ($end) = grep { $_->[0] eq 'renameat' && $_->[2] =~ /in-force\.next/ } @calls;
for my $case (
    ['a file that was replaced', 'databytes', "9\n"],
    ['a file that was taken away', 'locals', "b.example\n"])
{
    my ($what, $name, $bytes) = @$case;
    restore('base');
    inject($end->[0], 'signal=KILL', $end->[1], "$bin/qctl-apply", 'own');
    control($name, $bytes);
    my ($code, $out, $err) = qctl('list');
    result(
        $code eq '0'
            && (slurp("$home/control/$name") // 'absent') eq $bytes
            && in_force() eq 'own'
            && !leavings(),
        "$what, and was edited then", $code, $out, $err, slurp("$home/control/$name") // 'absent');
}
# An interrupted change that cannot be ended, for want of space or rights, is no reason not to show
# what is in force.
restore('base');
inject($end->[0], 'signal=KILL', $end->[1], "$bin/qctl-apply", 'own');
for my $command (['get', 'databytes'], ['show', 'databytes'], ['undo', '--list']) {
    my ($program, @arguments) = @$command;
    my ($code, $out, $err) =
        inject('unlinkat', 'error=EROFS', '1+', "$bin/qctl-$program", @arguments);
    result(
        $code eq '0' && $out =~ /\S/ && $err =~ /interrupted/,
        "qctl-@$command beside a change that cannot be ended",
        $code, $out, $err);
}
finish();
