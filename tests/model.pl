# model.pl - for the tests that run the model of qmail-send (tests/model): queues, the model itself,
# injectors, and what its log says. Every process that these start is ended by them, at the latest
# when the test ends.

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use POSIX qw(WNOHANG);
use Time::HiRes qw(sleep time);

our $repo = abs_path(dirname(__FILE__) . '/..');
our $build = $ENV{BUILD} // "$repo/build";
our $tools = "$build/tests";
our $is_asan = $build =~ m{/asan$};
our $root = $> == 0;
our $T = tempdir(CLEANUP => !$ENV{KEEP});
chmod 0755, $T;
delete @ENV{qw(QMAILHOME QQ_QUEUE QQ_MUTEX)};
-x "$tools/model" && -x "$tools/mkqueue" or die "no $tools/model: make test-programs first\n";

# ---- results ----
my ($count, $failed) = (0, 0);

# ok NAME, COMPLAINTS: with none it is a success
sub ok {
    my ($name, @complaints) = @_;
    $count++;
    chomp @complaints;
    my $more = @complaints - 40;
    splice @complaints, 40 if $more > 0;
    push @complaints, "and $more more" if $more > 0;
    print map { "# $_\n" } map { split /\n/ } @complaints;
    print @complaints ? 'not ' : '', "ok $count - $name\n";
    $failed ||= @complaints > 0;
}
sub skip { my ($name, $why) = @_; $count++; print "ok $count - $name # SKIP $why\n" }
sub finish { print "1..$count\n"; exit $failed }
sub skip_all { my ($why) = @_; print "1..0 # SKIP $why\n"; exit 0 }

# ---- processes ----
# Each with what it starts is a process group, so that it can be stopped and ended with all of that.
my (%children, %code);
END {
    my $code = $?;
    kill 'KILL', map { -$_ } keys %children;
    waitpid $_, 0 for keys %children;
    $? = $code
}
$SIG{$_} = sub { exit 99 } for qw(INT TERM HUP);

# Starts a command with its standard streams from and to these files (undef:
# /dev/null, or those of the test).
sub start {
    my ($in, $out, $err, @command) = @_;
    my $pid = fork // die "fork: $!\n";
    if ($pid) { $children{$pid} = 1; delete $code{$pid}; return $pid }
    setpgrp;
    $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
    open STDIN, '<', $in // '/dev/null' or die "$in: $!\n";
    if (defined $out) { open STDOUT, '>', $out or die "$out: $!\n" }
    if (defined $err) { open STDERR, '>', $err or die "$err: $!\n" }
    exec { $command[0] } @command or do { print STDERR "$command[0]: $!\n"; POSIX::_exit(127) };
}

# Its exit code, or 1000 and the signal that killed it; undef if it has not ended in time.
sub ended {
    my ($pid, $seconds) = @_;
    return $code{$pid} if defined $code{$pid};
    my $until = time + ($seconds // 60);
    until (waitpid $pid, WNOHANG) { return undef if time > $until; sleep 0.002 }
    my $status = $?;
    delete $children{$pid};
    return $code{$pid} = $status & 127 ? 1000 + ($status & 127) : $status >> 8;
}

sub stop {
    my ($pid, $signal) = @_;
    kill $signal // 'TERM', $pid;
    return ended($pid);
}

sub write_file {
    my ($file, @lines) = @_;
    open my $f, '>', $file or die "$file: $!\n";
    print $f @lines;
    close $f or die
}
sub read_file {
    my ($file) = @_;
    open my $f, '<', $file or return '';
    local $/;
    return readline($f) // ''
}

# ---- queues ----
sub make_queue {
    my ($name, @options) = @_;
    push @options, qw(--qmailq 64011 --qmails 64015 --qmailr 64014 --group 64010) if $root;
    system("$tools/mkqueue", "$T/$name", 0, @options) == 0 or die "mkqueue failed\n";
    return "$T/$name";
}

# Complaints about a queue that stands still.
sub illegal {
    my ($queue, @options) = @_;
    return map { "not legal: $_" } split /\n/, `'$repo/tests/legal' @options '$queue' 2>&1`
}

# Where the files of a message are.
sub files_of {
    my ($queue, $id) = @_;
    return
        grep { -e }
        map { glob "$queue/$_/$id $queue/$_/*/$id" }
        qw(bounce local remote suppl* info todo intd mess)
}

# ---- the model ----
my $runs = 0;

# Starts it with a log of its own and waits until it works, or has said why not. Returns
# the process and the log.
sub start_model {
    my ($queue, @options) = @_;
    my $log = "$T/log." . ++$runs;
    # The name by which our programs know it.
    symlink "$tools/model", "$T/qmail-send";
    my $pid = start(undef, undef, undef, "$T/qmail-send", '--log', $log, '--at-most', 300, @options,
        $queue);
    wait_for($log, 'status: local|alert: ') or die "the model does not start\n";
    return ($pid, $log);
}

# Starts an injector of these lines; its tokens come into the file that is returned behind it.
sub start_injector {
    my ($queue, $lines, @options) = @_;
    my $file = "$T/inject." . ++$runs;
    write_file("$file.in", map { "$_\n" } @$lines);
    return (start("$file.in", "$file.out", undef, "$tools/model", '--inject', @options, $queue),
        "$file.out");
}

# Waits until a log has a line that matches; whether it had.
sub wait_for {
    my ($log, $pattern, $seconds) = @_;
    my $until = time + ($seconds // 20);
    until (read_file($log) =~ $pattern) { return 0 if time > $until; sleep 0.005 }
    return 1;
}

# Waits until a message is being delivered: a process has it as its input.
sub wait_for_delivery {
    my ($queue, $id) = @_;
    my ($mess) = glob "$queue/mess/*/$id";
    for (1 .. 4000) {
        return if grep { (readlink // '') eq $mess } glob '/proc/[0-9]*/fd/0';
        sleep 0.005
    }
    die "message $id is not delivered\n"
}

# What logs say, one after the other:
#   served    ADDRESS -> list of the results that ended it: success, failure
#   tried     ADDRESS -> list of when a delivery was asked for
#   started   ADDRESS -> list of { at, id, stamp, from } of the deliveries that the spawn let begin
#   bounced   list of { at, id, stamp, from, to }
#   ended     "ID@STAMP" -> list of when
#   trouble   lines that must not be there
sub read_logs {
    my %said =
        (tried => {}, served => {}, started => {}, bounced => [], ended => {}, trouble => []);
    for my $log (@_) {
        my %address;
        for my $line (split /\n/, read_file($log)) {
            my ($at, $text) = $line =~ /^(\d+\.\d{6}) (.*)$/
                or do { push @{$said{trouble}}, "$log: $line"; next };
            if ($text =~ /warning:|alert:|trouble|unknown record/) {
                push @{$said{trouble}}, "$log: $line"
            }
            elsif ($text =~ /^starting delivery (\d+): msg \d+ to \S+ (\S*)$/) {
                $address{$1} = $2;
                push @{$said{tried}{$2}}, $at
            }
            elsif ($text =~ /^start delivery \d+: msg (\d+) stamp (\d+) to \S+ (\S*) from <(.*)>$/)
            {
                push @{$said{started}{$3}}, { at => $at, id => $1, stamp => $2, from => $4 }
            }
            elsif ($text =~ /^delivery (\d+): (success|failure): /) {
                push @{ $said{served}{ $address{$1} } }, $2
            }
            elsif ($text =~ /^bounced msg (\d+) stamp (\d+) from <(.*)> to <(.*)>$/) {
                push @{$said{bounced}},
                    { at => $at, id => $1, stamp => $2, from => $3, to => $4 }
            }
            elsif ($text =~ /^end msg (\d+) stamp (\d+)$/) { push @{ $said{ended}{"$1\@$2"} }, $at }
        }
    }
    return \%said;
}

1;
