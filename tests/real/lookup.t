#!/bin/sh
# lookup.t - with a real qmail: mail to a new mailbox, an alias, an address of alias's and an
# unknown user goes where qusers-lookup said: into the maildir, back to its sender, or away. The
# environment is that of real.pl, which runs this when the qmail is up, and clears away behind it.

[ "${1-}" = up ] || exec perl "$(dirname "$0")/real.pl" running "$0" up
. "$(dirname "$0")/../lib.sh"
home=$REAL_QMAILHOME QMAILHOME=$home; export QMAILHOME
sender() { for p in /proc/[0-9]*; do [ "$(readlink "$p/cwd" 2>/dev/null)" = "$home/queue" ] &&
  [ "$(cat "$p/comm" 2>/dev/null)" = qmail-send ] && echo "${p#/proc/}" && return; done; }
user=$(stat -c %U "$home/alias"); one=qq-one.test; two=qq-two.test
names=$home/qq-lookup; alias=$home/alias/.qmail-qq-lookup
me=$(head -n 1 "$home/control/locals" 2>/dev/null || cat "$home/control/me")
trap 'rm -rf "$names" "$alias" "$T"' EXIT
add() { program=$1; shift; "$program" --user "$user" --mailnames "$names" "$@" >/dev/null; }
maildir() { mkdir "$1" "$1/cur" "$1/new" "$1/tmp" && chown -R "$user" "$1"; }
instructions() { echo "$2" >"$1" && chown "$user" "$1" && chmod 600 "$1"; }
check 'a domain whose mail for nobody stays' add qdom-add --catch-all "rest@$one" $one
maildir "$names/$one/rest"; instructions "$names/$one/.qmail-default" ./rest/; chmod 755 "$names"
check 'a domain whose mail for nobody comes back' add qdom-add --bounce 'Not here, not now.' $two
check 'a domain whose mail for nobody is thrown away' add qdom-add --drop drop.$two
check 'a mailbox' add qmbox-add --deliver ./Maildir/ joe@$one
check 'another one' add qmbox-add --deliver ./Maildir/ --forward joe@$one ann@$two
check 'an alias' add qalias-add Sales.x@$one joe@$one
check 'an alias in another domain' add qalias-add info@$two joe@$one
maildir "$names/alias"; instructions "$alias" "$names/alias/"
qusers-rm + 2>/dev/null                 # so that there is something for the password database
check 'addresses that nothing is read for' qusers-add +qqnone- "$user" "$names/$one/joe" - nobody-
check 'and one that is alias'\''s' qusers-add =qqalias "$user" "$home/alias" - qq-lookup
sleep 1                                 # the programs have told qmail-send

joe=$names/$one/joe/./Maildir/ mine=$names/$one/joe/Maildir
count_of() { ls "$1/new" | wc -l; }
until_there() {
  i=0
  while [ $i -lt 50 ]; do
    [ "$(count_of "$1")" -lt "$2" ] || return 0; sleep 0.1; i=$((i + 1))
  done
  return 1
}
is_empty() {
  i=0
  while [ $i -lt 50 ]; do
    [ -n "$(find "$home/queue/info" -type f)" ] || return 0; sleep 0.1; i=$((i + 1))
  done
  echo 'it stays in the queue'; return 1
}
deliver() {
  printf 'Fjoe@%s\0T%s\0\0' "$one" "$1" >"$T/envelope"
  printf 'Subject: to %s\n\n' "$1" >"$T/message"
  "$home/bin/qmail-queue" <"$T/message" 1<"$T/envelope"
}
# Everything that is there, as `DIRECTORY FILES'.
all() { for d in "$mine" "$names/$one/rest" "$names/$two/ann/Maildir" "$names/alias"; do echo \
  "$d $(count_of "$d")"; done; }
look_up() {
  qusers-lookup "$1" >"$T/said"; code=$?
  home_said=$(sed -n 's/.*, home \([^,]*\), .*/\1/p' "$T/said")
  to=$(sed -n 's/.*delivers to the maildir: //p' "$T/said")
  case $to in
    .*) to=$home_said/$to ;;
esac; }
say() { cat "$T/said"; echo "$@"; return 1; }
# more DIRECTORY [NUMBER]: what $T/before says, but for so many more there
more() { awk -v d="$1" -v n="${2-1}" '$1 == d { $2 += n } { print }' "$T/before"; }
# goes ADDRESS DIRECTORY: says qusers-lookup, and does qmail; and nowhere else.
goes() {
  look_up "$1"; [ "$to" = "$2" ] && [ $code = 0 ] || { say "exit $code, expected $2"; return; }
  directory=$(cd "$2" && pwd) || return; all >"$T/before"; seen=$(count_of "$directory")
  deliver "$1" || return
  until_there "$directory" $((seen + 1)) && is_empty || {
    say 'it did not arrive'; return
  }
  more "$directory" >"$T/expected"; all | diff "$T/expected" - || return
  grep -q "^Subject: to $1\$" "$directory/new/$(ls -t "$directory/new" | head -n 1)"
}
# bounces ADDRESS WORDS TEXT: qusers-lookup has the words, and the text comes back to joe, and
# nothing else arrives.
bounces() {
  look_up "$1"
  grep -qF "$2" "$T/said" && [ -z "$to" ] || {
    say "exit $code, expected: $2"; return
  }
  all >"$T/before"; seen=$(count_of "$mine"); deliver "$1" || return
  until_there "$mine" $((seen + 1)) && is_empty || { say 'nothing came back'; return; }
  more "$mine" >"$T/expected"; all | diff "$T/expected" - || return
  f=$mine/new/$(ls -t "$mine/new" | head -n 1)
  grep -q "^<.*$1>:\$" "$f" && grep -qF "$3" "$f" || {
    cat "$f"; return 1
  }
}
# goes_away ADDRESS WORDS: and arrives nowhere
goes_away() {
  look_up "$1"
  grep -qF "$2" "$T/said" && [ $code = 0 ] && [ -z "$to" ] || {
    say "exit $code, expected: $2"; return
  }
  all >"$T/before"; deliver "$1" && sleep 1 && is_empty && all | diff "$T/before" -
}
# is_deferred ADDRESS WORDS: it stays in the queue
is_deferred() {
  look_up "$1"
  grep -qF "$2" "$T/said" && [ $code = 1 ] || {
    say "exit $code, expected: $2"; return
  }
  all >"$T/before"; deliver "$1" && sleep 1; all | diff "$T/before" - || return
  [ -n "$(find "$home/queue/local" -type f)" ] || { say 'it is not in the queue'; return; }
}
check 'the mailbox' goes joe@$one "$joe"
check 'the mailbox in capitals' goes JOE@QQ-One.TEST "$joe"
check 'the alias' goes sales.x@$one "$joe"
check 'the alias in another domain' goes info@$two "$joe"
check 'nobody' goes nobody@$one "$names/$one/./rest/"
check 'nobody, with a beginning like a mailbox' goes joe-x@$one "$names/$one/./rest/"
check 'nobody, with an end like an alias' goes x.sales.x@$one "$names/$one/./rest/"
check 'nobody in the domain that bounces' bounces nobody@$two \
  'runs the program: bouncesaying Not\ here,\ not\ now.' 'Not here, not now.'
check 'a mailbox of the other domain is nobody here' bounces joe@$two \
  'runs the program: bouncesaying' 'Not here, not now.'
check 'nobody in the domain that drops' goes_away nobody@drop.$two 'the mail is thrown away'
check 'no .qmail file' bounces qqnone-x@"$me" 'it bounces, "Sorry, no mailbox here by that name"' \
  'Sorry, no mailbox here by that name.'
check 'an address of alias'\''s' goes qqalias@"$me" "$names/alias/"
# Of alias the password database counts, where its home may be another one.
alias_home=$(getent passwd "$user" | cut -d: -f6)
if [ "$alias_home" = "$home/alias" ]; then check 'the password database: alias again' goes \
  qq-lookup@"$me" "$names/alias/"; fi
if [ -f "$alias_home/.qmail-default" ]; then ok 'nobody at all # SKIP alias has .qmail-default'
else check 'nobody at all' bounces qq-nobody@"$me" \
  'it bounces, "Sorry, no mailbox here by that name"' 'Sorry, no mailbox here by that name.'; fi
# Two at once: one is here, one is forwarded.
both() {
  look_up ann@$two
  [ "$to" = "$names/$two/ann/./Maildir/" ] && grep -q "forwards to: joe@$one" "$T/said" || {
    say; return
  }
  all >"$T/before"; seen=$(count_of "$mine"); deliver ann@$two
  until_there "$mine" $((seen + 1)) && is_empty || return
  {
    more "$mine" >"$T/more"; mv "$T/more" "$T/before"; more "$names/$two/ann/Maildir"
  } >"$T/expected"
  all | diff "$T/expected" -
}
check 'a mailbox that forwards too' both
chmod 620 "$names/$one/joe/.qmail"
check 'a .qmail that its group may write: qusers-lookup and qmail agree that it is delivered' goes \
  joe@$one "$joe"
chmod 600 "$names/$one/joe/.qmail"; mkdir "$names/$one/.qmail-dir"
check 'a directory is no .qmail file' goes dir@$one "$names/$one/./rest/"
check 'the alias is removed' qalias-rm --mailnames "$names" --user "$user" sales.x@$one
check 'and is nobody now' goes sales.x@$one "$names/$one/./rest/"
check 'the mailbox is removed' qmbox-rm --mailnames "$names" --user "$user" ann@$two
check 'and is nobody now' bounces ann@$two 'runs the program: bouncesaying' 'Not here, not now.'
chmod 602 "$names/$one/joe/.qmail"
check 'a .qmail that others may write' is_deferred joe@$one 'writable by others'
chmod 600 "$names/$one/joe/.qmail"; seen=$(count_of "$mine"); kill -ALRM "$(sender)"
check 'corrected, it is delivered' until_there "$mine" $((seen + 1))
check 'and the queue is empty' is_empty

# Mail that waits for a domain that is gone does not come to the one that is made next, nor to one
# whose prefix begins alike. waits_for OLD [OPTION ...]
waits_for() {
  old=$1; shift
  add qdom-add "$@" "$old" && add qmbox-add --deliver '|exit 111' joe@"$old" && sleep 1 &&
    deliver joe@"$old" && sleep 1 || return
  [ -n "$(find "$home/queue/local" -type f)" ] && qdom-rm --mailnames "$names" --purge "$old" ||
    return
}
is_left_alone() {
  kill -ALRM "$(sender)"; sleep 2
  [ -z "$(find "$names/$1" -path '*/new/*')" ] || {
    find "$names/$1"; return 1
  }
}
has_joe() { add qdom-add "$@" && add qmbox-add --deliver ./Maildir/ joe@"$1"; }
check 'mail waits for a domain, which goes' waits_for old.$two
check 'another one comes' has_joe new.$two
check 'and does not get it' is_left_alone new.$two
check 'a domain with a short prefix' has_joe seven.$two --prefix 7
instructions "$names/seven.$two/.qmail-default" ./joe/Maildir/
check 'mail waits for one whose prefix begins alike, which goes' waits_for seventy.$two --prefix 70
check 'the other one does not get it' is_left_alone seven.$two
check 'nothing stays behind' sh -c \
  "qq-list --home '$home' | qq-rm --home '$home' -q --wait 30 --flush"
finish
