#!/usr/bin/perl
# move.t - qq-save and qq-load: what one queue had, another has, beside a running qmail-send (the
# model): once, whatever is cut off, killed or given again.
#
#   CALLS=all    qq-load is killed at every system call, and each fails; CALLS=N: at every N-th
#   SEED=N       which of them (1)

use strict;
use warnings;
use Cwd qw(abs_path);
use Fcntl qw(:flock);
use File::Basename qw(dirname);
use JSON::PP;
use Time::Local;
use Time::HiRes qw(sleep time utime);
require(abs_path(dirname(__FILE__)) . '/model.pl');
our ($is_asan, $root, $T, $tools, $build);

if (!$root) {
    if (($ENV{CI} // '') eq 'true') { ok('moving mail', 'needs root'); finish() }
    skip_all('needs root')
}
our $bin = $ENV{BIN} // "$build/bin";
my $has_strace =
    !system 'strace -o /dev/null -e inject=linkat:signal=KILL:when=9 true 2>/dev/null';
$ENV{LC_ALL} = 'C';
my ($qmailq, $qmails, $group) = (64011, 64015, 64010);

# ---- homes ----
sub make_home {
    my ($name, $count, @options) = @_;
    my $home = "$T/$name";
    mkdir $home or die;
    mkdir "$home/control" or die;
    system("$tools/mkqueue", "$home/queue", $count, @options, '--qmailq', $qmailq, '--qmails',
        $qmails, '--qmailr', 64014, '--group', $group) == 0 or die "mkqueue failed\n";
    write_file("$home/control/$_->[0]", "$_->[1]\n") for ['me', 'local.example'],
        ['queuelifetime', 100000000], ['locals', 'local.example'];
    return $home
}

# Runs a program; returns its exit code, what it printed, and what it said.
sub run_program {
    my ($input, @command) = @_;
    my $pid = start($input, "$T/out", "$T/said", @command);
    my $code = ended($pid, 120) // die "@command: does not end\n";
    return ($code, read_file("$T/out"), read_file("$T/said"))
}

sub listing {
    my ($home) = @_;
    my ($code, $out, $said) = run_program(undef, "$bin/qq-show", '--json', '--home', $home);
    die "qq-show: $said" if $code;
    return map { decode_json($_) } split /\n/, $out
}

# The control files by which recipients in the local channel became what they are.
sub write_control {
    my ($home) = @_;
    my (%locals, %virtual);
    for my $r (map { @{ $_->{recipients} } } listing($home)) {
        next if ($r->{channel} // '') ne 'local';
        my ($user, $domain) = $r->{address} =~ /^(.*)@(.*)$/;
        if ($domain =~ /^customer/ && $user =~ s/^(\d+)-//) { $virtual{"$user\@$domain"} = $1 }
        else { $locals{$domain} = 1 }
    }
    write_file("$home/control/locals", map { "$_\n" } sort keys %locals);
    write_file("$home/control/virtualdomains", map { "$_:$virtual{$_}\n" } sort keys %virtual);
    return map { ("$virtual{$_}-$_" => $_) } keys %virtual
}

# What of a message is the same wherever it is, by its stamp.
my %original;                   # of recipients in the local channel that were rewritten
sub essence {
    my ($home, $is_source) = @_;
    my %essence;
    for my $m (listing($home)) {
        my ($stamp) = $m->{token} =~ /@(\d+)$/;
        my @open = sort map { $is_source && ($_->{channel} // '') eq 'local'
            ? $original{ $_->{address} } // $_->{address} : $_->{address} }
            grep { !$_->{done} } @{ $m->{recipients} };
        my ($code, $body) = run_program(undef, "$bin/qq-cat", '--home', $home, $m->{token});
        die if $code;
        my ($mess) = glob "$home/queue/bounce/$m->{id}";
        $stamp .= ', twice' if $essence{$stamp};
        $essence{$stamp} = {
            from => $m->{from}, to => "@open", size => $m->{size}, body => $body,
            failed => $mess ? read_file($mess) : '', birth => $m->{birth},
            is_new => $m->{state} eq 'new' };
    }
    return \%essence
}

sub differences {
    my ($source, $target, $what) = @_;
    my @complaints;
    for my $stamp (sort keys %$source) {
        my ($s, $t) = ($source->{$stamp}, $target->{$stamp});
        if (!$t) { push @complaints, "$what: $stamp is not there"; next }
        for (qw(from to size body failed)) {
            push @complaints, "$what: $stamp: $_: $t->{$_}, expected $s->{$_}"
                if $s->{$_} ne $t->{$_}
        }
        push @complaints, "$what: $stamp: born $t->{birth}, expected $s->{birth}"
            if !$s->{is_new} && ($s->{birth} // '') ne ($t->{birth} // '');
    }
    push @complaints, map { "$what: $_ is there, too" } grep { !$source->{$_} } sort keys %$target;
    return @complaints
}

# ---- a target with a running model, in which nothing is ever delivered ----
my $targets = 0;
my $model;
sub make_target {
    my (@options) = @_;
    my $home = make_home('target' . ++$targets, 0, '--split', 7, @options);
    ($model) = start_model("$home/queue", '--unit', 1000, '--good', 0, '--fail', 0, '--delivery', 1,
        '--lifetime', 1000000000000, '--pauses', 0);
    return $home
}
sub end_target {
    my ($home) = @_;
    my $code = stop($model);
    my @complaints = illegal("$home/queue");
    push @complaints, "the model ended with $code" if $code;
    system('rm', '-rf', $home);
    return @complaints
}

sub load {
    my ($home, $stream, @options) = @_;
    return run_program($stream, "$bin/qq-load", '--lines', '--home', $home, '--timeout', '10s',
        @options)
}

sub ids { my ($out) = @_; return join "\n", sort split /\n/, $out }

# ---- moving ----
my $source = make_home('source', 40, '--split', 3, '--bigtodo', '--suppl', 1, '--new', 20,
    '--bounces', 20);
%original = write_control($source);
my @tokens = map { $_->{token} } listing($source);
# What has no recipient left is about to end, and cannot move.
my @moved = map { $_->{token} }
    grep { grep { !$_->{done} } @{ $_->{recipients} } } listing($source);
my $expected = essence($source, 1);
delete $expected->{$_} for grep { $expected->{$_}{to} eq '' } keys %$expected;

{
    my ($code, $out, $said) = run_program(undef, 'sh', '-c',
        "'$bin/qq-save' --home '$source' @moved | cat");
    write_file("$T/stream", $out);
    ok('qq-save of all that waits', $code ? "exit code $code: $said" : (),
        $said eq 'qq-save: warning: ' . @moved . ' messages are not held, and may be delivered'
            . " here, too: give them to qq-hold first, if they are to move\n" ? () : $said);
    my $home = make_target();
    ($code, $out, $said) = load($home, "$T/stream");
    ok('qq-load of it', $code ? "exit code $code" : (),
        $said eq 'qq-load: ' . @moved . " placed\n" ? () : $said,
        ids($out) eq ids(join "\n", @moved) ? () : "it printed $out");
    ok('all is as it was', differences($expected, essence($home), 'moved'));
    ($code, $out, $said) = load($home, "$T/stream");
    ok('once more', $code ? "exit code $code" : (),
        $said eq 'qq-load: ' . @moved . " already here\n" ? () : $said,
        ids($out) eq ids(join "\n", @moved) ? () : "it printed $out",
        differences($expected, essence($home), 'again'));
    # Another run that changes the queue is waited for, unless not to wait was asked for.
    open my $info, '<', "$home/queue/info" or die;
    flock $info, LOCK_EX or die;
    ($code, $out, $said) = load($home, "$T/stream", '--timeout', '0s');
    my @bad = $code == 111 && $said =~ /^qq-load: fatal: .* is changing this queue$/ ? ()
        : "--timeout 0s: exit code $code: $said";
    my $pid = start("$T/stream", "$T/out", "$T/said", "$bin/qq-load", '--home', $home);
    sleep 0.01 until defined(ended($pid, 0)) || read_file("$T/said") =~ /waiting for process/;
    close $info;
    $code = ended($pid);
    push @bad, "exit code $code: " . read_file("$T/said") if $code;
    ok('beside another run that changes the queue', @bad, end_target($home));
}

{
    # Few descriptors: each message's trouble is its own, and none leaves in pid/ what is in the way
    # of the next.
    my $home = make_target();
    my @bad = map {
        my ($code, $out, $said) = run_program("$T/stream", 'sh', '-c', 'ulimit -n $0; exec "$@"', $_,
            "$bin/qq-load", '--home', $home, '--timeout', '10s');
        my @left = glob "$home/queue/pid/*";
        $code == 127 || (!@left && $said !~ /File exists/) ? () : "$_: @left $said"
    } 8 .. 32;
    ok('few descriptors', @bad, end_target($home));
}
my $stream = read_file("$T/stream");

# ---- whatever is in the way ----
# Killed behind each of its calls, or the call fails, and the same stream again: all is there, once.
# What it had printed was there already.
if ($has_strace) {
    my %calls = (linkat => 80, openat => 60, fdatasync => 3, syncfs => 3, utimensat => 60,
        unlinkat => 60, fchown => 90, fchmod => 80, write => 90, read => 30, renameat => 8,
        fsync => 8);
    my @ways = qw(signal=KILL error=EIO error=ENOSPC);
    my @points = map { my $call = $_; map { my $n = $_; map { [$call, $n, $_] } @ways }
        1 .. $calls{$call} } sort keys %calls;
    my ($seed, $every) = ($ENV{SEED} // 1, $ENV{CALLS} // ($is_asan ? 401 : 131));
    $every = 1 if $every eq 'all';
    # one is linked to todo; the `placing' lines are written; all are in todo
    @points = ((map { [@$_, 'signal=KILL'] } ['linkat', @moved + 2], ['fdatasync', 1],
            ['syncfs', 2]),
        @points[grep { $_ % $every == $seed % $every } 0 .. $#points]);
    my @complaints;
    for (@points) {
        my ($call, $n, $way) = @$_;
        my $home = make_target();
        my ($code, $some, $said) = run_program("$T/stream", 'strace', '-f', '-o', '/dev/null', '-e',
            "inject=$call:$way:when=$n", "$bin/qq-load", '--lines', '--home', $home);
        my %is_there = map { $_->{token} =~ s/.*@//r => 1 } listing($home);
        my @what = map { "it printed $_, which is not there" }
            grep { !$is_there{ $_ =~ s/.*@//r } } split /\n/, $some;
        # What is not in todo yet is reaped 36 hours after it was read last.
        push @what, map { "$_ may be reaped at once" }
            grep { -A > 0.5 } glob "$home/queue/mess/*/*";
        push @what, "exit code $code: $said: it printed $some" if $way ne 'signal=KILL'
            && ($code ? $code != 111 || $said !~ /^qq-load: /
                : ids($some) ne ids(join "\n", @moved));
        ($code, my $out, $said) = load($home, "$T/stream");
        push @complaints, map { "$call $n, $way: $_" } @what, $code ? "exit code $code: $said" : (),
            ids($out) eq ids(join "\n", @moved) ? () : "again: it printed $out",
            (grep { my $id = $_; !grep { $_ eq $id } @moved } split /\n/, $some),
            differences($expected, essence($home), 'there'),
            # what is reaped after 36 hours
            grep { !m{intd/\d+: (?:belongs to 0$|its mode is 0600)} } end_target($home);
    }
    ok('killed at any call, or it fails, and again: all is there, once', @complaints);
} else { skip('killed at any call', 'needs strace') }

# What a crash would lose: bodies are on the disk before the ledger says so, that before anything is
# in todo, and all of it, and a bounce, before the token is printed.
if ($has_strace) {
    my $home = make_target();
    my ($code) = run_program("$T/stream", 'strace', '-y', '-o', "$T/calls", '-e',
        'trace=syncfs,fdatasync,linkat,write', "$bin/qq-load", '--lines', '--home', $home);
    my $calls = join '', map {
        /^syncfs/ ? 's' : /^fdatasync/ ? 'd' : m{^linkat\(.*/todo[/>]} ? 'l'
            : /^write\(1</ ? 'w' : ()
    } split /\n/, read_file("$T/calls");
    ok('the disk has it first', $code ? "exit code $code" : (),
        $calls =~ /^sdl+sdw(?:s+w)+s*\z/ ? () : "in the order $calls", end_target($home));
} else { skip('the disk has it first', 'needs strace') }

# Cut off anywhere: what is whole is there, and the whole stream brings the rest.
{
    my @complaints;
    srand($ENV{SEED} // 1);
    for (1 .. 6) {
        my $n = int rand(length($stream) - 1024);
        write_file("$T/cut", substr $stream, 0, $n);
        my $home = make_target();
        my ($code, $some, $said) = load($home, "$T/cut");
        my $is_begun = $said =~ /^qq-load: (?:fatal|warning): the archive is cut off$/m;
        push @complaints, "at $n: exit code $code: $said" if $code != 111 || !$is_begun;
        my $there = essence($home);
        my %printed = map { s/.*@//r => 1 } split /\n/, $some;
        push @complaints, "at $n: printed, and there, are not the same"
            if join(' ', sort keys %printed) ne join ' ', sort keys %$there;
        ($code, my $out, $said) = load($home, "$T/stream");
        push @complaints, map { "at $n: $_" } $code ? "exit code $code: $said" : (),
            differences($expected, essence($home), 'there'), end_target($home);
    }
    ok('cut off anywhere', @complaints);
}

# qmail-send closes the trigger and opens it again: whoever pulls it just then gets a SIGPIPE.
{
    my $home = make_target();
    local $SIG{PIPE} = 'IGNORE';
    system('mkfifo', "$T/fifo") == 0 or die;
    my $pid = start("$T/fifo", "$T/out", "$T/said", "$bin/qq-load", '--lines', '--home', $home);
    open my $slow, '>', "$T/fifo" or die "$T/fifo: $!\n";
    for (1 .. 2000) {
        last if read_file("/proc/$pid/status") =~ /^SigIgn:\s*\w*[13579bdf]\w{3}$/m;
        sleep 0.005;
    }
    kill 'PIPE', $pid;
    print $slow $stream;
    close $slow;
    my $code = ended($pid, 120) // 'none';
    my $out = read_file("$T/out");
    ok('a trigger that is just being opened again ends nothing', $code eq 0
            && ids($out) eq ids(join "\n", @moved) ? () : "exit code $code, printed $out",
        end_target($home));
}

# ---- what is no such stream ----
sub entry {
    my ($name, $content, %with) = @_;
    my $h = pack 'a100a8a8a8a12a12a8a1a100a6a2', $name, '0000600', '0000000', '0000000',
        sprintf('%011o', $with{size} // length $content), sprintf('%011o', $with{time} // 0),
        '        ', $with{type} // '0', $with{link} // '', 'ustar', '00';
    $h .= "\0" x (512 - length $h);
    substr($h, 148, 8) = sprintf "%06o\0 ", unpack '%32C*', $h;
    return $h . $content . "\0" x (-length($content) % 512)
}
sub record {
    my ($key, $value) = @_;
    my $text = " $key=$value\n";
    my $n = length($text) + 2;
    return ($n < 100 ? $n : ++$n) . $text
}
my $comment = record('comment', 'qqtools 1 other:1:2');
my $head = entry('archive', $comment, type => 'g');
my ($info, $envelope) = ('{"birth":null,"uid":1,"pid":2}', "Fa\@x.example\0Tb\@y.example\0\0");
sub message {
    my ($token, %with) = @_;
    my ($stamp) = $token =~ /@(\d+)$/;
    my $mtime = record('mtime', sprintf '%d.%09d', $stamp / 1e9, $stamp % 1e9);
    my $at = entry('file', $mtime, type => 'x');
    return join '', map { $at . entry("$token/$_->[0]", $_->[1]) }
        ['envelope', $with{envelope} // $envelope], ['info.json', $with{info} // $info],
        ($with{bounce} ? ['bounce', $with{bounce}] : ()),
        ['mess', $with{mess} // "Subject: x\n\nx\n"]
}
my $end = entry('end', '') . "\0" x 1024;
my $good = message('77@1795000000000000001');
my $late = '78@1795000000000000002';
# A stream that has that behind a good message.
sub behind { my ($bad) = @_; return $head . $good . $bad . $end }
{
    my $home = make_target();
    my @complaints;
    my $long = "Fa\0T" . 'x' x 1003 . "\0\0";
    my %expected = ('nothing' => ['', 111, 'fatal: the archive is cut off'],
        'a text' => ['x' x 600, 111, 'fatal: this is not a tar archive'],
        'another archive' => [entry('a', 'b') . "\0" x 1024, 100,
            'fatal: standard input is not a stream of qq-save'],
        'a name of two lines' => [entry('archive', record('comment', "qqtools 1 a\nplaced"),
            type => 'g') . $good . $end, 100, 'fatal: standard input is not a stream of qq-save'],
        'a link' => [behind(entry("$late/mess", '', type => 2, link => '/etc/shadow')), 111,
            "warning: $late/mess in the archive is not a plain file"],
        'a device' => [behind(entry('sda', '', type => 4)), 111,
            'warning: sda in the archive is not a plain file'],
        'another name' => [behind(entry('../../etc/passwd', 'x')), 111,
            'warning: ../../etc/passwd: is not a part of a message, or is in the wrong place'],
        'a part too early' => [behind(entry("$late/mess", 'x')), 111,
            "warning: $late/mess: is not a part of a message, or is in the wrong place"],
        'a part of another' => [behind(entry("$late/envelope", $envelope)
                . entry('79@1795000000000000003/info.json', $info)), 111,
            'warning: 79@1795000000000000003/info.json: is not a part of a message, or is in the'
                . ' wrong place'],
        'no end' => [$head . $good . "\0" x 1024, 111,
            'warning: 77@1795000000000000001/mess: is the last file, and the end is missing'],
        'an end in the middle' => [behind(entry("$late/envelope", $envelope)), 111,
            'warning: end: is in the middle of a message'],
        'no recipient' => [behind(message($late, envelope => "Fa\0\0")), 111,
            "warning: $late/mess: has an envelope that qmail-queue would not take"],
        'no sender' => [behind(message($late, envelope => "Ta\0\0")), 111,
            "warning: $late/mess: has an envelope that qmail-queue would not take"],
        'a long address' => [behind(message($late, envelope => $long)), 111,
            "warning: $late/mess: has an envelope that qmail-queue would not take"],
        'no birth' => [behind(message($late, info => '{"pid":1}')), 111,
            "warning: $late/info.json: does not begin with birth, uid and pid"],
        'another time' => [behind(entry("$late/envelope", $envelope)
                . entry("$late/info.json", $info) . entry("$late/mess", 'x', time => 5)), 111,
            "warning: $late/mess: was last changed at another time than its token says"],
        'a size that is too large' => [behind(entry("$late/envelope", 'x', size => 2**32)), 111,
            "warning: $late/envelope: is larger than 64 MB"],
        'a size that is not there' => [$head . $good . entry("$late/envelope", 'x', size => 9999),
            111, 'warning: the archive is cut off']);
    for my $what (sort keys %expected) {
        my ($text, $exit, $words) = @{ $expected{$what} };
        write_file("$T/bad", $text);
        my ($code, $out, $said) = load($home, "$T/bad", '-q');
        push @complaints, "$what: exit code $code: $said"
            if $code != $exit || $said ne "qq-load: $words\n";
        push @complaints, "$what: it printed $out" if $out !~ /^(?:77\@1795000000000000001\n)?\z/;
    }
    my @there = listing($home);
    push @complaints, scalar(@there) . ' messages are there' if @there != 1;
    ok('what is no such stream is refused by name, and what stood before it is there', @complaints,
        end_target($home));
}

# ---- what may not be done ----
{
    my ($code, $out, $said) = load($source, "$T/stream");
    ok('not into the queue that it comes from', $code == 100 && $out eq ''
            && $said eq "qq-load: fatal: the stream comes from this queue, $source/queue: its"
            . " messages are here\n" ? () : "exit code $code: $said");
    my $home = make_home('stopped', 0, '--split', 3);
    ($code, $out, $said) = load($home, "$T/stream");
    ok('not without qmail-send', $code == 111 && $out eq ''
            && $said eq "qq-load: fatal: qmail-send does not run on $home/queue, and only it can"
            . " take messages in: start it first\n" ? () : "exit code $code: $said");
    write_file("$source/control/virtualdomains", '');
    ($code, $out, $said) = run_program(undef, "$bin/qq-save", '--home', $source, @moved);
    ok('recipients that nothing would become', $code == 111
            && $said =~ m{^qq-save: warning: local/\d/\d+: has a recipient that the control files}
        ? () : "exit code $code: $said");
}

# ---- holds, ages, ledgers ----
{
    my $home = make_target();
    my @complaints;
    write_file("$home/control/queuelifetime", "604800\n");
    my $now = time;
    my $t = sub { return sprintf '%d000000000', $now - $_[0] };
    my ($young, $old, $ancient) = map { $t->($_) } 3600, 500000, 700000;
    my $born = sub { return "{\"birth\":$_[0],\"uid\":null,\"pid\":null}" };
    write_file("$T/ages", $head, message("5\@$young", info => $born->($young)),
        message("6\@$old", info => $born->($old), bounce => "<x\@y>:\nno\n\n"),
        message("7\@$ancient", info => $born->($ancient)), $end);
    my ($code, $out, $said) = load($home, "$T/ages");
    push @complaints, "exit code $code: $said" if $code;
    my %is = map { $_->{token} =~ s/.*@//r => $_ } listing($home);
    my $age = sub {
        my ($y, $mon, $d, $h, $m, $s) =
            $is{$_[0]}{birth} =~ /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)\+00/;
        return time - timegm($s, $m, $h, $d, $mon - 1, $y)
    };
    push @complaints, 'the young one is not of its age' if abs($age->($young) - 3600) > 60;
    push @complaints, 'the old one is not of its age' if abs($age->($old) - 500000) > 60;
    push @complaints, 'the one past its lifetime is past it' if $age->($ancient) > 60;
    push @complaints, 'what has failed is not there' if !$is{$old}{failing};
    push @complaints, "$_ is held" for grep { $is{$_}{held} } keys %is;
    ok('ages: as they were, unless past the lifetime here', @complaints);

    my @held = map { "8\@$_" } $t->(5000), $t->(700001);
    write_file("$T/held", $head, (map { message($_, info => $born->(s/.*@//r)) } @held), $end);
    ($code, $out, $said) = load($home, "$T/held", '--held');
    %is = map { $_->{token} =~ s/.*@//r => $_ } listing($home);
    ok('--held: held, and young', $code ? $said : (),
        map { my $s = s/.*@//r; $is{$s}{held} && $age->($s) < 60 ? () : "$_ is not" } @held);

    # A delivery whose spawn has ended is nobody's child.
    my ($held) = grep { $_->{held} } values %is;
    my ($mess) = glob "$home/queue/mess/*/$held->{id}";
    open my $delivery, '<', $mess or die;
    ($code, $out, $said) = run_program(undef, "$bin/qq-save", '--timeout', '0', '--home', $home,
        $held->{token});
    ok('what any process has open is left out', $code == 111 && $said =~ / is left out: / ? ()
        : "exit code $code: $said");
    close $delivery;

    # What an interrupted run was about to place, and is not here: delivered since, as long as it
    # cannot have been reaped; else nobody knows.
    my $lines = sub {
        my ($seconds) = @_;
        my $ledger = read_file("$home/qqtools/ledger");
        $ledger =~ s/^placed other:1:2 5\@.*\n//m;
        my $rest = '99999999@1000000000000000000 ' . int(time - $seconds);
        $ledger =~ s/^(placing other:1:2 5\@\S+ \S+) \S+ \d+$/$1 $rest/m;
        write_file("$home/qqtools/ledger", $ledger)
    };
    write_file("$T/one", $head, message("5\@$young", info => $born->($young)), $end);
    $lines->(3600);
    ($code, $out, $said) = load($home, "$T/one");
    ok('delivered since', $code || $out ne "5\@$young\n" || $said ne "qq-load: 1 already here\n"
        ? "exit code $code: $out$said" : ());
    $lines->(200000);
    ($code, $out, $said) = load($home, "$T/one");
    ok('delivered since, or reaped: not known', $code == 111 && $out eq '' && $said =~
            /^qq-load: warning: failed: 5\@\d+: an interrupted run was about to place it more than/
        ? () : "exit code $code: $out$said");
    # A line that a crash has cut off says nothing: neither is its time right, nor its end there.
    my $ledger = read_file("$home/qqtools/ledger");
    write_file("$T/one", $head,
        message("6\@$old", info => $born->($old), bounce => "<x\@y>:\nno\n\n"), $end);
    write_file("$home/qqtools/ledger", $ledger,
        $ledger =~ /^(placing other:1:2 6\@\S+ \S+ )/m, '99999999@1000000000000000000 17');
    ($code, $out, $said) = load($home, "$T/one");
    ok('a line that is cut off', $code || $said ne "qq-load: 1 already here\n"
        ? "exit code $code: $said" : ());
    # What is written next is a line of its own.
    write_file("$home/qqtools/ledger", $ledger, 'placed other:1:2 5@1');
    my $next = '9@' . $t->(4000);
    write_file("$T/next", $head, message($next, info => $born->($next =~ s/.*@//r)), $end);
    my @said = map { (load($home, "$T/next"))[2] } 1 .. 2;
    ok('what is written behind it counts',
        "@said" eq "qq-load: 1 placed\n qq-load: 1 already here\n" ? () : "it said @said");

    open my $other, '<', "$home/qqtools/ledger" or die;
    flock $other, 2 or die;
    ($code, $out, $said) = load($home, "$T/next");
    ok('not beside another program that moves mail', $code == 111 && $out eq '' && $said =~
            /^qq-load: fatal: .*ledger is locked.*: another program is moving mail$/m ? ()
        : "exit code $code: $said");
    close $other;

    # What is there in its place is neither followed, nor waited for, nor read without end.
    my $path = "$home/qqtools/ledger";
    rename $path, "$path.kept" or die;
    write_file("$T/foreign", "not ours\n");
    for (['a link', sub { symlink "$T/foreign", $path }], ['a directory', sub { mkdir $path }],
        ['a fifo', sub { POSIX::mkfifo($path, 0600) }],
        ['a device', sub { system('mknod', $path, 'c', 1, 5) == 0 }],
        ['60 GB of nothing', sub { write_file($path, ''); truncate $path, 60 << 30 }])
    {
        my ($what, $make) = @$_;
        $make->() or die "$what: $!";
        for my $command (['qq-load'],
            ['qq-requeue', '--failed', 'no', (listing($home))[0]{token}]) {
            my ($name, @rest) = @$command;
            ($code, $out, $said) = run_program("$T/next", "$bin/$name", '--home', $home, @rest);
            my $expected = $what =~ /GB/ ? 'unable to read qqtools/ledger: File too large'
                : 'qqtools/ledger is not a regular file';
            ok("$name: the ledger is $what", $code == 111 && $said eq "$name: fatal: $expected\n"
                ? () : "exit code $code: $said",
                read_file("$T/foreign") eq "not ours\n" ? () : 'another file was written')
        }
        rmdir $path or unlink $path or die
    }
    rename "$path.kept", $path or die;

    # However many it has, and in whatever order.
    my $many = join '', map { my $token = (($_ * 7919) % 300000) . '@1795000000000000003';
        "placing other:1:2 $token " . 'a' x 64 . " $token 1795000000\nplaced other:1:2 $token\n"
    } 1 .. 300000;
    write_file("$home/qqtools/ledger", $many, $ledger);
    ($code, $out, $said) = run_program("$T/one", 'timeout', 60, "$bin/qq-load", '--home', $home);
    ok('300,000 messages before', $code || $said ne "qq-load: 1 already here\n"
        ? "exit code $code: $said" : ());
    write_file("$home/qqtools/ledger", $ledger);

    write_file("$T/one", $head,
        message("5\@$young", info => $born->($young), mess => 'other'), $end);
    ($code, $out, $said) = load($home, "$T/one", '-q');
    ok('another body', $code == 111 && $out eq ''
            && $said eq "qq-load: warning: failed: 5\@$young: came before, with another body\n"
        ? () : "exit code $code: $out$said", end_target($home));
}

# ---- deliveries under way ----
{
    my $home = make_home('busy', 0, '--split', 3);
    my ($busy) =
        start_model("$home/queue", '--processes', '--unit', 1000, '--slow-while', "$T/slow");
    write_file("$T/slow", "yes\n");
    my ($injector, $tokens) = start_injector("$home/queue", ['a@x.example slowgood@far.example']);
    ended($injector);
    for (1 .. 400) { sleep 0.005; last if listing($home) }
    my ($token) = map { (split)[0] } split /\n/, read_file($tokens);
    my ($id) = split /@/, $token;
    wait_for_delivery("$home/queue", $id);
    my ($code, $out, $said) = run_program(undef, "$bin/qq-hold", '-q', '--home', $home, $token);
    ($code, $out, $said) =
        run_program(undef, "$bin/qq-save", '--timeout', '0', '--home', $home, $token);
    ok('what is just being delivered is left out', $code == 111 && $said eq
            "qq-save: warning: message $id is left out: a delivery that began before the hold may"
            . " be under way\n" ? () : "exit code $code: $said");
    stop($busy);
}
finish();
