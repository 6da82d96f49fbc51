#!/bin/sh
# text.t - qq-cat --text: parts, file names, alternatives, HTML, and what is not shown.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
built queue 0; cd "$T" || exit 99
mail() { put "$1" me@x.example remote you@y.example; }
text() { qq-cat --text "$(id "$1")"; }

mail 1 <<'M'
From: joe@b.example
Subject: attached
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

see files
--b
Content-Type: application/pdf; name="other.pdf"
Content-Disposition: attachment; filename="a.pdf"
Content-Transfer-Encoding: base64

MTIzNDU2Nzg5
--b
Content-Type: image/PNG; name="=?utf-8?b?w7wucG5n?="

x
--b
Content-Type: application/octet-stream;
 name*0*=utf-8''Rechn%C3%A4ng;
 name*1=.exe
Content-Transfer-Encoding: quoted-printable

=41=42=
C
--b
Content-Disposition: attachment; filename*=iso-8859-1'de'gr%FC%DFe%0A%1B.txt

of a file
--b
Content-Disposition: inline

signed
--b--
M
try 'text 1' <<'T'
out: From: joe@b.example
out: Subject: attached
out: 
out: see files
out: 
out: [a.pdf, application/pdf, 9 bytes]
out: [ü.png, image/png, 1 byte]
out: [Rechnäng.exe, application/octet-stream, 3 bytes]
out: [grüße \x1b.txt, text/plain]
out: 
out: of a file
out: 
out: [text/plain]
out: 
out: signed
exit: 0
T

# ---- one of the alternatives: the first that has text ----
mail 2 <<'M'
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain

plain
--b
Content-Type: multipart/related; boundary=c

--c
Content-Type: text/html

<p>rich</p>
--c
Content-Type: image/gif; name=dot.gif

GIF
--c--
--b
Content-Type: text/calendar

BEGIN:VCALENDAR
--b--
M
mail 3 <<'M'
Content-Type: multipart/mixed; boundary=a

--a
Content-Type: multipart/alternative; boundary=b

--b

 
--b
Content-Type: multipart/related; boundary=c

--c
Content-Type: text/html; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

<html><head><style>p {}</style></head><p>Gr=FC&szlig;e, <b>b</b>old<br>=
<a href=3D"http://x.example/?a=3D1&amp;b">here</a>
--c--
--b
Content-Type: text/plain

last
--b--
--a
Content-Type: text/plain

footer
--a--
M
try 'text 2; echo; text 3' <<'T'
out: 
out: plain
out: 
out: [text/html, 11 bytes]
out: [dot.gif, image/gif, 3 bytes]
out: [text/calendar, 15 bytes]
out: 
out: 
out:  
out: Grüße, bold
out: here [http://x.example/?a=1&b]
out: 
out: [text/plain, 4 bytes]
out: [text/plain]
out: 
out: footer
exit: 0
T

# ---- messages within, reports ----
mail 4 <<'M'
Subject: report
Content-Type: multipart/report; boundary=b

--b

It failed.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Action: failed
--b
Content-Type: message/rfc822

Received: by somewhere
From: =?utf-8?q?J=C3=B6rg?= <j@x.example>
Subject: inner
Content-Type: multipart/alternative; boundary=c

--c
Content-Type: text/html

<p>one</p><p>two &lt;3</p>
--c
Content-Type: text/html

again
--c--
--b--
M
try 'text 4' <<'T'
out: Subject: report
out: 
out: It failed.
out: 
out: [message/delivery-status]
out: 
out: Reporting-MTA: dns; mx.example
out: 
out: Action: failed
out: 
out: [message/rfc822]
out: From: Jörg <j@x.example>
out: Subject: inner
out: 
out: one
out: 
out: two <3
out: 
out: [text/html, 5 bytes]
exit: 0
T

# ---- of one part ----
printf 'Content-Type: text/html\n\n<title>x</title><p>G&uuml;nstige Pi<b>ll</b>en</p>' | mail 5
printf 'Content-Type: application/zip; name="x.zip\nContent-Transfer-Encoding: base64\n\nQUJD' |
  mail 6
printf 'Content-Type: text/html\n\n' | mail 7
printf 'Subject: no body\n' | mail 8
try 'for n in 5 6 7 8; do text $n; echo .; done' <<'T'
out: 
out: Günstige Pillen
out: .
out: 
out: [x.zip, application/zip, 3 bytes]
out: .
out: 
out: .
out: Subject: no body
out: 
out: .
exit: 0
T

# What --body of qq-grep searches is another thing: all of the text, as it is written.
try 'for pattern in "Pi<b>ll" again BEGIN:VC; do
  qq-grep --lines --body "$pattern" | sed "s/@.*//"; done' <<'T'
out: 5
out: 4
out: 2
exit: 0
T

# ---- made to hurt ----
perl -e '
  print "Content-Type: multipart/mixed; boundary=b1\n\n";
  for my $n (1 .. 40) { print "--b$n\nContent-Type: multipart/mixed; boundary=b", $n + 1, "\n\n" }
  print "--b40\n\ntext\n"' | mail 9
perl -e '
  print "Content-Type: multipart/mixed; boundary=b\n\n";
  print "--b\nContent-Type: a/b; name*=koi8-r$_'"''"'%D0\n\n" for 1 .. 20000' | mail 10
perl -e 'print "Content-Type: message/rfc822\n\n" x 20000, "\nbottom\n"' | mail 11
perl -e '
  print "Content-Type: application/x; name*0=", "x" x 100000, ";name*1=y", "z" x 2000, "\n\n"' |
  mail 12
try 'text 9 | tail -n 1 | cut -c 1-17; text 10 | sort | uniq -c | wc -l; text 11 | tail -n 1
  text 12 | wc -c | awk "{ print (\$1 < 2000) }"' <<'T'
out: [multipart/mixed,
out: 2
out: bottom
out: 1
exit: 0
T
finish
