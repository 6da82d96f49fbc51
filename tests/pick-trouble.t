#!/bin/sh
# pick-trouble.t - qq-pick: programs that fail, are slow or are killed; a terminal that stops and
# changes; what strangers and an environment can do to it.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/terminal.sh"

# ---- the other programs ----
# It runs those that lie beside it: these are slow and fail when they are told to.
mkdir "$T/beside" "$T/home" "$T/hostile"
cp "$BIN/qq-pick" "$T/beside"
cat >"$T/beside/qq-show" <<X
#!/bin/sh
while [ -e '$T/slow' ]; do sleep 0.1; done
exec '$BIN/qq-show' "\$@"
X
cat >"$T/beside/qq-rm" <<X
#!/bin/sh
cat >/dev/null
[ ! -e '$T/long' ] || echo 'qq-rm: warning: the first line' >&2
printf 'qq-rm: fatal: \033]0;owned\007 no space\n' >&2
exit 111
X
chmod 755 "$T" "$T/beside" "$T/beside"/*
messages 3
on 80 10 "'$T/beside/qq-pick'"
cursor 'number 1$'; press d; shows 'Remove 1'; press y
shows 'qq-rm: fatal: \\x1b\]0;owned\\x07 no space'; hides '\[y/N\]'
: >"$T/long"; press d; shows 'Remove 1'; press y; shows 'the first line'; shows 'x1b\]0;owned'
press q; shows 'q:quit'; shows '3 messages'
check 'no title was set' eval '! mux display -p "#{pane_title}" | grep owned'
# While the list is read: the size changes, and Ctrl-C ends it.
: >"$T/slow"; press F5; shows 'Reading the queue'; mux resize-window -x 100 -y 12; rm "$T/slow"
hides 'Reading'; cursor 'number 1$'; shows 'queued v'
: >"$T/slow"; press F5; shows 'Reading the queue'; press C-c; ends 1; rm "$T/slow"
# The size changes in the pager.
on 80 10
cursor 'number 1$'; press Enter; shows 'from1@a.example'; mux resize-window -x 50 -y 7
press q; hides 'q:quit'; cursor 'number 1'; press q; ends 0
# Killed in the middle of a question: nobody is left, and nothing is done.
on 80 24 'sh -c "echo \$\$ >pid; exec qq-pick"; stty sane; reset; echo mended'
cursor 'number 1$'; press a d; shows 'Remove 3 messages?'; pid=$(cat "$T/pid")
hand=$(ps -e -o pid= -o ppid= | awk -v p="$pid" '$2 == p { print $1 }')
kill -KILL "$pid"; ends 0; shows mended
check 'the hand has ended' soon eval '! kill -0 "$hand" 2>/dev/null'
check 'nothing was done' test "$(qq-list --count)" = 3

# ---- stopped, at a question too, and quit ----
cat >"$T/stops" <<'X'
set -m
stty -a >before; qq-pick
for i in 1 2; do stty -a >stopped$i; echo stopped $i; read line; fg; done
stty -a >after
X
on 80 24 'sh stops'
cursor 'number 1$'; press C-z; shows '^stopped 1'
press Enter; cursor 'number 1$'; press d; shows 'Remove 1'; press C-z; shows '^stopped 2'
press Enter; shows 'Remove 1 message?'; press n; hides 'Remove'
press Enter; shows 'Text of 1'; press q; shows 'q:quit'; press q; ends 0
for when in stopped1 stopped2 after; do
  check "$when: the terminal is as it was" cmp "$T/before" "$T/$when"
done
check 'nothing was done' test "$(qq-list --count)" = 3

# ---- what a sender wrote ----
messages 1
put 2 'me@a.example' local 'to@b.example' <<X
Subject: =?utf-8?B?$(printf '\342\200\256RTL\342\200\213zero\342\201\246\033[2J\rover\302\233x' |
  base64)?=

$(printf '\342\200\256body\302\2332J') of 2
X
put 3 'him@a.example' local 'to@b.example' <<X
Subject: =?utf-8?B?$(printf '\346\274\242\345\255\227a\314\201\327\251\327\234\360\237\230\200end' |
  base64)?=

of 3
X
on 120 24
cursor 'number 1$\|RTL\|end'
shows 'RTL'; shows '漢字.*end$'
steers="$(printf '\342\200\256\|\342\200\213\|\342\201\246\|\302\233\|\033')"
check 'nothing steers the list' eval '! now | grep -e "$steers"'
press / RTL; hides 'number 1$'; press Enter Enter; shows 'body.*of 2'
check 'nor the pager' eval '! now | grep -e "$steers"'
press q; shows 'q:quit'; press q; ends 0
mux kill-server
escape=$(printf 'q\033]0;owned\007')
on 80 10 "qq-pick --queue '$escape' 2>said"; check 'ends' soon has_ended
check 'nor what is said of a file' eval '! grep -q "$(printf "\033")" "$T/said"'
on 80 10 "TERM='$(printf '\033]0;owned\007')' qq-pick 2>said"; ends 100
check 'nor of a terminal' eval '! grep -q "$(printf "\033")" "$T/said"'

# ---- what an environment says ----
printf '#!/bin/sh\n: >%s\n' "'$T/hostile/ran'" >"$T/hostile/run"; chmod 777 "$T/hostile"
chmod 755 "$T/hostile/run" "$T/home"
printf '#command\nx shell %s\\n\n#env\nLESSOPEN=|%s %%s\n' "$T/hostile/run" "$T/hostile/run" \
  >"$T/home/.lesskey"
cat >"$T/environment" <<X
run='$T/hostile/run' ran='$T/hostile/ran'
LESSOPEN="|\$run %s" LESSCLOSE=\$run LESS="+!\$run" MORE="+!\$run" LESSEDIT=\$run LESSHISTFILE=\$ran
LESSKEY='$T/home/.lesskey' LESSKEYIN='$T/home/.lesskey' LESSKEY_CONTENT="x shell \$run"
PAGER=\$run EDITOR=\$run VISUAL=\$run SHELL=\$run HOME='$T/home' TERMINFO='$T/hostile'
TERMCAP='x:cl=E]0;owned^G:'
export LESSOPEN LESSCLOSE LESS MORE LESSEDIT LESSHISTFILE LESSKEY LESSKEYIN LESSKEY_CONTENT PAGER \
  EDITOR VISUAL SHELL HOME TERMINFO TERMCAP
X
on 80 24 '. ./environment; qq-pick'
cursor 'number 1$\|RTL\|end'; press Enter; shows 'END\|of [123]'
for keys in "!$T/hostile/run" v "|a$T/hostile/run" "s$T/hostile/ran" x ":e $T/hostile/run" \
  "O$T/hostile/ran" "-o$T/hostile/ran" ; do
  press -l "$keys"; press Enter
done
press q; press q; ends 0
check 'nothing was run, and nothing written' test ! -e "$T/hostile/ran"
mux kill-server 2>/dev/null
finish
