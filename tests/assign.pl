# assign.pl - what qmail-newu makes of a users/assign (QMAIL.md C.1 and C.2), written down a second
# time, and files to try it on.
#
#   records($text)    the records of users/cdb as pairs of key and data, the last one with the empty
#                     key; nothing: the file is refused
#   cdb_input(@records)   the same as `cdb -c` of tinycdb reads it
#   random_assign()   text that is near to a good file; about one in four is refused

use strict;
use warnings;

sub records {
    my ($text) = @_;
    my (@records, %seen);
    my $wildchars = '';
    while (length $text) {
        return @records, ['', $wildchars] if $text =~ /^\./;
        $text =~ s/^([^\n]*)\n// or return;
        my $line = $1;
        return if $line =~ /\0/;
        my ($address, @fields) = split /:/, $line, -1;
        return if @fields < 7 || $address eq '';
        my $wild = $address =~ s/^\+//;
        $address =~ s/^.//s if !$wild;
        if ($wild && $address ne '') {
            my $last = substr $address, -1;
            $wildchars .= $last if !$seen{$last}++;
        }
        push @records,
            ['!' . ($address =~ tr/A-Z/a-z/r) . ($wild ? '' : "\0"), join "\0", @fields[0 .. 5]];
    }
    return;
}

sub cdb_input {
    return
        join('', map { sprintf "+%d,%d:%s->%s\n", length $_->[0], length $_->[1], @$_ } @_) . "\n"
}

sub random_assign {
    my $pick = sub { $_[rand @_] };
    my $word = sub {
        join '', map {
            $pick->(
                'a' .. 'e',
                'A' .. 'C',
                '-', '-', '0' .. '2',
                "\xe9", '.', '@', '#', '%', ' ', "\r")
        } 1 .. rand($_[0]) + 1
    };
    my $text = '';
    for (1 .. rand 30) {
        my $address = rand(9) < 1 ? '' : $word->(5);
        my $line = $pick->('=', '=', '=', '+', '+', '+', '.' x !rand(60), '#', 'x') . $address . ':'
            . join(':', map { rand(4) < 1 ? '' : $word->(8) } 1 .. 6) . ':'
            . $pick->('', '', '', 'more', 'more:and:more');
        $line = $pick->(
            "\0$line", $line =~ s/:[^:]*$//r,
            '', '#comment', ":$line",
            $line . "\0",
            substr($line, 0, 9), 'no'
        ) if rand(120) < 1;
        $text .= "$line\n";
    }
    return $text . $pick->((".\n") x 9, '.', ".\n=behind", '', "=cut:off:1:2:/h:::");
}

1;
