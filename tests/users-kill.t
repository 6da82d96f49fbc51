#!/bin/sh
# users-kill.t - the programs that change users and domains, killed at every system call, and
# without disk: the old state, the new one, or one that qusers-check or qdom-list names; the same
# command again finishes it; users/cdb is always whole.

# Strace stops it where it is killed; the disk has no part in it.
[ ! -w /dev/shm ] || TMPDIR=${TMPDIR:-/dev/shm}; export TMPDIR
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"

case $BUILD in */asan) echo '1..0 # SKIP seen by the other build'; exit 0 ;; esac
skip_unless_root
if ! strace -o /dev/null -e inject=unlinkat:delay_enter=1:when=1000 true 2>/dev/null; then
  if [ "${CI-}" = true ]; then not_ok 'killed at any moment (needs strace)'
  else ok 'killed at any moment # SKIP no strace(1) that may trace'; fi
  finish
fi

# run PROGRAM...: from $T/old; a perl, for some hundred runs. Every call that
# changes files is one moment.
cat >"$T/kill.pl" <<'P'
use strict; use warnings;
my ($how, $prepare, @command) = @ARGV;
my $t = $ENV{T}; chdir $t or die; $ENV{QMAILHOME} = "$t/q";
sub sh { my $r = system 'sh', '-c', shift; return $r }
my $calls =
    'mkdir,mkdirat,openat,write,pwrite64,fchown,fchmod,rename,renameat,renameat2,unlinkat,linkat,'
    . 'ftruncate,utimensat'
    . ($how eq 'kill' ? '' : ',fsync');
# What there is, but for the times, temporary files and the history.
sub what_is {
    my ($q) = @_;
    my $find = "find users control \$(ls -d mailnames 2>/dev/null)"
        . " ! -name '.*new*' ! -name '.qctl-*'";
    return scalar `cd $q && $find -printf '%p %M %U:%G\\n' | sort
        cd $t/$q && $find -type f | sort | xargs cksum`;
}
sub cdb_is_whole {
    open my $f, '<', 'q/users/cdb' or return 'no users/cdb'; local $/; my $s = readline $f;
    return 'users/cdb without its header' if length $s < 2048;
    my ($at, $n) = unpack 'VV', substr $s, 8 * (5381 & 255);
    for (0 .. $n - 1) {
        my ($h, $p) = unpack 'VV', substr $s, $at + 8 * $_, 8;
        return '' if $p && $h == 5381 && unpack('V', substr $s, $p, 4) == 0
    }
    return 'users/cdb without its last record';
}
sub fresh { sh('rm -rf q; cp -Rp old q') and die }
my $base =
    'mkdir -p old/users old/control old/queue; echo mx.test >old/control/me; '
    . 'echo mx.test | tee old/control/locals >old/control/rcpthosts; '
    . 'echo . >old/users/assign; QMAILHOME=old qusers-compile; '
    . 'mv old q; export QMAILHOME=$T/q; ' . $prepare . '; mv q old';
sh("rm -rf q old; { $base; } >/dev/null 2>said") and die "prepare: " . `cat said`;
fresh(); my $old = what_is('q');
sh("@command >/dev/null 2>said") and die `cat said`;
my $new = what_is('q'); my $bad = 0; my $n = 0;
die "nothing changes\n" if $old eq $new;
# How often each call is made.
fresh(); sh("strace -f -o trace -e trace=$calls @command >/dev/null 2>&1");
my %made; open my $f, '<', 'trace' or die; my $seen = 0;
# Those before the lock do nothing but load the program.
while (<$f>) {
    /^\d+ +(\w+)\(/ or next;
    my $c = $1;
    $made{$c}++;
    $seen ||= /qqtools/;
    push @{$made{at}{$c}}, $made{$c} if $seen && !(/O_RDONLY/ && $c eq 'openat')
}
my @moments = map { my $c = $_; map [$c, $_], @{ $made{at}{$c} } } sort keys %{ $made{at} };
for my $m (@moments) {
    my ($call, $when) = @$m;
    for my $what (
        $how eq 'kill' ? ('signal=KILL') : map "error=$_",
        $call =~ /close|linkat/ ? ()
        : $call =~ /openat/ ? 'EROFS'
        : $call =~ /write/ ? 'ENOSPC'
        : 'EIO')
    {
        fresh(); $n++;
        my $where = "$call $when $what";
        my $strace = "strace -f -o /dev/null -e trace=$call -e inject=$call:$what:when=$when";
        my $code = sh("$strace @command >words 2>said");
        my @wrong; my $s = cdb_is_whole(); push @wrong, $s if $s;
        my $got = what_is('q');
        if ($how eq 'error') {
            my $said = `cat said`;
            push @wrong, 'exit ' . ($code >> 8) . ": $said"
                unless $code >> 8 == 111 && $said =~ /\A(?:\S+: warning: .+\n)*\S+: fatal: .+\n\z/
                || $code == 0 && $got eq $new;
        }
        my $names = `{ qusers-check | grep -v '^hint'; qdom-list | grep :; } 2>&1`;
        # Who looks as root ends a change of control files that was interrupted.
        $got = what_is('q');
        my $half = $got ne $old && $got ne $new;
        # A directory or file that nothing leads to yet, or any more, is no harm.
        (my $led = $got) =~ s/^mailnames.*\n//mg;
        $led =~ s/^.* mailnames.*\n//mg;
        (my $was = $old) =~ s/^mailnames.*\n//mg;
        $was =~ s/^.* mailnames.*\n//mg;
        (my $will = $new) =~ s/^mailnames.*\n//mg; $will =~ s/^.* mailnames.*\n//mg;
        push @wrong, 'half, and nobody names it'
            if $half && $led ne $was && $led ne $will && $names eq '';
        # Again: done now, or it had been done.
        my $again = sh("@command >/dev/null 2>again") >> 8;
        my $a = `cat again`; $got = what_is('q');
        if ($got ne $new) {
            open my $w, '>', 'w' or die;
            print $w $new;
            close $w;
            open $w, '>', 'g' or die;
            print $w $got;
            close $w;
            push @wrong, "the second run does not repair it: exit $again $a" . `diff w g`
        }
        $s = cdb_is_whole(); push @wrong, "again: $s" if $s;
        push @wrong, 'left: ' . `cd q && ls -A users control | grep new`
            if `cd q && ls -A users control | grep -c '^\\..*new'` > 0;
        if (@wrong) { $bad++; print "$where: $_\n" for @wrong }
    }
}
print "$bad of $n\n"; exit($bad > 0 || !$n);
P
export T
u='--user daemon'
# The order of qdom-rm: virtualdomains, word that qmail-send has to read it, and only then the lines
# of users/assign; and so a second time, where the first run was stopped between the two.
order() {
  strace -f -o "$T/trace" -e trace=write,rename,renameat,renameat2 "$@" >"$T/said" 2>&1 || {
    cat "$T/said"; return 1
  }
  sed -n 's/.*rename.*"\(virtualdomains\|assign\|cdb\)".*/\1/p;s/.*write(1, "HUP .*/HUP/p' \
    "$T/trace" | tr '\n' ' ' >"$T/order"
  cat "$T/order"
}
fresh() {
  rm -rf "$T/q"; mkdir -p "$T/q/users" "$T/q/control" "$T/q/queue"
  echo mx.test >"$T/q/control/me"; echo . >"$T/q/users/assign"; QMAILHOME=$T/q
  export QMAILHOME; qusers-compile; qdom-add $u a.test
}
fresh >/dev/null 2>&1
check 'qdom-rm: in this order' test "$(order qdom-rm a.test)" = 'virtualdomains HUP assign cdb '
fresh >/dev/null 2>&1; qctl-set --remove a.test virtualdomains >/dev/null
check 'qdom-rm, once virtualdomains is done: HUP before the lines go' test \
  "$(order qdom-rm a.test)" = 'HUP assign cdb '
fresh >/dev/null 2>&1
check 'qdom-add: the other way round' test "$(order qdom-add $u b.test)" = \
  'assign cdb virtualdomains HUP '
half='qdom-add $u a.test; qdom-rm a.test; qctl-undo'
for how in kill error; do
  check "$how: qdom-add of a domain that is there in part" perl "$T/kill.pl" $how "u='$u'; $half" \
    qdom-add $u a.test
  check "$how: qusers-compile" perl "$T/kill.pl" $how \
    "printf '=a:u:1:2:/h:::\\n.\\n' >q/users/assign" qusers-compile
  check "$how: qusers-add" perl "$T/kill.pl" $how "qusers-add =a u 1 2 /h" qusers-add =b u 1 2 /h
  check "$how: qusers-add --replace" perl "$T/kill.pl" $how "qusers-add =a u 1 2 /h" qusers-add \
    --replace =a u 1 2 /i
  check "$how: qusers-rm" perl "$T/kill.pl" $how "qusers-add =a u 1 2 /h" qusers-rm =a
  check "$how: qusers-add, behind links" perl "$T/kill.pl" $how "qusers-add =a u 1 2 /h;
    (cd q/users; mkdir far; mv assign cdb far; ln -s far/assign far/cdb .)" qusers-add =b u 1 2 /h
  check "$how: qdom-add" perl "$T/kill.pl" $how : qdom-add $u a.test
  check "$how: qmbox-add" perl "$T/kill.pl" $how "qdom-add $u a.test" qmbox-add $u joe@a.test
  check "$how: qalias-add" perl "$T/kill.pl" $how "qdom-add $u a.test; qmbox-add $u joe@a.test" \
    qalias-add $u j@a.test joe@a.test
  check "$how: qalias-rm" perl "$T/kill.pl" $how \
    "qdom-add $u a.test; qmbox-add $u joe@a.test; qalias-add $u j@a.test joe@a.test" qalias-rm \
    j@a.test
  check "$how: qmbox-rm --purge" perl "$T/kill.pl" $how \
    "qdom-add $u a.test; qmbox-add $u joe@a.test" qmbox-rm --purge $u joe@a.test
  check "$how: qdom-rm" perl "$T/kill.pl" $how \
    "qdom-add $u b.test; qdom-add $u a.test; qmbox-add $u joe@a.test" qdom-rm $u a.test
  check "$how: qdom-rm --purge" perl "$T/kill.pl" $how "qdom-add $u b.test; qdom-add $u a.test" \
    qdom-rm --purge $u a.test
done
finish
