# logs.pl - logs of a qmail-send that never ran, and what is to be read in them: a generator of logs
# in every shape in which loggers write them, and a reader that follows each message by the rules of
# doc/INTERNALS (lives) without a line of the programs that are tested.
#
# A log is drawn as events, [microseconds, queue, text], of one or more qmail-send; dress() writes
# them as a logger would; read_log() reads what was written. A life is a hash as in qlog-show
# --json, but for `smtp', and with stamps in microseconds.

use strict;
use warnings;
no warnings 'portable';
use POSIX qw(strftime);
use Time::Local qw(timegm);

our ($host, $pid) = ('mx1', 812);
my @month = qw(Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec);
my %month = map { $month[$_] => $_ } 0 .. 11;
my @day = qw(Sun Mon Tue Wed Thu Fri Sat);

# Shapes that say nothing of host and program are those of a log of qmail-send alone.
our @bare = qw(tai64n epoch tai64nlocal s6-log-T svlogd-tt svlogd-ttt none);
our @named = qw(splogger syslog syslog-precise iso iso-second iso-z rfc5424 short-full short-unix
    json export);

sub chance { return rand 100 < $_[0] }
sub one_of { return $_[int rand @_] }

# ---- events ----
my @text = (
    [success => '192.0.2.7_accepted_message./Remote_host_said:_250_2.0.0_Ok:_queued_as_4F2/',
        '192.0.2.7', '250', '2.0.0'],
    [success => 'did_1+0+0/', undef, undef, undef],
    [success => 'did_0+0+1/qp_4711/', undef, undef, undef, 4711],
    [deferral => 'Connected_to_192.0.2.9_but_greeting_failed./Remote_host_said:_421_4.7.0_later/',
        '192.0.2.9', '421', '4.7.0'],
    [deferral => 'CNAME_lookup_failed_temporarily._(#4.4.3)/', undef, undef, '4.4.3'],
    [deferral => "Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)/", undef, undef,
        '4.4.1'],
    [failure => '198.51.100.3_does_not_like_recipient./Remote_host_said:_550_5.1.1_no_such_user/'
            . 'Giving_up_on_198.51.100.3./', '198.51.100.3', '550', '5.1.1'],
    [failure => 'Sorry,_no_mailbox_here_by_that_name._(#5.1.1)/', undef, undef, '5.1.1'],
    [failure => "Sorry,_I_couldn't_find_any_host_by_that_name._(#4.1.2)/I'm_not_going_to_try_again;"
            . '_this_message_has_been_in_the_queue_too_long./', undef, undef, '4.1.2'],
    [deferral => 'Remote_host_said:_450_' . 'x' x 1700 . '/', undef, '450', undef],
);

# One qmail-send and its queue: numbers are few, so that they are given again soon.
sub new_queue {
    my ($name) = @_;
    return { name => $name, last => 0, at_work => {}, messages => {}, qp => 1000 + int rand 9000 }
}

sub say_event {
    my ($log, $q, $text) = @_;
    push @{ $log->{events} }, [$log->{now}, $q->{name}, $text];
    $log->{now} += chance(30) ? 0 : 1 + int rand(chance(5) ? 4e9 : 3e5);
    # The clock is set back, but never by so much as to look like another year.
    $log->{now} -= int rand 3e9 if $log->{sets_back} && chance(1);
}

sub say_new {
    my ($log, $q, $id, $m) = @_;
    say_event($log, $q, "new msg $id");
    say_event($log, $q,
        "info msg $id: bytes $m->{bytes} from <$m->{from}> qp $m->{qp} uid $m->{uid}");
}

sub new_recipient {
    my ($n) = @_;
    my $address = one_of('a', 'b', 'C', "d'e") . $n . one_of('@far.example', '@Local.example');
    return { address => $address, channel => one_of('local', 'remote') }
}

sub take_message {
    my ($log, $q, $from, $qp) = @_;
    my @free = grep { !$q->{messages}{$_} } 71 .. 79;
    return if !@free;
    my $id = one_of(@free);
    my $m = $q->{messages}{$id} = {
        bytes => 200 + int rand 9000, from => $from, qp => $qp, uid => one_of(64011, 1000, 0),
        recipients => [map { new_recipient($_) } 1 .. 1 + rand 3] };
    # Twice the same recipient is two recipients.
    push @{ $m->{recipients} }, { %{ $m->{recipients}[0] } } if chance(10);
    say_new($log, $q, $id, $m);
    say_new($log, $q, $id, $m) if chance(5);
}

sub delivery_name { my ($q, $d) = @_; return $q->{name} =~ /^queue(\d+)/ ? "$d.$1" : $d }

sub start_delivery {
    my ($log, $q, $id) = @_;
    my $m = $q->{messages}{$id};
    my @due = grep { !$_->{done} && !$_->{busy} } @{ $m->{recipients} };
    return if !@due;
    my $r = one_of(@due);
    my $d = ++$q->{last};
    $r->{busy} = 1;
    $q->{at_work}{$d} = [$id, $r];
    say_event($log, $q, 'starting delivery ' . delivery_name($q, $d)
            . ": msg $id to $r->{channel} $r->{address}");
    say_event($log, $q, 'status: local 1/10 remote 0/20') if !$log->{is_quiet};
}

sub end_delivery {
    my ($log, $q, $d) = @_;
    my ($id, $r) = @{ delete $q->{at_work}{$d} };
    my ($result, $text) = @{ one_of(@text) };
    my $name = delivery_name($q, $d);
    say_event($log, $q, "delivery $name: log: something on the way/") if chance(2);
    $r->{busy} = 0;
    if (chance(2)) { say_event($log, $q, "delivery $name: report mangled, will defer"); return }
    $r->{done} = $result ne 'deferral';
    $q->{messages}{$id}{failed} = 1 if $result eq 'failure' && $q->{messages}{$id};
    say_event($log, $q, "delivery $name: $result: $text");
}

sub end_message {
    my ($log, $q, $id) = @_;
    my $m = delete $q->{messages}{$id};
    if ($m->{failed}) {
        my $qp = ++$q->{qp};
        say_event($log, $q, "bounce msg $id qp $qp");
        take_message($log, $q, '', $qp) if chance(80);
    }
    say_event($log, $q, "end msg $id");
    say_event($log, $q, "end msg $id") if chance(3) && !$q->{messages}{$id};
}

sub restart {
    my ($log, $q) = @_;
    say_event($log, $q, 'status: exiting') if chance(50);
    $_->[1]{busy} = 0 for values %{ $q->{at_work} };
    $q->{at_work} = {};
    $q->{last} = 0;
    say_event($log, $q, 'status: local 0/10 remote 0/20');
}

sub is_idle { my ($m) = @_; return !grep { $_->{busy} } @{ $m->{recipients} } }

sub step {
    my ($log, $q) = @_;
    my @ids = sort keys %{ $q->{messages} };
    my @at_work = sort keys %{ $q->{at_work} };
    if (!@ids || chance(12)) {
        take_message($log, $q, one_of('', 'a@b.example', 'X@y.example', '#@[]'), ++$q->{qp})
    } elsif (@at_work && chance(45)) {
        end_delivery($log, $q, one_of(@at_work))
    } elsif (chance(1)) {
        restart($log, $q)
    } else {
        my $id = one_of(@ids);
        my $m = $q->{messages}{$id};
        if (!grep { !$_->{done} } @{ $m->{recipients} }) { end_message($log, $q, $id) }
        elsif (chance(3) && is_idle($m)) {
            say_event($log, $q, "end msg $id");
            delete $q->{messages}{$id}
        }
        elsif (chance(2)) { delete $q->{messages}{$id} }        # by hand
        else { start_delivery($log, $q, $id) }
    }
}

# Some events are lost, and the logger says so.
sub lose {
    my ($log) = @_;
    for (1 .. 3) {
        my $k = int rand @{ $log->{events} };
        my ($at) = @{ $log->{events}[$k] };
        splice @{ $log->{events} }, $k, int rand 5,
            [$at, undef, 'imuxsock[pid 77]: begin to drop messages due to rate-limiting']
    }
}

# Draws a log of about so many events: { events, now }. Options: queues, the number of qmail-send;
# sets_back; is_quiet, without status lines; starts_late, the first part is not there; is_lossy.
sub draw_log {
    my ($size, %options) = @_;
    my $log = { events => [], now => $options{now} // 1795711958123456, %options };
    my @names = $options{queues} ? map { "queue$_" } 1 .. $options{queues} : '';
    my @queues = map { new_queue($_) } @names;
    step($log, one_of(@queues)) while @{ $log->{events} } < $size;
    splice @{ $log->{events} }, 0, int rand $size / 3 if $options{starts_late};
    lose($log) if $options{is_lossy};
    return $log
}

# ---- shapes ----
my $local = sub { my ($format, $s) = @_; return strftime($format, localtime $s) };
my $utc = sub { my ($format, $s) = @_; return strftime($format, gmtime $s) };

sub head_of {
    my ($shape, $s, $us) = @_;
    return sprintf '@%016x%08x ', 0x4000000000000000 + 10 + $s, $us * 1000 + 400
        if $shape eq 'tai64n';
    return sprintf '%d.%06d ', $s, $us if $shape eq 'epoch';
    my ($date, $time) = ('%Y-%m-%d', '%H:%M:%S');
    return $local->("$date $time", $s) . sprintf '.%09d ', $us * 1000 if $shape eq 'tai64nlocal';
    return $local->("$date $time", $s) . sprintf '.%09d  ', $us * 1000 if $shape eq 's6-log-T';
    return $utc->("${date}_$time", $s) . sprintf '.%05d ', $us / 10 if $shape eq 'svlogd-tt';
    return $utc->("${date}T$time", $s) . sprintf '.%05d ', $us / 10 if $shape eq 'svlogd-ttt';
    return '' if $shape eq 'none';
    my @l = localtime $s;
    my $day = sprintf '%s %2d %02d:%02d:%02d', $month[$l[4]], @l[3, 2, 1, 0];
    return sprintf '%s %s qmail: %d.%06d ', $day, $host, $s, $us if $shape eq 'splogger';
    return "$day $host qmail[$pid]: " if $shape eq 'syslog';
    return $day . sprintf '.%06d %s qmail[%d]: ', $us, $host, $pid if $shape eq 'syslog-precise';
    my $iso = "${date}T$time";
    return $utc->($iso, $s + 5400) . sprintf '.%06d+01:30 %s qmail[%d]: ', $us, $host, $pid
        if $shape eq 'iso';
    return $utc->($iso, $s - 10800) . "-0300 $host qmail[$pid]: " if $shape eq 'iso-second';
    return $utc->($iso, $s) . sprintf '.%06dZ %s qmail: ', $us, $host if $shape eq 'iso-z';
    return '<22>1 ' . $utc->($iso, $s) . sprintf '.%06d+00:00 %s qmail %d - -  ', $us, $host, $pid
        if $shape eq 'rfc5424';
    return $day[(gmtime $s)[6]] . $utc->(" $date $time UTC ", $s) . "$host qmail[$pid]: "
        if $shape eq 'short-full';
    return sprintf '%d.%06d %s qmail[%d]: ', $s, $us, $host, $pid if $shape eq 'short-unix';
    die "no shape $shape\n"
}

sub journal_entry {
    my ($shape, $us, $text) = @_;
    my %field = (__REALTIME_TIMESTAMP => $us, _HOSTNAME => $host, SYSLOG_IDENTIFIER => 'qmail',
        _PID => $pid, _SYSTEMD_UNIT => 'qmail.service', PRIORITY => 6);
    my @names = sort { rand() <=> 0.5 } keys %field;
    if ($shape eq 'export') {
        my $binary = pack('Q<', length $text) . $text;
        my $message = chance(70) ? "MESSAGE=$text\n" : "MESSAGE\n$binary\n";
        my @fields = map { "$_=$field{$_}\n" } grep { $_ ne '__REALTIME_TIMESTAMP' } @names;
        return join '', "__CURSOR=s=8579;i=$us\n__REALTIME_TIMESTAMP=$us\n", @fields[0, 1],
            $message, @fields[2 .. 4], "\n"
    }
    my $quoted = $text =~ s/(["\\])/\\$1/gr;
    my @pairs = map { "\"$_\":\"$field{$_}\"" } @names;
    return '{' . join(',', @pairs[0 .. 2], "\"MESSAGE\":\"$quoted\"", @pairs[3 .. 5]) . "}\n"
}

# What else stands in a file that all programs of a host write into.
sub noise {
    my ($shape, $s, $us) = @_;
    my $text = one_of('tcpserver: status: 3/200', 'CHKUSER accepted rcpt: from <a@b.example::>',
        'spamd: new msg in town', 'delivery of the daily report');
    return journal_entry($shape, $s * 1000000 + $us, $text) if $shape =~ /^(?:json|export)$/;
    return head_of($shape, $s, $us) . "$text\n"
}

# The lines of that log in that shape.
sub dress {
    my ($shape, $log) = @_;
    my @lines;
    for (@{ $log->{events} }) {
        my ($now, $queue, $text) = @$_;
        my ($s, $us) = (int $now / 1000000, $now % 1000000);
        $text .= " $queue" if ($queue // '') ne '';
        push @lines, noise($shape, $s, $us) if chance(3);
        push @lines, "\n" if chance(1) && $shape !~ /^(?:json|export)$/;
        if ($shape =~ /^(?:json|export)$/) { push @lines, journal_entry($shape, $now, $text) }
        elsif ($shape eq 'splogger') {
            my $head = head_of($shape, $s, $us);
            push @lines, $head . substr($text, 0, 799, '') . "\n";
            my $more = $head =~ s/ $/+/r;
            push @lines, $more . substr($text, 0, 799, '') . "\n" while $text ne '';
        }
        else { push @lines, head_of($shape, $s, $us) . $text . (chance(2) ? '  ' : '') . "\n" }
    }
    return @lines
}

# ---- reading ----
# Takes a line apart: (microseconds or undef, host, tag, text), or nothing.
sub apart {
    my ($shape, $line, $year) = @_;
    my $stamp = qr/(\d{4})-(\d\d)-(\d\d)[T_ ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?/;
    my $us = sub {
        my ($y, $mon, $d, $h, $m, $s, $f, $zone) = @_;
        return ($zone eq 'local' ? POSIX::mktime($s, $m, $h, $d, $mon - 1, $y - 1900)
                : timegm($s, $m, $h, $d, $mon - 1, $y) - $zone) * 1000000
            + substr(($f // '') . '000000', 0, 6)
    };
    if ($shape eq 'tai64n') {
        $line =~ /^\@([0-9a-f]{16})([0-9a-f]{8}) (.*)/s or return;
        return ((hex($1) - 0x4000000000000000 - 10) * 1000000 + int(hex($2) / 1000), '', '', $3)
    }
    if ($shape eq 'epoch') {
        return $line =~ /^(\d+)\.(\d{6}) (.*)/s ? ($1 * 1000000 + $2, '', '', $3) : ()
    }
    if ($shape eq 'none') { return (undef, '', '', $line) }
    if ($shape =~ /^(?:tai64nlocal|s6-log-T)$/) {
        return $line =~ /^$stamp  ?(.*)/s
            ? ($us->($1, $2, $3, $4, $5, $6, $7, 'local'), '', '', $8) : ()
    }
    if ($shape =~ /^svlogd/) {
        return $line =~ /^$stamp (.*)/s ? ($us->($1, $2, $3, $4, $5, $6, $7, 0), '', '', $8) : ()
    }
    if ($shape eq 'splogger') {
        my ($h, $tag, $seconds, $fraction, $text) =
            $line =~ /^\S+ +\d+ \S+ (\S+) (\w+): (\d+)\.(\d{6})([ +].*)/s
            or return;
        return ($seconds * 1000000 + $fraction, $h, $tag, $text =~ s/^ //r)
    }
    if ($shape =~ /^syslog/) {
        my ($m, @rest) = $line =~
            /^(\w{3}) +(\d+) (\d\d):(\d\d):(\d\d)(?:\.(\d+))? (\S+) (\w+)(?:\[\d+\])?: (.*)/s
            or return;
        return ($us->($year, $month{$m} + 1, @rest[0 .. 4], 'local'), @rest[5 .. 7])
    }
    if ($shape =~ /^iso/) {
        $line =~ /^$stamp(?:([-+])(\d\d):?(\d\d)|Z) (\S+) (\w+)(?:\[\d+\])?: (.*)/s or return;
        my $zone = defined $8 ? ($8 eq '-' ? -1 : 1) * ($9 * 3600 + $10 * 60) : 0;
        return ($us->($1, $2, $3, $4, $5, $6, $7, $zone), $11, $12, $13)
    }
    if ($shape eq 'rfc5424') {
        return $line =~ /^<\d+>1 $stamp\+00:00 (\S+) (\w+) \d+ - -  (.*)/s
            ? ($us->($1, $2, $3, $4, $5, $6, $7, 0), $8, $9, $10) : ()
    }
    if ($shape eq 'short-full') {
        return $line =~ /^\w{3} $stamp UTC (\S+) (\w+)\[\d+\]: (.*)/s
            ? ($us->($1, $2, $3, $4, $5, $6, undef, 0), $8, $9, $10) : ()
    }
    if ($shape eq 'short-unix') {
        return $line =~ /^(\d+)\.(\d{6}) (\S+) (\w+)\[\d+\]: (.*)/s
            ? ($1 * 1000000 + $2, $3, $4, $5) : ()
    }
    if ($shape eq 'json') {
        my %f = $line =~ /"(\w+)":"((?:[^"\\]|\\.)*)"/g;
        return if !%f;
        my @head = @f{qw(__REALTIME_TIMESTAMP _HOSTNAME SYSLOG_IDENTIFIER)};
        return (@head, $f{MESSAGE} =~ s/\\(.)/$1/gr)
    }
    die "no shape $shape\n"
}

sub entries_of_export {
    my ($text) = @_;
    my @entries;
    my %f;
    while ($text ne '') {
        if ($text =~ s/^\n//) {
            push @entries, [@f{qw(__REALTIME_TIMESTAMP _HOSTNAME SYSLOG_IDENTIFIER MESSAGE)}] if %f;
            %f = ()
        }
        elsif ($text =~ s/^(\w+)=(.*)\n//) { $f{$1} = $2 }
        else {
            $text =~ s/^(\w+)\n//;
            $f{$1} = substr $text, 8, unpack 'Q<', $text;
            substr $text, 0, 9 + length $f{$1}, ''
        }
    }
    return @entries
}

sub entries_of {
    my ($shape, $year, @lines) = @_;
    return entries_of_export(join '', @lines) if $shape eq 'export';
    my @entries;
    for my $line (@lines) {
        my ($at, $h, $tag, $text) = apart($shape, $line =~ s/\s*\n\z//r, $year) or next;
        # A piece belongs to the line in front, if that was full.
        if ($shape eq 'splogger' && $text =~ s/^\+//) {
            $entries[-1][3] .= $text;
            next
        }
        push @entries, [$at, $h, $tag, $text]
    }
    return @entries
}

# ---- lives ----
sub facts_of {
    my ($text) = @_;
    for (@text) { return @$_[2, 3, 4, 5] if $_->[1] eq $text }
    return (undef, undef, undef, undef)
}

sub open_life {
    my ($s, $id, $begun) = @_;
    my $life = { id => $id, stream => $s->{name}, begun => $begun, ended => undef, end => 'open',
        incomplete => 0, recipients => [], map { $_ => undef } qw(from size uid qp bounce_qp) };
    push @{ $s->{lives} }, $life;
    return $s->{open}{$id} = $life
}

sub leave_life {
    my ($s, $id) = @_;
    my $life = delete $s->{open}{$id} // return;
    $life->{end} = $life->{incomplete} ? 'unknown' : 'vanished'
}

sub cut { my ($s) = @_; $_->{result} = 'unknown' for values %{ $s->{at_work} }; $s->{at_work} = {} }

sub is_told { my ($life) = @_; return defined $life->{qp} || $life->{tried} }

sub on_new {
    my ($s, $id, $at) = @_;
    my $life = $s->{open}{$id};
    return open_life($s, $id, $at) if !$life;
    return if !is_told($life);
    if ($life->{tried}) { leave_life($s, $id); open_life($s, $id, $at) }
    else { $s->{again}{$id} //= [$at] }         # which life it belongs to is told by its info
}

sub on_info {
    my ($s, $id, $bytes, $from, $qp, $uid) = @_;
    my $life = $s->{open}{$id};
    my $again = delete $s->{again}{$id};
    if ($life && is_told($life)) {
        return if !$life->{tried} && $life->{qp} == $qp && $life->{size} == $bytes;
        leave_life($s, $id);
        $life = undef;
    }
    $life //= open_life($s, $id, $again ? $again->[0] : undef);
    @$life{qw(size from qp uid)} = ($bytes, $from, $qp, $uid)
}

sub on_start {
    my ($s, $d, $id, $channel, $address, $at) = @_;
    cut($s) if $d == 1 || $d <= $s->{greatest};
    $s->{greatest} = $d;
    my $life = $s->{open}{$id} // open_life($s, $id, undef);
    $life->{tried} = 1;
    my ($r) = grep { $_->{channel} eq $channel && $_->{address} eq $address
            && $_->{result} =~ /^(?:deferred|unknown)$/ } @{ $life->{recipients} };
    if (!$r) {
        $r = { address => $address, channel => $channel, attempts => 0, first => $at, text => '',
            map { $_ => undef } qw(host code enhanced child_qp) };
        push @{ $life->{recipients} }, $r
    }
    $r->{attempts}++;
    $r->{last} = $at;
    $r->{result} = 'under_way';
    $s->{at_work}{$d} = $r
}

sub on_result {
    my ($s, $d, $word, $text, $at) = @_;
    my $r = delete $s->{at_work}{$d} // return;
    $r->{result} = { success => 'delivered', deferral => 'deferred', failure => 'failed' }->{$word};
    $r->{result} = 'expired' if $text =~ m{this_message_has_been_in_the_queue_too_long\./$};
    @$r{qw(text last host code enhanced child_qp)} = ($text, $at, facts_of($text));
    $r->{child_qp} = undef if $r->{channel} ne 'local'
}

sub on_end {
    my ($s, $id, $at) = @_;
    my $life = delete $s->{open}{$id} // return;
    @$life{qw(end ended)} = ('done', $at);
    my %last = (deferred => 'removed', under_way => 'unknown');
    $_->{result} = $last{ $_->{result} } // $_->{result} for @{ $life->{recipients} };
}

sub on_event {
    my ($s, $at, $text) = @_;
    if ($text =~ /^new msg (\d+)$/) { on_new($s, $1, $at) }
    elsif ($text =~ /^info msg (\d+): bytes (\d+) from <(.*)> qp (\d+) uid (\d+)$/) {
        on_info($s, $1, $2, $3, $4, $5)
    }
    elsif ($text =~ /^starting delivery (\d+)(?:\.\d+)?: msg (\d+) to (\w+) (.*)$/) {
        on_start($s, $1, $2, $3, $4, $at)
    }
    elsif ($text =~ /^delivery (\d+)(?:\.\d+)?: (success|deferral|failure): (.*)$/) {
        on_result($s, $1, $2, $3, $at)
    }
    elsif ($text =~ /^delivery (\d+)(?:\.\d+)?: (report mangled, will defer)$/) {
        on_result($s, $1, 'deferral', $2, $at)
    }
    elsif ($text =~ /^bounce msg (\d+) qp (\d+)$/) {
        my ($id, $qp) = ($1, $2);
        ($s->{open}{$id} // open_life($s, $id, undef))->{bounce_qp} = $qp
    }
    elsif ($text =~ /^end msg (\d+)$/) { on_end($s, $1, $at) }
    elsif ($text eq 'status: exiting') { cut($s); $s->{greatest} = 0 }
}

# The lives in these lines, which are of that shape; year: of the stamps that do not say it.
sub read_log {
    my ($shape, $year, @lines) = @_;
    my %streams;
    for (entries_of($shape, $year, @lines)) {
        my ($at, $h, $tag, $text) = @$_;
        my $queue = $text =~ s/ (queue\d+)$// ? $1 : '';
        my $name = join ':', grep { $_ ne '' } $h, $tag, $queue;
        my $s = $streams{$name} //=
            { name => $name, host => $h, greatest => 0, at_work => {}, open => {}, lives => [] };
        if ($text =~ /begin to drop messages due to rate-limiting$/) {
            $_->{incomplete} = 1
                for map { values %{ $_->{open} } } grep { $_->{host} eq $h } values %streams;
            next
        }
        on_event($s, $at, $text)
    }
    return map { @{ $_->{lives} } } map { $streams{$_} } sort keys %streams
}

1;
