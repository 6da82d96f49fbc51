# systemctl.pl - a stand-in for systemctl and for what systemd does with a service (see
# tests/service.sh, which puts $T and $name in front of this).
#
# A unit is a directory in $T/units: home, whose rc is ExecStart if that says nothing else, KillMode,
# Restart and the like.
# `start' leaves a process that starts the service, waits for its end, and goes by the KillMode with
# what is left of it; with Restart=always it starts it again after 100 milliseconds, unless `stop'
# was the reason. With RemainAfterExit=yes it names no main process, and is up until it is told to
# stop. StartLimitBurst=N: it is started N times, and then no more until `reset-failed'.

use Fcntl qw(:flock);
use POSIX qw(WNOHANG);
use Time::HiRes qw(sleep time);

my ($verb, $wait, $who, $signal, @properties, $unit) = ('', 1, 'all', 'TERM');
while (defined(my $a = shift)) {
    if ($a eq '--no-block') { $wait = 0 }
    elsif ($a =~ /^--(?:kill-who|kill-whom)=(.*)/) { $who = $1 }
    elsif ($a =~ /^--signal=(?:SIG)?(.*)/) { $signal = $1 }
    elsif ($a =~ /^--property=(.*)/) { @properties = split /,/, $1 }
    elsif ($a =~ /^-/) { }
    elsif (!$verb) { $verb = $a }
    else { $unit = $a }
}
sub fail { my ($code, $what) = @_; print STDERR "$what\n"; exit $code }
fail(1, 'Too few arguments.') if !$verb || !defined $unit;
$unit .= '.service' if $unit !~ /\./;
my $dir = "$T/units/$unit";
my $is_loaded = -d $dir;

sub get {
    my ($file, $else) = @_;
    open my $f, '<', "$dir/$file" or return $else;
    chomp(my $s = <$f> // '');
    return $s
}
sub put {
    my ($file, $s) = @_;
    open my $f, '>', "$dir/$file.new" or exit 1;
    print $f "$s\n";
    close $f;
    rename "$dir/$file.new", "$dir/$file"
}
my $home = get('home', '');

# What is asked and done about the state in one step; of those who fork in
# it, nobody keeps the lock.
sub at_once {
    my ($step) = @_;
    open my $lock, '>', "$dir/lock" or exit 1;
    flock $lock, LOCK_EX or exit 1;
    my $r = $step->();
    flock $lock, LOCK_UN;
    return $r;
}

# All processes of the service have the command line of its qmail-send.
sub control_group {
    my @pids;
    for my $file (glob '/proc/[0-9]*/cmdline') {
        open my $f, '<', $file or next;
        push @pids, $file =~ /(\d+)/ if index(readline($f) // '', "$home/bin/qmail-send\0") >= 0;
    }
    return @pids;
}

sub end_the_rest {
    my $mode = get('KillMode', '');
    my $until = time + 90;
    kill 'TERM', control_group() if $mode eq 'control-group';
    kill 'KILL', control_group() if $mode eq 'mixed';
    while ($mode ne 'process' && $mode ne 'none' && control_group() && time < $until) { sleep 0.01 }
}

sub sub_state {
    my $state = get('ActiveState', 'inactive');
    return
          $state ne 'active'
        ? $state eq 'inactive'
            ? 'dead'
            : $state
        : get('RemainAfterExit', '') eq 'yes' && !control_group() ? 'exited'
        : 'running';
}

# Whether it may be started once more.
sub counts {
    my $most = get('StartLimitBurst', 0) or return 1;
    my $started = get('starts', 0);
    put('starts', $started + 1);
    return 1 if $started < $most;
    put('Result', 'start-limit-hit');
    put('ActiveState', 'failed');
    return 0;
}

sub comes_back { return get('Restart', '') eq 'always' && !-e "$dir/stop" }
sub run_main {
    my $pid = fork // exit 1;
    if (!$pid) { chdir '/'; exec "$home/rc" or POSIX::_exit(203) }
    put('MainPID', get('RemainAfterExit', '') eq 'yes' ? 0 : $pid);
    put('ActiveState', 'active');
    return $pid;
}
sub run_again { return counts() ? run_main() : 0 }
sub manage {
    my $pid = at_once(\&run_main);
    while ($pid) {
        waitpid $pid, 0;
        my $code = $?;
        if (get('RemainAfterExit', '') eq 'yes') { sleep 0.01 until -e "$dir/stop" }
        at_once(
            sub {
                put('MainPID', 0);
                put('ActiveState', comes_back() ? 'activating' : 'deactivating')
            });
        end_the_rest();
        sleep 0.1 if comes_back();
        $pid = at_once(sub {
            return run_again() if comes_back();
            unlink "$dir/stop";
            return run_again() if unlink "$dir/again";
            # It waited for its next start.
            my $is_good = $code == 0 || $code == 15 || get('Restart', '') eq 'always';
            put('Result', $is_good ? 'success' : $code & 127 ? 'signal' : 'exit-code');
            put('ActiveState', $is_good ? 'inactive' : 'failed');
            return 0;
        });
    }
}

sub start {
    fail(5, "Failed to start $unit: Unit $unit not found.") if !$is_loaded;
    my $to_begin = at_once(sub {
        my $state = get('ActiveState', 'inactive');
        put('again', '') if $state eq 'deactivating';   # a job that waits until the stop is done
        return 0 if $state =~ /^(active|activating|deactivating)$/ || !counts();
        put('ActiveState', 'activating');
        return 1;
    });
    if ($to_begin && !fork) {
        POSIX::setsid();
        open STDIN, '<', '/dev/null'; open STDOUT, '>', '/dev/null'; open STDERR, '>', '/dev/null';
        manage();
        exit 0;
    }
    while ($wait && get('ActiveState', '') =~ /^(activating|deactivating)$/) { sleep 0.01 }
}

sub stop {
    fail(5, "Failed to stop $unit: Unit $unit not loaded.") if !$is_loaded;
    at_once(sub {
        return if get('ActiveState', 'inactive') =~ /^(inactive|failed)$/;
        put('stop', '');
        put('ActiveState', 'deactivating');
        my @all = (
            get('MainPID', 0) || (),
            get('KillMode', '') eq 'control-group' ? control_group() : ());
        kill $_, @all for 'TERM', 'CONT';
    });
    while ($wait && get('ActiveState', '') eq 'deactivating') { sleep 0.01 }
}

sub show {
    my %value = (
        SubState => sub_state(),
        Result => get('Result', 'success'),
        KillSignal => get('KillSignal', 15),
        ExecStop => get('ExecStop', undef),
        Restart => get('Restart', 'no'),
        MainPID => get('MainPID', 0),
        KillMode => get('KillMode', 'control-group'),
        TimeoutStopUSec => get('TimeoutStopUSec', 'infinity'),
        SendSIGKILL => 'yes',
        Id => $unit,
        LoadState => $is_loaded ? 'loaded' : 'not-found',
        ActiveState => get('ActiveState', 'inactive'));
    $value{ExecStart} = get('ExecStart', undef)
        // "{ path=$home/rc ; argv[]=$home/rc ; ignore_errors=no ; start_time=[n/a] ; stop_time=[n/a] ; pid=0 ; code=(null) ; status=0/0 }"
        if $is_loaded;
    my %wanted = map { $_ => 1 } @properties;
    for (
        qw(Restart TimeoutStopUSec MainPID Result ExecStart ExecStop KillMode
            KillSignal SendSIGKILL Id LoadState ActiveState SubState)
        )
    {
        print "$_=$value{$_}\n" if defined $value{$_} && (!@properties || $wanted{$_})
    }
}

if ($verb eq 'show') { show() }
elsif ($verb eq 'start') { start() }
elsif ($verb eq 'stop') { stop() }
elsif ($verb eq 'restart') { stop(); start() }
elsif ($verb eq 'reset-failed') {
    fail(1, "Failed to reset failed state of unit $unit: Unit $unit not loaded.") if !$is_loaded;
    at_once(
        sub {
            unlink "$dir/starts";
            put('Result', 'success');
            put('ActiveState', 'inactive') if get('ActiveState', '') eq 'failed'
        });
} elsif ($verb eq 'is-active') {
    my $s = get('ActiveState', 'inactive');
    print "$s\n";
    exit($s eq 'active' ? 0 : 3)
} elsif ($verb eq 'kill') {
    my @pids = $who eq 'main' ? get('MainPID', 0) || () : control_group();
    fail(1,
        "Failed to kill unit $unit: "
            . ($is_loaded ? 'No main process to kill' : "Unit $unit not loaded."))
        if !@pids;
    kill $signal, @pids;
}
else { fail(1, "Unknown command verb $verb.") }
