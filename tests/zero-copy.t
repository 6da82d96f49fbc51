#!/bin/sh
# zero-copy.t - the last entry of a list goes too where skalibs copies no
# zero bytes (2.14 and later).

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/control.sh"
PATH=$BUILD/tests/zero-copy:$PATH
for program in qctl-set qdom-add qdom-rm; do
  check "$program is the one with the stand-in" test -x "$BUILD/tests/zero-copy/$program"
done

home; file locals 'a.example\n'; file virtualdomains 'a:one\n'
try 'qctl-set locals --remove a.example; cat home/control/locals' <<'T'
out: HUP qmail-send: locals
exit: 0
T
try 'qctl-set --add a:two virtualdomains; cat home/control/virtualdomains' <<'T'
out: HUP qmail-send: virtualdomains
out: a:two
exit: 0
T

if skip_unless_root 'a domain that comes and goes'; then
  home; mkdir home/users home/queue names
  mkqueue home/queue 0 --qmailq 64011 --qmails 64015 --group 64010
  dom() { "$1" --mailnames "$T/names" --user nobody x.example >"$T/said" 2>&1; }
  try 'for program in qdom-add qdom-rm; do dom $program; cat home/control/virtualdomains;
    done' <<'T'
out: x.example:100
exit: 0
T
fi
finish
