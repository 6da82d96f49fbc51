# restored.pl - for the tests of qq-fix: queues of which no number is right any more, as after a
# backup was restored, and what is in a queue whatever its numbers are. Load it after model.pl.
#
#   restored NAME, COUNT, OPTIONS of mkqueue       makes such a queue in $T/NAME
#   contents QUEUE             of each message, by its bytes and its stamp, what belongs to it
#   wrong QUEUE, big_todo => 1, split => N         complaints about names, places, remains
#   compare WHAT, BEFORE, AFTER                    complaints: what two contents differ in

use strict;
use warnings;
use Digest::MD5 qw(md5_hex);
use Time::HiRes qw(lstat);
our ($T, $tools);
my @trees = qw(mess intd todo info local remote suppl0 bounce);

# The numbers of swaps, of a cycle of twenty, and of a chain that ends where nothing is.
sub renumbered {
    my (@ids) = @_;
    my %to;
    while (@ids >= 4 && keys %to < 8) {
        my ($x, $y) = splice @ids, 0, 2;
        @to{ $x, $y } = ($y, $x);
    }
    if (@ids > 22) {
        my @cycle = splice @ids, 0, 20;
        @to{@cycle} = (@cycle[1 .. $#cycle], $cycle[0]);
    }
    my $next = 4000000001;
    for (reverse @ids) { $to{$_} = $next; $next = $_ }
    return \%to;
}

sub restored {
    my ($name, $count, @options) = @_;
    my $queue = "$T/$name";
    push @options, qw(--qmailq 64011 --qmails 64015 --qmailr 64014 --group 64010);
    system("$tools/mkqueue", $queue, $count, @options) == 0 or die "mkqueue failed\n";
    my ($split) = "@options" =~ /--split (\d+)/ or die;
    my @ids = sort map { m{(\d+)$} } glob "$queue/mess/*/*";
    my $to = renumbered(@ids);
    mkdir "$T/aside" or die "$!\n";
    my @moves;
    for my $file (map { glob "$queue/$_/* $queue/$_/*/*" } @trees) {
        next if !-f $file;
        my ($id) = $file =~ m{/(\d+)$} or next;
        my $number = $to->{$id} // die "$file\n";
        my $place = $file =~ s{/(?:\d+/)?\d+$}{}r;
        my $is_split = $file =~ m{/\d+/\d+$};
        my $new = $is_split ? "$place/" . $number % $split . "/$number" : "$place/$number";
        rename $file, "$T/aside/" . @moves or die "$file: $!\n";
        push @moves, $new;
    }
    rename "$T/aside/$_", $moves[$_] or die "$moves[$_]: $!\n" for 0 .. $#moves;
    rmdir "$T/aside" or die "$!\n";
    return $queue;
}

sub slurp {
    my ($file) = @_;
    open my $f, '<', $file or die "$file: $!\n";
    local $/;
    return readline($f) // '';
}

sub contents {
    my ($queue) = @_;
    my (%key, %all);
    for my $tree (@trees) {
        for my $file (map { glob } "$queue/$tree/*", "$queue/$tree/*/*") {
            my @s = lstat $file;
            next if !-f _;
            my ($id) = $file =~ m{/(\d+)$} or next;
            my $bytes = md5_hex(slurp($file));
            $key{$id} = "$bytes $s[9]" if $tree eq 'mess';
            # What remains of a message without its file in mess/ goes by its number.
            push @{ $all{ $key{$id} // $id } },
                sprintf '%s %d:%d %o %.6f %s', $tree, @s[4, 5], $s[2] & 07777, $s[9], $bytes;
        }
    }
    return { map { $_ => join "\n", @{ $all{$_} } } keys %all };
}

sub compare {
    my ($what, $before, $after) = @_;
    my %all = (%$before, %$after);
    return map { "$what: $_: expected\n" . ($before->{$_} // 'nothing') . "\ngot\n"
            . ($after->{$_} // 'nothing') }
        grep { ($before->{$_} // '') ne ($after->{$_} // '') } sort keys %all;
}

sub wrong {
    my ($queue, %is) = @_;
    my @bad;
    for my $tree (@trees) {
        next if !-e "$queue/$tree";
        my $is_split = $tree !~ /^(?:todo|intd|bounce)$/ || $is{big_todo} && $tree ne 'bounce';
        my @directories = grep { -d } glob "$queue/$tree/*";
        push @bad, "$tree has " . @directories . ' directories'
            if @directories != ($is_split ? $is{split} : 0);
        for my $file (grep { !-d } map { glob } "$queue/$tree/*", "$queue/$tree/*/*") {
            my ($directory, $id) = $file =~ m{/$tree/(?:(\d+)/)?(\d+)$};
            my ($inode, $names) = (lstat $file)[1, 3];
            push @bad, "$file: inode $inode" if $tree eq 'mess' && $inode != ($id // 0);
            push @bad, "$file: is in the wrong directory"
                if $is_split ? ($directory // -1) != $id % $is{split} : defined $directory;
            push @bad, "$file: has $names names" if $names > ($tree =~ /^(?:todo|intd)$/ ? 2 : 1);
        }
    }
    push @bad, sprintf 'the queue has mode %o', (stat $queue)[2] & 07777
        if ((stat $queue)[2] & 07777) != 0750;
    push @bad, '.fix is there' if -e "$queue/.fix";
    return @bad;
}

1;
