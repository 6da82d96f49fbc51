#!/bin/sh
# recipes.t - the recipes of README: each command, taken from there as it is written, with what it
# says, what is gone after it and what has changed; all else has to be as it was. qmail-send is
# stopped here; what it makes of what is done while it runs is for other tests.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"

# Each command below Recipes, behind the beginning of the paragraph that stands above it and a tab.
awk '/^Recipes$/ { inside = 1 } /^What is guaranteed$/ { inside = 0 } !inside || /^-+$/ { next }
  /^    \$ .*((qctl|qusers|qdom|qmbox|qalias|qlog)-|qsvc )/ { next }
  /^    \$ .*qq-(why |requeue|fix |pick|check$|cat --text [0-9])/ { next }
    /^    \$ / { print words "\t" substr($0, 7); next }
    !NF { is_new = 1; next } is_new { words = $0; is_new = 0 }' "$repo/README" >"$T/recipes"
mkdir "$T/control"; echo here.test >"$T/control/locals"
echo dead.example:5 >"$T/control/virtualdomains"; : >"$T/tested"

# ---- the mail ----
injected() { echo "Received: (qmail 7 invoked $1); 20 Nov 2026 18:00:00 -0000"; }
from_host() {
  injected 'from network'
  printf 'Received: from unknown (HELO pc.example) (%s)\n' "$1"
  echo '  by mx.example.test with SMTP; 20 Nov 2026 18:00:00 -0000'
}
# also NAME CHANNEL ADDRESS: one more recipient in another channel
also() {
  file=$(at "$2" "$1"); printf 'T%s\0' "$3" >"$file"; touch -r "$(at info "$1")" "$file"
  if am_root; then chown "$(owner "$QUEUE/info")" "$file"; fi
}
# aged NAME HOURS ...: queued and preprocessed so long ago; all others an hour ago
aged() {
  perl -e '
    my %hours = @ARGV[2 .. $#ARGV];
    open my $numbers, "<", $ARGV[0] or die;
    chdir $ARGV[1] or die;
    while (<$numbers>) {
      my ($name, $id) = split;
      my $t = time - 3600 * ($hours{$name} // 1);
      utime $t, $t, grep { -e } glob "{mess,info}/*/$id" or die
    }' "$T/numbers" "$QUEUE" "$@"
}

day=24
mail() {
  rm -rf "$T/mail"; built mail 0 --split 3
  put remote ann@x.example remote bob@far.test </dev/null
  put local ben@x.example local carl@here.test </dev/null
  put both dora@x.example local eve@here.test </dev/null; also both remote finn@far.test
  put spam spammer@bulk.test remote gus@far.test hal@far.test </dev/null
  put spams The.Spammer@bulk.test local ida@here.test </dev/null; also spams remote jan@far.test
  printf 'Subject: =?iso-8859-1?q?G=DCNSTIGE?=\n pillen!\n\n' |
    put pills kim@x.example remote lea@far.test
  from_host 192.0.2.7 | put host mia@x.example local ned@here.test
  from_host ann@shop.example@192.0.2.77 | put otherhost oda@x.example remote pia@far.test
  {
    injected 'by uid 33'
    echo 'X-PHP-Originating-Script: 33:form.php'
  } | put web www@x.example remote quin@far.test
  injected 'by uid 33' | put webold www@x.example remote rob@far.test
  injected 'by uid 3333' | put otherweb www@x.example remote sue@far.test
  {
    injected 'for bounce'
    printf '\nHi. This is the qmail-send program at mx.example.test.\nNo.\n\n<lou@far.test>:\n'
    printf '192.0.2.8 does not like recipient.\n\n'
    printf -- '--- Below this line is a copy of the message.\n\n'
  } |
    put bounce '' local tim@here.test
  injected 'for bounce' | put bouncing '' remote una@far.test
  injected 'for bounce' | put double '#@[]' remote postmaster@far.test
  put dead vic@x.example remote wes@Dead.example xia@far.test yul@undead.example </dev/null
  also dead local 5-zoe@dead.example
  put deadnew vic@x.example todo abe@dead.example bea@far.test </dev/null
  put week cy@x.example remote dan@far.test </dev/null
  put weekold ed@x.example local fay@here.test </dev/null
  put days gil@x.example remote hob@far.test </dev/null
  put news newsletter@x.example remote ike@far.test </dev/null
  put new joe@x.example todo kay@far.test </dev/null
  aged webold 9 bounce $((3 * day)) double $((3 * day)) days $((3 * day)) week $((7 * day - 1)) \
    weekold $((7 * day + 1))
}

# What there is of each message, a line each: whose it is, birth, time of queueing, recipients; and
# whatever else is in the queue.
mail_now() {
  perl -e '
    chdir shift or die;
    my ($qmailq, $qmails) = map { (stat)[4] } "mess", "info";
    my %name;
    open my $numbers, "<", shift or die;
    while (<$numbers>) { my ($name, $id) = split; $name{$id} = $name }
    my (%is, %file);
    for my $file (glob "{mess,intd,todo,info,local,remote,bounce}/* {mess,info,local,remote}/*/*") {
      $file{$1}{$file} = 1 if -f $file && $file =~ m{([^/]*)\z}
    }
    for my $id (sort { ($name{$a} // $a) cmp($name{$b} // $b) } keys %file) {
      my ($whose, $birth, $queued, @to) = ("-", "-", "-");
      for my $file (sort keys %{$file{$id}}) {
        my ($tree) = $file =~ m{\A(\w+)};
        my @s = stat $file;
        ($whose, $queued) = (
          $s[4] == $qmailq ? "qmailq" : $s[4] == $qmails ? "qmails" : $s[4] == 0 ? "root" : $s[4],
          $s[9]
        ) if $tree eq "mess";
        $birth = $s[9] if $tree eq "info";
        next if $tree eq "mess" || $tree eq "intd";
        open my $f, "<", $file or die;
        local $/;
        my $text = readline($f) // "";
        $text =~ s/\0/ /g;
        $text =~ s/\Au\d+ p\d+ // if $tree eq "todo";
        $text =~ s/ \z//;
        push @to, "$tree $text";
      }
      print join("\t", $name{$id} // "unknown $id", $whose, $birth, $queued, join "; ", @to), "\n";
    }' "$QUEUE" "$T/numbers"
}
# What is different between two of these.
difference() {
  awk -F '\t' -v now="$(date +%s)" 'FNR == NR { was[$1] = $0; next }
    { is[$1] = 1; if (was[$1] == $0) next; split(was[$1], old); s = ""
      if ($2 != old[2])
        s = s ", " ($2 == "root" ? "held" : $2 == "qmailq" ? "not held" : "owner " $2)
      if ($3 != old[3]) s = s ", born " ($3 == $4 ? "when queued" : \
        now - $3 < 60 ? "now" : (old[3] - $3) / 3600 " hours earlier")
      if ($4 != old[4]) s = s ", queued " $4
      if ($5 != old[5]) s = s ", " $5
      print $1 ": " substr(s, 3) }
    END { for (name in was) if (!(name in is)) gone[++n] = name
      if (n) {
        sort = "sort | tr \"\\n\" \" \""; printf "gone: "; fflush()
        for (i = 1; i <= n; i++) print gone[i] | sort
        close(sort); print ""
      }
    }' "$T/mail.before" "$T/mail.after"
}

# follow WORDS [FILTER]: runs the commands of the recipe that begins with these words, in one
# directory, each as it stands in README; FILTER is for stdout.
follow() {
  words=$1 filter=${2-cat}
  awk -F '\t' -v words="$words" 'index($1, words) == 1 { print $1 >>"'"$T/tested"'"; print $2 }' \
    "$T/recipes" >"$T/commands"
  rm -rf "$T/place"; mkdir "$T/place"; : >"$T/actual"
  while read -r command <&3; do
    mail_now >"$T/mail.before"
    (cd "$T/place" && eval "$command") </dev/null >"$T/out" 2>"$T/err"; code=$?
    sed -f "$T/back" "$T/out" | eval "$filter" | sed 's/^/out: /' >>"$T/actual"
    sed -f "$T/back" "$T/err" | sed 's/^/err: /' >>"$T/actual"
    mail_now >"$T/mail.after"; difference >>"$T/actual"; echo "exit: $code" >>"$T/actual"
  done 3<"$T/commands"
}
# recipe WORDS [FILTER] <WHAT COMES OF IT, after each of its commands: on a queue of its own
recipe() {
  mail
  compare "$@"
}
compare() {
  joined >"$T/expected"; follow "$@"
  if [ -s "$T/commands" ] && cmp -s "$T/expected" "$T/actual"; then ok "$1"; else
    sed 's/^/# /' "$T/commands"; diff -u "$T/expected" "$T/actual" | sed 's/^/# /'
    not_ok "$1"
  fi
}
skip() { skip_unless_root "$1" || { grep "^$1" "$T/recipes" | cut -f 1 >>"$T/tested"; return 1; }; }

# ---- the recipes ----
recipe 'Everything' <<'T'
err: qq-rm: 21 removed
gone: both bounce bouncing days dead deadnew double host local new news otherhost otherweb pills
...:  remote spam spams web webold week weekold 
exit: 0
T
recipe 'All bounces' <<'T'
err: qq-rm: 3 removed
gone: bounce bouncing double 
exit: 0
T
# Those that are marked are done: qmail-send ends the message if nobody else waits. Who is in the
# other channel waits.
recipe 'Only local mail' <<'T'
err: qq-rm: 6 silenced
both: info Fdora@x.example; local Deve@here.test; remote Tfinn@far.test
dead: info Fvic@x.example; local D5-zoe@dead.example; remote Twes@Dead.example Txia@far.test
...:  Tyul@undead.example
host: info Fmia@x.example; local Dned@here.test
local: info Fben@x.example; local Dcarl@here.test
spams: info FThe.Spammer@bulk.test; local Dida@here.test; remote Tjan@far.test
weekold: info Fed@x.example; local Dfay@here.test
exit: 0
T
recipe 'Only remote mail' <<'T'
err: qq-rm: 13 silenced
both: info Fdora@x.example; local Teve@here.test; remote Dfinn@far.test
days: info Fgil@x.example; remote Dhob@far.test
dead: info Fvic@x.example; local T5-zoe@dead.example; remote Dwes@Dead.example Dxia@far.test
...:  Dyul@undead.example
news: info Fnewsletter@x.example; remote Dike@far.test
otherhost: info Foda@x.example; remote Dpia@far.test
otherweb: info Fwww@x.example; remote Dsue@far.test
pills: info Fkim@x.example; remote Dlea@far.test
remote: info Fann@x.example; remote Dbob@far.test
spam: info Fspammer@bulk.test; remote Dgus@far.test Dhal@far.test
spams: info FThe.Spammer@bulk.test; local Tida@here.test; remote Djan@far.test
web: info Fwww@x.example; remote Dquin@far.test
webold: info Fwww@x.example; remote Drob@far.test
week: info Fcy@x.example; remote Ddan@far.test
exit: 0
T
recipe 'One spammer, by sender' <<'T'
err: qq-rm: 2 removed
gone: spam spams 
exit: 0
T
recipe 'By subject' <<'T'
err: qq-rm: 1 removed
gone: pills 
exit: 0
T
recipe 'The same, but not what goes to one address' <<'T'
err: qq-rm: 1 removed
gone: pills 
exit: 0
T
recipe 'By the address, or the network' <<'T'
err: qq-rm: 1 removed
gone: host 
exit: 0
err: qq-rm: 1 removed
gone: otherhost 
exit: 0
T
recipe 'All mail of an account that was cracked' <<'T'
err: qq-rm: 1 removed
gone: otherhost 
exit: 0
T
recipe 'By the user whose web form it is' <<'T'
err: qq-rm: 1 removed
gone: web 
exit: 0
T
recipe 'The recipients in a domain that is dead' <<'T'
err: qq-rm: 2 silenced
dead: info Fvic@x.example; local D5-zoe@dead.example; remote Dwes@Dead.example Txia@far.test Tyul@undead.example
deadnew: todo Fvic@x.example uabe@dead.example Tbea@far.test
exit: 0
T
recipe 'Mail that has waited for more than a week' <<'T'
err: qq-rm: 1 removed
gone: weekold 
exit: 0
T
recipe 'Remote mail that has waited for more than two days' "sed 's/about .*/about then/' | sort" \
  <<'T'
out: message days: last attempt about then
out: message week: last attempt about then
err: qq-expire: 2 expired
days: born 192 hours earlier
week: born 192 hours earlier
exit: 0
T
# In cron: not a word, whether there is something to be done or not.
recipe 'In cron' <<'T'
gone: bounce double 
exit: 0
T
compare 'In cron' <<'T'
exit: 0
T
recipe 'Off the disk within a minute' <<'T'
err: qq-rm: 2 removed
gone: spam spams 
exit: 0
T
recipe 'Look first' "grep -o '[^ ]*@bulk.test.*' | tr -s ' ' | sort" <<'T'
exit: 0
out: The.Spammer@bulk.test ida@here.test +1
out: spammer@bulk.test gus@far.test +1
exit: 0
err: qq-rm: 2 removed
gone: spam spams 
exit: 0
T
if skip 'First stop it'; then
  recipe 'First stop it' "grep -o 'held remote'" <<'T'
err: qq-hold: 1 held
news: held, born now
exit: 0
out: held remote
exit: 0
err: qq-release: 1 released
news: not held, born when queued
exit: 0
T
fi

# What there is no other host for goes nowhere, and so nothing is removed.
ssh() { cat >/dev/null; }
if skip 'To another queue'; then
  recipe 'To another queue' <<'T'
exit: 0
err: qq-hold: 17 held
both: held, born now
bouncing: held, born now
days: held, born now
dead: held, born now
deadnew: held
double: held, born now
new: held
news: held, born now
otherhost: held, born now
otherweb: held, born now
pills: held, born now
remote: held, born now
spam: held, born now
spams: held, born now
web: held, born now
webold: held, born now
week: held, born now
exit: 0
err: qq-save: warning: remote/*/dead: has a recipient that the control files of today would not
...:  make of any address
exit: 0
T
fi
if skip 'A copy of what'; then
  # What is injected: the body from one descriptor, sender and recipients from the other.
  mkdir "$T/qmail"
  printf '#!/bin/sh\n%s\n' "tr '\\0' '\\n' <&1 >>'$T/injected'; cat >>'$T/injected'" \
    >"$T/qmail/qmail-queue"
  chmod 755 "$T/qmail/qmail-queue"; PATH=$PATH:$T/qmail
  recipe 'A copy of what' <<'T'
exit: 0
exit: 0
exit: 0
T
  check 'both are in it' test "$(tar tf "$T/place/spam.tar" | grep -c /mess$)" = 2
  LC_ALL=C sort -o "$T/injected" "$T/injected"
  check 'and came back' diff "$T/injected" - <<'T'


FThe.Spammer@bulk.test
Fspammer@bulk.test
Tgus@far.test
Thal@far.test
Tida@here.test
Tjan@far.test
T
  check 'once' test ! -e "$T/place/back/*@*"
fi

# ---- those that read ----
recipe 'Keep a copy' <<'T'
exit: 0
T
check 'both are in it' test "$(grep -c '^From ' "$T/place/found")" = 2
recipe 'Who fills the queue' "awk '/x.example|bulk.test|php/ { print \$1, \$2 }'" <<'T'
out: x.example 16
out: bulk.test 2
exit: 0
exit: 0
out: 33:form.php 1
exit: 0
T
recipe 'Which destinations does mail wait for' \
  "awk '/far.test|example/ { print \$1, \$2, \$3 }' | sort" <<'T'
out: dead.example 1 2
out: far.test 15 16
out: undead.example 1 1
exit: 0
out: dead.example 2 3
out: far.test 17 18
out: undead.example 1 1
exit: 0
T
recipe 'The 20 remote messages' "awk '{ print \$2 }' | sort | uniq -c | tr -s ' '" <<'T'
out:  3 local
out:  12 remote
out:  1 type
exit: 0
T
recipe 'Is something wrong' "sed 's/ |.*//' | grep -e critical -e state" <<'T'
out: CRITICAL: oldest 7d (critical 432000), qmail-send is not running
exit: 2
out: # HELP qmail_queue_messages Messages, each in one state.
out: qmail_queue_messages{state="over"} 0
out: qmail_queue_messages{state="held"} 0
out: qmail_queue_messages{state="new"} 2
out: qmail_queue_messages{state="preprocessed"} 19
exit: 0
T
recipe 'Mail from one sender to one domain' <<'T'
exit: 0
T
recipe 'Why do we bounce' "tr -s ' '" <<'T'
out: failed recipients by reason:
out:  1 # does not like recipient.
out: failed recipients by host:
out:  1 far.test
err: qq-bounces: warning: 2 bounces are in no known form, so their reasons are not shown: see
...:  qq-bounces(8)
exit: 0
T

check 'every recipe was followed' sh -c \
  'cut -f 1 "$1" | sort -u >"$1.all"; sort -u "$2" | diff "$1.all" -' - "$T/recipes" "$T/tested"
finish
