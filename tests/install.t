#!/bin/sh
# install.t - what `make install` puts where, and that every option is in every completion.

. "$(dirname "$0")/lib.sh"
cd "$repo" || exit 99
: "${MAKE:=make}"
home=$(sed -n 1p conf-home)
mkdir -p "$T/root/etc/fish/conf.d"
check 'make install' "$MAKE" install BUILD="$BUILD" DESTDIR="$T/root"
echo 5 >"$T/root$home/share/qqtools/templates/improved/old"
check 'and once more over it' "$MAKE" install BUILD="$BUILD" DESTDIR="$T/root"
# Where it looks is where it is: whatever `make' alone was given.
sought() {
  "$MAKE" -s -C "$repo" BUILD="$T/sought" "HOME_DIR=$1" "$T/sought/obj/cli/language.o" &&
    grep -q "$1/share/locale" "$T/sought/obj/cli/language.o"
}
moment() { perl -e 'print join(" ", map { (lstat)[1, 9] } @ARGV), "\n"' "$@"; }
check 'HOME_DIR counts' sought /one
moment "$T/sought/config.h" "$T/sought/obj/cli/language.o" >"$T/then"
check 'the same again, and nothing is compiled' eval 'sought /one &&
  moment "$T/sought/config.h" "$T/sought/obj/cli/language.o" | diff "$T/then" -'
check 'another one, and what has it in it is' sought /two
check 'nothing is left beside it' eval '[ "$(ls "$T/sought")" = "config.h
obj" ]'
cd "$T/root$home" || exit 99

# Nothing is elsewhere, but for the line that brings fish here.
try 'find "$T/root" -type f ! -path "$T/root$home/bin/*" ! -path "$T/root$home/share/*" |
    sed "s,^$T,,"; sed "s,$home,HOME," "$T/root/etc/fish/conf.d/qqtools.fish"' <<'X'
out: /root/etc/fish/conf.d/qqtools.fish
out: set -a fish_complete_path HOME/share/fish/vendor_completions.d
exit: 0
X
rm "$T/root/etc/fish/conf.d/qqtools.fish"
check 'where fish is not, it gets nothing' eval 'rmdir "$T/root/etc/fish/conf.d" &&
  "$MAKE" -C "$repo" install BUILD="$BUILD" DESTDIR="$T/root" && [ -d "$T/root/etc/fish" ] &&
  [ -z "$(ls -A "$T/root/etc/fish")" ]'
try 'find . -name "*{new}*"; find . -type f ! -perm 644 ! -path "./bin/*";
  find bin -type f ! -perm 755' <<'X'
exit: 0
X
try 'ls share/doc/qqtools; ls share/doc/qqtools/examples;
  sed -n "s,^ExecStart=$home/bin/\([a-z-]*\) .*,\1,p" share/doc/qqtools/examples/*' <<'X'
out: CHANGES
out: INTERNALS
out: LICENSE
out: README
out: examples
out: cron
out: metrics-of-hosts
out: nrpe.cfg
out: qlog-stat-metrics.service
out: qlog-stat-metrics.timer
out: qq-stat-metrics.service
out: qq-stat-metrics.timer
out: qlog-stat
out: qq-stat
exit: 0
X
try 'cd share/man && ls man5/qq-ids.5 man5/qmail-queue.5 man5/qmail-controls.5 \
  man7/qqtools.7 man7/qctl-templates.7 man7/qsvc-supervisors.7' <<'X'
out: man5/qmail-controls.5
out: man5/qmail-queue.5
out: man5/qq-ids.5
out: man7/qctl-templates.7
out: man7/qqtools.7
out: man7/qsvc-supervisors.7
exit: 0
X
if command -v msgfmt >/dev/null; then
  check 'a catalogue of each language' eval '(cd "$repo/po" && ls -- *.po) |
    sed "s,\(.*\)\.po,\1/LC_MESSAGES/qqtools.mo," >"$T/built"
    (cd share/locale && find . -type f | sed "s,^\./,," | sort) | diff "$T/built" -'
fi
# A file of 0 bytes is one, and what an older version had is gone.
try 'diff -r "$repo/templates" share/qqtools/templates; ls -A share/qqtools/templates;
  find share/qqtools/templates -type d ! -perm 755' <<'X'
out: aggressive
out: default
out: improved
exit: 0
X

# Libraries: libc, and those that the compiler has no archive of; a screen for qq-pick.
compiler=$(sed -n 1p "$repo/conf-cc")
for name in cdb skarnet utf8proc; do
  [ "$($compiler -print-file-name="lib$name.a")" != "lib$name.a" ] || shared="${shared-}|$name"
done
needs_only_libc() {
  may="c|c[.]musl-[a-z0-9_]*${shared-}"
  [ "$1" != qq-pick ] || may="$may|ncursesw?|tinfow?"
  readelf -d "bin/$1" >"$T/dynamic" && grep -q '^Dynamic section\|no dynamic section' "$T/dynamic" &&
    ! sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' "$T/dynamic" | grep -vE "^lib($may)[.]so"
}
version=$(sed -n 1p "$repo/package/versions")
check 'CHANGES has the version at its top' grep -q "^$version, " "$repo/CHANGES"
check 'so have the packages that are built from a tar of it' eval \
  'grep -qx "pkgver=$version" "$repo/package/alpine/APKBUILD" &&
  grep -qx "DISTVERSION=.$version" "$repo/package/freebsd/Makefile"'

# with SHELL OPTION... COMMAND: a check that needs a shell which a machine may not have; CI has it
with() {
  name=$1; shift
  if command -v "$1" >/dev/null; then check "$name" "$@"
  elif [ "${CI-}" = true ]; then not_ok "$name (no $1)"
  else ok "$name # SKIP no $1"; fi
}
# every word of $2 is a word of the file $1
has_all() { for word in $2; do grep -qE -e "(^|[^A-Za-z0-9-])$word([^A-Za-z0-9-]|\$)" "$1" || {
  echo "$1 has no $word"; return 1
}; done; }

for program in $(programs); do
  case $program in qq-alarm) code=3 ;; *) code=0 ;; esac
  check "$program runs" eval '"bin/$program" --version >"$T/said"; [ $? = "$code" ]'
  if command -v readelf >/dev/null; then
    check "$program needs no library but libc" needs_only_libc "$program"
  else ok "$program needs no library but libc # SKIP no readelf"; fi
  check "$program has a manual page" ls share/man/man8/"$program.8"
  bash=share/bash-completion/completions/$program zsh=share/zsh/site-functions/_$program \
    fish=share/fish/vendor_completions.d/$program.fish
  options=$("bin/$program" --help | grep -oE '^ +(-., )?--[a-z0-9-]+' | grep -oE -e '--.*')
  check "$program: bash completes every option" has_all $bash "$options"
  check "$program: zsh completes every option" has_all $zsh "$options"
  check "$program: fish completes every option" has_all $fish \
    "$(echo "$options" | sed 's/^--/-l /')"
  with "$program: bash reads it" bash -n $bash
  with "$program: zsh reads it" zsh -n $zsh
  with "$program: fish reads it" fish --no-execute $fish
done

# completed LINE: what bash offers at its end; a last word that is empty is written as ''
cat >"$T/completed" <<'X'
set -- $1
name=$1
. "share/bash-completion/completions/$name"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
[ "${COMP_WORDS[COMP_CWORD]}" != "''" ] || COMP_WORDS[COMP_CWORD]=
compopt() { :; }
_qqtools_${name//-/_}
for reply in "${COMPREPLY[@]}"; do printf '%s\n' "$reply"; done
X
completed() { bash "$T/completed" "$*"; }
if command -v bash >/dev/null; then
  try 'completed qq-grep --from-' <<'X'
out: --from-domain
out: --from-list
exit: 0
X
  try 'completed qq-show --sort s; completed qq-show --sort = d' <<'X'
out: size
out: date
exit: 0
X
  mkdir -p "$T/files/a directory" && : >"$T/files/a file"
  try 'completed qq-list --queue "$T/files/a" | sed "s,.*/,,";
    completed qq-grep --from-list "$T/files/a" | sed "s,.*/,," | sort' <<'X'
out: a directory
out: a directory
out: a file
exit: 0
X
  try 'completed qsvc st; completed qsvc --c; completed qsvc stop s;
    completed qsvc stopped qq-li | uniq; completed qsvc --timeout 5s res' <<'X'
out: status
out: start
out: stop
out: stopped
out: --count
out: qq-list
out: restart
exit: 0
X
  try "completed qq-list \"''\"; completed qq-grep --from \"''\"" <<'X'
exit: 0
X
fi

# ---- what is listed while one types ----
. "$repo/tests/queue.sh"
. "$repo/tests/domain.sh"
home
echo 'shop.example:7' >q/control/virtualdomains
echo 'other.example:8' >>q/control/virtualdomains
printf 'evil$(touch${IFS}%s/evil).example:9\n' "$T" >>q/control/virtualdomains
qusers-add '=7-anna' "$user" "$T/q/anna" >"$T/out" 2>&1
qusers-add '=7-info' "$user" "$T/q/anna" >"$T/out" 2>&1
QQ_TEMPLATES=$repo/templates; export QQ_TEMPLATES
cd "$T/root$(sed -n 1p "$repo/conf-home")" || exit 99
if command -v bash >/dev/null; then
  try "completed qctl-apply \"''\"; completed qctl-diff a; completed qctl-set --template im;
    completed qctl-diff aggressive d; completed qctl-save d; completed qctl-apply nothing" <<'X'
out: aggressive
out: default
out: improved
out: aggressive
out: improved
out: default
exit: 0
X
  try "completed qctl-get queuel; completed qctl-set concurrencyr; completed qctl-set me m;
    completed qctl-save backup doubleb; completed qctl-show me rcpt" <<'X'
out: queuelifetime
out: concurrencyremote
out: doublebouncehost
out: doublebounceto
out: rcpthosts
exit: 0
X
  try "completed qdom-rm \"''\"; completed qmbox-list other.example s; completed qdom-add s;
    completed qq-grep --to-domain = o" <<'X'
out: shop.example
out: other.example
out: shop.example
out: other.example
exit: 0
X
  # bash takes an address apart at its @.
  try "completed qmbox-rm \"''\"; completed qmbox-rm anna @; completed qmbox-rm info @ s;
    completed qmbox-add new; completed qmbox-add new @ o; completed qmbox-add new @;
    completed qalias-add new @ shop.example i; completed qusers-lookup x @ y in" <<'X'
out: info@shop.example
out: anna@shop.example
out: shop.example
out: shop.example
out: other.example
out: shop.example
out: other.example
out: info@shop.example
out: info@shop.example
exit: 0
X
  try 'completed qq-grep --uid roo; completed qq-stat --by hea; completed qq-rm --channel r;
    completed qmbox-add --user = roo; ls "$T" | grep evil' <<'X'
out: root
out: header:
out: remote
out: root
exit: 1
X
fi
fished() { fish --no-config -c 'set -p fish_complete_path $PWD/share/fish/vendor_completions.d
  complete -C $argv[1]' "$1" | cut -f 1; }
if command -v fish >/dev/null; then
  try -s 'fished "qctl-apply "; fished "qctl-diff aggressive d"; fished "qdom-rm o";
    fished "qmbox-rm an"; fished "qalias-add new@s"; fished "qalias-add new@shop.example i";
    fished "qctl-get queuel"; fished "qq-grep --uid roo"; fished "qctl-save d"' <<'X'
out: aggressive
out: anna@shop.example
out: default
out: default
out: improved
out: info@shop.example
out: new@shop.example
out: other.example
out: queuelifetime
out: root
exit: 0
X
fi
# What zsh would offer, and what it is told of the operands.
zshed() { zsh -fc 'compadd() { shift; print -l -- "$@" }; compset() { : }
  _arguments() { print -l -- "$@" | grep -E "^[1*]:" }; . share/zsh/site-functions/_$1
  eval "$2"' zsh "$@"; }
if command -v zsh >/dev/null; then
  try 'zshed qctl-apply "_qqtools_values qctl-list"; zshed qmbox-rm "_qqtools_values qmbox-list"
    zshed qdom-add ""' <<'X'
out: 1:value:{_qqtools_values qctl-list}
out: aggressive
out: default
out: improved
out: 1:value:{_qqtools_values qmbox-list}
out: info@shop.example
out: anna@shop.example
out: 1:value: 
exit: 0
X
fi

# ---- and away again ----
# All that was put there is gone, and nothing else: another program, a page of somebody's, a
# template that an administrator has made there.
cd "$T/root$home" || exit 99
for file in bin/other share/man/man8/other.8 share/qqtools/templates/mine/me \
  share/bash-completion/completions/other; do
  mkdir -p "${file%/*}"; echo mine >"$file"
done
mkdir -p "$T/root/etc/fish/conf.d"; echo mine >"$T/root/etc/fish/conf.d/other.fish"
check 'once more over it' "$MAKE" -C "$repo" install BUILD="$BUILD" DESTDIR="$T/root"
check 'make uninstall' "$MAKE" -C "$repo" uninstall DESTDIR="$T/root"
try 'find "$T/root" ! -type d | sed "s,^$T/root$home,HOME,;s,^$T,," | sort; ls share/doc' <<'X'
out: /root/etc/fish/conf.d/other.fish
out: HOME/bin/other
out: HOME/share/bash-completion/completions/other
out: HOME/share/man/man8/other.8
out: HOME/share/qqtools/templates/mine/me
exit: 0
X
check 'and where nothing is, nothing happens' "$MAKE" -C "$repo" uninstall DESTDIR="$T/root"
finish
