# control-tree.pl - homes in perl, for the tests of the qctl programs that run them hundreds of
# times: made, copied, compared.

use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use Time::HiRes;

our $repo = $FindBin::Bin =~ s{/tests(/real)?\z}{}r;
our $build = $ENV{BUILD} // "$repo/build";
our $T = tempdir(CLEANUP => 1);
chmod 0755, $T or die;
delete @ENV{qw(QMAILHOME QQ_QUEUE)};
$ENV{LC_ALL} = 'C';
# As lib.sh: what is started as another user must be found.
our $bin = $ENV{BIN} // "$build/bin";
if (!$>) {
    system(
        "mkdir $T/bin && cp $bin/qctl-* $T/bin && chmod -R a+rX $T/bin && cp -R $repo/templates $T/templates && chmod -R a+rX $T/templates"
    ) and die;
    $bin = "$T/bin"
}
$ENV{QQ_TEMPLATES} = $> ? "$repo/templates" : "$T/templates";
our $home = "$T/home";
$ENV{QMAILHOME} = $home;

my ($count, $failed) = (0, 0);
sub result {
    my ($good, $name, @why) = @_;
    $count++;
    $failed ||= !$good;
    print $good ? '' : 'not ', "ok $count - $name\n";
    print map { "# $_\n" } map { split /\n/ } @why if !$good;
    return $good
}
sub skip { my ($name, $why) = @_; $count++; print "ok $count - $name # SKIP $why\n" }
sub finish { print "1..$count\n"; exit $failed }

# Runs a command; returns the exit code (or 'signal N'), and standard output and standard error.
sub run {
    my @command = @_;
    my $pid = fork // die;
    if (!$pid) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', "$T/out" or die;
        open STDERR, '>', "$T/err" or die;
        exec { $command[0] } @command or die "$command[0]: $!\n";
    }
    waitpid $pid, 0;
    return ($? & 127 ? 'signal ' . ($? & 127) : $? >> 8, slurp("$T/out"), slurp("$T/err"));
}
sub qctl { my ($name, @arguments) = @_; return run("$bin/qctl-$name", @arguments) }
sub as_nobody {
    my @command = @_;
    return run($^X, '-e', '$( = 65534; $) = "65534 65534"; $< = $> = 65534; exec @ARGV', @command)
}
sub slurp {
    my ($file) = @_;
    open my $f, '<:raw', $file or return;
    local $/;
    my $s = <$f>;
    return $s // ''
}
sub spew {
    my ($file, $bytes) = @_;
    unlink $file;
    open my $f, '>:raw', $file or die "$file: $!\n";
    print $f $bytes or die;
    close $f or die
}

sub control { my ($name, $bytes) = @_; spew("$home/control/$name", $bytes) }
sub template {
    my ($t, %files) = @_;
    system('mkdir', '-p', "$home/qqtools/templates/$t");
    spew("$home/qqtools/templates/$t/$_", $files{$_}) for keys %files
}
sub fresh {
    system('rm', '-rf', $home);
    mkdir $home or die;
    mkdir "$home/control" or die;
    chmod 0755, $home, "$home/control";
    control('me', "mx.example.org\n");
    control('rcpthosts', "example.org\n")
}
sub keep {
    my ($as) = @_;
    system('rm', '-rf', "$T/$as");
    system('cp', '-a', $home, "$T/$as") and die
}
sub restore {
    my ($from) = @_;
    system('rm', '-rf', $home);
    system('cp', '-a', "$T/$from", $home) and die
}

# Everything below a directory: path => owner, mode, mtime, content.
sub tree {
    my ($directory, %with) = @_;
    my (%found, @todo) = ();
    @todo = ('.');
    while (defined(my $path = shift @todo)) {
        my @s = Time::HiRes::lstat("$directory/$path") or next;
        my $kind = -l _ ? 'link' : -d _ ? 'directory' : -f _ ? 'file' : 'other';
        my @facts = ($kind, sprintf('%o', $s[2]), @s[4, 5]);
        push @facts, sprintf '%.9f', $s[9] if $kind ne 'directory' && !$with{no_times};
        push @facts, $s[1] if $with{inodes};
        push @facts,
            $kind eq 'file' ? slurp("$directory/$path") // '?' : readlink("$directory/$path") // '';
        $found{$path} = join ' ', @facts;
        if ($kind eq 'directory') {
            opendir my $d, "$directory/$path" or next;
            push @todo,
                map { $path eq '.' ? $_ : "$path/$_" }
                sort grep { !/\A\.\.?\z/ }
                readdir $d
        }
    }
    return \%found;
}
# What differs between two trees, in words; empty: nothing.
sub differences {
    my ($x, $y) = @_;
    my %all = (%$x, %$y);
    return join '; ', map {
        my $s = "$_: " . ($x->{$_} // 'absent') . ' / ' . ($y->{$_} // 'absent');
        $s =~ s/([^\x20-\x7e])/sprintf '\\x%02x', ord $1/ge;
        substr $s, 0, 300
    } grep { ($x->{$_} // '') ne ($y->{$_} // '') } sort keys %all;
}
sub leavings {
    return grep {
        m{(^|/)(\.qctl-[^/]*|\.preparing|\d+\.(applying|undoing|undone)|\.being-made|\.[^/]*\.new)\z}
    } sort keys %{ tree($home) }
}
sub in_force { return (slurp("$home/qqtools/in-force") // '') =~ s/\n\z//r }
sub past {
    opendir my $d, "$home/qqtools/history" or return '';
    return join ' ', sort { $a <=> $b } grep { /\A\d+\z/ } readdir $d
}
1;
