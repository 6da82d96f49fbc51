#!/bin/sh
# tsv.t - --tsv of each program that has it: the rows of --json, below a line of titles.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/domain.sh"

unpack queue-notqmail
QQ_LOG=$repo/tests/fuzz/corpus/life/plain; export QQ_LOG
recipients=$(id 1081784)
touch "$QUEUE/mess/stranger"
home
cp -R "$repo/templates" "$T/shipped"; QQ_TEMPLATES=$T/shipped; export QQ_TEMPLATES
# A tab, a backslash, and a byte that is no UTF-8.
printf 'a\tb@x.example\n\\c@x.example\n\351@x.example\n' >q/control/badmailfrom
echo x >q/control/unheard-of; echo many >q/control/concurrencyremote
dom qdom-add t.example >/dev/null
qmbox-add --user $user ann@t.example >/dev/null 2>&1
qusers-add "=zoe" $user /nowhere >/dev/null 2>&1
qctl-apply default --force >/dev/null 2>&1; qctl-set queuelifetime 7 >/dev/null 2>&1
echo 8 >q/control/queuelifetime

# What each of them is called with; a program may stand here twice. Several threads would print in
# an order of their own each time.
cat >"$T/calls" <<'T'
qq-show --sort date
qq-stat --by to-domain --recipients
qq-stat --by subject
qq-bounces --reasons --jobs 1
qq-bounces --summary
qq-why
qq-rm --dry-run --quiet $recipients
qq-hold --dry-run --quiet $recipients
qq-release --dry-run --quiet $recipients
qq-expire --dry-run --quiet $recipients
qq-check
qctl-show
qctl-show badmailfrom unheard-of
qctl-get badmailfrom
qctl-check
qctl-list
qctl-diff aggressive
qctl-diff aggressive improved
qctl-undo --list
qusers-list
qusers-list --cdb
qusers-lookup root ann@t.example x@else.example
qusers-check
qdom-list --user $user
qmbox-list
qlog-show
qlog-stat --by host
qsvc status --count
T
cat >"$T/compare" <<'T'
use strict; use warnings; use JSON::PP; binmode STDOUT, ":utf8";
my ($program, $json, $tsv) = @ARGV;
my %else = map { $_ => 1 } qw(qq-show qq-why qlog-show qlog-stat);      # with fields of their own
my %sign = (t => "\t", n => "\n", r => "\r", 0 => "\0", "\\" => "\\");
sub lines {
  my ($file) = @_;
  open my $f, "<", $file or die "$file: $!\n";
  my @lines = <$f>;
  chomp @lines;
  return @lines;
}
sub by_recipient {
  my ($row) = @_;
  return ref $row->{recipients} && @{$row->{recipients}} && $program ne "qq-show"
    ? map { +{ %$row, %$_ } } @{$row->{recipients}} : $row;
}
my @rows = map { by_recipient($_) }
  map { JSON::PP->new->utf8->boolean_values("false", "true")->decode($_) } lines $json;
my ($titles, @cells) = lines $tsv;
my @titles = split /\t/, $titles, -1;
die "titles: $titles\n" if grep { !/^[a-z0-9_+]+$/ } @titles;
die scalar @rows, " rows, ", scalar @cells, " lines\n" unless @rows && @rows == @cells;
sub shown {
  my ($v) = @_;
  return join "\n", map { ref $_ eq "HASH" ? undef : $_ } @$v if ref $v eq "ARRAY";
  return $v // "";
}
my %seen;
for my $i (0 .. $#rows) {
  my $row = $rows[$i];
  my @c = map { s/\\(.)/$sign{$1} \/\/ die "\\$1\n"/ger } split /\t/, $cells[$i], -1;
  die "line $i: ", scalar @c, " cells\n" unless @c == @titles;
  my %cell; @cell{@titles} = @c;
  my $ages = delete $row->{ages};
  $row = { %$row, map { ($titles[$_ - @$ages] => $ages->[$_]) } 0 .. $#$ages } if $ages;
  for my $name (keys %$row) {
    if ($name =~ s/_base64$//) { delete $seen{$name}; next }
    if (!exists $cell{$name}) { die "$name has no title\n" unless $else{$program}; next }
    my $v = $row->{$name};
    next if $else{$program} && $name =~ /^(?:host|next)$/;
    next if ref $v eq "ARRAY" && grep { ref } @$v;
    my $is = shown($v); utf8::encode($is);
    next if exists $row->{$name . "_base64"} || $is =~ /\xef\xbf\xbd/;
    s/\d/0/g for $name eq "last_attempt" ? ($is, $cell{$name}) : ();   # by the clock
    die "$name of line $i: $cell{$name}, not $is\n" unless $cell{$name} eq $is;
    $seen{$name}++ if length $is;
  }
}
die "nothing compared\n" unless keys %seen > 1;
T
same() {
  eval "$1 --json" >"$T/json" 2>"$T/said" </dev/null; code=$?
  eval "$1 --tsv" >"$T/tsv" 2>"$T/other" </dev/null
  [ $? = $code ] && diff "$T/said" "$T/other" && perl "$T/compare" "${1%% *}" "$T/json" "$T/tsv"
}
while read -r call; do check "$call" same "$call"; done <"$T/calls"

# Whoever has the one has the other, stands above (or in fix.t), and refuses both.
for program in $(programs); do
  case $("$program" --help) in *--json*) ;; *) continue ;; esac
  [ "$program" = qq-fix ] || check "$program: --tsv" grep -q "^$program\( \|$\)" "$T/calls"
  verb=''; [ "$program" != qsvc ] || verb='status'
  check "$program: not with --json" eval '! "$program" $verb --tsv --json >"$T/said" 2>&1 &&
    grep -q "^$program: fatal: options .*--json and --tsv cannot be used together" "$T/said"'
done
mkdir h; chmod 755 . h; printf '|true x\n./Maildir/\na@b.example\n' >h/.qmail
chown $user h h/.qmail
qusers-add '=bob' $user "$T/h" 2>"$T/said"
try 'qctl-get --tsv badmailfrom | cut -f 1-3 | cat -v; qctl-show --tsv unheard-of me | cut -f 1-3
  qusers-lookup --tsv bob | cut -f 16
  qctl-undo --tsv; qq-stat --tsv; qq-bounces --tsv; qsvc start --tsv' <<'T'
out: name	kind	value
out: badmailfrom	list	a\tb@x.example\n\\c@x.example\nM-i@x.example
out: name	kind	value
out: me	host	mx.test
out: unheard-of	unknown	
out: instructions
out: program true x\nmaildir ./Maildir/\nforward a@b.example
err: qctl-undo: fatal: option --tsv needs --list
err: usage: qctl-undo [OPTION ...] (qctl-undo --help lists the options)
err: qq-stat: fatal: option --tsv needs --by
err: usage: qq-stat [OPTION ...] [ID ... | -] (qq-stat --help lists the options)
err: qq-bounces: fatal: option --tsv needs --reasons or --summary
err: usage: qq-bounces [OPTION ...] [ID ... | -] (qq-bounces --help lists the options)
err: qsvc: fatal: start: --tsv is for status
err: usage: qsvc [OPTION ...] status|start|stop|restart|pause|continue|flush|reload|stopped 
...: [COMMAND ...] (qsvc --help lists the options)
exit: 100
T
finish
