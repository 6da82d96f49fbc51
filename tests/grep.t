#!/usr/bin/perl
# grep.t - every criterion of qq-grep, alone, negated, with others, and in every way of matching,
# against reference.pl; over the queues that real qmails wrote and two that mkqueue makes, one of
# them with messages that are held, over and half removed. The choice is random with a fixed seed; a
# failure names queue and options, which is all that is needed to repeat it.

use strict;
use warnings;
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use List::Util qw(shuffle);

$ENV{TZ} = 'UTC';
$ENV{LC_ALL} = 'C';
delete @ENV{qw(QQ_QUEUE QMAILHOME)};
my $tests = dirname(__FILE__);
my $build = $ENV{BUILD} // "$tests/../build";
my $grep = ($ENV{BIN} // "$build/bin") . '/qq-grep';
require(($tests =~ m{^/} ? '' : './') . "$tests/reference.pl");

my $root = !$>;
my $dir = tempdir('qq-grep-XXXXXX', TMPDIR => 1, CLEANUP => 1);
chmod 0755, $dir;
my $count = 0;
srand 7;

for my $name (qw(queue-notqmail queue-bigtodo)) {
    run("mkdir '$dir/$name' && tar xzpf - -C '$dir/$name' <'$tests/fixtures/$name.tar.gz'");
    run("'$tests/renumber' '$dir/$name/queue' >'$dir/numbers'");
    compare($name, "$dir/$name/queue", 40);
}
my $owners = $root ? '--qmailq 64011 --qmails 64015 --qmailr 64014 --group 64010' : '';
run("'$build/tests/mkqueue' '$dir/plain' 400 --new 10 --bounces 15 --recipients 60 $owners");
compare('mkqueue', "$dir/plain", 200);
run("'$build/tests/mkqueue' '$dir/odd' 200 --seed 2 --split 7 --bigtodo --suppl 2 --new 20 --bounces 20 $owners"
);
if ($root) {
    spoil("$dir/odd");
    compare('mkqueue, held and over', "$dir/odd", 120);
} elsif (($ENV{CI} // '') eq 'true') {
    result(0, 'held and over (needs root)');
} else {
    result(1, 'held and over # SKIP needs root');
    compare('mkqueue with suppl', "$dir/odd", 120);
}
print "1..$count\n";

# Some messages are held, some over, some in the middle of being removed.
sub spoil {
    my ($queue) = @_;
    my ($i, $info_owner) = (0, (stat "$queue/info")[4]);
    for my $mess (glob "$queue/mess/*/*") {
        my $turn = $i++ % 10;
        utime time, time + 86400, $mess if $turn == 3;
        chown $turn == 2 ? $info_owner : 0, -1, $mess or die "$mess: $!" if $turn <= 2;
        (my $info = $mess) =~ s{/mess/}{/info/};
        if ($turn == 1 && -e $info) {
            open my $f, '>', $info or die "$info: $!";
            print $f "F#\@[]\0";
            close $f or die "$info: $!"
        }
    }
}

sub compare {
    my ($name, $queue, $combinations) = @_;
    my @messages = reference_read($queue);
    my @single = criteria($queue, sort { $a->{queued} <=> $b->{queued} } @messages);
    my @calls;
    push @calls, [@$_], ['-v', @$_] for @single;
    for (1 .. $combinations) {
        my @some = (shuffle 0 .. $#single)[0 .. (1 + int rand 2)];
        my %family;
        # The same criterion twice is asked below, on purpose.
        next if grep { $family{family($single[$_])}++ } @some;
        my @options = map { @{$single[$_]} } @some;
        # #@[] is no pattern of these.
        next if grep({ /^-[gE]$/ } @options) && grep { /\[\]/ } @options;
        # Whole lines or a whole body: not said.
        next if grep({ /^-[gEx]$/ } @options) && grep { $_ eq '--body' } @options;
        push @calls, [(rand() < 0.3 ? '-v' : ()), @options];
    }
    push @calls, [qw(--from bulk --from host1)], [qw(--to far --to host2 --new)],
        [qw(--uid 0 --uid 33)], [qw(--min-size 3K --min-size 1K)],
        [qw(--subject order --subject invoice)],
        [qw(--channel local --channel remote)], [qw(-c --from e)], [qw(-c -v --from e)],
        ['--from', 'e', map { $_->{id} } @messages[0 .. 2]];
    check($name, $queue, \@messages, @$_) for @calls;
}

# One call of each criterion, most with something that is in the queue.
sub criteria {
    my ($queue, @messages) = @_;
    my $some = sub { $messages[rand @messages] };
    # Brackets are no literals for -g and -E.
    my @froms = grep { length && !/\[/ } map { $some->()->{from} } 1 .. 60;
    my @tos =
        map { my @r = @{$some->()->{recipients} // []}; @r ? $r[rand @r]{address} : () } 1 .. 6;
    my @done =
        (map { $_->{address} } grep { $_->{done} } map { @{$_->{recipients} // []} } @messages),
        map { @{ $_->{failed} } } @messages;
    my @ips = grep { defined } map { $_->{ip} } @messages;
    my @uids = grep { defined } map { $_->{uid} } @messages;
    my $gap = widest_gap(map { $_->{queued} } @messages);
    my $list =
        write_list("$dir/list", @froms[0 .. 5], map { "nobody$_\@nowhere.example" } 1 .. 3000);
    my $domain = $froms[0] =~ s/.*\@//r;
    my $size = $some->()->{size};
    return (
        ['--from', '#@[]'],
        ['--from', '-@[]'],
        (   map { ['--from', $_] } @froms[1 .. 3],
            uc $froms[4],
            substr($froms[5], 1, 5),
            'spammer', 'no such'
        ),
        ['-x', '--from', $froms[6]],
        ['-x', '--from', uc $froms[6]],
        ['-x', '--case', '--from', uc $froms[6]],
        ['-x', '--from', substr $froms[6], 1],
        ['-g', '--from', "*\@$domain"],
        ['-g', '--from', '[a-m]*[0-4]@*'],
        ['-g', '--from', '?????1*'],
        ['-E', '--from', '^(alice|bob|spammer)[0-9]+@'],
        ['-E', '--from', 'e$'],
        ['--from-domain', $domain],
        ['--from-domain', uc $domain],
        ['--from-domain', substr $domain, 1],
        ['-g', '--from-domain', '*[0-3].*'],
        ['-E', '--from-domain', 'b.*k\\..*'],
        ['--from-list', $list],
        ['-x', '--from-list', $list],
        ['--null-sender'],
        ['--bounces'],
        ['--no-bounces'],
        ['--double-bounces'],
        (map { ['--to', $_] } @tos[0 .. 2], uc $tos[3], 'customer', 'far.test'),
        ['-g', '--to', '*.test'],
        (map { ['--to-domain', $_] } $tos[0] =~ s/.*\@//r, 'far.test', 'far', 'FAR.test'),
        ['-g', '--to-domain', '*.test'],
        ['--to-list', write_list("$dir/tos", @tos)],
        (map { ['--done-to', $_] } @done ? $done[rand @done] : 'nobody', 'e'),
        (   map { ['--subject', $_] } 'order',
            'ORDER', 'günstige', 'GÜNSTIGE pillen',
            'réunion', 'СЧЁТ', '注文', 'failure', 'else there', 'and what'
        ),
        ['-x', '--subject', 'failure notice'],
        ['--case', '--subject', 'günstige'],
        ['-E', '--subject', '[0-9]{3}$'],
        ['-g', '--subject', 'G?nstige*'],
        ['--subject-list', write_list("$dir/subjects", 'week', 'Réunion', 'résumé')],
        ['--header', 'X-Mailer:PHP'],
        ['--header', 'x-spam-flag:yes'],
        ['--header', 'From:jörg'],
        ['--header', 'Received:from network'],
        ['--header', 'Received:8.17.1'],
        ['--header', 'received:ESMTPSA ID'],
        ['--header', 'From:daemon'],
        ['--body', 'schöne'],
        ['--body', 'Ref 1'],
        ['--body', 'secret keyword'],
        ['--body', ', 5 = 7'],
        ['--body', 'copy of the message'],
        ['--body', 'contract'],
        ['--after', '@' . int $gap],
        ['--before', '@' . int $gap],
        ['--older', int(time - $gap) > 0 ? int(time - $gap) . 's' : '1d'],
        ['--newer', int(time - $gap) > 0 ? int(time - $gap) . 's' : '1d'],
        ['--after', '2026-11-20'], ['--before', '2026-11-20 12:53'],
        (map { ['--min-size', $_], ['--max-size', $_] } $size, '4K', '1M'),
        ['--min-recipients', 2],
        ['--min-recipients', 40],
        ['--local'],
        ['--remote'],
        ['--channel', 'local'],
        ['--channel', 'remote'],
        ['--new'],
        ['--failing'],
        ['--held'],
        ['--over'],
        ['--interrupted'],
        ['--future'],
        (-d "$queue/suppl0" ? ['--channel', 'suppl0'] : ()),
        ['--uid', 0],
        ['--uid', @uids ? $uids[rand @uids] : 1],
        ['--ip', @ips ? $ips[rand @ips] : '192.0.2.1'],
        ['--ip', '::ffff:198.51.100.7'],
        ['--ip', '198.51.100.0/25'],
        ['--ip', '2001:db8:0::/113'],
        ['--login', 'use'],
        ['-x', '--login', 'USER'],);
}

# Criteria that are one, or that together mean more than one thing.
sub family {
    my ($option) = grep { /^--(?!case)/ } @{$_[0]};
    return 'channel' if $option =~ /^--(?:local|remote|channel)/;
    # Holds for every pattern of the call.
    return 'pattern' if $_[0][0] =~ /^-[xgE]$|--case/;
    return $option =~ s/-list//r;
}

# A moment far from every message: ages are asked twice, a little apart.
sub widest_gap {
    my @t = sort { $a <=> $b } @_, time;
    my ($best) = sort { $t[$b + 1] - $t[$b] <=> $t[$a + 1] - $t[$a] } 0 .. $#t - 1;
    return ($t[$best] + $t[$best + 1]) / 2;
}

sub write_list {
    my ($name, @lines) = @_;
    open my $f, '>', $name or die "$name: $!";
    print $f map { "$_\n" } @lines;
    close $f or die "$name: $!";
    return $name;
}

# Ids, exit code, and silence on stderr but for the note about interrupted removals.
sub check {
    my ($name, $queue, $messages, @arguments) = @_;
    my @want = reference_grep($messages, @arguments);
    my $code = @want ? 0 : 1;
    my $pid = open my $pipe, '-|';
    defined $pid or die "fork: $!";
    if (!$pid) {
        open STDERR, '>', "$dir/err";
        exec $grep, '--queue', $queue, @arguments or exit 127;
    }
    my $out = do { local $/; <$pipe> } // '';
    close $pipe;
    my $got_code = $? >> 8 || $? & 127 && "signal $?";
    my $counted = $arguments[0] eq '-c';
    my @got = $counted ? $out =~ /\A(\d+)\n\z/ : sort { $a <=> $b } map { s/@.*//r } split /\0/,
        $out;
    @want = scalar @want if $counted;
    my $err = do { open my $f, '<', "$dir/err" or die; local $/; <$f> } // '';
    $err =~ s/^qq-grep: warning: \d+ removals? (was|were) interrupted: .*\n//m;
    my $right = "@got" eq "@want" && $got_code eq $code && $err eq '';
    result($right, "$name: @arguments" =~ s/#/\\#/gr =~ s/\n/ /gr =~ s/\Q$dir\E/DIR/gr);
    return if $right;
    my (%want, %got);
    @want{@want} = @got{@got} = ();
    print
        "# exit $got_code, expected $code\n# missing: @{[grep { !exists $got{$_} } @want]}\n# too many: @{[grep { !exists $want{$_} } @got]}\n";
    print map { "# $_\n" } split /\n/, $err;
}

sub result { my ($right, $name) = @_; $count++; print $right ? '' : 'not ', "ok $count - $name\n" }
sub run { system('sh', '-c', $_[0]) == 0 or do { print "Bail out! $_[0]\n"; exit 99 } }
