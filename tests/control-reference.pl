# control-reference.pl - what qmail makes of the bytes of control files: an independent reader,
# written from the rules of its parser (control.c, constmap.c, scan_ulong.c), and files for it by
# chance. For qctl-reader.t and real/controls.t.

use strict;
use warnings;

our (%reference_fallback, @reference_kinds);
# What counts where there is no file: a literal, `me`, or nothing; of qmail itself
# (qmail-control(5)).
my %kinds = (
    string =>
        { bouncefrom => 'MAILER-DAEMON', doublebounceto => 'postmaster', smtpgreeting => \'' },
    host => {
        me => undef,
        bouncehost => \'bouncehost',
        defaultdomain => \'defaultdomain',
        defaulthost => \'defaulthost',
        doublebouncehost => \'doublebouncehost',
        envnoathost => \'envnoathost',
        helohost => \'',
        idhost => \'idhost',
        localiphost => \'',
        plusdomain => \'plusdomain'
    },
    integer => {
        concurrencylocal => 10,
        concurrencyremote => 20,
        databytes => 0,
        queuelifetime => 604800,
        timeoutconnect => 60,
        timeoutremote => 1200,
        timeoutsmtpd => 1200
    },
    list => {
        badmailfrom => undef,
        locals => \'',
        morercpthosts => undef,
        percenthack => undef,
        qmqpservers => undef,
        rcpthosts => undef
    },
    map     => { smtproutes => undef, virtualdomains => undef },
);
sub reference_names { my ($kind) = @_; return sort keys %{ $kinds{$kind} } }
sub reference_kind {
    my ($name) = @_;
    for my $kind (keys %kinds) { return $kind if exists $kinds{$kind}{$name} }
    return
}

# A line as qmail keeps it.
sub stripped { my ($s) = @_; $s =~ s/[ \t\n]+\z//; return $s }
sub first_line { my ($bytes) = @_; my ($line) = $bytes =~ /\A([^\n]*)/; return stripped($line) }

# The int of a file, or undef: ignored. unsigned long, 64 bits, cut to an int of 32.
sub integer {
    my ($bytes) = @_;
    my $line = first_line($bytes);
    $line =~ s/\0.*//s;
    return unless $line =~ /\A([0-9]+)/;
    my $u = 0;
    # modulo 2 to the 32 all the way, which modulo 2 to the 64 first does not change
    $u = ($u * 10 + $_) % 4294967296 for split //, $1;
    return $u >= 2147483648 ? $u - 4294967296 : $u;
}

# Every line with a NUL behind it, as control_readfile has it; then what is between the NULs.
sub entries {
    my ($bytes) = @_;
    my $all = '';
    for my $line (split /\n/, $bytes, -1) {
        $line = stripped($line) . "\0";
        $all .= $line unless $line =~ /\A[\0#]/;
    }
    return between_nuls($all);
}
sub between_nuls { my ($all) = @_; my @e = split /\0/, $all, -1; pop @e; return @e }

# Which value a key has: keys without case, the last one wins, lines without a colon are nothing.
sub as_map {
    my %map;
    for (@_) { $map{ lc_ascii($1) } = $2 if /\A([^:]*):(.*)\z/s }
    return %map;
}
sub lc_ascii { my ($s) = @_; $s =~ tr/A-Z/a-z/; return $s }

# Returns where it comes from and the value, of lists and maps a reference to their
# entries. $files: name => bytes.
sub reference {
    my ($name, $files) = @_;
    my $kind = reference_kind($name);
    my $several = $kind eq 'list' || $kind eq 'map';
    my $fallback = $kinds{$kind}{$name};
    if (exists $files->{$name}) {
        return ('set', [entries($files->{$name})]) if $several;
        return ('set', first_line($files->{$name})) if $kind ne 'integer';
        my $i = integer($files->{$name});
        return defined $i ? ('set', $i) : ('ignored', $fallback);
    }
    if (ref $fallback) {
        if (exists $files->{me}) {
            my $me = first_line($files->{me});
            return ('me', $several ? [between_nuls("$me\0")] : $me)
        }
        $fallback = $$fallback;
        return ('none', undef) if $fallback eq '';
    }
    return defined $fallback ? ('default', $fallback) : ('none', undef);
}

# ---- files by chance ----
sub pick { return $_[rand @_] }
my @words = (
    'a.example', 'B.Example', 'b.example', '.c.example',
    'x', 'relay.example:25', '', '@d.example',
    '#', '# comment', '[1.2.3.4]', '*',
    ':', ':r', 'k:', 'a.example:b',
    'A.example:c', "f\xc3\xbcr.example", "f\xfcr.example", 'x#y',
    "\0", '/', '\\', '"',
    '%');
sub token { return join '', map { pick(@words) } 1 .. 1 + int rand 2 }
sub blanks {
    return rand() < 0.2 ? join('', map { pick(' ', "\t", "\r") } 1 .. 1 + int rand 3) : ''
}
sub some_line {
    my $line = blanks() . token() . blanks();
    substr($line, rand(1 + length $line), 0) =
        pick("\0", "\0\0", " \0", "\0#", "\r", chr 1 + rand 255)
        if rand() < 0.15;
    return $line;
}
sub some_text {
    my ($lines) = @_;
    my $text = join "\n", map { rand() < 0.15 ? '' : some_line() } 1 .. 1 + int rand $lines;
    return rand() < 0.7 ? "$text\n" : $text;
}
sub some_integer {
    my $n = pick(
        int rand 300, int rand 2**31,
        2147483647, 2147483648,
        4294967295, 4294967296,
        4294967306, '18446744073709551615',
        '18446744073709551616', '18446744073709551626',
        '99999999999999999999999', join('', map { int rand 10 } 1 .. 1 + int rand 40),
        '007', '0',
        '');
    my $front = rand() < 0.2 ? pick(' ', "\t", '-', '+', '#', "\n", "\0", "\r", 'x') : '';
    my $back =
        rand() < 0.4
        ? pick(' ', "\t ", "\r", 'abc', ' 7', "\0", "\0" . '7', 'x10', '.5', "\n8", "\n\n", '#')
        : '';
    return $front . $n . $back . pick("\n", "\n", "\n", '');
}
sub some_file {
    my ($kind) = @_;
    return pick('', "\n", " \n", "\n\n") if rand() < 0.06;
    return some_integer() if $kind eq 'integer';
    return some_text($kind eq 'list' || $kind eq 'map' ? 8 : 2);
}
# A set of files; some are not there.
sub some_files {
    my %files;
    for my $kind (sort keys %kinds) {
        for my $name (reference_names($kind)) { $files{$name} = some_file($kind) if rand() < 0.85 }
    }
    return \%files;
}
1;
