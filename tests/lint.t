#!/bin/sh
# lint.t - what shellcheck finds in the scripts, and gcc's analyzer in the sources: of that, the
# kinds of which it is sure.

. "$(dirname "$0")/lib.sh"
cd "$repo" || exit 99
: "${MAKE:=make}"
# needs NAME: is the tool here? CI must have it.
needs() {
  if command -v "$1" >/dev/null; then return 0; fi
  if [ "${CI-}" = true ]; then not_ok "$1 is here"; else ok "$1 # SKIP it is not here"; fi
  return 1
}

if needs shellcheck; then
  for file in .ci/run package/* package/debian/tests/* share/* tests/one tests/bench/run \
    tests/*.sh tests/*.t tests/real/*.t; do
    case $([ ! -f "$file" ] || head -n 1 "$file") in
      '#!/bin/sh' | '#!/bin/bash' | '# shellcheck shell=sh') check "shellcheck $file" shellcheck \
        -S warning "$file" ;;
    esac
  done
fi

sure='double-free|use-after-free|double-fclose|file-leak|free-of-non-heap|fd-double-close'
sure="$sure|fd-use-after-close|write-to-(const|string-literal)|unsafe-call-within-signal-handler"
sure="$sure|out-of-bounds|infinite-recursion"
analyzed() {
  "$MAKE" -s BUILD="$T/analyzed" CC='gcc -O1' EXTRA=-fanalyzer objects >"$T/said" 2>&1 || {
    cat "$T/said"; return 1
  }
  ! grep -E "warning: .*\[-Wanalyzer-($sure)\]" "$T/said"
}
if needs gcc; then check "gcc's analyzer" analyzed; fi
finish
