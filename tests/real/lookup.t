#!/bin/sh
# lookup.t - with a real qmail whose qmail-send runs (QMAILHOME, root): mail to a new mailbox, an alias and an unknown user goes where qusers-lookup said.
# users/, control/virtualdomains and control/rcpthosts are put back; qmail-send gets a HUP.

. "$(dirname "$0")/../lib.sh"
home=$REAL_QMAILHOME
if [ -z "$home" ] || [ ! -x "$home/bin/qmail-queue" ] || [ "$(command id -u)" != 0 ]; then echo '1..0 # SKIP needs root and a real qmail in QMAILHOME'; exit 0; fi
QMAILHOME=$home; export QMAILHOME
user=$(stat -c %U "$home/alias"); domain=qq-lookup.test; names="$home/qq-lookup"
cp -Rp "$home/control" "$T/control"; cp -Rp "$home/users" "$T/users"
sender() { for p in /proc/[0-9]*; do [ "$(readlink "$p/cwd" 2>/dev/null)" = "$home/queue" ] && [ "$(cat "$p/comm" 2>/dev/null)" = qmail-send ] && echo "${p#/proc/}" && return; done; }
back() { for f in virtualdomains rcpthosts; do if [ -e "$T/control/$f" ]; then cp -p "$T/control/$f" "$home/control/.qq" && mv "$home/control/.qq" "$home/control/$f"; else rm -f "$home/control/$f"; fi; done
  for f in assign cdb; do if [ -e "$T/users/$f" ]; then cp -p "$T/users/$f" "$home/users/.qq" && mv "$home/users/.qq" "$home/users/$f"; else rm -f "$home/users/$f"; fi; done
  rm -rf "$names" "$T"; kill -HUP "$(sender)"; }
[ -n "$(sender)" ] || { echo '1..0 # SKIP qmail-send does not run'; exit 0; }
trap back EXIT
dom() { program=$1; shift; "$program" --user "$user" --mailnames "$names" "$@" >/dev/null; }
check 'a domain' dom qdom-add --catch-all "nobody-of-it@$domain" $domain
# What is for nobody goes into a maildir, so that it can be seen.
mkdir "$names/$domain/rest" "$names/$domain/rest/cur" "$names/$domain/rest/new" "$names/$domain/rest/tmp"; echo ./rest/ >"$names/$domain/.qmail-default"; chown -R "$user" "$names/$domain"; chmod 755 "$names"
check 'a mailbox' dom qmbox-add --deliver ./Maildir/ joe@$domain
check 'an alias' dom qalias-add Sales.x@$domain joe@$domain
kill -HUP "$(sender)"; sleep 1
# goes ADDRESS DIRECTORY: says qusers-lookup, and does qmail
goes() {
  qusers-lookup "$1" >"$T/said" || { cat "$T/said"; return 1; }
  home_said=$(sed -n 's/.*, home \([^,]*\), .*/\1/p' "$T/said"); maildir=$(sed -n 's/.*delivers to the maildir: //p' "$T/said")
  [ "$home_said/$maildir" = "$2" ] || { cat "$T/said"; return 1; }
  seen=$(ls "$2/new" | wc -l); printf 'Fqq@%s\0T%s\0\0' "$domain" "$1" >"$T/envelope"; printf 'Subject: to %s\n\n' "$1" >"$T/message"
  "$home/bin/qmail-queue" <"$T/message" 1<"$T/envelope" || return 1
  for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do [ "$(ls "$2/new" | wc -l)" -le "$seen" ] || return 0; sleep 0.2; done
  echo 'it did not arrive'; return 1
}
check 'the mailbox' goes joe@$domain "$names/$domain/joe/./Maildir/"
check 'the mailbox in capitals' goes JOE@QQ-lookup.TEST "$names/$domain/joe/./Maildir/"
check 'the alias' goes sales.x@$domain "$names/$domain/joe/./Maildir/"
check 'nobody' goes nobody@$domain "$names/$domain/./rest/"
check 'nobody, with a beginning like a mailbox' goes joe-x@$domain "$names/$domain/./rest/"
chmod 620 "$names/$domain/joe/.qmail"; check 'a .qmail that its group may write: qusers-lookup and qmail agree that it is delivered' goes joe@$domain "$names/$domain/joe/./Maildir/"
chmod 600 "$names/$domain/joe/.qmail"; mkdir "$names/$domain/.qmail-dir"; check 'a directory is no .qmail file' goes dir@$domain "$names/$domain/./rest/"
finish
