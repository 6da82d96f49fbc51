# shellcheck shell=sh
# shellcheck disable=SC2154
# terminal.sh - for tests of qq-pick: a terminal, which tmux plays. After lib.sh and queue.sh.

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
readable='readable() { perl -e "vec(my \$in, 0, 1) = 1; select \$in, undef, undef, undef"; }'
mux() { LC_ALL=C.UTF-8 TMUX_TMPDIR=$T tmux -u -L "$terminal" "$@"; }
trap 'mux kill-server 2>/dev/null; rm -rf "$T"' EXIT
# on COLUMNS ROWS COMMAND: the command in a shell on a terminal of that size
on() {
  mux kill-server 2>/dev/null; terminal=$((terminal + 1)); rm -f "$T/ids" "$T/code" "$T/said"
  printf '%s\n' 'trap : INT' "$readable" "cd '$T' || exit" "${3:-qq-pick}" \
    'echo $? >code.new; mv code.new code' 'exec sleep 1000' >"$T/session"
  mux -f /dev/null new-session -d -x "$1" -y "$2" "exec sh '$T/session'" || exit 99
}
press() { mux send-keys "$@"; }
now() { mux capture-pane -p; }
# soon COMMAND: waits until it succeeds, a minute at most
soon() { for i in $(seq 600); do if "$@"; then return 0; fi; sleep 0.1; done; now; return 1; }
has() { now >"$T/now" && grep -q -e "$1" "$T/now"; }
lacks() { now >"$T/now" && ! grep -q -e "$1" "$T/now"; }
# shows PATTERN; hides PATTERN; cursor PATTERN: its row is like that; ends CODE
shows() { check "shows $1" soon has "$1"; }
hides() { check "hides $1" soon lacks "$1"; }
cursor() { check "the cursor is at $1" soon has "^>.*$1"; }
has_ended() { [ -e "$T/code" ]; }
ends() { check "ends with $1" eval "soon has_ended && [ \"\$(cat '$T/code')\" = $1 ]"; }
picks() { check "sends $*" eval 'tr "\0" "\n" <"$T/ids" | sed "s/@.*//" | tr "\n" " " >"$T/picked";
  [ "$(cat "$T/picked")" = "$(for one in '"$*"'; do id "$one"; done | tr "\n" " ")" ]'; }
nothing() { check 'sends nothing' test ! -s "$T/ids"; }

# messages [N]: five, or N up to 40. Names are numbers, the youngest the first: each subject says
# which.
messages() {
  rm -rf "$T/q"; built q 0 --split 7
  for i in $(seq "${1:-5}" -1 1); do
    printf 'Subject: number %s\n\nText of %s.\n' $i $i |
      put $i "from$i@a.example" local "to$((${1:-5} + 1 - i))@b.example"
    touch -d "2026-11-20 18:$((59 - i)):00" "$(at mess $i)"
  done
}
end_of() { find "$QUEUE" -name "$(id "$1")" -exec rm {} +; }
