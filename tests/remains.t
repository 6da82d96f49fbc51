#!/bin/sh
# remains.t - what is left of messages after somebody removed files by hand, and what qmail-queue is
# writing: named as what it is, or counted.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
# 1 to 3 preprocessed, 1 with a recipient that has failed; 4 new; 5 is being written.
fresh() {
  rm -rf "$T/queue"; built queue 0 --split 3
  for n in 1 2 3; do echo "Subject: $n" | put $n s@x.example remote "r$n@y.example"; done
  printf '<r1@y.example>:\nno such user\n\n' >"$(at bounce 1)"
  echo 'Subject: 4' | put 4 s@x.example todo r4@y.example
  echo 'Subject: 5' | put 5 s@x.example todo r5@y.example; rm "$(at todo 5)" "$(at intd 5)"
  chown --reference="$QUEUE/bounce" "$(at bounce 1)"
}
# Numbers at the end of a line and before a comma, too.
turned() { sed 's/,/ ,/g;s/$/ /' | sed -f "$T/back" | sed 's/ ,/,/g;s/ *$//'; }
warnings() { sed 's/^[a-z-]*: //' "$T/err1" | turned | sort; }
listings() {
  for call in 'qq-list -c' 'qq-grep -c --min-size 0' 'qq-show --json' 'qq-show --sort from' \
    'qq-stat --by from'; do
    $call 2>"$T/err1" >"$T/out1"; code1=$?
    warnings >"$T/err2"
    cmp -s "$T/err2" "$T/first" && [ "$code1" = "$1" ] || {
      echo "$call: code $code1"; cat "$T/err2"
    }
  done
}
# What qq-stat says, and what other listings do not say likewise.
look() {
  qq-stat 2>"$T/err1" >"$T/figures"; code=$?
  warnings | tee "$T/first"
  grep -e 'messages in queue:' -e written "$T/figures"; echo "code $code"
  listings $code
}

fresh
try look <<'T'
out: messages in queue: 5
out: being written or left over: 1
out: code 0
exit: 0
T
try 'qq-stat --json | grep -o "left_over.:[0-9]*"; qq-stat - </dev/null | grep -c written' <<'T'
out: left_over":1
out: 0
exit: 1
T
# Twenty thousand of them are one figure, and no message.
fresh
perl -e 'for (1 .. 2000) { open my $f, ">", "$ARGV[0]/mess/put" or die; my $i = (stat $f)[1];
  rename "$ARGV[0]/mess/put", "$ARGV[0]/mess/" . $i % 3 . "/$i" or die }' "$QUEUE"
try 'qq-list -c; qq-stat | grep -e "in queue:" -e written' <<'T'
out: 4
out: messages in queue: 2005
out: being written or left over: 2001
exit: 0
T

# ---- rm info/5/N remote/5/N mess/5/N: the bounce goes to the sender of the next one ----
fresh; rm "$(at info 1)" "$(at mess 1)"
lost='warning: message 1 has lost its file in mess/; what is left of it:'
try look <<T
out: $lost bounce/1, remote/*/1
out: messages in queue: 4
out: being written or left over: 2
out: code 111
exit: 0
T
rm "$(at remote 1)"
try look <<T
out: $lost bounce/1
out: messages in queue: 4
out: being written or left over: 2
out: code 111
exit: 0
T
for call in 'qq-list -c' qq-show qq-cat qq-stat; do
  try "$call \$(id 1) 2>&1 | grep warning | turned" <<T
out: ${call%% *}: $lost bounce/1
exit: 0
T
done
try 'qq-bounces 2>&1 | turned; qq-grep -c --failing 2>/dev/null' <<T
out: qq-bounces: $lost bounce/1
out: 0
exit: 111
T
# Recipients alone harm nobody: only qq-stat reads so many directories, and who is asked for them.
fresh; rm "$(at info 2)" "$(at mess 2)"
try 'qq-list -c; qq-stat 2>&1 | grep -e warning -e written | turned;
  qq-show $(id 2) 2>&1 | turned' <<T
out: 3
out: qq-stat: $(echo "$lost" | sed 's/message 1/message 2/') remote/*/2
out: being written or left over: 2
out: qq-show: $(echo "$lost" | sed 's/message 1/message 2/') remote/*/2
exit: 0
T
# A new message has got the number.
fresh; printf 'old' >"$(at bounce 4)"; chown --reference="$QUEUE/bounce" "$(at bounce 4)"
stray='warning: bounce/4: is left over from another message, and would be mailed to somebody whom it does not concern'
try look <<T
out: $stray
out: messages in queue: 5
out: being written or left over: 1
out: code 111
exit: 0
T

# ---- rm mess/*/*, and rm */*/* ----
fresh; rm "$QUEUE"/mess/*/*
try 'look | sort -u' <<'T'
out: being written or left over: 0
out: code 111
out: messages in queue: 0
out: warning: mess/*/1: is missing, but the queue has an envelope for it
out: warning: mess/*/2: is missing, but the queue has an envelope for it
out: warning: mess/*/3: is missing, but the queue has an envelope for it
out: warning: mess/*/4: is missing, but the queue has an envelope for it
exit: 0
T
rm "$QUEUE"/*/*/*
try -s look <<T
out: being written or left over: 1
out: code 111
out: messages in queue: 0
out: warning: mess/*/4: is missing, but the queue has an envelope for it
out: $lost bounce/1
exit: 0
T
# ---- qq-rm ----
. "$(dirname "$0")/change.sh"
# While qmail-send is stopped it ends them, of each kind, and what a
# qmail-queue left that has been dead for long.
fresh; rm "$(at mess 1)" "$(at mess 4)" "$(at info 2)" "$(at mess 2)"
try -s 'qq-rm --dry-run $(id 1) $(id 2) $(id 4) $(id 5);
  qq-rm -v $(id 1) $(id 2) $(id 4) $(id 5) 2>&1;
  left 1 2 4; left 5; qq-list -c 2>&1' <<'T'
out: 
out: 
out: 1
out: qq-rm: 4 removed
out: qq-rm: removed: 1
out: qq-rm: removed: 2
out: qq-rm: removed: 4
out: qq-rm: removed: 5
err: qq-rm: would be: 4 removed
exit: 0
T
# Also what has only one file left, whichever; what is not where qmail looks for it is no remains.
fresh; rm "$(at info 2)" "$(at mess 2)" "$(at mess 3)" "$(at remote 3)" "$(at mess 4)" "$(at todo 4)"
mv "$(at mess 1)" "$QUEUE/mess/$((($(id 1) + 1) % 3))/"
try -s 'qq-rm --dry-run $(id 2) $(id 3) $(id 4) $(id 1) 2>&1 | turned; left 2 3 4;
  qq-rm -v $(id 2) $(id 3) $(id 4) $(id 1) 2>&1 | turned; left 2 3 4' <<'T'
out: 
out: info intd remote 
out: qq-rm: 3 removed, 1 failed
out: qq-rm: failed: 1
out: qq-rm: removed: 2
out: qq-rm: removed: 3
out: qq-rm: removed: 4
out: qq-rm: warning: failed: mess/*/1: is not where qmail looks for it; `qsvc stopped qq-fix'
...:  mends it
out: qq-rm: warning: failed: mess/*/1: is not where qmail looks for it; `qsvc stopped qq-fix'
...:  mends it
out: qq-rm: would be: 3 removed, 1 failed
exit: 0
T
# While it runs it may work on them: they are named, and nothing of them is touched.
if skip_unless_root 'beside qmail-send'; then
  fresh; rm "$(at mess 1)"; exactly >"$T/exactly"; sending
  try 'qq-rm $(id 1) 2>&1 | turned' <<T
out: qq-rm: warning: failed: message 1 has lost its file in mess/; what is left of it:
...:  bounce/1, remote/*/1, info/*/1 (qq-rm removes it while qmail-send is stopped)
out: qq-rm: 1 failed
exit: 0
T
  check 'nothing of it is touched' as_before trigger
  alone
fi
finish
