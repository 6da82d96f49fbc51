# shellcheck shell=sh
# control.sh - homes with control files, for the tests of the qctl programs. Source it after lib.sh
# and queue.sh. It goes to $T; paths are relative.
#
#   home                       a new one in ./home, which $QMAILHOME names: me and rcpthosts
#   file NAME TEXT             a control file; TEXT as printf(1) has it
#   template T NAME TEXT ...   a template of the user
#   live                       all of control/: names, owners, modes, times,
#                              contents; live -i: inodes too
#   leavings                   temporary files that should not be there

# The checkout may lie where only root may look.
cp -R "$repo/templates" "$T/.shipped"; QQ_TEMPLATES=$T/.shipped; export QQ_TEMPLATES
cd "$T" || exit 99
home() {
  rm -rf home; mkdir -p home/control; QMAILHOME=home; export QMAILHOME
  file me 'mx.example.org\n'; file rcpthosts 'example.org\n'
}
file() { printf "$2" >"home/control/$1"; }
template() {
  dir=home/qqtools/templates/$1; mkdir -p "$dir"; shift
  while [ $# -gt 1 ]; do printf "$2" >"$dir/$1"; shift 2; done
}
# shellcheck disable=SC2120
live() {
  perl -MDigest::MD5=md5_hex -MTime::HiRes=lstat -MFcntl=:mode -e 'my $inodes = @ARGV;
    chdir "home/control" or die; opendir my $d, "." or die;
    for (sort grep { !/^\.\.?$/ } readdir $d) {
      my @s = lstat; my ($f, $text) = (undef, "-");
      if (S_ISREG $s[2] and open $f, "<", $_) { local $/; $text = md5_hex(readline($f) // "") }
      $text = readlink if S_ISLNK $s[2];
      my ($mode, $time) = (sprintf("%o", $s[2]), sprintf "%.9f", $s[9]);
      print join(" ", $_, $inodes ? @s[0, 1] : (), $mode, @s[4, 5, 7], $time, $text), "\n";
    }' -- "$@"
}
as_before() { live | diff before -; }           # live >before first
leavings() {
  find home -name '.qctl-*' -o -name '.preparing' -o -name '*.applying' -o -name '*.undoing' \
    -o -name '*.undone' -o -name '.being-made' -o -name '.*.new'
}
clean() { leavings >left; cat left; [ ! -s left ]; }
history() { ls home/qqtools/history 2>/dev/null | sort -n | tr '\n' ' '; echo; }
# Exit codes of all but the last command of a transcript.
say() { "$@"; echo "code $?" >&2; }
within() { timeout -k 1 10 "$@"; }              # of what must not hang
short() { cut -c 1-79 | sed 's/ *$//'; }        # a table without the meanings
