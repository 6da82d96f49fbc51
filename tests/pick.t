#!/bin/sh
# pick.t - qq-pick on a terminal, which tmux plays: its keys, what comes out of a pipeline, what it
# runs and as whom, and how the terminal is left.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"

absent() {
  if [ "${CI-}" = true ]; then not_ok "all (there is no $1)"; finish; fi
  echo "1..0 # SKIP there is no $1"; exit 0
}
[ -x "$BIN/qq-pick" ] || absent qq-pick
command -v tmux >/dev/null || absent tmux
command -v less >/dev/null || absent less

# ---- what this drives it with ----
# each terminal is a server of its own, so that none ends while the next one begins
terminal=0
mux() { LC_ALL=C.UTF-8 TMUX_TMPDIR=$T tmux -u -L "$terminal" "$@"; }
trap 'mux kill-server 2>/dev/null; rm -rf "$T"' EXIT
# on COLUMNS ROWS COMMAND: the command in a shell on a terminal of that size
on() {
  mux kill-server 2>/dev/null; terminal=$((terminal + 1)); rm -f "$T/ids" "$T/code" "$T/said"
  printf '%s\n' 'trap : INT' "cd '$T' || exit" "${3:-qq-pick}" 'echo $? >code.new; mv code.new code' \
    'exec sleep 1000' >"$T/session"
  mux -f /dev/null new-session -d -x "$1" -y "$2" "exec sh '$T/session'" || exit 99
}
press() { mux send-keys "$@"; }
now() { mux capture-pane -p; }
# soon COMMAND: waits until it succeeds, a minute at most
soon() { for i in $(seq 600); do if "$@"; then return 0; fi; sleep 0.1; done; now; return 1; }
has() { now >"$T/now" && grep -q -e "$1" "$T/now"; }
lacks() { now >"$T/now" && ! grep -q -e "$1" "$T/now"; }
# shows PATTERN; hides PATTERN; at PATTERN: the row of the cursor is like that; ends CODE
shows() { check "shows $1" soon has "$1"; }
hides() { check "hides $1" soon lacks "$1"; }
at() { check "the cursor is at $1" soon has "^>.*$1"; }
has_ended() { [ -e "$T/code" ]; }
ends() { check "ends with $1" eval "soon has_ended && [ \"\$(cat '$T/code')\" = $1 ]"; }
picks() { check "sends $*" eval 'tr "\0" "\n" <"$T/ids" | sed "s/@.*//" | tr "\n" " " >"$T/picked";
  [ "$(cat "$T/picked")" = "$(for one in '"$*"'; do id "$one"; done | tr "\n" " ")" ]'; }
nothing() { check 'sends nothing' test ! -s "$T/ids"; }

# Names are numbers, the youngest the first: each subject says which.
messages() {
  rm -rf "$T/q"; built q 0 --split 7
  for i in 5 4 3 2 1; do
    printf 'Subject: number %s\n\nText of %s.\n' $i $i |
      put $i "from$i@a.example" local "to$((6 - i))@b.example"
    touch -d "2026-11-20 18:0$((9 - i)):00" "$(at_file $i)"
  done
}
at_file() { place mess "$(id "$1")"; }

# ---- without a terminal ----
messages
try 'setsid -w qq-pick' <<'X'
err: qq-pick: fatal: there is no terminal to show messages on
exit: 100
X

# ---- in a pipeline ----
on 80 24 'qq-pick | cat >ids'
at 'number 1'; shows '5 messages'
press j; at 'number 2'
press Down j; at 'number 4'
press k; at 'number 3'
press G; at 'number 5'
press g; at 'number 1'
press Space; at 'number 2'; shows '5 messages; 1 ticked'
press q; shows 'Send 1 id to the pipe? \[y/N\]'
press y; ends 0; picks 1
on 80 24 'qq-pick | cat >ids'
at 'number 1'; press End q; shows 'Send 1 id to the pipe?'; press y; ends 0; picks 5
on 80 24 'qq-pick | cat >ids'
at 'number 1'; press a; shows '5 ticked'; press u; hides 'ticked'; press t Tab i; shows '3 ticked'
press q; shows 'Send 3 ids to the pipe? \[y/N\]'; press n; ends 0; nothing
# The exit code is that of qq-pick.
on 80 24 'qq-pick >ids'
at 'number 1'; press a q; shows 'Send 5 ids'; press Enter; ends 1; nothing
on 80 24 'qq-pick >ids'
at 'number 1'; press a C-c; ends 1; nothing
on 80 24 'qq-pick >ids'
at 'number 1'; press a q; shows 'Send 5 ids'; press C-c; ends 1; nothing
on 80 24 'qq-pick >ids'
at 'number 1'; press d; shows 'in a pipeline nothing is done here'; press X; shows 'no such key'
press a q; shows 'Send 5 ids'; press y; ends 0; picks 1 2 3 4 5

# ---- only these; a stream that nobody asked for ----
on 80 24 'qq-grep --subject "number 2" --subject "number 4" | qq-pick - --lines >ids'
at 'number 2'; shows '2 messages'; press a q; shows 'Send 2 ids'; press Y; ends 0; picks 2 4
on 80 24 "qq-pick $(id 3) $(id 1) >ids"
at 'number 1'; shows '2 messages'; press C-c; ends 1
on 80 24 'qq-list | qq-pick >ids 2>said'
ends 100; nothing
check 'and says why' grep -q 'give - to look only among them' "$T/said"
on 80 24 'qq-grep --subject nobody | qq-pick - >ids'
ends 1; nothing
on 80 24 "qq-pick 4711 >ids 2>said"
ends 1; check 'it is named' grep -q 'message 4711 is not in the queue' "$T/said"

# ---- shown, hidden, sorted ----
on 80 24 'qq-pick >ids'
at 'number 1'; press j Space; at 'number 3'
press /; shows '^/$'; press NUMBER; press ' 1'; at 'number 1'; hides 'number 2'
press Enter; shows '5 messages; 1 ticked; 1 shown: /NUMBER 1'
press q; shows 'Send 1 id to the pipe? 1 of them is not shown. \[y/N\]'; press y; ends 0; picks 2
on 80 24 'qq-pick >ids'
at 'number 1'; press / 'from3@' Enter; at 'number 3'; press Escape; shows 'number 5'; at 'number 3'
press / xyz; hides 'number'; press BSpace BSpace BSpace; shows 'number 5'; press BSpace; hides '^/'
press / "$(id 4)" Enter; at 'number 4'; press a / C-u BSpace Escape; shows 'number 1'
press S; shows 'Sort by: 1 type'; press 5; shows 'to \^'; press g; at 'number 5'
press S 5; shows 'to v'; press g; at 'number 1'
press S 3; shows 'size \^'; press S x; hides 'Sort by'; press S 7; press q; shows 'Send 1 id'
press y; ends 0; picks 4

# ---- alone: reads and acts ----
messages
on 80 24
at 'number 1'; press Enter; shows 'Text of 1'; press q; hides 'Text of 1'; at 'number 1'
press '?'; shows 'Ticked messages are meant'; press q; hides 'Ticked messages are meant'
press F1; shows 'Ticked messages are meant'; press q; hides 'Ticked messages are meant'
press w; shows 'Ask why 1 message waits? \[y/N\]'; press n; hides 'Ask why'
press j d; shows 'Remove 1 message? \[y/N\]'; press n; hides 'Remove'; at 'number 2'
press d; shows 'Remove 1 message?'; press y; shows 'qq-rm: 1 removed'; hides 'number 2'
at 'number 3'; press Space Space / 'number 5' Enter d
shows 'Remove 2 messages? 2 of them are not shown. \[y/N\]'; press y; shows 'qq-rm: 2 removed'
press Escape; hides 'number [34]'; shows 'number 5'; press q; ends 0
mux kill-server
finish
