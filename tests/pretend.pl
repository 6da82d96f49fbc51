# pretend.pl - processes that call themselves something (tests/service.sh: pretend).
#
#   pretend.pl READY GROUP DEPTH:NAME:DIRECTORY:USER ...
#
# Each is a child of the last one that is a step less deep, works in the directory, and belongs to
# the user, if root has started this. One whose name has a + behind it has the mutex of the queue
# that the directory is, and reads its trigger. Each adds a line to the file READY, and sleeps.

use strict;
use warnings;
use Fcntl qw(:DEFAULT :flock);

my ($ready, $group, @all) = @ARGV;
my ($mutex, $trigger);
@all = map { [split /:/] } @all;

sub fork_children {
    my ($i) = @_;
    for my $k ($i + 1 .. $#all) {
        last if $all[$k][0] <= $all[$i][0];
        next if $all[$k][0] != $all[$i][0] + 1;
        my $pid = fork // die;
        be($k) if !$pid;
    }
}

sub be {
    my ($i) = @_;
    my (undef, $name, $directory, $user) = @{ $all[$i] };
    fork_children($i);
    open my $log, '>>', $ready or die;
    open my $comm, '>', '/proc/self/comm' or die;       # who has changed his user may not
    chdir $directory or die "$directory: $!";
    if ($> == 0) { $) = "$group $group"; $( = $group; ($<, $>) = ($user, $user) }
    if ($name =~ s/\+$//) {
        sysopen $mutex, 'lock/sendmutex', O_WRONLY or die;
        flock $mutex, LOCK_EX or die;
        sysopen $trigger, 'lock/trigger', O_RDONLY | O_NONBLOCK or die;
    }
    syswrite $comm, $name;
    syswrite $log, "$name $$\n";
    sleep 60 while 1;
}
be(0);
