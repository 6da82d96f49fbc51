#!/usr/bin/perl
# lookup.t - qusers-lookup against a model, written from QMAIL.md C.3: qmail-send's rewrite, the
# record of users/cdb, the .qmail file, in random homes; in words, and in JSON.

use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use JSON::PP qw(decode_json);
require "$FindBin::Bin/assign.pl";

my ($bin) = grep { -x "$_/qusers-lookup" } $ENV{BIN} // (),
    ($ENV{BUILD} // "$FindBin::Bin/../build") . '/bin';
die "no programs: make first\n" unless $bin;
delete @ENV{qw(QQ_QUEUE QMAILHOME)};
$ENV{LC_ALL} = 'C';
my $rounds = $ENV{ROUNDS} // 60;
srand($ENV{SEED} // 7);
my $t = tempdir(CLEANUP => 1, -w '/dev/shm' ? (DIR => '/dev/shm') : (TMPDIR => 1)); chmod 0755, $t;
sub pick { $_[rand @_] }
sub spew { my ($f, $s) = @_; open my $h, '>', $f or die "$f: $!"; print $h $s; close $h or die }
sub lower { $_[0] =~ tr/A-Z/a-z/r }
my $uid = $> || 1;

# ---- the model ----
my %control;    # name => text
# Lines without blanks at their end, comments and empty lines.
sub entries {
    my ($name) = @_;
    return grep { $_ ne '' && !/^#/ } map { s/[ \t]+$//r } split /\n/, $control{$name} // ''
}
sub listed {
    my ($name, $s) = @_;
    my @l = exists $control{$name} || $name ne 'locals' ? entries($name) : 'me.test';
    return grep { lower($_) eq lower($s) } @l
}
sub rewrite {
    my ($address) = @_;
    $address .= '@' . ((entries('envnoathost'))[0] // 'me.test') if $address !~ /@/;
    for (;;) {
        my ($local, $domain) = $address =~ /^(.*)@([^@]*)$/s;
        last if !listed('percenthack', $domain) || $local !~ /%/;
        $local =~ s/%([^%]*)$/\@$1/s; $address = $local;
    }
    my ($domain) = $address =~ /@([^@]*)$/s;
    return ('local', $address) if listed('locals', $domain);
    my %virtual = map { /^([^:]*):(.*)$/s ? (lower($1) => $2) : () } entries('virtualdomains');
    my @keys = ($address, $domain); 
    push @keys, substr $domain, $_
        for grep { substr($domain, $_, 1) eq '.' } 0 .. length($domain) - 1;
    for my $k (@keys, '') {
        my $prefix = $virtual{lower($k)} // next;
        return $prefix eq '' ? ('exception', $address) : ('virtual', "$prefix-$address");
    }
    return ('remote', $address);
}
sub matched {
    my ($local, @records) = @_;
    my (%first, $wildchars);
    for (@records) { $first{$_->[0]} //= $_->[1]; $wildchars = $_->[1] if $_->[0] eq '' }
    my $key = '!' . lower($local);
    return ("=$local", $first{"$key\0"}) if defined $first{"$key\0"};
    for (my $n = length $key; $n; $n--) {
        next if $n > 1 && index($wildchars, substr $key, $n - 1, 1) < 0;
        my $data = $first{substr $key, 0, $n} // next;
        return ('+' . substr($local, 0, $n - 1), $data . substr $local, $n - 1);
    }
    return;
}
sub dotqmail {
    my ($home, $dash, $ext) = @_;
    $ext = lower($ext) =~ tr/./:/r;
    my @try = ".qmail$dash$ext";
    for (my $n = length $ext; $n >= 0; $n--) {
        push @try, ".qmail$dash" . substr($ext, 0, $n) . 'default'
            if !$n
            || substr($ext, $n - 1, 1) eq '-'
    }
    for (@try) { return $_ if -f "$home/$_" }
    return '';
}

# ---- random homes ----
my @domains = qw(me.test a.test b.a.test x.b.a.test Other.test c.example d e.d);
my @locals =
    qw(joe Joe joe-x joe-X-y ann ann-list-a.b 1-joe 10-joe 10x
        ab-default a.b-c %x joe%a.test u%b.a.test%me.test x@y 100-ann-Q -dash default);
sub make_home {
    system 'rm', '-rf', "$t/q"; mkdir "$t/q"; mkdir "$t/q/$_" for qw(users control queue alias);
    %control = (me => "me.test\n");
    $control{locals} = join '',
        map { pick($_, uc, "$_ \t", "#$_") . "\n" } grep { rand(4) < 1 } @domains
        if rand(5) > 1;
    $control{virtualdomains} = join '', map {
        my $d = $_;
        pick(
            "$d:",
            "$d:" . pick(qw(1 10 100 ann joe-x Joe)),
            ".$d:" . pick(qw(1 10 ann)),
            pick(@locals) . "\@$d:" . pick('1', '10', '', 'joe'),
            uc("$d") . ':10 ',
            ':' . pick('100', '', '1'),
            $d,
            "#$d:7")
            . "\n"
        }
        map { pick(@domains) } 1 .. rand 10 if rand(5) > 1;
    $control{percenthack} = join '', map { "$_\n" } grep { rand(3) < 1 } @domains if rand(2) < 1;
    $control{envnoathost} = pick(@domains) . "\n" if rand(3) < 1;
    spew("$t/q/control/$_", $control{$_}) for keys %control;
    my $assign = '';
    for (1 .. rand 16) {
        my $h = "$t/q/h" . int rand 4;
        $assign .= pick('=', '+')
            . pick('',
            qw(joe joe- Joe-X joe-x- j ann ann-list- 1 10 1- 10- 100
                1-joe 10-JOE ab- a.b - 100-ann-Q)
            )
            . ":u:$uid:$uid:$h:"
            . pick('', '-', '-') . ':'
            . pick('', '', 'e', 'list-') . ":\n";
    }
    $assign .= ".\n"; spew("$t/q/users/assign", $assign);
    for my $n (0 .. 3) {
        mkdir "$t/q/h$n", 0700;
        for (1 .. rand 12) {
            my $f =
                  "$t/q/h$n/.qmail"
                . pick('', '-', '')
                . pick('',
                qw(default joe x y list-default list-a:b a.b x-y x-default
                    e e-default joe-default -joe -default default-default list-)
                );
            -e $f and next;
            if (rand(9) < 1) { mkdir $f }
            else { spew($f, pick("|true\n", "./Maildir/\n", "&x\@y\n", "#\n")) }
        }
        system 'chown', '-R', $uid, "$t/q/h$n" if !$>;
    }
    system("$bin/qusers-compile", '--home', "$t/q") and die "compile: $assign";
    return records($assign);
}

my ($wrong, $n, %kinds) = (0, 0);
for my $round (1 .. $rounds) {
    my @records = make_home();
    my @addresses = map {
        pick(@locals)
            . (rand(8) < 1 ? '' : '@' . pick(@domains, 'far.example', map { uc } @domains))
    } 1 .. 40;
    my %said = ();
    open my $p, '-|', "$bin/qusers-lookup", '--home', "$t/q", '--', @addresses or die;
    my @said;
    while (<$p>) {
        if (/^  /) { $said[-1] .= $_ }
        else { push @said, $_ }
    }
    close $p;
    open $p, '-|', "$bin/qusers-lookup", '--json', '--home', "$t/q", '--', @addresses or die;
    my @objects = map { decode_json($_) } <$p>;
    close $p;
    for my $i (0 .. $#addresses) {
        my $address = $addresses[$i]; my $said = $said[$i]; my $o = $objects[$i]; $n++;
        if (!defined $said || !defined $o) {
            $wrong++; print "# round $round: it ended before $address\n"; last;
        }
        my ($kind, $recipient) = rewrite($address); $kinds{$kind}++;
        my $is =
              $said =~ /in control\/locals: local/ ? 'local'
            : $said =~ /: local, as / ? 'virtual'
            : $said =~ /exception: remote/ ? 'exception'
            : $said =~ /: remote$/m ? 'remote'
            : '?';
        my @bad;
        push @bad, "route $kind $recipient"
            if $is ne $kind || ($kind eq 'virtual' && $said !~ /local, as \Q$recipient\E$/m);
        my %right = (
            address => $address,
            route => $kind,
            recipient => $kind =~ /^(local|virtual)$/ ? $recipient : undef,
            map { $_ => undef } qw(taken_as assignment user uid gid home dash ext file));
        if ($kind eq 'local' || $kind eq 'virtual') {
            my ($local) = $recipient =~ /^(.*)@/s;
            my ($by, $data) = matched($local, @records);
            if (!defined $by) {
                $kinds{nobody}++;
                push @bad, 'nobody' if $said !~ /assigns it to nobody/;
                delete @right{keys %right};     # alias, or a user of this system
                push @bad, 'taken in JSON' if ($o->{taken_as} // '') eq 'assigned'
            }
            else {
                my ($user, $u, $g, $home, $dash, $ext) = split /\0/, $data, 6;
                $kinds{ substr $by, 0, 1 }++;
                push @bad, "record $by, $data"
                    if $said !~ /(?:assigned is|assigns) \Q$by\E$/m
                    || $said !~ /home \Q$home\E, dash "\Q$dash\E", extension "\Q$ext\E"/;
                my $file = dotqmail($home, $dash, $ext); $kinds{$file eq '' ? 'no file' : 'file'}++;
                push @bad, "file '$file'"
                    if $file ne ''
                    ? $said !~ m{reads \Q$home/$file\E$}m
                    : $said !~ ($dash ne '' ? qr/it bounces/ : qr/default instructions count/);
                @right{qw(taken_as assignment user uid gid home dash ext file)} = ('assigned', $by,
                    $user, $u, $g, $home, $dash, $ext, $file ne '' ? "$home/$file" : undef);
            }
        }
        push @bad, map { "JSON $_" } grep { ($o->{$_} // '(null)') ne ($right{$_} // '(null)') }
            sort keys %right;
        my $steps = join '', map { "  $_\n" } @{ $o->{steps} };
        push @bad, 'steps' if $said ne "$address\n$steps";
        next unless @bad;
        $wrong++
            or print "# round $round: expected @bad\n", map "#   $_\n", split /\n/,
            "$address\n$said";
    }
}
print "# $n addresses: ", join(', ', map { "$_ $kinds{$_}" } sort keys %kinds), "\n";
print $wrong ? "not ok 1 - $wrong of $n addresses\n" : "ok 1 - $n addresses\n";
my @missing = grep { !$kinds{$_} } qw(local virtual exception remote nobody = + file), 'no file';
print @missing ? "not ok 2 - seen everything (@missing)\n" : "ok 2 - seen everything\n";
print "1..2\n";
exit($wrong || @missing ? 1 : 0);
