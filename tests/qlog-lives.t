#!/usr/bin/perl
# qlog-lives.t - qlog-show reads in a log what an independent reader (logs.pl) reads in it: logs of
# all shapes, with numbers that are given again, restarts, clocks set back, lines lost, and a
# beginning in the middle.
#
#   ROUNDS (3)   of each shape; SEED (1)

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use JSON::PP;
use POSIX qw(tzset);
use Time::Local qw(timegm);
my $tests = abs_path(dirname(__FILE__));
require "$tests/logs.pl";
our (@bare, @named);

my $bin = $ENV{BIN} // ($ENV{BUILD} // "$tests/../build") . '/bin';
my $T = tempdir(CLEANUP => !$ENV{KEEP});
chmod 0755, $T;
my $json = JSON::PP->new->canonical->latin1;
$ENV{LC_ALL} = 'C';
delete $ENV{QQ_LOG};

sub microseconds {
    my ($text) = @_;
    return if !defined $text;
    my ($y, $mon, $d, $h, $m, $s, $f, $sign, $zh, $zm) =
        $text =~ /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{6})([-+])(\d\d):(\d\d)$/
        or return "no stamp: $text";
    my $offset = ($zh * 60 + $zm) * 60 * ($sign eq '-' ? -1 : 1);
    return (timegm($s, $m, $h, $d, $mon - 1, $y) - $offset) * 1000000 + $f
}

# A life as qlog-show printed it, as logs.pl has it.
sub read_life {
    my ($line, $file) = @_;
    my $life = decode_json($line);
    delete $life->{smtp};
    $life->{$_} = microseconds($life->{$_}) for qw(begun ended);
    $life->{incomplete} = $life->{incomplete} ? 1 : 0;
    $life->{stream} =~ s/^\Q$file\E:?//;
    for my $r (@{ $life->{recipients} }) { $r->{$_} = microseconds($r->{$_}) for qw(first last) }
    return $life
}

sub canonical {
    my ($life) = @_;
    my %life = %$life;
    delete $life{tried};
    my @numbers = qw(id size uid qp bounce_qp begun ended incomplete);
    $_ = defined $_ ? "$_" : undef for @life{@numbers};
    $life{recipients} = [map {
        my %r = %$_;
        $_ = defined $_ ? "$_" : undef for @r{qw(attempts first last code child_qp)};
        \%r
    } @{ $life{recipients} }];
    return $json->encode(\%life)
}

sub output_of {
    open my $f, '-|', @_ or die "$_[0]: $!\n";
    my @lines = <$f>;
    close $f;
    die "$_[0]: exit code $?\n" if $? && $? != 256;
    return @lines
}

# Lives that only one of the two has; of two that are like each other, what differs.
sub differences {
    my ($expected, $got) = @_;
    my (%count, %near, @complaints);
    $count{ canonical($_) }++ for @$expected;
    $count{ canonical($_) }-- for @$got;
    for (sort keys %count) {
        my $life = decode_json($_);
        my $key = join ' ', map { $life->{$_} // '' } qw(id qp begun);
        push @{ $near{$key}[$count{$_} > 0 ? 0 : 1] }, $life if $count{$_}
    }
    for my $key (sort keys %near) {
        my ($missing, $extra) = @{ $near{$key} };
        if (!$missing || !$extra) {
            push @complaints, "$key: " . ($missing ? 'missing' : 'not expected');
            next
        }
        for my $k (sort keys %{ $missing->[0] }) {
            my ($e, $g) = map { ref $_ ? $json->encode($_) : $_ // 'null' }
                $missing->[0]{$k}, $extra->[0]{$k};
            push @complaints, "$key: $k: $g, expected $e" if $e ne $g
        }
    }
    return @complaints
}

sub write_log {
    my ($file, $log, @lines) = @_;
    open my $f, '>:raw', $file or die "$file: $!\n";
    print $f @lines;
    close $f or die;
    my $end = $log->{events}[-1][0] / 1000000;
    utime $end, $end, $file or die
}

my ($count, $failed) = (0, 0);
sub ok {
    my ($name, @complaints) = @_;
    $count++;
    splice @complaints, 10 if @complaints > 10;
    print map { "# $_\n" } @complaints;
    print @complaints ? 'not ' : '', "ok $count - $name\n";
    $failed ||= @complaints > 0;
}

my $seed = $ENV{SEED} // 1;
for my $shape (@bare, @named) {
    my (@complaints, $lives);
    for my $round (1 .. $ENV{ROUNDS} // 3) {
        srand $seed * 1000 + $round;
        $ENV{TZ} = $round % 2 ? 'UTC0' : 'IST-5:30';
        tzset;
        my $log = draw_log(400, queues => $round % 3, sets_back => $round % 2,
            starts_late => $round % 4 == 3, is_lossy => $round % 3 == 2 && $shape ne 'none');
        my $file = "$T/round$round-$shape";
        my @lines = dress($shape, $log);
        write_log($file, $log, @lines);
        my @expected = read_log($shape, 2026, @lines);
        $lives += @expected;
        my @got = map { read_life($_, $file) } output_of("$bin/qlog-show", '--json', $file);
        push @complaints, map { "round $round: $_" } differences(\@expected, \@got);
        unlink $file if !@complaints
    }
    ok("$shape: $lives lives", @complaints)
}
print "1..$count\n";
exit $failed
