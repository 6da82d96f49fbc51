#!/bin/sh
# pick.t - qq-pick on a terminal, which tmux plays: its keys, what comes out of a pipeline, what it
# runs and as whom, and how the terminal is left.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/terminal.sh"

# ---- without a terminal ----
messages
try 'setsid -w qq-pick' <<'X'
err: qq-pick: fatal: there is no terminal to show messages on
exit: 100
X

# ---- in a pipeline ----
on 80 24 'qq-pick | cat >ids'
cursor 'number 1'; shows '5 messages'
press j; cursor 'number 2'
press Down j; cursor 'number 4'
press k; cursor 'number 3'
press G; cursor 'number 5'
press g; cursor 'number 1'
press Space; cursor 'number 2'; shows '5 messages; 1 ticked'
press q; shows 'Send 1 id to the pipe? \[y/N\]'
press y; ends 0; picks 1
on 80 24 'qq-pick | cat >ids'
cursor 'number 1'; press End q; shows 'Send 1 id to the pipe?'; press y; ends 0; picks 5
on 80 24 'qq-pick | cat >ids'
cursor 'number 1'; press a; shows '5 ticked'; press u; hides 'ticked'
press t Tab i; shows '3 ticked'
press q; shows 'Send 3 ids to the pipe? \[y/N\]'; press n; ends 0; nothing
# The exit code is that of qq-pick.
on 80 24 'qq-pick >ids'
cursor 'number 1'; press a q; shows 'Send 5 ids'; press Enter; ends 1; nothing
on 80 24 'qq-pick >ids'
cursor 'number 1'; press a C-c; ends 1; nothing
on 80 24 'qq-pick >ids'
cursor 'number 1'; press a q; shows 'Send 5 ids'; press C-c; ends 1; nothing
on 80 24 'qq-pick >ids'
cursor 'number 1'; press d; shows 'in a pipeline nothing is done here'; press X; shows 'no such key'
press a q; shows 'Send 5 ids'; press y; ends 0; picks 1 2 3 4 5

# ---- only these; a stream that nobody asked for ----
on 80 24 'qq-grep --subject "number 2" --subject "number 4" | qq-pick - --lines >ids'
cursor 'number 2'; shows '2 messages'; press a q; shows 'Send 2 ids'; press Y; ends 0; picks 2 4
on 80 24 "qq-pick $(id 3) $(id 1) >ids"
cursor 'number 1'; shows '2 messages'; press C-c; ends 1
on 80 24 'qq-list | { readable; qq-pick >ids 2>said; }'
ends 100; nothing
check 'and says why' grep -q 'give - to look only among them' "$T/said"
on 80 24 'qq-grep --subject nobody | qq-pick - >ids'
ends 1; nothing
on 80 24 "qq-pick 4711 >ids 2>said"
ends 1; check 'it is named' grep -q 'message 4711 is not in the queue' "$T/said"

# ---- shown, hidden, sorted ----
on 80 24 'qq-pick >ids'
cursor 'number 1'; press j Space; cursor 'number 3'
press /; shows '^/$'; press NUMBER; press ' 1'; cursor 'number 1'; hides 'number 2'
press Enter; shows '5 messages; 1 ticked; 1 shown: /NUMBER 1'
press q; shows 'Send 1 id to the pipe? 1 of them is not shown. \[y/N\]'; press y; ends 0; picks 2
on 80 24 'qq-pick >ids'
cursor 'number 1'; press / 'from3@' Enter; cursor 'number 3'
press Escape; shows 'number 5'; cursor 'number 3'
press / xyz; hides 'number'; press BSpace BSpace BSpace; shows 'number 5'; press BSpace; hides '^/'
press / "$(id 4)" Enter; cursor 'number 4'; press a / C-u BSpace Escape; shows 'number 1'
press S; shows 'Sort by: 1 type'; press 5; shows 'to \^'; press g; cursor 'number 5'
press S 5; shows 'to v'; press g; cursor 'number 1'
press S 3; shows 'size \^'; press S x; hides 'Sort by'; press S 7; press q; shows 'Send 1 id'
press y; ends 0; picks 4

# ---- alone: reads and acts ----
messages
on 80 24
cursor 'number 1'; press Enter; shows 'Text of 1'; press q; shows 'q:quit'; cursor 'number 1'
press '?'; shows 'Ticked messages are meant'; press q; shows 'q:quit'
press F1; shows 'Ticked messages are meant'; press q; shows 'q:quit'
press w; shows 'Ask why 1 message waits? \[y/N\]'; press n; hides 'Ask why'
press j d; shows 'Remove 1 message? \[y/N\]'; press n; hides 'Remove'; cursor 'number 2'
press d; shows 'Remove 1 message?'; press y; shows 'qq-rm: 1 removed'; hides 'number 2'
cursor 'number 3'; press Space Space / 'number 5' Enter d
shows 'Remove 2 messages? 2 of them are not shown. \[y/N\]'; press y; shows 'qq-rm: 2 removed'
press Escape; hides 'number [34]'; shows 'number 5'; press q; ends 0
# Looked at again: what has ended is gone, with its tick, and what got its number is another.
messages
on 80 24
cursor 'number 1'; press t t t; shows '3 ticked'; press g
end_of 1; end_of 2; touch -d '2026-11-20 17:00:00' "$(at mess 3)"
press F5; shows '3 ticked messages are not in the queue any more'; cursor 'number 4'
put 6 'from6@a.example' local 'to@b.example' <<'X'
Subject: number 6

X
press C-l; shows '4 messages'; lacks 'ticked'; cursor 'number 4'
end_of 4
press Enter; shows 'message [0-9]* is not in the queue (any more)'
press d; shows 'Remove 1 message?'; press y; shows 'qq-rm: 1 gone'; hides 'number 4'
# What fails is said.
rm "$QUEUE/lock/trigger"; mkdir "$QUEUE/lock/trigger"; rm "$QUEUE/lock/sendmutex"
press d; shows 'Remove 1 message?'; press y; shows 'qq-rm: fatal: '
check 'they are there' test "$(qq-list --count)" = 3; mux kill-server

# ---- hostile: in the list, in the pager ----
messages
put 6 '\033]0;owned\007@a.example' local 'to@b.example' <<X
Subject: =?utf-8?B?$(printf '\033[2J\033[31mred' | base64)?= =?utf-8?q?a=CC=81=E6=BC=A2=E5=AD=97?=

$(printf '\033[2J\033]0;owned\007\033[8;5;5t body') of 6
X
LESSOPEN="|touch $T/opened; chmod 666 $T/opened; cat %s" LESS='+!touch '"$T/less"
export LESSOPEN LESS
on 80 24
cursor 'number 1'; shows '\\x1b\].*\\x1b\[2J\\x1b\[31m'; press G
check 'the list has no escape of a sender' eval '! mux display -p "#{pane_title}" | grep owned'
press Enter; shows '\\x1b\[2J.*body of 6'
press '!>x' Enter q; shows 'q:quit'; press q; ends 0
check 'nothing was run' test ! -e "$T/opened" -a ! -e "$T/less" -a ! -e "$T/x"
unset LESSOPEN LESS
on 120 24
cursor 'number 1'; shows '31mredá漢字 *$'
press / 漢 Enter; shows '1 shown: /漢'; press q; ends 0
if am_root; then
  on 80 24
  cursor 'number 1'; press G Enter; shows 'body of 6'
  who() { ps -e -o uid= -o args= | awk -v c="$1" '$2 == c { print $1 }' | sort -u | tr '\n' ' '; }
  check 'the pager is the reader' eval '[ "$(who less)" = "64015 " ]'
  check 'so is the screen, and the hand is root' eval '[ "$(who qq-pick)" = "0 64015 " ]'
  press q; shows 'q:quit'; mux kill-server
fi

# ---- the terminal: its size, how it is left ----
messages
on 20 5 'qq-pick >ids'
cursor 'number 1'; press a; shows '5 messages; 5 tick'; press q; shows 'Send 5 ids to the pi'
shows '^pe? \[y/N\]'; press y; ends 0; picks 1 2 3 4 5
on 80 24 'stty -g >before; qq-pick; stty -g >after'
cursor 'number 1'; press G; cursor 'number 5'
mux resize-window -x 40 -y 6; hides 'queued'; cursor 'number 5'; press d; shows 'Remove 1 message?'
mux resize-window -x 100 -y 30; shows 'queued v'; press Enter; hides 'Remove'
press d; shows 'Remove 1 message?'; mux resize-window -x 90 -y 20; mux resize-window -x 80 -y 24
press y; shows 'qq-rm: 1 removed'; press C-c; ends 0
check 'the terminal is as it was' cmp "$T/before" "$T/after"
messages
cat >"$T/stops" <<'X'
set -m
stty -g >before; qq-pick; stty -g >stopped; echo stopped; read line; fg; stty -g >after
X
on 80 24 'sh stops'
cursor 'number 1'; press Space; shows '1 ticked'; press C-z; shows '^stopped'
check 'stopped, the terminal is as it was' cmp "$T/before" "$T/stopped"
press Enter; shows '1 ticked'; press Enter; shows 'Text of 2'; press q; shows 'q:quit'
mux kill-server
for signal in TERM HUP; do
  on 80 24 'stty -g >before; sh -c "echo \$\$ >pid; exec qq-pick"; stty -g >after'
  cursor 'number 1'; press a d; shows 'Remove 5 messages?'; kill -$signal "$(cat "$T/pid")"; ends 0
  check "after SIG$signal the terminal is as it was" cmp "$T/before" "$T/after"
done
on 80 24 'sh -c "echo \$\$ >pid; exec qq-pick"'
cursor 'number 1'; press a d; shows 'Remove 5 messages?'; kill -KILL "$(cat "$T/pid")"; ends 137
check 'nothing was done' test "$(qq-list --count)" = 5
on 80 24 'TERM=dumb qq-pick 2>said'
ends 100; check 'and says so' grep -q 'a terminal of the type "dumb" cannot show a list' "$T/said"
on 80 24 'TERM=nosuchterm qq-pick 2>said'
ends 100; check 'and says so' grep -q 'of the type "nosuchterm", which nothing is known' "$T/said"

# ---- where ncurses is not ----
without_curses() {
  "${MAKE:-make}" -C "$repo" -n BUILD="$T/none" CURSES= all >"$T/make" 2>&1 &&
    grep -q qq-show "$T/make" && ! grep 'src/pick/\|bin/qq-pick' "$T/make"
}
check 'all else is built' without_curses
installed_without() {
  mkdir -p "$T/none" && for file in "$BUILD"/*; do ln -s "$file" "$T/none"; done
  rm -r "$T/none/bin" "$T/none/completions"
  cp -R "$BUILD/bin" "$BUILD/completions" "$T/none" &&
    find "$T/none/bin" "$T/none/completions" -name '*qq-pick*' -exec rm {} + &&
    BUILD=$T/none DESTDIR=$T/root "$repo/package/install" &&
    find "$T/root" -name 'qq-cat*' | grep -q . && ! find "$T/root" -name '*qq-pick' | grep .
}
if [ -d "$BUILD/completions" ]; then check 'and installed' installed_without; fi
mux kill-server 2>/dev/null
finish
