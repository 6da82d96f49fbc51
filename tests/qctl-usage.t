#!/bin/sh
# qctl-usage.t - wrong use of every qctl program: one line that says what is wrong, the exit code,
# and nothing done; and which home is meant.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/control.sh"
all='show get set check list save diff apply undo rm'
operands() {
  case $1 in
    show) echo '[NAME ...]' ;;
    get) echo NAME ;;
    set) echo 'NAME [VALUE ...]' ;;
    check) echo '[TEMPLATE]' ;;
    save) echo 'TEMPLATE [NAME ...]' ;;
    diff) echo 'TEMPLATE [TEMPLATE]' ;; apply|rm) echo TEMPLATE ;; esac
}
# What makes each of them do its work.
plain() {
  case $1 in
    get) echo me ;;
    set) echo 'databytes 5' ;;
    save | rm) echo own ;;
    diff | apply) echo aggressive ;;
  esac
}
untouched_home() { find home | grep -v -e qqtools$ -e qqtools/history$ -e qqtools/lock$ | sort |
  diff found - && as_before; }

home; find home | sort >found; live >before
for name in $all; do
  program=qctl-$name
  synopsis=$(operands $name); synopsis="usage: $program [OPTION ...]${synopsis:+ $synopsis}"
  try "say $program --nonsense; say $program -Z; say $program --home; $program --help=5" <<T
err: $program: fatal: unknown option --nonsense
err: $synopsis ($program --help lists the options)
err: code 100
err: $program: fatal: unknown option -Z
err: $synopsis ($program --help lists the options)
err: code 100
err: $program: fatal: option --home needs a value
err: $synopsis ($program --help lists the options)
err: code 100
err: $program: fatal: option --help=5: no value is expected
err: $synopsis ($program --help lists the options)
exit: 100
T
  try "$program --help | head -n 1; $program --help 2>&1 >/dev/null;
    $program --help | grep -c '^Exit codes: 0'; $program --version" <<T
out: $synopsis
out: 1
out: $program (qqtools) $(sed -n 1p "$repo/package/versions")
exit: 0
T
  try "$program --help >/dev/full" <<T
err: $program: fatal: unable to write to standard output: No space left on device
exit: 111
T
  try "say $program --home nowhere $(plain $name) 2>&1 | sed 's|nowhere/\.|nowhere|';
    mkdir -p bare; say $program --home bare $(plain $name);
    rmdir bare && QMAILHOME=home/control/me $program $(plain $name) 2>&1 | sed 's|me/\.|me|'" <<T
out: $program: fatal: unable to open nowhere: No such file or directory
out: code 100
out: $program: fatal: unable to open home/control/me: Not a directory
err: $program: fatal: unable to open bare/control: No such file or directory
err: code 100
exit: 0
T
done
# Only reading ones: what has been changed is on disk before it is told.
for name in show get list diff; do
  try "qctl-$name $(plain $name) >/dev/full; echo \$?" <<T
out: 111
err: qctl-$name: fatal: unable to write to standard output: No space left on device
exit: 0
T
done

# ---- operands ----
try 'for p in get save diff apply rm set; do say qctl-$p 2>&1 | grep -v usage; done' <<'T'
out: qctl-get: fatal: expected NAME
out: code 100
out: qctl-save: fatal: expected TEMPLATE
out: code 100
out: qctl-diff: fatal: expected TEMPLATE
out: code 100
out: qctl-apply: fatal: expected TEMPLATE
out: code 100
out: qctl-rm: fatal: expected TEMPLATE
out: code 100
out: qctl-set: fatal: expected NAME
out: code 100
exit: 0
T
try 'say qctl-get me you; say qctl-apply a b; say qctl-rm a b; say qctl-diff a b c;
  say qctl-check a b; say qctl-list a; qctl-undo 1 2>&1 | head -n 1' <<'T'
out: qctl-undo: fatal: operand "1": expected none
err: qctl-get: fatal: operand "you": expected nothing after NAME
err: usage: qctl-get [OPTION ...] NAME (qctl-get --help lists the options)
err: code 100
err: qctl-apply: fatal: operand "b": expected nothing after TEMPLATE
err: usage: qctl-apply [OPTION ...] TEMPLATE (qctl-apply --help lists the options)
err: code 100
err: qctl-rm: fatal: operand "b": expected nothing after TEMPLATE
err: usage: qctl-rm [OPTION ...] TEMPLATE (qctl-rm --help lists the options)
err: code 100
err: qctl-diff: fatal: operand "c": expected at most two templates
err: usage: qctl-diff [OPTION ...] TEMPLATE [TEMPLATE] (qctl-diff --help lists the options)
err: code 100
err: qctl-check: fatal: operand "b": expected nothing after TEMPLATE
err: usage: qctl-check [OPTION ...] [TEMPLATE] (qctl-check --help lists the options)
err: code 100
err: qctl-list: fatal: operand "a": expected none
err: usage: qctl-list [OPTION ...] (qctl-list --help lists the options)
err: code 100
exit: 0
T
try 'say qctl-set me; say qctl-set nonsense 5; say qctl-set me a.example b.example;
  say qctl-set me --add a.example; say qctl-set databytes 5 --unset; say qctl-set servercert.pem x;
  say qctl-set rcpthosts --add; qctl-set databytes 5 --apply' <<'T'
err: qctl-set: fatal: expected one of VALUE, --unset, and --add or --remove
err: usage: qctl-set [OPTION ...] NAME [VALUE ...] (qctl-set --help lists the options)
err: code 100
err: qctl-set: fatal: "nonsense" is not a known control file
err: code 100
err: qctl-set: fatal: me has one value
err: usage: qctl-set [OPTION ...] NAME [VALUE ...] (qctl-set --help lists the options)
err: code 100
err: qctl-set: fatal: me has one value: --add and --remove are for lists and maps
err: usage: qctl-set [OPTION ...] NAME [VALUE ...] (qctl-set --help lists the options)
err: code 100
err: qctl-set: fatal: expected one of VALUE, --unset, and --add or --remove
err: usage: qctl-set [OPTION ...] NAME [VALUE ...] (qctl-set --help lists the options)
err: code 100
err: qctl-set: fatal: servercert.pem is not a setting that can be written
err: code 100
err: qctl-set: fatal: option --add needs a value
err: usage: qctl-set [OPTION ...] NAME [VALUE ...] (qctl-set --help lists the options)
err: code 100
err: qctl-set: fatal: option --apply needs --template
err: usage: qctl-set [OPTION ...] NAME [VALUE ...] (qctl-set --help lists the options)
exit: 100
T
try 'say qctl-get concurencyremote; say qctl-set queue-lifetime 5d; say qctl-show dattabytes;
  say qctl-save own mee' <<'T'
err: qctl-get: fatal: "concurencyremote" is not a known control file: did you mean
...:  concurrencyremote?
err: code 100
err: qctl-set: fatal: "queue-lifetime" is not a known control file: did you mean queuelifetime?
err: code 100
err: qctl-show: fatal: "dattabytes" is not a known control file: did you mean databytes?
err: code 100
err: qctl-save: fatal: "mee" is not a known control file: did you mean me?
err: code 100
exit: 0
T
try 'say qctl-apply agressive; say qctl-diff improvd; say qctl-set --add rcpthosts shop.example;
  say qctl-set --remove rcpthosts shop.example' <<'T'
err: qctl-apply: fatal: there is no template "agressive": did you mean aggressive?
err: code 100
err: qctl-diff: fatal: there is no template "improvd": did you mean improved?
err: code 100
err: qctl-set: fatal: rcpthosts is the name of a control file, and comes last:
...:  qctl-set --add shop.example rcpthosts
err: usage: qctl-set [OPTION ...] NAME [VALUE ...] (qctl-set --help lists the options)
err: code 100
err: qctl-set: fatal: rcpthosts is the name of a control file, and comes last:
...:  qctl-set --remove shop.example rcpthosts
err: usage: qctl-set [OPTION ...] NAME [VALUE ...] (qctl-set --help lists the options)
err: code 100
exit: 0
T
try 'say qctl-get nonsense; say qctl-get servercert.pem; say qctl-show nonsense ../me;
  say qctl-save own nonsense; qctl-undo --json' <<'T'
err: qctl-get: fatal: "nonsense" is not a known control file
err: code 100
err: qctl-get: fatal: servercert.pem has no value that can be printed
err: code 100
err: qctl-show: fatal: "nonsense" is not a known control file
err: code 100
err: qctl-save: fatal: "nonsense" is not a known control file
err: code 100
err: qctl-undo: fatal: option --json needs --list
err: usage: qctl-undo [OPTION ...] (qctl-undo --help lists the options)
exit: 100
T
# Names of templates.
for name in ../x . .. a/b x/ .a -x '' fenêtre "$(printf 'a\nb')" "$(printf '%0250d' 0)"; do
  for p in apply rm check diff; do qctl-$p -- "$name" >/dev/null 2>&1; echo "$? $p"; done
  qctl-save -- "$name" >/dev/null 2>&1; echo "$? save"
  qctl-set --template "$name" databytes 5 >/dev/null 2>&1; echo "$? set"
  qctl-diff aggressive "$name" >/dev/null 2>&1; echo "$? diff"
done | sort | uniq -c | sort -n >names
try 'sed "s/^ *//" names' <<'T'
out: 11 100 apply
out: 11 100 check
out: 11 100 rm
out: 11 100 save
out: 11 100 set
out: 22 100 diff
exit: 0
T
try 'say qctl-apply nonsense; say qctl-diff nonsense; say qctl-check nonsense; say qctl-rm nonsense;
  say qctl-apply ../../templates/aggressive; qctl-save a/b' <<'T'
err: qctl-apply: fatal: there is no template "nonsense": qctl-list shows them
err: code 100
err: qctl-diff: fatal: there is no template "nonsense": qctl-list shows them
err: code 100
err: qctl-check: fatal: there is no template "nonsense": qctl-list shows them
err: code 100
err: qctl-rm: fatal: there is no template "nonsense": qctl-list shows them
err: code 100
err: qctl-apply: fatal: there is no template "../../templates/aggressive": qctl-list shows them
err: code 100
err: qctl-save: fatal: "a/b" is not a template name: letters and digits, and `.', `_' and `-' after
...:  the first
exit: 100
T
check 'after all that nothing has changed' as_before
check 'and nothing was made but the lock and its place' untouched_home

# ---- which home ----
mkdir -p other/control other/queue far/queue; echo other.example.org >other/control/me
echo far.example.org >far/me
try 'qctl-get me; qctl-get --home other me; QMAILHOME=other qctl-get me;
  QMAILHOME=other qctl-get --home home me; qctl-get --queue other/queue me;
  QQ_QUEUE=other/queue QMAILHOME= qctl-get me' <<'T'
out: mx.example.org
out: other.example.org
out: other.example.org
out: mx.example.org
out: other.example.org
out: other.example.org
exit: 0
T
try 'say qctl-get --queue far/queue me' <<'T'
err: qctl-get: fatal: the home of the queue far/queue is not known:
...:  its parent has no control/; give both --queue and --home
err: code 100
exit: 0
T
# What the machine's own qmail is, nobody knows here: it is asked for, that is all.
if [ ! -e "$(sed -n 1p "$repo/conf-qmail")" ]; then
  try 'say env -u QMAILHOME qctl-get me 2>&1 | sed "s|/\.:|:|";
    QMAILHOME= qctl-get me 2>&1 | sed "s|/\.:|:|"' <<T
out: qctl-get: fatal: unable to open $(sed -n 1p "$repo/conf-qmail"): No such file or directory
out: code 100
out: qctl-get: fatal: unable to open $(sed -n 1p "$repo/conf-qmail"): No such file or directory
exit: 0
T
fi
# Without shipped templates, and with ones elsewhere.
mkdir -p shipped/mine; echo 7 >shipped/mine/concurrencylocal
try 'QQ_TEMPLATES=shipped qctl-list; QQ_TEMPLATES=nowhere qctl-list;
  QQ_TEMPLATES=shipped qctl-diff mine; QQ_TEMPLATES=shipped qctl-rm mine' <<'T'
out:   mine (shipped)
out: concurrencylocal (restart qmail-send)
out:   - (no file)
out:   + 7
out: restart qmail-send: concurrencylocal
err: qctl-rm: fatal: the template "mine" is a shipped one
exit: 100
T
finish
