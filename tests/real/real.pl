# real.pl - what the tests with a real qmail share. They need root, and a qmail whose mail nobody
# needs and that nobody else uses meanwhile; each takes it for itself, so they run one at a time.
#
#   real STATE, NAME ...    for the test the qmail is `running' or `stopped', whatever it was;
#                           NAME is what it needs of the environment below, without QQ_REAL_
#   perl real.pl STATE COMMAND ...   the same for a command
#
# At the end, also of a test that dies or is told to end by a signal, the queue is empty again,
# control/, users/ and qqtools/ are what they were, and the qmail runs if it ran. Meanwhile these
# three are called NAME.qq-kept, and the test works on copies of the first two. A queue that is not
# empty is refused, not emptied.
#
# The environment. What each test needs beyond the first three it says itself.
#   QMAILHOME            the qmail
#   QQ_REAL_START        command that starts it; returns when it runs
#   QQ_REAL_STOP         command that stops it; returns when all of its processes are gone, and the
#                        logs are written; success, too, if it does not run
#   QQ_REAL_LOG          the log of qmail-send, `SEC.USEC LINE'
#   QQ_REAL_DELIVERIES   the log of deliveries: `SEC.USEC start SENDER RECIPIENT' when one begins,
#                        `SEC.USEC SENDER RECIPIENT K|D|Z' when its result is known; `<>' is the
#                        null sender
#   QQ_REAL_DOMAIN       a domain that is not local (remote.test)
#   BIN or BUILD         the programs
#   SEED                 where random numbers begin
# What a delivery comes to is told by the beginning of the recipient, in that domain and (local) in
# that of control/me: good* K; rand* after a moment K, D or Z; slow* K after up to a second; remote
# fail* D, defer* Z; local faillocal* D, deferlocal* Z.

use strict;
use warnings;
use Fcntl;
use File::Find ();
use File::Temp ();
use POSIX ();
use Time::HiRes qw(sleep time);

$| = 1;
our ($home, $queue, $bin, $tmp, $me, $remote, $seed, %given, @children, $over);
my ($main, $was_running, %absent, @at_end) = (0);
my ($tests, $failed) = (0, 0);
my @ends = qw(HUP INT TERM PIPE);
my @kept = qw(control users qqtools);

# ---- TAP

sub note { print map { "# $_\n" } @_ }
sub check {
    my ($what, @trouble) = @_;
    $failed++ if @trouble;
    print @trouble ? 'not ok ' : 'ok ', ++$tests, " - $what\n";
    note(@trouble > 12 ? (@trouble[0 .. 11], @trouble - 12 . ' more') : @trouble);
    return !@trouble;
}
sub skip { my ($what, $why) = @_; print 'ok ', ++$tests, " - $what # SKIP $why\n" }
sub skip_all { print "1..0 # SKIP $_[0]\n"; exit 0 }
sub the_end { print "1..$tests\n"; exit($failed > 0) }

# One of the keys, each as often as its value says.
sub kind {
    my %of = @_;
    my $sum = 0;
    $sum += $_ for values %of;
    my $x = rand $sum;
    for (sort keys %of) { return $_ if ($x -= $of{$_}) < 0 }
    die
}

# ---- files

sub slurp { my ($f) = @_; open my $h, '<', $f or return ''; local $/; return <$h> // '' }
sub spew {
    my ($f, $s) = @_;
    open my $h, '>', $f or die "$f: $!\n";
    print $h $s;
    close $h or die "$f: $!\n";
}
sub lines {
    my ($f, $offset) = @_;
    open my $h, '<', $f or die "$f: $!\n";
    seek $h, $offset, 0;
    return <$h>;
}

# The files of the queue but those of lock/.
sub files {
    my @files;
    my $want = sub {
        push @files, substr $_, length "$queue/./" if -f && !m{^\Q$queue\E/\./lock/};
    };
    File::Find::find({ no_chdir => 1, wanted => $want }, "$queue/.");    # it may be a link
    @files = sort @files;
    return @files;
}

# A control file, from now on; without a value, as it was found.
sub control {
    my ($name, $value) = @_;
    my ($file, $found) = ("$home/control/$name", "$home/control.qq-kept/$name");
    if (defined $value) { spew($file, $value =~ /\n/ ? $value : "$value\n") }
    elsif (-e $found) { spew($file, slurp($found)) }
    else { unlink $file }
}

# ---- processes

sub until_true {
    my ($seconds, $do, $every) = @_;
    for (my $end = time + $seconds; ;) {
        my $r = $do->();
        return $r if $r || time > $end;
        sleep($every // 0.05);
    }
}

# A process of ours. It ends when it wants to, or soon after SIGTERM: $over is set then.
sub child {
    my ($do, $n) = @_;
    my $pid = fork // die "fork: $!\n";
    if ($pid) { push @children, $pid; return $pid }
    $SIG{TERM} = sub { $over = 1 };
    $SIG{$_} = 'DEFAULT' for qw(HUP INT PIPE);
    srand($seed + 1000003 * $n);
    eval { $do->(); 1 } or do { print STDERR "# $@"; POSIX::_exit(1) };
    POSIX::_exit(0);
}
sub wait_for {
    my %is = map { $_ => 1 } @_;
    my @status = map { waitpid $_, 0; $? } @_;
    @children = grep { !$is{$_} } @children;
    return grep { $_ } @status;
}
sub end_children { kill 'TERM', @_; return wait_for(@_) }

# ---- qmail

# Another qmail that has the same path in a container is not this one.
sub same { my ($f) = @_; my @s = stat $f or return ''; return "$s[0] $s[1]" }

# The process of qmail-send: it has the lock.
sub daemon {
    my $inode = (stat "$queue/lock/sendmutex")[1] or return 0;
    for (split /\n/, slurp('/proc/locks')) {
        my ($pid) = /^\d+: \w+ +\w+ +WRITE (\d+) [0-9a-f]+:[0-9a-f]+:$inode / or next;
        return $pid if same("/proc/$pid/exe") eq same("$home/bin/qmail-send");
    }
    return 0;
}

# START or STOP is not cut when the test is told to end: that comes after it.
sub command {
    my ($name) = @_;
    my $told;
    my $ok = do {
        local @SIG{@ends} = (sub { $told = $_[0] }) x @ends;
        !system "$given{$name} >&2";
    };
    kill $told, $$ if $told;
    return $ok;
}
sub stop {
    command('STOP') or die "unable to stop qmail: $given{STOP}\n";
    die "it still runs after $given{STOP}\n" if daemon();
}

# More than once: it fails while an offline qq-rm has the lock, as often as a supervisor would try,
# and may then leave a qmail-todo that nobody ends.
sub start {
    for (my $end = time + 30; time < $end; sleep 0.1) {
        return if daemon() || (command('START') && daemon());
        kill 'TERM', processes(qr{^\Q$home\E/bin/qmail-todo$}) unless daemon();
    }
    die "unable to start qmail: $given{START}\n";
}

# The processes whose program matches.
sub processes {
    my ($program) = @_;
    return map { m{/proc/(\d+)/} } grep { (readlink // '') =~ $program } glob '/proc/[0-9]*/exe';
}

# Everything is tried now.
sub flush { kill 'ALRM', daemon() || () }

# One message through qmail-queue: its process and how that ended.
sub queue_mail {
    my ($message, $sender, @to) = @_;
    pipe my $mr, my $mw or die;
    pipe my $er, my $ew or die;
    my $pid = fork // die;
    if (!$pid) {
        POSIX::dup2(fileno $mr, 0); POSIX::dup2(fileno $er, 1);
        exec { "$home/bin/qmail-queue" } 'qmail-queue' or POSIX::_exit(1);
    }
    close $mr; close $er;
    syswrite $mw, $message; close $mw;
    syswrite $ew, "F$sender\0" . join('', map { "T$_\0" } @to) . "\0"; close $ew;
    waitpid $pid, 0;
    return $pid, $?;
}

# ---- beginning and end

# control/ and users/ hold what they held at the beginning; qqtools/ is not there.
sub as_found {
    for (@kept) {
        system 'rm', '-rf', "$home/$_";
        next if $_ eq 'qqtools' || $absent{$_};
        mkdir "$home/$_" or die "$home/$_: $!\n";
        system('cp', '-RpL', "$home/$_.qq-kept/.", "$home/$_") and die "$home/$_: unable to copy\n";
    }
}
sub put_back {
    for ('queue', @kept) {
        next unless $absent{$_} || -e "$home/$_.qq-kept";
        system 'rm', '-rf', "$home/$_";
        next if $absent{$_};
        rename "$home/$_.qq-kept", "$home/$_" or die "$home/$_.qq-kept: $!\n";
    }
}

# What a test has to clear away itself, before the qmail is stopped; the last one first.
sub at_end { unshift @at_end, @_ }

sub real {
    my ($state, @needed) = @_;
    skip_all('needs root') if $>;
    @needed = ('QMAILHOME', map { "QQ_REAL_$_" } 'START', 'STOP', @needed);
    my @missing = grep { ($ENV{$_} // '') eq '' } @needed;
    skip_all('needs ' . join ', ', @missing) if @missing;
    $home = $ENV{QMAILHOME};
    skip_all("needs a real qmail in QMAILHOME: there is no $home/bin/qmail-send")
        unless -x "$home/bin/qmail-send";
    %given = map { /^QQ_REAL_(.*)/ ? ($1 => $ENV{$_}) : () } @needed;
    ($bin) = grep { -x "$_/qq-show" } $ENV{BIN} // (), ($ENV{BUILD} // 'build') . '/bin';
    die "no programs: make first\n" unless $bin;
    delete @ENV{qw(QQ_QUEUE QQ_MUTEX)};
    ($remote, $seed) = ($ENV{QQ_REAL_DOMAIN} // 'remote.test', $ENV{SEED} // time ^ $$);
    ($me) = split /\n/, slurp("$home/control/me");
    $queue = "$home/queue";
    my ($left) = glob "$home/*.qq-kept";
    die "$left is left from another run: put it back\n" if $left;
    die "$queue is not empty, and would be emptied: see to what is there first\n" if files();
    $tmp = File::Temp::tempdir(CLEANUP => 1);
    chmod 0755, $tmp;
    ($was_running, $main) = (daemon(), $$);
    $SIG{$_} = sub { exit 1 } for @ends;
    stop();
    for (@kept) {
        if (!-e "$home/$_") { $absent{$_} = 1 }
        else { rename "$home/$_", "$home/$_.qq-kept" or die "$home/$_: $!\n" }
    }
    as_found();
    start() if $state eq 'running';
}

END {
    if ($$ == $main) {
        my $code = $?;
        $SIG{$_} = sub { } for @ends;
        my $empty = sub { unlink map { "$queue/$_" } files() };
        my $again = sub { start() if $was_running };
        for (sub { end_children(@children) }, @at_end, \&stop, \&put_back, $empty, $again) {
            eval { $_->(); 1 } or do { print STDERR "# $@"; $code ||= 1 };
        }
        $? = $code;
    }
}

if (!caller) {
    my ($state, @command) = @ARGV;
    my $pid;
    real($state);
    at_end(sub { if ($pid) { kill 'TERM', -$pid; waitpid $pid, 0 } });
    $pid = fork // die "fork: $!\n";
    if (!$pid) {
        setpgrp;
        exec { $command[0] } @command or POSIX::_exit(127);
    }
    setpgrp $pid, $pid;
    waitpid $pid, 0;
    exit($? & 127 ? 1 : $? >> 8);
}

1;
