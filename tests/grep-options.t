#!/bin/sh
# grep-options.t - qq-grep as one types it: what each option prints, how it ends, what patterns
# mean. grep.t compares every criterion with a second implementation; here is what a user sees.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
queue queue-notqmail
cd "$T" || exit 99
found() { qq-grep --lines "$@" | sed 's/@.*//'; }

# ---- what to print ----
try -s 'qq-grep --from shop.example' <<'T'
out: 1081770@1795179177425225203\0
out: 1081776@1795179177431846107\0
out: 1081787@1795179177491069077\0
out: 1081796@1795179177516174115\0
exit: 0
T
try 'qq-grep -c --from shop.example; qq-grep --count -v --from shop.example;
  qq-grep -c --from nobody' <<'T'
out: 4
out: 19
out: 0
exit: 1
T
try 'qq-grep -q --from shop.example; echo $?; qq-grep --quiet --from nobody; echo $?;
  qq-grep -q -c --from shop.example' <<'T'
out: 0
out: 1
exit: 0
T
try 'qq-grep -m 2 --from example --lines | wc -l; qq-grep -m 2 -c --from example;
  qq-grep --max-count 99 -c --from shop.example; qq-grep -m 0 -c; qq-grep -m 0 -q;
  qq-grep -m 1 --from nobody' <<'T'
out: 2
out: 2
out: 4
out: 0
exit: 1
T
try 'qq-grep -c; qq-grep -c -v; qq-grep --jobs 1 -c; qq-grep --jobs 1024 -c' <<'T'
out: 23
out: 0
out: 23
out: 23
exit: 0
T
try 'qq-grep --null -m 1 $(id 1081647); qq-grep --lines -m 1 $(id 1081647);
  qq-grep --lines --null --from nobody' <<'T'
out: 1081647@1795179138967067370\0
out: 1081647@1795179138967067370
exit: 1
T
try -s 'found $(token 1081647) $(token 1081648) $(id 1081770)@1795179138967067370 \
  5@1795179138967067370;
  found -v --failing $(id 1081647) $(id 1081648)' <<'T'
out: 1081647
out: 1081648
out: 1081648
exit: 0
T
try 'qq-grep --from spammer | qq-grep -c -v --subject hello -;
  printf "%s\n" $(id 1081647) | qq-grep --from me - -c; qq-grep -c - </dev/null' <<'T'
out: 3
out: 1
out: 0
exit: 1
T
# An option may stand behind an id, -- ends them, and long options may be cut short as
# far as they stay unique.
try 'qq-grep $(id 1081647) -c; qq-grep -c -- $(id 1081647); qq-grep --cou --fro me@b;
  qq-grep --fr me@b 2>&1 | head -n 1; qq-grep --ma 5 2>&1 | head -n 1' <<'T'
out: 1
out: 1
out: qq-grep: fatal: option --fr is ambiguous: --from, --from-domain, --from-list
out: qq-grep: fatal: option --ma is ambiguous: --max-size, --max-count
err: qq-grep: fatal: option --fro is ambiguous: --from, --from-domain, --from-list
err: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
exit: 0
T

# ---- all criteria, each by one of its values ----
try 'qq-grep -c --from alice --from bob; qq-grep -c --from shop --to defer9;
  qq-grep -c --from alice --to defer9 --to nobody;
  qq-grep -c --from alice --failing --remote --uid 0 --uid 5 --no-bounces' <<'T'
out: 2
out: 1
out: 1
out: 1
exit: 0
T
try 'qq-grep -c --bounces; qq-grep -c --no-bounces; qq-grep -c --double-bounces;
  qq-grep -c --null-sender; qq-grep -c --bounces --no-bounces' <<'T'
out: 5
out: 18
out: 2
out: 3
out: 0
exit: 1
T
try 'qq-grep -c --local; qq-grep -c --remote; qq-grep -c --local --remote;
  qq-grep -c --channel local --channel remote; qq-grep -c --new; qq-grep -c --new --remote;
  qq-grep -c -v --new' <<'T'
out: 3
out: 19
out: 1
out: 21
out: 2
out: 0
out: 21
exit: 0
T
try 'qq-grep -c --held; qq-grep -c --over; qq-grep -c --interrupted; qq-grep -c --failing' <<'T'
out: 0
out: 0
out: 0
out: 2
exit: 0
T
try 'found --to fail1@; found --done-to good1@; found --done-to defer9' <<'T'
out: 1081770
exit: 0
T
try 'qq-grep -c --uid 0; qq-grep -c --uid 1; qq-grep -c --ip 127.0.0.1; qq-grep -c -v --uid 0;
  qq-grep -c --min-recipients 2; found --min-recipients 4; qq-grep -c --min-recipients 0' <<'T'
out: 20
out: 0
out: 0
out: 3
out: 12
out: 1081784
out: 23
exit: 0
T

# ---- size and time ----
try 'found --min-size 1M; qq-grep -c --max-size 239; qq-grep -c --min-size 239 --max-size 239;
  qq-grep -c --max-size 0; found --min-size 3039703; found --min-size 3039704;
  qq-grep -c --min-size 1T' <<'T'
out: 1081787
out: 6
out: 2
out: 0
out: 1081787
out: 0
exit: 1
T
try 'found --min-size 2968K; found --min-size 2969k --from .;
  qq-grep -c --min-size 9G --min-size 1m' <<'T'
out: 1081787
out: 1
exit: 0
T
try 'qq-grep -c --after "2026-11-20 12:53:32"; qq-grep -c --before "2026-11-20 12:38:44";
  qq-grep -c --before "2026-11-20 12:38:45";
  qq-grep -c --after 2026-11-20T12:53:27 --before "2026-11-20 12:53:28";
  qq-grep -c --after @1795179212' <<'T'
out: 2
out: 0
out: 3
out: 1
out: 2
exit: 0
T
try 'qq-grep -c --since 2026-11-20; qq-grep -c --until 2026-11-21
  qq-grep -c --since 1y' <<'T'
out: 23
out: 23
err: qq-grep: fatal: option --since: "1y" given, expected a time (2026-11-20, '2026-11-20 12:00',
...:  @SECONDS), an age (36h), today or yesterday
err: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
exit: 100
T
try 'qq-grep -c --after 2026-11-20; qq-grep -c --after 2026-11-21;
  TZ=Asia/Tokyo qq-grep -c --after "2026-11-20 21:53"; TZ=XXX-12 qq-grep -c --after 2026-11-21;
  TZ=America/New_York qq-grep -c --before 2026-11-20' <<'T'
out: 23
out: 0
out: 5
out: 23
out: 0
exit: 1
T
try 'qq-grep -c --after 1970-01-01; qq-grep -c --before @0; qq-grep -c --after @18446744073;
  qq-grep -c --before 9999-12-31; qq-grep -c --after 2024-02-29' <<'T'
out: 23
out: 0
out: 0
out: 23
out: 23
exit: 0
T
# Days are meant by who leaves out the unit.
try 'qq-grep --older 2 2>&1 | head -n 1; qq-grep --newer 36 2>&1 | head -n 1' <<'T'
out: qq-grep: fatal: option --older: "2" given, expected an age: 90s, 15m, 36h, 7d or 2w
out: qq-grep: fatal: option --newer: "36" given, expected an age: 90s, 15m, 36h, 7d or 2w
exit: 0
T
perl -e '$now = time; while (@ARGV) { $t = $now - shift; utime $t, $t, shift or die }' 90 \
  "$(at mess 1081647)" 3000 "$(at mess 1081648)" 90000 "$(at mess 1081651)" 700000 \
  "$(at mess 1081657)"
some="$(id 1081647) $(id 1081648) $(id 1081651) $(id 1081657)"
try 'qq-grep -c --older 80s $some; qq-grep -c --older 80S $some; qq-grep -c --older 30m $some;
  qq-grep -c --older 24h $some; qq-grep -c --older 1d $some; qq-grep -c --older 1w $some;
  qq-grep -c --older 99w $some; qq-grep -c --older 0 $some' <<'T'
out: 4
out: 4
out: 3
out: 2
out: 2
out: 1
out: 0
out: 4
exit: 0
T
try 'qq-grep -c --newer 1h $some; qq-grep -c --newer 2d --older 30M $some;
  qq-grep -c --newer 0 $some; qq-grep -c --newer 1h --newer 2d $some;
  qq-grep -c --older 1h --older 2d $some; qq-grep -c --newer 18446744073s $some' <<'T'
out: 2
out: 2
out: 0
out: 3
out: 2
out: 4
exit: 0
T

# ---- patterns ----
queue queue-notqmail
try 'found --from QUO; found --case --from QUO; found --from "\"quo ted\"@";
  qq-grep -c --from .' <<'T'
out: 1081793
out: 1081793
out: 18
exit: 0
T
try 'qq-grep -c -x --from SPAMMER@evil.test; qq-grep -c -x --from spammer@evil.tes;
  qq-grep -c --case -x --from SPAMMER@evil.test; qq-grep -c -x --subject "hello 2"' <<'T'
out: 3
out: 0
out: 0
out: 1
exit: 0
T
try 'qq-grep -c -g --from "spammer*@*"; qq-grep -c -g --from "spammer?@*";
  qq-grep -c -g --from spammer; qq-grep -c -g --from "spammer[!12]@*";
  qq-grep -c --glob --from "[[]*" ; qq-grep -c -g --from "SPAM*" --case' <<'T'
out: 6
out: 3
out: 0
out: 1
out: 0
out: 0
exit: 1
T
try 'qq-grep -c -E --from "^spammer[0-9]?@(evil|bulk)\."; qq-grep -c -E --from "mmer[12]";
  qq-grep -c -E -x --from "mmer[12]"; qq-grep -c -E -x --from "a+@long.example|bob@.*";
  qq-grep -c --regex --case --from "^SPAM"; qq-grep -c -E --from "^$";
  qq-grep -c -E --from "^#@\[\]$"' <<'T'
out: 6
out: 2
out: 0
out: 2
out: 0
out: 3
out: 2
exit: 0
T
# -x holds for the whole of an alternative, and for every pattern of the call.
try 'qq-grep -c -E -x --from "bob|bob@shop.example";
  qq-grep -c -x --from bob@shop.example --subject café;
  qq-grep -c -x --from bob@shop.example --subject "CAFÉ résumé folded continuation"' <<'T'
out: 1
out: 0
out: 1
exit: 0
T
# The case of letters does not count in any script, whatever the locale; a
# dotless i is none of these.
put 1 'me@x.example' remote 'y@y.example' <<'M'
Subject: ГРУППА Ärger ΟΔΟΣ straße
M
try 'for word in группа ärger οδοσ οδος STRAßE; do qq-grep -c --subject $word $(id 1); done;
  qq-grep -c --subject arger $(id 1); qq-grep -c --case --subject группа $(id 1);
  LC_ALL=tr_TR.UTF-8 qq-grep -c --subject ГРУППА $(id 1)' <<'T'
out: 1
out: 1
out: 1
out: 1
out: 1
out: 0
out: 0
out: 1
exit: 0
T
try 'qq-grep -c --subject günstige; qq-grep -c --subject GÜNSTIGE; qq-grep -c --subject gunstige;
  found --subject "first subject"; found --subject "second subject";
  found --subject "folded continuation"' <<'T'
out: 3
out: 3
out: 0
out: 1081805
out: 1081776
exit: 0
T
try 'qq-grep -c --header Message-ID:qmail@mx; qq-grep -c --header "message-id:QMAIL@MX";
  found --header cc:; found --header "From:Alice"; qq-grep -c --header X-None:x;
  qq-grep -c -v --header cc:recipient; qq-grep -c --header from:bob --header from:alice;
  qq-grep -c --header from:bob --header cc:list; qq-grep -c -x --header "X-Campaign : Autumn"
  qq-grep --header "To: "' <<'T'
out: 20
out: 20
out: 1081770
out: 0
out: 10
out: 2
out: 1
out: 1
err: qq-grep: fatal: option --header: empty pattern
err: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
err: qq-grep: fatal: option --header: empty pattern
err: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
exit: 100
T
try 'found --body "keyword inside"; found --body c2VjcmV0; found --body "Second subject";
  qq-grep -c --body "copy of the message";
  found --header "Content-Type:multipart/mixed; boundary=b"' <<'T'
out: 1081805
out: 3
out: 1081805
exit: 0
T

# ---- lists ----
printf 'alice\nBOB\n\nspammer1\r\nnobody' >list; printf 'defer9@\nlist299@' >to
printf 'pillen\nrésumé\n' >subjects
try -s 'found --from-list list' <<'T'
out: 1081763
out: 1081770
out: 1081776
exit: 0
T
try 'qq-grep -c --from-list list --from spammer2; qq-grep -c --from-list list --from-list to;
  qq-grep -c -v --from-list list; qq-grep -c --case --from-list list;
  qq-grep -c -x --from-list list; qq-grep -c -E --from-list list;
  qq-grep -c --subject-list subjects; qq-grep -c --from-list list --subject-list subjects' <<'T'
out: 4
out: 3
out: 21
out: 2
out: 0
out: 3
out: 4
out: 2
exit: 0
T
try -s 'found --to-list to' <<'T'
out: 1081770
out: 1081784
exit: 0
T
# As editors and web pages leave them: a byte order mark, blanks and no-break spaces at the ends.
printf '\357\273\277alice\n \t\302\240BOB\302\240 \r\n \302\240\t\r\n\357\273\277spammer1 \n' >web
printf '\377\376a\0\n\0' >utf16; printf '\376\377\0a\0\n' >utf16be; printf ' \n\t\n' >blank
printf 'a\0\n\0' >unmarked
printf '\357\273\277 spammer3@bulk.example\302\240\n' >exact
try -s 'found --from-list web; found -x --from-list exact' <<'T'
out: 1081763
out: 1081767
out: 1081770
out: 1081776
exit: 0
T
try 'qq-grep --from-list utf16; qq-grep --from-list utf16be; qq-grep --to-list unmarked;
  qq-grep --from-list blank' <<'T'
err: qq-grep: fatal: utf16: expected patterns in UTF-8, found UTF-16
err: qq-grep: fatal: utf16be: expected patterns in UTF-8, found UTF-16
err: qq-grep: fatal: unmarked: expected patterns in UTF-8, found a NUL, as UTF-16 has them
err: qq-grep: fatal: blank: expected a pattern on each line, found none
exit: 100
T
try 'qq-grep -c --from-list /dev/stdin <list; printf "x" | qq-grep -c --from-list /dev/stdin' <<'T'
out: 3
out: 15
exit: 0
T
{ seq 100000 | sed 's/$/@nobody.example/'; echo spammer3@bulk.example; } >long
try 'found --from-list long; found -x --from-list long; qq-grep -c -v --from-list long' <<'T'
out: 1081767
out: 1081767
out: 23
exit: 0
T
seq 3000 | sed 's/$/@nobody.example/' >globs; echo 'spammer[3]@*' >>globs
try 'found -g --from-list globs; found -E --from-list globs' <<'T'
out: 1081767
out: 1081767
exit: 0
T

# ---- what cannot be judged matches neither way ----
printf 'Tx' >"$(at remote 1081647)"
try 'qq-grep -c --to defer2@far $(id 1081647) $(id 1081648);
  qq-grep -c -v --to defer2@far $(id 1081647) $(id 1081648);
  qq-grep -q --to nobody $(id 1081647)' <<'T'
out: 0
out: 1
err: qq-grep: warning: remote/*/1081647: has a record without its NUL
err: qq-grep: warning: remote/*/1081647: has a record without its NUL
err: qq-grep: warning: remote/*/1081647: has a record without its NUL
exit: 111
T
try 'qq-grep -c --from me@ --to x $(id 1081647); qq-grep -c --from nobody --to x $(id 1081647);
  qq-grep -q --from spammer; qq-grep --to x -m 1 --from-list list -c' <<'T'
out: 0
out: 0
out: 1
err: qq-grep: warning: remote/*/1081647: has a record without its NUL
exit: 0
T

# ---- of short work no progress is shown ----
try 'qq-grep -c --no-progress --body x; qq-grep -c --from spammer --progress' <<'T'
out: 7
out: 6
exit: 0
T
# ---- domains ----
queue queue-notqmail
# A domain is meant as a whole, whatever else is a part of its text; that of VERP is before the mark.
put 2 'a@notbulk.example' remote 'bulk.example@far.example' 'x@mail.bulk.example' </dev/null
put 3 'list-@bulk.example-@[]' remote 'y@BULK.example' 'nobody' </dev/null
try 'qq-grep -c --from-domain bulk.example; qq-grep -c --from-domain BULK.example $(id 2) $(id 3);
  qq-grep -c --from @bulk.example $(id 2) $(id 3); found --to-domain bulk.example;
  qq-grep -c -g --to-domain "*.bulk.example"; qq-grep -c --to-domain bulk;
  qq-grep -c --to-domain far' <<'T'
out: 4
out: 1
out: 1
out: 3
out: 1
out: 0
out: 0
exit: 1
T
try 'qq-grep -c -E --to-domain "(mail\.)?bulk\.example"; qq-grep -c -E --to-domain bulk;
  qq-grep -c --case --to-domain BULK.example; qq-grep -c --subject nothing --from-domain "";
  qq-grep -c --from-domain bulk.example --to-domain bulk.example' <<'T'
out: 2
out: 0
out: 1
out: 1
err: qq-grep: fatal: option --from-domain: empty pattern
err: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
exit: 0
T
# A domain in other letters is the same as its Punycode, in the queue and in patterns of any kind.
put 4 'anna@xn--bcher-kva.example' remote 'list-bob=xn--mnchen-3ya.example@far.example' <<'M'
From: Anna <anna@XN--BCHER-KVA.example>
Subject: see xn--bcher-kva.example

xn--bcher-kva.example
M
put 5 'bert@Bücher.example' remote 'carl@MÜNCHEN.example' </dev/null
printf 'xn--bcher-kva.example\n' >idn
try 'for domain in bücher.example xn--bcher-kva.example BÜCHER.EXAMPLE XN--Bcher-KVA.example; do
    qq-grep -c --from-domain $domain; qq-grep -c --from @$domain; done | sort | uniq -c;
  for pattern in "-x --from anna@bücher.example" "-g --from *@b?cher.example" "--from-list idn" \
    "-g --from *@xn--bcher-kva.*" "-E --from ^[a-z]+@xn--bcher-kva\.ex" "--to münchen" \
    "--to xn--mnchen-3ya" "--to-domain xn--mnchen-3ya.example" "--from xn--bche" \
    "--case --to münchen" \
    "--header from:bücher.example" "--subject bücher" "--body bücher" "--from b_cher"; do
    qq-grep -c $pattern; done | tr "\n" " "' <<'T'
out:       8 2
out: 1 2 2 2 2 2 2 1 1 1 1 1 0 0 
out: (no newline)
exit: 0
T
try 'qq-grep -c -v --from-domain bücher.example $(id 4) $(id 5) $(id 2);
  qq-stat --by from-domain --json $(id 4) $(id 5) | cut -d , -f 1,2;
  qq-stat --by from --json $(id 4) $(id 5) | cut -d , -f 1' <<'T'
out: 1
out: {"key":"bücher.example","messages":2
out: {"key":"anna@bücher.example"
out: {"key":"bert@Bücher.example"
exit: 0
T

# ---- users by name ----
try 'qq-grep -c --uid root; qq-grep -c --uid 0 --uid root; qq-grep -c --uid no-such-user' <<'T'
out: 20
out: 20
err: qq-grep: fatal: option --uid: "no-such-user" given, expected a user, by number or by name
err: usage: qq-grep [OPTION ...] [ID ... | -] (qq-grep --help lists the options)
exit: 100
T

finish
