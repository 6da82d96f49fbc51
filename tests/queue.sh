# queue.sh - queues that tests make, spoil and compare. Source it after lib.sh.
#
#   queue queue-notqmail            unpack; paths in diagnostics are turned back too: mess/*/1081647
#   built DIR 100 --split 7         the queue DIR by mkqueue, its owners as qmail has them if we are root
#   put 5 me@x.example remote you@y.example <text   one more message, made by hand, that transcripts call 5
#   at info 5                       the path of a message's file
#   tree                            everything in the queue: names, owners, modes, times, contents

splits() { ls "$QUEUE/mess" | grep -c '^[0-9][0-9]*$'; }
place() { if [ -d "$QUEUE/$1/0" ]; then echo "$QUEUE/$1/$(($2 % $(splits)))/$2"; else echo "$QUEUE/$1/$2"; fi; }
at() { place "$1" "$(id "$2")"; }
owner() { ls -ldn "$1" | awk '{ print $3 ":" $4 }'; }
nobody() { perl -e 'if (!$>) { $( = 65534; $) = "65534 65534"; $< = $> = 65534 } exec @ARGV or die "$!\n"' "$@"; }     # as a user who has no rights
am_root() { [ "$(command id -u)" = 0 ]; }

# As in lib.sh, and for paths.
turn_back() {
  awk -v m="$(printf '\002')" '{ o = m $1; print "s/^" $2 "@/" o "@/g;s/\\([^0-9]\\)" $2 "@/\\1" o "@/g;s/\"id\":" $2 ",/\"id\":" o ",/"
    print "s,/[0-9]*/" $2 "\\([: ]\\),/*/" o "\\1,;s,/" $2 "\\([: ]\\),/" o "\\1,;s/message " $2 "\\([^0-9]\\)/message " o "\\1/"
    print "s/: " $2 "$/: " o "/;s/^\\( *\\)" $2 "$/\\1" o "/;s/^\\( *\\)" $2 "\\([^0-9]\\)/\\1" o "\\2/" }
    END { print "s/" m "//g" }' "$T/numbers" >"$T/back"
}
queue() { unpack "$1"; turn_back; }

built() {
  QUEUE=$T/$1 QQ_QUEUE=$T/$1; export QQ_QUEUE; shift
  if am_root; then set -- "$@" --qmailq 64011 --qmails 64015 --qmailr 64014 --group 64010; fi
  mkqueue "$QUEUE" "$@" || exit 99
  : >"$T/numbers"; turn_back
}

# put NAME SENDER CHANNEL RECIPIENT ...: CHANNEL is todo for a message that is new. A % in an address is written as in printf.
put() {
  name=$1 sender=$2 channel=$3; shift 3
  cat >"$QUEUE/mess/put"
  new=$(ls -i "$QUEUE/mess/put" | awk '{ print $1 }')
  touch -t 202611201800 "$QUEUE/mess/put"; mv "$QUEUE/mess/put" "$(place mess "$new")"
  for address; do printf 'T'; printf "$address"; printf '\0'; done >"$T/recipients"
  if [ "$channel" = todo ]; then
    { printf 'u1001\0p7\0F'; printf "$sender"; printf '\0'; cat "$T/recipients"; } >"$(place intd "$new")"
    ln "$(place intd "$new")" "$(place todo "$new")"
  else
    { printf F; printf "$sender"; printf '\0'; } >"$(place info "$new")"
    cp "$T/recipients" "$(place "$channel" "$new")"
    touch -t 202611201800 "$(place info "$new")"
  fi
  if am_root; then
    for dir in mess intd todo info "$channel"; do [ ! -f "$(place $dir "$new")" ] || chown "$(owner "$QUEUE/$dir")" "$(place $dir "$new")"; done
  fi
  echo "$name $new" >>"$T/numbers"; turn_back
}

# Directories without their times, which change with what is in them.
tree() {
  perl -MFile::Find -MDigest::MD5=md5_hex -MTime::HiRes=lstat -e 'chdir $ARGV[0] or die; find({ no_chdir => 1, wanted => sub {
    my @s = lstat; my ($f, $text) = (undef, "-");
    if (-f _ && open $f, "<", $_) { local $/; $text = md5_hex(readline($f) // "") }
    print "$_ ", join(" ", (sprintf "%o", $s[2]), @s[4, 5], -d _ ? () : (@s[3, 7, 9, 10], $text)), "\n" } }, ".")' "$QUEUE" | sort
}
untouched() { tree | diff "$T/before" -; }              # tree >$T/before first
