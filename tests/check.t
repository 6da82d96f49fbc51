#!/bin/sh
# check.t - qq-check: each kind of damage, planted, is named by its line, and nothing else is; in a
# queue of each kind. What is none: holds, interrupted removals, what may be on its way.

[ ! -w /dev/shm ] || TMPDIR=${TMPDIR:-/dev/shm}; export TMPDIR         # where qmail-showctl is run
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"

# 1 to 3 are well, 4 is well and new; 9, preprocessed, and 8, new, are for the damage.
fresh() {
  rm -rf "$T/queue"; built queue 0 --split 3 $flavour
  for n in 1 2 3; do echo "Subject: $n" | put $n "well$n@x.example" remote "to$n@y.example"; done
  echo 'Subject: 4' | put 4 well4@x.example todo to4@y.example
  echo 'Subject: 9' | put 9 ill@x.example remote one@y.example two@y.example
  echo 'Subject: 8' | put 8 ill@x.example todo one@y.example two@y.example
}
flavour=
# The name of a file, its directory counted on by one: none looks for it there.
astray() { number=${1##*/}; tree=$QUEUE/$2; echo "$tree/$(((number + 1) % 3))/$number"; }
# A file as that tree's are.
make_in() { cat >"$2"; give "$(owner "$QUEUE/$1")" "$2"; chmod 600 "$2"; }
give() { ! am_root || chown "$@"; }
long_ago() { touch -d '2020-01-01' "$@"; }

# Each kind of damage by its number in doc/INTERNALS (damage), or its name.
plant() {
  case $1 in
    2) rm "$(at remote 9)" ;;
    4) rm "$(at info 9)" ;;
    5) rm "$(at info 9)" "$(at remote 9)"; echo x | make_in bounce "$(at bounce 9)" ;;
    6) echo x | make_in bounce "$QUEUE/bounce/77" ;;
    new-bounce) echo x | make_in bounce "$(at bounce 8)" ;;
    7) rm "$(at mess 9)" ;;
    8) rm "$(at mess 9)" "$(at remote 9)" ;;
    9) rm "$(at mess 8)" ;;
    intd) rm "$(at mess 8)" "$(at todo 8)" ;;
    recipients) rm "$(at mess 9)" "$(at info 9)" ;;
    12) rm "$(at todo 8)"; long_ago "$(at mess 8)" ;;
    13) printf 'u0\0p1\0Fill@x.example\0Done@y.example\0' >"$(at todo 8)" ;;
    14) printf 'u0\0p1\0Fill@x.example\0Tone@y.example' >"$(at todo 8)" ;;
    15) : >"$(at todo 8)" ;;
    sender) printf 'u0\0p1\0Tone@y.example\0' >"$(at todo 8)" ;;
    16) : >"$(at info 9)" ;;
    28) printf 'Fill@x.example' >"$(at info 9)" ;;
    17) : >"$(at remote 9)" ;;
    18) printf 'Tone@y.example\0Xtwo@y.example\0' >"$(at remote 9)" ;;
    19) printf 'Tone@y.example\0Ttwo@y.example' >"$(at remote 9)" ;;
    20) cp -p "$(at mess 9)" "$QUEUE/mess/new"; mv "$QUEUE/mess/new" "$(at mess 9)" ;;
    21) mv "$(at mess 9)" "$(astray "$(at mess 9)" mess)" ;;
    25) mv "$(at remote 9)" "$(astray "$(at remote 9)" remote)" ;;
    info-astray) mv "$(at info 9)" "$(astray "$(at info 9)" info)" ;;
    in-tree) mv "$(at mess 9)" "$QUEUE/mess/$(id 9)" ;;
    twice) cp -p "$(at remote 9)" "$(astray "$(at remote 9)" remote)" ;;
    22) chown 64099 "$(at mess 9)" ;;
    23) chown 0 "$(at info 9)" ;;
    23-remote) chown 0 "$(at remote 9)" ;;
    29) chmod 600 "$(at mess 9)" ;;
    loose) chmod 666 "$(at mess 9)" ;;
    todo-mode) chmod 600 "$(at todo 8)" ;;
    type) rm "$(at remote 9)"; mkfifo "$(at remote 9)" ;;
    link) mv "$(at info 9)" "$T/elsewhere"; ln -s "$T/elsewhere" "$(at info 9)" ;;
    26) echo x >"$QUEUE/info/1/notes" ;;
    leavings) echo x >"$QUEUE/info/1/.rm-77" ;;
    pid) echo x >"$QUEUE/pid/7.8.1"; long_ago "$QUEUE/pid/7.8.1" ;;
    27) rm -rf "$QUEUE"; built queue 0 --split 3 $flavour; rmdir "$QUEUE/info/2" ;;
    tree) rm -r "$QUEUE/bounce" ;;
    directory) rmdir "$QUEUE/local/1"; echo x >"$QUEUE/local/1" ;;
    spare) mkdir "$QUEUE/info/3" ;;
    31) rm "$QUEUE/lock/trigger" ;;
    32) rm "$QUEUE/lock/trigger"; : | make_in info "$QUEUE/lock/trigger" ;;
    33) rm "$QUEUE/lock/sendmutex" ;;
    34) rm "$QUEUE/lock/tcpto" ;;
    35) : >"$QUEUE/lock/tcpto" ;;
    owner) chown 64099 "$QUEUE/local" ;;
    group) chown :64099 "$QUEUE/todo" ;;
    mode) chmod 755 "$QUEUE/info/1" ;;
    trigger-mode) chmod 600 "$QUEUE/lock/trigger" ;;
    mutex-owner) chown 0 "$QUEUE/lock/sendmutex" ;;
    tcpto-mode) chmod 666 "$QUEUE/lock/tcpto" ;;
  esac
}
found() {
  fresh; plant "$1"; shift
  qq-check "$@" 2>"$T/said"; code=$?; sed "s,$T/,," "$T/said" >&2; return $code
}

# ---- each kind ----
try 'fresh; qq-check; qq-check --json; qq-check --tsv' <<'T'
out: class	kind	path	id	is	does	mend
exit: 0
T
try 'found 2' <<'T'
out: lost: info/*/9: The message has no recipients. qmail-send ends it when it starts, without a
...:  delivery or a bounce: right if all were served (its log says), else they are lost. `qsvc
...:  stopped qq-fix' puts it aside.
exit: 1
T
try 'found 4' <<'T'
out: lost: mess/*/9: The message has recipients, but no file in info/, which had its sender.
...:  qmail-send does not know of it, and has it removed when nobody has read it for 36 hours.
...:  `qsvc stopped qq-fix --log LOG' takes the sender from the log, and holds it; else it is
...:  put aside.
exit: 1
T
try 'found 5' <<'T'
out: stranger: bounce/9: It is left over from another message. qmail-send sends it to the sender
...:  of the next message that gets this number. `qsvc stopped qq-fix' puts it aside.
exit: 1
T
try 'found 6' <<'T'
out: stranger: bounce/77: It is left over from another message. qmail-send sends it to the
...:  sender of the next message that gets this number. `qsvc stopped qq-fix' puts it aside.
exit: 1
T
try 'found new-bounce' <<'T'
out: stranger: bounce/8: It is left over from another message. qmail-send sends it to the sender
...:  of the next message that gets this number. `qsvc stopped qq-fix' puts it aside.
exit: 1
T
try 'found 7' <<'T'
out: stuck: info/*/9: The message itself is missing; its sender and its recipients are there.
...:  qmail-send puts off every delivery, until it is too old, and then tries to bounce it for
...:  ever. `qsvc stopped qq-fix' puts it aside, and says who sent what to whom; or `qsvc
...:  stopped qq-rm' with the number ends it.
exit: 1
T
try 'found 8' <<'T'
out: debris: info/*/9: It is left over from a message that is not there. qmail-send removes it
...:  when it starts. `qsvc stopped qq-fix' puts it aside; or `qsvc stopped qq-rm' with the
...:  number ends it.
exit: 1
T
try 'found 9' <<'T'
out: blocks: todo/8: It is the envelope of a message that is not there. qmail-send logs `unable
...:  to stat' at each look at todo/, and qmail-queue refuses the new message that gets this
...:  number. `qsvc stopped qq-fix' puts it aside; or `qsvc stopped qq-rm' with the number ends it.
exit: 1
T
try 'found intd' <<'T'
out: blocks: intd/8: It is the unfinished envelope of a message that is not there. qmail-queue
...:  refuses the new message that gets this number. `qsvc stopped qq-fix' puts it aside; or
...:  `qsvc stopped qq-rm' with the number ends it.
exit: 1
T
try 'found recipients' <<'T'
out: debris: remote/*/9: They are the recipients of a message that is not there. qmail-send
...:  removes them when a new message gets this number. `qsvc stopped qq-fix' puts them aside;
...:  or `qsvc stopped qq-rm' with the number ends them.
exit: 1
T
try 'found 12' <<'T'
out: debris: mess/*/8: It is what a qmail-queue that was killed has left, or a removal.
...:  qmail-send has it removed within a day, if it runs. Nothing has to be done.
exit: 1
T
try 'found 13' <<'T'
out: stuck: todo/8: The envelope has a record of an unknown type. qmail-send logs `unknown
...:  record type' at each look at todo/, and never delivers the message. `qsvc stopped qq-fix'
...:  holds the message, and says what it had to guess.
exit: 1
T
try 'found 14' <<'T'
out: lost: todo/8: The envelope is cut off: its last record has no NUL. qmail-send drops the
...:  last recipient, without a delivery or a bounce. `qsvc stopped qq-fix' holds the message,
...:  and says what it had to guess.
exit: 1
T
try 'found 15' <<'T'
out: stuck: todo/8: The envelope has no sender. qmail-send makes an empty file in info/ of it,
...:  and never delivers the message. `qsvc stopped qq-fix' puts it aside.
exit: 1
T
try 'found sender' <<'T'
out: stuck: todo/8: The envelope has no sender. qmail-send makes an empty file in info/ of it,
...:  and never delivers the message. `qsvc stopped qq-fix' puts it aside.
exit: 1
T
try 'found 16' <<'T'
out: stuck: info/*/9: The file has no whole record with the sender. qmail-send logs `trouble
...:  opening' every two minutes, and never delivers the message. `qsvc stopped qq-fix --log
...:  LOG' takes the sender from the log, and holds the message; else it is put aside.
exit: 1
T
try 'found 28' <<'T'
out: stuck: info/*/9: The file has no whole record with the sender. qmail-send logs `trouble
...:  opening' every two minutes, and never delivers the message. `qsvc stopped qq-fix --log
...:  LOG' takes the sender from the log, and holds the message; else it is put aside.
exit: 1
T
try 'found 17' <<'T'
out: lost: remote/*/9: The file of recipients is empty. qmail-send ends the message at its next
...:  look, without a delivery or a bounce. `qsvc stopped qq-fix' holds the message, if another
...:  file has recipients; else it is put aside.
exit: 1
T
try 'found 18' <<'T'
out: stuck: remote/*/9: The file of recipients has a record of an unknown type. qmail-send logs
...:  `unknown record type', and does not serve the recipients behind it. `qsvc stopped qq-fix'
...:  holds the message, and says what it had to guess.
exit: 1
T
try 'found 19' <<'T'
out: lost: remote/*/9: The file of recipients is cut off: its last record has no NUL. qmail-send
...:  never serves that recipient, and ends the message without it. `qsvc stopped qq-fix' holds
...:  the message, and says what it had to guess.
exit: 1
T
try 'found 20' <<'T'
out: blocks: mess/*/9: Its name is not its inode number, as after a backup was restored.
...:  qmail-send delivers it; but a new message may get the same number, which qmail-queue then
...:  refuses. `qsvc stopped qq-fix' mends it.
exit: 1
T
try 'found 21' <<'T'
out: stuck: mess/*/9: The message is in the wrong split directory. qmail-send puts off every
...:  delivery, because it cannot open it. `qsvc stopped qq-fix' mends it.
exit: 1
T
try 'found 25' <<'T'
out: lost: remote/*/9: The recipients are in the wrong split directory. qmail-send ends the
...:  message when it starts, without a delivery or a bounce. `qsvc stopped qq-fix' mends it: do
...:  not restart qmail-send before.
exit: 1
T
try 'found info-astray' <<'T'
out: lost: info/*/9: It is in the wrong split directory. qmail-send does not find the message,
...:  and has it removed when nobody has read it for 36 hours. `qsvc stopped qq-fix' mends it.
exit: 1
T
try 'found in-tree' <<'T'
out: stuck: mess/9: The message is in the wrong split directory. qmail-send puts off every
...:  delivery, because it cannot open it. `qsvc stopped qq-fix' mends it.
exit: 1
T
try 'found twice' <<'T'
out: debris: remote/*/9: There is another file of that name, in the right directory. qmail does
...:  not look for it here. Nobody can say which one is meant: look at both, and move one of them out
...:  of the queue; qq-fix does nothing before.
exit: 1
T
skip_unless_root '22: an owner' && try 'found 22' <<'T'
out: owner: mess/*/9: It is -rw-r--r-- 64099:64010, expected -rw-r--r-- 64011:64010. qmail-send
...:  puts off every delivery (`wrong owner'). `qsvc stopped qq-fix --owners' mends it.
exit: 1
T
skip_unless_root '23: an owner' && try 'found 23' <<'T'
out: stuck: info/*/9: It is -rw-r--r-- root:64010, expected -rw------- 64015:64010. qmail-send
...:  logs `trouble opening' every two minutes, and does not go on with the message. `qsvc
...:  stopped qq-fix' mends it.
exit: 1
T
skip_unless_root '23-remote: an owner' && try 'found 23-remote' <<'T'
out: stuck: remote/*/9: It is -rw-r--r-- root:64010, expected -rw------- 64015:64010. qmail-send
...:  logs `trouble opening' every two minutes, and does not go on with the message. `qsvc
...:  stopped qq-fix' mends it.
exit: 1
T
skip_unless_root '29: an owner' && try 'found 29' <<'T'
out: stuck: mess/*/9: It is -rw------- 64011:64010, expected -rw-r--r-- 64011:64010. qmail-send
...:  puts off every delivery by who may not read it. `qsvc stopped qq-fix' mends it.
exit: 1
T
skip_unless_root 'loose: an owner' && try 'found loose' <<'T'
out: owner: mess/*/9: It is -rw-rw-rw- 64011:64010, expected -rw-r--r-- 64011:64010. qmail works
...:  with it, but others can change what is in it. `qsvc stopped qq-fix' mends it.
exit: 1
T
skip_unless_root 'todo-mode: an owner' && try 'found todo-mode' <<'T'
out: stuck: todo/8: It is -rw------- 64011:64010, expected -rw-r--r-- 64011:64010. qmail-send
...:  cannot open it, and never delivers the message. `qsvc stopped qq-fix' mends it.
exit: 1
T
try 'found type' <<'T'
out: stuck: remote/*/9: It is no regular file. qmail-send cannot read it, and does not deliver
...:  the message. `qsvc stopped qq-fix' puts it aside.
exit: 1
T
try 'found link' <<'T'
out: stuck: info/*/9: It is no regular file. qmail-send cannot read it, and does not deliver the
...:  message. `qsvc stopped qq-fix' puts it aside.
exit: 1
T
try 'found 26' <<'T'
out: debris: info/1/notes: Its name is no number of a message. qmail ignores it. Nothing has to
...:  be done; nobody's mail is in it, if nobody has renamed it.
exit: 1
T
try 'found leavings' <<'T'
out: debris: info/1/.rm-77: A program of qqtools that was interrupted has left it. qmail ignores
...:  it. `qsvc stopped qq-fix' removes it; so does the program, when it is run again.
exit: 1
T
try 'found pid' <<'T'
out: debris: pid/7.8.1: It is what a qmail-queue that was killed has left. qmail-send has it
...:  removed within a day, if it runs. Nothing has to be done.
exit: 1
T
try 'found 27' <<'T'
out: blocks: info/2: The directory is missing. qmail-send waits for it (`unable to opendir'), or
...:  no message whose number leads to it is taken. `qsvc stopped qq-fix' mends it.
exit: 1
T
# With messages in it: each misses a file, which has one line. What is wrong besides is said.
for tree in mess info remote; do
  if [ $tree = mess ]; then other=info; else other=mess; fi
  fresh; gone=$(dirname "$(at $tree 9)"); chmod 666 "$(at $other 9)"; rm -r "$gone"
  try 'qq-check --tsv | sed 1d | cut -f 1-3 | sed "s,/[0-9]*\$,/N,;s,/[0-9]*/,/*/," | sort' <<T
out: blocks	directory-missing	$tree/N
out: owner	file-loose	$other/*/N
exit: 0
T
done
try 'found tree' <<'T'
out: blocks: bounce: The directory is missing. qmail-send does not work without it, and no mail
...:  is taken, or none is delivered. `qsvc stopped qq-fix' mends it.
exit: 1
T
try 'found directory' <<'T'
out: blocks: local/1: It is no directory, where one should be. qmail-send waits for it (`unable
...:  to opendir'), or no message whose number leads to it is taken. `qsvc stopped qq-fix' mends it.
exit: 1
T
try 'found spare' <<'T'
out: debris: info/3: The directory is not below the split, as after qmail was built with a
...:  smaller one. qmail does not look into it. rmdir(1) removes it, once it is empty.
exit: 1
T
try 'found 31' <<'T'
out: slow: lock/trigger: It is missing. qmail-send is not told of new mail, which waits for up
...:  to 25 minutes. `qsvc stopped qq-fix' mends it.
exit: 1
T
try 'found 32' <<'T'
out: slow: lock/trigger: It is no named pipe. qmail-send delivers, but runs in a busy loop, or
...:  is not told of new mail. `qsvc stopped qq-fix' mends it.
exit: 1
T
try 'found 33' <<'T'
out: blocks: lock/sendmutex: It is missing. qmail-send cannot start. `qq-fix' mends it.
exit: 1
T
try 'found 34' <<'T'
out: slow: lock/tcpto: It is missing. qmail-remote does not remember which hosts could not be
...:  reached, and tries them again at each delivery. `qsvc stopped qq-fix' mends it.
exit: 1
T
try 'found 35' <<'T'
out: slow: lock/tcpto: It does not have its size, or is no regular file. qmail-remote does not
...:  remember which hosts could not be reached, and tries them again at each delivery. `qsvc
...:  stopped qq-fix' mends it.
exit: 1
T
skip_unless_root 'owner: an owner' && try 'found owner' <<'T'
out: owner: local: It is drwx------ 64099:64010, expected drwx------ 64015:64010. Parts of qmail
...:  cannot do their work in it, or others can look or change what is in it. `qsvc stopped
...:  qq-fix --owners' mends it.
err: qq-check: warning: unable to give up root: the directories of queue are not whose they
...:  should be, and nobody else may read them
exit: 1
T
skip_unless_root 'group: an owner' && try 'found group' <<'T'
out: owner: todo: It is drwxr-x--- 64011:64099, expected drwxr-x--- 64011:64010. Parts of qmail
...:  cannot do their work in it, or others can look or change what is in it. `qsvc stopped
...:  qq-fix --owners' mends it.
err: qq-check: warning: unable to give up root: the directories of queue are not whose they
...:  should be, and nobody else may read them
exit: 1
T
skip_unless_root 'mode: an owner' && try 'found mode' <<'T'
out: owner: info/1: It is drwxr-xr-x 64015:64010, expected drwx------ 64015:64010. Parts of
...:  qmail cannot do their work in it, or others can look or change what is in it. `qsvc
...:  stopped qq-fix --owners' mends it.
exit: 1
T
skip_unless_root 'trigger-mode: an owner' && try 'found trigger-mode' <<'T'
out: owner: lock/trigger: It is prw------- 64015:64010, expected prw--w--w- 64015:64010.
...:  qmail-send is not told of new mail, which waits for up to 25 minutes, or others can take
...:  that away. `qsvc stopped qq-fix --owners' mends it.
exit: 1
T
skip_unless_root 'mutex-owner: an owner' && try 'found mutex-owner' <<'T'
out: owner: lock/sendmutex: It is -rw------- root:64010, expected -rw------- 64015:64010.
...:  qmail-send cannot start, or others can keep it from starting. `qsvc stopped qq-fix
...:  --owners' mends it.
exit: 1
T
skip_unless_root 'tcpto-mode: an owner' && try 'found tcpto-mode' <<'T'
out: owner: lock/tcpto: It is -rw-rw-rw- 64014:64010, expected -rw-r--r-- 64014:64010.
...:  qmail-remote does not remember which hosts could not be reached, or others can change what
...:  it remembers. `qsvc stopped qq-fix --owners' mends it.
exit: 1
T

# ---- the other forms ----
try 'found 19 --json | sed "s,/[0-9]*/[0-9]*,/*/9,"' <<'T'
out: {"class":"lost","kind":"recipients-cut","path":"remote/*/9","id":9,"is":"The file of
...:  recipients is cut off: its last record has no NUL.","does":"qmail-send never serves that
...:  recipient, and ends the message without it.","mend":"`qsvc stopped qq-fix' holds the message,
...:  and says what it had to guess."}
exit: 0
T
try 'found 31 --tsv' <<'T'
out: class	kind	path	id	is	does	mend
out: slow	trigger-missing	lock/trigger		It is missing.	qmail-send is not told of new mail,
...:  which waits for up to 25 minutes.	`qsvc stopped qq-fix' mends it.
exit: 1
T
fresh
refused() { "$@" 2>&1 | sed 1q; }
try 'refused qq-check --json --tsv; refused qq-check 5;
  echo 5@1795177124123456789 | refused qq-check; refused qq-check --queue /nowhere;
  mkdir "$T/none"; qq-check --queue "$T/none" 2>&1 | sed "s,$T/,,"' <<'T'
out: qq-check: fatal: options --json and --tsv cannot be used together
out: qq-check: fatal: operand "5": expected none
out: qq-check: fatal: standard input has ids, and this program takes none: give </dev/null
out: qq-check: fatal: unable to open the queue /nowhere: No such file or directory
out: qq-check: fatal: none is not a qmail queue: it has no directory mess
exit: 0
T
# In a home that has none any more, or an empty directory, there is a way to have one.
mkdir "$T/home" "$T/home/control"
gone() { for program in qq-check qq-fix 'qsvc start'; do
  $program --home "$T/home" 2>&1 | sed "s,$T/,,"; done; }
try 'gone; mkdir "$T/home/queue"; gone; mkdir "$T/home/queue/lock"; gone' <<'T'
out: qq-check: fatal: unable to open the queue home/queue: No such file or directory;
...:  `qq-fix --create' makes an empty queue there
out: qq-fix: fatal: unable to open the queue home/queue: No such file or directory;
...:  `qq-fix --create' makes an empty queue there
out: qsvc: fatal: unable to open the queue home/queue: No such file or directory;
...:  `qq-fix --create' makes an empty queue there
out: qq-check: fatal: home/queue is not a qmail queue: it has no directory mess;
...:  `qq-fix --create' makes an empty queue there
out: qq-fix: fatal: home/queue is not a qmail queue: it has no directory mess;
...:  `qq-fix --create' makes an empty queue there
out: qsvc: fatal: home/queue is not a queue: it has no lock/sendmutex;
...:  `qq-fix --create' makes an empty queue there
out: qq-check: fatal: home/queue is not a qmail queue: it has no directory mess
out: qq-fix: fatal: home/queue is not a qmail queue: it has no directory mess
out: qsvc: fatal: home/queue is not a queue: it has no lock/sendmutex
exit: 0
T

# ---- queues of other kinds: the same is found ----
kinds=$(sed -n "s/^.*try 'found \([^ ]*\)' .*/\1/p" "$0")
am_root || kinds=$(echo "$kinds" | grep -v '^2[239]\|loose\|mode\|owner\|group')
# Class, kind and path, without numbers, and todo/* as if it were not split.
seen() {
  for kind in $kinds; do
    found "$kind" --tsv 2>/dev/null | sed 1d | cut -f 1-3 |
      sed "s,/[0-9]*\$,/N,;s,\(todo\|intd\)/[0-9]*/,\1/,;s,/[0-9]*/,/*/,;s/^/$kind: /;s/\t/ /g"
  done
}
seen >"$T/vanilla"
all_are_seen() {
  [ "$(cut -d : -f 1 "$T/vanilla" | sort -u | grep -c .)" = "$(echo "$kinds" | grep -c .)" ]
}
check 'each has a line' all_are_seen
for flavour in --bigtodo '--suppl 2'; do
  seen >"$T/other"; check "the same with $flavour" diff "$T/vanilla" "$T/other"
done
flavour=

# ---- what is none ----
well() { "$@" >"$T/said" 2>&1 && [ ! -s "$T/said" ] || { cat "$T/said"; return 1; }; }
fresh; rm "$(at todo 8)"; rm "$(at info 9)" "$(at remote 9)"
touch "$(at mess 8)" "$(at mess 9)"; check 'what qmail-queue may still be writing' well qq-check
touch -d '35 hours ago' "$(at mess 8)" "$(at mess 9)"; check 'and for 36 hours' well qq-check
long_ago "$(at mess 8)"; touch -a "$(at mess 8)"; check 'read lately' well qq-check
fresh; printf 'Fold@x.example\0' | make_in info "$(at info 8)"; : | make_in remote "$(at remote 8)"
check 'what an interrupted qmail-send has begun of a new message' well qq-check
fresh; echo x | make_in bounce "$(at bounce 9)"; check 'a bounce to come' well qq-check
rm "$(at remote 9)"; check 'about to be sent' well qq-check
fresh; : >"$QUEUE/pid/7.8.1"; check 'a young file in pid/' well qq-check
if skip_unless_root 'what is held or over'; then
  fresh; held 9 8; check 'what is held' well qq-check
  chmod 444 "$(at mess 9)"; check 'a removal that has begun' well qq-check
  chmod 555 "$(at mess 9)"; rm "$(at remote 9)"; check 'or is under way' well qq-check
  fresh; over 9; rm "$(at remote 9)"; check 'what is over' well qq-check
fi
fresh; echo x >"$QUEUE/info/1/.rm-77"
check 'what a change has beside info/ as long as it runs' well perl -e 'use Fcntl ":flock";
  open my $f, "<", shift or die; flock $f, LOCK_EX or die; exit(system(@ARGV) >> 8)' \
  "$QUEUE/info" qq-check
fresh; mkdir "$QUEUE/lost" "$QUEUE/lost+found"; check 'what was put aside, a mount' well qq-check

# ---- whose it should be, as qmail says ----
home() {
  rm -rf "${T:?}/home"; mkdir -p "$T/home/bin" "$T/home/control"
  printf '%s\n' '#!/bin/sh' "echo 'subdirectory split: $1.'" \
    "echo 'user ids: 1, 2, 3, 0, 5, 64011, 64014, 64015.'" "echo 'group ids: 9, 64010.'" \
    >"$T/home/bin/qmail-showctl"
  chmod 755 "$T/home/bin/qmail-showctl"
}
at_home() { qq-check --queue "$QUEUE" --home "$T/home" "$@"; }
kinds_at_home() { at_home --tsv 2>"$T/said" | sed 1d | cut -f 1-3 | tr '\t' ' '; }
if skip_unless_root 'users and split of qmail'; then
  home 3; fresh; check 'all is as qmail has it' well at_home
  chown -R 0:0 "$QUEUE"
  try 'kinds_at_home | grep -v /[0-9]; sed "s,$T/,," "$T/said"' <<'T'
out: owner directory-owner .
out: owner directory-owner pid
out: owner directory-owner lock
out: owner mutex-owner lock/sendmutex
out: owner trigger-owner lock/trigger
out: owner tcpto-owner lock/tcpto
out: owner directory-owner mess
out: owner directory-owner info
out: owner directory-owner todo
out: owner directory-owner intd
out: owner directory-owner bounce
out: owner directory-owner local
out: owner directory-owner remote
out: qq-check: warning: unable to give up root: the directories of queue are not whose they should
...:  be, and nobody else may read them
exit: 0
T
  # What is root's is held; its records cannot be read by qmail, but what is in them is seen.
  fresh; printf 'Fcut' >"$(at info 9)"; chown -R 0:0 "$QUEUE"
  try 'kinds_at_home | grep "/[0-9]*/[0-9]* *$" | sed "s,/[0-9]*/[0-9]*,/*/N," | sort |
    uniq -c | sed "s/^ *//"' <<'T'
out: 1 stuck info-bad info/*/N
out: 4 stuck record-owner info/*/N
out: 4 stuck record-owner remote/*/N
exit: 0
T
  home 23; fresh
  try 'at_home' <<'T'
out: lost: .: The split is 3, but qmail was built with 23. qmail-send does not find most of the
...:  messages, and has them removed when nobody has read them for 36 hours. `qsvc stopped qq-fix
...:  --split' with the number that qmail-showctl says mends it.
exit: 1
T
fi

# ---- closed ----
fresh; chmod 0 "$QUEUE"
closed() {
  for call in qq-check qq-list qq-show 'qq-grep --from x' qq-stat qq-bounces qq-why 'qq-rm 5' \
    'qq-hold 5' 'qq-release 5' 'qq-expire 5' 'qq-save 5' 'qsvc status' 'qsvc start'; do
    said=$("$@" $call 2>&1 </dev/null); code=$?
    case $code:$said in
      "111:${call%% *}: fatal: the queue "*' is closed (mode 0): qq-fix is at work on it, or '*) ;;
      *) echo "$call: $said: $code" ;;
    esac
  done
}
check 'a closed queue: every program' well closed
check 'a closed queue: whoever runs it' well closed nobody

# ---- a call that fails is trouble, and never another answer ----
# CALLS=all: each of them; else every ninth.
if strace -f -o /dev/null -e inject=getppid:error=EIO true 2>/dev/null; then
  fresh; plant 4; plant 13; plant new-bounce; plant 26
  qq-check >"$T/right"
  step=9; [ "${CALLS-}" != all ] || step=1
  # What is said is right, as far as it goes, and 111 if it may not be all. 2: there is none.
  honest() {
    strace -f -o "$T/trace" -e "trace=$1" -e "inject=$1:error=EIO:when=$2" qq-check --jobs 1 \
      >"$T/said" 2>"$T/warned"; code=$?
    grep -q INJECTED "$T/trace" || return 2
    case $code in
      1) cmp -s "$T/said" "$T/right" ;;
      111) [ -s "$T/warned" ] && ! grep -v -x -F -f "$T/right" "$T/said" ;;
      *) false ;;
    esac || { echo "$1 $2: code $code"; cat "$T/said" "$T/warned"; return 1; }
  }
  # Before the queue is opened, the program is being started.
  starts() {
    strace -f -o "$T/trace" -e "trace=$1,openat" qq-check >/dev/null 2>&1
    sed "\\|$QUEUE|,\$d" "$T/trace" | grep -c " $1("
  }
  all_are_honest() {
    n=$(($(starts "$1") + 1)) bad=0
    while honest "$1" $n || { code=$?; [ $code = 1 ] && bad=1; }; do n=$((n + step)); done
    return $bad
  }
  for call in openat newfstatat fstat getdents64 read; do
    check "EIO: $call" all_are_honest $call
  done
elif [ "${CI-}" = true ]; then not_ok 'EIO (needs strace)'
else ok 'EIO # SKIP no strace'; fi

finish
