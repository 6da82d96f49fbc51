#!/usr/bin/perl
# reference.pl - qq-grep once more, slow and simple: every field of every message is read from the
# raw files, then the criteria are asked. Takes the options of qq-grep and prints plain ids, sorted.
# Written from DESIGN.md section 4, not from src/, so that both have to be wrong in the same way
# before a test passes that should not. A test in perl can `require` it: reference_read(QUEUE) gives
# the messages, reference_grep(\@messages, @options) the ids.

use strict;
use warnings;
use feature 'fc';
use Encode ();
use Getopt::Long ();
use MIME::Base64 ();
use MIME::QuotedPrint ();
use POSIX ();
use Socket qw(inet_pton inet_ntop AF_INET AF_INET6);
use Time::HiRes ();
use Unicode::Normalize ();

# ---- the queue ----

sub slurp {
    my ($name) = @_;
    open my $f, '<:raw', $name or return undef;
    local $/;
    return scalar(readline $f) // '';
}

# The records of a file as [letter, text]; a last one without its NUL is none.
sub records { return map { [substr($_, 0, 1), substr($_, 1)] } ($_[0] // '') =~ /([^\0][^\0]*)\0/g }

# number => path, for a tree that is split or not
sub numbers {
    my ($tree) = @_;
    return
        map { m{/(0|[1-9]\d*)$} ? ($1 => $_) : () }
        -d "$tree/0" ? glob "$tree/*/*" : glob "$tree/*";
}

sub reference_read {
    my ($queue) = @_;
    my $split = grep { m{/\d+$} } glob "$queue/mess/*";
    my ($mess_owner, $info_owner) = map { (stat "$queue/$_")[4] } qw(mess info);
    my %mess = numbers("$queue/mess");
    my %todo = numbers("$queue/todo");
    my %info = numbers("$queue/info");
    my %failed = numbers("$queue/bounce");
    my %channel = map { my ($name) = m{([^/]+)$}; $name => { numbers($_) } } "$queue/local",
        "$queue/remote", glob "$queue/suppl*";

    my @messages;
    for my $id (sort { $a <=> $b } keys %{{ %todo, %info }}) {
        my @st = $mess{$id} && -f $mess{$id} ? Time::HiRes::stat($mess{$id}) : next;
        my %m = (
            id => $id,
            size => $st[7],
            queued => $st[9],
            failing => exists $failed{$id},
            failed => [($failed{$id} && slurp($failed{$id}) // '') =~ /(?:\A|\n\n)<(.*)>:\n/g],
            new => exists $todo{$id});
        $m{held} = $st[4] == 0;
        $m{over} = !$m{held} && $st[4] == $info_owner && $info_owner != $mess_owner;
        $m{text} = slurp($mess{$id}) // next;
        injected(\%m);
        if ($m{new}) { from_todo(\%m, slurp($todo{$id}) // next) }
        else {
            from_info(
                \%m,
                slurp($info{$id}) // next,
                map { my $c = $_; [$c, slurp($channel{$c}{$id})] }
                    grep { $channel{$_}{$id} } sort keys %channel)
        }
        $m{interrupted} = $m{held} && !$m{new} && $m{from} eq '#@[]' && $m{invoked} ne 'for bounce';
        ($m{header}, $m{body}) =
            $m{text} =~ /^\n/m
            ? (substr($m{text}, 0, $-[0]), substr $m{text}, $+[0])
            : ($m{text}, '');
        push @messages, \%m;
    }
    return @messages;
}

# u, p, F come first; what says u behind the sender was a recipient that qq-rm has silenced.
sub from_todo {
    my ($m, $bytes) = @_;
    for (records($bytes)) {
        my ($letter, $text) = @$_;
        if ($letter eq 'F') { $m->{from} //= $text }
        elsif ($letter eq 'T') { push @{$m->{recipients}}, { address => $text, done => 0 } }
        elsif ($letter eq 'u' && defined $m->{from}) {
            push @{$m->{recipients}}, { address => $text, done => 1 }
        }
        elsif ($letter eq 'u') { $m->{uid} = $text }
    }
}

sub from_info {
    my ($m, $bytes, @channels) = @_;
    ($m->{from}) = $bytes =~ /\AF([^\0]*)\0/;
    for (@channels) {
        my ($name, $records) = @$_;
        push @{$m->{recipients}},
            map { { address => $_->[1], channel => $name, done => $_->[0] eq 'D' } }
            records($records);
    }
}

# Only the lines that qmail itself wrote on top are believed.
sub injected {
    my ($m) = @_;
    my ($first, $second) = $m->{text} =~ /\A([^\n]*)\n([^\n]*)/;
    ($m->{invoked}) = ($first // '') =~ /\AReceived: \(qmail \d+ invoked ([^)]*)\);/;
    $m->{invoked} //= '';
    $m->{uid} = $1 if $m->{invoked} =~ /\Aby uid (\d+)\z/;
    return if $m->{invoked} ne 'from network';
    $second =~ /\AReceived: from .*\((?:([^()]*)\@)?([^()\@]*)\)\z/ or return;
    my ($user, $address) = ($1, $2);
    $m->{ip} = address($address);
    $m->{login} = $user if $m->{text} =~ /\A.*\n.*\n  by .* with [A-Z]*SMTPS?A;/;
}

# One spelling for each address; undef if it is none.
sub address {
    my ($text) = @_;
    my $four = inet_pton(AF_INET, $text);
    return inet_ntop(AF_INET, $four) if defined $four;
    my $six = inet_pton(AF_INET6, $text);
    return undef if !defined $six;
    return
        substr($six, 0, 12) eq "\0" x 10 . "\xff\xff"
        ? inet_ntop(AF_INET, substr $six, 12)
        : inet_ntop(AF_INET6, $six);
}

# The family of ADDRESS or ADDRESS/LENGTH and its first bits, as 0 and 1.
sub network {
    my ($address, $length) = split m{/}, $_[0];
    my $text = address($address) // return (0, '');
    my $family = $text =~ /:/ ? AF_INET6 : AF_INET;
    my $bits = unpack 'B*', inet_pton($family, $text);
    return ($family, substr $bits, 0, $length // length $bits);
}

# ---- text ----

# Bytes to characters; a byte that is no UTF-8 becomes a character of its own, so that it still
# equals itself only.
sub characters {
    my ($bytes) = @_;
    return Encode::decode(
        'UTF-8', $bytes,
        sub {
            join '', map { chr(0x10f000 + $_) } @_
        })
}

# The fields of that name, each in one line, with its encoded words decoded, as it is shown.
sub fields {
    my ($header, $name) = @_;
    my ($type) = unfolded($header, 'Content-Type');
    my ($set) = ($type // '') =~ /;\s*charset\s*=\s*"?([^";\s]+)/i;
    return map {
        my $shown = Unicode::Normalize::NFC(words($_, $set) =~ s/\p{DI}//gr);
        $shown =~ s/\p{White_Space}+/ /gr =~ s/\A | \z//gr
    } unfolded($header, $name);
}
sub unfolded {
    my ($header, $name) = @_;
    return map {
        s/\r?\n(?=[ \t])//gr =~ tr/\r\n/  /r =~ s/\A[ \t]+|[ \t]+\z//gr
    } ($header // '') =~ /^\Q$name\E:((?:[^\n]*)(?:\n[ \t][^\n]*)*)/img;
}

# What no word says the set of: UTF-8, or that of the message, or windows-1252.
sub outside {
    my ($bytes, $set) = @_;
    my $text = eval { Encode::decode('UTF-8', $bytes, Encode::FB_CROAK | Encode::LEAVE_SRC) };
    return $text if defined $text;
    my $encoding = Encode::find_encoding($set // '');
    undef $encoding if $encoding && $encoding->name =~ /ascii|utf/i;
    return ($encoding // Encode::find_encoding('cp1252'))->decode($bytes);
}

# The first; undef if there is none.
sub field { return (fields(@_))[0] }

sub field_of {
    my ($m, $name) = @_;
    return
        exists $m->{field}{$name}
        ? $m->{field}{$name}
        : ($m->{field}{$name} = field($m->{header}, $name))
}

my $word = qr/=\?([^?\s]+)\?([BbQq])\?([^?]*)\?=/;
sub words {
    my ($value, $outer) = @_;
    my ($out, $open, @pending) = ('', undef);
    my $flush = sub {
        $out .= characters_in($pending[0], $pending[2], $pending[3], $outer) if @pending;
        @pending = ()
    };
    $value =~ s/($word)[ \t]+(?=$word)/$1/g;    # blanks between two words are no text
    while ($value =~ /\G(?:$word|(.[^=]*))/gcs) {
        if (defined $4) { $flush->(); $out .= outside($4, $outer); next }
        my ($set, $how, $text) = ($1, uc $2, $3);
        my $raw = substr $value, $-[0], $+[0] - $-[0];
        $set =~ s/\*.*//;
        if ($how eq 'B') { $text = MIME::Base64::decode($text) }
        else { $text =~ tr/_/ /; $text =~ s/=([0-9A-Fa-f]{2})/chr hex $1/ge }
        if (@pending && lc $pending[0] eq lc $set && $pending[1] eq $how) {
            $pending[2] .= $text;
            $pending[3] .= $raw;
            next
        }
        $flush->();
        @pending = ($set, $how, $text, $raw);
    }
    $flush->();
    return $out;
}

sub characters_in {
    my ($set, $bytes, $otherwise, $outer) = @_;
    my $encoding = Encode::find_encoding($set) or return outside($otherwise, $outer);
    return $encoding->decode($bytes);
}

# The text of a message or part: what its text parts say, decoded. The header of a message inside
# belongs to it, that of the outermost does not.
sub text {
    my ($header, $body) = @_;
    $body //= '';
    my $type = field($header, 'Content-Type') // 'text/plain';
    my $how = lc(field($header, 'Content-Transfer-Encoding') // '');
    my %parameter;
    while ($type =~ /;\s*([\w-]+)\s*=\s*(?:"([^"]*)"|([^;\s]*))/g) { $parameter{lc $1} = $2 // $3 }
    if ($type =~ m{\Amultipart/}i && defined $parameter{boundary}) {
        my @parts = split /^--\Q$parameter{boundary}\E(?=--|[ \t]*\r?$)/m, $body;
        shift @parts;
        my $all = '';
        for (@parts) {
            last if /\A--/;
            s/\A[ \t]*\r?\n//;
            s/\r?\n\z//;
            $all .= text(
                /\A\r?\n/ ? ('', substr $_, $+[0]) : /\A(.*?\n)\r?\n(.*)\z/s ? ($1, $2) : ($_, ''))
                . "\n";
        }
        return $all;
    }
    return '' unless $type =~ m{\A(?:text|message)/}i;
    if ($how eq 'base64') { $body = MIME::Base64::decode($body) }
    elsif ($how eq 'quoted-printable') { $body = MIME::QuotedPrint::decode($body) }
    if ($type =~ m{\Amessage/rfc822}i && $body =~ /\A(.*?\n)\r?\n(.*)\z/s) {
        return characters($1) . "\n" . text($1, $2)
    }
    my $encoding = Encode::find_encoding($parameter{charset} // 'us-ascii');
    $body = $encoding
        && $encoding->name !~ /ascii|utf-?8/i ? $encoding->decode($body) : characters($body);
    $body =~ s/\r\n/\n/g;
    return $body;
}

# ---- the criteria ----

# A test of one string against any of the patterns.
sub matcher {
    my ($o, @bytes) = @_;
    my @patterns = map { characters($_) } @bytes;
    if ($o->{E} || $o->{g}) {
        my @regexes = map { $o->{E} ? $_ : glob_regex($_) } @patterns;
        @regexes = map { "\\A(?:$_)\\z" } @regexes if $o->{x} || $o->{g};
        @regexes = map { $o->{case} ? qr/$_/s : qr/$_/si } @regexes;
        return sub { my ($s) = @_; return defined $s && grep { $s =~ $_ } @regexes };
    }
    my $fold = $o->{case} ? sub { $_[0] } : sub { fc $_[0] };
    @patterns = map { $fold->($_) } @patterns;
    return sub {
        defined $_[0] or return 0;
        my $s = $fold->($_[0]);
        return scalar grep { $o->{x} ? $s eq $_ : index($s, $_) >= 0 } @patterns;
    };
}

sub glob_regex {
    my ($p) = @_;
    my $regex = '';
    while ($p =~ /\G(?:(\*)|(\?)|\[(!?)([^\]]+)\]|\\(.)|(.))/gs) {
        $regex .=
              $1 ? '.*'
            : $2 ? '.'
            : defined $4 ? '[' . ($3 ? '^' : '') . quotemeta($4) =~ s/\\-/-/gr . ']'
            : quotemeta($5 // $6);
    }
    return $regex;
}

sub lines {
    my ($name) = @_;
    return grep { length } split /\n/, slurp($name) // die "reference.pl: $name: $!\n"
}
sub seconds {
    my ($n, $unit) = $_[0] =~ /\A(\d+)([smhd])\z/ or die "reference.pl: age $_[0]\n";
    return $n * { s => 1, m => 60, h => 3600, d => 86400 }->{$unit}
}
sub bytes {
    my ($n, $unit) = $_[0] =~ /\A(\d+)([KMG]?)\z/ or die "reference.pl: size $_[0]\n";
    return $n * { '' => 1, K => 1 << 10, M => 1 << 20, G => 1 << 30 }->{$unit}
}
sub moment {
    return $1 if $_[0] =~ /\A\@(\d+)\z/;
    my @t = $_[0] =~ /\A(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d)(?::(\d\d))?)?\z/
        or die "reference.pl: time $_[0]\n";
    return POSIX::mktime($t[5] // 0, $t[4] // 0, $t[3] // 0, $t[2], $t[1] - 1, $t[0] - 1900, 0, 0,
        -1);
}
sub addresses {
    my ($m, $done) = @_;
    return map { characters($_->{address}) } grep { !$_->{done} == !$done } @{$m->{recipients}}
}
sub domain { my ($domain) = $_[0] =~ /.*\@(.*)/s; return $domain }
sub waits_in {
    my ($m, $channel) = @_;
    return scalar grep { !$_->{done} && ($_->{channel} // '') eq $channel } @{$m->{recipients}}
}

# Each criterion: what makes of its values (all of the call) a test of a message. Criteria are
# anded, the values of one are ored.
my $now;
my %criterion = (
    from => sub { my $any = matcher(@_); sub { $any->(characters($_[0]{from})) } },
    'from-domain' => sub {
        my ($o, @v) = @_;
        my $any = matcher({ %$o, x => 1 }, @v);
        sub { $any->(domain(characters($_[0]{from} =~ s/-\@\[\]\z//r))) }
    },
    'to-domain' => sub {
        my ($o, @v) = @_;
        my $any = matcher({ %$o, x => 1 }, @v);
        sub {
            my ($m) = @_;
            scalar grep { $any->(domain($_)) } addresses($m, 0)
        }
    },
    to => sub {
        my $any = matcher(@_);
        sub {
            my ($m) = @_;
            scalar grep { $any->($_) } addresses($m, 0)
        }
    },
    'done-to' => sub {
        my $any = matcher(@_);
        sub {
            my ($m) = @_;
            scalar grep { $any->($_) } addresses($m, 1), map { characters($_) } @{ $m->{failed} };
        }
    },
    subject => sub { my $any = matcher(@_); sub { $any->(field_of($_[0], 'Subject')) } },
    header => sub {
        my ($o, @values) = @_;
        my @tests = map { my ($name, $p) = split /:/, $_, 2; [$name, matcher($o, $p)] } @values;
        sub {
            my ($m) = @_;
            scalar grep {
                my ($name, $matches) = @$_;
                grep { $matches->($_) } fields($m->{header}, $name)
            } @tests
        }
    },
    body => sub {
        my $any = matcher(@_);
        sub { $any->($_[0]{decoded} //= text($_[0]{header}, $_[0]{body})) }
    },
    after => sub {
        my ($o, @v) = @_;
        my @t = map { moment($_) } @v;
        sub {
            my ($m) = @_;
            scalar grep { $m->{queued} >= $_ } @t
        }
    },
    before => sub {
        my ($o, @v) = @_;
        my @t = map { moment($_) } @v;
        sub {
            my ($m) = @_;
            scalar grep { $m->{queued} < $_ } @t
        }
    },
    older => sub {
        my ($o, @v) = @_;
        my @t = map { $now - seconds($_) } @v;
        sub {
            my ($m) = @_;
            scalar grep { $m->{queued} < $_ } @t
        }
    },
    newer => sub {
        my ($o, @v) = @_;
        my @t = map { $now - seconds($_) } @v;
        sub {
            my ($m) = @_;
            scalar grep { $m->{queued} >= $_ } @t
        }
    },
    'min-size' => sub {
        my ($o, @v) = @_;
        my @n = map { bytes($_) } @v;
        sub {
            my ($m) = @_;
            scalar grep { $m->{size} >= $_ } @n
        }
    },
    'max-size' => sub {
        my ($o, @v) = @_;
        my @n = map { bytes($_) } @v;
        sub {
            my ($m) = @_;
            scalar grep { $m->{size} <= $_ } @n
        }
    },
    'min-recipients' => sub {
        my ($o, @v) = @_;
        sub {
            my ($m) = @_;
            scalar grep { @{$m->{recipients} // []} >= $_ } @v
        }
    },
    channel => sub { my ($o, @v) = @_; sub { my ($m) = @_; scalar grep { waits_in($m, $_) } @v } },
    uid => sub {
        my ($o, @v) = @_;
        sub {
            my ($m) = @_;
            defined $m->{uid} && grep { $m->{uid} == $_ } @v
        }
    },
    ip => sub {
        my ($o, @v) = @_;
        my @nets = map { [network($_)] } @v;
        sub {
            my ($m) = @_;
            my ($family, $bits) = defined $m->{ip} ? network($m->{ip}) : return 0;
            scalar grep { $family == $_->[0] && index($bits, $_->[1]) == 0 } @nets
        }
    },
    login => sub { my $any = matcher(@_); sub { $any->($_[0]{login}) } },
    local => sub { sub { waits_in($_[0], 'local') } },
    remote => sub { sub { waits_in($_[0], 'remote') } },
    new => sub { sub { $_[0]{new} } },
    held => sub { sub { $_[0]{held} } },
    over => sub { sub { $_[0]{over} } },
    interrupted => sub { sub { $_[0]{interrupted} } },
    future => sub { sub { $_[0]{queued} > time + 60 } },
    failing => sub { sub { $_[0]{failing} } },
    'null-sender' => sub { sub { $_[0]{from} eq '' } },
    bounces => sub { sub { $_[0]{from} =~ /\A(?:#\@\[\])?\z/ } },
    'no-bounces' => sub { sub { $_[0]{from} !~ /\A(?:#\@\[\])?\z/ } },
    'double-bounces' => sub { sub { $_[0]{from} eq '#@[]' } },
);
my @with_value =
    qw(from from-domain to to-domain done-to subject header body after before
        older newer min-size max-size min-recipients channel uid ip login);
my @lists = qw(from-list to-list subject-list);
my @plain = grep { my $c = $_; !grep { $_ eq $c } @with_value } sort keys %criterion;

sub reference_options {
    my %o;
    my $parser =
        Getopt::Long::Parser->new(config => [qw(bundling no_ignore_case no_auto_abbrev permute)]);
    local @ARGV = @_;
    $parser->getoptions(\%o, 'queue=s', 'jobs=i', 'null', 'lines',
        (map { "$_=s@" } @with_value, @lists),
        @plain, qw(x g E case v c m=i q))
        or exit 100;
    return (\%o, @ARGV);
}

# The ids of those that the criteria choose.
sub reference_grep {
    my ($messages, @arguments) = @_;
    my ($o, @only) = reference_options(@arguments);
    my %only = map { /\A(\d+)/ ? ($1 => 1) : () } map {
        $_ eq '-' ? split /[\0\n]/, do { local $/; <STDIN> } : $_
    } @only;
    $now = Time::HiRes::time();
    for (@lists) {
        my ($name) = /(.*)-list/;
        push @{$o->{$name}}, map { lines($_) } @{$o->{$_}} if $o->{$_}
    }
    my @tests = map { $criterion{$_}->($o, ref $o->{$_} ? @{$o->{$_}} : ()) }
        grep { $o->{$_} } sort keys %criterion;
    return map { $_->{id} } grep {
        my $m = $_;
        (!$m->{over} || $o->{over})
            && (!@only || $only{ $m->{id} })
            && (!(grep { !$_->($m) } @tests) xor $o->{v});
    } @$messages;
}

sub main {
    my ($o) = reference_options(@_);
    my $queue = $o->{queue} // $ENV{QQ_QUEUE} // die "reference.pl: which queue?\n";
    my @messages = reference_read($queue);
    my @ids = reference_grep(\@messages, @_);
    splice @ids, $o->{m} if $o->{m} && @ids > $o->{m};
    print $o->{c} ? scalar(@ids) . "\n" : $o->{q} ? '' : map { "$_\n" } @ids;
    return !@ids;
}

exit main(@ARGV) unless caller;
1;
