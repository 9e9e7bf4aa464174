#!/usr/bin/env bash
# emacs.sh [FOLDER]
#
# Brings Emacs for terminals, with eglot, to FOLDER (.tools/emacs of this checkout unless given), from Debian's package,
# with libraries of its own: FOLDER/emacs is the program. Needs Debian and its mirror, no rights of an administrator.
# May be repeated.
set -euo pipefail

. "$(dirname "$0")/place.sh" emacs "$@"

# What only installing needs is left out: scripts, not libraries.
export DEBROOT_WITHOUT='perl.*|dpkg|debconf|tar|adduser|passwd|init-system-helpers'
"$here/debroot.sh" "$folder" sid emacs-nox patchelf fonts-dejavu-mono

if [ ! -e "$folder/emacs" ]; then
  root=$folder/root
  "$here/relink.sh" "$root" "$root/usr/bin/emacs-nox"
  dump=$(find "$root/usr/libexec/emacs" -name '*.pdmp' -print -quit)
  share=$(find "$root/usr/share/emacs" -maxdepth 1 -name '[0-9]*' -print -quit)
  # Emacs was built to look under /usr, where the package is not: these say where its folders lie instead.
  cat >"$folder/emacs" <<PROGRAM
#!/bin/sh
EMACSLOADPATH='$share/lisp' EMACSDATA='$share/etc' EMACSDOC='$share/etc' EMACSPATH='${dump%/*}'
export EMACSLOADPATH EMACSDATA EMACSDOC EMACSPATH
exec '$root/usr/bin/emacs-nox' --dump-file='$dump' "\$@"
PROGRAM
  chmod +x "$folder/emacs"
fi
"$folder/emacs" --version | head -1
