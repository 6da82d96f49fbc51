#!/bin/sh
# dates.t - the tests with dates in them pass on any day: 400 days from now and a few more, on the
# 3rd of a month (a day of one digit), and 3,650 days from now. tests/ahead.c is the clock.

. "$(dirname "$0")/lib.sh"
cd "$repo" || exit 99
case $BUILD in */asan) echo '1..0 # SKIP the clock is not made for the sanitizers'; exit 0 ;; esac
[ -s "$BUILD/tests/ahead.so" ] || { echo '1..0 # SKIP no clock for this system'; exit 0; }
[ -z "${QQ_AHEAD-}" ] || { echo '1..0 # SKIP the clock is ahead already'; exit 0; }

day=86400 now=$(date +%s) third=400
until [ "$(date -d "@$((now + third * day))" +%-d)" = 3 ]; do third=$((third + 1)); done
ahead() { QQ_AHEAD=$1 tests/one "tests/$2.t"; }
tells() { QQ_AHEAD=$1 tests/plain date +%s; }
check 'the clock is ahead' test $(($(tells $((400 * day))) / day)) -ge $((now / day + 400))
for test in alarm bounces cat doc expire future grep-options hold hostile move qctl-templates qlog \
  recipes show stat why; do
  for days in $third 3650; do check "$test, $days days from now" ahead $((days * day)) $test; done
done
finish
