#!/usr/bin/perl
# fix.t - qq-fix: each kind of damage, and what becomes of it; restored copies of thousands of
# messages; what it refuses; owners; an empty queue.
#
#   MESSAGES=N   in the restored copies (600)

use strict;
use warnings;
use Cwd qw(abs_path);
use Fcntl qw(:DEFAULT :flock);
use JSON::PP;
use POSIX ();
use File::Basename qw(dirname);
use Time::HiRes qw(lstat sleep time utime);
BEGIN { $ENV{TMPDIR} //= '/dev/shm' if -d '/dev/shm' && -w _ }
require(abs_path(dirname(__FILE__) . '/model.pl'));
require(abs_path(dirname(__FILE__) . '/restored.pl'));
our ($root, $T, $build, $tools, $repo);
our $bin = $ENV{BIN} // "$build/bin";
my ($qmailq, $qmails, $qmailr, $group) = (64011, 64015, 64014, 64010);
my $queue;

if (!$root) {
    if (($ENV{CI} // '') eq 'true') { ok('a queue is mended', 'needs root'); finish() }
    skip_all('needs root');
}

# ---- a queue, and a message in it ----
my ($split, $big) = (3, 0);
sub place {
    my ($tree, $id) = @_;
    my $is_split = $tree =~ /^(?:todo|intd)$/ ? $big : $tree ne 'bounce';
    return $is_split ? "$queue/$tree/" . $id % $split . "/$id" : "$queue/$tree/$id";
}
my %owner = (mess => $qmailq, todo => $qmailq, intd => $qmailq);
my $when = int(time) - 5000;
sub put {
    my ($tree, $id, $bytes) = @_;
    my $file = place($tree, $id);
    write_file($file, $bytes);
    chown $owner{$tree} // $qmails, $group, $file or die;
    chmod $owner{$tree} ? 0644 : 0600, $file or die;
    utime $when, $when, $file or die;
    return $file;
}
my $body =
    "Received: (qmail 4711 invoked by uid 0); 20 Nov 2026 12:00:00 -0000\nSubject: x\n\nX.\n";
sub message {
    write_file("$queue/mess/new", $body);
    my $id = (stat "$queue/mess/new")[1];
    unlink "$queue/mess/new";
    write_file("$queue/mess/new", $body);
    $id = (stat "$queue/mess/new")[1];
    rename "$queue/mess/new", place('mess', $id) or die;
    chown $qmailq, $group, place('mess', $id) or die;
    chmod 0644, place('mess', $id) or die;
    utime $when, $when, place('mess', $id) or die;
    return $id;
}
sub preprocessed {
    my $id = message();
    put('info', $id, "Fanna\@x.example\0");
    put('local', $id, "Tbob\@local.example\0Dcarl\@local.example\0");
    put('remote', $id, "Tdora\@far.example\0");
    return $id;
}
sub new {
    my $id = message();
    put('intd', $id, "u0\0p7\0Fanna\@x.example\0Tbob\@x.example\0Tdora\@far.example\0");
    link place('intd', $id), place('todo', $id) or die;
    return $id;
}
sub fresh {
    system('rm', '-rf', "$T/queue");
    $queue = make_queue('queue', '--split', $split, $big ? '--bigtodo' : ());
    return $queue;
}
sub fix {
    my $pid = start(undef, "$T/out", "$T/said", "$bin/qq-fix", '--queue', $queue, '--home', $T, @_);
    my $code = ended($pid) // die "qq-fix does not end\n";
    return ($code, read_file("$T/out"), read_file("$T/said"));
}
sub checked {
    my $pid = start(undef, "$T/out", "$T/said", "$bin/qq-check", '--queue', $queue, '--home', $T);
    my $code = ended($pid) // die "qq-check does not end\n";
    return $code ? "qq-check: $code: " . read_file("$T/out") . read_file("$T/said") : ();
}
sub records { my ($tree, $id) = @_; return read_file(place($tree, $id)) =~ s/\0/|/gr }
sub owner { my ($tree, $id) = @_; my @s = lstat place($tree, $id); return @s ? $s[4] : 'none' }
sub trees_of {
    my ($id) = @_;
    return join ' ', map { m{^\Q$queue\E/([^/]+)} } files_of($queue, $id);
}
sub lost {
    return map { s{^\Q$queue\E/lost/[^/]+/}{}r } grep { -f } glob "$queue/lost/*/*/{*,*/*}";
}

# ---- each kind ----
# NAME, what is done to a message, what qq-fix says of it (its word), and what is to be so then.
my @kinds;
sub kind { push @kinds, [@_] }
my $log = "$T/log";
my $held = sub {
    my ($id) = @_;
    return owner('mess', $id) == 0 ? () : "mess is $qmailq\'s: not held"
        if owner('mess', $id) ne 'none';
    return 'mess is gone';
};
my $aside = sub {
    my ($id) = @_;
    return trees_of($id) ? 'left: ' . trees_of($id) : (), lost() ? () : 'nothing is in lost/';
};
my $sound = sub {
    my ($id) = @_;
    return map { trees_of($id) eq $_ ? () : "files: " . trees_of($id) } 'local remote info mess';
};

kind('1 sound', \&preprocessed, sub { }, '', $sound);
kind('2 no recipients', \&preprocessed, sub { unlink map { place($_, $_[0]) } qw(local remote) },
    'put aside', $aside);
kind('3 no recipients, a bounce', \&preprocessed,
    sub { unlink map { place($_, $_[0]) } qw(local remote); put('bounce', $_[0], "x:\nNo.\n\n") },
    '', sub { trees_of($_[0]) eq 'bounce info mess' ? () : trees_of($_[0]) });
kind('4 no info, no log', \&preprocessed, sub { unlink place('info', $_[0]) }, 'put aside', $aside);
kind('4 no info, a log', \&preprocessed, sub { unlink place('info', $_[0]) }, 'held', sub {
        my ($id) = @_;
        return $held->($id),
            records('info', $id) eq "Fanna\@log.example|" ? () : records('info', $id);
    }, '--log', $log);
kind('5 a bounce alone', \&message, sub { put('bounce', $_[0], "x:\nNo.\n\n") }, 'put aside',
    sub { -e place('bounce', $_[0]) ? 'bounce is there' : (), lost() == 1 ? () : 'not in lost/' });
kind('6 a bounce of a new message', \&new, sub { put('bounce', $_[0], "x:\nNo.\n\n") },
    'put aside',
    sub { trees_of($_[0]) eq 'todo intd mess' || trees_of($_[0]) eq 'info todo intd mess'
            ? () : trees_of($_[0]) });
kind('7 no mess', \&preprocessed, sub { unlink place('mess', $_[0]) }, 'put aside',
    sub { $aside->(@_), read_file("$T/out") =~ /anna\@x\.example.*dora\@far\.example/ ? ()
            : 'sender and recipients are not said' });
kind('8 info alone', \&preprocessed,
    sub { unlink map { place($_, $_[0]) } qw(mess local remote) }, 'put aside', $aside);
kind('9 todo alone', \&new, sub { unlink place('mess', $_[0]) }, 'put aside', $aside);
kind('10 new', \&new, sub { unlink place('intd', $_[0]) }, '',
    sub { trees_of($_[0]) eq 'todo mess' ? () : trees_of($_[0]) });
kind('11 new, with remains of an interrupted preprocessing', \&new,
    sub { put('info', $_[0], ''); put('local', $_[0], 'T') }, '',
    sub { trees_of($_[0]) eq 'local info todo intd mess' ? () : trees_of($_[0]) });
kind('12 being written', \&new, sub { unlink place('todo', $_[0]) }, '',
    sub { trees_of($_[0]) eq 'intd mess' ? () : trees_of($_[0]) });
kind('13 todo with an unknown letter', \&new, sub {
        put('todo', $_[0], "u0\0p7\0Fanna\@x.example\0Dbob\@x.example\0Tdora\@far.example\0")
    }, 'held', sub { $held->(@_), records('todo', $_[0]) eq
            'u0|p7|Fanna@x.example|ubob@x.example|Tdora@far.example|' ? ()
            : records('todo', $_[0]) });
kind('14 todo cut, an address that looks whole', \&new,
    sub { put('todo', $_[0], "u0\0p7\0Fanna\@x.example\0Tdora\@far.example") }, 'held',
    sub { $held->(@_), records('todo', $_[0]) eq 'u0|p7|Fanna@x.example|Tdora@far.example|' ? ()
            : records('todo', $_[0]) });
kind('14 todo cut, one that does not', \&new,
    sub { put('todo', $_[0], "u0\0p7\0Fanna\@x.example\0Tdora\@fa") }, 'put aside', $aside);
kind('15 todo empty', \&new, sub { put('todo', $_[0], '') }, 'put aside', $aside);
kind('16 info empty', \&preprocessed, sub { put('info', $_[0], '') }, 'put aside', $aside);
kind('28 info without NUL, a log', \&preprocessed, sub { put('info', $_[0], 'Fann') }, 'held',
    sub { $held->(@_),
        records('info', $_[0]) eq 'Fanna@log.example|' ? () : records('info', $_[0]) },
    '--log', $log);
kind('17 recipients empty', \&preprocessed,
    sub { put('local', $_[0], ''); unlink place('remote', $_[0]) }, 'put aside', $aside);
kind('17 one file of two empty', \&preprocessed, sub { put('local', $_[0], '') }, 'held',
    sub { $held->(@_), trees_of($_[0]) eq 'remote info mess' ? () : trees_of($_[0]) });
kind('18 recipients with an unknown letter', \&preprocessed,
    sub { put('remote', $_[0], "Xdora\@far.example\0") }, 'held', $held);
kind('18 of what is over', \&preprocessed, sub {
        put('remote', $_[0], "Xdora\@far.example\0");
        chown $qmails, $group, place('mess', $_[0]);
    }, '', sub { owner('mess', $_[0]) eq $qmails ? () : 'it is not over any more' });
kind('18 in a copy of which all is root\'s, --owners', \&preprocessed, sub {
        put('remote', $_[0], "Xdora\@far.example\0");
        chown 0, $group, glob "$queue/mess/*/*";
    }, '', $held, '--owners');
kind('19 recipients cut', \&preprocessed,
    sub { put('remote', $_[0], "Dx\@y.example\0Tdora\@far.example") },
    'held', sub { $held->(@_), records('remote', $_[0]) eq 'Dx@y.example|Tdora@far.example|' ? ()
            : records('remote', $_[0]) });
kind('21 mess in the wrong directory', \&preprocessed, sub { moved('mess', $_[0]) }, '', $sound);
kind('21 info in the wrong directory', \&preprocessed, sub { moved('info', $_[0]) }, '', $sound);
kind('25 recipients in the wrong directory', \&preprocessed,
    sub { moved('remote', $_[0]) }, '', $sound);
kind('22 mess of root: a hold', \&preprocessed, sub { chown 0, $group, place('mess', $_[0]) }, '',
    sub { $sound->(@_), $held->(@_) });
kind('22 mess of somebody else', \&preprocessed,
    sub { chown 64099, $group, place('mess', $_[0]) }, '',
    sub { owner('mess', $_[0]) == 64099 ? () : owner('mess', $_[0]) });
kind('22 mess of somebody else, --owners', \&preprocessed,
    sub { chown 64099, $group, place('mess', $_[0]) }, '',
    sub { owner('mess', $_[0]) == $qmailq ? () : owner('mess', $_[0]) }, '--owners');
kind('23 info and recipients of root', \&preprocessed,
    sub { chown 0, 0, map { place($_, $_[0]) } qw(info local) }, '',
    sub { $sound->(@_),
        map { owner($_, $_[0]) == $qmails ? () : "$_: " . owner($_, $_[0]) } qw(info local) });
kind('29 mess that not all can read', \&preprocessed, sub { chmod 0600, place('mess', $_[0]) }, '',
    sub { $sound->(@_), ((lstat place('mess', $_[0]))[2] & 0777) == 0644 ? () : 'mode' });
kind('26 a name that is no number', \&preprocessed,
    sub { write_file("$queue/info/0/notes", 'x') }, '',
    sub { $sound->(@_), -e "$queue/info/0/notes" ? () : 'it is gone' });
kind('27 a directory is missing', \&preprocessed,
    sub { rmdir grep { !glob "$_/*" } map { "$queue/info/$_" } 0 .. 2 }, '',
    sub { $sound->(@_), wrong($queue, split => $split) });
kind('27 a tree is missing', \&message,
    sub { system('rm', '-rf', "$queue/bounce", "$queue/todo") }, '',
    sub { wrong($queue, split => $split) });
kind('31 no trigger', \&preprocessed, sub { unlink "$queue/lock/trigger" }, '',
    sub { -p "$queue/lock/trigger" ? () : 'none' });
kind('32 the trigger is a file', \&preprocessed,
    sub { unlink "$queue/lock/trigger"; write_file("$queue/lock/trigger", '') }, '',
    sub { -p "$queue/lock/trigger" ? () : 'none' });
kind('lock/ is a link', \&preprocessed,
    sub { system('rm', '-rf', "$queue/lock"); symlink $T, "$queue/lock" or die }, '',
    sub {
        my ($id, $said) = @_;
        return ((-p "$queue/lock/trigger" ? () : 'none'),
            map { $said =~ m{^qq-fix: .* \Q$_\E$}m ? () : "unsaid: $said" } glob "$queue/lost/*");
    });
kind('33 no sendmutex', \&preprocessed, sub { unlink "$queue/lock/sendmutex" }, '',
    sub { my @s = lstat "$queue/lock/sendmutex"; @s && $s[4] == $qmails ? () : 'none' });
kind('34 no tcpto', \&preprocessed, sub { unlink "$queue/lock/tcpto" }, '',
    sub { -s "$queue/lock/tcpto" == 1024 ? () : 'none' });
kind('35 tcpto empty', \&preprocessed, sub { truncate "$queue/lock/tcpto", 0 }, '',
    sub { -s "$queue/lock/tcpto" == 1024 ? () : 'size' });
kind('no lock/', \&preprocessed, sub { system('rm', '-rf', "$queue/lock") }, '',
    sub { -p "$queue/lock/trigger" && -s "$queue/lock/tcpto" == 1024 ? () : 'not made' });

sub moved {
    my ($tree, $id) = @_;
    rename place($tree, $id), "$queue/$tree/" . ($id + 1) % $split . "/$id" or die;
}
write_file($log, map { "\@400000006560000000000000 $_\n" } 'new msg 5',
    'info msg 5: bytes ' . length($body) . ' from <anna@log.example> qp 4711 uid 0');

for (@kinds) {
    my ($name, $make, $damage, $word, $is, @options) = @$_;
    fresh();
    my @others = (preprocessed(), new());
    my $id = $make->();
    $damage->($id);
    my $before = contents($queue);
    my @bad;
    my ($code, $out, $said) = fix('--dry-run', @options);
    push @bad, "--dry-run: $code: $said" if $code != ($word ? 1 : 0);
    my ($dry) = $out =~ /^\d+[^:]*: (\w[\w ]*):/ ? $1 : '';
    push @bad, "--dry-run says '$dry'" if $dry ne $word;
    push @bad, compare('--dry-run', $before, contents($queue));
    ($code, $out, $said) = fix(@options);
    push @bad, "exit code $code: $said" if $code != ($word ? 1 : 0);
    my ($done) = $out =~ /^$id[^:]*: (\w[\w ]*):/ ? $1 : '';
    push @bad, "it says '$done': $out" if $done ne $word;
    push @bad, $is->($id, $said);
    my $all = join "\n", sort map { s/\n.*//sr } values %{ contents($queue) };
    push @bad, map { trees_of($_) =~ /mess$/ && owner('mess', $_) == $qmailq ? ()
            : "another one: " . trees_of($_) }
        @others;
    # What is left waits for somebody to decide; qq-fix can do no more.
    push @bad, grep { /qq-fix/ || ($word ne 'held' && $name !~ /^(?:18|26) /) } checked()
        if $name ne '22 mess of somebody else';
    # The same again has nothing to do.
    $before = contents($queue);
    ($code, $out, $said) = fix(@options);
    push @bad, compare('again', $before, contents($queue));
    push @bad, "again: exit code $code: $out$said" if $code || $out;
    push @bad, '.fix is there' if -e "$queue/.fix";
    ok($name, @bad);
}

# ---- for other programs ----
{
    fresh();
    my ($aside, $held) = (preprocessed(), preprocessed());
    unlink place('info', $aside);
    put('remote', $held, "Tx\tx\@y.example\0Xdora\@far.example\0");
    my ($code, $out, $said) = fix('--dry-run', '--json');
    my @objects = map { JSON::PP->new->decode($_) } split /\n/, $out;
    my %of = map { $_->{id} => $_ } @objects;
    my @bad = ($code == 1 && @objects == 2 ? () : "exit code $code: $out$said",
        $of{$aside}{done} eq 'put aside' ? () : $out, $of{$held}{done} eq 'held' ? () : $out);
    my @titles = qw(id number done text);
    my $expected = join '', map { "$_\n" } join("\t", @titles), map {
        my $o = $_;
        join "\t", map { ($o->{$_} // '') =~ s/\t/\\t/gr } @titles
    } @objects;
    ($code, $out, $said) = fix('--dry-run', '--tsv');
    push @bad, "--tsv: exit code $code: $said" if $code != 1;
    push @bad, "--tsv says\n$out, --json\n$expected" if $out ne $expected;
    ($code, $out, $said) = fix('--json', '--tsv');
    push @bad, "both: exit code $code" if $code != 100 || $out;
    ok('--json, and --tsv says what it says', @bad);
}

# ---- copies of which no number is right ----
for ([23, 0], [7, 1]) {
    my ($n, $is_big) = @$_;
    my $count = $ENV{MESSAGES} // 600;
    my @options = ('--split', $n, '--new', 30, '--bounces', 20, '--suppl', 1);
    push @options, '--bigtodo' if $is_big;
    $queue = restored('restored', $count, @options);
    my $before = contents($queue);
    my @bad = wrong($queue, split => $n, big_todo => $is_big) ? () : 'nothing was wrong';
    my ($code, $out, $said) = fix();
    push @bad, "exit code $code: $out$said" if $code;
    push @bad, wrong($queue, split => $n, big_todo => $is_big),
        compare('mended', $before, contents($queue)), checked();
    ($code, $out, $said) = fix('--split', 5, $is_big ? '--no-big-todo' : '--big-todo');
    push @bad, "another layout: exit code $code: $out$said" if $code;
    push @bad, wrong($queue, split => 5, big_todo => !$is_big),
        compare('another layout', $before, contents($queue)), checked();
    push @bad, 'something is in lost/' if -e "$queue/lost";
    ok("$count messages, no number right: @options", @bad);
    system('rm', '-rf', $queue);
}

# ---- several runs in one second ----
# Whatever has the name of this second in lost/ already: the queue is mended, and open.
{
    fresh();
    my ($id, $other) = map { preprocessed() } 1 .. 2;
    unlink place('mess', $_) for $id, $other;
    mkdir "$queue/lost" or die;
    my @names = map { POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time + $_)) } 0 .. 60;
    for (@names) { mkdir "$queue/lost/$_" or die; write_file("$queue/lost/$_/before", 'x') }
    for (map { "$_.2" } @names) { write_file("$queue/lost/$_", 'a file') }
    my ($code, $out, $said) = fix();
    my ($place) = $said =~ m{(\Q$queue\E/lost/\S+Z\.3)};
    ok('the name of this second is taken in lost/', $code == 1 ? () : "exit code $code: $said",
        $place && -e "$place/report" ? () : "not told where it is: $said",
        @names == grep({ -e "$queue/lost/$_/before" } @names) ? () : 'what was there is gone',
        checked());
    system('rm', '-rf', $queue);
}

# ---- killed after the new trees are ready ----
# The report is on the disk by then; who is run again says that something is in lost/.
if (system('strace -o /dev/null true 2>/dev/null')) {
    skip('killed, and what was put aside is reported', 'no strace(1) that may trace')
}
else {
    my ($n, @bad, $closed) = (0);
    for my $code (137) {
        fresh();
        my ($id, $other) = map { preprocessed() } 1 .. 6;
        unlink place('mess', $id);
        moved('mess', $other);
        my $pid = start(undef, "$T/out", "$T/said", 'strace', '-o', '/dev/null', '-e',
            'inject=renameat:signal=KILL:when=' . ++$n, "$bin/qq-fix", '--queue', $queue, '--home',
            $T);
        my $killed = ended($pid) // 'none';
        $closed += !((stat $queue)[2] & 07777);
        my ($again, $out, $said) = $killed == 1 ? (1, '', 'is in') : fix();
        my ($report) = glob "$queue/lost/*/report";
        push @bad, "rename $n: no report of it: $said"
            if !$report || read_file($report) !~ /^$id: put aside: /m;
        push @bad, "rename $n: exit code $again: $said" if $again != ($said =~ /is in/);
        redo if $killed != 1 && $n < 40;
        push @bad, "ended with $killed" if $killed != 1;
    }
    ok('killed at each rename, what was put aside is reported', @bad,
        $closed ? () : 'it was never closed');
}

# ---- what root puts into the closed queue ----
# Stopped at its first call of that kind; what it does behind a file that comes into an old tree.
sub stopped_at {
    my ($call, $file) = @_;
    write_file("$T/trace", '');
    my $pid = start(undef, "$T/out", "$T/said", 'strace', '-f', '-o', "$T/trace", '-e',
        "trace=execve,$call", '-e', "inject=$call:signal=STOP:when=1", "$bin/qq-fix", '--queue',
        $queue, '--home', $T);
    wait_for("$T/trace", 'stopped by SIGSTOP') or die "qq-fix does not come to $call\n";
    write_file("$queue/$file", $body);
    my ($fix) = read_file("$T/trace") =~ /^(\d+) / or die;
    kill 'CONT', $fix;
    my $code = ended($pid) // die "qq-fix does not end\n";
    return ($code, read_file("$T/said"));
}
if (system('strace -o /dev/null true 2>/dev/null')) {
    skip('what comes into an old tree', 'no strace(1) that may trace')
}
else {
    spoilt();
    my ($code, $said) = stopped_at('linkat', 'info/1/late');
    ok('what comes into an old tree while it is looked at', $code == 111 ? () : "exit code $code",
        $said =~ /has changed while it was looked at; the queue is as it was$/ ? () : $said,
        -e "$queue/info/1/late" ? () : 'it is not there', -e "$queue/.fix" ? '.fix is there' : ());
    unlink "$queue/info/1/late";
    ($code, $said) = stopped_at('syncfs', 'info/1/late');
    ok('what comes into an old tree when the new ones are whole',
        $code > 1 ? "exit code $code: $said" : (), join(' ', lost()) eq 'info/1/late' ? ()
            : 'in lost: ' . join(' ', lost()), checked(), wrong($queue, split => $split));
}

# ---- what is refused, and nothing done ----
for my $create ([], ['--create']) {
    my @bad;
    for my $n (0, 100001, 5000000000) {
        my ($code, $out, $said) = fix(@$create, '--split', $n);
        push @bad, "$n: $code: $said"
            if $code != 100 || $said !~ /"$n" given, expected a number from 1 to 100000$/m;
    }
    ok("no split: @$create", @bad);
}
sub refused {
    my ($name, $pattern, @options) = @_;
    my $before = contents($queue);
    my $mode = (stat $queue)[2];
    my ($code, $out, $said) = fix(@options);
    my @bad = compare('refused', $before, contents($queue));
    push @bad, "exit code $code" if $code != 111;
    push @bad, "it says: $said" if $said !~ $pattern;
    push @bad, 'the mode has changed' if (stat $queue)[2] != $mode;
    push @bad, '.fix is there' if -e "$queue/.fix";
    return map { "$name: $_" } @bad;
}
sub spoilt_not { fresh(); return map { preprocessed() } 1 .. 3 }
sub spoilt { fresh(); my @ids = map { preprocessed() } 1 .. 6; moved('mess', $ids[0]); return @ids }

my @ids = spoilt();
system('cp', '-a', place('info', $ids[1]), "$queue/info/" . ($ids[1] + 1) % $split . "/$ids[1]");
ok('two files of one name', refused('refused', qr{info/\d/$ids[1] and info/\d/$ids[1]}));

spoilt();
rename "$queue/bounce", "$T/bounce" or die;
symlink "$T/bounce", "$queue/bounce" or die;
ok('a tree that is a link', refused('refused', qr{/bounce: }));
system('rm', '-rf', "$T/bounce");

my @bad_lost;
for my $make (sub { symlink $T, "$queue/lost" }, sub { write_file("$queue/lost", '') }) {
    spoilt();
    $make->();
    push @bad_lost, refused('refused', qr{/queue/lost: Not a directory; the queue is as it was});
}
ok('what is called lost, and is no directory', @bad_lost);

if (system('unshare -m true 2>/dev/null')) {
    skip('a tree of its own mount', 'no mounts of its own')
}
else {
    spoilt();
    mkdir "$T/other";
    my @bad;
    for my $mount ('-t tmpfs none', "--bind '$T/other'") {
        my $pid = start(undef, "$T/out", "$T/said", 'unshare', '-m', 'sh', '-c',
            "mount $mount '$queue/bounce' && '$bin/qq-fix' --queue '$queue' --home '$T'");
        my $code = ended($pid);
        my $said = read_file("$T/said");
        push @bad, "mount $mount: $code: $said" if $code != 111 || $said !~ /bounce: is a mount/;
        push @bad, 'closed' if !((stat $queue)[2] & 07777) || -e "$queue/.fix";
    }
    ok('a tree of its own mount', @bad);
    spoilt();
    mkdir "$queue/lost" or die;
    my $pid = start(undef, "$T/out", "$T/said", 'unshare', '-m', 'sh', '-c',
        "mount -t tmpfs none '$queue/lost' && '$bin/qq-fix' --queue '$queue' --home '$T'");
    my $code = ended($pid);
    ok('lost/ of its own mount', $code == 111
            && read_file("$T/said") =~ m{/lost: .*cross-device.*; the queue is as it was$}m ? ()
            : "$code: " . read_file("$T/said"),
        -e "$queue/.fix" ? '.fix is there' : ());
    # Another file system that is no mount, as a subvolume: the kernel says nothing but its device.
    if (system('strace -o /dev/null true 2>/dev/null')) {
        skip('a tree of another file system', 'no strace(1) that may trace')
    }
    else {
        $pid = start(undef, "$T/out", "$T/said", 'unshare', '-m', 'sh', '-c',
            "mount -t tmpfs none '$queue/bounce' && strace -f -o /dev/null -e "
                . "inject=statx:error=ENOSYS '$bin/qq-fix' --queue '$queue' --home '$T'");
        $code = ended($pid);
        my $said = read_file("$T/said");
        ok('a tree of another file system',
            $code == 111 && $said =~ /bounce: is a mount/ ? () : "$code: $said",
            -e "$queue/.fix" ? '.fix is there' : ());
    }
}

# What has another name may be anybody's file, and keeps its owner and mode.
my @linked;
for (['mess', sub { chmod 0600, $_[1] }], ['info', sub { chown 0, 0, $_[1] }],
    ['mess', sub { put('local', $_[0], 'Tbob@local.example') }],
    ['info', sub { put('local', $_[0], 'Tbob@local.example') }]) {
    my ($tree, $damage) = @$_;
    my ($id) = spoilt_not();
    my $file = place($tree, $id);
    $damage->($id, $file);
    link $file, "$T/another" or die;
    my @is = (lstat $file)[2, 4, 5, 9];
    my ($code, $out, $said) = fix();
    push @linked, "$tree: exit code $code: $said"
        if $code != 111 || $said !~ /message $id: Too many links/;
    push @linked, "$tree: is @{[(lstat \"$T/another\")[2, 4, 5, 9]]}, was @is"
        if "@{[(lstat \"$T/another\")[2, 4, 5, 9]]}" ne "@is";
    unlink "$T/another";
}
ok('a file that has another name', @linked);

# Somebody who reads the trigger and has the mutex; then with the mutex alone.
@ids = spoilt();
sub beside {
    my ($code) = @_;
    my $pid = fork // die;
    if (!$pid) {
        $code->();
        write_file("$T/ready", '');
        sleep 0.05 while kill 0, getppid;
        POSIX::_exit(0);
    }
    sleep 0.01 until -e "$T/ready";
    unlink "$T/ready";
    return $pid;
}
sub end_of { my ($pid) = @_; kill 'KILL', $pid; waitpid $pid, 0 }
my $beside = beside(sub {
    sysopen our $trigger, "$queue/lock/trigger", O_RDWR or die;
    sysopen our $mutex, "$queue/lock/sendmutex", O_WRONLY or die;
    flock $mutex, LOCK_EX or die;
});
ok('qmail-send runs', refused('refused', qr/qmail-send runs/));
end_of($beside);
$beside = beside(sub { open our $info, '<', "$queue/info" or die; flock $info, LOCK_EX or die });
ok('another program changes the queue',
    refused('refused', qr/waiting for process $beside.*is changing this queue/s, '--timeout',
        '1s'));
ok('another program changes the queue, and is not waited for',
    refused('refused', qr/^qq-fix: fatal: .*info is locked: process $beside is changing/,
        '--timeout', '0s'));
end_of($beside);

# ---- a qmail-queue whose body is still coming ----
# One that works elsewhere is known by the file that it has open.
@ids = spoilt();
my @unseen;
for my $file ('pid/77.1.1', 'mess/1/new', 'intd/77') {
    write_file("$queue/$file", $body);
    $beside = beside(sub { open our $f, '>>', "$queue/$file" or die });
    push @unseen, refused($file, qr/a process has a message of .* open/, '--split', 5,
        '--timeout', '1s');
    end_of($beside);
    unlink "$queue/$file";
}
ok('another layout, while a process has a message open', @unseen);

# It has its working directory in the queue, its file in pid/ or mess/ open, and goes on when told.
sub injecting {
    return beside(sub {
        chdir $queue or die;
        open my $f, '>', 'pid/77.1.1' or die;
        syswrite $f, $body;
        my $id = (stat $f)[1];
        write_file("$T/id", $id);
        chown $qmailq, $group, 'pid/77.1.1';
        link 'pid/77.1.1', 'mess/' . $id % $split . "/$id" or die;
        unlink 'pid/77.1.1';
        $SIG{USR1} = sub {
            my $done = 0;
            if (open my $intd, '>', "intd/$id") {
                print $intd "u0\0p7\0Feve\@x.example\0Tbob\@x.example\0";
                close $intd;
                chown $qmailq, $group, "intd/$id";
                $done = link "intd/$id", "todo/$id";
            }
            write_file("$T/done", $done);
        };
    });
}
@ids = spoilt();
$beside = injecting();
ok('another layout, while a message comes in',
    refused('refused', qr/process $beside .* works in/, '--split', 5, '--timeout', '1s'));
{
    my ($code, $out, $said) = fix();
    my @bad = $code ? "exit code $code: $said" : ();
    kill 'USR1', $beside;
    sleep 0.01 until -s "$T/done";
    my $id = read_file("$T/id");
    push @bad, 'it could not end' if !read_file("$T/done");
    push @bad, trees_of($id) if trees_of($id) ne 'todo intd mess';
    push @bad, wrong($queue, split => $split), checked();
    ok('the same layout: it comes in where qmail-send finds it', @bad);
}
end_of($beside);
{
    my ($code, $out, $said) = fix('--split', 5);
    ok('and now the other one', $code ? "exit code $code: $said" : (), wrong($queue, split => 5));
}

# ---- who waits for the lock of what is info/ no more ----
@ids = spoilt();
$beside = beside(sub { open our $info, '<', "$queue/info" or die; flock $info, LOCK_EX or die });
{
    my $pid = start(undef, "$T/out", "$T/said", "$bin/qq-hold", '--queue', $queue, '--home', $T,
        $ids[2]);
    sleep 0.01 until read_file("$T/said") =~ /waiting for process/;
    rename "$queue/info", "$T/info" or die;
    system('cp', '-a', "$T/info", "$queue/info");
    end_of($beside);
    my $code = ended($pid);
    my $said = read_file("$T/said");
    ok('who waited for the lock of the old info/', $code == 111 ? () : "exit code $code",
        $said =~ /has been rebuilt meanwhile/ ? () : $said,
        owner('mess', $ids[2]) == $qmailq ? () : 'it is held');
    system('rm', '-rf', "$T/info");
}

# ---- who reads meanwhile ----
sub until_asleep {
    my ($pid) = @_;
    for (my $asleep = 0; $asleep < 3; sleep 0.05) {
        my $is_open = grep { (readlink // '') eq $queue } glob "/proc/$pid/fd/*";
        $asleep = $is_open && read_file("/proc/$pid/stat") =~ /\) S/ ? $asleep + 1 : 0;
    }
}
# It has the queue open, and waits for ids, when the queue is rebuilt, or closed.
for my $meanwhile (['has been rebuilt meanwhile: run it again', sub { fix('--split', 5) }],
    ['is closed .*qq-fix', sub { chmod 0, $queue }]) {
    my ($says, $act) = @$meanwhile;
    my @bad;
    for (['qq-list'], ['qq-grep', '--from', 'anna'], ['qq-show'], ['qq-show', '-l'],
        ['qq-show', '--json'], ['qq-stat'], ['qq-stat', '--by', 'from'],
        ['qq-bounces', '--reasons'], ['qq-why', '--log', '/dev/null'], ['qq-cat', undef]) {
        my ($program, @arguments) = @$_;
        push @arguments, '-' if !@arguments || defined $arguments[-1];
        pop @arguments if !defined $arguments[-1];
        my ($id) = spoilt();
        fix();
        ($id) = map { m{/(\d+)$} } glob "$queue/mess/*/*";
        unlink "$T/ids";
        POSIX::mkfifo("$T/ids", 0600) or die;
        my $pid = start("$T/ids", "$T/read", "$T/complaint", "$bin/$program", '--queue', $queue,
            '--home', $T, @arguments);
        open my $ids, '>', "$T/ids" or die;
        until_asleep($pid);
        $act->();
        print $ids "$id\n";
        close $ids;
        my $code = ended($pid);
        my $said = read_file("$T/complaint");
        push @bad, "$program @arguments: exit code $code: $said"
            if $code != 111 || $said !~ /^$program: fatal: .*$says.*\n\z/;
        chmod 0750, $queue;
    }
    ok("a reader whose queue $says", @bad);
}

# qq-check, which stands still because nobody reads what it has found.
for my $meanwhile (['has been rebuilt meanwhile: run it again', sub { fix('--split', 5) }],
    ['is closed .*qq-fix', sub { chmod 0, $queue }]) {
    my ($says, $act) = @$meanwhile;
    spoilt();
    write_file("$queue/info/1/note$_", '') for 1 .. 2000;
    unlink "$T/found";
    POSIX::mkfifo("$T/found", 0600) or die;
    sysopen my $found, "$T/found", O_RDONLY | O_NONBLOCK or die;
    my $pid = start(undef, "$T/found", "$T/complaint", "$bin/qq-check", '--queue', $queue, '--home',
        $T);
    until_asleep($pid);
    $act->();
    fcntl $found, F_SETFL, 0 or die;
    1 while sysread $found, my $bytes, 65536;
    my $code = ended($pid);
    my $said = read_file("$T/complaint");
    ok("qq-check of a queue that $says",
        $code == 111 && $said =~ /^qq-check: fatal: .*$says.*\n\z/ ? () : "exit code $code: $said");
    chmod 0750, $queue;
}

# What stands still behind one of its system calls, as one that is stopped does.
if (system('strace -D -o /dev/null true 2>/dev/null')) {
    skip('stopped at a system call', 'no strace(1) that may trace')
}
else {
    my $stopped = sub {
        my ($call, $n, $program, @arguments) = @_;
        my $pid = start(undef, "$T/read", "$T/complaint", 'strace', '-D', '-o', "$T/trace", '-e',
            "trace=$call", '-e', "inject=$call:signal=STOP:when=$n", "$bin/$program", '--queue',
            $queue, '--home', $T, @arguments);
        for (my $still = 0; $still < 3 && !defined(ended($pid, 0)); sleep 0.05) {
            $still = read_file("/proc/$pid/stat") =~ /\($program\) [tT]/ ? $still + 1 : 0;
        }
        return $pid;
    };
    my $calls = sub {
        my ($call, @command) = @_;
        ended(start(undef, "$T/read", undef, 'strace', '-o', "$T/trace", '-e', "trace=$call",
            "$bin/$command[0]", '--queue', $queue, '--home', $T, @command[1 .. $#command]));
        return grep { /^$call\(/ } split /\n/, read_file("$T/trace");
    };
    # A queue that is closed while it is opened.
    spoilt();
    my @opened = $calls->('openat', 'qq-list', '-c');
    my ($mess) = grep { $opened[$_ - 1] =~ /"mess"/ } 1 .. @opened;
    my $pid = $stopped->('openat', $mess, 'qq-list');
    chmod 0, $queue;
    rename "$queue/info", "$T/info" or die;
    kill 'CONT', $pid;
    my $code = ended($pid);
    ok('closed while it is opened',
        $code == 111 && read_file("$T/complaint") =~ /^qq-list: fatal: .* is closed .*qq-fix/ ? ()
            : "exit code $code: " . read_file("$T/complaint"));
    chmod 0750, $queue;
    rename "$T/info", "$queue/info" or die;
    # One that is open again, and .fix is just being taken away.
    fresh();
    preprocessed() for 1 .. 3;
    my @removed = $calls->('unlinkat', 'qq-fix', '--split', 5);
    fresh();
    preprocessed() for 1 .. 3;
    $pid = $stopped->('unlinkat', @removed - 1, 'qq-fix', '--split', 5);
    my @bad = (-e "$queue/.fix" ? () : '.fix is gone', checked());
    kill 'CONT', $pid;
    ended($pid);
    ok('no leavings: .fix while it is taken away', @bad, wrong($queue, split => 5));
    # A qmail-queue that comes in after it was looked for.
    fresh();
    preprocessed() for 1 .. 3;
    $pid = $stopped->('mkdirat', 1, 'qq-fix', '--split', 5, '--timeout', '0s');
    my $injects = beside(sub { chdir $queue or die });
    kill 'CONT', $pid;
    $code = ended($pid);
    ok('a message that comes in right before it is closed',
        $code == 111 && read_file("$T/complaint") =~ /process $injects .* works in/ ? ()
            : "exit code $code: " . read_file("$T/complaint"), wrong($queue, split => 3));
    end_of($injects);
}

# Beside one rebuild after the other: what is answered is right, or that it cannot be answered.
{
    fresh();
    preprocessed() for 1 .. 12;
    my ($id) = map { new() } 1 .. 6;
    my @readers = (['qq-list', '--lines'], ['qq-grep', '--lines', '--from', 'anna'],
        ['qq-show', '--json'], ['qq-stat', '--json'],
        ['qq-cat', '--envelope', $id], ['qq-check']);
    my $answer = sub {
        my ($n) = @_;
        my ($program, @arguments) = @{ $readers[$n] };
        my $code = ended(start(undef, "$T/read.$n", "$T/complaint", "$bin/$program", '--queue',
            $queue, '--home', $T, @arguments));
        my $answer = read_file("$T/read.$n") =~ s/"oldest_age":\d+//r;
        $answer = join "\n", sort split /\n/, $answer;
        return ($code, $answer, read_file("$T/complaint"));
    };
    my @right = map { ($answer->($_))[1] } 0 .. $#readers;
    my $fixing = fork // die;
    if (!$fixing) {
        for (1 .. 30) {
            my ($code, $out, $said) = fix('--split', $_ % 2 ? 5 : 3);
            POSIX::_exit(1) if $code;
        }
        POSIX::_exit(0);
    }
    my @bad;
    for (my $n = 0; !waitpid $fixing, POSIX::WNOHANG(); $n++) {
        my ($code, $answered, $said) = $answer->($n % @readers);
        my $is_refused = $code == 111
            && $said =~ /^[\w-]+: fatal: .*(?:is closed .*qq-fix.*|rebuilt meanwhile: .*)\n\z/;
        push @bad, "$readers[$n % @readers][0]: exit code $code: $said$answered"
            if !$is_refused && ($code || $said || $answered ne $right[$n % @readers]);
    }
    push @bad, 'a rebuild failed: ' . read_file("$T/said") if $?;
    ok('readers beside one rebuild after the other', @bad);
}

# ---- a closed queue ----
@ids = spoilt();
chmod 0, $queue or die;
my @closed;
for (
    ['qq-list'], ['qq-grep', '--from', 'x'], ['qq-show'], ['qq-stat'], ['qq-bounces'], ['qq-why'],
    ['qq-cat', $ids[2]], ['qq-rm', $ids[2]], ['qq-hold', $ids[2]], ['qq-release', $ids[2]],
    ['qq-expire', $ids[2]], ['qq-check'], ['qq-fix', '--dry-run']
) {
    my ($program, @arguments) = @$_;
    my $code = ended(start(undef, "$T/out", "$T/said", "$bin/$program", '--queue', $queue, '--home',
        $T, @arguments));
    my $said = read_file("$T/said");
    push @closed, "$program: $code: $said" if $code != 111 || $said !~ /qq-fix/ || -s "$T/out";
}
ok('a closed queue is left alone, and qq-fix is named', @closed);
{
    my ($code, $out, $said) = fix();
    ok('one that somebody has closed by hand is opened', $code ? "exit code $code: $said" : (),
        wrong($queue, split => $split));
}

# Killed before .fix had got its mode.
fresh();
preprocessed();
mkdir "$queue/.fix", 0700 or die;
{
    my ($code, $out, $said) = fix();
    ok('one that was about to be closed keeps its mode', $code ? "exit code $code: $said" : (),
        wrong($queue, split => $split));
}

# ---- what is held already ----
# Its birth says since when, and its mode how far a removal has come.
{
    my ($id) = spoilt_not();
    put('local', $id, 'Tbob@local.example');
    chown 0, $group, place('mess', $id);
    chmod 0555, place('mess', $id);
    my @is = ((lstat place('mess', $id))[2], (lstat place('info', $id))[9]);
    my ($code, $out, $said) = fix();
    my @now = ((lstat place('mess', $id))[2], (lstat place('info', $id))[9]);
    ok('what is held stays as it is held', $code == 1 ? () : "exit code $code: $said",
        $out =~ /^$id: held: / ? () : $out, "@is" eq "@now" ? () : "was @is, is @now");
}

# ---- owners ----
fresh();
@ids = map { preprocessed() } 1 .. 8;
my @new = map { new() } 1 .. 2;
ended(start(undef, "$T/out", "$T/said", "$bin/qq-hold", '--queue', $queue, '--home', $T, $ids[0],
    $new[0]));
chown 0, $group, map { place('mess', $_) } @ids[1, 2, 3];
chmod 0444, place('mess', $ids[1]);
chown 64099, $group, place('mess', $ids[5]);            # and born later, as if it were held
utime time, time, place('info', $ids[5]);
chown $qmails, $group, place('mess', $ids[6]);
chown 0, $group, place('mess', $ids[7]);
chmod 0400, place('info', $ids[7]);
chmod 0555, place('mess', $ids[2]);
chown 0, 0, "$queue/local", "$queue/local/1", "$queue/lock", map { place('remote', $_) } @ids;
chmod 0755, "$queue/intd";
{
    my ($code, $out, $said) = fix('--owners');
    my @bad = $code ? "exit code $code: $said" : ();
    push @bad, "the hold: " . owner('mess', $ids[0]) if owner('mess', $ids[0]);
    push @bad, "the hold of a new one: " . owner('mess', $new[0]) if owner('mess', $new[0]);
    push @bad, "a removal that has begun: " . owner('mess', $ids[1]) if owner('mess', $ids[1]);
    push @bad, "a removal under way: " . owner('mess', $ids[2]) if owner('mess', $ids[2]);
    push @bad, 'modes' if ((stat place('mess', $ids[1]))[2] & 0777) != 0444
        || ((stat place('mess', $ids[2]))[2] & 0777) != 0555;
    push @bad, "what was root's only: " . owner('mess', $ids[3])
        if owner('mess', $ids[3]) != $qmailq;
    push @bad, "what was somebody else's: " . owner('mess', $ids[5])
        if owner('mess', $ids[5]) != $qmailq;
    push @bad, "what is over: " . owner('mess', $ids[6]) if owner('mess', $ids[6]) != $qmails;
    push @bad, "another server's double bounce: " . owner('mess', $ids[7])
        if owner('mess', $ids[7]);
    push @bad, "it says: $said" if $said !~ /5 left as they are/ || $said !~ /2 given to qmailq/;
    push @bad, checked();
    ok('--owners: a hold, removals that were interrupted', @bad);
}

# ---- an empty queue ----
$queue = "$T/empty/queue";
mkdir "$T/empty";
{
    my $code = ended(start(undef, "$T/out", "$T/said", "$bin/qq-fix", '--create', '--queue', $queue,
        '--home', "$T/empty"));
    my @users = grep { !getpwnam $_ } qw(qmailq qmails qmailr);
    if (@users) {
        ok('--create: without users of qmail', $code == 100 ? () : "exit code $code",
            read_file("$T/said") =~ /there are no users qmailq/ ? () : read_file("$T/said"),
            glob("$T/empty/* $T/empty/.[a-z]*") ? 'something is there' : ());
    }
    elsif (system('unshare -m true 2>/dev/null')) { skip('--create', 'no mounts of its own') }
    else {
        my @bad = ($code ? "exit code $code: " . read_file("$T/said") : (), checked());
        mkdir "$T/mounted";
        mkdir "$T/mounted/queue";
        $code = ended(start(undef, "$T/out", "$T/said", 'unshare', '-m', 'sh', '-c',
            "mount -t tmpfs none '$T/mounted/queue' && "
                . "'$bin/qq-fix' --create --home '$T/mounted'"));
        push @bad, "a mount point: $code: " . read_file("$T/said")
            if $code != 111 || read_file("$T/said") !~ m{/queue: it is a mount point};
        ok('--create', @bad);
    }
}
finish();
