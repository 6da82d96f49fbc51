# shellcheck shell=sh
# lib.sh - TAP for tests that read like a terminal session; dash and busybox sh will do.
#
#   . "$(dirname "$0")/lib.sh"
#   unpack queue-notqmail
#   try 'qq-cat --headers $(id 1081796) | grep ^From' <<'T'
#   out: From: anonymous@mx.example.test
#   exit: 0
#   T
#   finish
#
# A transcript has the lines of stdout, then of stderr, then the exit code; what follows `...: '
# goes on with the line above it. A NUL shows as \0 and ends the line, an end without newline as
# (no newline). Messages of a fixture go by the numbers in its archive: `id OLD` and `token OLD` say
# today's number, and today's numbers in tokens, in JSON, in paths, behind "message ", and at the
# start of a line are turned back. The command is the name of the test, on one line.
#
# How the tests are laid out:
#   NAME.t          of programs, by what they are about; `# ----' begins a part, a comment a case
#   lib.sh          for all in sh; queue.sh: queues that a test makes and spoils; change.sh: beside
#                   whom, and what is as before; control.sh: control files; service.sh:
#                   supervisors; domain.sh: domains and mailboxes
#   model, online.pl, model.pl   a stand-in for a running qmail-send, and the tests beside it
#   seven.pl        for those that stop programs at each system call (kill.t, power.t)
#   fixtures        queues of real qmails, and what somebody else wrote down about them (facts.pl);
#                   reference.pl and control-reference.pl know what programs say by another way
#   unit, fuzz      functions and parsers in C; bench: speed; real: with a real qmail (real/real.pl)
#   one, plain      what prove runs for each, and how it is kept from what started it

LC_ALL=C TZ=UTC; export LC_ALL TZ
repo=$(cd "$(dirname "$0")" && pwd)
until [ -f "$repo/tests/lib.sh" ] || [ -z "$repo" ]; do repo=${repo%/*}; done
# Also what one test starts in the background, where a shell has INT and QUIT ignored.
[ "${QQ_PLAIN-}" = $$ ] || exec "$repo/tests/plain" "$0" "$@"
REAL_QMAILHOME=${QMAILHOME-}; unset QMAILHOME QQ_QUEUE QQ_MUTEX
BUILD=${BUILD:-$repo/build}; BIN=${BIN:-$BUILD/bin}; PATH=$BIN:$BUILD/tests:$repo/tests:$PATH
T=$(mktemp -d) && chmod 755 "$T" || exit 99
trap 'rm -rf "$T"' EXIT; trap 'exit 99' HUP INT TERM
# Root's checkout may lie where others may not look; what is started as another user must be found.
if [ "$(command id -u)" = 0 ] && [ -d "$BIN" ]; then
  mkdir "$T/bin" && cp "$BIN"/q* "$T/bin" && chmod -R a+rX "$T/bin" && PATH=$T/bin:$PATH
fi
count=0 failed=0; : > "$T/back"

# The programs that were built: without ncurses, qq-pick is not.
programs() { for program in $(cat "$repo/package/commands"); do
  if [ "$program" != qq-pick ] || [ -e "$BIN/qq-pick" ]; then echo "$program"; fi
done; }

# Waits until there is something on standard input; in a pipeline, before what would look there.
readable() { perl -e 'vec(my $in, 0, 1) = 1; select $in, undef, undef, undef'; }

ok() {
  count=$((count + 1))
  printf '%sok %d - %s\n' "${not-}" "$count" "$(printf %s "$*" | tr -s '\n ' '  ')"
}
not_ok() { failed=1; not='not '; ok "$@"; not=; }
# A test that ends without it has no plan: prove calls that a failure.
finish() { echo "1..$count"; exit "$failed"; }
check() {
  name=$1; shift
  if "$@" >"$T/out" 2>&1; then ok "$name"; else sed 's/^/# /' "$T/out"; not_ok "$name"; fi
}

# The lines of a transcript, each whole.
joined() { sed -e :a -e '$!N;s/\n\.\.\.: //;ta' -e 'P;D'; }
# try [-s] COMMAND <TRANSCRIPT; -s sorts stdout, where its order is not promised
try() {
  sort='cat'; if [ "$1" = -s ]; then sort='sort'; shift; fi
  joined >"$T/expected"
  (eval "$1") </dev/null >"$T/out" 2>"$T/err"; code=$?
  { shown out "$sort"; shown err cat; echo "exit: $code"; } >"$T/actual"
  if cmp -s "$T/expected" "$T/actual"; then ok "$1"; else
    diff -u "$T/expected" "$T/actual" | sed 's/^/# /'; not_ok "$1"
  fi
}
shown() {
  tr '\000' '\001' <"$T/$1" | sed "$(printf 's/\001/\\\\0\\\n/g')" | sed -f "$T/back" >"$T/text"
  "$2" "$T/text" | awk -v p="$1: " '{ print p $0 }'
  [ -z "$(tail -c 1 "$T/text")" ] || echo "$1: (no newline)"
}

# unpack NAME: tests/fixtures/NAME.tar.gz becomes the queue of what follows, in $QUEUE and $QQ_QUEUE
unpack() {
  rm -rf "${T:?}/$1"
  mkdir "$T/$1" && (cd "$T/$1" && tar xzpf "$repo/tests/fixtures/$1.tar.gz") || exit 99
  QUEUE=$T/$1/queue QQ_QUEUE=$T/$1/queue; export QQ_QUEUE
  renumber "$QUEUE" >"$T/numbers" || exit 99
  turn_back
}
# What turns the numbers of $T/numbers back, for sed; \002 marks one that is done, because it may be
# today's number of another message.
turn_back() {
  awk -v done="$(printf '\002')" '{
    new = $2; old = done $1
    print "s/^" new "@/" old "@/;s/\\([^0-9]\\)" new "@/\\1" old "@/g"                # a token
    print "s/\"id\":" new ",/\"id\":" old ",/"                                      # JSON
    print "s,/[0-9]*/" new "\\([: ]\\),/*/" old "\\1,;s,/" new "\\([: ]\\),/" old "\\1,"    # a path
    print "s/message " new "\\([^0-9]\\)/message " old "\\1/;s/: " new "$/: " old "/"
    print "s/msg " new " /msg " old " /"                            # in lines of the log
    print "s/qq-why -l " new "\\([^0-9]\\)/qq-why -l " old "\\1/"           # in a command that is said
    print "s/^\\( *\\)" new "$/\\1" old "/;s/^\\( *\\)" new "\\([^0-9]\\)/\\1" old "\\2/"
  } END { print "s/" done "//g" }' "$T/numbers" >"$T/back"
}
id() { awk -v n="$1" '$1 == n { print $2 }' "$T/numbers"; }
token() {
  stamp=$(sed -n 's/.*"id": '"$1"',.*"stamp": \([0-9]*\).*/@\1/p' "$repo"/tests/fixtures/*.jsonl)
  echo "$(id "$1")$stamp"
}

# Runs the command, and says its exit code: for all but the last of a transcript.
then_say() { "$@"; echo "code $?" >&2; }
# The examples of a page, a command a line.
examples() {
  awk '/^\.Sh / { inside = $2 == "EXAMPLES" } inside && /^\.Dl \$ /' "$1" |
    sed 's/^\.Dl \$ //; s/\\-/-/g; s/\\(aq/'"'"'/g; s/\\(dq/"/g; s/\\(ha/^/g; s/\\(ti/~/g; s/\\&//g;
      s/\\e/\\/g'
}

# skip_unless_root NAME && try ... skips one test; without a name it skips all of the file. CI runs
# as root: there it fails.
skip_unless_root() {
  [ "$(command id -u)" != 0 ] || return 0
  if [ "${CI-}" = true ]; then not_ok "${1-all} (needs root)"
  elif [ $# = 1 ]; then ok "$1 # SKIP needs root"
  else echo '1..0 # SKIP needs root'; exit 0; fi
  if [ $# = 1 ]; then return 1; else finish; fi
}
