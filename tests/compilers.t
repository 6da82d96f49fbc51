#!/bin/sh
# compilers.t - every source file compiles without a warning: with this machine's compiler, with
# clang, and for musl.

. "$(dirname "$0")/lib.sh"
cd "$repo" || exit 99
: "${MAKE:=make}"

# No function wants more stack than what two pieces of a file take: `ulimit -s 64' is enough for all.
frame=-Wframe-larger-than=36864
# compiled NAME COMPILER ARGUMENT...: with the compiler, if it is here; CI must have it
compiled() {
  name=$1 compiler=$2; shift 2
  if command -v "$compiler" >/dev/null; then
    check "$name" "$MAKE" -s BUILD="$T/$compiler" EXTRA="-Werror $frame" "$@"
  elif [ "${CI-}" = true ]; then not_ok "$name (no $compiler)"
  else ok "$name # SKIP no $compiler"; fi
}

cc=$(sed -n 1p conf-cc)
compiled "no warning from ${cc%% *}" "${cc%% *}" objects
compiled 'no warning from clang' clang CC='clang -O0' all

# The headers of skalibs, tinycdb and utf8proc alone: those of the libc beside them are not musl's.
mkdir "$T/include"
for dir in /usr/include/*/skalibs /usr/include/skalibs /usr/local/include/skalibs; do
  [ ! -d "$dir" ] || ln -sf "$dir" "$T/include/skalibs"
done
for header in cdb.h utf8proc.h; do
  for dir in /usr/local/include /usr/include; do
    [ ! -e "$dir/$header" ] || ln -sf "$dir/$header" "$T/include/$header"
  done
done
if [ -e /lib/ld-musl-"$(uname -m)".so.1 ] && ! command -v musl-gcc >/dev/null; then
  ok 'compiles for musl # SKIP that is what this machine has'
else compiled 'compiles for musl' musl-gcc CC="musl-gcc -O0 -isystem $T/include" objects; fi
finish
