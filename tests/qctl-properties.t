#!/usr/bin/perl
# qctl-properties.t - what holds for any control files: applying and undoing leaves all as it was;
# applying what was saved changes nothing; what is not changed is not touched. SEED, ROUNDS (12).

use strict;
use warnings;
use FindBin;
require "$FindBin::Bin/control-tree.pl";
require "$FindBin::Bin/control-reference.pl";
our ($T, $home);

my $rounds = $ENV{ROUNDS} // 12;
my $seed = $ENV{SEED} // 20261120;
srand $seed;

# Files by chance, with owners, modes and times.
sub some_home {
    fresh();
    my $files = some_files();
    $files->{$_} //= some_file(reference_kind($_)) for qw(me rcpthosts);
    $files->{'servercert.pem'} = "key\n";
    $files->{'unheard-of'} = join '', map { chr rand 256 } 1 .. 50;
    $files->{locals} = '' if rand() < 0.5;
    $files->{doublebounceto} = pick('', "\n") if rand() < 0.5;
    for my $name (keys %$files) {
        control($name, $files->{$name});
        chmod pick(0644, 0640, 0600, 0444, 0755, 04644), "$home/control/$name" or die;
        chown pick(0, 7791), pick(0, 2107), "$home/control/$name" if !$>;
        my $when = 1700000000 + rand 1e8;
        Time::HiRes::utime($when, $when, "$home/control/$name") or die;
    }
    mkdir "$home/control/domainkeys";
    spew("$home/control/domainkeys/default", "x\n");
    spew("$home/control/.hidden", "x\n");
    symlink '../elsewhere', "$home/control/spfrules"; spew("$home/elsewhere", "x\n");
}
# What makes a step; the files that it mentions are what qmail reads without a complaint.
my $stamp = 0;
sub some_valid { my ($name) = @_; my $kind = reference_kind($name);
    return pick(
        '',
        $kind eq 'integer' ? 1 + int(rand 100) . "\n"
        : $kind eq 'map' ? "a" . $stamp++ . ".example:b\n"
        : $name eq 'me' || $kind ne 'list' ? "a" . $stamp++ . ".example\n"
        : join '',
        map { "b$_.example\n" } 1 .. rand 5);
}
my @names = grep { $_ ne 'me' && $_ ne 'rcpthosts' && $_ ne 'morercpthosts' }
    map { reference_names($_) } qw(string host integer list map);

for my $round (1 .. $rounds) {
    some_home();
    my $before = tree("$home/control");
    my ($code, $out, $err) = qctl('apply', 'aggressive');
    my ($code2, undef, $err2) = qctl('undo');
    my $what = differences($before, tree("$home/control"));
    result(
        $code eq '0' && $code2 eq ($out eq '' ? '1' : '0') && $what eq '',
        "round $round: apply aggressive, undo",
        "$code $code2 $err $err2", $what);

    my $inodes = tree("$home/control", inodes => 1);
    ($code, undef, $err) = qctl('save', 'all');
    ($code2, $out, $err2) = qctl('apply', 'all');
    $what = differences($inodes, tree("$home/control", inodes => 1));
    result(
        "$code $code2 $out" eq '0 0 ' && $what eq '' && in_force() eq 'all' && past() eq '',
        "round $round: saving and applying what was saved changes nothing",
        "$code $code2 $err $err2 $out",
        $what);
    ($code, $out, $err) = qctl('diff', 'all');
    result("$code $out" eq '0 ', "round $round: nor does it differ", $out, $err);

    # A series of changes, and all the way back.
    my (@states, @troubles);
    for my $step (1 .. 5) {
        my $t = "t$step";
        my %files = map { ($_ => some_valid($_)) } map { pick(@names) } 1 .. 4;
        template($t, %files);
        my @before = (tree("$home/control"), in_force());
        my $touched = tree("$home/control", inodes => 1);
        ($code, $out, $err) = qctl('apply', $t);
        push @troubles, "apply $t: $code $err" if $code;
        # What is not mentioned, or is so already, has the same inode.
        my $now = tree("$home/control", inodes => 1);
        for my $name (keys %$touched) {
            next if $touched->{$name} eq ($now->{$name} // '');
            push @troubles, "$name was touched for nothing"
                if !exists $files{$name}
                || (defined $files{$name}
                && $files{$name} ne ''
                && slurp_equal($before[0]{$name}, $files{$name}));
        }
        # Owner and mode stay.
        for my $name (keys %files) {
            next unless exists $before[0]{$name} && exists $now->{$name};
            push @troubles, "$name has another owner or mode"
                if join(' ', (split / /, $before[0]{$name})[0 .. 3]) ne
                join(' ', (split / /, $now->{$name})[0 .. 3]);
        }
        # A change that changed nothing is not in the history.
        push @states, \@before if $out ne '';
        push @troubles, "history: " . past() . " after " . @states . " changes"
            if past() ne join ' ', 1 .. @states;
        push @troubles, "in force: " . in_force() if in_force() ne $t;
    }
    while (my $state = pop @states) {
        ($code, $out, $err) = qctl('undo');
        my $different = differences($state->[0], tree("$home/control"));
        push @troubles, "undo: $code $err $different" if $code || $different;
    }
    push @troubles, 'left: ' . join ' ', leavings() if leavings();
    result(!@troubles, "round $round: a series of changes, undone one by one", @troubles);
}
# The facts of a file end with its content.
sub slurp_equal {
    my ($facts, $content) = @_;
    return ($facts // '') =~ /\Q$content\E\z/ && (split / /, $facts, 6)[5] eq $content
}

# ---- what the issue names ----
for my $case (
    ['an empty rcpthosts', rcpthosts => ''],
    ['an empty locals', locals => ''],
    ['an empty doublebounceto', doublebounceto => ''],
    ['a single newline', bouncefrom => "\n"],
    ['two newlines', bouncefrom => "\n\n"],
    ['NULs', smtpgreeting => "a\0b\n\0"],
    ['no final newline', helohost => 'a.example'],
    ['a CR', badmailfrom => "\@a.example\r\n"],
    ['only a NUL', badmailfrom => "\0"])
{
    my ($what, $name, $bytes) = @$case;
    fresh(); control($name, $bytes); chmod 0640, "$home/control/$name";
    my $inodes = tree("$home/control", inodes => 1);
    my ($code, undef, $err) = qctl('save', 'all');
    my ($code2, $out, $err2) = qctl('apply', 'all');
    my $same = differences($inodes, tree("$home/control", inodes => 1));
    my $before = tree("$home/control");
    # away, back by the template, away, back by undoing
    template('other', $name => $name eq 'rcpthosts' ? "b.example\n" : '');
    my @codes = map { (qctl(@$_))[0] } ['apply', 'other'], ['apply', 'all'];
    my $value = slurp("$home/control/$name");
    push @codes, map { (qctl(@$_))[0] } ['undo', '--force'], ['undo', '--force'];
    my $back = differences($before, tree("$home/control"));
    # what comes back by a template is the same to qmail: an empty file and one of a newline
    my $as_it_was =
        defined $value && ($value eq $bytes || ($value =~ /\A\n?\z/ && $bytes =~ /\A\n?\z/));
    my $valid = $what !~ /NUL|CR/;      # what does not validate is not applied again
    result(
        "$code $code2 $out" eq '0 0 ' && $same eq '' && $back eq '' && ($as_it_was || !$valid),
        $what,
        "$code $code2 $out $err $err2 codes @codes",
        $same,
        $back,
        defined $value ? "<$value>" : 'absent');
}
finish();
