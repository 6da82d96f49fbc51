#!/bin/sh
# damage.t - damaged queues: one warning for each damage that names the file, the other messages as
# ever, exit 111, and nobody hangs.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
# Three messages that are well, one new, and the one that is not: 9, preprocessed, or 8, new.
fresh() {
  rm -rf "$T/queue"; built queue 0 --split 3
  for n in 1 2 3; do echo "Subject: $n" | put $n "well$n@x.example" remote "to$n@y.example"; done
  echo 'Subject: 4' | put 4 well4@x.example todo to4@y.example
  echo 'Subject: 9' | put 9 ill@x.example remote ill@y.example
  echo 'Subject: 8' | put 8 ill@x.example todo ill@y.example
}
in_time() { perl -e 'alarm 20; exec @ARGV or die' "$@"; }
# What qq-show says, which looks at everything: the warnings; which messages that are well are
# shown, and how many that are not; the exit code. And how many messages qq-list lists.
glance() {
  in_time qq-show --json >"$T/show" 2>"$T/err1"; code=$?
  sed 's/^qq-show: //' "$T/err1" | sort | tee "$T/warnings"
  well=$(grep -o '"from":"well[0-9]' "$T/show" | sed 's/.*well//' | sort | tr '\n' ' ')
  listed=$(in_time qq-list --lines 2>/dev/null | grep -c .)
  echo "${well}and $(grep -c '"from":"ill' "$T/show") ill, code $code; $listed listed"
}
# The same, and what other readers say that is not the same.
look() {
  glance
  for call in qq-show 'qq-show -l' qq-stat 'qq-stat --by to-domain' 'qq-grep --to y.example' \
    'qq-grep -v --to nobody'; do
    in_time $call >"$T/out1" 2>"$T/err1"; code1=$?
    sed "s/^${call%% *}: //" "$T/err1" | sort | cmp -s - "$T/warnings" && [ $code1 = $code ] || {
      echo "$call: code $code1"; cat "$T/err1"
    }
  done
}
ill() { in_time "$@" 2>&1; echo "code $?"; }

fresh
try look <<'T'
out: 1 2 3 4 and 2 ill, code 0; 6 listed
exit: 0
T

# ---- info ----
printf 'Fill@x.example' >"$(at info 9)"
try look <<'T'
out: warning: info/*/9: has a record without its NUL
out: 1 2 3 4 and 1 ill, code 111; 6 listed
exit: 0
T
try 'ill qq-cat --envelope $(id 9); ill qq-cat $(id 9); ill qq-grep -c --from ill;
  ill qq-grep -v -c --from ill;
  ill qq-show $(id 9) $(id 1) | cut -c 1-80 | sed "s/^ *id /id /"' <<'T'
out: qq-cat: warning: info/*/9: has a record without its NUL
out: code 111
out: Subject: 9
out: code 0
out: qq-grep: warning: info/*/9: has a record without its NUL
out: 1
out: code 111
out: qq-grep: warning: info/*/9: has a record without its NUL
out: 4
out: code 111
out: qq-show: warning: info/*/9: has a record without its NUL
out: id type   queued               size from            to            subject
out: 1 remote 20 Nov 2026 18:00:00   11 well1@x.example to1@y.example 1
out: code 111
exit: 0
T
: >"$(at info 9)"
try look <<'T'
out: warning: info/*/9: is empty or no regular file, expected the envelope sender
out: 1 2 3 4 and 1 ill, code 111; 6 listed
exit: 0
T
printf 'Till@x.example\0' >"$(at info 9)"
try glance <<'T'
out: warning: info/*/9: begins with an unknown record letter, expected F
out: 1 2 3 4 and 1 ill, code 111; 6 listed
exit: 0
T
printf '\0' >"$(at info 9)"
try glance <<'T'
out: warning: info/*/9: begins with an unknown record letter, expected F
out: 1 2 3 4 and 1 ill, code 111; 6 listed
exit: 0
T
# What stands behind the sender is nobody's business (indimail has more there).
printf 'Fill@x.example\0exyz\0garbage' >"$(at info 9)"
try look <<'T'
out: 1 2 3 4 and 2 ill, code 0; 6 listed
exit: 0
T

# ---- recipients ----
fresh
printf 'Tone@y.example\0Ttwo@y.example' >"$(at remote 9)"
try look <<'T'
out: warning: remote/*/9: has a record without its NUL
out: 1 2 3 4 and 1 ill, code 111; 6 listed
exit: 0
T
printf 'Tone@y.example\0Xtwo@y.example\0' >"$(at remote 9)"
try look <<'T'
out: warning: remote/*/9: has an unknown record letter, expected T or D
out: 1 2 3 4 and 1 ill, code 111; 6 listed
exit: 0
T
printf 'Tone@y.example\0\0Ttwo@y.example\0' >"$(at remote 9)"
try glance <<'T'
out: warning: remote/*/9: has an unknown record letter, expected T or D
out: 1 2 3 4 and 1 ill, code 111; 6 listed
exit: 0
T
# Without recipients it is no damage: they are all done.
: >"$(at remote 9)"
try look <<'T'
out: 1 2 3 4 and 2 ill, code 0; 6 listed
exit: 0
T

# ---- todo ----
fresh
todo() { cat >"$(at todo 8)"; }
printf 'u0\0p1\0Fill@x.example\0Till@y.example' | todo
try look <<'T'
out: warning: todo/8: has a record without its NUL
out: 1 2 3 4 and 1 ill, code 111; 6 listed
exit: 0
T
printf 'u0\0p1\0Fill@x.example\0Dill@y.example\0' | todo
try look <<'T'
out: warning: todo/8: has an unknown record letter, expected u, p, F or T
out: 1 2 3 4 and 1 ill, code 111; 6 listed
exit: 0
T
printf 'unobody\0p1\0Fill@x.example\0Till@y.example\0' | todo
try look <<'T'
out: warning: todo/8: has no number after u
out: 1 2 3 4 and 1 ill, code 111; 6 listed
exit: 0
T
printf 'u\0p1\0Fill@x.example\0Till@y.example\0' | todo
try glance <<'T'
out: warning: todo/8: has no number after u
out: 1 2 3 4 and 1 ill, code 111; 6 listed
exit: 0
T
printf 'u0\0p1\0Till@y.example\0' | todo
try glance <<'T'
out: warning: todo/8: has no envelope sender
out: 1 2 3 4 and 1 ill, code 111; 6 listed
exit: 0
T
: | todo
try glance <<'T'
out: warning: todo/8: has no envelope sender
out: 1 2 3 4 and 1 ill, code 111; 6 listed
exit: 0
T
printf 'u0\0p1\0Fill@x.example\0\0' | todo
try glance <<'T'
out: warning: todo/8: has an unknown record letter, expected u, p, F or T
out: 1 2 3 4 and 1 ill, code 111; 6 listed
exit: 0
T

# ---- files that are none ----
# strange KIND TREE NAME: in the place of the file a directory, a link to a good one, a pipe
strange() {
  rm "$(at $2 $3)"
  if [ $3 = 8 ]; then good=4; else good=1; fi
  case $1 in
    directory) mkdir "$(at $2 $3)" ;;
    link) ln -s "$(at $2 $good)" "$(at $2 $3)" ;;
    dangling) ln -s nowhere "$(at $2 $3)" ;;
    pipe) mkfifo "$(at $2 $3)" ;;
  esac
}
for kind in directory link dangling pipe; do
  for tree in mess info remote; do
    fresh; strange $kind $tree 9
    case $kind:$tree in
      link:*|dangling:*) what='is a symbolic link, expected a regular file' ;;
      directory:info|directory:remote) what='is a directory, expected a regular file' ;;
      pipe:info) what='is empty or no regular file, expected the envelope sender' ;;
      *) what='is not a regular file' ;;
    esac
    try glance <<T
out: warning: $tree/*/9: $what
out: 1 2 3 4 and 1 ill, code 111; $([ $tree = mess ] && echo 5 || echo 6) listed
exit: 0
T
  done
  case $kind in
    directory) what='is a directory, expected a regular file' ;;
    pipe) what='has no envelope sender' ;;
    *) what='is a symbolic link, expected a regular file' ;;
esac
  fresh; strange $kind todo 8
  try glance <<T
out: warning: todo/8: $what
out: 1 2 3 4 and 1 ill, code 111; 6 listed
exit: 0
T
done
fresh; strange pipe mess 9; strange link mess 8
try 'for n in 8 9; do ill qq-cat $(id $n); ill qq-cat --text $(id $n); ill qq-rm $(id $n);
  ill qq-rm --to y.example $(id $n); done' <<'T'
out: qq-cat: warning: mess/*/8: is a symbolic link, expected a regular file
out: code 111
out: qq-cat: warning: mess/*/8: is a symbolic link, expected a regular file
out: code 111
out: qq-rm: warning: failed: mess/*/8: Too many levels of symbolic links
out: qq-rm: 1 failed
out: code 111
out: qq-rm: warning: failed: mess/*/8: Too many levels of symbolic links
out: qq-rm: 1 failed
out: code 111
out: qq-cat: warning: mess/*/9: is not a regular file
out: code 111
out: qq-cat: warning: mess/*/9: is not a regular file
out: code 111
out: qq-rm: warning: failed: mess/*/9: is not a regular file
out: qq-rm: 1 failed
out: code 111
out: qq-rm: warning: failed: mess/*/9: is not a regular file
out: qq-rm: 1 failed
out: code 111
exit: 0
T
fresh; strange pipe remote 9; strange directory todo 8
try 'for n in 8 9; do ill qq-rm --to y.example $(id $n); ill qq-cat --envelope $(id $n); done' <<'T'
out: qq-rm: warning: failed: unable to write todo/8: Is a directory
out: qq-rm: 1 failed
out: code 111
out: qq-cat: warning: todo/8: is a directory, expected a regular file
out: code 111
out: qq-rm: warning: failed: remote/*/9: is not a regular file
out: qq-rm: 1 failed
out: code 111
out: qq-cat: warning: remote/*/9: is not a regular file
out: code 111
exit: 0
T
# A pipe that somebody writes to hangs nobody either; and what is in bounce/ does not.
fresh; strange pipe info 9; exec 6<>"$(at info 9)"
try 'look | sed "s,\(info.*\): .*,\1: ...,"' <<'T'
out: warning: info/*/9: ...
out: 1 2 3 4 and 1 ill, code 111; 6 listed
exit: 0
T
exec 6>&-
for kind in directory dangling pipe; do
  fresh; : >"$(at bounce 9)"; strange $kind bounce 9
  case $kind in
    directory) what='is a directory, expected a regular file' ;;
    dangling) what='is a symbolic link, expected a regular file' ;;
    *) what='is not a regular file' ;;
esac
  try "ill qq-show -l | grep -v '^ ' | grep -e warning -e code" <<T
out: qq-show: warning: bounce/9: $what
out: code 111
exit: 0
T
done

# ---- places ----
fresh; mv "$(at info 9)" "$QUEUE/info/$((($(id 9) + 1) % 3))/"
try 'look | sed "s|info/[0-9]|info/N|g"' <<'T'
out: warning: info/N/9: in the wrong split directory, expected it in info/N
out: 1 2 3 4 and 1 ill, code 111; 5 listed
exit: 0
T
fresh; mv "$(at remote 9)" "$QUEUE/remote/$((($(id 9) + 1) % 3))/"
try 'qq-grep --from ill -c; qq-grep --to ill -c --from ill' <<'T'
out: 2
out: 1
exit: 0
T
fresh; mv "$(at mess 9)" "$QUEUE/mess/$((($(id 9) + 1) % 3))/"
try -s 'look | sed "s|in mess/[0-9]|in mess/N|"' <<'T'
out: 1 2 3 4 and 1 ill, code 111; 5 listed
out: warning: mess/*/9: in the wrong split directory, expected it in mess/N
out: warning: mess/*/9: is missing, but the queue has an envelope for it
exit: 0
T
rm -rf "$T/queue"; built queue 0 --split 3 --bigtodo
for n in 1 2 3; do put $n "well$n@x.example" remote "to$n@y.example" </dev/null; done
put 4 well4@x.example todo to4@y.example </dev/null
put 8 ill@x.example todo ill@y.example </dev/null
mv "$(at todo 8)" "$QUEUE/todo/$((($(id 8) + 1) % 3))/"
try 'look | sed "s|todo/[0-9]|todo/N|g"' <<'T'
out: warning: todo/N/8: in the wrong split directory, expected it in todo/N
out: 1 2 3 4 and 0 ill, code 111; 4 listed
exit: 0
T
# An envelope without a message.
fresh; rm "$(at mess 9)" "$(at mess 8)"
try -s look <<'T'
out: 1 2 3 4 and 0 ill, code 111; 4 listed
out: warning: mess/*/8: is missing, but the queue has an envelope for it
out: warning: mess/*/9: is missing, but the queue has an envelope for it
exit: 0
T
try 'ill qq-show $(id 9); ill qq-cat $(id 8); ill qq-rm $(id 9)' <<'T'
out: qq-show: warning: mess/*/9: is missing, but the queue has an envelope for it
out: code 111
out: qq-cat: warning: mess/*/8: is missing, but the queue has an envelope for it
out: code 111
out: qq-rm: 1 removed
out: code 0
exit: 0
T
# Names that are no numbers are no messages, as qmail-send sees it, and no damage.
fresh
for tree in info mess remote; do
  mkdir "$QUEUE/$tree/1/dir"
  for name in 9x .9 9.tmp 09 -9 9-; do : >"$QUEUE/$tree/0/$name"; done
done
: >"$QUEUE/todo/note"
try look <<'T'
out: 1 2 3 4 and 2 ill, code 0; 6 listed
exit: 0
T

# ---- files that one may not read ----
fresh; chmod 0 "$(at mess 9)" "$(at todo 8)"
try -s look <<'T'
out: 1 2 3 4 and 0 ill, code 111; 6 listed
out: warning: mess/*/9: Permission denied
out: warning: todo/8: Permission denied
exit: 0
T
fresh; chmod 0 "$(at info 9)"; chmod 0 "$(at remote 1)"
try -s 'qq-show --json 2>&1 >/dev/null; qq-grep --from well1 -c; qq-grep --from ill -c' <<'T'
out: 1
out: 1
out: qq-show: warning: info/*/9: Permission denied
out: qq-show: warning: remote/*/1: Permission denied
err: qq-grep: warning: info/*/9: Permission denied
err: qq-grep: warning: info/*/9: Permission denied
exit: 111
T
# What is not needed is not read.
try 'qq-list -c; qq-grep --from well -c -v; qq-grep --min-size 1K; qq-list | qq-list -c -' <<'T'
out: 6
out: 1
out: 6
err: qq-grep: warning: info/*/9: Permission denied
exit: 0
T

# ---- everything at once: a warning for each, and the message that is well ----
fresh; printf x >"$(at info 9)"; printf x >"$(at todo 8)"; printf x >"$(at remote 1)"
strange pipe remote 2; rm "$(at mess 3)"
try -s 'qq-show --json 2>&1 >"$T/show"; grep -c . "$T/show"' <<'T'
out: 1
out: qq-show: warning: info/*/9: has a record without its NUL
out: qq-show: warning: mess/*/3: is missing, but the queue has an envelope for it
out: qq-show: warning: remote/*/1: has a record without its NUL
out: qq-show: warning: remote/*/2: is not a regular file
out: qq-show: warning: todo/8: has a record without its NUL
exit: 0
T
# Removing what is damaged is the way out.
try 'ill qq-rm $(id 9) $(id 8) $(id 1) $(id 2) $(id 3); qq-list -c' <<'T'
out: qq-rm: 5 removed
out: code 0
out: 1
exit: 0
T
finish
