#!/usr/bin/perl
# check-live.t - qq-check beside the model of a running qmail-send (tests/model), while mail comes,
# goes and bounces: it finds nothing, however often it looks; and what is planted meanwhile it finds
# by the second look, and nothing else.
#
#   LOOKS=1000   how often it looks (20)

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
require(abs_path(dirname(__FILE__) . '/model.pl'));
our ($T, $root, $build);

if (!$root) {
    skip_all('needs root') if ($ENV{CI} // '') ne 'true';
    ok('beside the model', 'needs root');
    finish();
}
my $bin = $ENV{BIN} // "$build/bin";
my $looks = $ENV{LOOKS} // 20;
mkdir($_) or die "$_: $!\n" for "$T/home", "$T/home/control";
my $queue = make_queue('home/queue', '--split', 23);
my ($model) = start_model($queue, '--seed', 1);

# What waits for ever is for the plants; the rest comes and goes.
my ($first) = start_injector($queue, [map { "us\@ours.example defer.$_\@far.example" } 1 .. 30]);
ended($first);
sub many {
    my ($who) = @_;
    my @many = map { "good.$who.$_\@far.example fail.$who.$_\@far.example" } 1 .. 400;
    my ($pid) = start_injector($queue, [map { "us\@ours.example $_" } @many]);
    return $pid;
}
my @busy = map { many($_) } 1, 2;

sub look {
    ended(start('/dev/null', "$T/found", "$T/said", "$bin/qq-check", '--queue', $queue, '--tsv'));
    my @lines = split /\n/, read_file("$T/found");
    shift @lines;
    return (@lines, map { "said: $_" } split /\n/, read_file("$T/said"));
}

my @wrong;
for (1 .. $looks) { push @wrong, look() }
ok("$looks looks", @wrong);

sub at { my ($tree, $id) = @_; return "$queue/$tree/" . $id % 23 . "/$id" }
sub found_by_two {
    my ($kind, $what) = @_;
    my @seen;
    for (1, 2) { @seen = look(); last if grep { /\t\Q$kind\E\t/ } @seen }
    my @others = grep { !/\t\Q$kind\E\t/ } @seen;
    ok("$what: found, and nothing else", @others, @seen > @others ? () : "no $kind");
}
for (['no-info', 'info'], ['no-mess', 'mess'], ['no-recipients', 'remote']) {
    my ($kind, $tree) = @$_;
    my ($id) = map { m{/(\d+)$} } grep { read_file($_) =~ /^Tdefer/ } glob "$queue/remote/*/[1-9]*";
    rename at($tree, $id), "$T/aside" or die "$tree: $!\n";
    found_by_two($kind, "$tree taken away");
    rename "$T/aside", at($tree, $id) or die "$tree: $!\n";
}
ended($_) for @busy;
stop($model);
finish();
