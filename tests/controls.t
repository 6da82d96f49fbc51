#!/bin/sh
# controls.t - what doc.t does for mail, for control files: the pages of the qctl programs say what
# the programs do, and their examples and those of README run, on the control files of a server with
# two domains; qmail-controls.5 is what the table makes of it; the values that qctl-templates.7
# gives reasons for are those of the templates.

. "$(dirname "$0")/lib.sh"
QQ_TEMPLATES=$repo/templates; export QQ_TEMPLATES

# The page made from the table.
check 'package/controls-page makes a page' sh -c \
  '"$1/package/controls-page" "$(command -v qctl-show)" >"$2/page"' - "$repo" "$T"
check 'doc/qmail-controls.5 is that page (else: package/controls-page >doc/qmail-controls.5)' diff \
  "$repo/doc/qmail-controls.5" "$T/page"

# The templates and their page: setting by setting, in the order of the columns; `left alone' is no
# file, the defaults are 0 bytes.
mkdir "$T/none" "$T/none/control"
echo me >"$T/none/control/me"
in_template() {
  if [ ! -f "$QQ_TEMPLATES/$1/$2" ]; then echo 'left alone'
  elif [ ! -s "$QQ_TEMPLATES/$1/$2" ]; then qctl-get --home "$T/none" "$2"
  else cat "$QQ_TEMPLATES/$1/$2"
  fi
}
sed -n 's/^\.It Pa \([a-z]*\) Ta .*/\1/p' "$repo/doc/qctl-templates.7" >"$T/names"
sed -n 's/^\.It Pa \([a-z]*\) Ta /\1 Ta /p' "$repo/doc/qctl-templates.7" | sed 's/\\-/-/g' |
  sort >"$T/said"
while read -r name; do
  echo "$name Ta $(in_template default "$name") Ta $(in_template improved "$name")" \
    "Ta $(in_template aggressive "$name")"
done <"$T/names" | sort >"$T/is"
check 'qctl-templates.7 has the values of the shipped templates' diff "$T/said" "$T/is"
find "$QQ_TEMPLATES" -type f | sed 's,.*/,,' | sort -u >"$T/in-templates"
check 'and misses none' sh -c 'grep -vxF -f "$1" "$2"; [ $? = 1 ]' - "$T/names" "$T/in-templates"
for template in default improved aggressive; do
  try "qctl-check --home \"\$T/none\" $template" <<'X'
exit: 0
X
done

# A home that is new for each page.
home=$T/home
new_home() {
  rm -rf "$home" "$T/place"; mkdir -p "$home/control" "$home/users" "$home/queue" "$T/place"
  echo mail.example.net >"$home/control/me"
  printf 'example.net\nexample.org\n' >"$home/control/rcpthosts"
  echo mail.example.net >"$home/control/locals"
  echo example.org:org >"$home/control/virtualdomains"
  printf '+org-:popuser:110:31:/tmp:-::\n.\n' >"$home/users/assign"
}
QMAILHOME=$home; export QMAILHOME

# Fields of JSON, each of them named by its page as a word.
named() {
  "$@" | grep -o '"[a-z_]*":' | tr -d '":' | sort -u >"$T/fields"
  while read -r field; do grep -qE "(^|[ ,])$field([ ,]|\$)" "$repo/doc/$1.8" ||
    echo "$field"; done <"$T/fields" >"$T/unnamed"
  cat "$T/unnamed"; [ -s "$T/fields" ] && [ ! -s "$T/unnamed" ]
}
new_home
qctl-set databytes 1000 >"$T/out"; echo x >"$home/control/databytes"
check 'qctl-show.8 has the fields of qctl-show --json' named qctl-show --json databytes bouncehost \
  smtproutes
for program in check list; do check "qctl-$program.8 has those of qctl-$program --json" named \
  qctl-$program --json; done
check 'qctl-diff.8 has those of qctl-diff --json' named qctl-diff --json improved
check 'qctl-undo.8 has those of qctl-undo --list --json' named qctl-undo --list --json

# The examples, as in doc.t, and those of README; /var/qmail and the installation are those of the
# test.
recipes() { sed -n 's/^    \$ \(.*qctl-.*\)/\1/p' "$1"; }
run() {
  new_home
  [ -s "$T/commands" ] || not_ok "$1: has examples"
  while read -r command <&3; do
    for tool in jq git; do
      case " $command" in
        *" $tool "*) command -v $tool >/dev/null || {
          ok "$1: $command # SKIP there is no $tool"
          continue 2
        } ;;
esac
    done
    echo "$command" | sed \
      "s,/var/qmail,$home,g; s,/usr/local/share/qqtools/templates,$QQ_TEMPLATES,g" >"$T/command"
    (cd "$T/place" && . "$T/command") >"$T/out" 2>"$T/err" </dev/null; code=$?
    if [ $code -le 1 ] && ! grep -q 'fatal\|warning\|error\|usage\|not found' "$T/err"; then
      ok "$1: $command"
    else sed 's/^/# /' "$T/err"; echo "# exit $code"; not_ok "$1: $command"
    fi
  done 3<"$T/commands"
}
for page in "$repo"/doc/qctl-*.[78] "$repo/doc/qmail-controls.5"; do
  examples "$page" >"$T/commands"
  run "${page##*/}"
done
examples "$repo/doc/qqtools.7" | grep '^qctl-' >"$T/commands"
run qqtools.7
recipes "$repo/README" >"$T/commands"
run README

# What some of them do.
new_home
try 'qctl-get rcpthosts >/dev/null || echo "This server relays."; rm "$home/control/rcpthosts";
  qctl-get rcpthosts || echo "This server relays."' <<'X'
out: This server relays.
exit: 0
X
new_home
try 'qctl-save names helohost defaultdomain smtpgreeting; qctl-apply improved >/dev/null;
  qctl-apply default; qctl-apply names; qctl-list' <<'X'
out: restart qmail-send: concurrencylocal, concurrencyremote, queuelifetime
out: in force from the next connection on: databytes, timeoutsmtpd
out: in force from the next delivery on: timeoutconnect, timeoutremote
out:   aggressive (shipped)
out:   default (shipped)
out:   improved (shipped)
out: * names
exit: 0
X
finish
