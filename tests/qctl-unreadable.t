#!/bin/sh
# qctl-unreadable.t - a control file that may not or cannot be read is neither missing nor empty:
# what rests on it is not said, and the exit code is 111.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/control.sh"
skip_unless_root
home; mkdir home/users home/mailnames home/alias; user=$(id -un 65534 2>/dev/null || echo nobody)
file virtualdomains 'a.example:100\n'; file rcpthosts 'a.example\n'; file locals 'b.example\n'
mkdir -p home/mailnames/a.example
printf '+100-:nobody:65534:65534:%s/home/mailnames/a.example:-::\n.\n' "$T" >home/users/assign
sed -i 's/+100-:/+100:/' home/users/assign
sed -i "1i=postmaster:nobody:65534:65534:$T/home/mailnames/a.example:::" home/users/assign
qusers-compile; chmod -R a+rX home

# ---- it may not ----
for f in virtualdomains locals me rcpthosts; do
  chmod 600 home/control/$f
  for command in 'qusers-lookup x@a.example' qmbox-list 'qmbox-list a.example' qdom-list \
    "qdom-add --dry-run --user $user c.example" 'qdom-rm --dry-run a.example' qctl-show \
    "qctl-get $f" qctl-check; do
    case $f:$command in
      # what does not ask for that file
      me:qusers-lookup*|me:q[dm]*|locals:qmbox*|locals:qdom-[lr]*) continue ;;
      rcpthosts:qusers*|rcpthosts:qmbox*) continue ;;
    esac
    nobody $command >said 2>&1; echo $? >code
    check "$command without $f" sh -c '[ $(cat code) = 111 ]'
    check 'says which' sh -c 'grep -q "$0" said' "$f"
  done
  chmod 644 home/control/$f
done
file envnoathost 'b.example\n'; rm home/control/locals; chmod 600 home/control/me
try 'nobody qusers-lookup x@a.example; nobody qctl-get defaulthost; nobody qctl-get me' <<T
err: qusers-lookup: fatal: unable to read home/control/me: Permission denied (run it as root)
err: qctl-get: fatal: unable to read home/control/me: Permission denied (run it as root)
err: qctl-get: fatal: unable to read home/control/me: Permission denied (run it as root)
exit: 111
T
chmod 644 home/control/me

# ---- whether a fault is new is not known ----
template short me 'd\n'; file me 'd\n'; chmod 600 home/control/me; chmod -R a+rX home/qqtools
try 'nobody qctl-apply --dry-run short' <<T
err: qctl-apply: error: me: line 1: "d" is not a full host name: it has no domain
err: qctl-apply: fatal: unable to read home/control/me: Permission denied (run it as root)
exit: 111
T
file me 'mx.example.org\n'; chmod 644 home/control/me; rm -r home/qqtools/templates/short

# ---- a difference from what is not known ----
# An empty one would be equal to it.
template own databytes '\n' me 'mx.example.org\n'; file databytes '\n'
qctl-apply own >/dev/null; chmod 600 home/control/databytes; chmod -R a+rX home/qqtools
try 'nobody qctl-diff own; say nobody qctl-diff --json own | sed "s/,\"effect.*//";
  say nobody qctl-list | tail -n 1' <<T
out: databytes (next connection)
out:   - (a file that cannot be read)
out:   + (an empty file)
out: in force from the next connection on: databytes
out: {"name":"databytes","before":null,"after":"","before_unreadable":true
out: * own  live files differ: databytes
err: qctl-diff: warning: unable to read home/control/databytes: Permission denied (run it as root)
err: qctl-diff: warning: unable to read home/control/databytes: Permission denied (run it as root)
err: code 111
err: qctl-list: warning: unable to read home/control/databytes: Permission denied (run it as root)
err: code 111
exit: 0
T

# ---- it cannot: one error of the disk ----
if strace -o /dev/null -e inject=openat:error=EIO:when=1000 true 2>/dev/null; then
  eio() { # COMMAND: its opening of control/$f fails; which one it is a run with a copy says
    rm -rf copy; cp -a home copy
    n=$(QMAILHOME=copy strace -o /dev/stdout -e trace=openat "$@" 2>/dev/null |
      grep -a '^openat' | grep -an "\"$f\", O_RDONLY[^F]*O_CLOEXEC" | head -n 1 | cut -d: -f1)
    strace -o /dev/null -e trace=openat -e inject=openat:error=EIO:when="$n" "$@"
  }
  qctl-set databytes 5 >/dev/null; qctl-set databytes 6 >/dev/null; live >before
  f=virtualdomains
  try 'say eio qusers-lookup x@a.example; say eio qmbox-list a.example;
    say eio qmbox-rm x@a.example; say eio qdom-list; say eio qdom-rm a.example' <<T
err: qusers-lookup: fatal: unable to read home/control/virtualdomains: Input/output error
err: code 111
err: qmbox-list: fatal: unable to read $T/home/control/virtualdomains: Input/output error
err: code 111
err: qmbox-rm: fatal: unable to read $T/home/control/virtualdomains: Input/output error
err: code 111
err: qdom-list: fatal: unable to read $T/home/control/virtualdomains: Input/output error
err: code 111
err: qdom-rm: fatal: unable to read $T/home/control/virtualdomains: Input/output error
err: code 111
exit: 0
T
  f=databytes; template nine databytes '9\n'
  try 'say eio qctl-undo; say eio qctl-set databytes 7; say eio qctl-apply nine;
    say eio qctl-save new databytes; eio qctl-check' <<T
out: warning: databytes: cannot be read: Input/output error
out: warning: me: line 1: "mx.example.org" is not in rcpthosts: SMTP takes no mail for it,
...:  except from clients that may relay
err: qctl-undo: fatal: unable to read home/control/databytes: Input/output error
err: code 111
err: qctl-set: fatal: unable to read home/control/databytes: Input/output error
err: code 111
err: qctl-apply: fatal: unable to read home/control/databytes: Input/output error
err: code 111
err: qctl-save: fatal: unable to read home/control/databytes: Input/output error
err: code 111
exit: 111
T
  try 'say eio qctl-apply --dry-run nine' <<T
err: qctl-apply: fatal: unable to read home/control/databytes: Input/output error
err: code 111
exit: 0
T
  check 'nothing was changed' as_before
  # What is not known of locals is no fault of the change.
  file locals 'b.example\nmx.example.org\n'; f=locals
  try 'say eio qctl-set databytes 7' <<T
out: in force from the next connection on: databytes
err: code 0
exit: 0
T
else ok 'an error of the disk # SKIP no strace(1) that may trace'; fi

# ---- what qqtools keeps itself ----
qctl-set databytes 8 >/dev/null; chmod 755 home/control; chmod 644 home/control/*
chmod 700 home/qqtools
try "nobody qctl-get databytes; say nobody qctl-undo --list; say nobody qctl-list;
  nobody qdom-add --dry-run --user $user c.example" <<T
out: 8
err: qctl-undo: fatal: unable to read home/qqtools/history: Permission denied (run it as root)
err: code 111
err: qctl-list: fatal: unable to read home/qqtools/templates: Permission denied (run it as root)
err: code 111
err: qdom-add: fatal: unable to read $T/home/qqtools/last-prefix: Permission denied
...:  (run it as root)
exit: 111
T
finish
