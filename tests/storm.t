#!/usr/bin/perl
# storm.t - much spam among other mail beside the model of a running qmail-send (tests/model): when
# qq-rm has shut the last of it, and has silenced none yet, no delivery of it starts any more, while
# the other mail goes out.
#
# strace makes qq-rm wait before it writes the first replacement: all that a second of trying
# everything could start of the spam would start then.

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Time::HiRes qw(sleep time);
require(abs_path(dirname(__FILE__) . '/model.pl'));
our ($T, $root, $build);

if (!$root || system('strace -f -o /dev/null -e inject=getppid:delay_enter=1 true 2>/dev/null')) {
    skip_all('needs root and strace') if ($ENV{CI} // '') ne 'true';
    ok('a storm', 'needs root and strace');
    finish();
}
my $messages = 900;             # every third is spam; the rest lasts longer than the test
my $bin = "$build/bin";

mkdir($_) or die "$_: $!\n" for "$T/home", "$T/home/control";
my $queue = make_queue('home/queue', '--split', 23);
sub run_in_queue {
    my ($in, $out, @command) = @_;
    return ended(start($in, $out, "$T/err", @command));
}

# Most of them are waiting when the last one has been preprocessed.
my ($injector) = start_injector(
    $queue,
    [ map {
            $_ % 3 == 0
                ? "spam\@forged.example slowgood.$_\@far.example"
                : "us\@ours.example slowgood.$_\@far.example"
        } 1 .. $messages ]);
ended($injector);
my ($model, $log) = start_model($queue, '--concurrency', 5, '--delivery', 4, '--seed', 1);
for (1 .. 2000) { last if !(() = glob "$queue/todo/[1-9]*"); sleep 0.01 }
$ENV{QQ_QUEUE} = $queue;
run_in_queue('/dev/null', "$T/ids", "$bin/qq-grep", '--from', 'spam@');
my $ids = () = read_file("$T/ids") =~ /\0/g;
my $calls = $ids + 1;
# Each message is given its first mode when it is shut; the next call belongs to a replacement.
my $rm = start("$T/ids", undef, "$T/said", 'strace', '-f', '-o', "$T/trace", '-e', 'trace=fchmod',
    '-e', "inject=fchmod:delay_enter=3000000:when=$calls", "$bin/qq-rm");
sub count_held { return scalar grep { ((lstat)[4] // 1) == 0 } glob "$queue/mess/*/*" }
my $waits = time + 30;
sleep 0.01 until count_held() >= $ids - 10 || time > $waits;
sleep 0.3;
my $shut = length read_file($log);
for (1 .. 10) { kill 'ALRM', $model; sleep 0.2 }
my $was_waiting = !-s "$T/said";
my %started = (spam => 0, us => 0);
my $since = substr read_file($log), $shut;
$started{$1}++ while $since =~ /^\S+ start delivery .* from <(\w+)@/mg;
ok( "$ids messages are shut, and none starts any more",
    $was_waiting ? () : 'qq-rm did not wait',
    $started{spam} ? "$started{spam} deliveries of what is shut began" : ());
ok('meanwhile other mail goes out', $started{us} ? () : 'none did');
ended($rm);
my $sum = 0;
my ($summary) = read_file("$T/said") =~ /^qq-rm: (\d.*)/m;
for (split /, /, $summary // '') { $sum += $1 if /^(\d+) (?:removed|silenced|gone)$/ }
ok('then they are silenced', $sum == $ids ? () : read_file("$T/said"));
stop($model);
finish();
