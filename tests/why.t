#!/bin/sh
# why.t - qq-why: what waits in the queue, joined with what the log of qmail-send says of it.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/service.sh"
unset QQ_LOG

# mail NAME QP SECONDS CHANNEL RECIPIENT ...: queued and preprocessed so many seconds behind the
# beginning, 14 Nov 2023 22:13:20, by the qmail-queue with that pid
beginning=1700000000
mail() {
  name=$1 qp=$2 seconds=$3; shift 3
  printf 'Received: (qmail %s invoked by uid 1001); 14 Nov 2023\n\nx\n' "$qp" |
    put "$name" ann@x.example "$@"
  find "$QUEUE" -name "$(id "$name")" -exec touch -d "@$((beginning + seconds))" {} +
}
# log FILE <LINES: SECONDS behind the beginning, a blank, what was logged; {NAME} is a message; what
# is indented goes on with the line above
log() {
  sed 's/^\(.*\) \(.*\)$/s,{\1},\2,g/' "$T/numbers" >"$T/names"
  sed -f "$T/names" | perl -0pe '
    s{\n +}{}g;
    s{^(\d+)\.(\d*) }
      {sprintf "\@40000000%08x%08x ", '$beginning' + 10 + $1, $2 * 1e6}gem' >"$1"
}
token_of() { echo "$(id "$1")@$(stat -c %Y "$(at mess "$1")")000000000"; }
# How long ago depends on the day.
ages() { sed 's/ ([0-9a-z]* ago)/ (AGO)/'; }

built queue 0 --split 3
day=86400
mail early 20 0 remote bob@far.test
mail silent 21 0 remote dan@far.test
mail deferred 11 $day remote eve@away.test
mail twice 12 $((day + 100)) remote fay@away.test
mail restored 13 $((day + 100)) remote gus@far.test
mail underway 14 $((day + 200)) remote hal@far.test
mail many 15 $((day + 300)) remote ivy@far.test joe@far.test ivy@far.test
mail odd 16 $((day + 300)) local 'kay lee@here.test'
mail untried 17 $((day + 300)) remote lea@far.test
mail lost 18 $((day + 300)) remote mia@far.test
mail new 19 $((day + 300)) todo ned@far.test
printf D | dd of="$(at remote many)" bs=1 seek=14 conv=notrunc 2>/dev/null  # joe's

mkdir "$T/main"
log "$T/main/current" <<'L'
86400.001 starting delivery 50: msg {early} to remote bob@far.test
86400.002 delivery 50: deferral: Connected_to_192.0.2.9_but_greeting_failed.
  /Remote_host_said:_421_4.7.0_blocked/
86400.010 new msg {deferred}
86400.011 info msg {deferred}: bytes 99 from <ann@x.example> qp 11 uid 1001
86400.020 starting delivery 51: msg {deferred} to remote eve@away.test
86400.500 delivery 51: deferral: Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)/
86400.600 new msg {twice}
86400.601 info msg {twice}: bytes 99 from <other@x.example> qp 5 uid 1001
86400.602 starting delivery 52: msg {twice} to remote fay@away.test
86401.000 delivery 52: deferral: 192.0.2.1_is_another's_reason./
86402.000 end msg {twice}
86490.000 new msg {restored}
86490.001 info msg {restored}: bytes 99 from <ann@x.example> qp 99 uid 1001
86490.002 starting delivery 53: msg {restored} to remote gus@far.test
86491.000 delivery 53: deferral: 192.0.2.1_is_another's_reason,_too./
86500.004 new msg {twice}
86500.005 info msg {twice}: bytes 99 from <ann@x.example> qp 12 uid 1001
86500.006 starting delivery 54: msg {twice} to remote fay@away.test
86500.900 delivery 54: deferral: 192.0.2.7_does_not_like_recipient.
  /Remote_host_said:_450_4.2.0_You_are_blocked/Giving_up_on_192.0.2.7./
86600.004 new msg {underway}
86600.005 info msg {underway}: bytes 99 from <ann@x.example> qp 14 uid 1001
86600.006 starting delivery 55: msg {underway} to remote hal@far.test
86700.001 new msg {many}
86700.002 info msg {many}: bytes 99 from <ann@x.example> qp 15 uid 1001
86700.003 starting delivery 56: msg {many} to remote ivy@far.test
86700.003 starting delivery 57: msg {many} to remote joe@far.test
86700.004 starting delivery 58: msg {many} to remote ivy@far.test
86700.005 delivery 57: success: 192.0.2.3_accepted_message./
86700.006 delivery 56: deferral: 192.0.2.3_first./
86700.007 delivery 58: deferral: 192.0.2.3_second./
86700.010 new msg {odd}
86700.011 info msg {odd}: bytes 99 from <ann@x.example> qp 16 uid 1001
86700.012 starting delivery 59: msg {odd} to local kay_lee@here.test
86700.013 delivery 59: deferral: Home_directory_is_writable./
86700.020 new msg {untried}
86700.021 info msg {untried}: bytes 99 from <ann@x.example> qp 17 uid 1001
86800.000 starting delivery 60: msg {deferred} to remote eve@away.test
86800.500 delivery 60: deferral: Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)/
86900.000 starting delivery 61: msg {deferred} to remote eve@away.test
86900.500 delivery 61: deferral: Sorry,_I_couldn't_find_any_host_named_away.test._(#4.4.3)/
L
# Finished before any of these was queued: not read, and it would be misread.
old=@400000005f5e100000000000.s
sed 's/^@[^ ]*/@400000005f5e0f0000000000/' "$T/main/current" >"$T/main/$old"

# Columns of --tsv by their names.
tsv() {
  columns=$1; shift
  qq-why --log "$T/main" --tsv "$@" | perl -F'\t' -lane 'BEGIN { @want = split /,/, shift }
    @name = @F, next if $. == 1; @is{@name} = (@F, ("") x @name);
    print join "|", map { $is{$_} } @want' "$columns"
}

# ---- one line for each that waits, the most attempts last ----
mess_of() { sed 's/@[0-9]*|/|/'; }
try -s 'tsv token,attempts,first,last,to,host,reason | mess_of | cut -d "|" -f 1-6' <<X
out: deferred|3|2023-11-15T22:13:20.020000+00:00|2023-11-15T22:21:40.500000+00:00|eve@away.test|away
...: .test
out: early|1|2023-11-15T22:13:20.001000+00:00|2023-11-15T22:13:20.002000+00:00|bob@far.test|192.0.2.
...: 9
out: lost|0|||mia@far.test|far.test
out: many|1|2023-11-15T22:18:20.003000+00:00|2023-11-15T22:18:20.006000+00:00|ivy@far.test|far.test
out: many|1|2023-11-15T22:18:20.004000+00:00|2023-11-15T22:18:20.007000+00:00|ivy@far.test|far.test
out: new|0|||ned@far.test|
out: odd|1|2023-11-15T22:18:20.012000+00:00|2023-11-15T22:18:20.013000+00:00|kay lee@here.test|
out: restored|0|||gus@far.test|far.test
out: silent|0|||dan@far.test|far.test
out: twice|1|2023-11-15T22:15:00.006000+00:00|2023-11-15T22:15:00.900000+00:00|fay@away.test|192.0.2
...: .7
out: underway|1|2023-11-15T22:16:40.006000+00:00|2023-11-15T22:16:40.006000+00:00|hal@far.test|far.t
...: est
out: untried|0|||lea@far.test|far.test
exit: 0
X

# For people; what the log cannot know is said.
try -s 'qq-why --log "$T/main" | tr -s " " | sed "1d;s/.*when it starts //;s/.*ned@/ned@/"' <<X
out: bob@far.test 192.0.2.9 Connected to 192.0.2.9 but greeting failed./Remote host said: 421 4.7.0 
...: blocked
out: dan@far.test far.test no line about it in $T/main, which begins 15 Nov 2023
out: eve@away.test away.test Sorry, I couldn't find any host named away.test. (#4.4.3)
out: fay@away.test 192.0.2.7 192.0.2.7 does not like recipient./Remote host said: 450 4.2.0 You are 
...: blocked/Giving up on 192.0.2.7.
out: gus@far.test far.test only another message with its number is in $T/main
out: hal@far.test far.test cut off: qmail-send ended
out: ivy@far.test far.test 192.0.2.3 first.
out: ivy@far.test far.test 192.0.2.3 second.
out: kay lee@here.test Home directory is writable.
out: lea@far.test far.test no attempt in $T/main
out: mia@far.test far.test no line about it in $T/main, which begins 15 Nov 2023
out: ned@far.test qmail-send has not preprocessed it yet
exit: 0
X
try 'qq-why --log "$T/main" | sed "1p;\$!d" | tr -s " "' <<X
out:  id tries first last next to host reason
out:  deferred 3 15 Nov 2023 22:13:20 15 Nov 2023 22:21:40 when it starts eve@away.test away.test So
...: rry, I couldn't find any host named away.test. (#4.4.3)
exit: 0
X
try 'qq-why -l --log "$T/main" "$(token_of deferred)" "$(token_of underway)" \
  "$(token_of silent)" | ages' <<X
out: silent@1700000000000000000
out:   remote      dan@far.test
out:     attempts  0
out:     host      far.test
out:     reason    no line about it in $T/main, which begins 15 Nov 2023
out:     next      when qmail-send starts
out: 
out: underway@1700086600000000000
out:   remote      hal@far.test
out:     attempts  1
out:     first     15 Nov 2023 22:16:40 (AGO)
out:     last      15 Nov 2023 22:16:40 (AGO)
out:     host      far.test
out:     reason    cut off: qmail-send ended
out:     next      when qmail-send starts
out: 
out: deferred@1700086400000000000
out:   remote      eve@away.test
out:     attempts  3
out:     first     15 Nov 2023 22:13:20 (AGO)
out:     last      15 Nov 2023 22:21:40 (AGO)
out:     host      away.test
out:     reason    Sorry, I couldn't find any host named away.test. (#4.4.3)
out:     next      when qmail-send starts
exit: 0
X
try 'qq-why --json --log "$T/main" "$(id deferred)"' <<X
out: {"id":deferred,"token":"deferred@1700086400000000000","recipients":[{"address":"eve@away.test",
...: "channel":"remote","attempts":3,"first":"2023-11-15T22:13:20.020000+00:00","last":"2023-11-15T2
...: 2:21:40.500000+00:00","under_way_since":null,"host":null,"code":null,"enhanced":"4.4.3","reason
...: ":"Sorry,_I_couldn't_find_any_host_named_away.test._(#4.4.3)/","next":"2023-11-15T22:13:20+00:0
...: 0"}],"log_begins":"2023-11-15T22:13:20.001000+00:00"}
exit: 0
X
try -s 'qq-why --json --log "$T/main" "$(id new)" "$(id restored)"' <<X
out: {"id":new,"token":"new@1700086700000000000","recipients":[{"address":"ned@far.test","channel":n
...: ull,"attempts":0,"first":null,"last":null,"under_way_since":null,"host":null,"code":null,"enhan
...: ced":null,"reason":null,"next":null}],"log_begins":"2023-11-15T22:13:20.001000+00:00"}
out: {"id":restored,"token":"restored@1700086500000000000","recipients":[{"address":"gus@far.test","
...: channel":"remote","attempts":0,"first":null,"last":null,"under_way_since":null,"host":null,"cod
...: e":null,"enhanced":null,"reason":null,"next":"2023-11-15T22:15:00+00:00"}],"log_begins":"2023-1
...: 1-15T22:13:20.001000+00:00"}
exit: 0
X
try 'qq-why --tsv --log "$T/main" "$(id deferred)" "$(id underway)"' <<X
out: token	attempts	first	last	under_way_since	next	to	host	reason
out: underway@1700086600000000000	1	2023-11-15T22:16:40.006000+00:00	2023-11-15T22:16:40.006000+00:0
...: 0		2023-11-15T22:16:40.000000+00:00	hal@far.test	far.test	
out: deferred@1700086400000000000	3	2023-11-15T22:13:20.020000+00:00	2023-11-15T22:21:40.500000+00:0
...: 0		2023-11-15T22:13:20.000000+00:00	eve@away.test	away.test	Sorry,_I_couldn't_find_any_host_nam
...: ed_away.test._(#4.4.3)/
exit: 0
X

# ---- which ----
try 'tsv to --reason "You are blocked"; tsv to --reason you_are_BLOCKED
  tsv to --host 192.0.2.7' <<X
out: fay@away.test
out: fay@away.test
out: fay@away.test
exit: 0
X
try 'tsv to --to away.test; tsv to -g --to "*@away.test" --host "*.test"
  tsv to -E --reason "^Sorry.*4\.4\.[13]"' <<X
out: fay@away.test
out: eve@away.test
out: eve@away.test
out: eve@away.test
exit: 0
X
try 'tsv to --min-attempts 2; tsv to --reason "is another"' <<X
out: eve@away.test
exit: 0
X

# ---- a large file ----
# What is older than what is asked for is not read: neither that the logger lost lines there, nor
# that the number was another's, but for the first line, with which the log begins.
mkdir "$T/grown"
{ awk -v id="$(id deferred)" 'BEGIN { text = "new msg " id
    for (i = 0; i < 40000; i++) {
      printf "@40000000%08x00000000 %s\n", '$beginning' - 2 * 86400 + 10 + i, text
      text = i == 20000 ? "Suppressed 9 messages from x" : "starting delivery " i + 9 ": msg 5 to"
    } }'
  cat "$T/main/current"; } >"$T/grown/current"
try 'for log in main grown; do
  qq-why --json --log "$T/$log" "$(token_of deferred)" "$(token_of many)" >"$T/said"
  sed "s/.*log_begins/.../" "$T/said"; sed "s/,.log_begins.*//" "$T/said" >"$T/of.$log"; done
  cmp "$T/of.main" "$T/of.grown"' <<'T'
out: ...":"2023-11-15T22:13:20.001000+00:00"}
out: ...":"2023-11-15T22:13:20.001000+00:00"}
out: ...":"2023-11-12T22:13:20.000000+00:00"}
out: ...":"2023-11-12T22:13:20.000000+00:00"}
exit: 0
T

# ---- counted ----
try 'qq-why --log "$T/main" --by host --min-attempts 1' <<X
out: recipients messages    tries first                last                 host
out:          3        2        3 15 Nov 2023 22:16:40 15 Nov 2023 22:18:20 far.test
out:          1        1        1 15 Nov 2023 22:18:20 15 Nov 2023 22:18:20 -
out:          1        1        1 15 Nov 2023 22:15:00 15 Nov 2023 22:15:00 192.0.2.7
out:          1        1        1 15 Nov 2023 22:13:20 15 Nov 2023 22:13:20 192.0.2.9
out:          1        1        3 15 Nov 2023 22:13:20 15 Nov 2023 22:21:40 away.test
err: qq-why: $T/main says nothing about 3 messages
exit: 0
X
try 'qq-why --log "$T/main" --by reason --tsv --to far.test' <<X
out: by	key	recipients	messages	attempts	first	last
out: reason	-	6	6	1	2023-11-15T22:16:40.006000+00:00	2023-11-15T22:16:40.006000+00:00
out: reason	# first.	1	1	1	2023-11-15T22:18:20.003000+00:00	2023-11-15T22:18:20.006000+00:00
out: reason	# second.	1	1	1	2023-11-15T22:18:20.004000+00:00	2023-11-15T22:18:20.007000+00:00
out: reason	421 4.7.0 blocked	1	1	1	2023-11-15T22:13:20.001000+00:00	2023-11-15T22:13:20.002000+00:0
...: 0
err: qq-why: $T/main says nothing about 3 messages
exit: 0
X
try 'qq-why --log "$T/main" --by to-domain --json' <<X
out: {"by":"to-domain","key":"far.test","recipients":9,"messages":8,"attempts":4,"first":"2023-11-15
...: T22:13:20.001000+00:00","last":"2023-11-15T22:18:20.007000+00:00"}
out: {"by":"to-domain","key":"away.test","recipients":2,"messages":2,"attempts":4,"first":"2023-11-1
...: 5T22:13:20.020000+00:00","last":"2023-11-15T22:21:40.500000+00:00"}
out: {"by":"to-domain","key":"here.test","recipients":1,"messages":1,"attempts":1,"first":"2023-11-1
...: 5T22:18:20.012000+00:00","last":"2023-11-15T22:18:20.013000+00:00"}
err: qq-why: $T/main says nothing about 3 messages
exit: 0
X

# ---- tokens ----
try -s 'qq-why --log "$T/main" --reason blocked --ids | qq-why --log "$T/main" --tsv - |
  cut -f 7' <<X
out: bob@far.test
out: fay@away.test
out: to
err: qq-why: $T/main says nothing about 3 messages
exit: 0
X
try 'echo 5@1700000000000000000 | { readable; qq-why --log "$T/main" --ids; }' <<X
err: qq-why: fatal: standard input has ids: give - to look only among them, or </dev/null
exit: 100
X
try 'qq-why --log "$T/main" 5@1700000000000000000' <<X
err: qq-why: warning: message 5 is not in the queue (any more)
exit: 1
X

# ---- which log ----
# What was finished before the oldest message that is asked for is not read.
between=@400000006553ff0000000000.s
echo '@400000006553fe0000000000 new msg 1' >"$T/main/$between"
try 'qq-why --log "$T/main" --verbose 2>&1 >/dev/null' <<X
out: qq-why: reading $T/main/@400000006553ff0000000000.s
out: qq-why: reading $T/main/current
exit: 0
X
try 'qq-why --log "$T/main" --verbose "$(id deferred)" 2>&1 >/dev/null' <<X
out: qq-why: reading $T/main/current
exit: 0
X
rm "$T/main/$between"
try 'QQ_LOG=$T/main qq-why --tsv --min-attempts 3 | cut -f 7' <<X
out: to
out: eve@away.test
exit: 0
X
try 'QQ_LOG=$T/none qq-why --log "$T/main/current" --log "$T/main/'$old'" --tsv --min-attempts 3 |
  cut -f 7' <<X
out: to
out: eve@away.test
exit: 0
X
try 'qq-why --log "$T/none"' <<X
err: qq-why: fatal: unable to open $T/none: No such file or directory
exit: 100
X
try 'qq-why --log -' <<X
err: qq-why: fatal: option --log: "-" given, expected a file or a directory
err: usage: qq-why [OPTION ...] [ID ... | -] (qq-why --help lists the options)
exit: 100
X
try 'qq-why --ids --json; qq-why -l --by host; qq-why -l --tsv' <<X
err: qq-why: fatal: option --ids cannot be used with -l, --json, --tsv or --by
err: usage: qq-why [OPTION ...] [ID ... | -] (qq-why --help lists the options)
err: qq-why: fatal: options -l and --by cannot be used together
err: usage: qq-why [OPTION ...] [ID ... | -] (qq-why --help lists the options)
err: qq-why: fatal: options -l, --json and --tsv cannot be used together
err: usage: qq-why [OPTION ...] [ID ... | -] (qq-why --help lists the options)
exit: 100
X
# Deliveries of a number that were under way when two logs began may be of two hosts.
mkdir "$T/other"
log "$T/other/current" <<'L'
86400.001 starting delivery 7: msg {early} to remote bob@far.test
86400.002 delivery 7: deferral: another_host's/
L
try 'qq-why --log "$T/main" --log "$T/other" --to bob -l | ages' <<X
out: early@1700000000000000000
out:   remote      bob@far.test
out:     attempts  0
out:     host      far.test
out:     reason    several streams have deliveries of its number: $T/main, $T/other
out:     next      when qmail-send starts
exit: 0
X

# ---- while qmail-send runs ----
if skip_unless_root 'what is under way'; then
  pretend "0:qmail-send+:$QUEUE:64015"
  try 'tsv under_way_since,last,to,reason --to hal; tsv under_way_since,to,reason --to eve' <<X
out: 2023-11-15T22:16:40.006000+00:00|2023-11-15T22:16:40.006000+00:00|hal@far.test|
out: |eve@away.test|Sorry,_I_couldn't_find_any_host_named_away.test._(#4.4.3)/
exit: 0
X
  try 'qq-why --log "$T/main" --to hal | grep -o "under way.*" | tr -s " "' <<X
out: under way hal@far.test far.test
exit: 0
X
  kill "$(pretended qmail-send)"
fi

finish
