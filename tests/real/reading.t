#!/usr/bin/perl
# Reading the queue of a real qmail while mail is injected and delivered: no error, no warning, no
# message twice, and every message that stayed in the queue for the whole run is shown. The mail is
# local, to users that do not exist. The environment is that of real.pl, and
#   QQ_REAL_DEFER        an address whose delivery is deferred: mail for it stays
#   ROUNDS               runs (50)

use strict;
use warnings;
use FindBin;
use Time::HiRes qw(sleep);
BEGIN { require "$FindBin::Bin/real.pl" }

our ($home, $queue, $bin, $tmp, $me, $over, %given);
my $rounds = $ENV{ROUNDS} // 50;
real('running', 'DEFER');

sub injector {
    my ($name) = @_;
    for (my $n = 0; !$over; $n++) {
        my @to = map { "nosuchuser-$n-$_\@$me" } 1 .. 1 + int rand 4;
        push @to, $given{DEFER} if rand() < 0.2;
        my $id = "$name-$n";
        my $message = "Subject: reading $id\nMessage-ID: <$id.$$\@$me>\n\nbody $id\n";
        queue_mail($message, rand() < 0.3 ? '' : "sender-$n\@$me", @to);
        sleep rand 0.05;
    }
}

# id@stamp of what is queued just now, without our programs. Stamps first: a number that is in the
# queue behind that belongs to the message that had the stamp, or the stamp is one that no later
# look sees again. One find for all: perl's stat loses nanoseconds.
sub queued {
    my @stamps = `find '$queue/mess' -type f -printf '%f \%T@\n' 2>/dev/null`;
    my @in = map { glob "$queue/$_" } 'todo/*', 'todo/*/*', 'info/*/*';
    my %in = map { m{/(\d+)$} ? ($1 => 1) : () } @in;
    return map { /^(\d+) (\d+)\.(\d{9})/ && $in{$1} ? ("$1\@$2$3" => 1) : () } @stamps;
}

my @injectors = map { my $name = $_; child(sub { injector($name) }, $name) } 1 .. 4;
sleep 2;
my ($stayed, $shown, @trouble) = (0, 0);
for my $round (1 .. $rounds) {
    my %before = queued();
    my @lines = `'$bin/qq-show' --home '$home' --json 2>'$tmp/stderr'`;
    push @trouble, "round $round: exit code $?" if $?;
    push @trouble, "round $round: stderr: " . slurp("$tmp/stderr") if -s "$tmp/stderr";
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
push @trouble, map { "an injector: status $_" } end_children(@injectors);
note("$rounds runs, $shown messages shown, $stayed seen to stay");
push @trouble, 'none was seen to stay' unless $stayed;
check('qq-show --json beside a busy qmail-send', @trouble);
the_end();
