#!/usr/bin/perl
# What qctl-get says is in force is what a real qmail-showctl says, of files by chance; and what
# qctl-check calls an open relay, a real qmail-smtpd takes. The environment is that of real.pl, and
# ROUNDS (40).

use strict;
use warnings;
use FindBin;
BEGIN { require "$FindBin::Bin/$_" for '../control-reference.pl', 'real.pl' }

our ($home, $bin, $tmp);
my $rounds = $ENV{ROUNDS} // 40;
my $seed = $ENV{SEED} // 20261120;
real('stopped');
srand $seed;

sub run {
    my @command = @_;
    open my $p, '-|', @command or die;
    local $/;
    my $out = <$p> // '';
    close $p;
    return ($out, $? >> 8)
}
# What qmail-showctl does to what it shows.
sub safe { my ($s) = @_; $s =~ s/[^ -~]/?/gs; return $s }
my %around = (     # before a value, and behind it, in each qmail's words
    badmailfrom => ['', ' not accepted in MAIL FROM.',
        ' MAIL FROM denied if it matches this pattern.'],     # sagredo's
    locals => ['Messages for ', ' are delivered locally.'],
    percenthack => ['The percent hack is allowed for user%host@', '.'],
    qmqpservers => ['QMQP server: ', '.'],
    rcpthosts => ['SMTP clients may send messages to recipients at ', '.'],
    morercpthosts => ['SMTP clients may send messages to recipients at ', '.'],
    smtproutes => ['SMTP route: ', ''], virtualdomains => ['Virtual domain: ', ''],
    bouncefrom => ['Bounce user name is ', '.'],
    bouncehost => ['Bounce host name is ', '.'],
    defaultdomain => ['Default domain name is ', '.'],
    defaulthost => ['Default host name is ', '.'],
    doublebouncehost => ['2B recipient host: ', '.'],
    doublebounceto => ['2B recipient user: ', '.'],
    envnoathost => ['Presumed domain name is ', '.'],
    helohost => ['SMTP client HELO host name is ', '.'],
    idhost => ['Message-ID host name is ', '.'],
    localiphost => ['Local IP address becomes ', '.'],
    me => ['My name is ', '.'],
    plusdomain => ['Plus domain name is ', '.'], smtpgreeting => ['SMTP greeting: 220 ', '.'],
    concurrencylocal => ['Local concurrency is ', '.'],
    concurrencyremote => ['Remote concurrency is ', '.'],
    databytes => ['SMTP DATA limit is ', ' bytes.'],
    queuelifetime => ['Message lifetime in the queue is ', ' seconds.'],
    timeoutconnect => ['SMTP client connection timeout is ', ' seconds.'],
    timeoutremote => ['SMTP client data timeout is ', ' seconds.'],
    timeoutsmtpd => ['SMTP server data timeout is ', ' seconds.'],);
# What it says of one file: the value, or of several lines a reference to them; nothing: no file.
sub shown {
    my ($text, $name, $several) = @_;
    my ($before, @after) = @{ $around{$name} };
    my $after = join '|', map { quotemeta } @after;
    # the paragraph: up to the next one, which an empty line is in front of
    my ($paragraph) = $text =~ /^\Q$name\E: (.*?)\n(?=\n|\z)/ms or return;
    if ($several) {
        my ($head, @lines) = split /\n/, $paragraph, -1;
        return if ($head // '') =~ /^\(Default\.\)/;
        for (@lines) { s/^\Q$before\E// && s/(?:$after)\z// or return "cannot read: $_" }
        return \@lines;
    }
    $paragraph =~ s/^\(Default\.\) //;
    $paragraph =~ /^\Q$before\E(.*)(?:$after)\z/s or return "cannot read: $paragraph";
    return $1;
}
sub map_of { my %m = as_map(@_); return [map { "$_:$m{$_}" } sort keys %m] }

my ($compared, @bad) = (0);
my @names = sort keys %around;
for my $round (1 .. $rounds) {
    my $files = some_files();
    delete $files->{morercpthosts} unless $files->{rcpthosts};
    unlink glob "$home/control/*";
    spew("$home/control/$_", $files->{$_}) for keys %$files;
    my ($text) = run("$home/bin/qmail-showctl");
    for my $name (@names) {
        my $kind = reference_kind($name);
        my $several = $kind eq 'list' || $kind eq 'map';
        my ($said, $code) = run("$bin/qctl-get", '--home', $home, $name);
        my $real = shown($text, $name, $several);
        # Where me stands for locals, and where there is nothing, it says so in words of its own;
        # what is refused without me has no default.
        next
            if !exists $files->{$name}
            && ($name eq 'locals'
            || !defined $real
            || (!exists $files->{me} && $name =~ /\A(me|helohost|localiphost|smtpgreeting)\z/));
        my $ours;
        if ($several) {
            $ours = [map { safe($_) } split /\n/, $said, -1]; pop @$ours;
            ($ours, $real) = map { ref ? map_of(@$_) : $_ } $ours, $real if $kind eq 'map';
            ($ours, $real) = map {
                ref ? join ' | ', map { "<$_>" } @$_ : defined ? $_ : 'nothing'
            } $ours, $real;
        }
        else {
            chomp $said;
            $ours = safe($said);
            $ours = 0 if $kind eq 'integer' && $ours =~ /\A-/;
        }
        $compared++;
        next if $code eq '0' && $ours eq $real;
        my $bytes =
            exists $files->{$name}
            ? $files->{$name} =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ger
            : '(none)';
        push @bad, "$name: <$bytes>\n#   qctl-get $code: $ours\n#   showctl:    $real";
    }
}
check("$compared files by chance, seed $seed", @bad);
# Whether it takes mail for the recipient from a stranger.
sub takes {
    my ($recipient) = @_;
    spew("$tmp/session",
        "HELO x\r\nMAIL FROM:<a\@b.test>\r\nRCPT TO:<$recipient>\r\nQUIT\r\n");
    my ($said) = run(qw(env -u RELAYCLIENT PROTO=TCP TCPREMOTEIP=192.0.2.9 sh -c),
        'exec "$1" <"$2"', 'sh', "$home/bin/qmail-smtpd", "$tmp/session");
    my @answers = split /\r\n/, $said;
    return ($answers[-2] // '') =~ /^250 /;
}
my (%relays, @wrong);
my @domains = qw(a.test .b.test c.b.test MX.TEST d.test);
for my $round (1 .. $rounds) {
    my %files = (me => "mx.test\n", map { my $p = $_;
        ($p => join '', map { "$_\n" } grep { rand() < 0.3 } @domains) } qw(rcpthosts percenthack));
    $files{percenthack} =~ s/^\..*\n//m;
    $files{rcpthosts} .= ".com\n" if rand() < 0.2;
    $files{envnoathost} = "d.test\n" if rand() < 0.3;
    unlink glob "$home/control/*";
    spew("$home/control/$_", $files{$_}) for keys %files;
    # qmail-send makes v@far.test of each of them
    my @victims = map { "v%far.test\@$_" } split /\n/, $files{percenthack};
    my $without = lc(($files{envnoathost} // $files{me}) =~ s/\n//r);
    push @victims, 'v%far.test' if grep { lc eq $without } split /\n/, $files{percenthack};
    my @taken = grep { takes($_) } @victims, 'v@far.com', 'v@far.test';
    my ($said) = run("$bin/qctl-check", '--home', $home);
    $relays{ @taken > 0 }++;
    push @wrong, "taken: @taken; said: $said" if (@taken > 0) != ($said =~ /an open relay/);
}
check("an open relay is one: $rounds servers by chance, seed $seed", @wrong);
check('some are, and some are not', $relays{1} && $relays{''} ? () : join ' ', %relays);
check('enough of them', $compared > 15 * $rounds ? () : "expected more than 15 in each round");
the_end();
