#!/usr/bin/perl
# facts.pl FACTS [NUMBERS] < `qq-show --json` - prints every difference between what qq-show says of
# a queue and the facts that an independent program wrote down beside it. NUMBERS is what renumber
# printed. Exit 0: none, 1: some.

use strict;
use warnings;
use JSON::PP ();
use Time::Local qw(timegm);

my ($facts_file, $numbers_file) = @ARGV;
$facts_file or die "usage: facts.pl FACTS [NUMBERS]\n";

my %new = map { /^(\d+) (\d+)$/ ? ($1 => $2) : () } $numbers_file ? lines($numbers_file) : ();
my %facts = map {
    my $f = decode($_);
    my $id = $new{ $f->{id} } // $f->{id};
    ($id => { expected($f), id => 0 + $id })
} lines($facts_file);
my ($differences, %seen) = (0);

for (<STDIN>) {
    my $shown = eval { decode($_) } or do { difference('?', 'line', 'JSON', $_); next };
    my $id = $shown->{id} // '?';
    my $fact = $facts{$id} or do { difference($id, 'message', undef, $_); next };
    difference($id, 'message', 'once', 'twice') if $seen{$id}++;
    my %got = given($shown);
    for (sort keys %$fact) {
        my ($want, $have) =
            map { JSON::PP->new->canonical->allow_nonref->ascii->encode($_) } $fact->{$_}, $got{$_};
        difference($id, $_, $want, $have) if $want ne $have;
    }
}
for (sort keys %facts) { difference($_, 'message', 'there', 'not shown') unless $seen{$_} }
exit($differences > 0);

# Both sides in the same form.
sub expected {
    my ($f) = @_;
    return common($f), stamp => "$f->{stamp}", birth => $f->{birth};
}
sub given {
    my ($s) = @_;
    my ($token_id, $stamp) = ($s->{token} // '') =~ /\A(\d+)@(\d+)\z/;
    my %g = (common($s), id => $token_id, stamp => $stamp, birth => seconds($s->{birth}));
    my $queued = seconds($s->{queued});
    difference($s->{id}, 'queued', $stamp, $queued)
        if !defined $queued || $queued != substr $stamp // '', 0, -9;
    difference($s->{id}, 'channels', channels($s->{recipients}),
        join ' ', sort @{$s->{channels} // []})
        if channels($s->{recipients}) ne join ' ', sort @{$s->{channels} // []};
    return (%g, id => 0 + ($token_id // 0));
}
sub common {
    my ($m) = @_;
    return (
        (map { $_ => $m->{$_} } qw(state from subject bounce)),
        (map { $_ => $m->{$_} ? 1 : 0 } qw(failing held)),
        (map { $_ => defined $m->{$_} ? "$m->{$_}" : undef } qw(size uid)),
        recipients => [
            sort
                map { join ' ', $_->{address}, $_->{channel} // '-', $_->{done} ? 'done' : 'waits' }
                @{$m->{recipients}}
        ]);
}

# The channels where somebody waits.
sub channels {
    my %c = map { $_->{channel} && !$_->{done} ? ($_->{channel} => 1) : () } @{$_[0]};
    return join ' ', sort keys %c
}

sub seconds {
    my ($text) = @_;
    my ($y, $mo, $d, $h, $mi, $s, $sign, $oh, $om) =
        ($text // '') =~ /\A(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)([+-])(\d\d):(\d\d)\z/
        or return undef;
    return timegm($s, $mi, $h, $d, $mo - 1, $y) - ($sign eq '-' ? -1 : 1) * 60 * (60 * $oh + $om);
}

sub lines { my ($name) = @_; open my $f, '<', $name or die "facts.pl: $name: $!\n"; return <$f> }
sub decode { return JSON::PP->new->utf8->decode($_[0]) }
sub difference {
    my ($id, $what, $want, $have) = map { $_ // 'nothing' } @_;
    chomp $have;
    print "$id: $what: expected $want, got $have\n";
    $differences++;
}
