# languages.pl - catalogues of gettext, and what is printed with them, as languages.t looks at them.
#
#   languages.pl state LIST PO          in words how far it is
#   languages.pl faults LIST PO         what it lacks, and what no translation may change
#   languages.pl wide LIST              a catalogue as of a language whose letters take two cells
#   languages.pl narrow <TEXT           the lines of more than 80 cells
#   languages.pl table PO TITLE ... <TEXT     where a row is not below its titles, the first line;
#                                       -TITLE ends where its column does. PO may be `-': English
#   languages.pl labels PO LABEL ... <TEXT    the same of lines with a label in front; LABEL=WORD:
#                                       it has a %s, which is WORD
#   languages.pl plural PO TEXT N ...   the forms of a message with that plural for these numbers

use strict;
use warnings;
use utf8;
use open qw(:std :encoding(UTF-8));

my %what = (
    state => \&state_of,
    faults => \&faults,
    wide => \&wide,
    narrow => \&narrow,
    table => \&table,
    labels => \&labels,
    plural => \&plural);
my $bad = 0;
utf8::decode($_) for @ARGV;
my $do = shift @ARGV;
$what{$do}->(@ARGV);
exit $bad;

sub fault { print @_, "\n"; $bad = 1 }

# ---- catalogues ----

# Messages in their order, the header first: id, plural, strings, flags.
sub messages {
    my ($file) = @_;
    open my $f, '<:encoding(UTF-8)', $file or die "$file: $!\n";
    local $/ = '';
    my @all;
    while (my $block = <$f>) {
        my %m = (flags => join(',', $block =~ /^#,(.*)$/mg), str => []);
        next if $block !~ /^msgid /m;
        while ($block =~ /^(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) ((?:".*"\n?)+)/mg) {
            my ($key, $text) = ($1, $2);
            $text = join '', $text =~ /^"(.*)"$/mg;
            $text =~ s/\\(.)/$1 eq 'n' ? "\n" : $1/ge;
            if ($key =~ /^msgstr/) { push @{ $m{str} }, $text }
            else { $m{$key} = $text }
        }
        # What stands for several things is its context, \4, and the word, as in a catalogue.
        $m{msgid} = "$m{msgctxt}\4$m{msgid}" if defined $m{msgctxt};
        push @all, \%m;
    }
    return @all;
}
sub without_context { return $_[0] =~ s/^.*\x04//sr }
sub is_fuzzy { return $_[0]{flags} =~ /\bfuzzy\b/ }
sub is_done { return !grep { !length } @{ $_[0]{str} } }

sub state_of {
    my ($list, $po) = @_;
    my ($header, @all) = messages($list);
    my %has = map { $_->{msgid} => $_ } messages($po);
    my $fuzzy = grep { is_fuzzy($has{ $_->{msgid} } // $_) } @all;
    my $empty = grep { !is_done($has{ $_->{msgid} } // $_) } @all;
    print $fuzzy + $empty ? "not complete: of " . @all . " messages $fuzzy are fuzzy, $empty not translated"
        : 'complete: ' . @all . ' messages', "\n";
}

# What of a sentence its translation does not have: options, programs, variables, and exit codes.
sub lost {
    my ($from, $to) = @_;
    my $word = qr/(?<!\w)(?:--[a-z][a-z-]*[a-z]|q[a-z]+-[a-z]+|\$[A-Z_]+)/;
    $word = qr/$word|(?:(?<=^)|(?<=; ))\d+(?= )/ if $from =~ /^\d+ .*; \d/;
    my %has = map { $_ => 1 } $to =~ /$word/g;
    return grep { !$has{$_} } $from =~ /$word/g;
}
sub directives { return join ' ', sort $_[0] =~ /%[a-zA-Z]/g }
sub edges { my ($s) = @_; return join '|', $s =~ /^( *)/, $s =~ /( *\n?)$/ }

sub faults {
    my ($list, $po) = @_;
    my ($header, @all) = messages($po);
    my %listed = map { $_->{msgid} => $_ } messages($list);
    my %has = map { $_->{msgid} => 1 } $header, @all;
    my $is_complete = !grep { is_fuzzy($_) } @all;
    my ($forms) = $header->{str}[0] =~ /nplurals=(\d)/;
    fault('the header is fuzzy') if is_fuzzy($header);
    fault('not UTF-8') if $header->{str}[0] !~ /charset=UTF-8\n/;
    for (sort keys %listed) { fault("not translated: $_") if $is_complete && !$has{$_} }
    for my $m (@all) {
        my $id = $m->{msgid};
        fault("is gone (make messages): $id") if !$listed{$id};
        fault("not translated: $id") if $is_complete && !is_done($m);
        fault("has not its $forms forms: $id")
            if defined $m->{msgid_plural} && @{ $m->{str} } != $forms;
        for my $s (grep { length } @{ $m->{str} }) {
            my $from = $m->{msgid_plural} // without_context($id);
            fault("lacks \"$_\": $s") for lost($from, $s);
            fault("more than 80 columns: $_")
                for grep { $s =~ /\n./ && length > 80 } split /\n/, $s;
            fault("other blanks at the edges: $s") if edges($s) ne edges($from);
            fault("other directives: $s")
                if $m->{flags} !~ /\bc-format/ && directives($s) ne directives($from);
        }
    }
}

# ---- a language of wide letters ----

# Words alone: nothing with a dot, slash, sign, capital or digit in it, and no directive.
sub widened {
    my ($s) = @_;
    $s =~ s{(?<![^\s("`])([a-z]+)(?=[\s,;:.?!)"']|$)}{ $1 =~ tr/a-z/ａ-ｚ/r }ge;
    return $s;
}
sub quoted { my ($s) = @_; $s =~ s/([\\"])/\\$1/g; return '"' . $s =~ s/\n/\\n/gr . '"' }
sub wide {
    my ($header, @all) = messages($_[0]);
    print qq{msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n},
        qq{"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n};
    for (@all) {
        my $word = without_context($_->{msgid});
        print 'msgctxt ', quoted($_->{msgctxt}), "\n" if defined $_->{msgctxt};
        print 'msgid ', quoted($word), "\n";
        if (defined $_->{msgid_plural}) {
            print 'msgid_plural ', quoted($_->{msgid_plural}), "\nmsgstr[0] ",
                quoted(widened($_->{msgid})), "\nmsgstr[1] ", quoted(widened($_->{msgid_plural}));
        }
        else { print 'msgstr ', quoted(widened($word)) }
        print "\n\n";
    }
}

# ---- what is printed ----

# One character a cell: what takes two has a mark behind it.
sub cells {
    my ($s) = @_;
    $s =~ s/\p{Mn}//g;
    return $s =~ s/([\p{EA=W}\p{EA=F}])/$1\x{1}/gr;
}
sub narrow {
    while (<STDIN>) { chomp; fault($_) if length cells($_) > 80 }
}

# The translation of a title, where it means several things that one: attempt~last.
my $translated;
sub in_words {
    my ($po, $text) = @_;
    $translated //= { $po eq '-' ? () : map { $_->{msgid} => $_->{str}[0] } messages($po) };
    my $id = $text =~ s/~/\x04/r;
    return length($translated->{$id} // '') ? $translated->{$id} : without_context($id);
}

sub table {
    my ($po, @titles) = @_;
    my ($head, @rows) = map { chomp; cells($_) } <STDIN>;
    my $at = 0;
    for (@titles) {
        my ($is_right, $name) = /^(-?)(.*)$/;
        my $title = cells(in_words($po, $name));
        my $begin = index $head, $title, $at;
        if ($begin < 0) { fault("no title \"$title\" behind column $at: $head"); next }
        $at = $begin + length $title;
        my $met = 0;
        for (@rows) {
            my $row = $_ . ' ' x 200;
            my $edge = $is_right ? substr($row, $at - 1, 2) : reverse substr ' ' . $row, $begin, 2;
            $edge =~ /^. / or fault("not below \"$title\": $_");
            $met = 1 if $edge =~ /^[^ ] /;
        }
        fault("nothing is below \"$title\"") if !$met;
    }
}

sub labels {
    my ($po, @labels) = @_;
    my %is = map {
        my ($text, $word) = /^(.*?)(?:=(.*))?$/;
        $text = in_words($po, $text);
        (cells(defined $word ? $text =~ s/%s/$word/r : $text) => $_)
    } @labels;
    my ($column, %met);
    while (<STDIN>) {
        chomp;
        my ($indent, $rest) = cells($_) =~ /^( +)(\S.*)$/ or next;
        my ($label) = sort { length $b <=> length $a } grep { $rest =~ /^\Q$_\E / } keys %is;
        if (!defined $label) { fault("no label: $_"); next }
        $met{$is{$label}} = 1;
        my $here = length($indent . $label) + length(($rest =~ /^\Q$label\E( +)/)[0]);
        $column //= $here;
        fault("begins at $here, not $column: $_") if $here != $column;
    }
    $met{$_} or fault("nothing has the label $_") for @labels;
}

sub plural {
    my ($po, $text, @n) = @_;
    my ($header, @all) = messages($po);
    my ($formula) = $header->{str}[0] =~ /plural=(.*?);/s or die "$po: no plural\n";
    my ($m) = grep { ($_->{msgid_plural} // '') eq $text } @all;
    die "$po: no message $text\n" if !$m;
    for my $n (@n) {
        my $form = $formula =~ s/\bn\b/$n/gr;
        print sprintf($m->{str}[0 + eval $form] =~ s/%ll/%/r, $n), "\n";
    }
}
