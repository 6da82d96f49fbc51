#!/bin/sh
# languages.t - catalogues of messages, and the programs with them. Each language is tried as if all
# that is fuzzy were not; and one whose letters take two cells, which is made here.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/domain.sh"
[ -s "$BUILD/tests/catalogues.so" ] || { echo '1..0 # SKIP no catalogues on this system'; exit 0; }
command -v msgfmt >/dev/null || { echo '1..0 # SKIP no msgfmt'; exit 0; }
cp "$BUILD/tests/catalogues.so" "$T"
QQ_CATALOGUES=$T/locale; export QQ_CATALOGUES
about() { perl "$repo/tests/languages.pl" "$@"; }
po() { if [ "$1" = C ]; then echo -; else echo "$T/$1.po"; fi; }
# in_ LANGUAGE COMMAND ...: where it is set as on a host, whether its locale is there or not
in_() { (
  LANG=$1; shift
  case $LANG in ??) LANG=${LANG}_XX.UTF-8 ;; esac
  unset LC_ALL LANGUAGE; LD_PRELOAD=$T/catalogues.so
  export LANG LD_PRELOAD; exec "$@"
); }

# ---- the catalogues ----
languages='' list=$repo/po/qqtools.pot
for file in "$repo"/po/*.po; do
  language=$(basename "$file" .po) languages="$languages $language"
  cp "$file" "$T/$language.po"; mkdir -p "$T/locale/$language/LC_MESSAGES"
  check "$language: $(about state "$list" "$file")" about faults "$list" "$file"
  check "$language: formats and plurals agree" msgfmt -c --use-fuzzy \
    -o "$T/locale/$language/LC_MESSAGES/qqtools.mo" "$file"
done
about wide "$list" >"$T/zz.po"; mkdir -p "$T/locale/zz/LC_MESSAGES"
msgfmt -o "$T/locale/zz/LC_MESSAGES/qqtools.mo" "$T/zz.po" || exit 99
languages="$languages zz"
try 'in_ zz qq-show --queue /nowhere; in_ C qq-show --queue /nowhere' <<'X'
err: qq-show: fatal: ｕｎａｂｌｅ ｔｏ ｏｐｅｎ ｔｈｅ ｑｕｅｕｅ /nowhere: No such file or directory
err: qq-show: fatal: unable to open the queue /nowhere: No such file or directory
exit: 100
X

without() { (
  cd "$repo" || exit 99
  "${MAKE:-make}" -s BUILD="$T/without" INTL=-DQQ_WITHOUT_LIBINTL EXTRA='-Werror -fsyntax-only' \
    $(grep -l ngettext src/*/*.c | sed "s,src/\(.*\)c,$T/without/obj/\1o,") \
    "$T/without/obj/cli/language.o"
); }
check 'it compiles without libintl, too' without

# ---- on a terminal of 80 columns ----
help() { for program in $(cat "$repo/package/commands"); do in_ "$1" "$program" --help; done; }
for language in C $languages; do
  help "$language" >"$T/help.$language"
  check "$language: no --help is wider" about narrow <"$T/help.$language"
done

# ---- tables, also of letters that take two cells ----
unpack queue-notqmail
QQ_LOG=$repo/tests/fuzz/corpus/life/plain; export QQ_LOG
recipients=$(id 1081784)
# below LANGUAGE COMMAND TITLE ...: its first line is the titles
tabled() {
  language=$1 command=$2; shift 2
  in_ "$language" $command </dev/null 2>"$T/said" | about table "$(po "$language")" "$@"
}
below() { check "$1: $2, ${COLUMNS-0} columns" tabled "$@"; }
labelled() {
  language=$1 command=$2; shift 2
  in_ "$language" $command "$recipients" 2>"$T/said" | grep '^  ' >"$T/lines"
  about labels "$(po "$language")" "$@" <"$T/lines"
}
for language in C $languages; do
  for COLUMNS in 100 200 0; do
    export COLUMNS
    below "$language" 'qq-show --top 8' -id type queued -size from to subject
    below "$language" qlog-show -id to result attempt~last
    below "$language" qq-why -id -tries to reason
  done
  below "$language" 'qq-why --by host' -recipients -messages -tries
  below "$language" 'qlog-stat --by host' -messages -recipients -delivered -failed -deferrals \
    '-still open' -bytes first last
  below "$language" 'qq-stat --by to-domain --recipients' -messages -recipients
  check "$language: qq-show -l" labelled "$language" 'qq-show -l' queued birth expires \
    next\ %s=remote size injected from why remote= Subject:= From:= To:= Message-ID:= Date:=
done

# ---- what scripts read ----
# One command a line. The order is not promised; what depends on the second is left out.
home; control=$T/q; touch "$QUEUE/mess/stranger"
QQ_TEMPLATES=$repo/templates; export QQ_TEMPLATES
cat >"$T/commands" <<'X'
qq-list
qq-grep --subject pillen
qq-grep --from nobody
qq-show --json
qq-show --tsv
qq-stat --json
qq-stat --json --by to-domain
qq-stat --metrics
qq-bounces
qq-bounces --json --reasons
qq-bounces --json --summary
qq-bounces --reasons
qq-why --json
qq-why --tsv
qq-why --ids
qq-why --json --by host
qq-check --json
qq-check --tsv
qq-alarm --messages 1,2
qq-alarm --oldest 1s,400w --stopped
qq-rm --dry-run --json $recipients
qq-hold --dry-run --json $recipients
qq-expire --dry-run --json $recipients
qq-cat --envelope $recipients
qq-save $recipients | tar tf -
qlog-grep --from ann
qlog-show --json
qlog-show --tsv
qlog-stat --json
qlog-stat --tsv --by host
qlog-stat --metrics --state "$T/state.$1" "$QQ_LOG"
qsvc status --json
qsvc status --tsv
qctl-show --json
qctl-show --tsv
qctl-check --json
qctl-check --tsv
qctl-list --json
qctl-diff --json aggressive
qctl-get me
qctl-get nothing
qusers-list --json
qusers-lookup --json root
qusers-lookup --tsv root
qusers-check --tsv
qusers-lookup nobody@else.example >/dev/null
qusers-check --json
qdom-list --json
qmbox-list --json
qctl-undo --list --json
qq-show --nonsense
qq-show --json 5 6
qq-cat 5
qq-list x
qq-show --queue /nowhere
qctl-set concurrencyremote many
X
said_by() {
  while read -r command; do
    echo "\$ $command"; eval "in_ $1 $command" </dev/null 2>"$T/said" >"$T/one"; code=$?
    tr '\000' '\n' <"$T/one" | sort; echo "exit: $code"
  done <"$T/commands" |
    sed -E 's/(oldest_age":|_age_seconds |oldest=|_older\{.*\} |last_attempt":")[0-9.:T+-]+/\1/g'
}
QMAILHOME=$control; export QMAILHOME
said_by C >"$T/said.C"
check 'all of that says something' eval '[ "$(wc -l <"$T/said.C")" -gt 300 ]'
for language in $languages; do
  said_by "$language" >"$T/said.$language"
  check "$language: it is the same byte for byte" diff "$T/said.C" "$T/said.$language"
done
try 'in_ zz qq-alarm --stopped | sed "s/ |.*//"; in_ zz qq-stat | sed -n "1,2p"' <<'X'
out: CRITICAL: qmail-send is not running
out: messages in queue: 24
out: messages in queue but not yet preprocessed: 2
exit: 0
X

# ---- plurals ----
# boxes DOMAIN NUMBER: so many mailboxes
boxes() {
  echo "$1:$2" >>"$T/q/control/virtualdomains"
  seq "$2" | while read -r n; do
    printf '=%s-b%s:%s:%s:1:%s/b%s:::\n' "$2" "$n" "$user" "$uid" "$T/q/mailnames/$1" "$n"
  done >>"$T/lines"
}
: >"$T/lines"; for n in 1 2 5 21 111; do boxes "n$n.example" $n; done
{ cat "$T/lines"; echo .; } >"$T/q/users/assign"; qusers-compile
counted() {
  { if [ "$1" = C ]; then printf ' %s\n' '1 mailbox' '2 mailboxes' '5 mailboxes' '21 mailboxes' \
      '111 mailboxes'
    else about plural "$(po "$1")" ' %llu mailboxes' 1 2 5 21 111; fi; } >"$T/expected"
  in_ "$1" qdom-list 2>"$T/said" >"$T/out.qdom"
  for n in 1 2 5 21 111; do sed -n "s/^n$n\\.example $n\\([^,]*\\),.*/\\1/p" "$T/out.qdom"
  done | diff "$T/expected" -
}
for language in C $languages; do check "$language: plurals" counted "$language"; done
if [ -e "$T/ru.po" ]; then
  try 'about plural "$T/ru.po" " %llu mailboxes" 1 2 5 21 111 | sed "s/^ [0-9]* //" |
    awk "{ if (!(\$0 in n)) n[\$0] = ++k; print n[\$0] }" | tr "\n" " "' <<'X'
out: 1 2 3 1 3 
out: (no newline)
exit: 0
X
fi

# ---- which language ----
says() { (unset LC_ALL; env LD_PRELOAD="$T/catalogues.so" "$@" qmbox-list --help) | sed -n 2p |
  grep -q ｍａｉｌｂｏｘｅｓ && echo wide || echo English; }
try 'says LANG=zz; says LANG=zz_ZZ LANGUAGE=; says LANG=zz.ISO-8859-1; says LC_MESSAGES=zz LANG=fr
  says LC_ALL=zz LC_MESSAGES=C LANG=C; says LANG=xx LANGUAGE=yy:zz' <<'X'
out: wide
out: wide
out: wide
out: wide
out: wide
out: wide
exit: 0
X
try 'says LANG=C LANGUAGE=zz; says LANG=POSIX; says LANG=; says LANG=xx; says LC_ALL=C LANG=zz' <<'X'
out: English
out: English
out: English
out: English
out: English
exit: 0
X
# A host that has no locale but C.
try 'QQ_NO_LOCALE=1; export QQ_NO_LOCALE; says LANG=zz; in_ zz qq-grep -c --subject günstige
  in_ zz qq-show --queue /nowhere' <<'X'
out: English
out: 3
err: qq-show: fatal: unable to open the queue /nowhere: No such file or directory
exit: 100
X
# No path is taken for a language, and no other directory than that of the programs.
mkdir -p "$T/evil/LC_MESSAGES" "$T/locale/de" && mv "$T/locale/zz/LC_MESSAGES/qqtools.mo" \
  "$T/evil/LC_MESSAGES" && ln -s "$T/evil" "$T/evil/zz"
evil=../evil
try 'says LANG=zz LANGUAGE=$evil; says LANG=$evil; says LC_ALL=$evil LANGUAGE=de:$evil
  says LANG=zz LANGUAGE=$T/evil NLSPATH=$T/evil/%N TEXTDOMAINDIR=$T/evil TEXTDOMAIN=qqtools' <<'X'
out: English
out: English
out: English
out: English
exit: 0
X
mv "$T/evil/LC_MESSAGES/qqtools.mo" "$T/locale/zz/LC_MESSAGES"

# ---- root ----
# It is read while that can still be done: those who look at mail have given up root.
if skip_unless_root 'the catalogue is read before root is given up'; then
  chmod 700 "$T/locale"
  try 'in_ zz qq-show "$recipients" | sed -n "s/.*\(ｓｕｂｊｅｃｔ\)/\1/p"' <<'X'
out: ｓｕｂｊｅｃｔ
exit: 0
X
fi
finish
