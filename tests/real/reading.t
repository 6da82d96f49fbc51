#!/usr/bin/perl
# Reading the queue of a real qmail while mail is injected and delivered: no error, no warning, no message twice, and every message
# that stayed in the queue for the whole run is shown. QMAILHOME names a qmail whose qmail-send runs and whose mail nobody needs: local mail to
# users that do not exist, and to $QQ_REAL_DEFER, an address whose delivery is deferred. ROUNDS runs (50).

use strict;
use warnings;
use Time::HiRes qw(sleep);

my $home = $ENV{QMAILHOME} // '';
my $rounds = $ENV{ROUNDS} // 50;
my $defer = $ENV{QQ_REAL_DEFER} // '';
my ($bin) = grep { -x "$_/qq-show" } $ENV{BIN} // (), ($ENV{BUILD} // 'build') . '/bin';
unless ($home && -x "$home/bin/qmail-queue" && $> == 0) { print "1..0 # SKIP needs root and a real qmail in QMAILHOME\n"; exit 0 }
die "no programs: make first\n" unless $bin;
open my $f, '<', "$home/control/me" or die "$home/control/me: $!\n";
chomp(my $me = <$f>);

# One message through qmail-queue.
sub inject {
    my ($n, $sender, @to) = @_;
    pipe my $mr, my $mw or die;
    pipe my $er, my $ew or die;
    my $pid = fork // die;
    if (!$pid) {
        require POSIX;
        close $mw; close $ew;
        POSIX::dup2(fileno $mr, 0); POSIX::dup2(fileno $er, 1);
        exec("$home/bin/qmail-queue") or POSIX::_exit(1);
    }
    close $mr; close $er;
    print $mw "Subject: reading $n\nMessage-ID: <$n.$$\@$me>\n\nbody $n\n"; close $mw;
    print $ew "F$sender\0", (map { "T$_\0" } @to), "\0"; close $ew;
    waitpid $pid, 0;
}

sub injector {
    my ($seed) = @_;
    srand $seed;
    for (my $n = 0; ; $n++) {
        my @to = map { "nosuchuser-$n-$_\@$me" } 1 .. 1 + int rand 4;
        push @to, $defer if $defer && rand() < 0.2;
        inject("$seed-$n", rand() < 0.3 ? '' : "sender-$n\@$me", @to);
        sleep rand 0.05;
    }
}

# id@stamp of what is queued just now, without our programs. Stamps first: a number that is in the queue behind that
# belongs to the message that had the stamp, or the stamp is one that no later look sees again. One find for all: perl's stat loses nanoseconds.
sub queued {
    my @stamps = `find '$home/queue/mess' -type f -printf '%f \%T@\n' 2>/dev/null`;
    my %in = map { m{/(\d+)$} ? ($1 => 1) : () } glob("$home/queue/todo/*"), glob("$home/queue/todo/*/*"), glob("$home/queue/info/*/*");
    return map { /^(\d+) (\d+)\.(\d{9})/ && $in{$1} ? ("$1\@$2$3" => 1) : () } @stamps;
}

my @pids = map { my $s = $_; my $p = fork // die; if (!$p) { injector($s); exit } $p } 1 .. 4;
END { my $code = $?; kill 'TERM', @pids; waitpid $_, 0 for @pids; $? = $code }
$SIG{INT} = $SIG{TERM} = sub { exit 1 };
sleep 2;
my ($stayed, $shown, @trouble) = (0, 0);
for my $round (1 .. $rounds) {
    my %before = queued();
    my @lines = `'$bin/qq-show' --home '$home' --json 2>/tmp/reading.$$`;
    push @trouble, "round $round: exit code $?" if $?;
    push @trouble, "round $round: stderr: " . `cat /tmp/reading.$$` if -s "/tmp/reading.$$";
    my (%ids, %tokens);
    for (@lines) {
        /"id":(\d+),"token":"(\d+@\d+)"/ or do { push @trouble, "round $round: $_"; next };
        push @trouble, "round $round: message $1 twice" if $ids{$1}++;
        $tokens{$2} = 1;
    }
    $shown += @lines;
    my %after = queued();
    for (grep { $after{$_} } keys %before) {
        $stayed++;
        push @trouble, "round $round: $_ not shown" unless $tokens{$_};
    }
}
unlink "/tmp/reading.$$";
print "# $rounds runs, $shown messages shown, $stayed seen to stay\n";
print "# $_\n" for @trouble;
print @trouble ? 'not ' : '', "ok 1 - qq-show --json beside a busy qmail-send\n1..1\n";
exit(@trouble > 0);
