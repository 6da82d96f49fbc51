#!/bin/sh
# qctl-links.t - control files that are links, as panels and containers make them: they are replaced
# where they lie, or not at all; never by a file in the place of the link. What becomes of it when a
# change is killed half-way is in qctl-crash.t.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/control.sh"
# Two files of a panel's, one of them linked to through another link, with another name.
linked() {
  home; mkdir home/users panel; chmod 755 panel; echo shop.example:1 >panel/virtualdomains
  printf 'mx.example.org\nshop.example\n' >panel/taken; chmod 640 panel/taken
  ln -sf ../../panel/first home/control/rcpthosts; ln -sf taken panel/first
  ln -s "$T/panel/virtualdomains" home/control/virtualdomains
  printf '+1:popuser:110:31:/tmp:::\n.\n' >home/users/assign
}
again() { rm -r panel; linked; }
links() { for f in rcpthosts virtualdomains; do [ -L home/control/$f ] || echo "$f"; done; }
are_links() { links >n; cat n; [ ! -s n ] && clean && [ -z "$(find panel -name '.*')" ]; }

linked; inode=$(stat -c %i home/control/rcpthosts)
try 'qctl-set --add new.example rcpthosts; cat panel/taken; qctl-get rcpthosts | tail -n 1;
  qctl-set --remove shop.example --add new.example:1 virtualdomains; cat panel/virtualdomains' <<'T'
out: in force from the next connection on: rcpthosts
out: mx.example.org
out: shop.example
out: new.example
out: new.example
out: HUP qmail-send: virtualdomains
out: new.example:1
exit: 0
T
check 'the links are links' are_links
check 'the same' test "$inode" = "$(stat -c %i home/control/rcpthosts)"
check 'the mode is kept' test "$(stat -c %a panel/taken)" = 640
touch -d @1500000000 panel/virtualdomains
try 'qctl-set --add b.example:1 virtualdomains; qctl-undo; qctl-undo; cat panel/virtualdomains;
  qctl-undo >/dev/null; cat panel/taken' <<'T'
out: HUP qmail-send: virtualdomains
out: virtualdomains (HUP qmail-send)
out:   - b.example:1
out: HUP qmail-send: virtualdomains
out: virtualdomains (HUP qmail-send)
out:   - new.example:1
out:   + shop.example:1
out: HUP qmail-send: virtualdomains
out: shop.example:1
out: mx.example.org
out: shop.example
exit: 0
T
check 'and links they stay' are_links
again; template own rcpthosts 'mx.example.org\na.example\n' databytes '5\n'
check 'a template, behind links and in control/' sh -c \
  'qctl-apply own && [ "$(tail -n 1 panel/taken)" = a.example ] && [ -f home/control/databytes ]'
check 'which stay' are_links
# What is written down of it is as closed as the file, and not as the link.
again; chmod 600 panel/taken; qctl-set --add x.example rcpthosts >/dev/null
chmod 600 home/qqtools/history/1/*/rcpthosts; qctl-save mine rcpthosts
check 'a template of it is closed' sh -c \
  '[ "$(stat -c %a home/qqtools/templates/mine/rcpthosts)" = 600 ]'

# ---- nobody takes a link away ----
again; live >before; template gone virtualdomains ''
try 'say qctl-set --unset virtualdomains; say qctl-apply gone; say qctl-apply --dry-run gone;
  history' <<'T'
out: 
err: qctl-set: fatal: home/control/virtualdomains is a symbolic link, and is not removed: do that by
...:  hand, and look at what it leads to
err: code 111
err: qctl-apply: fatal: home/control/virtualdomains is a symbolic link, and is not removed: do that
...:  by hand, and look at what it leads to
err: code 111
err: qctl-apply: fatal: home/control/virtualdomains is a symbolic link, and is not removed: do that
...:  by hand, and look at what it leads to
err: code 111
exit: 0
T
check 'nothing has changed' as_before
# Nor does an undo of what made the file.
rm -r home/qqtools; qctl-set databytes 5 >/dev/null
mv home/control/databytes panel; ln -s ../../panel/databytes home/control
try 'qctl-undo --force; cat panel/databytes' <<'T'
out: 5
err: qctl-undo: fatal: home/control/databytes is a symbolic link, and is not removed: do that by
...:  hand, and look at what it leads to
exit: 0
T

# ---- where somebody else could change the way, nothing is made ----
again; chmod 777 panel; live >before; cp panel/taken taken
try 'say qctl-set --add new.example rcpthosts; say qctl-set --dry-run --add new.example rcpthosts;
  qctl-set databytes 5 && qctl-undo >/dev/null' <<'T'
out: in force from the next connection on: databytes
err: qctl-set: fatal: home/control/rcpthosts is a symbolic link, and somebody else could change
...:  where it leads or what is there: it is not replaced
err: code 111
err: qctl-set: fatal: home/control/rcpthosts is a symbolic link, and somebody else could change
...:  where it leads or what is there: it is not replaced
err: code 111
exit: 0
T
check 'and nothing has changed' as_before
check 'there neither' cmp taken panel/taken
# Also no domain half-way: cases where users/assign would come first.
if skip_unless_root 'a domain'; then
  mkdir mailnames; cp home/users/assign assign
  try 'for dry in "" --dry-run; do say qdom-add $dry --user nobody --mailnames "$T/mailnames" \
    new.example; done 2>&1 | sed "s,$T/,,"; ls mailnames; diff assign home/users/assign;
    qdom-rm shop.example 2>&1 | sed "s,$T/,,"; diff assign home/users/assign' <<'T'
out: qdom-add: fatal: home/control/rcpthosts is a symbolic link, and somebody else could change
...:  where it leads or what is there: it is not replaced
out: code 111
out: qdom-add: fatal: home/control/rcpthosts is a symbolic link, and somebody else could change
...:  where it leads or what is there: it is not replaced
out: code 111
out: qdom-rm: fatal: home/control/rcpthosts is a symbolic link, and somebody else could change
...:  where it leads or what is there: it is not replaced
exit: 0
T
  chmod 755 panel
  check 'and where nobody can, a domain behind the links' sh -c \
    'qdom-add --user nobody --mailnames "$1/mailnames" new.example &&
      grep new.example panel/taken && grep new.example panel/virtualdomains' - "$T"
  check 'which stay links' are_links
fi
# A volume: control/ itself is a link, and in it nothing is.
home; mkdir volume; mv home/control volume; ln -s ../volume/control home
check 'a directory that is a link' sh -c \
  'qctl-set databytes 5 && [ -L home/control ] && [ "$(cat volume/control/databytes)" = 5 ]'
finish
