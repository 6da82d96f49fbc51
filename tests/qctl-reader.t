#!/usr/bin/perl
# qctl-reader.t - what qctl-show and qctl-get say is in force is what qmail's own reader
# makes of the same bytes, as control-reference.pl has it; files by chance. SEED, ROUNDS
# (100; each has up to 28 files).

use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use JSON::PP;
use MIME::Base64;
require "$FindBin::Bin/control-reference.pl";

my $repo = $FindBin::Bin =~ s{/tests\z}{}r;
my $build = $ENV{BUILD} // "$repo/build";
my $bin = $ENV{BIN} // "$build/bin";
my $rounds = $ENV{ROUNDS} // 100;
my $seed = $ENV{SEED} // 20261120;
delete @ENV{qw(QMAILHOME QQ_QUEUE)};
srand $seed;
my $home = tempdir(CLEANUP => 1);
mkdir "$home/control" or die;
my ($failed, @bad) = (0);

# Standard output and the exit code.
sub run {
    my @command = @_;
    open my $p, '-|', @command or die "$command[0]: $!\n";
    local $/; my $out = <$p> // '';
    close $p;
    return ($out, $? & 127 ? "signal " . ($? & 127) : $? >> 8);
}
sub show {
    my $s = join '|', map { defined ? $_ : '(none)' } @_;
    $s =~ s/([^\x20-\x7e])/sprintf '\\x%02x', ord $1/ge;
    return $s
}
sub differ {
    my ($what, $name, $files, $got, $expected) = @_;
    push @bad, sprintf "%s %s: file <%s> me <%s>\n#   got      %s\n#   expected %s", $what, $name,
        show($files->{$name}), show($files->{me}), $got, $expected;
}
sub text {
    my ($source, $value) = @_;
    return $source . ': ' . (ref $value ? show(map { "<$_>" } @$value) : show($value))
}
sub sorted_map { my %m = as_map(@_); return [map { "$_:$m{$_}" } sort keys %m] }
sub is_utf8 { my ($s) = @_; return utf8::decode($s) }

my @names = sort map { reference_names($_) } qw(string host integer list map);
my $compared = 0;
for my $round (1 .. $rounds) {
    my $files = some_files();
    unlink glob "$home/control/*";
    for my $name (keys %$files) {
        open my $f, '>:raw', "$home/control/$name" or die;
        print $f $files->{$name} or die;
        close $f or die
    }
    my ($out, $code) = run("$bin/qctl-show", '--home', $home, '--json', @names);
    if ($code) { push @bad, "round $round: qctl-show --json: $code"; }
    my %said = map { my $o = decode_json($_); ($o->{name} => $o) } $code ? () : split /\n/, $out;
    for my $name (@names) {
        my ($source, $value) = reference($name, $files);
        my $kind = reference_kind($name);
        my $o = $said{$name};
        if ($o) {
            my $got = $o->{value};
            utf8::encode($_) for grep { defined && !ref } $got, ref $got ? @$got : ();
            $got = decode_base64($o->{value_base64}) if !ref $got && defined $o->{value_base64};
            my $wanted = $value;
            # An entry that is no UTF-8 is no longer exact here.
            if (ref $got && ref $value && @$got == @$value) {
                $wanted = [
                    map {
                        is_utf8($value->[$_])
                            || $got->[$_] !~ /\xef\xbf\xbd/
                            ? $value->[$_]
                            : $got->[$_]
                    } 0 .. $#$value]
            }
            ($got, $wanted) = map { sorted_map(@$_) } $got, $wanted
                if $kind eq 'map' && ref $got && ref $wanted;
            differ(
                'qctl-show --json',
                $name, $files,
                text($o->{source}, $got),
                text($source, $wanted)
            ) if text($o->{source}, $got) ne text($source, $wanted);
            differ('kind of', $name, $files, $o->{kind}, $kind) if $o->{kind} ne $kind;
            $compared++;
        }
        next unless !$o || rand() < 0.1;
        ($out, $code) = run("$bin/qctl-get", '--home', $home, $name);
        my $several = $kind eq 'list' || $kind eq 'map';
        my $expected =
            defined $value ? ($several ? join('', map { "$_\n" } @$value) : "$value\n") : '';
        if ($kind eq 'map' && defined $value) {
            ($out, $expected) = map { join '|', @{ sorted_map(split /\n/) } } $out, $expected
        }
        my $expected_code = defined $value ? 0 : 1;
        differ('qctl-get', $name, $files, show("$code <$out>"), show("$expected_code <$expected>"))
            if $out ne $expected || $code ne $expected_code;
        $compared++;
    }
}
# The reference itself, on what QMAIL.md D.0 says was seen on a real one.
my @known = (
    [databytes => '12abc', 'set: 12'],
    [databytes => '0x10', 'set: 0'],
    [databytes => ' 12', 'ignored: 0'],
    [databytes => '', 'ignored: 0'],
    [databytes => "\n5\n", 'ignored: 0'],
    [databytes => '4294967295', 'set: -1'],
    [databytes => '4294967306', 'set: 10'],
    [helohost => " a.b \t\r\n", 'set:  a.b \t\x0d' =~ s/\\t/\\x09/r],
    [helohost => '', 'set: '],
    [rcpthosts => "a\n# b\n\n c # d\t\n", 'set: <a>|< c # d>'],
    [rcpthosts => "a\0b\n\0c\n", 'set: <a>|<b>'],
    [rcpthosts => '', 'set: '],);
for (@known) {
    my ($name, $bytes, $expected) = @$_;
    my $got = text(reference($name, { $name => $bytes }));
    push @bad, "the reference, $name <" . show($bytes) . ">: $got, not $expected"
        if $got ne $expected;
}
print "1..2\n";
print @bad ? 'not ' : '', "ok 1 - $compared readings of files by chance, seed $seed\n";
print "# $_\n" for splice @bad, 0, 12;
print @bad ? "# and " . @bad . " more\n" : '';
print $compared > 20 * $rounds ? '' : 'not ', "ok 2 - enough of them\n";
