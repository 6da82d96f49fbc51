#!/usr/bin/perl
# qlog-metrics.t - qlog-stat --metrics --state: while its log is written, rotated in each of the
# ways in which that is done, moved away and put back, and the program is killed now and then, the
# counters are what counting the same events by INTERNALS gives; where lines were lost, there is a
# gap.
#
#   CALLS=all   killed before each of its system calls; else before some
#   SEED (1)    other logs, and other calls

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Copy qw(copy);
my $tests = abs_path(dirname(__FILE__));
require "$tests/model.pl";
require "$tests/logs.pl";
our ($T, $build, $root);

my $bin = $ENV{BIN} // "$build/bin";
my $seed = $ENV{SEED} // 1;
my $all = ($ENV{CALLS} // '') eq 'all';
my $has_strace = !system
    'strace -f -o /dev/null -e inject=getppid:signal=KILL true >/dev/null 2>&1';
$ENV{LC_ALL} = 'C';
delete $ENV{QQ_LOG};
mkdir "$T/bin" or die;
# Also for who may not look where the checkout lies.
copy("$bin/qlog-stat", "$T/bin/qlog-stat") or die "$bin/qlog-stat: $!\n";
chmod 0755, "$T/bin", "$T/bin/qlog-stat" or die;

# ---- what is to be counted ----
my @bounds = (0.1, 1, 5, 15, 60, 300, 900, 3600, 14400, 43200, 86400, 345600);

sub count_delay {
    my ($n, $begun, $now) = @_;
    return if !defined $begun;
    my $delay = $now > $begun ? $now - $begun : 0;
    $n->{sum} += $delay;
    $n->{count}++;
    $delay <= $_ * 1e6 and $n->{$_}++ for @bounds;
}

sub count_info {
    my ($n, $s, $id, $bytes, $qp) = @_;
    my $m = $s->{open}{$id} //= {};
    if ($m->{qp} && !$m->{tried} && $m->{qp} == $qp && $m->{bytes} == $bytes) {
        delete $m->{again};
        return
    }
    $m = $s->{open}{$id} = { begun => $m->{again} } if $m->{qp} || $m->{tried};
    @$m{qw(qp bytes)} = ($qp, $bytes);
    $n->{messages}++;
    $n->{bytes} += $bytes;
}

sub count_start {
    my ($n, $s, $d, $id, $channel) = @_;
    if ($s->{greatest} && ($d == 1 || $d <= $s->{greatest})) {
        $n->{restarts}++;
        $s->{at_work} = {};
    }
    $s->{greatest} = $d;
    my $m = $s->{open}{$id} //= {};
    $m = $s->{open}{$id} = { begun => $m->{again} } if defined $m->{again};
    $m->{tried} = 1;
    $s->{at_work}{$d} = [$channel, $m->{begun}];
}

sub count_new {
    my ($s, $id, $now) = @_;
    my $m = $s->{open}{$id};
    if (!$m || $m->{tried}) { $s->{open}{$id} = { begun => $now } }
    elsif ($m->{qp}) { $m->{again} = $now }
}

# The counters of these events, [microseconds, queue, text].
sub counted {
    my %n = (messages => 0, bytes => 0, restarts => 0, sum => 0, count => 0, gaps => 0);
    $n{$_} = 0 for @bounds;
    for my $channel (qw(local remote)) {
        $n{"$channel $_"} = 0 for qw(delivered failed expired deferred)
    }
    my %word = (success => 'delivered', deferral => 'deferred', failure => 'failed',
        report => 'deferred');
    my %streams;
    for (@_) {
        my ($now, $queue, $text) = @$_;
        my $s = $streams{ $queue // '' } //= {};
        if ($text =~ /^new msg (\d+)/) { count_new($s, $1, $now) }
        elsif ($text =~ /^info msg (\d+): bytes (\d+) from <.*> qp (\d+)/) {
            count_info(\%n, $s, $1, $2, $3)
        } elsif ($text =~ /^starting delivery (\d+)\S*: msg (\d+) to (\S+)/) {
            count_start(\%n, $s, $1, $2, $3)
        } elsif ($text =~ /^delivery (\d+)\S*: (success|deferral|failure|report)/) {
            my ($d, $result) = (delete $s->{at_work}{$1}, $word{$2});
            $result = 'expired' if $text =~ m{in_the_queue_too_long\./$};
            $n{ ($d ? $d->[0] : 'unknown') . " $result" }++;
            count_delay(\%n, $d->[1], $now) if $d && $result eq 'delivered';
        } elsif ($text =~ /^end msg (\d+)/) { delete $s->{open}{$1} }
        elsif ($text =~ /^status: exiting/) { $s->{at_work} = {} }
        elsif ($text =~ /begin to drop messages/) { $n{gaps}++ }
    }
    $n{sum} = sprintf '%d.%06d000', $n{sum} / 1000000, $n{sum} % 1000000;
    return \%n
}

# What --metrics says, by the same names.
my %name = (qmail_received_messages_total => 'messages', qmail_received_bytes_total => 'bytes',
    qmail_restarts_total => 'restarts', qmail_log_gaps_total => 'gaps',
    qmail_delivery_delay_seconds_sum => 'sum', qmail_delivery_delay_seconds_count => 'count',
    qmail_log_read_success => 'success');

sub metrics_of {
    my %n;
    for (split /\n/, $_[0]) {
        if (/^qmail_deliveries_total\{channel="(\w+)",result="(\w+)"\} (\d+)$/) { $n{"$1 $2"} = $3 }
        elsif (/^qmail_delivery_delay_seconds_bucket\{le="([\d.]+|\+Inf)"\} (\d+)$/) { $n{$1} = $2 }
        elsif (/^(\w+) ([\d.]+)$/ && $name{$1}) { $n{ $name{$1} } = $2 }
        elsif (!/^# (?:HELP|TYPE) /) { $n{"not expected: $_"} = 1 }
    }
    return \%n
}

# ---- the log and the program ----
our ($place, @seen, @unseen, $gaps, $partial, $shape, $active, $runs);
my $is_pending;                 # the end of the last line that was seen has not been

sub write_more {
    my ($bytes) = @_;
    open my $f, '>>', $active or die "$active: $!\n";
    print $f $bytes or die;
    close $f or die;
}

# Events go into the log, perhaps with the last line half written. (Of what splogger cuts, the first
# piece is an event.)
sub append {
    my (@events) = @_;
    my $bytes = $partial . join '', map { dress($shape, { events => [$_] }) } @events;
    my $is_cut = chance(30) && length $events[-1][2] < 700;
    $partial = $is_cut ? substr($bytes, length($bytes) - int(rand 20), 20, '') : '';
    write_more($bytes);
    push @unseen, @events;
}
sub end_line { write_more($partial); $partial = '' }

sub command { return ("$T/bin/qlog-stat", '--metrics', '--state', "$place/state", @_) }
sub run_it {
    my $code = ended(start(undef, "$T/out", "$T/err", @_));
    return ($code, read_file("$T/out"), read_file("$T/err"))
}

# What it says is what was written. The file of the run before may be older, but is whole.
sub check_run {
    my @bad;
    my $file = "$place/q.prom";
    push @bad, 'q.prom is not whole' if -e $file && read_file($file) !~ /read_success [01]\n\z/;
    my ($code, $out, $said) = run_it(command('--output', $file, "$place/log"));
    push @bad, "exit code $code: $said" if $code || $said ne '' || $out ne '';
    push @seen, splice @unseen;
    # Of a line that is half there, nothing was taken.
    $is_pending = $partial ne '';
    my @whole = $is_pending ? @seen[0 .. $#seen - 1] : @seen;
    my $expected = counted(@whole);
    my $is = metrics_of(read_file($file));
    $gaps = $is->{gaps} - $expected->{gaps};
    push @bad, 'success' if !delete $is->{success};
    push @bad, '+Inf' if delete $is->{'+Inf'} != $expected->{count};
    delete @$_{'gaps'} for $is, $expected;
    for my $key (sort keys %{ { %$expected, %$is } }) {
        my ($e, $i) = map { $_->{$key} // 'none' } $expected, $is;
        push @bad, "$key is $i, expected $e" if $e ne $i;
    }
    $runs++;
    return @bad
}

# Killed at a call, or not; what is left is for the next run.
my @calls = map { my ($call, $n) = @$_; map { [$call, $_] } 1 .. $n } ['openat', 24],
    ['read', 14], ['pread64', 12], ['write', 4], ['fsync', 4], ['renameat', 2], ['close', 30],
    ['flock', 1], ['fchmod', 2], ['unlinkat', 2], ['wait4', 1], ['pipe2', 1];
sub kill_at {
    my ($call, $n) = @_;
    run_it('strace', '-f', '-o', '/dev/null', '-e', "inject=$call:signal=KILL:when=$n",
        command('--output', "$place/q.prom", "$place/log"));
}
sub run_killed { kill_at(@{ one_of(@calls, (["getppid", 1]) x 20) }) if $has_strace }

# ---- rotation ----
my ($stamp, $holds, @held) = (0, 1);
sub move { rename $_[0], $_[1] or die "$_[0]: $!\n" }
sub touch { write_file($_[0], '') }

# As long as somebody has a file open, no other one gets its inode.
sub hold { if ($holds) { open my $f, '<', $active or die; push @held, $f } }

sub finish_current {
    my $to = sprintf "$place/log/@%024x.s", ++$stamp;
    my $previous = "$place/log/previous";
    hold();
    move($active, $previous);
    run_killed() if chance(20);
    touch($active);
    run_killed() if chance(20);
    return move($previous, $to) if chance(70);
    # A processor
    system("gzip <$previous >$place/log/processed") && die;
    unlink $previous or die;
    run_killed() if chance(20);
    move("$place/log/processed", $to);
}
sub shift_elders {
    for my $n (reverse 1 .. 40) {
        -e "$active.$n$_" && move("$active.$n$_", "$active." . ($n + 1) . $_) for '', '.gz'
    }
}
sub compress_elder { !-e "$active.2" || !system('gzip', "$active.2") or die }
sub rename_log {
    end_line();
    hold();
    shift_elders();
    move($active, "$active.1");
    touch($active);
    compress_elder() if chance(70);
}
# As logrotate compresses with delaycompress: the new file gets the inode of the elder.
sub give_inode_again {
    end_line();
    shift_elders();
    move($active, "$active.1");
    return touch($active) if !-e "$active.2";
    !system("gzip <$active.2 >$active.2.gz") or die;
    truncate "$active.2", 0 or die;
    return move("$active.2", $active);
}
# What is written between copying and cutting off is lost; so is what nobody has read when its file
# is removed.
sub copy_late {
    my ($events) = @_;
    return if !@$events;
    end_line();
    shift_elders();
    copy($active, "$active.1") or die;
    append(my @late = splice @$events, 0, 5);
    end_line();
    splice @unseen, -@late;
    open my $f, '>', $active or die;
}
sub lose_unseen {
    pop @seen if $is_pending;
    ($partial, $is_pending, @unseen) = ('', 0);
}
sub remove_current {
    lose_unseen();
    hold();
    unlink $active or die;
    touch($active);
}
sub cut_off {
    lose_unseen();
    open my $f, '>', $active or die;
}

sub copy_log {
    end_line();
    shift_elders();
    copy($active, "$active.1") or die;
    run_killed() if chance(20);
    compress_elder() if chance(70);
    open my $f, '>', $active or die;
}

# Rounds of writing, rotation and runs. Rotation that goes by renaming loses nothing; but what was
# empty, and was rotated and compressed since, is not known again: for once between runs there is no
# gap.
sub live {
    my ($name, $rotate, %option) = @_;
    my $log = draw_log($option{size} // 1500, sets_back => 1, queues => $option{queues},
        is_lossy => $option{is_lossy});
    my @events = @{ $log->{events} };
    my (@bad, $is_rotated);
    while (@events && !@bad) {
        append(splice @events, 0, 1 + int rand 60);
        run_killed() if chance(15) && !$option{loses};
        if (chance(40)) { push @bad, check_run(); $is_rotated = 0 }
        if (chance(30) && !($is_rotated && exists $option{gaps})) {
            $rotate->(\@events);
            $is_rotated = 1
        }
        run_killed() if chance(10) && !$option{loses};
    }
    end_line();
    push @bad, check_run() if !@bad;
    push @bad, "$gaps gaps" if defined $option{gaps} && $option{gaps} != ($gaps > 0);
    ok("$name: $runs runs", @bad);
}

sub place_for {
    my ($name, $is_directory) = @_;
    $place = "$T/$name";
    mkdir $place or die;
    mkdir "$place/log" or die if $is_directory;
    $active = $is_directory ? "$place/log/current" : "$place/log";
    touch($active);
    @seen = @unseen = ();
    ($partial, $is_pending, $gaps, $runs) = ('', 0, 0, 0);
}

srand $seed;
place_for('multilog', 1);
$shape = 'tai64n';
live('multilog', \&finish_current, gaps => 0, queues => 2, is_lossy => 1);
place_for('renamed', 0);
$shape = 'splogger';
live('renamed and compressed', \&rename_log, gaps => 0);
place_for('again', 0);
$holds = 0;
live('inodes given again', \&rename_log, gaps => 0);
place_for('elder', 0);
live('the inode of an elder given again', \&give_inode_again, gaps => 0);
place_for('copied', 0);
$shape = 'iso';
live('copied and cut off', \&copy_log, gaps => 1);
place_for('late', 0);
live('what came after copying is lost', \&copy_late, gaps => 1, loses => 1, size => 500);
place_for('removed', 1);
live('what nobody has read is removed', \&remove_current, gaps => 1, loses => 1, size => 500);
place_for('cut', 0);
live('the same, cut off', \&cut_off, gaps => 1, loses => 1, size => 500);

# ---- moved away, and put back ----
my @events = @{ draw_log(1200)->{events} };
sub more { append(splice @events, 0, 60); end_line() }
for my $is_directory (1, 0) {
    place_for("away$is_directory", $is_directory);
    more();
    $is_directory ? finish_current() : rename_log();
    more();
    my @bad = check_run();
    move($active, "$place/aside");
    push @bad, map { "away: $_" } check_run();
    push @bad, "away: $gaps gaps" if $gaps != 1;
    move("$place/aside", $active);
    more();
    push @bad, map { "back: $_" } check_run();
    # Another one has its name meanwhile.
    hold();
    move($active, "$place/aside");
    touch($active);
    more();
    push @bad, map { "another: $_" } check_run();
    move("$place/aside", "$place/log" . ($is_directory ? '/@000000000000000000000000.s' : '.3'));
    push @bad, map { "elder: $_" } check_run();
    more();
    push @bad, map { "again: $_" } check_run();
    push @bad, "$gaps gaps" if $gaps != 2;
    # All of it is away: nothing is counted, and nothing is forgotten.
    my $before = read_file("$place/state");
    move("$place/log", "$place/aside");
    rename "$place/log.$_", "$place/aside.$_" for 1 .. 4;
    my ($code, undef, $said) = run_it(command("$place/log"));
    push @bad, "exit code $code" if $code != 100;
    push @bad, $said if $said !~ /^qlog-stat: fatal: .*$place\/log.*\n\z/;
    push @bad, 'the state has changed' if read_file("$place/state") ne $before;
    rename "$place/aside.$_", "$place/log.$_" for 1 .. 4;
    move("$place/aside", "$place/log");
    more();
    push @bad, map { "all of it: $_" } check_run();
    push @bad, "$gaps gaps" if $gaps != 2;
    ok(($is_directory ? 'a directory' : 'a file') . ': moved away and put back', @bad)
}

# ---- killed at each call ----
if ($has_strace) {
    place_for('killed', 1);
    my @points = $all ? @calls : map { one_of(@calls) } 1 .. 20;
    @events = @{ draw_log(8 * @points)->{events} };
    my @bad;
    for (@points) {
        append(splice @events, 0, 8);
        kill_at(@$_);
        push @bad, map { "killed at $_->[0] $_->[1]: $_" } check_run();
        finish_current() if chance(20)
    }
    ok('killed at ' . @points . ' calls', @bad)
} elsif (($ENV{CI} // '') eq 'true') { ok('killed at any call', 'needs strace') }
else { skip('killed at any call', 'no strace(1) that may trace') }

# ---- two at a time, and as who owns the log ----
sub waits { open my $f, '>', "$place/.state.lock" or die; return $f }
{
    place_for('two', 1);
    @events = @{ draw_log(200)->{events} };
    more();
    my @bad = check_run();
    my $lock = waits();
    flock $lock, 2 or die;
    my ($code, $out, $said) = run_it(command("$place/log"));
    push @bad, "exit code $code, $out" if $code != 111 || $out ne '';
    push @bad, $said if $said ne "qlog-stat: fatal: another qlog-stat works with $place/state\n";
    close $lock;
    push @bad, check_run();
    ok('one run at a time', @bad);
}
if ($root) {
    place_for('owned', 1);
    @events = @{ draw_log(200)->{events} };
    more();
    chown 12345, 12345, $place, "$place/log", $active or die;
    chmod 0700, $place, "$place/log" or die;
    my @as = ('perl', '-MPOSIX', '-e', 'setgid(12345); setuid(12345); exec @ARGV');
    my ($code, undef, $said) = run_it(@as, command('--output', "$place/q.prom", "$place/log"));
    push my @bad, "exit code $code: $said" if $code;
    push @bad, 'q.prom is not his' if (stat "$place/q.prom")[4] != 12345;
    push @bad, check_run();             # and then root
    ($code, undef, $said) = run_it(@as, command('--output', "$place/q.prom", "$place/log"));
    push @bad, "exit code $code: $said" if $code;
    push @bad, check_run();
    ok('as the owner of the log', @bad)
} else { skip('as the owner of the log', 'needs root') }

# ---- how large the state is ----
{
    place_for('large', 1);
    my $now = (int(time) - 100 * 86400) * 1000000;
    append(map {
        my $n = $_;
        map { [$now++, '', $_] } "new msg $n", "info msg $n: bytes 200 from <a> qp $n uid 0",
            "starting delivery $n: msg $n to remote c\@d.example"
    } 1 .. 2000);
    end_line();
    my @bad = check_run();
    my $open = -s "$place/state";
    append(map { ([$now++, '', "delivery $_: success: ok/"], [$now++, '', "end msg $_"]) }
        1 .. 2000);
    end_line();
    push @bad, check_run();
    my $size = -s "$place/state";
    push @bad, "$size bytes, $open with 2000 open messages" if $size > 1000 || $open > 400000;
    # What was never heard of again for 90 days is forgotten.
    append([$now, '', 'new msg 5']);
    end_line();
    push @bad, check_run(), (grep { !/^message 5 / } read_file("$place/state") =~ /^message.*/mg);
    # A clock that was far ahead forgets nothing.
    append([$now + 40 * 365 * 86400e6, '', 'new msg 7'], [$now, '', 'end msg 7']);
    end_line();
    push @bad, check_run();
    push @bad, 'message 5 is forgotten' if read_file("$place/state") !~ /^message 5 /m;
    append([$now + 91 * 86400e6, '', 'new msg 6']);
    end_line();
    push @bad, check_run();
    push @bad, 'message 5 is still there' if read_file("$place/state") !~ /^message 6 /m
        || read_file("$place/state") =~ /^message 5 /m;
    ok('the state has what is open', @bad)
}
finish();
