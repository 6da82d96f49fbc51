#!/bin/sh
# built.t - what qmail was built with, as bin/qmail-showctl says: between a user and an extension,
# and which mode bits qmail-local refuses. It is run only if nobody else could change it.

[ ! -w /dev/shm ] || TMPDIR=${TMPDIR:-/dev/shm}; export TMPDIR
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"

me=$(command id -u); [ "$me" != 0 ] || me=12345
# home: an empty qmail; a is assigned to who we are, or to 12345, if we are root
home() {
  rm -rf "$T/q"; mkdir -p "$T/q/users" "$T/q/control" "$T/q/queue" "$T/q/box" "$T/q/bin"
  cd "$T/q" || exit 99; QMAILHOME=$T/q; export QMAILHOME
  echo mx.test >control/me; echo mx.test >control/locals; echo '|true' >box/.qmail
  chmod 700 box; chmod 600 box/.qmail; ! am_root || chown 12345:12346 box box/.qmail
  printf '=a:u:%s:12346:%s:::\n.\n' "$me" "$T/q/box" >users/assign; qusers-compile || exit 99
}
# showctl DELIMITER PATRN [COMMAND]: what bin/qmail-showctl is
showctl() {
  {
    echo '#!/bin/sh'; echo "echo \"\$*\" >$T/q/was_run"; echo "env >$T/q/environment"
    printf '%s\n' "${3-}" 'cat <<T' 'qmail home directory: /var/qmail.' "user-ext delimiter: $1." \
      "paternalism (in decimal): $2." 'silent concurrency limit: 120.' 'subdirectory split: 23.' T
  } >bin/qmail-showctl
  chmod 755 bin/qmail-showctl
}
says() { qusers-lookup "$1" >"$T/said" 2>&1; grep -q -e "$2" "$T/said" || {
  cat "$T/said"; return 1
}; }
assumed='a dash is assumed: bin/qmail-showctl cannot be asked'

# ---- who owns a home ----
home; printf '=b:u:1:1:/:::\n.\n' >users/assign; qusers-compile
check 'a home that belongs to another uid' says b@mx.test '^  / belongs to uid 0, not 1$'

# ---- the delimiter ----
# A user who owns a home, as qmail-getpw wants one.
owner() {
  getent passwd | while IFS=: read -r name _ uid _ _ dir _; do
    [ "$uid" = 0 ] || [ "$(stat -c %u "$dir" 2>/dev/null)" != "$uid" ] || { echo "$name"; break; }
  done
}
user=$(owner)
if [ -n "$user" ]; then
  home; showctl + 2
  check '+' says "$user+X@mx.test" "delivered as user $user .*, dash \"-\", extension \"X\""
  check 'nothing is assumed' sh -c '! grep assumed "$1"' - "$T/said"
  check 'a dash is none then' says "$user-x@mx.test" "there is no such user\|there is no user alias"
  showctl - 2
  check 'a dash' says "$user-x@mx.test" "delivered as user $user .*, extension \"x\""
  check '+ is none then' says "$user+x@mx.test" "there is no such user\|there is no user alias"
  showctl '' 2
  check 'none at all' says "$user-x@mx.test" "there is no such user\|there is no user alias"
  rm bin/qmail-showctl
  check 'it is not there' says "$user-x@mx.test" "delivered as user $user .*, extension \"x\""
else ok 'the delimiter # SKIP no user owns his home'; fi
home
check 'that a dash counts is said' says x-y@mx.test "$assumed"
check 'but not where nothing depends on it' sh -c \
  'qusers-lookup x@mx.test a@mx.test x-y@far.test >"$1" 2>&1; ! grep assumed "$1"' - "$T/said"
showctl + 2
check 'asked, nothing is' sh -c 'qusers-lookup x-y@mx.test >"$1" 2>&1; ! grep assumed "$1"' - \
  "$T/said"

# ---- how it is asked ----
home; showctl + 2; MARK=x; export MARK
check 'without arguments and environment' sh -c 'qusers-lookup x-y@mx.test >/dev/null 2>&1
  [ "$(cat was_run)" = "" ] && ! grep -e MARK -e HOME environment'
unset MARK
not_run() { rm -f was_run; says x-y@mx.test "$assumed" && [ ! -e was_run ]; }
chmod 775 bin/qmail-showctl; check 'not if its group may write to it' not_run
chmod 755 bin/qmail-showctl; chmod 777 bin; check 'nor if others may change its directory' not_run
chmod 755 bin; chmod 777 .; check 'or one above' not_run
chmod 755 .; check 'but now' sh -c 'qusers-lookup x-y@mx.test >/dev/null 2>&1; [ -e was_run ]'
if skip_unless_root "somebody else's"; then
  chown 12345 bin/qmail-showctl; check "somebody else's" not_run
  chown 0 bin/qmail-showctl; chown 12345 bin; check "in somebody else's directory" not_run
fi
home; showctl + 2 'exec sleep 100'
check 'it is not waited for' says x-y@mx.test "$assumed"
showctl + 2 'exec yes'
check 'nor listened to for ever' says x-y@mx.test "$assumed"
showctl + 2 'exit 1'; check 'it says nothing' says x-y@mx.test "$assumed"
showctl + x; check 'it says nothing of use' says x-y@mx.test "$assumed"
: >bin/qmail-showctl; check 'it is no program' says x-y@mx.test "$assumed"
rm bin/qmail-showctl; mkdir bin/qmail-showctl; check 'it is a directory' says x-y@mx.test "$assumed"

# ---- how many deliveries there can be ----
home; echo 60 >control/concurrencylocal; echo 200 >control/concurrencyremote
concurrency() { qctl-check 2>&1 | grep concurrency; }
try 'concurrency; showctl - 2; concurrency; sed -i s/120/50/ bin/qmail-showctl; concurrency
  sed -i s/50/250/ bin/qmail-showctl; concurrency' <<'T'
out: warning: concurrencyremote: line 1: 200 is more than the 120 that most qmails are built for
...:  (conf-spawn), and then counts as that; bin/qmail-showctl cannot be asked
out: warning: concurrencyremote: line 1: 200 is more than qmail was built for (conf-spawn), and
...:  counts as 120
out: warning: concurrencylocal: line 1: 60 is more than qmail was built for (conf-spawn), and counts
...:  as 50
out: warning: concurrencyremote: line 1: 200 is more than qmail was built for (conf-spawn), and
...:  counts as 50
exit: 1
T

# ---- the mode bits ----
home; chmod 770 box
check 'a home that its group may write, and nobody to ask' says a@mx.test \
  'assumed to allow that: bin/qmail-showctl cannot be asked'
check 'qusers-check has no error' sh -c '! qusers-check | grep ^error'
showctl - 2
check '002: it is allowed' sh -c \
  'qusers-lookup a@mx.test >"$1" && ! grep -e assumed -e defers "$1"; ! qusers-check |
    grep ^error' \
  - "$T/said"
showctl - 18
check '022: qmail-local defers' says a@mx.test 'box is writable by others (mode 0770), and qmail-l'
check 'qusers-check says so' sh -c 'qusers-check | grep "^error.* writable by others (mode 0770)"'
chmod 700 box; chmod 620 box/.qmail
check '022: a .qmail that its group may write' says a@mx.test 'it is writable by others (mode 0620)'
finish
