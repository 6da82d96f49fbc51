# shellcheck shell=sh
# service.sh - qmails that run, as far as the model of qmail-send is one, under real supervisors and
# under what stands in for the others. Source it after lib.sh. All that runs because of it has ended
# when the test ends.
#
#   home NAME                       $T/NAME: control/, an empty queue, bin/ with the model as
#                                   qmail-send, and rc that starts it. Its log is $T/NAME/log
#   options HOME [OPTION ...]       of the model, from its next start on
#   by_hand HOME [OPTION ...]       starts rc in the background, and waits until qmail-send works
#   supervised KIND HOME [OPTION ...]   the same by daemontools, runit or s6 from the service
#                                   directory $T/service/NAME, which is $SERVICE then; with a file
#                                   `down' there, only the supervisor is started. $SUPERVISOR is its
#                                   process. QQ_SERVICE_PATH is $T/service
#   skip_unless_supervisor KIND [TEST NAME] && ...   as skip_unless_root
#   skip_unless_seen                skips all of the file where the processes of
#                                   somebody else's qmail run, and we are not root:
#                                   whose they are is not to be seen then
#   unsupervise                     ends everything
#   unit NAME HOME [KillMode=MODE] [TimeoutStopUSec=TIME (infinity)] [Restart=always]
#        [PROPERTY=...] [OPTION ...]   a unit for the systemctl that tests/systemctl.pl is, in $PATH
#                                   from then on
#   script NAME HOME                $T/bin/NAME start|stop|status, which do not wait, as an init
#                                   script or qmailctl
#   stand_in NAME <PERL             any command; it answers by this (exit code 0 and nothing said,
#                                   if that is empty)
#   calls                           what those three kinds were told since this was asked last
#   answer NAME CODE [WHAT]         from now on the stand-in says WHAT on stderr and exits with
#                                   CODE; without CODE it works again
#   pretend DEPTH:NAME:DIRECTORY:USER ...   processes that call themselves so (tests/pretend.pl),
#                                   and sleep; the lines `NAME PID' of $T/pretended
#   sendpid HOME                    the process that has the queue's mutex, and fails if none has
#   processes HOME                  the names of its processes, sorted, in one line
#   inject HOME SENDER RECIPIENT ...   a message; its token and this on stdout
#   said HOME TEXT                  whether the log has that; how_often HOME TEXT
#   wait_until COMMAND ...          for 20 seconds at most
#   together NAME ...               this test for each, side by side, and their results as its own:
#                                   most of their time is spent in waiting
#   svc ARGUMENT ...                qsvc, whose words have N for the numbers of processes,
#                                   T for $T, WHEN for times
#   plain COMMAND ...               the same for any command
#   at_work HOME NUMBER             waits until so many deliveries are under way
#   deliver HOME ADDRESS ...        a message to these; their deliveries are under way then, those
#                                   to slow ones until:
#   let_end HOME                    slow ones end from now on; let_end_soon
#                                   HOME: half a second from now
#   unhurt HOME                     whether no delivery was lost, and nothing else happened to
#                                   qmail-send that must not

# shellcheck disable=SC2016,SC2034,SC2154
QQ_SERVICE_PATH=$T/service; export QQ_SERVICE_PATH
mkdir -p "$T/service" "$T/bin"; : >"$T/calls"
case $PATH in "$T/bin":*) ;; *) PATH=$T/bin:$PATH ;; esac
trap 'unsupervise; rm -rf "$T"' EXIT

wait_until() {
  until=$(($(date +%s) + 20))
  until eval "$*" >/dev/null 2>&1; do
    if [ "$(date +%s)" -gt $until ]; then echo "# waited in vain: $*"; return 1; fi
    sleep 0.05
  done
}

home() {
  mkdir -p "$T/$1/bin" "$T/$1/control" "$T/$1/users"
  echo mx.example >"$T/$1/control/me"; : >"$T/$1/log"; : >"$T/$1/slow"
  set -- "$T/$1" --split 7
  if [ "$(command id -u)" = 0 ]; then
    set -- "$@" --qmailq 64011 --qmails 64015 --qmailr 64014 --group 64010
  fi
  home=$1; shift; mkqueue "$home/queue" 0 "$@" || exit 99
  ln -s "$BUILD/tests/model" "$home/bin/qmail-send"; options "$home"
  printf '#!/bin/sh\nexec env - PATH="%s/bin:$PATH" \\\nqmail-start ./Mailbox\n' "$home" >"$home/rc"
  cat >"$home/bin/qmail-start" <<Q
#!/bin/sh
export ASAN_OPTIONS=detect_leaks=0
home="$home"
exec "\$home/bin/qmail-send" --processes --log "\$home/log" --slow-while "\$home/slow" \
  \$(cat "\$home/options") "\$home/queue"
Q
  chmod +x "$home/rc" "$home/bin/qmail-start"
}
options() { home=$1; shift; echo "--pauses 0 --unit 1000000 $*" >"$home/options"; }

# All of this test that is not the test itself. The supervisors among them (of_test
# supervisors), or the others.
of_test() {
  perl -e 'my ($T, $self, $which) = @ARGV;
    for (</proc/[0-9]*/cmdline>) {
      my ($pid) = m{(\d+)}; my $c = do { local (@ARGV, $/) = $_; <> } // "";
      next if $pid == $$ || $pid == $self || index($c, "$T/") < 0;
      my $is_supervisor = $c =~ m{^(supervise|runsv|s6-supervise)\0};
      print "$pid\n" if !!$is_supervisor == ($which eq "supervisors");
    }' "$T" $$ "$1" 2>/dev/null
}
unsupervise() {
  for dir in "$T"/service/*; do
    case $(cat "$dir/.kind" 2>/dev/null) in
      daemontools) svc -dx "$dir" ;; runit) sv exit "$dir" ;; s6) s6-svc -dx "$dir" ;;
    esac >/dev/null 2>&1
  done
  for i in $(seq 20); do
    them=$(of_test others); if [ $i -gt 12 ]; then them="$them $(of_test supervisors)"; fi
    # shellcheck disable=SC2086
    if [ -n "${them# }" ]; then kill -KILL $them 2>/dev/null
    elif [ -z "$(of_test supervisors)" ]; then break; fi
    sleep 0.1
  done
  rm -rf "$T/service"; mkdir -p "$T/service"
}

sendpid() {
  perl -e 'my @s = stat "$ARGV[0]/queue/lock/sendmutex" or exit 1;
    open my $l, "<", "/proc/locks" or exit 1;
    while (<$l>) {
      next unless m{^\d+: (?:FLOCK|POSIX) .* (\d+) [0-9a-f]+:[0-9a-f]+:$s[1] };
      my @d = stat "/proc/$1/cwd"; print("$1\n"), exit 0 if @d && $d[0] == $s[0];
    }
    exit 1' "$1"
}
processes() {
  perl -e 'my ($queue) = @ARGV; my (%of, %parent, %name);
    for my $p (map { m{(\d+)} } </proc/[0-9]*>) {
      open my $f, "<", "/proc/$p/stat" or next;
      (readline($f) // "") =~ m{^\d+ \((.*)\) (\S) (\d+)} or next; next if $2 eq "Z";
      ($name{$p}, $parent{$p}) = ($1, $3);
      my $d = readlink "/proc/$p/cwd" // "";
      $of{$p} = 1 if $name{$p} =~ m{^qmail-} && ($d eq $queue || $d eq "$queue/mess");
    }
    my @all = sort map { $name{$_} }
      grep { $of{$_} || $of{$parent{$_}} && $name{$_} =~ m{^qmail-(local|remote)$} } keys %name;
    print "@all\n"' "$(cd "$1/queue" && pwd -P)"
}
said() { grep -qF -- "$2" "$1/log"; }
how_often() { grep -cF -- "$2" "$1/log"; }
is_up() {
  sendpid "$1" || return 1
  case $(sed -n 's/.* status: //p' "$1/log" | tail -n 1) in '' | exiting) return 1 ;; esac
}
inject() { home=$1; shift; echo "$*" | model --inject "$home/queue"; }

together() {
  for one; do "$0" "$one" >"$T/$one.tap" 2>&1 </dev/null & done
  wait
  for one; do
    planned=0
    while IFS= read -r line; do
      case $line in
        'ok '*) ok "$one: ${line#ok * - }" ;;
        'not ok '*) not_ok "$one: ${line#not ok * - }" ;;
        1..*) planned=1 ;;
        *) printf '%s\n' "$line" ;;
      esac
    done <"$T/$one.tap"
    [ $planned = 1 ] || not_ok "$one: it ended early"
  done
}

# Where $T is, whatever links lead there.
real_T=$(cd "$T" && pwd -P)
turned() {
  sed "s|$real_T|T|g;s|$T|T|g;s/process [0-9][0-9]*/process N/g;s/(pid [0-9]*)/(pid N)/g
    s/\"pid\":[0-9][0-9]*/\"pid\":N/g
    s/[ 0-9][0-9] [A-Z][a-z][a-z] [0-9]\{4\} [0-9:]* ([0-9a-z ]*)/WHEN/
    s/\"since\":\"[^\"]*\"/\"since\":\"WHEN\"/;s/waiting for [0-9][0-9a-z ]*$/waiting for WHEN/
    s/^busy: process N, \\([a-z]*\\) .*/busy: process N, \\1 .../"
}
plains=0
plain() {
  plains=$((plains + 1)); said=$T/.said.$$.$plains
  "$@" >"$said.out" 2>"$said.err"; said_code=$?
  turned <"$said.out"; turned <"$said.err" >&2
  return $said_code
}
svc() { plain qsvc "$@"; }
deliver() {
  echo >"$1/slow"; home=$1; shift; inject "$home" me@x.example "$@" >/dev/null
  at_work "$home" $#
}
let_end() { : >"$1/slow"; }
let_end_soon() { (sleep 0.5; let_end "$1") & }
deliveries() { processes "$1" | tr ' ' '\n' | grep -c 'qmail-local\|qmail-remote'; }
at_work() { wait_until "[ \$(deliveries $1) = $2 ]"; }
unhurt() { ! grep -E 'alert|warning|trouble|crash' "$1/log"; }

by_hand() {
  options "$@"
  (cd / && exec "$1/rc" >/dev/null 2>&1 </dev/null) &
  wait_until is_up "$1"
}

skip_unless_seen() {
  [ "$(command id -u)" != 0 ] || return 0
  for process in /proc/[0-9]*; do
    case $(cat "$process/comm" 2>/dev/null) in
      qmail-send | qmail-lspawn | qmail-rspawn | qmail-clean | qmail-todo)
        [ -e "$process/cwd/." ] || [ ! -e "$process" ] || {
          echo '1..0 # SKIP another qmail runs here, and its processes are not ours to see'
          exit 0
        } ;;
    esac
  done
}

# ---- supervisors ----
skip_unless_supervisor() {
  case $1 in
    daemontools) command -v supervise ;;
    runit) command -v runsv ;;
    s6) command -v s6-supervise ;;
    *) false ;;
  esac >/dev/null && return 0
  if [ "${CI-}" = true ]; then not_ok "${2-$1} (needs $1)"; else ok "${2-$1} # SKIP needs $1"; fi
  return 1
}
supervised() {
  kind=$1 SERVICE=$T/service/${2##*/}; shift
  options "$@"
  mkdir -p "$SERVICE"; echo "$kind" >"$SERVICE/.kind"
  printf '#!/bin/sh\nexec %s/rc\n' "$1" >"$SERVICE/run"; chmod +x "$SERVICE/run"
  supervise_again
  [ -e "$SERVICE/down" ] || wait_until is_up "$1"
}
# The supervisor of $SERVICE, which may have been killed before.
supervise_again() {
  case $(cat "$SERVICE/.kind") in
    daemontools) command=supervise check=svok ;;
    runit) command=runsv check='sv status' ;;
    s6) command=s6-supervise check=s6-svstat ;;       # its status comes behind its fifo
  esac
  (cd / && exec $command "$SERVICE" >>"$T/supervisors" 2>&1 </dev/null) &
  SUPERVISOR=$!
  wait_until "$check $SERVICE"
}

# ---- what stands in ----
pretend() {
  : >"$T/pretended"; chmod 666 "$T/pretended"
  perl "$repo/tests/pretend.pl" "$T/pretended" 64010 "$@" &
  wait_until "[ \$(wc -l <$T/pretended) = $# ]"
}
pretended() { sed -n "s/^$1 //p" "$T/pretended"; }
calls() { cat "$T/calls"; : >"$T/calls"; }
answer() {
  mkdir -p "$T/answers"; rm -f "$T/answers/$1"
  if [ $# -gt 1 ]; then printf '%s\n' "$2" "${3-}" >"$T/answers/$1"; fi
}
stand_in() {
  { printf '#!/usr/bin/perl\nour $T = "%s"; our $name = "%s";\n' "$T" "$1"
    cat <<'P'
use strict; use warnings; $| = 1;
open my $calls, '>>', "$T/calls" or die; print $calls join(' ', $name, @ARGV), "\n"; close $calls;
if (open my $f, '<', "$T/answers/$name") {
    chomp(my $code = <$f>); print STDERR grep { /./ } <$f>; exit $code;
}
P
    cat; } >"$T/bin/$1"; chmod 755 "$T/bin/$1"
}
script() {
  stand_in "$1" <<P
my \$home = '$2';
$(cat <<'Q'
my @mutex = stat "$home/queue/lock/sendmutex"; open my $locks, '<', '/proc/locks';
my ($pid) = map { m{ (\d+) [0-9a-f]+:[0-9a-f]+:$mutex[1] } } readline $locks;
my $verb = shift // '';
if ($verb eq 'start') {
    print "Starting qmail.\n";
    if (!fork) {
        open STDIN, '<', '/dev/null'; open $_, '>', '/dev/null' for \*STDOUT, \*STDERR;
        chdir '/'; exec "$home/rc";
    }
} elsif ($verb eq 'stop') { print "Stopping qmail.\n"; kill 'TERM', $pid if $pid }
elsif ($verb eq 'status') { print $pid ? "running\n" : "stopped\n"; exit($pid ? 0 : 3) }
else { print STDERR "Usage: $name {start|stop|status}\n"; exit 1 }
Q
)
P
}
unit() {
  dir=$T/units/$1 home=$2; shift 2
  rm -rf "$dir"; mkdir -p "$dir"; echo control-group >"$dir/KillMode"
  echo no >"$dir/Restart"; echo "$home" >"$dir/home"
  while :; do case ${1-} in
    [A-Z]*=*)
      echo "${1#*=}" >"$dir/${1%%=*}"; shift
      ;;
*) break ;;
esac; done
  options "$home" "$@"
  [ -e "$T/bin/systemctl" ] || stand_in systemctl <"$repo/tests/systemctl.pl"
}

nobody_left() { [ -z "$(processes "$QMAILHOME")" ]; }
# How many deliveries have ended well; and two that take their time.
delivered() { how_often "$QMAILHOME" success; }
slow() { : >"$QMAILHOME/log"; deliver "$QMAILHOME" slowgood@local.example slowgood@far.example; }
# From now on it is about that home.
use() { home "$1"; QMAILHOME=$T/$1; export QMAILHOME; }
