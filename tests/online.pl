# online.pl - what the tests of changes beside the model of a running qmail-send share: a queue with
# messages that are known by number, what was asked for to happen to them, and, from the logs,
# whether it did. Uses model.pl.
#
# Only root may change whose a file is, so without root there is nothing to test.

use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use Time::HiRes qw(sleep time);
require(abs_path(dirname(__FILE__)) . '/model.pl');
our ($is_asan, $root, $T, $tools, $build);

if (!$root) {
    if (($ENV{CI} // '') eq 'true') { ok('changes beside the model', 'needs root'); finish() }
    skip_all('needs root')
}
our $bin = $ENV{BIN} // "$build/bin";
our $has_strace = !system
    'strace -o /dev/null -e inject=fchown,renameat2,utimensat,unlinkat,openat,newfstatat,pwrite64,syncfs:delay_exit=1:when=1000 true 2>/dev/null';
mkdir "$T/control" or die;

our ($queue, $model, @options, @logs, @injectors, @complaints, %count);
our $last_message;              # messages have numbers from 1; they are in every address
# By number; unfinished: it is removed while somebody waits, so that it never earns a bounce.
our (%sender, %recipients, %unfinished);
our %token;                     # by number, once the injector has said it
# By token. removed: { begun, returned, what, gone, maybe }, of the first qq-rm that said that it
# was silenced or removed; gone: when and by whom it was found gone; maybe: something was begun that
# may or may not have come to its end. dropped: some recipients. held: from when to when.
our (%removed, %dropped, %held);

sub complain { push @complaints, $_[0] }

# ---- the queue and its qmail-send ----
sub run_model {
    my ($pid, $log) = start_model($queue, @options, '--seed', 1 + int rand 1e6);
    push @logs, $log;
    $model = $pid
}

sub begin_queue {
    my ($name, $shape, $lifetime, @model_options) = @_;
    @complaints = @logs = @injectors = ();
    (%sender, %recipients, %unfinished, %token, %removed, %dropped, %held, %count) = ();
    $last_message = 0;
    $queue = make_queue($name, @$shape);
    write_file("$T/control/queuelifetime", "$lifetime\n");
    @options = ('--unit', 400, '--lifetime', $lifetime * 2500, @model_options);
    run_model();
}

# Starts it; a qq-rm that has the locks keeps it from that.
sub run_model_again {
    for (1 .. 2000) {
        run_model();
        return if read_file($logs[-1]) !~ /alert: cannot start/;
        ended($model);
        pop @logs;
        sleep 0.01;
    }
    die "the model does not start\n";
}

sub stop_model {
    my ($what) = @_;
    my $code = stop($model);
    complain("$what: the model ended with $code") if $code;
}

sub is_empty {
    return !grep { m{/\d+$} && -f } map { glob "$queue/$_" } 'mess/*/*', 'info/*/*', 'todo/*',
        'todo/*/*'
}

# Waits until all has ended, and says what should not have been.
sub end_queue {
    my ($name, @done) = @_;
    for (@injectors) {
        my $code = ended($_->{pid});
        complain('an injector ' . (defined $code ? "failed: $code" : 'does not end'))
            if $code
            || !defined $code
    }
    my $until = time + 60;
    until (is_empty() || time > $until) { kill 'ALRM', $model; sleep 0.1 }
    complain('the queue does not become empty: ' . join ' ',
        map { s{^\Q$queue\E/}{}r } grep { m{/\d+$} && -f } glob "$queue/*/*/* $queue/*/*")
        if !is_empty();
    stop_model('at the end');
    account();
    complain($_) for illegal($queue, '--settled', '--empty');
    print map { "# $_\n" } "@options", @done, map { "$_: $count{$_}" } sort keys %count
        if $ENV{VERBOSE} || @complaints;
    ok( sprintf(
            '%s: %d messages, %s',
            $name, $last_message,
            join ', ', map { "$count{$_} $_" } grep { !/\(| / } sort keys %count
        ),
        @complaints);
    if (@complaints && $ENV{KEEP}) { print "# kept in $T: @logs\n"; finish() }
    system('rm', '-rf', $queue) == 0 or die;
}

# ---- messages ----
sub new_message {
    my ($sender, @to) = @_;
    my $n = ++$last_message;
    $sender{$n} = $sender =~ s/@/.$n@/r;
    my $k = 0;
    $recipients{$n} = [map { $k++; s/@/.$n.$k@/r } @to];
    return $n;
}

# Injects messages; the injector is left alone.
sub inject {
    my ($messages, @injector_options) = @_;
    my ($pid, $tokens) =
        start_injector($queue, [map { join ' ', $sender{$_}, @{$recipients{$_}} } @$messages],
        @injector_options);
    push @injectors, { pid => $pid, tokens => $tokens, messages => $messages };
}

sub read_tokens {
    for my $i (@injectors) {
        my @messages = @{ $i->{messages} };
        for (split /\n/, read_file($i->{tokens})) {
            if (/^(\d+@\d+) /) { $token{ shift @messages } = $1 }
        }
    }
}

# Those that are old enough for their tokens to be certain: a file system's clock may
# stand still for a moment.
sub certain_tokens {
    return grep { (split /@/, $_)[1] / 1e9 < time - 0.02 } grep { defined } @token{@_}
}

# ---- our programs ----
sub change {
    my ($strace, $program, $tokens, @arguments) = @_;
    write_file("$T/in", map { "$_\0" } @$tokens);
    my $begun = time;
    my @command = (@$strace, "$bin/$program", '--queue', $queue, '--json', '--quiet', @arguments);
    return { begun => $begun, pid => start("$T/in", "$T/out", "$T/said", @command) };
}

# Reads what became of the tokens.
sub result {
    my ($what, $r) = @_;
    $r->{code} = ended($r->{pid}) // die "$what: the program does not end\n";
    $r->{returned} = time;
    $r->{said} = read_file("$T/said");
    $r->{outcome} = {
        map {
            /"token":"(\d+@\d+)","result":"(\w+)"/
                ? ($1 => $2)
                : (complain("$what: it wrote $_") && ())
        } split /\n/,
        read_file("$T/out") };
    return $r;
}

sub must_succeed {
    my ($what, $r) = @_;
    complain("$what: exit code $r->{code}: $r->{said}") if $r->{code} || $r->{said} ne '';
}

sub is_on_disk {
    my ($id, $stamp) = split /@/, $_[0];
    my ($mess) = glob "$queue/mess/*/$id";
    # Which is a little less exact.
    my $mtime = $mess ? (Time::HiRes::stat($mess))[9] : undef;
    return defined $mtime && abs($mtime - $stamp / 1e9) < 1e-6;
}

sub note_removal {
    my ($what, $r) = @_;
    for my $token (keys %{ $r->{outcome} }) {
        my $outcome = $r->{outcome}{$token};
        $count{$outcome}++;
        if ($outcome eq 'silenced' || $outcome eq 'removed') {
            $removed{$token}{begun} //= $r->{begun};
            $removed{$token}{returned} //= $r->{returned};
            $removed{$token}{what} //= $what;
        } elsif ($outcome eq 'gone') { push @{ $removed{$token}{gone} }, [$r->{returned}, $what] }
        complain("$what: $token is removed, and still there")
            if $outcome eq 'removed' && is_on_disk($token);
    }
}

# ---- what must have come of it ----
sub account {
    my $said = read_logs(@logs);
    complain($_) for @{ $said->{trouble} };
    read_tokens();
    my %bounces;
    push @{ $bounces{"$_->{id}\@$_->{stamp}"} }, $_->{at} for @{ $said->{bounced} };
    for my $n (sort { $a <=> $b } keys %sender) {
        my $token = $token{$n};
        if (!$token) { complain("message $n was not injected"); next }
        account_recipient($said, $n, $_) for @{ $recipients{$n} };
        account_end($said, $n, $bounces{$token} // []);
    }
}

sub is_removed { my $r = $removed{$token{$_[0]}}; return $r && ($r->{returned} || $r->{maybe}) }

sub account_recipient {
    my ($said, $n, $to) = @_;
    my $token = $token{$n};
    my $removal = $removed{$token} // {};
    my @results = @{ $said->{served}{$to} // [] };
    my $may_miss = is_removed($n) || $dropped{$token} && $to =~ /\.part\./;
    complain("$token: $to was served " . @results . " times: @results")
        if @results > 1 || !@results && !$may_miss;
    complain("$token: $to should have been success and was @results")
        if !is_removed($n) && $to =~ /^(?:slow)?good/ && "@results" =~ /failure/;
    # A recipient that qmail-send had read is tried, and refused; then it is done.
    my @late =
        grep { $removal->{returned} && $_ > $removal->{returned} } @{$said->{tried}{$to} // []};
    complain("$removal->{what}: $token: $to was tried " . @late . ' times after qq-rm had returned')
        if @late > 1;
    $count{'tries of what had been read'} += @late;
    for my $d (@{ $said->{started}{$to} // [] }) {
        complain("$token: $to was served as $d->{id}\@$d->{stamp} at $d->{at}")
            if "$d->{id}\@$d->{stamp}" ne $token;
        complain("$token: $to was served with sender $d->{from}")
            if $d->{from} ne $sender{$n} =~ s/^<>$//r;
        for (@{ $held{$token} // [] }) {
            my ($from, $until, $what) = @$_;
            complain(sprintf '%s: %s: delivery to %s began %.6f s after qq-hold had returned',
                $what, $token, $to, $d->{at} - $from)
                if $d->{at} > $from && $d->{at} < $until;
        }
        next if !$removal->{returned};
        complain(sprintf '%s: %s: delivery to %s began %.6f s after qq-rm had returned',
            $removal->{what}, $token, $to, $d->{at} - $removal->{returned})
            if $d->{at} > $removal->{returned};
        $count{'deliveries during a removal'}++
            if $d->{at} > $removal->{begun} && $d->{at} < $removal->{returned};
    }
}

sub account_end {
    my ($said, $n, $bounces) = @_;
    my $token = $token{$n};
    my $removal = $removed{$token} // {};
    my @ends = @{ $said->{ended}{$token} // [] };
    complain("$token ended " . @ends . ' times') if @ends > 1 || !@ends && !is_removed($n);
    for (@{ $removal->{gone} // [] }) {
        my ($at, $what) = @$_;
        complain("$what: $token was called gone, and was not")
            if !is_removed($n) && !grep { $_ < $at } @ends;
    }
    complain("$token has " . @$bounces . ' bounces') if @$bounces > 1;
    complain("$token was removed before it could bounce, and bounced")
        if @$bounces && $unfinished{$n};
    for my $at ($removal->{returned} ? @$bounces : ()) {
        complain(sprintf '%s: %s: bounced %.6f s after qq-rm had returned',
            $removal->{what}, $token, $at - $removal->{returned})
            if $at > $removal->{returned};
        $count{'bounces during a removal'}++
            if $at > $removal->{begun} && $at < $removal->{returned};
    }
    my $failures = grep { "@{ $said->{served}{$_} // [] }" eq 'failure' } @{ $recipients{$n} };
    complain("$token: $failures failures and " . @$bounces . ' bounces')
        if !is_removed($n) && ($failures ? 1 : 0) != @$bounces;
}

1;
