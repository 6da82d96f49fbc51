#!/bin/sh
# cat.t - qq-cat: messages byte for byte, in parts, as mailbox, envelope and text.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
queue queue-notqmail
cd "$T" || exit 99
# Carriage returns and bytes that are no ASCII, in octal.
octal() { perl -pe 's/([\r\x80-\xff])/sprintf "\\%o", ord $1/ge'; }

# ---- the bytes ----
exact() { qq-cat "$1" | cmp - "$(place mess "$1")"; }
same() { for id in $(awk '{ print $2 }' "$T/numbers"); do exact "$id" || return 1; done; }
check 'every message is what its file is' same
both() {
  qq-list --lines | tee ids | qq-cat >all
  sed 's/@.*//' ids | while read -r id; do cat "$(place mess "$id")"; done | cmp - all
}
check 'several, one directly behind the other, in the order given' both
parts() { for id in $(awk '{ print $2 }' "$T/numbers"); do {
  qq-cat --headers "$id"; qq-cat --body "$id"
} | cmp - "$(place mess "$id")" || return 1; done; }
check 'header and body are together the message' parts
try 'qq-cat $(id 1081796)' <<'T'
out: Received: (qmail 17024 invoked by uid 0); 20 Nov 2026 12:52:57 -0000
out: Date: 20 Nov 2026 12:52:57 -0000
out: Message-ID: <20261120125257.17020.qmail@mx.example.test>
out: From: anonymous@mx.example.test
out: Cc: recipient list not shown: ;
out: 
exit: 0
T
try 'qq-cat --headers $(id 1081805) | tail -n 3; echo; qq-cat --body $(id 1081805)' <<'T'
out: MIME-Version: 1.0
out: Content-Type: multipart/mixed; boundary=b
out: 
out: 
out: --b
out: Content-Type: text/plain; charset=utf-8
out: Content-Transfer-Encoding: base64
out: 
out: c2VjcmV0IGtleXdvcmQgaW5zaWRl
out: --b--
exit: 0
T
queue queue-bigtodo
check 'big todo: every message is what its file is' same

# Odd ones: empty; no newline at the end; no body; no header; NULs; CR LF; a body that
# begins with a blank line.
queue queue-notqmail
put 1 a@x.example remote b@y.example </dev/null
printf 'Subject: x\n\nno newline' | put 2 a@x.example remote b@y.example
printf 'Subject: no body\n' | put 3 a@x.example remote b@y.example
printf '\nno header\n' | put 4 a@x.example remote b@y.example
printf 'Subject: a\0b\n\n\0\0\377\n' | put 5 a@x.example remote b@y.example
printf 'Subject: crlf\r\n\r\nbody\r\n' | put 6 a@x.example remote b@y.example
printf 'Subject: x\n\n\n\nblank\n' | put 7 a@x.example remote b@y.example
perl -e 'print "Subject: x\nX-Long: ", "y" x 70000, "\n" x 2, "z" x 200000, "\n"' |
  put 8 a@x.example remote b@y.example
printf 'no colon here\nbody?\n\nmore\n' | put 9 a@x.example remote b@y.example
check 'and so are odd ones' same
check 'in parts too' parts
try 'for n in 1 2 3 4 5 6 7 9; do qq-cat --headers $(id $n) | octal; echo .; done' <<'T'
out: .
out: Subject: x
out: 
out: .
out: Subject: no body
out: .
out: 
out: .
out: Subject: a\0
out: b
out: 
out: .
out: Subject: crlf\15
out: \15
out: .
out: Subject: x
out: 
out: .
out: no colon here
out: body?
out: 
out: .
exit: 0
T
try 'for n in 1 2 3 4 5 6 7 9; do qq-cat --body $(id $n) | octal; echo .; done;
  qq-cat --body $(id 8) | wc -c' <<'T'
out: .
out: no newline.
out: .
out: no header
out: .
out: \0
out: \0
out: \377
out: .
out: body\15
out: .
out: 
out: 
out: blank
out: .
out: more
out: .
out: 200001
exit: 0
T

# ---- the envelope ----
try 'qq-cat --envelope $(id 1081647); qq-cat --envelope $(id 1081821)' <<'T'
out: Fme@b.test\0
out: Tdefer2@far.test\0
out: \0
out: Ft1@todo.example\0
out: Tdefer20@far.test\0
out: Tpostmaster@mx.example.test\0
out: \0
exit: 0
T
try 'qq-cat --envelope $(id 1081777) $(id 1081812) $(id 1081776)' <<'T'
out: F\0
out: Tdefer4@far.test\0
out: \0
out: F#@[]\0
out: Tpostmaster@mx.example.test\0
out: \0
out: Fbob@shop.example\0
out: Tdeferlocal@mx.example.test\0
out: Tdefer3@far.test\0
out: \0
exit: 0
T
put 10 'a b\n\377@x.example' remote 'c\nd@y.example' </dev/null
try 'qq-cat --envelope $(id 10) | octal' <<'T'
out: Fa b
out: \377@x.example\0
out: Tc
out: d@y.example\0
out: \0
exit: 0
T
perl -pi -e 's/(^|\0)T/$1D/g' "$(at remote 10)"
try 'qq-cat --envelope $(id 10) | octal' <<'T'
out: Fa b
out: \377@x.example\0
out: \0
exit: 0
T

# ---- a mailbox ----
unmbox() {      # mboxrd taken apart again, into $T/unmbox.1 and so on; the separators on stdout
  rm -f "$T"/unmbox.*; perl -e '

        local $/;
        $_ = <STDIN>;
        my @m = split /^(?=From )/m;
        my $n = 0;
        for (@m) {
          s/\A(From .*\n)// or die "no separator: $_";
          print $1;
          s/\n\z// or die "no empty line behind it";
          s/^>(>*From )/$1/mg;
          open my $f, ">", "$ARGV[0]." . ++$n or die;
          print $f $_ or die;
          close $f or die
        }' "$T/unmbox"
}
round() {       # a missing last newline is all that a mailbox cannot keep
  for id; do
    {
      cat "$(place mess "$id")"
      [ -z "$(tail -c 1 "$(place mess "$id")" | tr '\0' x)" ] || echo
    } >"$T/want"
    qq-cat --mbox "$id" | unmbox >/dev/null && cmp "$T/want" "$T/unmbox.1" || return 1; done
}
check 'every message comes back out of a mailbox' round $(awk '{ print $2 }' "$T/numbers")
cat >from <<'M'
Subject: quoting

From the start of a line
>From quoted
>>>From thrice
 From behind a blank
From
Fromage
From: no separator
>not at all
From x
M
put 11 'me@x.example' remote you@y.example <from
printf 'Subject: ends so\n\nFrom ' | put 12 'with some\tblanks\n@x.example' remote you@y.example
printf 'From me\n\n>Fro' | put 13 '' remote you@y.example
try 'qq-cat --mbox $(id 11) $(id 12) $(id 13)' <<'T'
out: From me@x.example Fri Nov 20 18:00:00 2026
out: Subject: quoting
out: 
out: >From the start of a line
out: >>From quoted
out: >>>>From thrice
out:  From behind a blank
out: From
out: Fromage
out: From: no separator
out: >not at all
out: >From x
out: 
out: From with-some-blanks-@x.example Fri Nov 20 18:00:00 2026
out: Subject: ends so
out: 
out: >From 
out: 
out: From MAILER-DAEMON Fri Nov 20 18:00:00 2026
out: >From me
out: 
out: >Fro
out: 
exit: 0
T
check 'they come back too' round "$(id 11)" "$(id 12)" "$(id 13)" "$(id 1)"
perl -e '
  print "Subject: x\n\n", ">" x 66000, "From far\n", "x" x 65530, "\nFrom here\n", "\n" x 65536,
    "From there"' | put 14 me@x.example remote you@y.example
check 'and lines that cross a buffer' round "$(id 14)"
try 'qq-list | qq-cat --mbox | unmbox | wc -l;
  qq-cat --mbox $(id 1081777) $(id 1081781) $(id 1081798) | grep "^From " | cut -c 1-50' <<'T'
out: 37
out: From MAILER-DAEMON Fri Nov 20 12:52:57 2026
out: From #@[] Fri Nov 20 12:52:57 2026
out: From aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
exit: 0
T
# A new message, and one that nobody waits for, are in the mailbox as well; the
# time is UTC wherever one is.
try 'TZ=Asia/Tokyo qq-cat --mbox $(id 1081821) | head -n 1;
  TZ=Asia/Tokyo qq-cat --mbox $(id 10) | head -n 1 | octal' <<'T'
out: From t1@todo.example Fri Nov 20 12:53:32 2026
out: From a-b-\377@x.example Fri Nov 20 18:00:00 2026
exit: 0
T

# ---- for reading ----
try 'qq-cat --text $(id 1081805)' <<'T'
out: Date: 20 Nov 2026 12:52:57 -0000
out: From: lower@case.example
out: Cc: recipient list not shown: ;
out: Subject: First subject
out: 
out: secret keyword inside
exit: 0
T
try 'qq-cat --text $(id 1081763)' <<'T'
out: Date: 20 Nov 2026 12:52:57 -0000
out: From: "Cheap Pills" <spammer1@bulk.example>
out: To: undisclosed@mx.example.test
out: Subject: Günstige Pillen №1
out: 
out: Buy now
exit: 0
T
put 15 me@x.example remote you@y.example <<'M'
Received: (qmail 1 invoked by uid 0); 20 Nov 2026 12:52:57 -0000
date: today
FROM: =?iso-8859-1?q?J=F6rg?= <j@x.example>
To: you@y.example,
  =?utf-8?b?w6k=?= <e@y.example>
Cc: c@y.example
X-Other: not shown
Subject: =?utf-8?q?one_?= =?utf-8?q?two?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="outer"

preamble
--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gr=FC=DFe=
 aus Wien
--inner
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64

PGI+w6k8L2I+Cg==
--inner--
--outer
Content-Type: application/octet-stream
Content-Transfer-Encoding: base64

c2VjcmV0
--outer
Content-Type: message/rfc822

Subject: =?utf-8?q?inside?=

letter
--outer--
epilogue
M
try 'qq-cat --text $(id 15)' <<'T'
out: Date: today
out: From: Jörg <j@x.example>
out: To: you@y.example, é <e@y.example>
out: Cc: c@y.example
out: Subject: one two
out: 
out: Grüße aus Wien
out: 
out: [text/html, 10 bytes]
out: [application/octet-stream, 6 bytes]
out: [message/rfc822]
out: Subject: inside
out: 
out: letter
exit: 0
T
try 'qq-cat --text $(id 1); qq-cat --text $(id 4); qq-cat --text $(id 2)' <<'T'
out: 
out: 
out: no header
out: Subject: x
out: 
out: no newline
exit: 0
T

# ---- what is not there ----
try 'qq-cat 5 $(id 1081796) 6 | tail -n 1' <<'T'
out: 
err: qq-cat: warning: message 5 is not in the queue (any more)
err: qq-cat: warning: message 6 is not in the queue (any more)
exit: 0
T
try 'qq-cat --mbox 5 >/dev/null' <<'T'
err: qq-cat: warning: message 5 is not in the queue (any more)
exit: 1
T
# What qmail-queue is still writing is no message yet.
printf 'Subject: half' | put 16 me@x.example todo you@y.example; rm "$(at todo 16)"
try 'qq-cat $(id 16)' <<'T'
err: qq-cat: warning: message 16 is not in the queue (any more)
exit: 1
T
if skip_unless_root 'held and over'; then
  # Held ones and those that are over can be read as long as they are there.
  chown 0 "$(at mess 1081796)"; chown "$(owner "$QUEUE/info" | sed 's/:.*//')" "$(at mess 1081794)"
  try 'qq-cat $(id 1081796) $(id 1081794) | grep ^Message-ID' <<'T'
out: Message-ID: <20261120125257.17020.qmail@mx.example.test>
out: Message-ID: <20261120125257.17031.qmail@mx.example.test>
exit: 0
T
fi

# ---- on a terminal ----
if script -qec true /dev/null >/dev/null 2>&1; then
  printf 'Subject: \033[31mred\n\n\ttab \302\233 \342\200\256 \001\r\n\377\342\202\254\n' |
    put 17 'me\033@x.example' remote 'you\a@y.example'
  try 'script -qec "qq-cat $(id 17)" /dev/null </dev/null | tr -d "\r";
    script -qec "qq-cat --envelope $(id 17)" /dev/null </dev/null; echo' <<'T'
out: Subject: \x1b[31mred
out: 
out: 	tab \u{9b} \u{202e} \x01\r
out: \xff€
out: Fme\x1b@x.example\x00Tyou\x07@y.example\x00\x00
exit: 0
T
  try 'script -qec "qq-cat --text $(id 17)" /dev/null </dev/null | tr -d "\r";
    script -qec "qq-cat --mbox $(id 17)" /dev/null </dev/null | head -n 1 | tr -d "\r"' <<'T'
out: Subject: \x1b[31mred
out: 
out: 	tab \u{9b} \u{202e} \x01
out: �€
out: From me-@x.example Fri Nov 20 18:00:00 2026
exit: 0
T
  check 'and exact in a pipe' exact "$(id 17)"
else ok 'on a terminal # SKIP no script(1) of util-linux'
fi
finish
