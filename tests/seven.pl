# seven.pl - for the tests that stop programs in the middle of what they do (kill.t, power.t): a
# queue of seven messages, the same every time but for its numbers, what stands in for a qmail-send,
# and what is true of a queue whatever was interrupted.
#
# Such a test calls build, runs the program under strace until it is stopped at one of its calls
# (run, calls), compares the queue with what it may be (state, differences) and asks our own
# programs whether they show what was interrupted (hidden). Messages go by the names in %queued.

use strict;
use warnings;
use Cwd qw(abs_path);
use Fcntl qw(:DEFAULT :flock);
use File::Basename qw(dirname);
use Time::HiRes qw(sleep time utime);
require(abs_path(dirname(__FILE__) . '/model.pl'));
our ($T, $build);

our $bin = $ENV{BIN} // "$build/bin";
our ($queue, $started);
our (%id, %name);                       # of each message, today

# ---- a queue of seven messages, always the same but for its numbers ----
our ($qmailq, $qmails, $group) = (64011, 64015, 64010);
our $now = int time;
# Sender, when it was queued (seconds ago), recipients as they stand in the file of each channel or
# in todo, what has failed; `new' ones are not preprocessed, `other' ones are nobody's to touch.
my $bounce = "<%s>:\nNo.\n\n";
our %queued = (
    failing => { from => 'failing@x.example', age => 200000,
        local => 'Ta@local.example Db@local.example',
        remote => 'Tc@far.example Dd@far.example Te@far.example',
        bounce => sprintf $bounce, 'b@local.example' },
    new => { from => 'new@x.example', age => 100, todo => 'Ta@far.example Tb@local.example' },
    bounce => { from => '', age => 3000, remote => 'Ta@far.example', for_bounce => 1 },
    far => { from => 'far-with-a-long-name@x.example', age => 4000,
        remote => 'Ta@far.example', suppl0 => 'Tb@suppl0.example' },
    other => { from => 'other@x.example', age => 250000, local => 'Ta@local.example',
        remote => 'Tb@far.example', bounce => sprintf $bounce, 'x@far.example' },
    other_new => { from => 'othernew@x.example', age => 200, todo => 'Ta@far.example' },
    other_held => { from => 'otherheld@x.example', age => 200, local => 'Ta@local.example',
        held => 1 },
);

# The path of a message's file, in a tree that is split or not.
sub place {
    my ($tree, $id) = @_;
    return -d "$queue/$tree/0" ? "$queue/$tree/" . $id % 3 . "/$id" : "$queue/$tree/$id"
}

# Writes a file, with its owner, mode and time.
sub put {
    my ($file, $owner, $mode, $when, $bytes) = @_;
    write_file($file, $bytes);
    chown $owner, $group, $file or die;
    chmod $mode, $file or die;
    utime $when, $when, $file or die;
}

sub with_nuls { return join '', map { "$_\0" } split / /, $_[0] }

# Makes the queue anew, with what qmail-queue and qmail-send would have written for %queued.
sub build {
    unlink grep { m{/(\.rm-)?\d+$} && -f }
        map { glob "$queue/$_" } qw(bounce/* todo/* intd/* */*/* info/*/.rm-*);
    (%id, %name) = ();
    for my $name (sort keys %queued) {
        my $m = $queued{$name};
        my $when = $now - $m->{age} + 0.25;
        my $invoked = $m->{for_bounce} ? 'for bounce' : 'by uid 0';
        write_file("$queue/mess/new",
            "Received: (qmail 7 invoked $invoked); 20 Nov 2026 12:00:00 -0000\n",
            "Subject: $name\n\nText.\n");
        my $id = $id{$name} = (stat "$queue/mess/new")[1];
        $name{$id} = $name;
        rename "$queue/mess/new", place('mess', $id) or die;
        chown $m->{held} ? 0 : $qmailq, $group, place('mess', $id) or die;
        chmod 0644, place('mess', $id) or die;
        utime $when, $when, place('mess', $id) or die;
        if ($m->{todo}) {
            my $envelope = "u0\0p7\0F$m->{from}\0" . with_nuls($m->{todo});
            put(place('intd', $id), $qmailq, 0644, $when, $envelope);
            link place('intd', $id), place('todo', $id) or die;
        } else { put(place('info', $id), $qmails, 0600, $when + 0.5, "F$m->{from}\0") }
        put(place($_, $id), $qmails, 0600, $when + 30, with_nuls($m->{$_}))
            for grep { $m->{$_} } qw(local remote suppl0);
        put(place('bounce', $id), $qmails, 0600, $when + 40, $m->{bounce}) if $m->{bounce};
    }
    $started = time;
}

# The files of the queue by the names of their messages: owner, mode, time (now: since the
# queue was built), bytes.
sub state {
    my %state;
    for my $tree (qw(mess intd todo info local remote suppl0 bounce)) {
        for my $file (map { glob } "$queue/$tree/*", "$queue/$tree/*/*", "$queue/$tree/*/.rm-*") {
            my @s = Time::HiRes::lstat($file) or next;
            next if !-f _;
            my $shown = $file =~ s{^\Q$queue\E/}{}r =~ s{/\d+/}{/}r;
            $shown =~ s{(\d+)$}{$name{$1} // "unknown-$1"}e;
            my $when = $s[9] >= $started - 0.02 ? 'now' : sprintf '%+.3f', $s[9] - $now;
            $state{$shown} = sprintf '%d:%d %o %s %s', @s[4, 5], $s[2] & 07777, $when,
                read_file($file) =~ s/\0/\\0/gr;
        }
    }
    return \%state;
}
# Where two such states differ, in words that begin with `what'; only: a pattern of names.
sub differences {
    my ($what, $expected, $got, $only) = @_;
    my %all = (%$expected, %$got);
    my @differ = grep { ($expected->{$_} // '') ne ($got->{$_} // '') } sort keys %all;
    @differ = grep { m{/(?:\.rm-)?(?:$only)$} } @differ if $only;
    return map {
        "$what: $_: expected " . ($expected->{$_} // 'none') . ', got ' . ($got->{$_} // 'none')
    } @differ;
}

# ---- processes ----
# The one that stands in for qmail-send: it reads the trigger and has the mutex.
my $sending;
sub send_starts {
    my $pid = fork // die;
    if (!$pid) {
        sysopen my $trigger, "$queue/lock/trigger", O_RDWR or die;
        sysopen my $mutex, "$queue/lock/sendmutex", O_WRONLY or die;
        flock $mutex, LOCK_EX or die;
        chdir $queue or die;
        $0 = 'qmail-send';
        write_file("$T/sending", "yes\n");
        $SIG{ALRM} = 'IGNORE';
        sleep 1 while kill 0, getppid;
        POSIX::_exit(0);
    }
    sleep 0.01 until -e "$T/sending";
    $sending = $pid;
}
sub send_ends {
    if ($sending) { kill 'KILL', $sending; waitpid $sending, 0; $sending = 0; unlink "$T/sending" }
}
END { my $code = $?; send_ends(); $? = $code }

# Runs it with these tokens on its standard input, under strace or not; its exit code, and what it
# said on stdout and stderr.
sub run {
    my ($command, $tokens, @strace) = @_;
    write_file("$T/in", map { "$_\n" } @$tokens);
    my ($program, @arguments) = @$command;
    my @whole = (@strace, "$bin/$program", '--queue', $queue, @arguments);
    my $code = ended(start("$T/in", "$T/said.out", "$T/said", @whole));
    die "$program does not end\n" if !defined $code;
    return ($code, read_file("$T/said.out"), read_file("$T/said"));
}
# What it takes to name messages, and the ids that a program prints.
sub tokens { return map { $id{$_} } @_ }
sub ids {
    my ($code, $out) = run(@_);
    return { map { /^(\d+)/ ? ($1 => 1) : () } split /[\0\n]/, $out }
}

# The system calls of a whole run, without those of programs that it starts itself, in their order:
# [name, how many of that name up to here, whether it changes something].
sub calls {
    my ($trace) = @_;
    my (%count, @calls, $main);
    for (split /\n/, read_file($trace)) {
        my ($pid, $call, $arguments) = /^(\d+)\s+(\w+)\((.*)/ or next;
        next if $pid != ($main //= $pid);
        die "it has threads: the calls cannot be counted\n"
            if $call =~ /^clone/ && $arguments =~ /CLONE_THREAD/;
        next if $call =~ /^(execve|exit_group|exit)$/;
        my $changes = $call =~ /^(pwrite64|fchown|fchmod|utimensat|renameat2?|unlinkat)$/
            || $call =~ /^(syncfs|linkat|ftruncate)$/
            || $call eq 'openat' && $arguments =~ /O_CREAT/ || $call eq 'write';
        push @calls, [$call, ++$count{$call}, $changes];
    }
    return @calls;
}

# ---- after it ----
sub records { my ($tree, $name) = @_; return split /\0/, read_file(place($tree, $id{$name})) }
sub has { my ($tree, $name) = @_; return -e place($tree, $id{$name}) }

# What of the queue our own programs do not show as it is: what could still be delivered is listed,
# what is over, held or half removed is called that, and nothing else is. Complaints.
sub hidden {
    my ($is_online) = @_;
    my ($listed, $over, $interrupted) = map { ids([@$_, '--lines'], []) }
        ['qq-list'], ['qq-list', '--over'], ['qq-grep', '--interrupted'];
    my ($code, $shown, $said) = run(['qq-show', '--json'], []);
    my %held = map { /^\{"id":(\d+),.*"held":true,/ ? ($1 => 1) : () } split /\n/, $shown;
    my @bad;
    my $removals = 0;
    for my $name (sort keys %id) {
        my $id = $id{$name};
        my ($mode, $owner) = (lstat place('mess', $id))[2, 4];
        next if !defined $owner || !has('info', $name) && !has('todo', $name);
        my $could_go = grep { /^T/ } map { records($_, $name) } qw(local remote suppl0 todo);
        # Marked by its mode; what an older qq-rm left is known by its info.
        my $is_interrupted = $owner == 0
            && (($mode & 0777) == 0444 || ($mode & 0777) == 0555 || !has('todo', $name)
            && (records('info', $name))[0] eq 'F#@[]'
            && !$queued{$name}{for_bounce});
        $removals += $is_interrupted;
        push @bad, "$name is qmailq's, and its info replaced"
            if $owner == $qmailq && has('info', $name) && (records('info', $name))[0] eq 'F#@[]';
        push @bad, "$name is not listed" if $owner != $qmails && !$listed->{$id};
        push @bad, "$name is listed as over and not over, or the other way round"
            if ($owner == $qmails) != !!$over->{$id};
        push @bad, "$name is over, and could be delivered"
            if $owner == $qmails && $could_go && $is_online;
        push @bad, "$name is root's, and not held, or the other way round"
            if ($owner == 0) != !!$held{$id};
        push @bad, "$name is an interrupted removal, and not called one, or the other way round"
            if $is_interrupted != !!$interrupted->{$id};
    }
    for my $program ('qq-show', $removals ? 'qq-stat' : ()) {
        ($code, $shown, $said) = run([$program], []) if $program ne 'qq-show';
        push @bad, "$program: $code, $said"
            if $code || ($said =~ /removals? (was|were) interrupted/ xor $removals);
    }
    return @bad;
}

1;
