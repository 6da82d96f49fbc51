#!/bin/sh
# valgrind.t - the programs on the queues of the fixtures, under valgrind's eyes.

. "$(dirname "$0")/lib.sh"
if ! command -v valgrind >/dev/null; then
  if [ "${CI-}" = true ]; then
    not_ok 'valgrind is there'; finish
  else
    echo '1..0 # SKIP no valgrind'
    exit 0
  fi
fi

# clean PROGRAM ARGUMENT...: with what $T/in has on standard input; whatever it says and whatever
# its exit code is
clean() {
  program=$1; shift
  valgrind -q --vgdb=no --error-exitcode=99 --exit-on-first-error=yes "$BIN/$program" "$@" \
    <"$T/in" >"$T/out" 2>"$T/err"
  if [ $? != 99 ]; then ok "$program $*"; else sed 's/^/# /' "$T/err"; not_ok "$program $*"; fi
}

unpack queue-notqmail
: >"$T/in"
clean qq-list
clean qq-grep --subject günstige --from-list "$repo/tests/lib.sh" --older 1s --min-size 1K -v
clean qq-grep -E --header 'Received:from.*by' --body '[a-z]+ing' --to '@'
clean qq-show
clean qq-show --long
clean qq-stat
clean qq-stat --by to-domain --json
clean qq-bounces --reasons
clean qq-bounces --summary
qq-list >"$T/in"
clean qq-cat --text
clean qq-cat --mbox
clean qq-rm --to far.test --json
clean qq-rm --verbose

unpack queue-bigtodo
: >"$T/in"
clean qq-grep -g --ip '*' --uid 0 --failing
clean qq-show --json --sort size
qq-list >"$T/in"
clean qq-show --sort from -
clean qq-rm --dry-run --verbose
clean qq-rm
finish
