#!/bin/sh
# hostile.t - mail that was made to hurt: nothing in it speaks to the terminal or breaks a line, and
# nothing takes long.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
in_time() { perl -e 'alarm 60; exec @ARGV or die' "$@"; }
has_terminal() { script -qec true /dev/null >/dev/null 2>&1; }

# No byte of a control but newline; no C1 control, bidirectional control, zero-width
# character or invalid UTF-8.
clean() {
  perl -MEncode -e '
    local $/;
    my $bytes = <STDIN>;
    my $text = eval { decode("UTF-8", my $copy = $bytes, Encode::FB_CROAK) } // die "no UTF-8\n";
    length $text or die "nothing at all\n";
    $text =~
      /([^\n\x20-\x7e\xa0-\x{10ffff}]|[\xad\x{61c}\x{180e}\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{206f}\x{feff}\x{fff9}-\x{fffb}\x{e0000}-\x{e0fff}])/
      and die sprintf "U+%04X: %s\n", ord $1, substr $text =~ s/[^ -~]/?/gr,
      ($-[0] > 40 ? $-[0] - 40 : 0), 80;
    print STDOUT $text =~ tr/\n//, " lines\n"'
}
# Tabs are part of --reasons.
piped() { in_time "$@" >"$T/piped" 2>&1; tr -d '\t' <"$T/piped" | clean; }
# A terminal driver makes a carriage return of a newline.
on_terminal() {
  in_time script -qec "stty cols 100; $*" /dev/null </dev/null >"$T/seen"
  perl -pe 's/\r\n/\n/; s/\t//g' "$T/seen" | clean
}
valid() {
  in_time "$@" >"$T/json" && perl -MJSON::PP -MEncode -ne '
    eval { decode("UTF-8", my $copy = $_, Encode::FB_CROAK); 1 } or die "no UTF-8\n";
    JSON::PP->new->utf8->decode($_);
    /[\x00-\x09\x0b-\x1f\x7f]/ and die "a control\n";
    $n++;
    END { print "$n objects\n"; exit !$n }' "$T/json"
}

# ---- every way in ----
evil='\033[31m\033]0;title\a\b\r\177\302\233\302\205\342\200\256\342\201\246\342\200\213\342\200\250\357\273\277\377\300\257\355\240\200\364\220\200\200\001'
built queue 0
put 1 "a\nb${evil}@x.example" remote "c\nd${evil}@y.example" "$evil" <<M
$(printf "Received: (qmail 1 invoked from network); 20 Nov 2026 12:52:57 -0000\nReceived: from unknown (HELO \033[2Jmx) (192.0.2.7${evil})\n  by mx; 20 Nov 2026 12:52:57 -0000\n")
$(printf "Subject: one$evil two")
$(printf "From: $evil <a@x>")
$(printf "To: $evil")
$(printf "Message-ID: <$evil>")
$(printf "Date: $evil")

$(printf "body $evil")
M
printf 'Tc\0' | cat "$(at remote 1)" - >"$T/x"; cp "$T/x" "$(at local 1)"
if am_root; then chown "$(owner "$QUEUE/info")" "$(at local 1)"; fi
# The same by way of encoded words.
encode() { printf "$1" | perl -ne 's/([^A-Za-z])/sprintf "=%02X", ord $1/ge; print'; }
put 2 '' remote e@y.example <<M
Received: (qmail 1 invoked for bounce); 20 Nov 2026 12:52:57 -0000
Subject: =?utf-8?q?one$(encode "$evil")?= =?utf-8?b?G1swbQ==?= =?iso-8859-1?q?=9B2J?= =?utf-7?q?+ABs-?= =?iso-2022-jp?b?GyRC?=
From: =?$(printf '\033[2J')?q?x?= =?utf-8?q?$(printf '\033')?=
To: =?us-ascii?q?=1B?=
Message-ID: =?utf-8?q?=1B?=

Hi. This is the qmail-send program at mx.example.test.

<$(printf "bad$evil")@y.example>:
$(printf "said$evil")

<$(printf 'two\nlines')@y.example>:
x

M
put 3 "$evil" todo "$evil" </dev/null
printf '<%bf@y.example>:\nRemote host said: %b\n\n' "$evil" "$evil" >"$(at bounce 1)"
if am_root; then chown "$(owner "$QUEUE/bounce")" "$(at bounce 1)"; fi
for call in 'qq-show' 'qq-show -l' 'qq-bounces --reasons' 'qq-bounces --summary' 'qq-stat' \
  'qq-stat --by from' 'qq-stat --by from-domain' 'qq-stat --by to-domain' 'qq-stat --by ip'; do
  check "$call in a pipe" piped $call
done
check 'qq-show in 60 columns' piped env COLUMNS=60 "$BIN/qq-show"
for call in 'qq-show --json' 'qq-show --json --sort to' 'qq-stat --json --by from' \
  'qq-stat --json --by to-domain'; do check "$call is JSON" valid $call; done
if has_terminal; then
  for call in 'qq-show' 'qq-show -l' 'qq-bounces --reasons' 'qq-bounces --summary' \
    'qq-stat --by from' "qq-cat $(id 1)" "qq-cat --text $(id 1) $(id 2) $(id 3)" \
    "qq-cat --envelope $(id 1)" \
    "qq-cat --mbox $(id 1) $(id 2)" "qq-cat --headers $(id 2)" "qq-cat --body $(id 1)"; do
    check "$call on a terminal" on_terminal "$call"
  done
  check 'JSON on a terminal' on_terminal 'qq-show --json'
else ok 'on a terminal # SKIP no script(1) of util-linux'
fi
try 'qq-show $(id 1) | sed 1d | sed "s/^ *//"' <<'T'
out: 1 local remote 20 Nov 2026 18:00:00  554 a\nb\x1b[31m\x1b]0;title\x07\x08\r\x7f\u{9b}\u{85}
...: \u{202e}\u{2066}\u{200b}\u{2028}\u{feff}\xff\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\x01@x.example
...:  c\nd\x1b[31m\x1b]0;title\x07\x08\r\x7f\u{9b}\u{85}\u{202e}\u{2066}\u{200b}\u{2028}\u{feff}\xff
...: \xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\x01@y.example +4 one\x1b[31m\x1b]0;title\x07\x08
...:  \x7fÂ›Â…â€®â�¦â€‹â€¨ï»¿ÿÀ¯í €ô�€€\x01 two
exit: 0
T
try 'qq-show $(id 2) | sed 1d | sed "s/^ *//"' <<'T'
out: 2 remote bounce 20 Nov 2026 18:00:00  595 <>   e@y.example
...:  one\x1b[31m\x1b]0;title\x07\x08 \x7f\u{9b} ����������\x01\x1b[0m›2J\x1b
exit: 0
T
# One row, one line; the exact bytes are in JSON.
try 'qq-show | wc -l;
  qq-show --json $(id 1) |
    perl -MJSON::PP -MMIME::Base64 -ne "\$m = decode_json(\$_); print encode_base64(decode_base64(\$m->{from_base64}), q()) eq \$m->{from_base64} ? qq(same\n) : qq(not\n); print length decode_base64(\$m->{from_base64}), qq(\n)";
  perl -pe "s/^F//;s/\0//" "$(at info 1)" | wc -c' <<'T'
out: 4
out: same
out: 61
out: 61
exit: 0
T
# What programs say of hostile operands and files is clean too.
try 'qq-show "$(printf "\033[2J")"; qq-grep --nonsense="$(printf "\033")";
  qq-list --queue "$(printf "a\033\nb")"; qq-stat --by "$(printf "\302\233")"' <<'T'
err: qq-show: fatal: operand 1 is "\x1b[2J": expected ID or ID@STAMP
err: qq-grep: fatal: unknown option --nonsense=\x1b
err: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
err: qq-list: fatal: unable to open the queue a\x1b\nb: No such file or directory
err: qq-stat: fatal: option --by: "\u{9b}" given, expected
...:  from|from-domain|to|to-domain|subject|header:NAME|uid|ip|login|channel|age|size
err: usage: qq-stat [OPTION ...] [ID ... | -] (qq-stat --help lists the options)
exit: 100
T

# ---- who sent it: only what qmail wrote on top ----
forged() { put "$1" me@x.example remote you@y.example; }
forged 10 <<'M'
Received: (qmail 99 invoked by uid 1001); 20 Nov 2026 12:52:57 -0000
Received: (qmail 98 invoked from network); 20 Nov 2026 12:52:57 -0000
Received: from unknown (HELO x) (192.0.2.1)
  by mx.example.test with SMTP; 20 Nov 2026 12:52:57 -0000
Received: (qmail 97 invoked by uid 0); 20 Nov 2026 12:52:57 -0000
M
forged 11 <<'M'
Received: (qmail 99 invoked from network); 20 Nov 2026 12:52:57 -0000
Received: from evil (HELO (qmail 5 invoked by uid 0)) (198.51.100.9)
  by mx.example.test with SMTP; 20 Nov 2026 12:52:57 -0000
Received: (qmail 97 invoked by uid 0); 20 Nov 2026 12:52:57 -0000
Received: from unknown (HELO x) (192.0.2.1)
  by mx.example.test with SMTP; 20 Nov 2026 12:52:57 -0000
M
# Through a program that put its own line between.
forged 12 <<'M'
Received: (qmail 99 invoked from network); 20 Nov 2026 12:52:57 -0000
X-Spam: no
Received: from unknown (HELO x) (192.0.2.1)
  by mx.example.test with SMTP; 20 Nov 2026 12:52:57 -0000
M
forged 13 <<'M'
Received: by something else
Received: (qmail 97 invoked by uid 0); 20 Nov 2026 12:52:57 -0000
M
forged 14 <<'M'
Subject: Received: (qmail 97 invoked by uid 0); 20 Nov 2026 12:52:57 -0000
M
# HELO with what looks like the address.
forged 15 <<'M'
Received: (qmail 99 invoked from network); 20 Nov 2026 12:52:57 -0000
Received: from unknown (HELO x) (192.0.2.1)) (203.0.113.5)
  by mx.example.test with SMTP; 20 Nov 2026 12:52:57 -0000
M
forged 16 <<'M'
Received: (qmail 99 invoked by uid 0) Received: (qmail 98 invoked by uid 5); x
M
forged 17 <<'M'
Received: (qmail 99 invoked by uid 99999999999999999999); 20 Nov 2026 12:52:57 -0000
M
who() { for n; do qq-show --json "$(id $n)" | sed 's/.*\("uid":[^,]*,"ip":[^,]*\),.*/\1/'; done; }
try 'who 10 11 12 13 14 15 16 17' <<'T'
out: "uid":1001,"ip":null
out: "uid":null,"ip":"198.51.100.9"
out: "uid":null,"ip":"192.0.2.1"
out: "uid":null,"ip":null
out: "uid":null,"ip":null
out: "uid":null,"ip":"203.0.113.5"
out: "uid":null,"ip":null
out: "uid":null,"ip":null
exit: 0
T
try 'qq-grep -c --uid 0; qq-grep -c --ip 192.0.2.1;
  qq-grep --lines --ip 198.51.100.9 | sed "s/@.*//"' <<'T'
out: 0
out: 1
out: 11
exit: 0
T

# ---- much of it ----
built much 0
perl -e 'print "Subject: ", "x" x 10000000, "\nTo: a\n\nbody\n"' |
  put 1 long@x.example remote you@y.example
perl -e 'print "X" x 1000000, ": y\n", "Y" x 1000000, "\nSubject: behind long names\n\n"' |
  put 2 names@x.example remote you@y.example
perl -e 'print "Subject:", " =?utf-8?q?w=C3=A9?=" x 50000, "\n\n"' |
  put 3 words@x.example remote you@y.example
perl -e 'print "Subject:", "\n =?utf-8?b?w6k=?=" x 50000, "\n\n"' |
  put 4 folded@x.example remote you@y.example
perl -e 'print "Subject: =?", "?" x 500000, "=?" x 500000, "\n\n"' |
  put 5 half@x.example remote you@y.example
perl -e 'print "A: b\n" x 200000, "Subject: behind many fields\n\n"' |
  put 6 fields@x.example remote you@y.example
perl -e '
  print "Subject: nested\n";
  print "Content-Type: multipart/mixed; boundary=b$_\n\n--b$_\n" for 1 .. 3000;
  print "Content-Type: text/plain\n\nneedle\n"' | put 7 nested@x.example remote you@y.example
perl -e '
  print "Subject: nested\n";
  print "Content-Type: message/rfc822\n\n" for 1 .. 100000;
  print "deep\n"' | put 8 rfc822@x.example remote you@y.example
perl -e '
  print "Content-Type: multipart/mixed; boundary=\"", "b" x 1000000, "\"\n\n--", "b" x 1000000,
    "\n\nneedle\n", "--b\n" x 300000' | put 9 boundary@x.example remote you@y.example
perl -e 'print "Subject:", (map { " =?charset$_?q?=41?=" } 1 .. 20000), "\n\n"' |
  put 10 charsets@x.example remote you@y.example
perl -e 'print "Subject: x\n\n", "\0" x 3000000' | put 11 nuls@x.example remote you@y.example
perl -e '
  print "Content-Transfer-Encoding: base64\nContent-Type: text/plain\n\n", "=" x 3000000, "\n",
    "!" x 1000000' | put 12 base64@x.example remote you@y.example
perl -e '
  print "Content-Transfer-Encoding: quoted-printable\n\n", "=\n" x 1000000, "=" x 1000000,
    " " x 1000000' | put 13 quoted@x.example remote you@y.example
put 14 many@x.example remote you@y.example </dev/null
perl -e 'print map { "Trecipient$_\@far.example\0" } 1 .. 100000' >"$(at remote 14)"
put 15 many@x.example todo you@y.example </dev/null
perl -e 'print "u0\0p0\0Fmany\@x.example\0", map { "Trecipient$_\@far.example\0" } 1 .. 100000' \
  >"$(at todo 15)"
perl -e '
  print "Received: (qmail 1 invoked for bounce); x\n\nHi. This is the qmail-send program at x.\n\n",
    map { "<r$_\@far.example>:\nreason $_\n\n" }
    1 .. 50000' | put 16 '' remote you@y.example
fine() {
  in_time "$@" >"$T/out1" 2>"$T/err1"; code=$?; cat "$T/err1"
  [ $code -le 1 ] && [ ! -s "$T/err1" ]
}
for call in qq-show 'qq-show --json' 'qq-stat' 'qq-stat --by from' 'qq-stat --by to-domain' \
  'qq-grep --subject behind' 'qq-grep --body needle' 'qq-grep --header to:nobody' \
  'qq-grep -E --subject ^nested$' 'qq-grep -x --subject nested' 'qq-grep -g --body *needle' \
  'qq-grep --to recipient99999@' 'qq-bounces --summary' 'qq-list'; do
  check "$call in time" fine $call
done
check 'and in full' piped qq-show -l
check 'and JSON is JSON' valid qq-show --json \
  $(for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 16; do id $n; done)
# An expression that anybody would write, on a subject that somebody made for it: libc looks from
# every place to the end.
check 'an expression on a long subject' sh -c \
  'perl -e "alarm 10; exec @ARGV" qq-grep -E --subject "[a-z]+@" -c; test $? = 1'
try -s 'qq-grep --lines --subject behind | sed "s/@.*//"' <<'T'
out: 2
out: 6
exit: 0
T
try -s 'qq-grep --lines --body needle | sed "s/@.*//"' <<'T'
out: 9
exit: 0
T
try 'qq-bounces --reasons | wc -l; qq-show $(id 14) | grep -o "+99999";
  qq-cat --envelope $(id 15) | tr "\0" "\n" | grep -c ^T; qq-grep -c --min-recipients 100000' <<'T'
out: 50000
out: +99999
out: 100000
out: 2
exit: 0
T
check 'all of it as a mailbox' sh -c \
  'qq-list | perl -e "alarm 60; exec @ARGV" qq-cat --mbox >/dev/null'
check 'all of it for reading' sh -c \
  'qq-list | perl -e "alarm 60; exec @ARGV" qq-cat --text >/dev/null'
# A pattern list against a long header.
seq 100000 | sed 's/$/needle/' >"$T/list"
check 'a long list against all of it' sh -c \
  'perl -e "alarm 60; exec @ARGV" qq-grep --subject-list "$1" -c; test $? = 1' - "$T/list"
# ---- a list of recipients that is larger than any ----
# Eight gigabytes of nothing: said, and not read into memory.
queue queue-notqmail; cd "$T" || exit 99; QQ_QUEUE=queue-notqmail/queue
perl -e 'truncate $ARGV[0], 8 << 30 or die "$!\n"' "$(at remote 1081648)" || exit 99
for call in qq-show 'qq-grep --to victim2' 'qq-rm --to victim2' 'qq-show --json'; do
  # shellcheck disable=SC3045 # dash and busybox have it
  enough() {
    (case $BUILD in */asan) ;; *) ulimit -v 2000000 ;; esac; $call "$(id 1081648)") >out 2>err
    [ $? = 111 ] && grep -q "File too large" err
  }
  check "$call: 8 GB of recipients" enough
done
# Sixty, in each place: an answer within a moment, or that it is too large.
cd "$T" || exit 99
answers() {
  for call in qq-check 'qq-show -l' 'qq-bounces --reasons' 'qq-grep --subject x'; do
    echo "$call:"; perl -e 'alarm 60; exec @ARGV' $call 2>&1 >said | sed 's/.*warning: //'
    if [ "$call" = qq-check ]; then grep '^stuck: [rt]' said | sed 's/\. .*//;s/  */ /g'; fi
  done
}
vast() {
  rm -rf vast; built vast 0 --split 1; QQ_QUEUE=vast
  case $1 in todo) channel=todo ;; *) channel=remote ;; esac
  printf '%s' 'Received: (qmail 1 invoked for bounce); 1 Jan 2026 00:00:00 -0000' |
    put 1 '' $channel to@y.example
  perl -e 'open my $f, ">>", $ARGV[0] or die; truncate $f, 60 << 30 or die "$!\n"' "$(at $1 1)"
}
vast info || exit 99
try 'answers # 60 GB in info' <<T
out: qq-check:
out: qq-show -l:
out: info/*/1: File too large
out: qq-bounces --reasons:
out: info/*/1: File too large
out: qq-grep --subject x:
exit: 0
T
vast remote || exit 99
try 'answers # 60 GB in remote' <<T
out: qq-check:
out: stuck: remote/*/1: The file of recipients has a record of an unknown type
out: qq-show -l:
out: remote/*/1: File too large
out: qq-bounces --reasons:
out: 1 bounce is in no known form, so its reasons are not shown: see qq-bounces(8)
out: qq-grep --subject x:
exit: 0
T
vast todo || exit 99
try 'answers # 60 GB in todo' <<T
out: qq-check:
out: stuck: todo/1: The envelope has a record of an unknown type
out: qq-show -l:
out: todo/1: File too large
out: qq-bounces --reasons:
out: todo/1: File too large
out: qq-grep --subject x:
exit: 0
T
vast bounce || exit 99
try 'answers # 60 GB in bounce' <<T
out: qq-check:
out: qq-show -l:
out: bounce/1: File too large
out: qq-bounces --reasons:
out: bounce/1: File too large
out: 1 bounce is in no known form, so its reasons are not shown: see qq-bounces(8)
out: qq-grep --subject x:
exit: 0
T
# Nor does it stop who mends the queue.
if am_root; then
  mkdir control; echo y.example >control/me; vast todo || exit 99
  try 'qq-fix --dry-run --home . --queue vast | sed "s/\. .*//;s/  */ /g"' <<T
out: 1: put aside: The envelope has a record of an unknown type.
err: qq-fix: the trees would be made anew
exit: 0
T
fi
vast mess || exit 99
try 'answers # 60 GB in mess' <<T
out: qq-check:
out: qq-show -l:
out: mess/*/1: File too large
out: qq-bounces --reasons:
out: mess/*/1: File too large
out: qq-grep --subject x:
out: mess/*/1: File too large
exit: 0
T
finish
