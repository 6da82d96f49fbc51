#!/usr/bin/perl
# With a real qmail: users/cdb has the bytes of bin/qmail-newu, and what that refuses is refused,
# for many files and for 100,000 lines; and while assignments, mailboxes, aliases and domains come
# and go, their programs killed or not, no local delivery is deferred or goes elsewhere.
#
# The environment is that of real.pl, with QQ_REAL_LOG, and
#   FILES                files that are compared (2000)
#   ROUNDS MESSAGES      adds and removes together (2000), and messages meanwhile (1000)
#   KILLS                of a hundred programs so many are killed in `kills' (30)
#   ONLY                 tests by name, with spaces: files lines changes kills

use strict;
use warnings;
use Fcntl ':flock';
use File::Find ();
use FindBin;
use POSIX ();
use Time::HiRes qw(sleep time);
BEGIN { require "$FindBin::Bin/$_" for '../assign.pl', 'real.pl' }

our ($home, $bin, $tmp, $me, $seed, $over, %given);
my ($files, $rounds, $messages, $kills) =
    ($ENV{FILES} // 2000, $ENV{ROUNDS} // 2000, $ENV{MESSAGES} // 1000, $ENV{KILLS} // 30);
real('running', 'LOG');
my ($assign, $cdb, $box) = ("$home/users/assign", "$home/users/cdb", "$home/qq-test");
at_end(sub { system 'rm', '-rf', $box });
sub hup { kill 'HUP', daemon() || () }

# run COMMAND...: its exit code, or -1 if it was killed, after so many seconds;
# what it says is in $said.
my ($said, $within) = ('');
sub run {
    my $pid = fork // die;
    if (!$pid) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', "$tmp/said.$$" or POSIX::_exit(126);
        open STDERR, '>&', \*STDOUT;
        exec { $_[0] } @_ or POSIX::_exit(127);
    }
    if (defined $within) { sleep $within; kill 'KILL', $pid }
    waitpid $pid, 0;
    my $code = $? & 127 ? -1 : $? >> 8;
    $said = slurp("$tmp/said.$pid");
    unlink "$tmp/said.$pid";
    return $code;
}
sub tool { my $p = shift; return run("$bin/$p", '--home', $home, @_) }

# ---- bytes ----

sub one_of { return $_[rand @_] }

# A file that is good but for what is done to it, and the name of that.
sub hard_assign {
    my $good = sub {
        one_of('=', '+')
            . one_of('joe', 'Joe', 'ann-', 'x', '7', '70-', '') . ':u:'
            . int(rand 2000)
            . ':50:/h/'
            . int(rand 99)
            . one_of(':::', ':-::', ':-:ext:') . "\n"
    };
    my $text = rand(4) < 1 ? random_assign() : join('', map { $good->() } 1 .. rand 7) . ".\n";
    my $line = sub {
        my ($do) = @_;
        my @lines = split /(?<=\n)/, $text or return;
        my $i = int rand @lines;
        local $_ = $lines[$i];
        $do->();
        $lines[$i] = $_;
        $text = join '', @lines;
    };
    my $at = sub { return int rand(1 + length $text) };
    my %ways = (
        'as it is' => sub { },
        'CRLF' => sub {
            if (rand(2) < 1) { $text =~ s/\n/\r\n/g }
            else {
                $line->(sub { s/\n/\r\n/ })
            }
        },
        'NUL' => sub { substr $text, $at->(), 0, "\0" },
        'no dot' => sub { $text =~ s/^\..*//ms },
        'a colon less' => sub {
            my @colons;
            push @colons, pos($text) - 1 while $text =~ /:/g;
            substr $text, one_of(@colons), 1, '' if @colons
        },
        'a colon more' => sub { substr $text, $at->(), 0, ':' },
        'an empty line' => sub { $line->(sub { $_ = "\n$_" }) },
        'a long line' => sub {
            my $n = int(10**(2 + rand 3));
            $line->(
                sub {
                    my $i = int rand length;
                    substr $_, $i, 0,
                        one_of('a', 'B', '-', "\xff") x $n
                })
        },
        'a line twice' => sub {
            my $copy = '';
            $line->(sub { $copy = one_of($_, uc, lc) });
            $line->(sub { $_ = $copy . $_ });
        },
        'upper case' => sub {
            if (rand(2) < 1) { $text = uc $text }
            else {
                $line->(sub { s/^(.[^:]*)/uc $1/e })
            }
        },
        'uid' => sub {
            $line->(
                sub {
                    my $u = one_of('x', '', '-1', '1x', '99999999999999999999', ' 1', "\xe9");
                    s/^([^:]*:[^:]*):[^:]*/$1:$u/
                })
        },
        'behind the dot' =>
            sub { $text .= one_of("=b:u:1:2:/h:::\n", "junk", "\0", "\n\n", ".\n", ":") },
        'a dot in front' => sub { $line->(sub { $_ = ".$_" }) },
        'cut off' => sub { $text = substr $text, 0, $at->() },
        'another byte' =>
            sub { my $i = $at->(); substr $text, $i, 1, chr rand 256 if $i < length $text },
        'another beginning' => sub {
            $line->(sub { my $c = one_of('#', ' ', ':', "\xff", '-', '+', '='); s/^[^\n]/$c/ })
        });
    my $way = one_of(sort keys %ways);
    $ways{$way}->();
    return ($text, $way);
}

# The file is the smallest that is bad: up to the line that was named it would be good.
sub is_first {
    my ($text, $n) = @_;
    my @lines = split /(?<=\n)/, $text;
    return records(join('', @lines[0 .. $n - 2]) . ".\n")
        && !($n <= @lines && $lines[$n - 1] =~ /\n\z/ && records($lines[$n - 1] . ".\n"));
}

sub by { my ($how) = @_; spew($cdb, 'not made'); my $code = $how->(); return ($code, slurp($cdb)) }
sub test_files {
    my (@wrong, %made, %all, $bytes); my ($good, $refused) = (0, 0);
    for my $n (1 .. $files) {
        my ($text, $way) = hard_assign();
        $all{$way}++; $bytes += length $text;
        spew($assign, $text);
        my ($code, $want) = by(sub { run("$home/bin/qmail-newu") });
        my ($our_code, $got) = by(sub { tool('qusers-compile') });
        my @now;
        if ($code == 0) {
            $good++; $made{$way}++;
            push @now, "exit $our_code, qmail-newu takes it: $said" if $our_code;
            push @now, 'other bytes' if $got ne $want;
        }
        else {
            $refused++;
            push @now, "qmail-newu: exit $code" if $code != 111 || $want ne 'not made';
            push @now, "exit $our_code, qmail-newu refuses it: $said" if $our_code != 100;
            push @now, 'refused, but users/cdb is another one' if $got ne 'not made';
            push @now, "the line is another one: $said"
                unless $said =~ m{\A[^\n]*/users/assign: line (\d+) [^\n]+\n\z}
                && is_first($text, $1);
        }
        push @wrong, map { "$way: $_\n" . $text =~ s/^/#   /gmr } @now;
    }
    note(
        map {
            sprintf '%-18s %6d files, %6d made, %6d refused', $_, $all{$_}, $made{$_} // 0,
                $all{$_} -
                ($made{$_} // 0)
        } sort keys %all);
    check(
        "$files files of $bytes bytes: $good with the bytes of qmail-newu, $refused refused by both",
        @wrong);
}

sub test_lines {
    my $big = '';
    while (($big =~ tr/\n//) < 100_000) {
        my $one = random_assign();
        $big .= $one =~ s/^\..*//msr if records($one)
    }
    spew($assign, "$big.\n");
    my ($code, $want) = by(sub { run("$home/bin/qmail-newu") });
    my ($our_code, $got) = by(sub { tool('qusers-compile') });
    check(
        '100,000 lines',
        $code || $our_code ? "exit $code, $our_code: $said" : (),
        $want eq $got ? () : 'other bytes');
}

# ---- beside deliveries ----

my ($name, $uid, $gid) = (getpwuid((stat "$home/alias")[4]))[0, 2, 3];
($me) = split /\n/, slurp("$home/control/locals") || slurp("$home/control/me");
my $names = "$box/names";
my @keep = map { "keep$_.qq.test" } 1, 2;
my @come = map { "come$_.qq.test" } 1 .. 5;
my %to;         # address => its maildir, all the time

sub dir { for (@_) { mkdir $_; chmod 0700, $_; chown $uid, $gid, $_ } }
sub maildir { my ($d) = @_; dir($d, map { "$d/$_" } 'tmp', 'new', 'cur') }
sub dot { my ($f, $s) = @_; spew($f, $s); chmod 0600, $f; chown $uid, $gid, $f }
sub dom { my $p = shift; return tool($p, '--user', $name, '--mailnames', $names, @_) }
sub demand { my ($code, $what) = @_; die "$what: exit $code: $said" if $code }

sub prepare {
    as_found();
    system 'rm', '-rf', $box;
    hup();
    mkdir $box or die "$box: $!"; chmod 0755, $box; dir($names);
    # What nothing is assigned to, and what comes back, is to be seen.
    for (0 .. 4, 'rest', 'back') {
        dir("$box/$_");
        maildir("$box/$_/Maildir");
        dot("$box/$_/.qmail" . ($_ eq 'rest' ? '-default' : ''), "./Maildir/\n")
    }
    $to{"qqtest$_\@$me"} = "$box/$_/Maildir" for 0 .. 4;
    my $who = "$name:$uid:$gid:$box";
    spew($assign,
        join('', map { "=qqtest${_}:$who/${_}:::\n" } 0 .. 4)
            . "=qqback:$who/back:::\n+:$who/rest:-::\n.\n");
    demand(tool('qusers-compile'), 'qusers-compile');
    for my $d (@keep) {
        demand(dom('qdom-add', $d), 'qdom-add');
        maildir("$names/$d/Rest");
        dot("$names/$d/.qmail-default", "./Rest/\n");
        $to{"nobody-$_\@$d"} = "$names/$d/Rest" for 1 .. 3;
        for ('ann', 'bob') {
            demand(dom('qmbox-add', '--deliver', './Maildir/', "$_\@$d"), 'qmbox-add');
            $to{"$_\@$d"} = "$names/$d/$_/Maildir"
        }
        demand(dom('qalias-add', "Sales\@$d", "ann\@$d"), 'qalias-add');
        $to{"sales\@$d"} = "$names/$d/ann/Maildir";
    }
    hup(); sleep 1;
}

my $messages_sent = 0;
sub inject {
    my ($to) = @_;
    my $message = "Subject: test\n\nmessage " . ++$messages_sent . " is for $to\n";
    my ($pid, $status) = queue_mail($message, "qqback\@$me", $to);
    die "qmail-queue: exit $status\n" if $status;
    return $messages_sent;
}
# [MAILDIR NUMBER ADDRESS]...
sub arrived {
    my @all;
    File::Find::find({ no_chdir => 1, wanted => sub {
        my ($d) = m{^(.*)/(?:new|cur)/[^/]+$} or return;
        push @all, [$d, $1, $2] if -f && slurp($_) =~ /^message (\d+) is for (.*)$/m;
    } }, $box);
    return @all;
}

# What there is: the records of users/cdb as they stand there.
sub cdb_records {
    my ($s, @records) = slurp($cdb);
    return if length $s < 2048;
    for (my ($at, $end) = (2048, unpack 'V', $s); $at < $end;) {
        my ($k, $d) = unpack 'VV', substr $s, $at, 8;
        push @records, substr($s, $at + 8, $k), substr($s, $at + 8 + $k, $d);
        $at += 8 + $k + $d;
    }
    return @records;
}
sub is_stale { return join("\1", map { @$_ } records(slurp($assign))) ne join "\1", cdb_records() }
sub is_whole { my @records = cdb_records(); return @records && $records[-2] eq '' }
sub has { my ($f, $line) = @_; return slurp($f) =~ /^\Q$line\E/m }
sub number {
    my ($d) = @_;
    return slurp("$home/control/virtualdomains") =~ /^\Q$d\E:(.*)$/m ? $1 : undef;
}
# How much of a domain there is: 0 to 3.
sub parts {
    my ($d) = @_;
    return (number($d) ? 1 : 0) + has("$home/control/rcpthosts", "$d\n")
        + (slurp($assign) =~ m{^\+\d+:.*:\Q$names/$d\E:::$}m ? 1 : 0);
}

# ---- things that come and go: [program that adds, its operands], [program that removes, its operands], how it is seen that it is there ----

sub thing {
    my ($n) = @_;
    my $kind = rand 10;
    my $d = one_of(@keep);
    if ($kind < 4) {
        my $a = one_of("=other$n", "+other$n-", "+other$n");
        return ["qusers-add", $a, $name, $uid, $gid, "$box/other"], ['qusers-rm', $a],
            sub { has($assign, "$a:") };
    }
    if ($kind < 6.5) {
        my $u = 'new' . int rand 20;
        return ['qmbox-add', '--deliver', './Maildir/', "$u\@$d"],
            ['qmbox-rm', '--purge', "$u\@$d"],
            sub { return has($assign, '=' . number($d) . "-$u:") || -d "$names/$d/$u" ? 1 : 0 };
    }
    if ($kind < 8.5) {
        my $u = 'also' . int rand 20;
        return ['qalias-add', "$u\@$d", "ann\@$d"], ['qalias-rm', "$u\@$d"],
            sub { has($assign, '=' . number($d) . "-$u:") };
    }
    $d = one_of(@come);
    my @purge = rand(2) < 1 ? '--purge' : ();
    return ['qdom-add', $d], ['qdom-rm', @purge, $d], sub { parts($d) > 0 };
}

my (%seconds, %did);
sub do_it {
    my ($p, @operands) = @{$_[0]};
    return $p =~ /^qusers/ ? tool($p, @operands) : dom($p, @operands)
}

# qdom-add and qdom-rm ask systemctl while they have the lock; a child that they have just forked
# has it, too, until it execs, or finds them dead and ends: on a busy machine, milliseconds later.
sub is_unlocked {
    open my $h, '<', "$home/qqtools/lock" or return 1;
    return flock $h, LOCK_EX | LOCK_NB;
}

# Runs one, perhaps kills it; then what is named must be what is wrong, another one must repair it,
# and the same again must end it.
sub change {
    my ($how, $killed, $is_there) = @_;
    my $program = $how->[0];
    my $wanted = $program =~ /-add$/;
    my @wrong;
    if (!$killed) {
        my $began = time;
        my $code = do_it($how);
        push @wrong, "@$how: exit $code: $said" if $code;
        $seconds{$program} =
            $seconds{$program} ? 0.9 * $seconds{$program} + 0.1 * (time - $began) : time - $began;
        $did{$program}++;
    }
    else {
        $within = rand 1.2 * ($seconds{$program} // 0.01);
        my $code = do_it($how);
        undef $within;
        $did{'a lock outlived its program'}++ unless is_unlocked();
        until_true(5, \&is_unlocked) or push @wrong, "@$how, killed: its lock stays";
        $did{$code < 0 ? "$program killed" : "$program had ended"}++;
        my $stale = is_stale();
        $did{'users/cdb was old'} += $stale;
        push @wrong, "@$how, killed: users/cdb is not whole" if !is_whole();
        tool('qusers-check');
        my $names_it = $said =~ /does not match users\/assign/ ? 1 : 0;
        push @wrong,
              "@$how, killed: users/cdb is "
            . ($stale ? 'old' : 'that of users/assign')
            . ", and qusers-check says: $said"
            if $names_it != $stale;
        dom('qdom-list');
        my $list = $said;
        for my $d (@keep, @come) {
            my $parts = parts($d);
            next if $parts == 0 || $parts == 3;
            $did{'a domain was half there'}++;
            push @wrong, "@$how, killed: $d is half there, and qdom-list says: $list"
                unless $list =~ /^.*\Q$d\E.*:.*$/m;
        }
        if (rand(2) < 1) {
            my $other = one_of('=fix', '+fix-');
            for (['qusers-add', $other, $name, $uid, $gid, "$box/other"], ['qusers-rm', $other]) {
                my $c = do_it($_);
                push @wrong, "@$how, killed, then @$_: exit $c: $said" if $c;
            }
            push @wrong, "@$how, killed, then another: users/cdb is still old" if is_stale();
        }
        $code = do_it($how);
        # It had done all, and the second has nothing to do.
        $code = 0
            if ($code == 100 || ($code == 1 && $program eq 'qusers-rm'))
            && !$is_there->() eq !$wanted;
        push @wrong, "@$how, killed, again: exit $code: $said" if $code;
    }
    push @wrong, "@$how: it " . ($wanted ? 'is not there' : 'is still there')
        if !!$is_there->() ne !!$wanted;
    push @wrong, "@$how: users/cdb is old" if is_stale();
    push @wrong, "@$how: left: $_" for glob "$home/users/.*.new";
    hup() if $program =~ /^qdom/;
    return @wrong;
}

# In a process of its own; a byte for each change, before it begins.
sub changes {
    my ($tell, $percent, $report) = @_;
    my (@wrong, %there);
    for (my $n = 0; $n < $rounds && !$over; $n++) {
        my ($add, $rm, $is_there);
        if (keys %there > 15 || (%there && (rand(2) < 1 || $n + keys %there >= $rounds))) {
            (undef, $rm, $is_there) = @{ delete $there{ one_of(sort keys %there) } }
        }
        else {
            my $key;
            do { ($add, $rm, $is_there) = thing($n); $key = "$rm->[0] $rm->[-1]" }
                while $there{$key};
            $there{$key} = [$add, $rm, $is_there];
        }
        syswrite $tell, 'x';
        push @wrong, change($add // $rm, rand(100) < $percent, $is_there);
        # Each of these domains has a joe, who must not get what is for one of the others, though
        # they may get the same number.
        next unless $add && $add->[0] eq 'qdom-add';
        my $d = $add->[-1];
        push @wrong,
            change(['qmbox-add', '--deliver', './Maildir/', "joe\@$d"],
            0, sub { -d "$names/$d/joe/Maildir" });
    }
    # All that is left, so that the queue can be emptied.
    for (sort keys %there) {
        my (undef, $rm, $is_there) = @{$there{$_}};
        push @wrong, change($rm, 0, $is_there)
    }
    spew(
        $report,
        join "\0",
        (   map { "$_ $did{$_}" . ($seconds{$_} ? sprintf ' (%.1f ms)', 1000 * $seconds{$_} : '') }
            sort keys %did
        ),
        '', @wrong);
}

# What qmail-send says of deliveries: address => [success, deferral, failure].
sub deliveries {
    my (%all, %under_way, %why);
    for (@_) {
        if (/ starting delivery (\d+): msg \d+ to local (.*)/) { $under_way{$1} = $2 }
        elsif (my ($n, $result, $text) = / delivery (\d+): (success|deferral|failure): (.*)/) {
            my $to = delete $under_way{$n} // next;
            $to =~ s/^\d+-(?=.*\.qq\.test$)//;
            $all{lc $to}{$result}++; push @{$why{"$result: $text"}}, $to;
        }
    }
    return (\%all, \%why);
}

sub beside {
    my ($percent) = @_;
    my $what = $percent ? "programs killed ($percent in 100)" : 'no program killed';
    prepare();
    my $log_at = -s $given{LOG};
    my $began = time;
    pipe my $r, my $w or die;
    my $changer = child(sub {
        close $r;
        eval { changes($w, $percent, "$box/report"); 1 } or spew("$box/report", "\0\0$@");
    }, 1 + $percent);
    close $w;
    my @to = sort keys %to;
    my (%wanted, %for_others); my $changes = 0;
    while (sysread $r, my $byte, 1) {
        $changes++;
        while (keys(%wanted) * $rounds < $changes * $messages) {
            my $to = $to[keys(%wanted) % @to];
            $wanted{inject($to)} = $to;
            next unless $percent && rand(2) < 1;
            my $other =
                one_of((map { 'new' . int(rand 20) . "\@$_" } @keep), map { "joe\@$_" } @come);
            $for_others{inject($other)} = $other;
        }
    }
    wait_for($changer);
    my ($changed) = time - $began;
    my ($did, $wrong) = split /\0\0/, slurp("$box/report") || "\0\0no report", 2;
    note(
        sprintf(
            '%d messages to addresses that stay%s, %d changes, %.1f s',
            scalar keys %wanted, $percent ? ', ' . keys(%for_others) . ' to others' : '',
            $changes, $changed
        ),
        split /\0/,
        $did);
    check("$what: $changes adds and removes", split /\0/, $wrong // '');
    my @all;
    for (1 .. 300) {
        @all = arrived();
        my %n = map { $_->[1] => 1 } @all;
        last if !grep { !$n{$_} } keys %wanted;
        sleep 0.1
    }
    my (%times, @misdelivered, @wrong);
    for (@all) {
        my ($d, $n, $to) = @$_;
        $times{$n}++;
        my ($domain) = $to =~ /@(.*)/;
        my $good = defined $wanted{$n} ? $d eq $to{ $wanted{$n} } : $d =~ m{^\Q$names/$domain\E/}
            || $d =~ m{^\Q$box\E/(?:rest|back)/};
        push @misdelivered, "message $n for $to is in $d" unless $good;
    }
    check(
        "$what: each of " . keys(%wanted) . ' messages has arrived once',
        map {
                  ($times{$_} // 0) == 1
                ? ()
                : "message $_ for $wanted{$_}: "
                . ($times{$_} // 0)
                . ' times'
        } sort keys %wanted);
    check("$what: none in another mailbox, or in that of another domain", @misdelivered);
    sleep 1;
    my ($of, $why) = deliveries(lines($given{LOG}, $log_at));
    my %sum = map { $_ => 0 } my @results = qw(success deferral failure);
    my %others = %sum;
    for my $to (keys %$of) {
        my $s = $to{$to} ? \%sum : \%others;
        $s->{$_} += $of->{$to}{$_} for keys %{$of->{$to}};
    }
    my $said = sub { my ($s) = @_; return join ', ', map { "$s->{$_} $_" } @results };
    note("qmail's log, addresses that stay: " . $said->(\%sum), 'others: ' . $said->(\%others));
    note(map { "$_ (" . @{$why->{$_}} . " times, first $why->{$_}[0])" }
        grep { !/^success/ } sort keys %$why);
    check("$what: qmail's log has no deferral and no failure of them",
        $sum{deferral} + $sum{failure} || $sum{success} != keys %wanted ? $said->(\%sum) : ());
    # Nothing may stay in the queue for the addresses that go.
    until_true(30, sub { flush(); return !files() }, 0.5);
    check("$what: the queue is empty", files());
}

# ----

note("SEED=$seed FILES=$files ROUNDS=$rounds MESSAGES=$messages KILLS=$kills");
srand $seed;
my %tests = (
    files => \&test_files,
    lines => \&test_lines,
    changes => sub { beside(0) },
    kills => sub { beside($kills) });
for (split ' ', $ENV{ONLY} // 'files lines changes kills') {
    my $test = $tests{$_} or die "no test $_\n";
    $test->();
}
the_end();
