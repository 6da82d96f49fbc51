#!/bin/sh
# qsvc-doc.t - what doc.t does for mail, for qsvc: the examples in its pages, and those lines of
# README and of other pages that have it in them, run one after the other with a qmail-send that
# runs. And the words that the pages quote are those of the program.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/service.sh"
skip_unless_seen
home h; QMAILHOME=$T/h; export QMAILHOME


# run NAME: all commands in $T/commands.
run() {
  [ -s "$T/commands" ] || not_ok "$1: has examples"
  while read -r command <&3; do
    case $command in
      *'| jq '*) command -v jq >/dev/null || {
        ok "$1: $command # SKIP there is no jq"
        continue
      } ;;
esac
    printf '%s\n' "$command" | sed "s,/tmp/,$T/,g; s,/var/qmail,$QMAILHOME,g" >"$T/command"
    inject "$QMAILHOME" spammer@x.example defer@far.example >/dev/null
    (cd "$T" && . "$T/command") >"$T/out" 2>"$T/err" </dev/null; code=$?
    if [ $code -eq 0 ] && ! grep -q 'fatal\|warning\|usage\|not found' "$T/err" &&
      { [ "$command" = 'qsvc stop' ] || qsvc status >/dev/null; }; then
      ok "$1: $command"
    else sed 's/^/# /' "$T/err"; echo "# exit $code"; not_ok "$1: $command"
    fi
  done 3<"$T/commands"
}
by_hand "$QMAILHOME"
# A qmail of others runs here, whose processes are not ours to see.
qsvc status >/dev/null 2>&1; [ $? != 111 ] || skip_unless_root
examples "$repo/doc/qsvc.8" >"$T/commands"
run qsvc.8
sed -n 's/^    \$ \(.*qsvc.*\)/\1/p' "$repo/README" >"$T/commands"
run README
for page in "$repo"/doc/*.[1-9]; do
  [ "${page##*/}" != qsvc.8 ] && examples "$page" | grep qsvc >"$T/commands" && run "${page##*/}"
done

# JSON: the fields in their order.
sed -n 's/^\.It Li \([a-z_]*\) Ta .*/\1/p' "$repo/doc/qsvc.8" >"$T/page"
qsvc status --json | perl -ne 'print "$1\n" while /"([a-z_]*)":/g' >"$T/said"
check 'qsvc.8 has the fields of qsvc status --json' diff "$T/page" "$T/said"

# What is quoted. Behind `...' the program may say more, after a colon.
unknown() {
  sed 's/\\-/-/g; s/\\&//g; s/""/"/g' "$repo/doc/qsvc.8" "$repo/doc/qsvc-supervisors.7" |
    sed -n 's/^\.Dl \([^$].*\)/\1/p; s/^\.It "[a-z]*: \(.*\)"$/\1/p' |
    grep -v ': supervise not running$' |
    perl -e '
      my $source = "";
      for my $name (glob "$ARGV[0]/src/{qsvc,service,qmail}/*.c") {
        open my $file, "<", $name or die;
        local $/;
        $source .= <$file>
      }
      $source =~ s/"\s*\n\s*"//g;
      my @formats = grep { tr/a-z// >= 12 } $source =~ /"((?:[^"\\\n]|\\.)*)"/g;
      s/\\(.)/$1 eq "n" ? "" : $1/ge, s/^ +// for @formats;

      sub pattern {
        join ".+", map { quotemeta } split /%(?:\.\*)?(?:s|l*[ud])/, $_[0], -1
      }
      while (my $line = <STDIN>) {
        chomp $line;
        my $cut = $line =~ s/:? \.\.\.$//;
        my $known = 0;
        for (@formats) {
          my @parts = split /: /;
          for my $n ($cut ? 1 .. @parts : scalar @parts) {
            my $p = pattern(join ": ", @parts[0 .. $n - 1]);
            $known ||= $p =~ tr/a-z// >= 10 && $line =~ /(?:^|: )$p$/ }
        }
        print "$line\n" if !$known
      }' "$repo" >"$T/unknown"
  cat "$T/unknown"; [ ! -s "$T/unknown" ]
}
check 'what qsvc.8 and qsvc-supervisors.7 quote is what the program says' unknown
finish
