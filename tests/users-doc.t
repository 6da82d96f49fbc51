#!/bin/sh
# users-doc.t - what doc.t does for mail, for users and domains: the examples in the pages of these
# programs, and those of README, run one after the other, in a home of their own for each page. The
# user is one that every system has, instead of popuser.

. "$(dirname "$0")/lib.sh"
if [ "$(command id -u)" = 0 ]; then user=nobody; else user=$(command id -un); fi
unset QQ_QUEUE
QMAILHOME=$T/home; export QMAILHOME


# run NAME: all commands in $T/commands.
run() {
  rm -rf "$QMAILHOME"; mkdir -p "$QMAILHOME/control" "$QMAILHOME/users" "$QMAILHOME/alias"
  echo me.test >"$QMAILHOME/control/me"; echo me.test >"$QMAILHOME/control/rcpthosts"
  : >"$QMAILHOME/control/virtualdomains"
  printf '.\n' >"$QMAILHOME/users/assign"
  [ -s "$T/commands" ] || not_ok "$1: has examples"
  while read -r command <&3; do
    case $command in
      *'| jq '*) command -v jq >/dev/null || {
        ok "$1: $command # SKIP there is no jq"
        continue
      } ;;
esac
    printf '%s\n' "$command" | sed \
      "s/^qdom-[a-z]*/& --user $user/; s/^qmbox-[a-z]*/& --user $user/;
        s/^qalias-[a-z]*/& --user $user/" >"$T/command"
    (. "$T/command") >"$T/out" 2>"$T/err" </dev/null; code=$?
    if [ $code -le 1 ] && ! grep -q 'fatal\|usage\|not found' "$T/err"; then ok "$1: $command"
    else sed 's/^/# /' "$T/err"; echo "# exit $code"; not_ok "$1: $command"
    fi
  done 3<"$T/commands"
}
for page in "$repo"/doc/qusers-*.8 "$repo"/doc/qdom-*.8 "$repo"/doc/qmbox-*.8 \
  "$repo"/doc/qalias-*.8; do
  examples "$page" >"$T/commands"
  run "${page##*/}"
done
examples "$repo/doc/qqtools.7" | grep '^q[admu][a-z]*-' >"$T/commands"
run qqtools.7
sed -n 's/^    \$ \(q[admu][a-z]*-.*\)/\1/p' "$repo/README" >"$T/commands"
run README
finish
