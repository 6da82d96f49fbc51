# shellcheck shell=sh
# change.sh - what the tests of the programs that change a queue share. Source it after queue.sh.
#
#   beside PERL                     a process that does this, with the queue as $ARGV[0], and goes
#                                   on until `alone`: $trigger, $mutex, $locked, ...
#   sending [PERL]                  one that stands in for qmail-send: all of these, its name and
#                                   its directory. Each SIGALRM is a line in $T/alarms, each pull of
#                                   the trigger one in $T/pulls, and then it does PERL
#   look NAME ...                   the files of messages: owner, mode, records; since when info
#                                   says that the message is there
#   born NAME SECONDS [SECONDS]     queued so long ago, and preprocessed so long ago
#   left NAME ...                   the trees in which messages have files
#   exactly                         like tree, with mtimes to the nanosecond, and without
#                                   times of change, which nobody can put back;
#                                   >$T/exactly first, then as_before [NAME ...]: all of
#                                   it, or all but these messages or files
#   as UID:GID COMMAND              runs it as that user
#   refused COMMAND                 what it says, with numbers of processes as N, and its exit code

trigger='sysopen T, "$ARGV[0]/lock/trigger", O_RDWR or die;'
mutex='sysopen M, "$ARGV[0]/lock/sendmutex", O_WRONLY or die;'
locked="$mutex flock M, LOCK_EX or die;"
record_locked="$mutex"'my $f = pack("ssx![l!]l!l!ix![l!]", F_WRLCK, 0, 0, 0, 0);
  fcntl M, F_SETLK, $f or die qq($!);'
as_qmail_send='chdir $ARGV[0] or die; $0 = "qmail-send";'

beside() {
  rm -f "$T/ready"
  perl -e 'use Fcntl qw(:DEFAULT :flock); sub pulled { }
    my ($shell, $ready) = splice @ARGV, 0, 2; '"$1"';
    open my $r, ">", $ready or die; close $r;
    while (kill 0, $shell) {
      my $in = ""; vec($in, fileno T, 1) = 1 if defined fileno T;
      if (select($in, undef, undef, 0.05) > 0) {
        sysread T, my $bytes, 65536 and pulled(length $bytes)
      } else { unlink "$ready.ask" }
    }' $$ "$T/ready" "$QUEUE" &
  beside=$!
  for i in $(seq 30); do [ ! -e "$T/ready" ] || return 0; sleep 0.1; done
}
alone() { kill "$beside"; wait "$beside" 2>/dev/null; }
sending() {
  rm -f "$T/alarms" "$T/pulls"; : >"$T/alarms"; : >"$T/pulls"
  beside "$trigger $locked $as_qmail_send"'
    sub note { open my $f, ">>", "'"$T"'/$_[0]" or die; print $f "x\n" }
    $SIG{ALRM} = sub { note("alarms") };
    { no warnings; sub pulled { note("pulls"); '"${1-}"' } }'
}
# Until it has taken all that came.
caught_up() {
  : >"$T/ready.ask"
  for i in $(seq 1200); do [ -e "$T/ready.ask" ] || return 0; sleep 0.05; done
}
alarms() { caught_up; grep -c . "$T/alarms"; }
pulls() { caught_up; grep -c . "$T/pulls"; }
# Whether it was since the last call: to look whether somebody reads the trigger pulls it, too.
pulled() { caught_up; if [ -s "$T/pulls" ]; then echo pulled; fi; : >"$T/pulls"; }
refused() {
  "$@" 2>"$T/said"; code=$?; sed 's/process [0-9][0-9]*/process N/' "$T/said"
  return $code
}
says_who() { grep "process $beside" "$T/said"; }

born() {
  perl -MTime::HiRes=utime -e 'my ($now, $mess, $queued, $info, $born) = (time, @ARGV);
    utime $now, $now - $queued + 0.123456789, $mess or die "$mess: $!\n";
    utime $now, $now - ($born // $queued) + 0.234567891, $info or die "$info: $!\n" if -e $info' \
    "$(at mess "$1")" "$2" "$(at info "$1")" ${3+"$3"}
}
as() {
  perl -e 'my ($who, @command) = @ARGV; my ($u, $g) = split /:/, $who;
    $( = $g; $) = "$g $g"; $< = $> = $u; exec @command or die "$!\n"' "$@"
}
ns() { stat -c %y "$1"; }                               # mtime, to the nanosecond
stat_all() { find "$QUEUE" -type f -exec stat -c '%n %u:%g %a %s %y' {} + | sort; }
exactly() { tree | awk 'NF == 9 { $8 = "" } { print }'; stat_all; }
as_before() {
  for one; do number=$(id "$one"); printf '/\/%s /d;' "${number:-$one}"; done >"$T/but"
  exactly | sed -f "$T/but" >"$T/exactly.now"
  sed -f "$T/but" <"$T/exactly" | diff - "$T/exactly.now"
}
left() {
  for one; do find "$QUEUE" -name "$(id "$one")"; done | sed "s|^$QUEUE/||;s|/.*||" | sort |
    tr '\n' ' '
  echo
}
look() {
  for one; do
    perl -MTime::HiRes=stat -e '
      my ($queue, $id) = @ARGV;
      chdir $queue or die;
      my $split = grep { m{/\d+$} } glob "mess/*";
      # In a test that is not root they are one.
      my %who = (0 => "root", (stat "mess")[4] => "qmailq", (stat "info")[4] => "qmails");
      sub place { my ($tree) = @_; return -d "$tree/0" ? "$tree/" . $id % $split : $tree }
      for my $tree (qw(mess intd todo info), sort(glob "{local,remote,suppl*}"), "bounce") {
        for my $file (place($tree) . "/$id", $tree eq "info" ? place($tree) . "/.rm-$id" : ()) {
          my @s = stat $file or next;
          my $text = "";
          if ($tree ne "mess") {
            open my $f, "<", $file or die; local $/;
            chomp($text = " " . (readline($f) // "")); $text =~ s/\0/\\0/g;
          }
          my $birth = "";
          if ($file eq place("info") . "/$id") {
            my $age = time - $s[9];
            my $queued = (stat place("mess") . "/$id")[9];
            $birth = abs($age) < 600 ? " born now"
              : abs($s[9] - $queued) < 1e-6 ? " born when queued"
              : sprintf " born %d hours ago", $age / 3600 + 0.5;
          }
          my $is_qmailq = $tree =~ /mess|todo|intd/ && $s[4] == (stat "mess")[4];
          my $owner = $is_qmailq ? "qmailq" : $who{$s[4]} // "foreign";
          my $shown = $file =~ /\.rm-/ ? ".rm-" : $tree;
          printf "%s %s %o%s%s\n", $shown, $owner, $s[2] & 07777, $birth, $text;
        }
      }' "$QUEUE" "$(id "$one")"
  done
}

# broken CALL ERROR N COMMAND: the N-th call of that name, or with N+ all from there on, fails
broken() {
  call=$1 error=$2 when=$3; shift 3
  strace -f -o "$T/trace" -e trace="$call" -e inject="$call:error=$error:when=$when" "$@"
  code=$?; grep -q INJECTED "$T/trace" || echo "nothing was injected"; return $code
}
# The line, a thousand times.
thousand() { awk -v s="$1" 'BEGIN { for (i = 0; i < 1000; i++) print s }'; }
