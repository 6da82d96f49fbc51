# shellcheck shell=sh
# queue.sh - queues that tests make, spoil and compare. Source it after lib.sh.
#
#   queue queue-notqmail            unpack; paths in diagnostics are turned back too: mess/*/1081647
#   built DIR 100 --split 7         the queue DIR by mkqueue, its owners as
#                                   qmail has them if we are root
#   put 5 me@x.example remote you@y.example <text
#                                 one more message, made by hand, that transcripts
#                                 call 5; its number is $new
#   at info 5                       the path of a message's file
#   held NAME ...                   as qq-hold makes them: the message is root's, and born now
#   over NAME ...                   as qq-rm makes them under qmail-send
#   nobody COMMAND                  runs it as a user who has no rights
#   tree                            everything in the queue: names, owners, modes, times, contents

splits() { ls "$QUEUE/mess" | grep -c '^[0-9][0-9]*$'; }
place() {
  if [ -d "$QUEUE/$1/0" ]; then echo "$QUEUE/$1/$(($2 % $(splits)))/$2"
  else echo "$QUEUE/$1/$2"; fi
}
at() { place "$1" "$(id "$2")"; }
owner() { ls -ldn "$1" | awk '{ print $3 ":" $4 }'; }
nobody() {
  perl -e 'if (!$>) { $( = 65534; $) = "65534 65534"; $< = $> = 65534 }
    exec @ARGV or die "$!\n"' "$@"
}
held() { for one; do
  chown 0 "$(at mess "$one")"; [ ! -e "$(at info "$one")" ] || touch "$(at info "$one")"
done; }
over() {
  qmails=$(ls -ldn "$QUEUE/info" | awk '{ print $3 }')
  for one; do chown "$qmails" "$(at mess "$one")"; done
}
am_root() { [ "$(command id -u)" = 0 ]; }

queue() { unpack "$1"; }

built() {
  QUEUE=$T/$1 QQ_QUEUE=$T/$1; export QQ_QUEUE; shift
  if am_root; then set -- "$@" --qmailq 64011 --qmails 64015 --qmailr 64014 --group 64010; fi
  mkqueue "$QUEUE" "$@" || exit 99
  : >"$T/numbers"; turn_back
}

# put NAME SENDER CHANNEL RECIPIENT ... <MESSAGE: CHANNEL is todo for a message that
# is new. Addresses may have \n, \033 and the like. It was queued and preprocessed on
# 20 Nov 2026 at 18:00 UTC.
put() {
  name=$1; shift
  new=$(perl -e '
    sub plain { my ($c) = @_; $c =~ m{^[0-7]} ? chr oct $c : ($c =~ tr{ntabr}{\n\t\a\b\r}r) }
    my ($queue, $sender, $channel, @to) = map { s/\\([0-7]{1,3}|.)/plain($1)/ger } @ARGV;
    chdir $queue or die "$queue: $!\n";
    my $split = grep { m{/\d+$} } glob "mess/*";
    my $mess = do { local $/; <STDIN> } // "";
    make("mess/put", "mess", $mess);
    my $id = (stat "mess/put")[1];
    sub place {
      my ($tree) = @_;
      return -d "$tree/0" ? "$tree/" . $id % $split . "/$id" : "$tree/$id";
    }
    sub make {
      my ($file, $tree, $bytes) = @_;
      open my $f, ">", $file or die "$file: $!\n"; print $f $bytes or die; close $f or die;
      utime 1795197600, 1795197600, $file or die;
      if (!$>) { chown +(stat $tree)[4, 5], $file or die }
    }
    rename "mess/put", place("mess") or die;
    my $records = join "", map { "T$_\0" } @to;
    if ($channel eq "todo") {
      make(place("intd"), "intd", "u1001\0p7\0F$sender\0$records");
      link place("intd"), place("todo") or die;
    } else { make(place("info"), "info", "F$sender\0"); make(place($channel), $channel, $records) }
    print $id' "$QUEUE" "$@") || exit 99
  echo "$name $new" >>"$T/numbers"; turn_back
}

# Directories without their times, which change with what is in them.
tree() {
  perl -MFile::Find -MDigest::MD5=md5_hex -MTime::HiRes=lstat -e 'chdir $ARGV[0] or die;
    find({ no_chdir => 1, wanted => sub {
      my @s = lstat; my ($f, $text) = (undef, "-");
      if (-f _ && open $f, "<", $_) { local $/; $text = md5_hex(readline($f) // "") }
      my @of_a_file = -d _ ? () : (@s[3, 7, 9, 10], $text);
      print "$_ ", join(" ", (sprintf "%o", $s[2]), @s[4, 5], @of_a_file), "\n";
    } }, ".")' "$QUEUE" | sort
}
untouched() { tree | diff "$T/before" -; }              # tree >$T/before first
