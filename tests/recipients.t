#!/bin/sh
# recipients.t - recipients as people know them: a local one is queued with what virtualdomains puts
# in front of it; one that has failed is in bounce/ID when its channel's file is gone.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/change.sh"

mkdir -p "$T/home/control" && chmod 755 "$T/home" "$T/home/control"
built home/queue 0 --split 3
domains() { printf '%s\n' "$@" >"$T/home/control/virtualdomains"; }
found() {
  qq-grep --lines "$@" | sed 's/@.*//' |
    awk 'NR == FNR { name[$2] = $1; next } { print name[$1] }' "$T/numbers" - | sort | tr '\n' ' '
}
counted() { qq-stat --by "$@" --json | sed 's/,"ages".*//'; }

# ---- prefixes of virtual domains ----
domains shop.example:1 Other.example:24 .wild.example:web-wild bob@far.example:alias-bob \
  out.wild.example: :rest '#no.example:9' no-colon
put shop a@x.example local 1-anna@shop.example </dev/null
put other a@x.example local 24-anna@other.example </dev/null
put wild a@x.example local web-wild-info@a.wild.example </dev/null
put bob a@x.example local alias-bob-bob@far.example </dev/null
put rest a@x.example local rest-ann@any.example </dev/null
put wrong a@x.example local 2-anna@shop.example 1anna@shop.example 1-@no </dev/null
put out a@x.example local web-wild-x@out.wild.example </dev/null
put remote a@x.example remote 1-anna@shop.example </dev/null
put new a@x.example todo anna@shop.example 1-anna@shop.example </dev/null
put plain a@x.example local anna </dev/null
try 'for address in anna@shop.example 1-anna@shop.example ANNA@Other.example info@a.wild.example \
    bob@far.example ann@any.example x@out.wild.example anna; do
    echo "$address: $(found -x --to $address)"; done' <<'T'
out: anna@shop.example: new shop 
out: 1-anna@shop.example: new remote shop 
out: ANNA@Other.example: other 
out: info@a.wild.example: wild 
out: bob@far.example: bob 
out: ann@any.example: rest 
out: x@out.wild.example: 
out: anna: plain 
exit: 0
T
try 'found -E --to "^anna@"; echo; found -E --to "^1-anna"; echo; found -g --to "ann?@*"; echo;
  found -v -x --to anna@shop.example; echo; printf "anna@shop.example\n" >"$T/list";
  found -x --to-list "$T/list"; echo; found --to-domain shop.example' <<'T'
out: new other shop 
out: new remote shop 
out: new other shop 
out: bob other out plain remote rest wild wrong 
out: new shop 
out: new remote shop wrong 
out: (no newline)
exit: 0
T
# Counted as people know them, new or preprocessed.
try 'counted to $(id shop) $(id new) $(id wild) $(id out) $(id remote);
  counted to-domain $(id shop) $(id new)' <<'T'
out: {"key":"1-anna@shop.example","messages":2,"recipients":2
out: {"key":"anna@shop.example","messages":2,"recipients":2
out: {"key":"info@a.wild.example","messages":1,"recipients":1
out: {"key":"web-wild-x@out.wild.example","messages":1,"recipients":1
out: {"key":"shop.example","messages":2,"recipients":3
exit: 0
T
# Without a home, without the file, and without a way to read it.
try 'found -x --to anna@shop.example; echo; mv "$T/home/control" "$T/home/c";
  found -x --to anna@shop.example; echo; mv "$T/home/c" "$T/home/control";
  rm "$T/home/control/virtualdomains"; found -x --to anna@shop.example; echo;
  mkdir "$T/home/control/virtualdomains"; found -x --to anna@shop.example; echo;
  rmdir "$T/home/control/virtualdomains"' <<'T'
out: new shop 
out: new 
out: new 
out: new 
err: qq-grep: warning: unable to read control/virtualdomains: Invalid argument
exit: 0
T
# The last of two entries with the same key counts, as in constmap.c.
try 'domains shop.example:7 SHOP.example:1; found -x --to anna@shop.example; echo;
  domains SHOP.example:1 shop.example:7; found -x --to anna@shop.example; echo' <<'T'
out: new shop 
out: new 
exit: 0
T
domains shop.example:1
put two a@x.example local 1-anna@shop.example 1-bert@shop.example </dev/null
try 'qq-rm -x --to anna@shop.example $(id two) $(id remote); tr "\0" " " <"$(at local two)"' <<'T'
out: D1-anna@shop.example T1-bert@shop.example 
out: (no newline)
err: qq-rm: 1 silenced, 1 unmatched
exit: 0
T
# 20,000 domains cost no more than one.
seq 20000 | sed 's/.*/d&.example:&/' >"$T/home/control/virtualdomains"
put many a@x.example local $(seq 1 2000 | sed 's/.*/&-u@d&.example/') </dev/null
try 'found -x --to u@d1999.example; echo; counted to --top 1 $(id many)' <<'T'
out: many 
out: {"key":"u@d1.example","messages":1,"recipients":1
exit: 0
T

# ---- who is done ----
domains shop.example:1
put half a@x.example local 1-cara@shop.example </dev/null
printf 'Dgone@far.test\0Tlate@far.test\0' >"$(at remote half)"
put left a@x.example remote late@far.test </dev/null
for one in half left; do
  printf '<cara@shop.example>:\nUser unknown.\n\n<dan@far.test>:\n192.0.2.1 does not like it.\n\n' \
    >"$(at bounce $one)"
done
if am_root; then
  for one in remote bounce; do chown "$(owner "$QUEUE/info")" "$(at $one half)"; done
  chown "$(owner "$QUEUE/info")" "$(at bounce left)"
fi
perl -pi -e 's/^T/D/' "$(at local half)"
try 'for address in cara@shop.example 1-cara@shop.example dan@far.test gone@far.test late@far.test \
    cara; do echo "$address: $(found -x --done-to $address)"; done; found --done-to cara; echo;
  found -v --done-to cara $(id half) $(id left) $(id shop); echo;
  qq-grep -c --done-to unknown' <<'T'
out: cara@shop.example: half left 
out: 1-cara@shop.example: half 
out: dan@far.test: half left 
out: gone@far.test: half 
out: late@far.test: 
out: cara: 
out: half left 
out: shop 
out: 0
exit: 1
T
finish
