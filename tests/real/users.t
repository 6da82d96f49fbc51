#!/usr/bin/perl
# users.t - with a real qmail: users/cdb has the bytes of bin/qmail-newu for 100,000 assign lines and many files, refusals too; and while assignments
# are added and removed, no local delivery is deferred or misdelivered. QMAILHOME names a qmail whose qmail-send runs, whose mail and users nobody
# needs; users/assign, users/cdb and control/ are put back. ROUNDS (1000) deliveries, FILES (2000).

use strict;
use warnings;
use FindBin;
use Time::HiRes qw(sleep time);
require "$FindBin::Bin/../assign.pl";

my $home = $ENV{QMAILHOME} // '';
my ($bin) = grep { -x "$_/qusers-add" } $ENV{BIN} // (), ($ENV{BUILD} // 'build') . '/bin';
unless ($home && -x "$home/bin/qmail-newu" && $> == 0) { print "1..0 # SKIP needs root and a real qmail in QMAILHOME\n"; exit 0 }
die "no programs: make first\n" unless $bin;
my $rounds = $ENV{ROUNDS} // 1000; my $files = $ENV{FILES} // 2000;
my ($count, $failed) = (0, 0);
sub ok { my ($good, $name) = @_; $count++; $failed ||= !$good; print $good ? '' : 'not ', "ok $count - $name\n" }
sub slurp { open my $f, '<', $_[0] or return; local $/; return readline($f) // '' }
sub spew { my ($f, $s) = @_; open my $h, '>', "$f.qqnew" or die "$f: $!"; print $h $s; close $h or die; rename "$f.qqnew", $f or die }
my ($assign, $cdb) = ("$home/users/assign", "$home/users/cdb");
my @kept = map { slurp($_) } $assign, $cdb;
my $box = "$home/users/qq-test";
END { if (@kept) { my $code = $?; for ([$assign, $kept[0]], [$cdb, $kept[1]]) { defined $_->[1] ? spew(@$_) : unlink $_->[0] } system 'rm', '-rf', $box; $? = $code } }
$SIG{INT} = $SIG{TERM} = sub { exit 1 };

# ---- bytes ----
sub by { my $code = system("@_ >/dev/null 2>&1") >> 8; return ($code ? 'refused' : slurp($cdb)) }
srand 11; my ($other, $refused) = (0, 0);
for (1 .. $files) {
    spew($assign, random_assign());
    my ($want, $got) = (by("$home/bin/qmail-newu"), by("$bin/qusers-compile --home $home"));
    $refused++ if $want eq 'refused'; $other++ if $want ne $got;
    print "# ", slurp($assign) =~ s/\n/\n# /gr, "\n" if $want ne $got && $other < 3;
}
ok(!$other, "$files files, $refused of them refused: as qmail-newu ($other differ)");
my $big = ''; while (($big =~ tr/\n//) < 100_000) { my $one = random_assign(); $big .= $one =~ s/^\..*//msr if records($one) }
spew($assign, "$big.\n");
ok(by("$home/bin/qmail-newu") eq by("$bin/qusers-compile --home $home"), '100,000 lines');

# ---- beside deliveries ----
my ($name, $uid, $gid) = (getpwuid((stat "$home/alias")[4]))[0, 2, 3];
chomp(my $domain = slurp("$home/control/locals") // slurp("$home/control/me")); $domain =~ s/\n.*//s;
mkdir $box or die "$box: $!";
for my $d ('', '/other', map { ("/$_", "/$_/new", "/$_/cur", "/$_/tmp") } 0 .. 9) { mkdir "$box$d"; chmod 0700, "$box$d"; chown $uid, $gid, "$box$d" }
for (0 .. 9) { spew("$box/$_/.qmail", "./\n"); chown $uid, $gid, "$box/$_/.qmail"; chmod 0600, "$box/$_/.qmail" }
chmod 0755, $box;
spew($assign, join('', map { "=qqtest${_}:$name:$uid:$gid:$box/${_}:::\n" } 0 .. 9) . "+:$name:$uid:$gid:$home/alias:-::\n.\n");
system("$bin/qusers-compile", '--home', $home) and die;
sub inject {
    my ($n, $to) = @_;
    pipe my $mr, my $mw or die; pipe my $er, my $ew or die;
    my $pid = fork // die;
    if (!$pid) { require POSIX; close $mw; close $ew; POSIX::dup2(fileno $mr, 0); POSIX::dup2(fileno $er, 1); exec "$home/bin/qmail-queue" or POSIX::_exit(1) }
    close $mr; close $er; print $mw "Subject: $n\n\nfor $to\n"; close $mw; print $ew "Fqqtest\@$domain\0T$to\0\0"; close $ew;
    waitpid $pid, 0; return !$?;
}
sub arrived { my ($i) = @_; my @files = glob "$box/$i/new/*"; return @files }
my $start = time; my $changer = fork // die;
if (!$changer) {
    my $code = 0;
    for (my $i = 0; $i < $rounds; $i++) {
        my $a = $i % 7 ? "=other$i" : "+other$i-";
        system("$bin/qusers-add", '--home', $home, $a, $name, $uid, $gid, "$box/other") and $code = 1;
        system("$bin/qusers-rm", '--home', $home, $a) and $code = 1;
    }
    require POSIX; POSIX::_exit($code);
}
my $bad = 0;
for (my $n = 0; $n < $rounds; $n++) { inject($n, 'qqtest' . $n % 10 . "\@$domain") or $bad++ }
ok(!$bad, "$rounds messages queued");
waitpid $changer, 0; ok(!$?, "$rounds adds and removes");
my $all = 0;
for (1 .. 600) { $all = 0; $all += arrived($_) for 0 .. 9; last if $all >= $rounds; sleep 0.1 }
my $wrong = 0;
for my $i (0 .. 9) { for (arrived($i)) { $wrong++ if slurp($_) !~ /^for qqtest$i@/m } }
printf "# %.1f s\n", time - $start;
ok($all == $rounds, "each has arrived, none was deferred ($all)");
ok(!$wrong, "none in another mailbox ($wrong)");
system("$bin/qusers-lookup --home $home qqtest1\@$domain >/dev/null"); ok(!$?, 'qusers-lookup finds it');
print "1..$count\n"; exit $failed;
