#!/bin/sh
# deb.t - the Debian package, made of the programs as they are built already: lintian finds nothing,
# and what an administrator has made stays through an upgrade and a purge.

. "$(dirname "$0")/lib.sh"
for tool in dh lintian; do
  command -v $tool >/dev/null || { ok "the package # SKIP there is no $tool"; finish; }
done
dpkg -s build-essential >"$T/out" 2>&1 || {
  ok 'the package # SKIP there is no build-essential'; finish
}
skip_unless_root

package() {
  BUILT=$BUILD DEB_BUILD_OPTIONS='nocheck noautodbgsym' DPKG_DEB_COMPRESSOR_LEVEL=0 \
    "$repo/package/deb" "$T/deb" --build=binary >"$T/said" 2>&1 || { tail -n 20 "$T/said"; return 1; }
}
check 'package/deb makes one that lintian finds nothing in' package
deb=$(ls "$T"/deb/*.deb)
root=$T/root
for file in var/qmail/qqtools/history/1/me var/qmail/qqtools/templates/mine/me \
  usr/share/qqtools/templates/mine/me var/qmail/control/me; do
  mkdir -p "$root/${file%/*}"; echo mine >"$root/$file"
done
mkdir -p "$root/var/lib/dpkg/updates" "$root/var/lib/dpkg/info"
: >"$root/var/lib/dpkg/status"
: >"$root/var/lib/dpkg/available"
there() { (cd "$root" && find . -path ./var/lib -prune -o -type f -exec cksum {} + | sort -k 3); }
there >"$T/before"
with_dpkg() { dpkg --root="$root" --log=/dev/null --force-depends "$@" >"$T/said" 2>&1 || {
  cat "$T/said"; return 1
}; }
check 'it installs' with_dpkg --install "$deb"
there >"$T/installed"
check 'programs, pages, completions, templates' eval 'cd "$root/usr" && ls bin/qq-list \
  share/man/man8/qq-list.8.gz share/bash-completion/completions/qq-list \
  share/zsh/vendor-completions/_qq-list share/fish/vendor_completions.d/qq-list.fish \
  share/qqtools/templates/default'
check 'and over itself' with_dpkg --install "$deb"
there >"$T/upgraded"
check 'which changes nothing' diff "$T/installed" "$T/upgraded"
check 'it is purged' with_dpkg --purge qqtools
there >"$T/after"
check 'and what was there before it is there as it was, and nothing else' \
  diff "$T/before" "$T/after"
finish
