#!/bin/sh
# doc.t - the documents say what the programs do: every example in a page (a line `.Dl $ COMMAND`
# below EXAMPLES) and every recipe in README (a line `    $ COMMAND`) runs, on a queue that a real
# qmail wrote; options, exit codes and JSON fields are those of the programs.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
programs=$(cat "$repo/package/commands")
pages=$(cd "$repo/doc" && ls ./*.[1-9] | sed 's|^\./||')
fixture=queue-notqmail

# mandoc is not everywhere; CI has it.
if command -v mandoc >/dev/null; then
  lint() { mandoc -T lint -W warning "$1" >"$T/lint" 2>&1; cat "$T/lint"; [ ! -s "$T/lint" ]; }
  for page in $pages; do check "$page is clean for mandoc" lint "$repo/doc/$page"; done
elif [ "${CI-}" = true ]; then not_ok 'pages are clean for mandoc (there is none)'
else ok 'pages are clean for mandoc # SKIP there is none'
fi

same() { diff "$T/$1" "$T/$2"; }
headed() { grep -q "^\\.Dt $(echo "$1" | sed 's/\./ /' | tr '[:lower:]' '[:upper:]')\$" \
  "$repo/doc/$1"; }
for page in $pages; do check "$page has its name in the title" headed "$page"; done

# A page for each program; each program in README and qqtools.7; no program there that is none.
echo "$programs" | sort >"$T/programs"
echo "$pages" | sed -n 's/\.8$//p' | sort >"$T/of-pages"
check 'every program has a page, every page in section 8 a program' same programs of-pages
sed -n 's/^    \(q[a-z-]*\)  .*/\1/p' "$repo/README" | sort >"$T/of-readme"
check 'README lists the programs' same programs of-readme
sed -n 's/^\.It Xr \(q[a-z-]*\) 8$/\1/p' "$repo/doc/qqtools.7" | sort >"$T/of-overview"
check 'qqtools.7 lists the programs' same programs of-overview

# Whatever a page refers to with a name that begins with qq, qctl and so on is one of ours.
references() {
  sed -nE 's/^\.Xr ((qq|qctl-|qusers-|qdom-|qmbox-|qalias-|qlog-|qsvc)[a-z-]*) ([0-9]).*/\1.\3/p' \
    "$repo"/doc/*.[1-9] | sort -u | while read -r page; do
    [ -f "$repo/doc/$page" ] || echo "$page"
  done
}
missing_pages() { references >"$T/missing"; cat "$T/missing"; [ ! -s "$T/missing" ]; }
check 'every page of ours that is referred to exists' missing_pages

# Options, as NAME or NAME= if they take a value; exit codes.
said_options() {
  "$1" --help | sed -n 's/^ \{2,6\}\(-[^ ].*\)/\1/p' | sed 's/  .*//' |
    awk '{
      n = split($0, word, " "); value = word[n] ~ /^-/ ? "" : "="
      for (i = 1; i <= n; i++) if (word[i] ~ /^-/) { gsub(/^-*|,$/, "", word[i]);
        print word[i] value } }' | sort
}
page_options() {
  awk '/^\.It Fl / {
    value = / Ar / ? "=" : ""
    for (i = 2; i < NF; i++) if ($i == "Fl") { name = $(i + 1); sub(/^-/, "", name);
      print name value } }' "$1" | sort
}
said_codes() { "$1" --help | sed -n '/^Exit codes: /,$p' | paste -s -d ' ' - |
  sed 's/^Exit codes: //' | tr ';' '\n' | sed 's/^ *\([0-9]*\).*/\1/'; }
page_codes() { sed -n '/^\.Sh EXIT STATUS/,/^\.El/s/^\.It \([0-9]*\)$/\1/p' "$1"; }
for program in $(programs); do
  said_options "$program" >"$T/said"; page_options "$repo/doc/$program.8" >"$T/page"
  check "$program: the options of --help are those of the page" same said page
  [ -s "$T/said" ] || not_ok "$program: --help has options"
  said_codes "$program" >"$T/said"; page_codes "$repo/doc/$program.8" >"$T/page"
  check "$program: so are the exit codes" same said page
done

# The log that qlog-* and qq-why read.
QQ_LOG=$repo/tests/fuzz/corpus/life/plain; export QQ_LOG

# JSON: the fields of qq-show in their order, those of the others by name.
unpack $fixture
sed -n 's/^\.It Li \([a-z_]*\) Ta .*/\1/p' "$repo/doc/qq-show.8" >"$T/page"
qq-show --json "$(id 1081796)" | perl -ne \
  's/\[[^]]*\]//g; while (/"((?:\\.|[^"\\])*)"(:?)/g) { print "$1\n" if $2 }' >"$T/said"
check 'qq-show.8 has the fields of qq-show --json' same said page
named() {
  for field in $("$@" | tr '{},:' '\n\n\n\n' | sed -n 's/^"\([a-z_]*\)"$/\1/p' |
    sort -u); do grep -qE "(^|[ ,])$field([ ,]|\$)" "$repo/doc/$1.8" ||
    echo "$field"; done >"$T/unnamed"
  cat "$T/unnamed"; [ ! -s "$T/unnamed" ]
}
check 'qq-stat.8 has the fields of qq-stat --json' named qq-stat --json --queue "$QUEUE"
check 'and those of qq-stat --by' named qq-stat --json --by size --queue "$QUEUE"
check 'qq-bounces.8 has those of qq-bounces --reasons' named qq-bounces --reasons --json
check 'and those of qq-bounces --summary' named qq-bounces --summary --json
check 'qq-why.8 has those of qq-why --json' named qq-why --json
check 'and those of qq-why --by' named qq-why --json --by host
check 'qq-rm.8 has the fields of qq-rm --json' named qq-rm --json --quiet --dry-run "$(id 1081796)"
# These need qmail's home: its queuelifetime. One of 30 years, so that the messages are not too old
# on the day of the test.
unpack_home() { unpack $fixture && mkdir "$T/$fixture/control" &&
  echo 946080000 >"$T/$fixture/control/queuelifetime"; }
unpack_home
check 'qq-expire.8 has those of qq-expire --json' named qq-expire --json --quiet "$(id 1081796)"
if am_root; then
  check 'qq-hold.8 has those of qq-hold --json' named qq-hold --json --quiet "$(id 1081796)"
  check 'qq-release.8 has those of qq-release --json' named qq-release --json --quiet \
    "$(id 1081796)"
fi

# The examples. Numbers of messages are those in the archive of the fixture.
recipes() {
  sed -n 's/^    \$ \(.*\)/\1/p' "$1" | grep 'qq-\|qlog-' | 
    grep -v 'qsvc\|qq-load\|qq-requeue\|qq-fix\|qq-pick'
}
today() {
  awk 'NR == FNR { new[$1] = $2; next } {
    s = ""
    while (match($0, /[0-9]+/)) {
      n = substr($0, RSTART, RLENGTH); s = s substr($0, 1, RSTART - 1) (n in new ? new[n] : n)
      $0 = substr($0, RSTART + RLENGTH)
    }
    print s $0
  }' "$T/numbers" "$1"
}

# run NAME: all commands in $T/commands, one after the other in one directory; a new queue behind
# each that removes.
run() {
  unpack_home
  rm -rf "$T/place"; mkdir "$T/place"
  [ -s "$T/commands" ] || not_ok "$1: has examples"
  while read -r command <&3; do
    case $command in
      *'| jq '*) command -v jq >/dev/null || {
        ok "$1: $command # SKIP there is no jq"
        continue
      } ;;
      *qq-hold* | *qq-release* | *qq-save*) am_root || { skip_unless_root "$1: $command"; continue; } ;;
    esac
    echo "$command" >"$T/command"
    today "$T/command" >"$T/today"
    case $command in *qq-alarm*) most=2 ;; *) most=1 ;; esac
    (cd "$T/place" && . "$T/today") >"$T/out" 2>"$T/err" </dev/null; code=$?
    # Two of its bounces are in no known form, and qq-bounces has to say so.
    sed -i '/ 2 bounces are in no known form/d' "$T/err"
    if [ $code -le $most ] && ! grep -q 'fatal\|warning\|usage\|not found' "$T/err"; then
      ok "$1: $command"
    else sed 's/^/# /' "$T/err"; echo "# exit $code"; not_ok "$1: $command"
    fi
    case $command in *qq-rm*) unpack_home ;; esac
  done 3<"$T/commands"
}
# What takes mail in where a copy goes back.
mkdir "$T/qmail"; printf '#!/bin/sh\ncat >/dev/null\n' >"$T/qmail/qmail-queue"
chmod 755 "$T/qmail/qmail-queue"; PATH=$PATH:$T/qmail
for page in $pages; do
  # Controls.t has those about control files.
  case $page in qmail-queue.5 | qmail-controls.5 | qctl-*) continue ;;
    # Users-doc.t those about users and domains.
    qusers-* | qdom-* | qmbox-* | qalias-*) continue ;;
    # Qsvc-doc.t those with a qmail-send that runs.
    qsvc.8 | qsvc-supervisors.7) continue ;;
    # Many hosts; metrics.t has what merges their figures.
    qqtools-fleet.7) continue ;;
    # Move.t, requeue.t and pick.t those.
    qq-load.8 | qq-requeue.8 | qq-pick.8) continue ;; esac
  examples "$repo/doc/$page" | grep -v 'qsvc\|qq-load\|qq-requeue' |
    grep -v '^q\(ctl\|users\|dom\|mbox\|alias\)-' >"$T/commands"
  run "$page"
done
recipes "$repo/README" >"$T/commands"
run README

# What else README says to type.
sed -n 's/^    \$ \(.*\)/\1/p' "$repo/README" |
  grep -v 'qq-\|qctl-\|qusers-\|qdom-\|qmbox-\|qalias-\|qlog-\|qsvc\|back' >"$T/commands"
exists() {
  case $1 in
    make) grep -qE '^([a-z-]+ )*all( [a-z-]+)*:' "$repo/Makefile" ;;
    'make '*)
      target=${1#make }
      grep -qE "^([a-z-]+ )*${target%% *}( [a-z-]+)*:( |\$)" "$repo/Makefile"
      ;;
    *) [ -x "$repo/$1" ] ;;
  esac
}
while read -r command; do check "README: $command exists" exists "$command"; done <"$T/commands"

# What the recipes do.
unpack $fixture
try 'qq-list | qq-rm; qq-list --count' <<'T'
out: 0
err: qq-rm: 23 removed
exit: 0
T
unpack $fixture
try 'qq-bounces | qq-rm; qq-bounces; qq-list --count' <<'T'
out: 18
err: qq-rm: 5 removed
exit: 0
T
try 'qq-grep --no-bounces --local | qq-rm --local; qq-grep --no-bounces --local -c;
  qq-grep --remote -c' <<'T'
out: 0
out: 16
err: qq-rm: 1 silenced
exit: 0
T
try 'qq-grep -g --to "*@away.test" | qq-rm -g --to "*@away.test"; qq-grep --to @away.test;
  qq-list --count' <<'T'
out: 18
err: qq-rm: 6 silenced
exit: 0
T
# A day old, but for two.
unpack $fixture; find "$QUEUE/mess" -type f -exec touch -d "@$(($(date +%s) - 86400))" {} +
for id in 1081770 1081776; do touch -t 202601020304 \
  "$QUEUE/mess/$(($(id $id) % 23))/$(id $id)"; done
try 'qq-grep --older 7d | qq-rm; qq-grep --from alice --from bob; qq-list --count' <<'T'
out: 21
err: qq-rm: 2 removed
exit: 0
T
try 'qq-grep --from spammer | qq-cat --mbox | grep -c "^From "' <<'T'
out: 6
exit: 0
T
finish
