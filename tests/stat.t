#!/bin/sh
# stat.t - qq-stat: the lines of qmail-qstat, the figures, and counts by key and age.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"

# As qmail-qstat counts: files in mess/*, files in todo.
qstat() {
  echo "messages in queue: $(find "$QUEUE"/mess/* -type f -print | wc -l | tr -d ' ')"
  echo "messages in queue but not yet preprocessed: $(find "$QUEUE"/todo -type f -print | wc -l |
    tr -d ' ')"
}
first_two() { qstat >"$T/qstat"; qq-stat | head -n 2 | diff "$T/qstat" -; }
# Ages depend on the clock.
# Ages depend on today.
aged() { sed 's/"oldest_age":[0-9]*/"oldest_age":N/'; }
figures() { qq-stat "$@" | sed 's/ ([^)]*)$//' | aged; }

for fixture in queue-bigtodo queue-notqmail; do
  queue $fixture
  check "$fixture: the first two lines are those of qmail-qstat" first_two
done
try figures <<'T'
out: messages in queue: 23
out: messages in queue but not yet preprocessed: 2
out: local: 3
out: remote: 19
out: new: 2
out: bounces: 3
out: double bounces: 2
out: failing: 2
out: held: 0
out: over: 0
out: bytes: 3057387
out: being written or left over: 0
out: oldest: 20 Nov 2026 12:38:44
exit: 0
T
try 'figures --json | sed "s/,/,\n/g"' <<'T'
out: {"files":23,
out: "todo_files":2,
out: "messages":23,
out: "channels":{"local":3,
out: "remote":19},
out: "new":2,
out: "bounces":3,
out: "double_bounces":2,
out: "failing":2,
out: "held":0,
out: "over":0,
out: "bytes":3057387,
out: "oldest":"2026-11-20T12:38:44+00:00",
out: "left_over":0,
out: "oldest_age":N}
exit: 0
T
queue queue-bigtodo
try figures <<'T'
out: messages in queue: 6
out: messages in queue but not yet preprocessed: 4
out: local: 0
out: remote: 2
out: new: 4
out: bounces: 0
out: double bounces: 0
out: failing: 1
out: held: 0
out: over: 0
out: bytes: 1379
out: being written or left over: 0
out: oldest: 20 Nov 2026 13:33:31
exit: 0
T
# Files that are no messages count for qmail-qstat too.
put 1 a@x.example remote b@y.example </dev/null; rm "$(at info 1)" "$(at remote 1)"
put 2 a@x.example todo b@y.example </dev/null; rm "$(at todo 2)"
: >"$QUEUE/mess/5/note"; : >"$QUEUE/todo/3/note"; mkdir "$QUEUE/mess/5/77"
check 'files that are no messages count in the first two lines' first_two
try 'figures | sed -n "1,5p"' <<'T'
out: messages in queue: 9
out: messages in queue but not yet preprocessed: 5
out: local: 0
out: remote: 2
out: new: 4
exit: 0
T
rmdir "$QUEUE/mess/5/77"

# ---- of some messages ----
queue queue-notqmail
try 'qq-grep --from spammer | figures -' <<'T'
out: local: 0
out: remote: 6
out: new: 0
out: bounces: 0
out: double bounces: 0
out: failing: 0
out: held: 0
out: over: 0
out: bytes: 1563
out: oldest: 20 Nov 2026 12:38:44
exit: 0
T
try 'figures --json $(id 1081647) $(id 1081647) 5' <<'T'
out: {"messages":1,"channels":{"local":0,"remote":1},"new":0,"bounces":0,"double_bounces":0,
...: "failing":1,"held":0,"over":0,"bytes":239,"oldest":"2026-11-20T12:52:18+00:00","oldest_age":N}
exit: 0
T
try 'TZ=Asia/Kolkata figures $(id 1081647) | tail -n 1;
  TZ=America/New_York qq-stat --json $(id 1081647) | grep -o "\"oldest.*" | aged' <<'T'
out: oldest: 20 Nov 2026 18:22:18
out: "oldest":"2026-11-20T07:52:18-05:00","oldest_age":N}
exit: 0
T
try 'TZ=XXX+3:30 figures $(id 1081647) | tail -n 1;
  TZ=XXX-0:07 figures $(id 1081647) | tail -n 1' <<'T'
out: oldest: 20 Nov 2026 09:22:18
out: oldest: 20 Nov 2026 12:59:18
exit: 0
T

# ---- by key ----
# Two messages in each column: so many minutes old that they are among the first
# in it, and among the last.
built aged 0
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  put $n "user$((n % 3))@Host$((n % 2)).Example" remote "to@far$((n % 4)).test" "to@FAR9.test" \
    "again@far9.test" <<M
Received: (qmail 1 invoked by uid $((1000 + n % 2))); 20 Nov 2026 12:52:57 -0000
M
  at mess $n
done >"$T/files"
perl -e '
  for (0, 3, 5, 8, 10, 18, 20, 38, 40, 78, 80, 158, 160, 318, 320, 638, 640, 1278, 1280, 99999) {
    chomp($file = <STDIN>);
    utime time - 60 * $_, time - 60 * $_, $file or die "$file: $!"
  }' <"$T/files"
try 'qq-stat --by from' <<'T'
out:                     messages     5m    10m    20m    40m    80m   160m   320m   640m  1280m
...:  1280m+
out:               TOTAL       20      2      2      2      2      2      2      2      2      2
...:       2
out: user1@Host1.Example        4      1      0      0      1      0      0      1      0      0
...:       1
out: user2@Host0.Example        4      1      0      0      1      0      0      1      0      0
...:       1
out: user0@Host0.Example        3      0      0      1      0      0      1      0      0      1
...:       0
out: user0@Host1.Example        3      0      1      0      0      1      0      0      1      0
...:       0
out: user1@Host0.Example        3      0      1      0      0      1      0      0      1      0
...:       0
out: user2@Host1.Example        3      0      0      1      0      0      1      0      0      1
...:       0
exit: 0
T
try 'qq-stat --by from-domain --top 1' <<'T'
out:               messages     5m    10m    20m    40m    80m   160m   320m   640m  1280m 1280m+
out:         TOTAL       20      2      2      2      2      2      2      2      2      2      2
out: host0.example       10      1      1      1      1      1      1      1      1      1      1
exit: 0
T
try 'qq-stat --by to-domain --top 2' <<'T'
out:           messages recipients     5m    10m    20m    40m    80m   160m   320m   640m  1280m
...:  1280m+
out:     TOTAL       20         60      2      2      2      2      2      2      2      2      2
...:       2
out: far9.test       20         40      2      2      2      2      2      2      2      2      2
...:       2
out: far0.test        5          5      0      1      0      1      0      1      0      1      0
...:       1
exit: 0
T
try 'qq-stat --by uid; qq-stat --by ip | tail -n 1; qq-stat --by channel | tail -n 1' <<'T'
out:       messages     5m    10m    20m    40m    80m   160m   320m   640m  1280m 1280m+
out: TOTAL       20      2      2      2      2      2      2      2      2      2      2
out:  1000       10      1      1      1      1      1      1      1      1      1      1
out:  1001       10      1      1      1      1      1      1      1      1      1      1
out:     -       20      2      2      2      2      2      2      2      2      2      2
out: remote       20         60      2      2      2      2      2      2      2      2      2
...:       2
exit: 0
T
try 'qq-stat --by age' <<'T'
out:            messages     5m    10m    20m    40m    80m   160m   320m   640m  1280m 1280m+
out:      TOTAL       20      2      2      2      2      2      2      2      2      2      2
out:      0m-5m        2      2      0      0      0      0      0      0      0      0      0
out:    10m-20m        2      0      0      2      0      0      0      0      0      0      0
out:     1280m+        2      0      0      0      0      0      0      0      0      0      2
out:  160m-320m        2      0      0      0      0      0      0      2      0      0      0
out:    20m-40m        2      0      0      0      2      0      0      0      0      0      0
out:  320m-640m        2      0      0      0      0      0      0      0      2      0      0
out:    40m-80m        2      0      0      0      0      2      0      0      0      0      0
out:     5m-10m        2      0      2      0      0      0      0      0      0      0      0
out: 640m-1280m        2      0      0      0      0      0      0      0      0      2      0
out:   80m-160m        2      0      0      0      0      0      2      0      0      0      0
exit: 0
T
try 'qq-stat --by from --top 0; qq-stat --by from --top 99 | wc -l' <<'T'
out:       messages     5m    10m    20m    40m    80m   160m   320m   640m  1280m 1280m+
out: TOTAL       20      2      2      2      2      2      2      2      2      2      2
out: 8
exit: 0
T
try 'qq-stat --by from --json' <<'T'
out: {"key":"user1@Host1.Example","messages":4,"ages":[1,0,0,1,0,0,1,0,0,1]}
out: {"key":"user2@Host0.Example","messages":4,"ages":[1,0,0,1,0,0,1,0,0,1]}
out: {"key":"user0@Host0.Example","messages":3,"ages":[0,0,1,0,0,1,0,0,1,0]}
out: {"key":"user0@Host1.Example","messages":3,"ages":[0,1,0,0,1,0,0,1,0,0]}
out: {"key":"user1@Host0.Example","messages":3,"ages":[0,1,0,0,1,0,0,1,0,0]}
out: {"key":"user2@Host1.Example","messages":3,"ages":[0,0,1,0,0,1,0,0,1,0]}
exit: 0
T
try 'qq-stat --by from-domain --json --top 1 $(id 1) $(id 3) $(id 4)' <<'T'
out: {"key":"host1.example","messages":2,"ages":[1,1,0,0,0,0,0,0,0,0]}
exit: 0
T

# Messages of all kinds: no address, two channels, new ones, VERP, sizes.
queue queue-notqmail
try 'qq-stat --by from-domain | cut -c 1-23; qq-stat --by channel | cut -c 1-21;
  qq-stat --by uid | cut -c 1-14' <<'T'
out:                messages
out:          TOTAL       23
out:   shop.example        4
out:              -        3
out:   bulk.example        3
out:      evil.test        3
out:             []        2
out:   todo.example        2
out:         b.test        1
out:   case.example        1
out:   evil.example        1
out: letter.example        1
out:   long.example        1
out:      x.example        1
out:        messages recip
out:  TOTAL       23      
out: remote       19      
out:  local        3      
out:    new        2      
out:       messages
out: TOTAL       23
out:     0       20
out:     -        3
exit: 0
T
try 'qq-stat --by size | cut -c 1-14; qq-stat --by ip | cut -c 1-14' <<'T'
out:       messages
out: TOTAL       23
out:  <=1K       20
out: <=16K        1
out:  <=4K        1
out:  <=4M        1
out:       messages
out: TOTAL       23
out:     -       23
exit: 0
T
# Recipients: each that waits has a key of its own; they are counted beside the messages.
counted() { qq-stat --by "$@" --json | sed 's/,"ages".*//'; }
try 'qq-stat --by to-domain --top 4 | cut -c 1-35; counted to-domain --top 2 --recipients' <<'T'
out:                 messages recipients
out:           TOTAL       23        331
out:        far.test       20         21
out:       away.test        6          6
out: mx.example.test        4          4
out:   list0.example        1         42
out: {"key":"list1.example","messages":1,"recipients":43
out: {"key":"list2.example","messages":1,"recipients":43
exit: 0
T
try 'counted to $(id 1081648); counted channel; counted from --recipients --top 1;
  counted from --top 1' <<'T'
out: {"key":"other2@away.test","messages":1,"recipients":1
out: {"key":"victim2@far.test","messages":1,"recipients":1
out: {"key":"remote","messages":19,"recipients":325
out: {"key":"local","messages":3,"recipients":3
out: {"key":"new","messages":2,"recipients":3
out: {"key":"news-@letter.example-@[]","messages":1,"recipients":300
out: {"key":"<>","messages":3
exit: 0
T
# The same address twice in one message is one message with two recipients; who is done waits for
# nothing.
put 4 a@x.example remote b@y.example b@y.example c@Y.example </dev/null
put 5 a@x.example remote b@y.example </dev/null
perl -pi -e 's/^T/D/' "$(at remote 5)"
try 'for key in to to-domain channel; do counted $key $(id 4) $(id 5); done' <<'T'
out: {"key":"-","messages":1,"recipients":0
out: {"key":"b@y.example","messages":1,"recipients":2
out: {"key":"c@Y.example","messages":1,"recipients":1
out: {"key":"-","messages":1,"recipients":0
out: {"key":"y.example","messages":1,"recipients":3
out: {"key":"-","messages":1,"recipients":0
out: {"key":"remote","messages":1,"recipients":3
exit: 0
T
# What fills the queue: the field that PHP adds tells the script, wherever it stands in the header.
for site in 0 1 2; do put "script$site" "w$site@host.example" remote b@y.example <<M; done
To: b@y.example
Subject: =?utf-8?q?Ihre_Best=C3=A4tigung?=
X-PHP-Originating-Script: 2003:kontakt.php

x
M
put script3 w3@host.example remote b@y.example <<'M'
x-php-originating-script: 2007:send
 .php
Subject: Ihre Bestätigung

x
M
scripts="$(id script0) $(id script1) $(id script2) $(id script3) $(id 4)"
try 'qq-stat --by header:x-php-originating-script $scripts | cut -c 1-25;
  counted subject $scripts;
  qq-grep -c -g --header "x-php-originating-script:*"' <<'T'
out:                  messages
out:            TOTAL        5
out: 2003:kontakt.php        3
out:                -        1
out:   2007:send .php        1
out: {"key":"Ihre Bestätigung","messages":4
out: {"key":"-","messages":1
out: 4
exit: 0
T
try 'qq-bounces | qq-stat --by from - | cut -c 1-14' <<'T'
out:       messages
out: TOTAL        5
out:    <>        3
out:  #@[]        2
exit: 0
T
# From the network, by an address.
put 1 a@x.example remote b@y.example <<'M'
Received: (qmail 1 invoked from network); 20 Nov 2026 12:52:57 -0000
Received: from unknown (HELO mx) (2001:DB8:0::25)
  by mx.example.test with SMTP; 20 Nov 2026 12:52:57 -0000
M
put 2 a@x.example todo b@y.example <<'M'
Received: (qmail 1 invoked from network); 20 Nov 2026 12:52:57 -0000
Received: from unknown (HELO mx) (user@192.0.2.7)
  by mx.example.test with SMTP; 20 Nov 2026 12:52:57 -0000
M
try 'qq-stat --by ip $(id 1) $(id 2) | cut -c 1-23;
  qq-stat --by uid $(id 1) $(id 2) | cut -c 1-14' <<'T'
out:              messages  
out:        TOTAL        2  
out:    192.0.2.7        1  
out: 2001:db8::25        1  
out:       messages
out: TOTAL        2
out:     -        1
out:  1001        1
exit: 0
T
# Keys are made safe in the table, cut at 50 cells; exact in JSON.
put 3 'x\033[2J\377@y.example' remote b@y.example </dev/null
try 'qq-stat --by from $(id 3) $(id 1081798) | sed "1,2d;s/ *1  .*//";
  qq-stat --json --by from $(id 3) | sed "s/,\"mess.*//"' <<'T'
out: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…
out:                             x\x1b[2J\xff@y.example
out: {"key":"x\u001b[2J�@y.example","key_base64":"eBtbMkr/QHkuZXhhbXBsZQ=="
exit: 0
T

if skip_unless_root 'held and over'; then
  queue queue-notqmail
  held 1081647 1081821; over 1081648 1081651 1081823
  check 'with held and over ones: the first two lines are those of qmail-qstat' first_two
  try figures <<'T'
out: messages in queue: 23
out: messages in queue but not yet preprocessed: 2
out: local: 3
out: remote: 17
out: new: 1
out: bounces: 3
out: double bounces: 2
out: failing: 2
out: held: 2
out: over: 3
out: bytes: 3056679
out: being written or left over: 0
out: oldest: 20 Nov 2026 12:38:44
exit: 0
T
  try 'figures $(id 1081648) $(id 1081647) | grep ":"; qq-stat --by from --top 1 | cut -c 1-31;
    qq-list --over | qq-stat --by from - | wc -l' <<'T'
out: local: 0
out: remote: 1
out: new: 0
out: bounces: 0
out: double bounces: 0
out: failing: 1
out: held: 1
out: over: 1
out: bytes: 239
out: oldest: 20 Nov 2026 12:52:18
out:       messages     5m    10m   
out: TOTAL       20      0      0   
out:    <>        3      0      0   
out: 1
exit: 0
T
fi
finish
