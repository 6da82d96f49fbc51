#!/bin/sh
# users.t - qusers-compile, -list, -add, -rm, -check: users/assign and users/cdb.

# Nothing here is about a crash, and fsync takes its time.
[ ! -w /dev/shm ] || TMPDIR=${TMPDIR:-/dev/shm}; export TMPDIR
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"

# home: an empty qmail, in $T/q; where we are, so that messages name q/...
home() {
  rm -rf "$T/q"; mkdir -p "$T/q/users" "$T/q/control" "$T/q/queue" "$T/q/box"
  echo mx.test >"$T/q/control/me"; cd "$T" || exit 99; QMAILHOME=q; export QMAILHOME
}
assign() { cat >"$T/q/users/assign"; }
all() { (cd "$T/q/users" && ls -A && cksum *); }
before() { all >"$T/before"; }
untouched() { all | diff "$T/before" -; }
# No temporary files are left.
clean() { [ "$(ls -A "$T/q/users" | tr '\n' ' ')" = 'assign cdb ' ]; }

# ---- pairs of the real qmail-newu ----
for file in "$repo"/tests/fixtures/assign/*.assign; do
  name=${file##*/}; name=${name%.assign}; home; cp "$file" q/users/assign
  echo old >q/users/cdb; before
  if [ -e "${file%.assign}.cdb" ]; then
    check "$name: accepted" qusers-compile
    check "$name: the bytes of qmail-newu" cmp "${file%.assign}.cdb" q/users/cdb
    check "$name: nothing else there" clean
  else
    case $name in blank | nodot) line=2 ;; *) line=1 ;; esac
    case $name in few*) letter=h ;; *) letter=i ;; esac     # `has too few fields', `is ...'
    try 'qusers-compile 2>&1 |
        grep -o "^qusers-compile: fatal: q/users/assign: line [0-9]*: [a-z]"' <<T
out: qusers-compile: fatal: q/users/assign: line $line: $letter
exit: 0
T
    check "$name: refused with 100" sh -c 'qusers-compile; [ $? = 100 ]'
    check "$name: the old cdb is untouched" untouched
  fi
done

# ---- thousands of files, against the cdb of tinycdb ----
home
if command -v cdb >/dev/null; then
  cat >"$T/many.pl" <<'P'
    require "$ARGV[0]/tests/assign.pl"; srand 5;
    my ($good, $bad) = (0, 0);
    sub spew { open my $f, '>', $_[0] or die; print $f $_[1]; close $f or die }
    sub slurp { open my $f, '<', $_[0] or return; local $/; readline($f) // '' }
    for my $n (1 .. $ARGV[1]) {
      my $text = random_assign(); my @records = records($text);
      spew('q/users/assign', $text); spew('q/users/cdb', 'old');
      my $code = system('qusers-compile 2>err') >> 8; my $got = slurp('q/users/cdb');
        if (!@records) {
            $bad++;
            $code == 100
                && $got eq 'old'
                && slurp('err') =~ m{^qusers-compile: fatal: q/users/assign: line \d+: .+\n\z}
                or die "file $n: exit $code: ", slurp('err'), $text;
            next
        }
      $good++; spew('in', cdb_input(@records)); system('cdb -c -t tmp want <in') and die;
        $code == 0 && $got eq slurp('want') && !-s 'err'
            or die "file $n: exit $code, other bytes: ", slurp('err'), $text;
    }
    $good > $bad && $bad > $ARGV[1] / 10 or die "$good good, $bad bad\n";
P
  check 'generated files: as cdb -c makes of what a model says, or refused' perl "$T/many.pl" \
    "$repo" 2000
else ok 'generated files # SKIP no cdb(1) of tinycdb'; fi

# ---- what it says, what it refuses ----
home
try 'qusers-compile; ls q/users' <<'T'
err: qusers-compile: fatal: unable to open q/users/assign: No such file or directory
exit: 0
T
home; printf '=joe:joe:5:6:/h:::\r\n.\r\n' | assign
try 'qusers-compile; qusers-list' <<'T'
out: address user uid gid home dash ext
out: =joe    joe  5   6   /h
exit: 0
T
home; printf '=joe:joe:5:6:/h::\r\n.\r\n' | assign
try 'qusers-compile' <<'T'
err: qusers-compile: fatal: q/users/assign: line 1: has too few fields, expected
...:  USER:UID:GID:HOME:DASH:EXT: after the address, each with its colon
exit: 100
T
home; printf '=a:u:1:2:/h:::\n#c\n.\n' | assign; echo old >q/users/cdb; before
try 'qusers-compile; qusers-add =b u 1 2 /h; qusers-rm =a; qusers-list;
  qusers-check | grep comment' <<'T'
out: error: users/assign: line 2: is a comment; there are none here; qmail-newu refuses the file
err: qusers-compile: fatal: q/users/assign: line 2: is a comment; there are none here
err: qusers-add: fatal: q/users/assign: line 2: is a comment; there are none here
err: qusers-rm: fatal: q/users/assign: line 2: is a comment; there are none here
err: qusers-list: fatal: q/users/assign: line 2: is a comment; there are none here
exit: 0
T
check 'nothing was changed' untouched
home; printf '=a:u:1:2:/h:::\n\n.\n' | assign; before
try 'qusers-add =b u 1 2 /h' <<'T'
err: qusers-add: fatal: q/users/assign: line 2: is empty; there are no empty lines here
exit: 100
T
home; printf '=a:u:1:2:/h:::\n=b:u\0:1:2:/h:::\n.\n' | assign
try 'qusers-compile' <<'T'
err: qusers-compile: fatal: q/users/assign: line 2: has a NUL
exit: 100
T
home; printf '=a:u:1:2:/h:::\n' | assign
try 'qusers-rm =a; qusers-add =b u 1 2 /h' <<'T'
err: qusers-rm: fatal: q/users/assign: line 2: is missing:
...:  the file has to end with a line that is a dot
err: qusers-add: fatal: q/users/assign: line 2: is missing:
...:  the file has to end with a line that is a dot
exit: 100
T

# ---- adding and removing ----
home
try 'qusers-add =joe pop 110 31 /h; qusers-add +joe- pop 110 31 /h; qusers-add +x pop 110 31 /h - e;
  qusers-add + pop 110 31 /a; cat q/users/assign; qusers-list; qusers-list --json' <<'T'
out: +:pop:110:31:/a:-::
out: +x:pop:110:31:/h:-:e:
out: +joe-:pop:110:31:/h:-::
out: =joe:pop:110:31:/h:::
out: .
out: address user uid gid home dash ext
out: +       pop  110 31  /a   -
out: +x      pop  110 31  /h   -    e
out: +joe-   pop  110 31  /h   -
out: =joe    pop  110 31  /h
out: {"type":"prefix","address":"","user":"pop","uid":"110","gid":"31","home":"/a","dash":"-",
...: "ext":"","line":1}
out: {"type":"prefix","address":"x","user":"pop","uid":"110","gid":"31","home":"/h","dash":"-",
...: "ext":"e","line":2}
out: {"type":"prefix","address":"joe-","user":"pop","uid":"110","gid":"31","home":"/h","dash":"-",
...: "ext":"","line":3}
out: {"type":"local","address":"joe","user":"pop","uid":"110","gid":"31","home":"/h","dash":"",
...: "ext":"","line":4}
exit: 0
T
check 'no temporary files' clean
try 'qusers-list --cdb --json | head -n 1; qusers-list --cdb | tail -n 1' <<'T'
out: {"type":"prefix","address":"","user":"pop","uid":"110","gid":"31","home":"/a","dash":"-",
...: "ext":"","line":null}
out: =joe    pop  110 31  /h
exit: 0
T
before
try 'qusers-add =JOE pop 110 31 /h; qusers-add --dry-run --replace =JOE pop 110 31 /i;
  qusers-rm --dry-run +JOE-; qusers-add --dry-run =new pop 1 2 /h' <<'T'
out: change users/assign
out: -=joe:pop:110:31:/h:::
out: +=JOE:pop:110:31:/i:::
out: change users/assign
out: -+joe-:pop:110:31:/h:-::
out: change users/assign
out: +=new:pop:1:2:/h:::
err: qusers-add: fatal: operands: line 1: =JOE is assigned in q/users/assign: use --replace; nothing
...:  was changed
exit: 0
T
check 'a dry run changes nothing' untouched
try 'qusers-add --replace =JOE pop 110 31 /i; qusers-rm +joe- + =nobody; echo $?;
  cat q/users/assign; qusers-rm =joe +x; cat q/users/assign; qusers-list --cdb;
  qusers-rm =joe' <<'T'
out: 1
out: =JOE:pop:110:31:/i:::
out: +x:pop:110:31:/h:-:e:
out: .
out: .
out: address user uid gid home dash ext
err: qusers-rm: warning: q/users/assign has no =nobody
err: qusers-rm: warning: q/users/assign has no =joe
exit: 1
T
# The account from the password database.
if [ "$(command id -u daemon 2>/dev/null)" = 1 ]; then
  home
  try 'qusers-add =joe daemon /h; cat q/users/assign; qusers-add =a nosuchuser /h;
    qusers-add =a root /h' <<T
out: =joe:daemon:1:$(command id -g daemon):/h:::
out: .
err: qusers-add: fatal: there is no user "nosuchuser": give UID and GID
err: qusers-add: fatal: operands: line 1: has uid 0, and qmail-lspawn does not deliver as
...:  root; nothing was changed
exit: 100
T
else ok 'an account # SKIP no daemon'; fi
# What is behind the dot, odd lines and their order stay as they are.
home
printf 'xb:u:1:2:/h::: as it was\n+Q:u:0:z:h:-::\n=a:u:1:2:/h:::\n.dot\nanything\0\n' | assign
cp q/users/assign "$T/as-it-was"
try 'qusers-add =new u 1 2 /h; head -n 1 q/users/assign; qusers-rm =new' <<'T'
out: =new:u:1:2:/h:::
exit: 0
T
check 'the rest is untouched' cmp "$T/as-it-was" q/users/assign
# Lines: all or none.
home; printf '=a:u:1:2:/h:::\n.\n' | assign; qusers-compile; before
try 'printf "=b:u:1:2:/h:::\n=c:u:0:2:/h:::\n" | qusers-add -;
  printf "=b:u:1:2:/h:::\n=A:u:1:2:/h:::\n" | qusers-add -;
  printf "=b:u:1:2:/h:::\n=B:u:1:2:/h:::\n" | qusers-add -' <<'T'
err: qusers-add: fatal: standard input: line 2: has uid 0, and qmail-lspawn does not deliver as
...:  root; nothing was changed
err: qusers-add: fatal: standard input: line 2: =A is assigned in q/users/assign: use --replace;
...:  nothing was changed
err: qusers-add: fatal: standard input: line 2: =B is assigned above it, too; nothing was changed
exit: 100
T
try 'printf "=b:u:1:2:/h:::\n.\n" | qusers-add -; printf "=b:u:1:2:/h:::" | qusers-add -;
  printf "=b:u:1:2:/h\n" | qusers-add -; printf "\n" | qusers-add -' <<'T'
err: qusers-add: fatal: standard input: line 2 is a dot, after which nothing counts; nothing was
...:  changed
err: qusers-add: fatal: standard input is cut off: its last line has no newline; nothing was changed
err: qusers-add: fatal: standard input: line 1: has too few fields, expected
...:  USER:UID:GID:HOME:DASH:EXT: after the address, each with its colon; nothing was changed
err: qusers-add: fatal: standard input: line 1: is empty; there are no empty lines here;
...:  nothing was changed
exit: 100
T
try 'printf "=b:u:1:2:/h:::\n=c:u\0:1:2:/h:::\n" | qusers-add -;
  printf "=b:u:1:2:/h:::\n=c:u:1:2:/h:::\r\n" | qusers-add -;
  qusers-add "=z$(printf "\r")" u 1 2 /h; qusers-add - </dev/null' <<'T'
err: qusers-add: fatal: standard input: line 2: has a NUL; nothing was changed
err: qusers-add: fatal: standard input: line 2: has a carriage return (CRLF),
...:  expected a newline alone; nothing was changed
err: qusers-add: fatal: operands: line 1: has a carriage return (CRLF), expected a newline alone;
...:  nothing was changed
exit: 0
T
try 'for o in "" --replace; do
  printf "=b:u:1:2:/h:::\n=c:u:x:2:/h:::\n=a:u:3:2:/h:::\n" | qusers-add $o -; done; echo $?' <<'T'
out: 100
err: qusers-add: fatal: standard input: line 2: has a uid that is not a number; nothing was changed
err: qusers-add: fatal: standard input: line 2: has a uid that is not a number; nothing was changed
exit: 0
T
check 'nothing was changed by any of them' untouched
try 'printf "=b:u:1:2:/h:::\n+c-:u:1:2:/h:-::\n=A:v:1:2:/h:::\n" | qusers-add --replace -;
  cat q/users/assign' <<'T'
out: =b:u:1:2:/h:::
out: +c-:u:1:2:/h:-::
out: =A:v:1:2:/h:::
out: .
exit: 0
T
# Every field, as operand and as line.
before; mkdir "$T/kept"; cp q/users/* "$T/kept"
refused() {
  cp "$T/kept/"* q/users/; qusers-add "$@" >"$T/said" 2>&1; code=$?
  [ $code = 100 ] && grep -q '^qusers-add: fatal: ' "$T/said" && untouched || {
    echo "exit $code"; cat "$T/said"; return 1
  }
}
refused_line() { printf '%b\n' "$1" >"$T/line"; refused - <"$T/line"; }
newline='a
b'
for o in '=a:b u 1 2 /h' '=z u:v 1 2 /h' '=z u 1:2 2 /h' '=z u 1 2:3 /h' '=z u 1 2 /h:i' \
  '=z u 1 2 /h - e:f' '=z u 1 2 /h -:' '=z u 0 2 /h' '=z u 00 2 /h' '=z u 1x 2 /h' '=z u 1 x /h' \
  '=z u 1 2 h' '=z u 1 2 ./h' '+Q u 1 2 /h' '+aQ u 1 2 /h' '= u 1 2 /h' 'z u 1 2 /h' '.z u 1 2 /h' \
  '=z' '=z u' '=z u 1 2' '=z u 1 2 /h - e f' '- x' '=z u 99999999999 2 /h' '=z u 1 99999999999 /h' \
  '=z u 4294967295 2 /h' '=z u 4294967296 2 /h' '=z u 1 4294967296 /h' '--no-such =z u 1 2 /h'; do
  check "refused: $o" refused $o
done
check 'refused: no operands' refused
for n in 1 2 5 6 7; do
  set -- =z u 1 2 /h - e; i=0
  for o; do
    i=$((i + 1)); shift
    if [ $i = "$n" ]; then set -- "$@" "$o$newline"; else set -- "$@" "$o"; fi
  done
  check "refused: a newline in operand $n" refused "$@"
done
for l in '=z::1:2:/h:::' '=z:u::2:/h:::' '=z:u:1::/h:::' '=z:u:1:2::::' '=z:u:1:2:h:::' \
  '=z:u:0:2:/h:::' '=z:u:-1:2:/h:::' '+Q:u:1:2:/h:::' 'z:u:1:2:/h:::' '=z:u:1:2:/h::' \
  ':u:1:2:/h:::' '=z:u:1:2:/h:::\n#c' \
  '=z\0000:u:1:2:/h:::' '=z:u:4294967296:2:/h:::'; do
  check "refused line: $l" refused_line "$l"
done
try '{ qusers-rm z; echo $?; qusers-rm; echo $?; qusers-list x; echo $?; qusers-check x; echo $?;
  qusers-compile x; echo $?; qusers-lookup; echo $?; } 2>&1 | grep -v ^usage' <<'T'
out: qusers-rm: fatal: operand "z": expected =LOCAL or +PREFIX
out: 100
out: qusers-rm: fatal: expected =LOCAL or +PREFIX
out: 100
out: qusers-list: fatal: operand "x": expected none
out: 100
out: qusers-check: fatal: operand "x": expected none
out: 100
out: qusers-compile: fatal: operand "x": expected none
out: 100
out: qusers-lookup: fatal: expected ADDRESS
out: 100
exit: 0
T

# ---- qusers-check ----
me=$(command id -u); [ "$me" != 0 ] || { me=12345; chown 12345 "$T/q/box"; }
sound() {
  home; [ "$(command id -u)" != 0 ] || chown 12345 q/box; chmod 700 q/box
  printf '%b.\n' "$1" | assign; qusers-compile
}
name=$(command id -nu "$me" 2>/dev/null || echo nosuchuser)
# found LINES EXPRESSION: a file with these lines gives a finding that matches; hints about users
# who do not exist are no matter here
found() {
  sound "$1"; qusers-check >"$T/findings" 2>&1; code=$?
  [ $code = 1 ] && grep -q "$2" "$T/findings" || {
    echo "exit $code"; cat "$T/findings"; return 1
  }
}
quiet() {
  sound "$1"; qusers-check 2>&1 | grep -v '^hint: ' >"$T/findings"; cat "$T/findings"
  [ ! -s "$T/findings" ]
}
at="$name:$me:2:$T/q/box"
check 'a sound one' quiet "=a:$at:::\n+a-:$at:-::\n"
check 'a dead wildcard' found "=a:$at:::\n+Q:$at:-::\n" \
  '^\(error\|warning\|hint\): users/assign: line 2: .*capital'
check 'a duplicate' found "=a:$at:::\n=b:$at:::\n=A:$at:::\n" \
  '^\(error\|warning\|hint\): users/assign: line 3: =A is assigned in line 1 too'
check 'prefixes of digits' found "+10:$at:::\n+1:$at:::\n" \
  '^\(error\|warning\|hint\): users/assign: line 2: +1 is the beginning of +10 (line 1)'
check 'prefixes of digits, one of them twice' found "+10:$at:::\n+1:$at:::\n+1:$at:::\n" \
  '+1 is the beginning of +10 (line 1)'
check 'no such user' found "=a:nosuchuser:$me:2:$T/q/box:::\n" \
  '^\(error\|warning\|hint\): users/assign: line 1: there is no user "nosuchuser"'
check 'root' found "=a:u:0:2:$T/q/box:::\n" \
  '^\(error\|warning\|hint\): users/assign: line 1: .*uid 0'
check 'no such home' found "=a:u:$me:2:/nonexistent/x:::\n" \
  '^\(error\|warning\|hint\): users/assign: line 1: the home /nonexistent/x'
check 'another owner' found "=a:u:4711:2:$T/q/box:::\n" \
  '^\(error\|warning\|hint\): users/assign: line 1: the home .* belongs to uid'
check 'another uid' found "=a:daemon:1:2:/:::\n=b:daemon:4711:2:/:::\n" \
  '^\(error\|warning\|hint\): users/assign: line 2: the user "daemon" has uid 1, not 4711'
qmail() {
  sound "$1"; printf '%b' "$3" >"q/box/$4"
  [ "$(command id -u)" != 0 ] || chown "$me" "q/box/$4"; chmod "$5" "q/box/$4"
  qusers-check >"$T/findings" 2>&1
  grep "$2" "$T/findings" || {
    cat "$T/findings"; return 1
  }
}
nothing() { ! qmail "$@" >/dev/null; }
check '.qmail that runs what is not there' qmail "=a:$at:::\n" \
  'warning: users/assign: line 1: .*/.qmail runs /no/such/program, which is not there, and mail is'\
' deferred' '|true\n| /no/such/program ./Maildir\n' .qmail 0600
check '.qmail that runs what the shell finds' nothing "=a:$at:::\n" 'not there' \
  '|/bin/true x\n|"/no/such" x\n|/no/such;true\n|/no/such || true\n|/no/such x '\
'| cat\n|true /no/such\n# |/no/such\n' .qmail 0600
check '.qmail with its x bit' qmail "=a:$at:::\n" 'error: users/assign: line 1: .*execute bit' \
  '|true\n' .qmail 0700
check '.qmail with its x bit that forwards' nothing "=a:$at:::\n" 'error' '&a@b\n' .qmail 0700
check '.qmail that does more below +list' qmail "=a:$at:::\n" \
  'error: users/assign: line 1: .*/.qmail does more than forward below +list' \
  '&a@b\n+list\t\n./Maildir/\n|true\n' .qmail 0600
check 'and that is said once' sh -c '[ "$(qusers-check | grep -c +list)" = 1 ]'
check '.qmail that does more above +list' nothing "=a:$at:::\n" 'error' \
  '|true\n+list\n&a@b\n' .qmail 0600
check '.qmail of blanks without a newline' qmail "=a:$at:::\n" \
  'error: users/assign: line 1: .*blank' ' \t' .qmail 0600
check '.qmail that all may write' qmail "=a:$at:::\n" 'error: users/assign: line 1: .*writable' \
  '|true\n' .qmail 0602
check '.qmail that its group may write: conf-patrn says 002, qmail-local delivers' nothing \
  "=a:$at:::\n" 'error' '|true\n' .qmail 0620
check '.qmail with a blank line' qmail "=a:$at:::\n" 'error: users/assign: line 1: .*blank' \
  '\n|true\n' .qmail 0600
check '.qmail with blanks in the first line' qmail "=a:$at:::\n" \
  'error: users/assign: line 1: .*blank' ' \t\n|true\n' .qmail 0600
check 'a domain as Plesk has it: .qmail-default' qmail "+100:$at:::\n" \
  'error: users/assign: line 1: .*writable' '|true\n' .qmail-default 0602
check 'a domain as Plesk has it without .qmail-default: default delivery in its directory' found \
  "+100:$at:::\n" 'warning: users/assign: line 1: .*qmail-default'
check 'no .qmail where mail bounces' found "=a:$at:-:x:\n" \
  'warning: users/assign: line 1: there is no .qmail file'
stale() {
  sound "=a:$at:::\n"; printf '=b:%s:::\n.\n' "$at" | assign
  [ "$1" = stale ] || rm q/users/"$1"; qusers-check 2>&1 | grep "$2"
}
check 'a stale cdb' stale stale '^error: users/cdb: does not match users/assign'
check 'no cdb' stale cdb '^error: users/cdb: is missing'
check 'no assign' stale assign '^warning: users/cdb: is in force, but'
sound "=a:$at:::\n+Q:$at:-::\n"
try 'qusers-check --json | grep -v "\"hint\""' <<'T'
out: {"severity":"error","name":"users/assign","line":2,"text":"has a prefix that ends with a
...:  capital letter, which qmail-lspawn never finds: write it small"}
exit: 0
T
sound "=a:$at:::\r\n=b:$at:::\r\n"
check 'CRLF, said once' sh -c \
  '[ "$(qusers-check | grep -c "^hint: users/assign: line 1: has a carriage return")" = 1 ]'
# What follows a line that qmail-newu refuses is looked at, too.
home; printf '=a:u:1:2:h:::\n=b:u:1:2:/h\n\n=c:u:0:2:/h:::\n=A:u:1:2:h:::\n' | assign
try 'qusers-check' <<'T'
out: error: users/assign: line 1: has a home that does not begin with /
out: error: users/assign: line 2: has too few fields, expected USER:UID:GID:HOME:DASH:EXT: after the
...:  address, each with its colon; qmail-newu refuses the file
out: error: users/assign: line 3: is empty; there are no empty lines here;
...:  qmail-newu refuses the file
out: error: users/assign: line 4: has uid 0, and qmail-lspawn does not deliver as root
out: error: users/assign: line 5: has a home that does not begin with /
out: error: users/assign: line 6: is missing: the file has to end with a line that is a dot;
...:  qmail-newu refuses the file
out: warning: users/assign: line 5: =A is assigned in line 1 too: the first one wins
exit: 1
T
printf '=a\n=b:u:1:2:h:::' | assign
try 'qusers-check | cut -d, -f 1; printf "=a:\n.\n=b\n" | assign; qusers-check | cut -d, -f 1' <<'T'
out: error: users/assign: line 1: has no colon; qmail-newu refuses the file
out: error: users/assign: line 2: is cut off
out: error: users/assign: line 1: has too few fields
out: error: users/assign: line 3: comes after the line with the dot
exit: 0
T
# Appended with >>, which qmail-newu takes without a word; a dot that is cut off has nothing behind.
sound "=a:$at:::\n"; echo "=b:$at:::" >>q/users/assign
try 'qusers-compile; qusers-check | grep -v ^hint; printf .x >q/users/assign; qusers-compile
  qusers-check' <<'T'
out: error: users/assign: line 3: comes after the line with the dot, where qmail-newu stops: nothing
...:  from here on is in force
exit: 0
T
# A cdb cut off or without its last record.
sound "=a:$at:::\n"; head -c 2060 q/users/cdb >"$T/cut"; cp "$T/cut" q/users/cdb
check 'a cdb that is cut off' sh -c \
  'qusers-check 2>&1 | grep "^q/users/cdb: error"; qusers-lookup a@mx.test; [ $? = 111 ]'

# damaged BYTES OF A CDB: what qusers-list says of it
number() { perl -e 'print pack "V*", @ARGV' "$@"; }
empty_tables() { i=0; while [ $i -lt 256 ]; do number "$1" 0; i=$((i + 1)); done; }
home; printf '=a:u:1:2:/h:::\n+b-:u:1:2:/h:-::\n.\n' | assign; qusers-compile; cp q/users/cdb whole
try ': >q/users/cdb; qusers-list --cdb; head -c 2047 whole >q/users/cdb; qusers-list --cdb;
  head -c 2060 whole >q/users/cdb; qusers-list --cdb; head -c -1 whole >q/users/cdb;
  qusers-list --cdb --json' <<'T'
err: qusers-list: fatal: q/users/cdb: is shorter than the beginning of a cdb; run qusers-compile
err: qusers-list: fatal: q/users/cdb: is shorter than the beginning of a cdb; run qusers-compile
err: qusers-list: fatal: q/users/cdb: is cut off: it ends before its tables do; run qusers-compile
err: qusers-list: fatal: q/users/cdb: is cut off: it ends before its tables do; run qusers-compile
exit: 111
T
try '{ empty_tables 2060; number 9 9; printf abcd; } >q/users/cdb; qusers-list --cdb;
  { empty_tables 2060; number 4294967295 0; printf abcd; } >q/users/cdb; qusers-list --cdb;
  { empty_tables 2058; number 1 1; printf "\0d"; } >q/users/cdb; qusers-list --cdb' <<'T'
err: qusers-list: fatal: q/users/cdb: has a record that is longer than the file; run qusers-compile
err: qusers-list: fatal: q/users/cdb: has a record that is longer than the file; run qusers-compile
err: qusers-list: fatal: q/users/cdb: has a key that is not an address; run qusers-compile
exit: 111
T
try 'empty_tables 2048 >q/users/cdb; qusers-list --cdb; { empty_tables 2059; number 2 1;
  printf "!ad"; } >q/users/cdb; qusers-list --cdb; qusers-compile; cmp whole q/users/cdb;
  rm q/users/assign; qusers-list --cdb | wc -l' <<'T'
out: 3
err: qusers-list: fatal: q/users/cdb: has no empty key as its last one, without which qmail-lspawn
...:  defers all local mail; run qusers-compile
err: qusers-list: fatal: q/users/cdb: has no empty key as its last one, without which qmail-lspawn
...:  defers all local mail; run qusers-compile
exit: 0
T

# ---- qusers-lookup: its exit code says what becomes of the mail ----
# becomes CODE WORDS [TEXT MODE [DASH]]: with this .qmail, or none, mail for a gives the code, and a
# line has the words; and qusers-check has an error or a warning if, and only if, the code is 1, and
# --json says that it is not delivered
becomes() {
  sound "=a:$at:${5-}::\n"; echo mx.test >q/control/locals
  if [ $# -gt 2 ]; then
    printf '%b' "$3" >q/box/.qmail; chmod "$4" q/box/.qmail
    [ "$(command id -u)" != 0 ] || chown "$me" q/box/.qmail
  fi
  qusers-lookup a@mx.test >"$T/said" 2>&1; code=$?; qusers-check >"$T/findings" 2>&1
  if grep -q -e '^error' -e '^warning' "$T/findings"; then found=1; else found=0; fi
  case $(qusers-lookup --json a@mx.test) in
    *'"result":"delivered"}') result=0 ;; *'"result":"'[bd]*e[sd]'"}') result=1 ;; *) result=9 ;;
  esac
  [ $code = "$1" ] && [ $found = "$1" ] && [ $result = "$1" ] && grep -q -e "$2" "$T/said" && return
  echo "exit $code, in JSON $result"; cat "$T/said" "$T/findings"; return 1
}
check 'a program' becomes 0 'runs the program: true' '|true\n' 0600
check 'a program, and the execute bit' becomes 1 'only forward .* defers' '|true\n' 0700
check 'a maildir, and the execute bit' becomes 1 'only forward .* defers' '#\n\n./Maildir/\n' 0700
check 'an mbox behind a forward, and the execute bit' becomes 1 'only forward .* defers' \
  '&x@y.test\n/mbox\n' 0700
check 'forwards, and the execute bit' becomes 0 'forwards to: x@y.test' \
  '#|\n&x@y.test\nz@y.test\n' 0700
check 'an empty one, and the execute bit' becomes 0 'default instructions' '' 0700
check '+list, then a program' becomes 1 'only forward .* defers' '+list \n|true\n' 0600
check 'a program, then +list' becomes 0 'instruction: +list' '|true\n+list\n' 0600
check 'another word with +' becomes 0 'runs the program' '+lists\n|true\n' 0600
check 'a blank first line' becomes 1 'blank, and qmail-local defers' ' \n|true\n' 0600
check 'a blank first line is all' becomes 1 'blank, and qmail-local defers' '\n' 0600
check 'and without its newline' becomes 1 'blank, and qmail-local defers' ' \t' 0600
check 'nothing but comments and blanks' becomes 0 'thrown away' '#\n \t\n' 0600
check 'a program that is not there' becomes 1 'not there, and mail is deferred' \
  '|true\n| /no/such x\n' 0600
check 'where the shell may do otherwise' becomes 0 'runs the program: /no/such || true' \
  '|/no/such || true\n' 0600
check 'a program that would not be run' becomes 1 'only forward .* defers' '+list\n|/no/such x\n' \
  0600
check 'writable by all' becomes 1 'writable by others' '|true\n' 0602
check 'the default' becomes 0 'default instructions'
check 'no file for it' becomes 1 'it bounces' x 0600 -x
# All that --json knows: of a mailbox, of a virtual domain, and of what goes elsewhere.
becomes 0 'runs the program' '|true\n&x@y.test\n' 0600
echo 'v.test:a' >q/control/virtualdomains; echo x.test >q/control/envnoathost
printf '=a:%s:::\n+a-:%s:-:u\377-:\n.\n' "$at" "$at" >q/users/assign; qusers-compile
printf '|true \n./Maildir/\n' >q/box/.qmail-default; chown "$me" q/box/.qmail-default
try 'qusers-lookup --json a@mx.test x@v.test r | sed "s|$T/||g;
  s/\"user\":\"[^,]*,\"uid\":[^,]*/NAME/
  s/(uid [0-9]*)/(ID)/; s/as user [^ ]*/as USER/"' <<'T'
out: {"address":"a@mx.test","steps":["its domain is in control/locals: local","users/cdb assigns
...:  =a","delivered as USER (ID), home q/box, dash \"\", extension \"\"","reads
...:  q/box/.qmail","runs the program: true","forwards to:
...:  x@y.test"],"rewritten":"a@mx.test","route":"local","entry":null,"recipient":"a@mx.test","tak
...: en_as":"assigned","assignment":"=a",NAME,"gid":"2","home":"q/box","dash":"","ext":"","file":"
...: q/box/.qmail","instructions":[{"kind":"program","text":"true"},{"kind":"forward","text":"x@y.
...: test"}],"result":"delivered"}
out: {"address":"x@v.test","steps":["control/virtualdomains has v.test:a: local, as
...:  a-x@v.test","users/cdb: the longest prefix of it that is assigned is +a-","delivered as USER
...:  (ID), home q/box, dash \"-\", extension \"u�-x\"","reads q/box/.qmail-default","runs the
...:  program: true","delivers to the maildir: ./Maildir/","./Maildir/ is not an existing directory,
...:  and mail is deferred (unless a program above exits with
...:  99)"],"rewritten":"x@v.test","route":"virtual","entry":"v.test:a","recipient":"a-x@v.test","taken_as":"assigned","assignment":"+a-",NAME,"gid":"2","home":"q/box","dash":"-","ext":"u�-x","ext_base64":"df8teA==","file":"q/box/.qmail-default","instructions":[{"kind":"program","text":"true"},{"kind":"maildir","text":"./Maildir/"}],"result":"deferred"}
out: {"address":"r","steps":["control/envnoathost makes it r@x.test","neither in control/locals
...:  nor in control/virtualdomains:
...:  remote"],"rewritten":"r@x.test","route":"remote","entry":null,"recipient":null,"taken_as":nu
...: ll,"assignment":null,"user":null,"uid":null,"gid":null,"home":null,"dash":null,"ext":null,"fi
...: le":null,"instructions":[],"result":"remote"}
exit: 0
T
if skip_unless_root 'what somebody else may not read'; then
  becomes 0 'runs the program' '|true\n' 0600; chmod 755 q q/users q/control q/box
  chmod 644 q/users/* q/control/*
  try 'nobody qusers-lookup a@mx.test | tail -n 1 | sed "s|$T/||";
    nobody qusers-lookup a@mx.test >/dev/null; echo $?; chmod 700 q/box;
    nobody qusers-lookup a@mx.test | tail -n 1 | sed "s|$T/||";
    nobody qusers-lookup a@mx.test >/dev/null; echo $?' <<'T'
out:   q/box/.qmail cannot be read by you: Permission denied
out: 111
out:   q/box cannot be entered by you: Permission denied
out: 111
exit: 0
T
  # qusers-check does not know either: no error is made of it.
  sees() {
    nobody qusers-check 2>"$T/warned" | grep -v ^hint
    nobody qusers-check >/dev/null 2>&1; echo $?; sed "s|$T/||" "$T/warned" >&2
  }
  try 'chmod 755 q/box; sees; chmod 700 q/box; sees; mkdir q/shut; mv q/box q/shut;
    chmod 700 q/shut; printf "=a:u:12345:2:$T/q/shut/box:::\n.\n" >q/users/assign; qusers-compile;
    sees' <<'T'
out: 111
out: 111
out: 111
err: qusers-check: warning: users/assign: line 1: q/box/.qmail cannot be read by you:
...:  Permission denied
err: qusers-check: warning: users/assign: line 1: the home q/box cannot be entered by you:
...:  Permission denied
err: qusers-check: warning: users/assign: line 1: the home q/shut/box cannot be entered by you:
...:  Permission denied
exit: 0
T
fi

# ---- links, as panels and containers put them ----
# linked DIRECTORY: users/assign and users/cdb are links to files of other names there
linked() {
  home; mkdir -p "$T/q/etc"; printf '=a:u:1:2:/h:::\n.\n' >"$T/q/etc/list"
  ln -s "$1/list" q/users/assign; ln -s "$1/compiled" q/users/cdb
}
# behind_links: both are links still, and what they lead to is what users/assign is to be
behind_links() {
  [ -L q/users/assign ] && [ -L q/users/cdb ] && [ "$(ls -A q/users | wc -l)" = 2 ] &&
    [ "$(ls -A q/etc | tr '\n' ' ')" = 'compiled list ' ] &&
    ! qusers-check | grep users/cdb &&
    [ "$(qusers-list | cut -d ' ' -f 1 | tr '\n' ' ')" = "address $1 " ]
}
for to in ../etc "$T/q/etc"; do
  linked "$to"
  check "users/cdb is made behind its link to $to" sh -c 'qusers-compile && [ -f q/etc/compiled ]'
  try 'qusers-add =b u 1 2 /h; qusers-rm =a' <<'T'
exit: 0
T
  check 'both are replaced behind the links' behind_links =b
done
# Where somebody else could change the link, or what is there, nothing is done.
linked ../etc; qusers-compile; chmod 777 q/etc; before
try 'qusers-add =b u 1 2 /h; qusers-add --dry-run =b u 1 2 /h; qusers-rm =a; qusers-compile' <<'T'
err: qusers-add: fatal: q/users/assign is a symbolic link, and somebody else could change where it
...:  leads or what is there: it is not replaced
err: qusers-add: fatal: q/users/assign is a symbolic link, and somebody else could change where it
...:  leads or what is there: it is not replaced
err: qusers-rm: fatal: q/users/assign is a symbolic link, and somebody else could change where it
...:  leads or what is there: it is not replaced
err: qusers-compile: fatal: q/users/assign is a symbolic link, and somebody else could change where
...:  it leads or what is there: it is not replaced
exit: 100
T
check 'nothing was changed' untouched
linked ../etc; qusers-compile; chmod 777 q/users; before
try 'qusers-add =b u 1 2 /h; rm q/users/assign; qusers-add =b u 1 2 /h; ls -A q/etc' <<'T'
out: compiled
out: list
err: qusers-add: fatal: q/users/assign is a symbolic link, and somebody else could change where it
...:  leads or what is there: it is not replaced
err: qusers-add: fatal: q/users/assign is missing, but users/cdb is in force: what it assigns would
...:  be lost; make users/assign first (qusers-list --cdb shows it)
exit: 0
T
home; printf '=a:u:1:2:/h:::\n.\n' | assign; mkfifo q/users/cdb
try 'qusers-add =b u 1 2 /h; ls -A q/users' <<'T'
out: assign
out: cdb
err: qusers-add: fatal: q/users/cdb is not a regular file, and is not replaced
exit: 0
T

# ---- two writers ----
home; printf '=a:u:1:2:/h:::\n.\n' | assign; qusers-compile; mkdir -p q/qqtools
: >>q/qqtools/lock; before
perl -e '
  use Fcntl qw(:flock);
  open my $f, ">>", "q/qqtools/lock" or die;
  flock $f, LOCK_EX or die;
  open my $r, ">", "ready";
  sleep 100' &
holder=$!
for i in $(seq 600); do [ ! -e ready ] || break; sleep 0.1; done
try 'qusers-add =b u 1 2 /h; echo $?; qusers-rm =a; echo $?; qusers-compile; echo $?;
  qusers-add --dry-run =b u 1 2 /h; qusers-list; qusers-lookup a@x.test >/dev/null' <<T
out: 111
out: 111
out: 111
out: change users/assign
out: +=b:u:1:2:/h:::
out: address user uid gid home dash ext
out: =a      u    1   2   /h
err: qusers-add: fatal: q/qqtools/lock is locked by process $holder: another program is changing
...:  control files or users
err: qusers-rm: fatal: q/qqtools/lock is locked by process $holder: another program is changing
...:  control files or users
err: qusers-compile: fatal: q/qqtools/lock is locked by process $holder:
...:  another program is changing control files or users
exit: 0
T
kill $holder; wait $holder 2>/dev/null
check 'nothing was changed' untouched
# Twenty at once: each is either in or refused.
home
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do {
  qusers-add "=u$i" u 1 2 /h 2>/dev/null; echo "$? u$i"
} & done >"$T/twenty"
wait
twenty() {
  sed -n 's/^0 /=/p' "$T/twenty" | sort >"$T/in"
  sed -n 's/:.*//p' q/users/assign | sort | diff "$T/in" - && grep -q ^0 "$T/twenty" &&
    ! grep -v -e ^0 -e ^111 "$T/twenty" && cp q/users/cdb "$T/cdb" && qusers-compile &&
    cmp "$T/cdb" q/users/cdb
}
check 'twenty writers at once' twenty

# ---- owners, and without rights ----
if skip_unless_root 'owners and rights'; then
  home; printf '=a:u:1:2:/h:::\n.\n' | assign; qusers-compile; chown 7:8 q/users/*
  chmod 640 q/users/assign
  try 'qusers-add =b u 1 2 /h; stat -c "%a %u %g %n" q/users/*' <<'T'
out: 640 7 8 q/users/assign
out: 644 7 8 q/users/cdb
exit: 0
T
  chmod 644 q/users/assign; chmod 755 q q/users; before
  try 'nobody qusers-add =c u 1 2 /h; nobody qusers-rm =a; nobody qusers-compile;
    nobody qusers-add --dry-run =c u 1 2 /h; nobody qusers-list | wc -l' <<'T'
out: change users/assign
out: +=c:u:1:2:/h:::
out: 3
err: qusers-add: fatal: unable to open q/qqtools/lock: Permission denied (run it as root)
err: qusers-rm: fatal: unable to open q/qqtools/lock: Permission denied (run it as root)
err: qusers-compile: fatal: unable to open q/qqtools/lock: Permission denied (run it as root)
exit: 0
T
  check 'nothing was changed without rights' untouched
  chmod 600 q/users/assign q/users/cdb
  try 'nobody qusers-list 2>&1 | grep -c "fatal: .*q/users/assign: Permission denied";
    nobody qusers-lookup a@mx.test 2>&1 | tail -n 1' <<'T'
out: 1
out: qusers-lookup: fatal: unable to read q/users/cdb: Permission denied (run it as root)
exit: 0
T
fi
finish
