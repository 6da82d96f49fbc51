#!/usr/bin/perl
# floors.t - the rules of the source tree (doc/INTERNALS): who may know whom, who may print and
# exit, where names are written down, how large it may become. Read from the sources, and once more
# from the symbols of the objects in $BUILD.

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(basename dirname);

chdir abs_path(dirname(__FILE__) . '/..') or die;
my $build = $ENV{BUILD} // 'build';

# The rooms that a room may know, besides itself. A program room knows all but
# the other program rooms.
my %floor = (
    base => 0,
    mail => 1,
    qmail => 1,
    queue => 2,
    control => 2,
    users => 2,
    service => 2,
    log => 2,
    domains => 3,
    site => 4,
    move => 4,
    repair => 4);
my @program_rooms = qw(qq qctl qusers qdom qlog qsvc pick);
my %may;
for my $room (keys %floor) {
    $may{$room} = { map { $_ => 1 } grep { $floor{$_} < $floor{$room} } keys %floor }
}
$may{cli} = { base => 1 };
for my $room (@program_rooms) { $may{$room} = { cli => 1, map { $_ => 1 } keys %floor } }

# A header belongs to the room that has the .c file of its name; these have none, or two.
my %room_of_header = (
    file => 'base',
    text => 'base',
    names => 'qmail',
    lock => 'qmail',
    move => 'move',
    change => 'queue',
    repair => 'repair');
for my $file (glob 'src/*/*.c') {
    my ($room, $name) = $file =~ m{^src/([^/]+)/(.+)\.c$};
    $room_of_header{$name} //= $room if -f "src/include/qq/$name.h";
}

my @files = (glob('src/*/*.[ch]'), glob('src/include/qq/*.h'));
my (%text, %code, %room);       # as it is; without comments, strings emptied
for my $file (@files) {
    $text{$file} = slurp($file);
    $code{$file} = $text{$file}
        =~ s{/\*.*?\*/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'}{ blank($&) }gser;
    $room{$file} =
        $file =~ m{^src/include/qq/(.+)\.h$} ? $room_of_header{$1} : (split m{/}, $file)[1];
    $room{$file} //= 'nobody';
}
my %calls = map { $_ => $code{$_} =~ s/\bformat\(printf,//r } @files;        # an attribute, no call
my @rooms = grep { -d "src/$_" } sort keys %may;
my %not_built = map { $_ => 1 } grep { $_ eq 'pick' && !-d "$build/obj/$_" } @rooms;    # no curses
my %is_program_room = map { $_ => 1 } @program_rooms;
my $count = 0;
my $failed = 0;

result('every directory in src is a room that is known here',
    map { "$_\n" } grep { !$may{ basename $_} && basename($_) ne 'include' } glob 'src/*');
result(
    'every header in src/include/qq belongs to a room',
    map { "$_: none has a .c file of its name; say in floors.t whose it is\n" }
        grep { $room{$_} eq 'nobody' } @files);

for my $room (@rooms) {
    my @bad;
    for my $file (mine($room)) {
        for my $line (lines($text{$file}, qr/^\s*#\s*include\s/)) {
            my ($n, $s) = @$line;
            my $other = $s =~ m{<qq/(.+)\.h>} ? $room_of_header{$1} // 'nobody' : next;
            push @bad, "$file:$n: $s: $room may not know $other\n"
                unless $other eq $room || $may{$room}{$other};
        }
        push @bad,
            map { "$file:$_->[0]: $_->[1]\n" } lines($text{$file}, qr{^\s*#\s*include\s+"[^"]*/});
    }
    result("$room includes downwards only", @bad);
}
for (['users', 'cdb'], ['base', 'utf8proc'], ['pick', 'curses']) {
    my ($room, $header) = @$_;
    my @users = grep { $text{$_} =~ /^\s*#\s*include\s*<$header\.h>/m } @files;
    result("only src/$room includes <$header.h>, in one file",
        @users > 1 || grep({ $room{$_} ne $room } @users) ? map { "$_\n" } @users : ());
}
result(
    'no umbrella headers of skalibs, and not its cdb',
    found(
        qr{^\s*#\s*include\s*<skalibs/(?:skalibs|stddjb|unixonacid|socket|cdb\w*)\.h>},
        \%text, @files
    ));

# Since skalibs 2.14 these keep the old length if there is nothing to copy: qq_copy does not.
my $copies = qr/\bstralloc_copy[bs]?\s*\(/;
my @copies = found($copies, \%code, @files);
for my $file (glob 'tests/{unit,fuzz}/*.c') {
    push @copies, map { "$file:$_->[0]: $_->[1]\n" } lines(slurp($file), $copies);
}
result('strallocs are copied by qq_copy', @copies);

# The one exit of a room is that of a child which could not become another program.
my %forked = ('src/base/child.c' => 1, 'base/child' => 1);
for my $room (grep { $_ ne 'cli' && !$is_program_room{$_} } @rooms) {
    result(
        "$room neither prints nor exits",
        grep { !(/\b_exit\b/ && $forked{ (split /:/)[0] }) } found(
            qr/\b(?:v?printf|puts|putchar|perror|psignal|std(?:out|err)|exit|_exit|_Exit|quick_exit|
                abort|err|errx|warnx?|strerr_\w+|buffer_[12]\w*)\b\s*(?:\(|[,;)])/x,
        \%calls, mine($room)));
}
my @systems = (qr/^\s*#.*__(?:linux|GLIBC|FreeBSD|OpenBSD|NetBSD|APPLE)__/, \%code);
result('what is not POSIX is in src/base/os.c',
    found(
        qr/(?<!_os_)\b(?:flock\s*\(|renameat2|syncfs\s*\(|setgroups|initgroups|_GNU_SOURCE|
            SYS_\w+)/x,
        \%code,
        grep { $_ ne 'src/base/os.c' } @files
    ),
    found(qr{"/proc}, \%text, grep { $_ ne 'src/base/os.c' } @files),
    # iconv of musl is told apart where iconv is
    found(@systems, grep { $_ !~ m{^src/(?:base/os|mail/conversion)\.c$} } @files));

result(
    'users and groups are looked for by src/base/account.c, to which an error is not absence',
    found(
        qr/\bget(?:pw|gr)(?:nam|uid|gid|ent)(?:_r)?\s*\(/,
        \%code,
        grep { $_ ne 'src/base/account.c' } @files
    ));

# Names of files and record letters. Options and JSON of programs have words like "local" too.
my $names = 'src/include/qq/names.h';
my @names = $text{$names} =~ /^#define\s+QQ_\w+\s+"([^"]+)"/mg;
my %word = map { $_ => 1 } qw(local remote bounce queue control);
for my $name (@names) {
    my @where = grep {
               $_ ne $names
            && $_ ne 'src/control/control.c'
            && !($word{$name} && ($room{$_} eq 'cli' || $is_program_room{ $room{$_} }))
    } @files;
    result(
        qq("$name" is written down in names.h only),
        found(qr{"\Q$name\E(?:/[^"]*)?"}, \%text, @where));
}
result('record letters are written down in names.h only',
    found(qr/'[FTDup]'/, \%text, grep { $room{$_} =~ /^(?:queue|qmail)$/ && $_ ne $names } @files));
result('numbers of qmail are written down in names.h only',
    found(qr/\b(?:604800|129600)\b/, \%code, grep { $_ ne $names && $room{$_} ne 'base' } @files));

# Translators see whole sentences: no verb or word of its own is put into one.
result('no sentence is put together from a translated beginning and a word',
    found(qr{\b_\("(?:unable to|cannot|must) %s}, \%text, @files));
result('what an option expects is said in a whole sentence',
    found(qr{\bqq_bad_value\([^;]*\b_\(}, \%text, @files));
# An item of a list, and the word behind a label, is none: what stands beside it does not change it.
my @items = (
    '%s: would be %s: %s',      # the outcome of a message
    '  kind: %s; default: %s; read by: %s; a change is seen: %s\n');
result(
    'no translated text is put into another one',
    map {
        my $file = $_;
        map { "$file:$_->[0]: $_->[1]\n" } grep {
            my $text = $_->[1];
            !grep { $text eq $_ } @items
        } translated_within($file)
    } @files);
# Nor does one begin or end where a sentence does not.
result('no translated text begins or ends in the middle of a sentence',
    found(qr{\bN?_\("(?:[,;:]|(?:[^"\\]|\\.)*[ (]"\))}, \%text, @files));
# The list of them is fresh; where there is no xgettext, nobody can say.
result('po/qqtools.pot has each sentence (make messages)', `sh -c 'command -v xgettext'` ? do {
    my %had = map { $_ => 1 } sentences('po/qqtools.pot');
    my %has = map { $_ => 1 } sentences(`package/messages /dev/stdout`);
    ((map { "new: $_\n" } grep { !$had{$_} } sort keys %has),
        map { "gone: $_\n" } grep { !$has{$_} } sort keys %had);
} : ());
# How large: what outgrows these wants another concept.
my @headers = grep { /\.h$/ } @files;
result('at most 60 headers', @headers > 60 ? map { "$_\n" } @headers : ());
result('no function of more than 50 lines', map { longer_than(50, $_) } @files);
my @of_tests = grep { -f } glob 'tests/* tests/{bench,fuzz,model,real,unit}/*';
for (['src', @files], ['tests', @of_tests]) {
    my ($tree, @in) = @$_;
    my ($all, @wide) = (0);
    for my $file (@in) {
        my @lines = split /\n/, slurp($file) =~ s/[\x80-\xbf]//gr;
        $all += @lines;
        push @wide, map { "$file:$_: more than 100 columns\n" }
            grep { length $lines[$_ - 1] > 100 } 1 .. @lines;
    }
    result("$tree: at most 1 % of lines have more than 100 columns",
        @wide * 100 > $all ? @wide : ());
}
result('nothing is left to do', found(qr/\b(?:TODO|FIXME|XXX)\b/, \%text, @files));
result('each header compiles on its own', do {
    my $make = $ENV{MAKE} // 'make';
    my $out = `$make -s --no-print-directory headers BUILD='$build' 2>&1`;
    $? ? map({ "$_\n" } split /\n/, $out) : ();
});

# The objects: what each refers to, and who defines that.
my (%defined, %wanted);
for my $object (glob "$build/obj/*/*.o") {
    my ($room, $name) = $object =~ m{/obj/([^/]+)/(.+)\.o$};
    -f "src/$room/$name.c" or next;
    for (split /\n/, `nm -P '$object' 2>/dev/null`) {
        my ($symbol, $type) = split ' ';
        if ($type eq 'U') { push @{$wanted{$room}}, [$name, $symbol] }
        elsif ($type =~ /^[A-TV-Z]$/ && $symbol ne 'main') { $defined{$symbol} = [$room, $name] }
    }
}
for my $room (@rooms) {
    my @bad;
    for (@{$wanted{$room} || []}) {
        my ($name, $symbol) = @$_;
        my ($other, $where) = @{$defined{$symbol} || next};
        push @bad, "$room/$name.o uses $symbol of $other/$where.o\n"
            unless $other eq $room || $may{$room}{$other};
    }
    result("$room calls downwards only",
        $wanted{$room} || $not_built{$room} ? @bad : "no objects of it in $build/obj\n");
}
result('no object copies strallocs in another way', map {
    my $room = $_;
        map { "$room/$_->[0].o uses $_->[1]\n" }
            grep { $_->[1] =~ /^stralloc_copy/ }
            @{ $wanted{$room} || [] }
} @rooms);
for my $room (grep { $_ ne 'cli' && !$is_program_room{$_} } @rooms) {
    result("$room has no symbol that prints or exits", map { "$room/$_->[0].o uses $_->[1]\n" }
            grep {
            !($_->[1] eq '_exit' && $forked{"$room/$_->[0]"})
                && $_->[1] =~
                /^(?:v?printf|puts|putchar|perror|stdout|stderr|exit|_exit|_Exit|abort|
                    __v?printf_chk|strerr_\w+|buffer_[12]|buffer_1small)$/x
            } @{ $wanted{$room} || [] });
}

print "1..$count\n";
exit $failed;

sub slurp {
    open my $f, '<', $_[0] or die "$_[0]: $!\n";
    local $/;
    return scalar <$f>;
}
sub mine { my ($room) = @_; return grep { ($room{$_} // '') eq $room } @files }
sub lines {
    my ($text, $pattern) = @_;
    my $n = 0;
    return
        map { [$_->[0], trim($_->[1])] } grep { $_->[1] =~ $pattern } map { [++$n, $_] } split /\n/,
        $text, -1;
}
sub trim { my ($s) = @_; $s =~ s/^\s+//; return $s }
sub found {
    my ($pattern, $where, @in) = @_;
    return map {
        my $file = $_;
        map { "$file:$_->[0]: $_->[1]\n" } lines($where->{$file}, $pattern)
    } @in;
}
# What stands for a comment or a literal, on as many lines.
sub blank {
    my ($s) = @_;
    return ($s =~ /^(["'])/ ? "$1$1" : ' ') . "\n" x ($s =~ tr/\n//);
}
# The functions of a file that have more lines, from the one that they are named on.
sub longer_than {
    my ($most, $file) = @_;
    my @found;
    while ($code{$file} =~ /^(?:\w.*\n(?: +.*\n)*)\{\n(?:(?!\}).*\n)*\}/mg) {
        my $n = 1 + ($& =~ tr/\n//);
        push @found, "$file:" . line_of($code{$file}, $-[0]) . ": $n lines\n" if $n > $most;
    }
    return @found;
}
# The formats with a %s whose arguments have a translated text among them, each with its line.
sub translated_within {
    my ($file) = @_;
    my $text = $text{$file};
    my $blind = $text
        =~ s{/\*.*?\*/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'}{ $& =~ s/[^\n]/x/gr }gser;
    my @found;
    while ($blind =~ /\b\w+(?=(\((?:[^()]++|(?1))*+\)))/g) {
        my ($at, $arguments, $format) = (1 + pos $blind, substr $1, 1, -1);
        while ($arguments =~ /(?:[^(),]++|(\((?:[^()]++|(?1))*+\)))+/g) {
            my $argument = substr $text, $at + $-[0], $+[0] - $-[0];
            if (defined $format) {
                push @found, [line_of($text, $at), $format] if $argument =~ /\b_\(/;
            }
            elsif ($argument =~ /\b_\("((?:[^"\\]|\\.)*%(?:\.\*)?s(?:[^"\\]|\\.)*)"/) {
                $format = $1;
            }
        }
    }
    return @found;
}
# The msgids of a list, given as its file or its lines; of those with a plural, both.
sub sentences {
    my $list = @_ == 1 ? slurp($_[0]) : join '', @_;
    return map { tr/\n//dr =~ s/" *"//gr } $list =~ /^msgid(?:_plural)? ((?:".*"\n)+)/mg;
}
sub line_of { my ($text, $at) = @_; return 1 + (substr($text, 0, $at) =~ tr/\n//) }
sub result {
    my ($name, @bad) = @_;
    $count++;
    print map { "# $_" } @bad;
    print @bad ? 'not ' : '', "ok $count - $name\n";
    $failed = 1 if @bad;
}
