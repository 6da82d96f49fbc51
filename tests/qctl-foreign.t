#!/bin/sh
# qctl-foreign.t - templates, homes and control files that others can write to: whoever puts a link,
# a pipe or something huge there does not have root read, show, apply or write what is elsewhere.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/queue.sh"
. "$(dirname "$0")/control.sh"
skip_unless_root
# The sanitizers need a lot of addresses for themselves.
# shellcheck disable=SC3045
little_memory() { case $BUILD in */asan) ;; *) ulimit -v 2000000 ;; esac; }
home; qctl-save base; t=home/qqtools/templates/base
shared() { chgrp 65534 home/qqtools/templates "$t"; chmod 2775 home/qqtools/templates "$t"; }
shared; echo SECRET >secret; chmod 600 secret; live >before
for command in 'diff base' 'apply base' 'check base' 'set --template base databytes 5' 'list'; do
  # a link to a file, to a device, to itself; a pipe; more than anybody wants to read
  for what in "ln -s $T/secret" 'ln -s /dev/zero' 'ln -s loop' 'mkfifo' 'truncate -s 50G'; do
    nobody $what "$t/loop"; mv "$t/loop" "$t/smtpgreeting"
    (little_memory; within qctl-$command >said 2>&1; echo $? >code)
    check "qctl-$command, smtpgreeting: $what" sh -c \
      '[ $(cat code) = 100 ] || [ $(cat code) = 111 ] || [ "$0" = list ]' "$command"
    check 'says nothing of what is not there' sh -c '! grep -r SECRET said home'
    rm "$t/smtpgreeting"
  done
done
check 'nothing was changed' as_before
# One in force that is spoilt: the others are listed, and the exit code says so.
qctl-apply base >/dev/null; live >before; ln -s "$T/secret" "$t/smtpgreeting"
try 'qctl-list | grep base' <<'T'
out: * base
err: qctl-list: warning: home/qqtools/templates/base/smtpgreeting: is not a regular file,
...:  as those of a template are
exit: 0
T
rm "$t/smtpgreeting"
# A hard link, where the kernel lets one make it.
ln secret "$t/smtpgreeting"
try 'qctl-diff base' <<'T'
err: qctl-diff: fatal: home/qqtools/templates/base/smtpgreeting: Too many links
exit: 111
T
rm "$t/smtpgreeting"

# The whole template is a link: nothing is read there, and above all nothing is written there.
mkdir elsewhere; cp -p secret elsewhere/smtpgreeting; ls -a elsewhere >there
mv "$t" away; nobody ln -s "$T/elsewhere" "$t"
try 'say qctl-diff base; say qctl-apply base; say qctl-set --template base databytes 6;
  say qctl-save --replace base; qctl-list | grep base; ls -a elsewhere | diff there -' <<'T'
out: * base
err: qctl-diff: fatal: home/qqtools/templates/base: Not a directory
err: code 100
err: qctl-apply: fatal: home/qqtools/templates/base: Not a directory
err: code 100
err: qctl-set: fatal: home/qqtools/templates/base: Not a directory
err: code 100
err: qctl-save: fatal: unable to write home/qqtools/templates/base: Not a directory
err: code 111
err: qctl-list: warning: home/qqtools/templates/base: Not a directory
exit: 0
T
check 'nothing was changed by that' as_before
rm "$t"; mv away "$t"
# One that root has linked, in a directory of its own, goes on.
mkdir -m 755 own && echo 7 >own/databytes; chmod 755 home/qqtools/templates
ln -s "$T/own" home/qqtools/templates/linked
try 'qctl-diff linked' <<'T'
out: databytes (next connection)
out:   - (no file)
out:   + 7
out: in force from the next connection on: databytes
exit: 1
T

# control/ of an ordinary user, looked at by root.
home; chown 65534:65534 home home/control; nobody ln -s "$T/secret" home/control/smtpgreeting
ln secret home/control/databytes
for command in show 'get smtpgreeting' 'get databytes' 'check' 'save x'; do
  within qctl-$command >said 2>&1; echo $? >code
  check "qctl-$command in the home of another" sh -c '[ $(cat code) = 111 ]'
  check 'shows nothing of root' sh -c '! grep SECRET said'
done
rm home/control/smtpgreeting home/control/databytes
try 'qctl-set databytes 5; qctl-get databytes' <<'T'
out: in force from the next connection on: databytes
out: 5
exit: 0
T
# In that home control or qqtools is a link: root does not go there.
rm -r home/qqtools; mkdir -m 755 etc; nobody ln -s ../etc home/qqtools
try 'qctl-set databytes 6; ls etc; qctl-get databytes' <<'T'
err: qctl-set: fatal: unable to open home/qqtools: Not a directory
err: qctl-get: fatal: unable to open home/qqtools: Not a directory
exit: 100
T
rm home/qqtools; mv home/control far; nobody ln -s ../far home/control
try 'qctl-set databytes 6; cat far/databytes; ls home' <<'T'
out: 5
out: control
err: qctl-set: fatal: unable to open home/control: Not a directory
exit: 0
T

# What others cannot have put there: links of root, in control/ too.
home; echo mx2.example >greeting; ln -s "$T/greeting" home/control/smtpgreeting
try 'qctl-get smtpgreeting' <<'T'
out: mx2.example
exit: 0
T
finish
