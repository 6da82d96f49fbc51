# shellcheck shell=sh
# domain.sh - what the tests of domains, mailboxes and aliases share: a qmail in $T/q, whose mail is
# delivered as $user. Source it after queue.sh.
#
#   home                            an empty one, with users/ as qmail-newu leaves it
#   before                          what is there now is what `untouched' and `refused' compare with
#   dom PROGRAM ...                 runs it for that user, without what is the same everywhere
#   refused PROGRAM ...             it exits 100 with a reason, in $T/said, and changes nothing

user=daemon; am_root || user=$(command id -un)
uid=$(command id -u $user); gid=$(command id -g $user); cd "$T" || exit 99
home() {
  rm -rf "$T/q"; mkdir -p q/users q/control q/queue; echo mx.test >q/control/me
  echo mx.test >q/control/locals; echo mx.test >q/control/rcpthosts
  echo . >q/users/assign; QMAILHOME=$T/q; export QMAILHOME; qusers-compile
}
# Every file: mode, owner, contents; without what qqtools keeps, and the times.
files() { (cd "$1" && find . -name qqtools -prune -o -printf '%p %M %U:%G %l\n' | sort
  find . -name qqtools -prune -o -type f -print | sort |
    while read -r f; do echo "$f: $(cksum <"$f")"; done
); }
same() { files "$1" >"$T/one"; files "$2" >"$T/other"; diff "$T/one" "$T/other"; }
before() { rm -rf saved; cp -Rp q saved; files q >"$T/before"; }
untouched() { files q | diff "$T/before" -; }
dom() {
  "$@" --user $user 2>"$T/warned" | sed '/^HUP qmail-send: virtualdomains$/d'
  sed '/deliverquota is not there/d' "$T/warned" >&2
}
route() { qusers-lookup "$1" | sed -n 's/.*, home \([^,]*\), .*/\1/p'; }
refused() {
  rm -rf q; cp -Rp saved q; program=$1; shift
  "$program" --user $user "$@" >"$T/said" 2>&1; code=$?
  [ $code = 100 ] && grep -q ': fatal: ' "$T/said" && untouched || {
    echo "exit $code"; cat "$T/said"; return 1
  }
}
