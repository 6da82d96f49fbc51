#!/bin/sh
# show.t - qq-show: the table, its order and its width, everything about one message, and JSON.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/change.sh"
# The width of an id, and so the blanks before it, are the file system's.
left() { sed 's/^ *//'; }
# Ages and what is due depend on the clock.
steady() {
  sed 's/ ([^)]*)//;s/: the next attempt is the last//;s/when qmail-send starts/DUE/
    s/[ 0-9][0-9] [A-Z][a-z][a-z] [0-9]* [0-9:]*, if qmail-send runs/DUE/'
}

# ---- JSON: every field of both fixtures against what somebody else wrote down ----
for fixture in queue-bigtodo queue-notqmail; do
  queue $fixture
  facts() { qq-show --json "$@" >"$T/json" &&
    facts.pl "$repo/tests/fixtures/$fixture.facts.jsonl" "$T/numbers" <"$T/json"; }
  check "$fixture: every field" facts
  check "$fixture: in another order too" facts --sort from --reverse
  check "$fixture: in another time zone" env TZ=America/St_Johns qq-show --json
  TZ=America/St_Johns qq-show --json >"$T/json"
  check "$fixture: and the facts are the same there" facts.pl \
    "$repo/tests/fixtures/$fixture.facts.jsonl" "$T/numbers" <"$T/json"
done
# Somebody else's qmail may run here, and hide its processes from who is not root.
seen() { sed 's/"under_way":null}$/"under_way":[]}/'; }
try 'qq-show --json $(id 1081770) | seen' <<'T'
out: {"id":1081770,"token":"1081770@1795179177425225203","state":"preprocessed","held":false,
...: "channels":["remote"],"bounce":null,"failing":true,"size":281,
...: "queued":"2026-11-20T12:52:57+00:00","birth":"2026-11-20T12:52:57+00:00",
...: "from":"alice@shop.example","recipients":[{"address":"good1@far.test","channel":"remote",
...: "done":true},{"address":"fail1@far.test","channel":"remote","done":true},
...: {"address":"defer9@far.test","channel":"remote","done":false}],"uid":0,"ip":null,
...: "subject":"Invoice 2026-17","header_from":"Alice <alice@shop.example>","header_to":null,
...: "message_id":"<20261120125257.16883.qmail@mx.example.test>","date":"20 Nov 2026 12:52:57
...:  -0000","login":null,"claimed":null,"under_way":[]}
exit: 0
T
try 'qq-show --json $(id 1081821) | seen' <<'T'
out: {"id":1081821,"token":"1081821@1795179212018450019","state":"new","held":false,"channels":[],
...: "bounce":null,"failing":false,"size":250,"queued":"2026-11-20T12:53:32+00:00","birth":null,
...: "from":"t1@todo.example","recipients":[{"address":"defer20@far.test","channel":null,
...: "done":false},{"address":"postmaster@mx.example.test","channel":null,"done":false}],"uid":0,
...: "ip":null,"subject":"not yet preprocessed","header_from":"t1@todo.example","header_to":null,
...: "message_id":"<20261120125332.18545.qmail@mx.example.test>","date":"20 Nov 2026 12:53:32
...:  -0000","login":null,"claimed":null,"under_way":[]}
exit: 0
T
try '{ qq-show --json $(id 1081812); qq-show --json $(id 1081794) | sed "s/.*\"ip\"/\"ip\"/"; } |
  seen' <<'T'
out: {"id":1081812,"token":"1081812@1795179207006903754","state":"preprocessed","held":false,
...: "channels":["local"],"bounce":"double","failing":false,"size":1369,
...: "queued":"2026-11-20T12:53:27+00:00","birth":"2026-11-20T12:53:27+00:00","from":"#@[]",
...: "recipients":[{"address":"postmaster@mx.example.test","channel":"local","done":false}],
...: "uid":null,"ip":null,"subject":"failure notice","header_from":"MAILER-DAEMON@mx.example.test",
...: "header_to":"postmaster@mx.example.test","message_id":null,"date":"20 Nov 2026 12:53:27 -0000",
...: "login":null,"claimed":null,"under_way":[]}
out: "ip":null,"subject":"raw ÿþ bytes Â nbsp","subject_base64":"cmF3IP/+IGJ5dGVzIMKgIG5ic3A=",
...: "header_from":"raw@x.example","header_to":null,"message_id":"<20261120125257.17031.qmail@mx.exa
...: mple.test>","date":"20 Nov 2026 12:52:57 -0000","login":null,"claimed":null,"under_way":[]}
exit: 0
T

# The contract of DESIGN.md: these fields in this order, and valid UTF-8, whatever is in the mail.
put 1 'x\377@\033y.example' remote a@b.example </dev/null
put 2 '\303\244@y.example' remote 'b\200\201@z.example' 'c"\\\\\t\n@z.example' <<'M'
Received: (qmail 1 invoked from network); 20 Nov 2026 12:52:57 -0000
Received: from unknown (HELO mx) (192.0.2.7)
  by mx.example.test with SMTP; 20 Nov 2026 12:52:57 -0000
subject:   =?utf-8?q?=E2=82=AC?=
  =?iso-8859-1?q?_=E9?= and =?x-none?q?=E9?=
FROM: "A, B" <a@b.example>
tO:
Message-Id: <5@x>
DATE: Fri,  1 Jan 2027 00:00:00 +0100
Subject: second
M
try 'qq-show --json $(id 2) | seen' <<'T'
out: {"id":2,"token":"2@1795197600000000000","state":"preprocessed","held":false,
...: "channels":["remote"],"bounce":null,"failing":false,"size":354,
...: "queued":"2026-11-20T18:00:00+00:00","birth":"2026-11-20T18:00:00+00:00","from":"ä@y.example",
...: "recipients":[{"address":"b��@z.example","address_base64":"YoCBQHouZXhhbXBsZQ==",
...: "channel":"remote","done":false},{"address":"c\"\\\\\t\n@z.example","channel":"remote",
...: "done":false}],"uid":null,"ip":"192.0.2.7","subject":"€ é and =?x-none?q?=E9?=",
...: "header_from":"\"A, B\" <a@b.example>","header_to":"","message_id":"<5@x>","date":"Fri,
...:   1 Jan 2027 00:00:00 +0100","login":null,"claimed":null,"under_way":[]}
exit: 0
T
schema() {
  qq-show --json "$@" | perl -MJSON::PP -MEncode -ne '

        BEGIN {
          @fields =
            qw(id token state held channels bounce failing size queued birth
              from recipients uid ip subject header_from header_to message_id date
              login claimed under_way)
        }
        eval { decode("UTF-8", my $copy = $_, Encode::FB_CROAK); 1 } or die "no UTF-8: $_";
        my $o = JSON::PP->new->utf8->decode($_);
        (my $flat = $_) =~ s/"recipients":\[.*?\}\],/"recipients":0,/;
        $flat =~ s/,"under_way":\[.+\]\}$/,"under_way":0}/;
        my @got = grep { !/_base64$/ } $flat =~ /[{,]"([a-z0-9_]+)":/g;
        "@got" eq "@fields" or die "fields: @got\n";
        /[\x00-\x09\x0b-\x1f\x7f]/ and die "a control character: $_";
        $n++;
        END { print "$n objects\n" }'
}
try 'schema; schema --sort id | tail -n 1' <<'T'
out: 25 objects
out: 25 objects
exit: 0
T

# ---- with tabs ----
put 3 '' remote 'c"\\\\\t\n\r@z.example' </dev/null
try 'qq-show --tsv $(id 3) | cat -T; qq-show --tsv $(id 2) | cut -f 6 | cat -v' <<'T'
out: token^Itype^Iqueued^Isize^Ifrom^Ito^Iothers^Isubject
out: 3@1795197600000000000^Iremote bounce^I2026-11-20T18:00:00+00:00^I0^I^I
...: c"\\\\\t\n\r@z.example^I0^I
out: to
out: bM-^@M-^A@z.example
exit: 0
T
# Each field is what --json says.
tsv_of_json() {
  perl -MJSON::PP -ne '

    sub field { my ($s) = @_; $s =~ s/([\t\n\r\0\\])/"\\" . ($1 =~ tr{\t\n\r\0}{tnr0}r)/ger }
    my $o = JSON::PP->new->utf8->decode($_);
    my @wait = grep { !$_->{done} } @{ $o->{recipients} };
    my @type = map { $_ || () } $o->{held} && "held", $o->{state} eq "preprocessed" ? "" :
      $o->{state}, @{ $o->{channels} }, $o->{bounce} && ($o->{bounce} eq "double" ?
      "double bounce" : "bounce");
    binmode STDOUT, ":utf8";
    print join("\t", map { field($_ // "") } $o->{token}, "@type" || "done", @$o{qw(queued size
      from)}, @wait ? ($wait[0]{address}, $#wait) : ("", 0), $o->{subject}), "\n"'
}
same_in_tsv() {
  qq-grep -v --from '*raw*' -g >"$T/ids"
  qq-show --json "$@" - <"$T/ids" | tsv_of_json >"$T/json" &&
    qq-show --tsv "$@" - <"$T/ids" | tail -n +2 >"$T/tsv" && [ -s "$T/tsv" ] &&
    diff "$T/json" "$T/tsv"
}
for fixture in queue-bigtodo queue-notqmail; do
  queue $fixture
  # Bytes that are no UTF-8 are in JSON by another name.
  for sort in date size recipients; do
    check "$fixture: --tsv says what --json says, by $sort" same_in_tsv --sort $sort
  done
done
try 'qq-show --top 2 | left; qq-show --top 1 --reverse --tsv | cut -f 2- | cat -vT;
  qq-show --top 0 --json; qq-show --top 3 --json | wc -l; qq-show --top x' <<'T'
out: id type   queued               size from              to                  subject
out: 1081648 remote 20 Nov 2026 12:38:44  227 spammer@evil.test victim2@far.test +1 hello 2
out: 1081651 remote 20 Nov 2026 12:38:44  227 spammer@evil.test victim3@far.test +1 hello 3
out: type^Iqueued^Isize^Ifrom^Ito^Iothers^Isubject
out: new^I2026-11-20T12:53:32+00:00^I254^It2@todo.example^Idefer21@far.test^I0
...: ^Inot yet preprocessed too
out: 3
err: qq-show: fatal: option --top: "x" given, expected a number
err: usage: qq-show [OPTION ...] [ID ... | -] (qq-show --help lists the options)
exit: 100
T

# ---- the table ----
queue queue-notqmail
try 'qq-show | left' <<'T'
out: id type                 queued               size from                                     to
...:                              subject
out: 1081648 remote               20 Nov 2026 12:38:44  227 spammer@evil.test
...:                         victim2@far.test +1            hello 2
out: 1081651 remote               20 Nov 2026 12:38:44  227 spammer@evil.test
...:                         victim3@far.test +1            hello 3
out: 1081657 remote               20 Nov 2026 12:38:44  227 spammer@evil.test
...:                         victim5@far.test +1            hello 5
out: 1081647 remote               20 Nov 2026 12:52:18  239 me@b.test
...:                                 defer2@far.test                ok
out: 1081763 remote               20 Nov 2026 12:52:57  294 spammer1@bulk.example
...:                     defer1@far.test +1             Günstige Pillen №1
out: 1081764 remote               20 Nov 2026 12:52:57  294 spammer2@bulk.example
...:                     defer2@far.test +1             Günstige Pillen №2
out: 1081767 remote               20 Nov 2026 12:52:57  294 spammer3@bulk.example
...:                     defer3@far.test +1             Günstige Pillen №3
out: 1081770 remote               20 Nov 2026 12:52:57  281 alice@shop.example
...:                        defer9@far.test                Invoice 2026-17
out: 1081776 local remote         20 Nov 2026 12:52:57  291 bob@shop.example
...:                          deferlocal@mx.example.test +1  café résumé folded continuation
out: 1081777 remote bounce        20 Nov 2026 12:52:57  295 <>
...:                                        defer4@far.test                failure notice
out: 1081781 remote double bounce 20 Nov 2026 12:52:57  254 #@[]
...:                                      defer5@far.test                failure notice
out: 1081784 remote               20 Nov 2026 12:52:57 9.4K news-@letter.example-@[]
...:                  defer-list1@list1.example +299 Newsletter
out: 1081787 remote               20 Nov 2026 12:52:57 2.8M big@shop.example
...:                          defer6@far.test                attachment (big)
out: 1081793 remote               20 Nov 2026 12:52:57  243 "quo ted"@evil.example
...:                    defer7@far.test                \x1b[31mred\x1b[0m\x07 bell
out: 1081796 remote               20 Nov 2026 12:52:57  224 nosubject@shop.example
...:                    defer8@far.test
out: 1081794 remote               20 Nov 2026 12:52:57  244 raw@x.example
...:                             defer10@far.test               raw ÿþ bytes Â nbsp
out: 1081798 remote               20 Nov 2026 12:52:57  239
...:  aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
...: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
...: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
...: aaaaaaaaaaaaaaaa@long.example defer+tag=x%y@far.test +1      odd
out: 1081805 remote               20 Nov 2026 12:52:57  438 lower@case.example
...:                        defer11@far.test               First subject
out: 1081811 remote bounce        20 Nov 2026 12:53:26  977 <>
...:                                        defer-sender@far.test          failure notice
out: 1081817 local bounce         20 Nov 2026 12:53:26  819 <>
...:                                        deferlocal@mx.example.test     failure notice
out: 1081812 local double bounce  20 Nov 2026 12:53:27 1.3K #@[]
...:                                      postmaster@mx.example.test     failure notice
out: 1081821 new                  20 Nov 2026 12:53:32  250 t1@todo.example
...:                           defer20@far.test +1            not yet preprocessed
out: 1081823 new                  20 Nov 2026 12:53:32  254 t2@todo.example
...:                           defer21@far.test               not yet preprocessed too
exit: 0
T
try 'qq-show $(token 1081770) $(token 1081821) | left; qq-list | qq-show - | wc -l' <<'T'
out: id type   queued               size from               to                  subject
out: 1081770 remote 20 Nov 2026 12:52:57  281 alice@shop.example defer9@far.test     Invoice 2026-17
out: 1081821 new    20 Nov 2026 12:53:32  250 t1@todo.example    defer20@far.test +1 not yet
...:  preprocessed
out: 24
exit: 0
T
try 'TZ=Asia/Kolkata qq-show $(id 1081770) | left;
  TZ=America/New_York qq-show $(id 1081770) | left | sed 1d' <<'T'
out: id type   queued               size from               to              subject
out: 1081770 remote 20 Nov 2026 18:22:57  281 alice@shop.example defer9@far.test Invoice 2026-17
out: 1081770 remote 20 Nov 2026 07:52:57  281 alice@shop.example defer9@far.test Invoice 2026-17
exit: 0
T
# No message, no table.
try 'qq-show $(id 1081770) | left | head -n 1; qq-grep --from nobody | qq-show -' <<'T'
out: id type   queued               size from               to              subject
exit: 0
T

# ---- order ----
ids() { qq-show "$@" | awk 'NR > 1 { print $1 }' | sed -f "$T/back" | tr '\n' ' '; echo; }
some="$(id 1081787) $(id 1081784) $(id 1081647) $(id 1081811)"
some="$some $(id 1081776) $(id 1081812) $(id 1081821) $(id 1081793)"
try 'ids $some; ids --sort date $some; ids --reverse $some' <<'T'
out: 1081647 1081776 1081784 1081787 1081793 1081811 1081812 1081821 
out: 1081647 1081776 1081784 1081787 1081793 1081811 1081812 1081821 
out: 1081821 1081812 1081811 1081793 1081787 1081784 1081776 1081647 
exit: 0
T
try 'ids --sort size $some; ids --sort size --reverse $some' <<'T'
out: 1081647 1081793 1081821 1081776 1081811 1081812 1081784 1081787 
out: 1081787 1081784 1081812 1081811 1081776 1081821 1081793 1081647 
exit: 0
T
try 'ids --sort from $some; ids --sort from --reverse $some' <<'T'
out: 1081811 1081793 1081812 1081787 1081776 1081647 1081784 1081821 
out: 1081821 1081784 1081647 1081776 1081787 1081812 1081793 1081811 
exit: 0
T
try 'ids --sort to $some; ids --reverse --sort to $some' <<'T'
out: 1081784 1081811 1081821 1081647 1081787 1081793 1081776 1081812 
out: 1081812 1081776 1081793 1081787 1081647 1081821 1081811 1081784 
exit: 0
T
four="$(id 1081647) $(id 1081784) $(id 1081787) $(id 1081776)"
try 'ids --sort recipients $four; ids --sort recipients --reverse $four' <<'T'
out: 1081787 1081776 1081647 1081784 
out: 1081784 1081647 1081776 1081787 
exit: 0
T
by_id() { qq-show --sort id "$@" | awk 'NR > 1 { print $1 }' | sort -n -c &&
  qq-show --sort id --reverse "$@" | awk 'NR > 1 { print $1 }' | sort -n -r -c; }
check '--sort id is by number' by_id
try 'qq-show --json --sort size $some | sed "s/,.*/,/" | tr "\n" " "; echo;
  qq-show -l --sort from --reverse $some | grep "^  from"' <<'T'
out: {"id":1081647, {"id":1081793, {"id":1081821, {"id":1081776, {"id":1081811, {"id":1081812,
...:  {"id":1081784, {"id":1081787, 
out:   from        t1@todo.example
out:   from        news-@letter.example-@[]
out:   from        me@b.test
out:   from        bob@shop.example
out:   from        big@shop.example
out:   from        #@[]
out:   from        "quo ted"@evil.example
out:   from        <>
exit: 0
T
# Case does not count.
for n in 1 2 3; do put $n "$(echo 'B@x a@x C@x' | cut -d ' ' -f $n)" remote \
  "$(echo 'y@y.example Z@y.example X@y.example' | cut -d ' ' -f $n)" </dev/null; done
try 'ids --sort from $(id 1) $(id 2) $(id 3); ids --sort to $(id 1) $(id 2) $(id 3)' <<'T'
out: 2 1 3 
out: 3 1 2 
exit: 0
T

# ---- width ----
queue queue-notqmail
width() { COLUMNS=$1 qq-show | perl -CS -ne \
  'chomp; $w = length if length > $w; $cut++ if /\x{2026}/;
    END { print "$w ", $cut ? "cut" : "not cut", "\n" }'; }
try 'width 80; width 60; width 132' <<'T'
out: 80 cut
out: 60 cut
out: 132 cut
exit: 0
T
wide() {
  qq-show >"$T/wide"
  for columns in 0 '' 080 x 99999; do COLUMNS=$columns qq-show | cmp - "$T/wide"; done
  COLUMNS=2000 qq-show | tr -s ' ' >"$T/a"; tr -s ' ' <"$T/wide" | diff - "$T/a"
}
check 'in a pipe nothing is cut' wide
narrow() { for columns in 1 2 10 40 50; do COLUMNS=$columns qq-show | wc -l; done | sort -u |
  tr -d ' ' | grep -x 24; }
check 'every message has a row however narrow it is' narrow
try 'qq-show | perl -CS -ne "print if /long.example/" |
    grep -c "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@long.example defer+tag"' <<'T'
out: 1
exit: 0
T
# Where an address is cut, its domain is what stays; the date loses its year and seconds first.
four="$(id 1081763) $(id 1081776) $(id 1081784) $(id 1081796)"
numbers=$(qq-show $four | sed -n '2s/\( *[0-9]*\).*/\1/p')
columns() { COLUMNS=$(($1 + ${#numbers})) qq-show $four | sed 's/^ *[0-9id]*//'; }
try 'columns 72; columns 92' <<'T'
out:  type         queued       size from           to             subject
out:  remote       20 Nov 12:52  294 …@bulk.example d…@far.test +1 Günstige …
out:  local remote 20 Nov 12:52  291 …@shop.example …ample.test +1 café résu…
out:  remote       20 Nov 12:52 9.4K news-@lett…@[] ….example +299 Newsletter
out:  remote       20 Nov 12:52  224 …@shop.example defe…@far.test
out:  type         queued       size from                to                    subject
out:  remote       20 Nov 12:52  294 spamm…@bulk.example defer1@far.test +1    Günstige Pillen №1
out:  local remote 20 Nov 12:52  291 bob@shop.example    d…@mx.example.test +1 café résumé folde…
out:  remote       20 Nov 12:52 9.4K news-@letter.ex…@[] d…@list1.example +299 Newsletter
out:  remote       20 Nov 12:52  224 nosub…@shop.example defer8@far.test
exit: 0
T
# Two cells for a letter of East Asia, none for a combining one.
put 4 '\344\275\240\345\245\275@x.example' remote 'e\314\201@y.example' </dev/null
put 5 'ab@x.example' remote 'cd@y.example' </dev/null
try 'qq-show $(id 4) $(id 5) | sed 1d | cut -d : -f 3- | sort' <<'T'
out: 00    0 ab@x.example   cd@y.example
out: 00    0 你好@x.example é@y.example
exit: 0
T

# ---- in full ----
queue queue-notqmail
try 'qq-show -l $(id 1081647) | steady' <<'T'
out: 1081647@1795179138967067370  remote
out:   queued      20 Nov 2026 12:52:18
out:   birth       20 Nov 2026 12:52:18
out:   expires     27 Nov 2026 12:52:18
out:   next remote DUE
out:   size        239
out:   injected    by uid 0
out:   from        me@b.test
out:   remote done good@far.test
out:   remote done fail1@far.test
out:   remote      defer2@far.test
out:   why         the log of qmail-send says it: `qq-why -l 1081647'
out:   failed      fail1@far.test: 127.0.0.1 does not like recipient./Remote host said:
...:  550 5.1.1 no such user here/Giving up on 127.0.0.1.
out:   Subject:    ok
out:   From:       anonymous@mx.example.test
out:   Message-ID: <20261120125218.16346.qmail@mx.example.test>
out:   Date:       20 Nov 2026 12:52:18 -0000
exit: 0
T
try 'qq-show -l $(id 1081821) $(id 1081776) $(id 1081811) | steady' <<'T'
out: 1081776@1795179177431846107  local remote
out:   queued      20 Nov 2026 12:52:57
out:   birth       20 Nov 2026 12:52:57
out:   expires     27 Nov 2026 12:52:57
out:   next local  DUE
out:   next remote DUE
out:   size        291
out:   injected    by uid 0
out:   from        bob@shop.example
out:   local       deferlocal@mx.example.test
out:   remote      defer3@far.test
out:   why         the log of qmail-send says it: `qq-why -l 1081776'
out:   Subject:    café résumé folded continuation
out:   From:       Bob <bob@shop.example>
out:   Message-ID: <20261120125257.16894.qmail@mx.example.test>
out:   Date:       20 Nov 2026 12:52:57 -0000
out: 
out: 1081811@1795179206995134714  remote bounce
out:   queued      20 Nov 2026 12:53:26
out:   birth       20 Nov 2026 12:53:26
out:   expires     27 Nov 2026 12:53:26
out:   next remote DUE
out:   size        977
out:   injected    for bounce
out:   from        <>
out:   remote      defer-sender@far.test
out:   why         the log of qmail-send says it: `qq-why -l 1081811'
out:   Subject:    failure notice
out:   From:       MAILER-DAEMON@mx.example.test
out:   To:         defer-sender@far.test
out:   Date:       20 Nov 2026 12:53:26 -0000
out: 
out: 1081821@1795179212018450019  new
out:   queued      20 Nov 2026 12:53:32
out:   size        250
out:   injected    by uid 0
out:   from        t1@todo.example
out:   to          defer20@far.test
out:   to          postmaster@mx.example.test
out:   Subject:    not yet preprocessed
out:   From:       t1@todo.example
out:   Message-ID: <20261120125332.18545.qmail@mx.example.test>
out:   Date:       20 Nov 2026 12:53:32 -0000
exit: 0
T
try 'qq-show --long $(id 1081784) | grep -c "^  remote  "; qq-show -l | grep -c "^[0-9]";
  qq-show -l | grep -c "^$"' <<'T'
out: 300
out: 23
out: 22
exit: 0
T
# When it is next tried, qmail-send has written down when it was stopped.
file=$(at remote 1081647)
perl -e 'utime 1, time + 7230, $ARGV[0] or die' "$file"
try 'qq-show -l $(id 1081647) | grep "^  next" |
    sed "s/[ 0-9][0-9] [A-Z][a-z]* 20[0-9:]* [0-9:]*/WHEN/"' <<'T'
out:   next remote WHEN (in 2h), if qmail-send runs
exit: 0
T
touch -t 202001010000 "$file"
try 'qq-show -l $(id 1081647) | grep "^  next"' <<'T'
out:   next remote when qmail-send starts
exit: 0
T
# While it runs, it alone knows. The ideal schedule: (20 k) squared seconds after the
# birth. 1000 s old: at 1600.
sending
perl -e 'utime time - 1000, time - 1000, $ARGV[0] or die' "$(at info 1081647)"
birth=$(perl -e 'print +(stat $ARGV[0])[9]' "$(at info 1081647)")
next() { date -u -d "@$(($1 + $2))" '+%e %b %Y %H:%M:%S'; }
if next 0 0 >/dev/null 2>&1; then
  schedule() { qq-show -l "$(id "$1")" | grep "next $2" | sed 's/(in [0-9]*[sm])/(in N)/'; }
  expected="  next remote $(next "$birth" 1600) (in N), about, by the ideal schedule"
  check 'the next remote attempt of the schedule' test "$(schedule 1081647 remote)" = "$expected"
  perl -e 'utime $ARGV[0], $ARGV[0], $ARGV[1] or die' "$birth" "$(at info 1081776)"
  expected="  next local  $(next "$birth" 1600) (in N), about, by the ideal schedule"
  check 'the next local attempt of the schedule, (10 k) squared' test "$(schedule 1081776 local)" \
    = "$expected"
fi
alone
# control/queuelifetime as qmail-send reads it.
mkdir "$QUEUE/../control"; touch -t 202611201252.57 "$(at info 1081776)"
lifetime() {
  printf "$1" >"$QUEUE/../control/queuelifetime"
  qq-show -l "$(id 1081776)" | grep expires | steady
}
try 'lifetime 86400; lifetime "3600\n"; lifetime ""; lifetime " 5"; lifetime 86400x;
  lifetime "60\n5"; lifetime 4294967356' <<'T'
out:   expires     21 Nov 2026 12:52:57
out:   expires     20 Nov 2026 13:52:57
out:   expires     27 Nov 2026 12:52:57
out:   expires     27 Nov 2026 12:52:57
out:   expires     21 Nov 2026 12:52:57
out:   expires     20 Nov 2026 12:53:57
out:   expires     20 Nov 2026 12:53:57
exit: 0
T
rm -r "$QUEUE/../control"

# ---- what is odd ----
queue queue-notqmail
# All done: qmail-send is about to end it.
perl -pi -e 's/(^|\0)T/$1D/g' "$(at remote 1081647)"; rm "$(at remote 1081648)"
try 'qq-show $(id 1081647) $(id 1081648) | left;
  qq-show -l $(id 1081647) | grep -e remote -e "^[0-9]";
  qq-show --json $(id 1081648) | grep -o "\"channels.*bounce\|\"recip.*uid"' <<'T'
out: id type queued               size from              to subject
out: 1081648 done 20 Nov 2026 12:38:44  227 spammer@evil.test    hello 2
out: 1081647 done 20 Nov 2026 12:52:18  239 me@b.test            ok
out: 1081647@1795179138967067370  done
out:   remote done good@far.test
out:   remote done fail1@far.test
out:   remote done defer2@far.test
out: "channels":[],"bounce
out: "recipients":[],"uid
exit: 0
T
# Behind the sender in todo, u is a recipient that a removal has silenced, never the uid.
perl -pi -e 's/\0T/\0u/' "$(at todo 1081821)"
try 'qq-show --json $(id 1081821) | grep -o "\"recip.*\"ip"; qq-show $(id 1081821) | left;
  qq-show -l $(id 1081821) | grep -e " to " -e " done "; qq-grep -c --uid 0 $(id 1081821)' <<'T'
out: "recipients":[{"address":"defer20@far.test","channel":null,"done":true},
...: {"address":"postmaster@mx.example.test","channel":null,"done":false}],"uid":0,"ip
out: id type queued               size from            to                         subject
out: 1081821 new  20 Nov 2026 12:53:32  250 t1@todo.example postmaster@mx.example.test not yet
...:  preprocessed
out:   done        defer20@far.test
out:   to          postmaster@mx.example.test
out: 1
exit: 0
T
printf 'u4242\0p7\0Fme@x.example\0u77@y.example\0u1\0Tx@y.example\0' >"$(at todo 1081821)"
printf 'Subject: no line of qmail\n\n' >"$(at mess 1081821)"
try 'qq-show --json $(id 1081821) | grep -o "\"recip.*\"ip"; qq-grep -c --uid 4242;
  qq-grep -c --uid 77; qq-grep -c --uid 1' <<'T'
out: "recipients":[{"address":"77@y.example","channel":null,"done":true},{"address":"1",
...: "channel":null,"done":true},{"address":"x@y.example","channel":null,"done":false}],"uid":4242,
...: "ip
out: 1
out: 0
out: 0
exit: 1
T
# A 64-bit uid, and one of 32 bits that is negative elsewhere.
printf 'u4294967294\0p7\0Fme@x.example\0Tx@y.example\0' >"$(at todo 1081821)"
try 'qq-show --json $(id 1081821) | grep -o "\"uid\":[0-9]*"' <<'T'
out: "uid":4294967294
exit: 0
T
# An empty message, and one without a body.
put 1 me@x.example remote you@y.example </dev/null
printf 'Subject: cut o' | put 2 me@x.example remote you@y.example
try -s 'qq-show $(id 1) $(id 2) | left' <<'T'
out: 1 remote 20 Nov 2026 18:00:00    0 me@x.example you@y.example
out: 2 remote 20 Nov 2026 18:00:00   14 me@x.example you@y.example cut o
out: id type   queued               size from         to            subject
exit: 0
T
try 'qq-show -l $(id 1) | steady' <<'T'
out: 1@1795197600000000000  remote
out:   queued      20 Nov 2026 18:00:00
out:   birth       20 Nov 2026 18:00:00
out:   expires     27 Nov 2026 18:00:00
out:   next remote DUE
out:   size        0
out:   injected    unknown
out:   from        me@x.example
out:   remote      you@y.example
out:   why         the log of qmail-send says it: `qq-why -l 1'
exit: 0
T

# ---- further channels ----
for n in 0 1; do
  mkdir "$QUEUE/suppl$n"
  for d in $(ls "$QUEUE/mess" | grep '^[0-9]'); do mkdir "$QUEUE/suppl$n/$d"; done
  if am_root; then chown -R "$(owner "$QUEUE/remote")" "$QUEUE/suppl$n"; fi
done
put 3 me@x.example suppl1 one@y.example two@y.example </dev/null
put 4 me@x.example suppl0 zero@y.example </dev/null; cp "$(at suppl0 4)" "$(at local 4)"
if am_root; then chown "$(owner "$QUEUE/local")" "$(at local 4)"; fi
try -s 'qq-show $(id 3) $(id 4) | left' <<'T'
out: 3 suppl1       20 Nov 2026 18:00:00    0 me@x.example one@y.example +1
out: 4 local suppl0 20 Nov 2026 18:00:00    0 me@x.example zero@y.example +1
out: id type         queued               size from         to                subject
exit: 0
T
try 'qq-show -l $(id 3) | grep suppl | steady' <<'T'
out: 3@1795197600000000000  suppl1
out:   next suppl1 DUE
out:   suppl1      one@y.example
out:   suppl1      two@y.example
exit: 0
T
try 'qq-show --json $(id 4) |
  grep -o "\"channels[^]]*]\|\"recip[^]]*]"; qq-grep -c --channel suppl1;
  qq-grep -c --channel suppl0 --local; qq-grep -c --channel suppl0 --channel suppl1;
  qq-stat | sed -n "3,6p"; qq-stat --by channel | cut -c 1-15' <<'T'
out: "channels":["local","suppl0"]
out: "recipients":[{"address":"zero@y.example","channel":"local","done":false},
...: {"address":"zero@y.example","channel":"suppl0","done":false}]
out: 1
out: 1
out: 2
out: local: 4
out: remote: 19
out: suppl0: 1
out: suppl1: 1
out:        messages
out:  TOTAL       27
out: remote       19
out:  local        4
out:      -        2
out:    new        2
out: suppl0        1
out: suppl1        1
exit: 0
T

# ---- held, over, interrupted ----
if skip_unless_root 'held, over and interrupted'; then
  queue queue-notqmail
  held 1081647 1081821; over 1081648 1081823
  ends=$(date -r "$(at info 1081647)" +%s)
  ends=$(LC_ALL=C date -d "@$((ends + 604800))" '+%e %b %Y %H:%M:%S')
  try 'qq-show $(id 1081647) $(id 1081821) | left;
    qq-show -l $(id 1081647) | grep ends | steady | sed "s/$ends/A WEEK LATER/"' <<'T'
out: id type        queued               size from            to                  subject
out: 1081647 held remote 20 Nov 2026 12:52:18  239 me@b.test       defer2@far.test     ok
out: 1081821 held new    20 Nov 2026 12:53:32  250 t1@todo.example defer20@far.test +1 not yet
...:  preprocessed
out:   hold ends   A WEEK LATER
exit: 0
T
  try 'qq-show | wc -l; qq-show --over | left;
    qq-show --json --over | grep -c "\"state\":\"over\",\"held\":false";
    qq-show --json | grep -c "\"held\":true"' <<'T'
out: 22
out: id type        queued               size from              to                  subject
out: 1081648 over remote 20 Nov 2026 12:38:44  227 spammer@evil.test victim2@far.test +1 hello 2
out: 1081823 over new    20 Nov 2026 12:53:32  254 t2@todo.example   defer21@far.test    not yet
...:  preprocessed too
out: 2
out: 2
exit: 0
T
  try 'qq-show $(id 1081648)' <<'T'
err: qq-show: warning: message 1081648 is over (--over shows it)
exit: 1
T
  try 'qq-show --json $(id 1081648) $(id 1081647) | sed "s/,.*/,/";
    qq-show --over -l $(id 1081647) ' <<'T'
out: {"id":1081647,
err: qq-show: warning: message 1081648 is over (--over shows it)
err: qq-show: warning: message 1081647 is not over
exit: 1
T
  # A removal that was killed when it had held the message and put the new sender in place.
  printf 'F#@[]\0' >"$(at info 1081647)"
  try 'qq-show $(id 1081647) | left' <<'T'
out: id type                      queued               size from to              subject
out: 1081647 held remote double bounce 20 Nov 2026 12:52:18  239 #@[] defer2@far.test ok
err: qq-show: warning: 1 removal was interrupted: qq-grep --interrupted finds it, qq-rm finishes it
exit: 0
T
  printf 'F#@[]\0' >"$(at info 1081651)"; held 1081651
  try 'qq-grep -c; qq-show --json | wc -l' <<'T'
out: 21
out: 21
err: qq-show: warning: 2 removals were interrupted: qq-grep --interrupted finds them,
...:  qq-rm finishes them
exit: 0
T
  try -s 'qq-grep --interrupted --lines | sed "s/@.*//"; qq-stat | grep -e held -e double;
    qq-bounces --double | wc -c | sed "s/.*/ids/"' <<'T'
out: 1081647
out: 1081651
out: double bounces: 4
out: held: 3
out: ids
err: qq-stat: warning: 2 removals were interrupted: qq-grep --interrupted finds them,
...:  qq-rm finishes them
err: qq-bounces: warning: 2 removals were interrupted: qq-grep --interrupted finds them,
...:  qq-rm finishes them
exit: 0
T
  try 'qq-grep --interrupted | qq-rm; qq-grep --interrupted -c' <<'T'
out: 0
err: qq-rm: 2 removed
exit: 1
T
  # A double bounce that is held is nothing of the kind, nor is what has
  # that sender and is not held.
  held 1081812
  try 'qq-grep --interrupted; qq-show $(id 1081812) $(id 1081781) | left' <<'T'
out: id type                     queued               size from to                         subject
out: 1081781 remote double bounce     20 Nov 2026 12:52:57  254 #@[] defer5@far.test
...:             failure notice
out: 1081812 held local double bounce 20 Nov 2026 12:53:27 1.3K #@[] postmaster@mx.example.test
...:  failure notice
exit: 0
T
fi
finish
