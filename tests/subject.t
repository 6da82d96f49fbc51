#!/bin/sh
# subject.t - subjects as a mail reader shows them, for qq-show and for qq-grep.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
built queue 0; cd "$T" || exit 99
# subject NAME TEXT [SET]: a message with this subject, its bytes in octal, and perhaps a set.
subject() {
  printf "Subject: $2\n${3:+MIME-Version: 1.0\nContent-Type: text/html; charset=$3\n}\nbody\n" |
    put "$1" me@x.example remote you@y.example
}
subjects() {
  qq-show --json "$@" | perl -ne 'print "$1\n" if /"subject":("(?:[^"\\]|\\.)*"|null)/'
}
found() {
  qq-grep --lines "$@" | sed 's/@.*//' | awk '{ print $1 in name ? name[$1] : $1 }
    BEGIN { while ((getline < "numbers") > 0) name[$2] = $1 }' | sort -n | tr '\n' ' '
  echo
}

# ---- white space, and what is not seen ----
subject 1 'Cheap\t \302\240pills \342\200\203here'
subject 2 'Cheap\n pills\n\there'
subject 3 'Ch\342\200\213ea\302\255p pills\342\201\240 h\342\200\256e\357\273\277re\342\200\213'
subject 4 '=?utf-8?q?Cheap_?= =?utf-8?q?_pills=C2=A0=0D=0A=E2=80=8Bhere=C2=A0?='
subject 5 'Cheap\\pills\033[31m here'
try 'for n in 1 2 3 4 5; do subjects $(id $n); done; found --subject "cheap pills here"
  found -x --subject "Cheap  pills here"; found --case --subject "p  pi"
  found -E --subject "^Cheap pills here$"; found -g --subject "Cheap pills h?re"
  printf "heap \302\240pills\n" >list; found --subject-list list; found --subject p' <<'T'
out: "Cheap pills here"
out: "Cheap pills here"
out: "Cheap pills here"
out: "Cheap pills here"
out: "Cheap\\pills\u001b[31m here"
out: 1 2 3 4 
out: 1 2 3 4 
out: 1 2 3 4 
out: 1 2 3 4 
out: 1 2 3 4 
out: 1 2 3 4 
out: 1 2 3 4 5 
exit: 0
T
try 'qq-grep --subject "$(printf "\342\200\213")"' <<'T'
err: qq-grep: fatal: option --subject: empty pattern
err: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
exit: 100
T

# ---- composed or not: as macOS writes it, and as everybody else ----
subject 6 'gu\314\210nstig, \341\204\222\341\205\241\341\206\253'
subject 7 'g\303\274nstig, \355\225\234'
try 'for n in 6 7; do subjects $(id $n); done; found --subject günstig
  found --subject "$(printf "gu\314\210n")"; found --subject 한;
    found -x --subject "GÜNSTIG, 한"' <<'T'
out: "günstig, 한"
out: "günstig, 한"
out: 6 7 
out: 6 7 
out: 6 7 
out: 6 7 
exit: 0
T

# ---- 8 bits that nothing says the set of but Content-Type, and perhaps not that ----
subject 8 'Gr\374\337e f\374r 5 \200'
subject 9 '\360\322\311\327\305\324' koi8-r
subject 10 '\317\360\350\342\345\362' '"windows-1251"'
subject 11 'Gr\374\337e' us-ascii
subject 12 'Gr\374\337e' utf-8
subject 13 'Gr\303\274\303\237e' iso-8859-1
subject 14 '\304\343\272\303' GB2312
subject 15 'Gr\374\337e' x-unknown
subject 16 'Gr\374\337e' utf-16
subject 17 '=?utf-8?q?=C3=BC?= \322 =?utf-8?q?=C3=BC?=' koi8-r
subject 18 '\033$BF|K\\\033(B' iso-2022-jp
try 'for n in 8 9 10 11 12 13 14 15 16 17 18; do subjects $(id $n); done; found --subject grüße
  found --subject ПРИВЕТ; found --subject 你好; found --subject 日本; found --subject €' <<'T'
out: "Grüße für 5 €"
out: "Привет"
out: "Привет"
out: "Grüße"
out: "Grüße"
out: "Grüße"
out: "你好"
out: "Grüße"
out: "Grüße"
out: "ü р ü"
out: "日本"
out: 8 11 12 13 15 16 
out: 9 10 
out: 14 
out: 18 
out: 8 
exit: 0
T
# The exact bytes are in JSON; other fields are read so too; Content-Type is looked for anywhere.
{
  printf 'From: J\366rg <j@x.example>\nSubject: \375\377\n'
  perl -e 'print "X-Far: ", "y" x 70000, "\n"'
  printf 'Content-Type: text/plain; charset=iso-8859-5\n\nx\n'
} | put 19 me@x.example remote you@y.example
try 'qq-show --json $(id 19) | sed "s/.*\"subject\"/\"subject\"/;s/,\"header_to.*//"
  qq-cat --text $(id 19) | head -n 2; qq-show -l $(id 19) | grep From:
  found --header "from:jіrg" --subject §џ' <<'T'
out: "subject":"§џ","subject_base64":"/f8=","header_from":"Jіrg <j@x.example>",
...: "header_from_base64":"SvZyZyA8akB4LmV4YW1wbGU+"
out: From: Jіrg <j@x.example>
out: Subject: §џ
out:   From:       Jіrg <j@x.example>
out: 19 
exit: 0
T
finish
