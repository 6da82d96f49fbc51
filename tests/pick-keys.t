#!/bin/sh
# shellcheck disable=SC2086
# pick-keys.t - qq-pick: what each key does.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/terminal.sh"

# ---- where the cursor goes ----
messages 20
on 80 10 'qq-pick >ids'
cursor 'number 1$'
press NPage; cursor 'number 8$'; press NPage NPage NPage; cursor 'number 20$'
press PPage; cursor 'number 13$'; press PPage PPage; cursor 'number 1$'
press C-f; cursor 'number 8$'; press C-f; cursor 'number 15$'; press C-b; cursor 'number 8$'
press C-n; cursor 'number 9$'; press C-p; cursor 'number 8$'
press C-j; cursor 'number 9$'; press C-k; cursor 'number 8$'
press Down; cursor 'number 9$'; press Up; cursor 'number 8$'
press End; cursor 'number 20$'; press Down; cursor 'number 20$'
press Home; cursor 'number 1$'; press Up; cursor 'number 1$'
press G; cursor 'number 20$'; press g; cursor 'number 1$'

# ---- sorted by each column, and the other way round ----
# sorts KEY HEADING FIRST LAST
sorts() {
  press S; shows 'Sort by'; press "$1"; shows "$2 ^"; press g; cursor "$3"
  press S; shows 'Sort by'; press "$1"; shows "$2 v"; press g; cursor "$4"
}
sorts 1 type 'number 20$' 'number 1$'
sorts 2 queued 'number 20$' 'number 1$'
sorts 3 size 'number 9$' 'number 10$'
sorts 4 from 'number 10$' 'number 9$'
sorts 5 to 'number 11$' 'number 12$'
sorts 6 subject 'number 1$' 'number 9$'
press S 7; hides 'subject [v^]'; press g q; shows 'Send 1 id to the pipe?'; press y; ends 0
check 'by number' test "$(tr '\0' '\n' <"$T/ids")" = "$(qq-list --lines | sort -n | head -n 1)"

# ---- in a pipeline, without ticks ----
for key in N Enter C-c Escape Space; do
  on 80 10 'qq-pick >ids'
  cursor 'number 1$'; press q; shows 'Send 1 id to the pipe? \[y/N\]'; press $key; ends 1; nothing
done
on 80 10 'qq-pick >ids'
for key in h l r e w; do
  press g; cursor 'number 1$'; hides 'nothing is done'; press $key
  shows 'in a pipeline nothing is done here'
done
press '$'; shows 'no such key: ? says'; press C-c; ends 1

# ---- alone: what each runs; all but y is no ----
messages 3
on 80 10
cursor 'number 1$'
for key in 'h n Hold' 'l Enter Release' 'r Escape Requeue' 'e n Let.the.next' 'w Enter Ask.why' \
  'd Space Remove'; do
  set -- $key
  press "$1"; shows "$3.*\[y/N\]"; press "$2"; hides '\[y/N\]'
done
check 'nothing was done' test "$(qq-list --count)" = 3
press q; ends 0
mkdir -p "$T/home/control"; echo me.example >"$T/home/control/me"
on 80 10 "qq-pick --home '$T/home' --queue '$QUEUE'"
cursor 'number 1$'; press h; shows 'Hold 1 message?'; press y; shows 'qq-hold: 1 held'
press l; shows 'Release 1 message?'; press y; shows 'qq-release: 1 released'
press e; shows 'next attempt of 1 message'; press y; shows 'qq-expire: 1 '
press r; shows 'Requeue 1 message?'; press y; shows 'qq-requeue: '; press q C-l; shows '3 messages'
press w; shows 'Ask why 1 message'; press y; shows 'waits\|qq-why'; press q
shows '3 messages'; press q; ends 0
on 80 10; cursor 'number 1$'; press d; shows 'Remove 1'; press C-c; ends 1
mux kill-server 2>/dev/null
finish
