#!/usr/bin/env bash
# helix.sh [FOLDER]
#
# Brings Helix to FOLDER (.tools/helix of this checkout unless given), from Debian's package, with libraries of its own:
# FOLDER/hx is the program. A font for pictures of it comes along. Needs Debian and its mirror, no rights of an
# administrator. May be repeated.
set -euo pipefail

. "$(dirname "$0")/place.sh" helix "$@"

# What only installing needs is left out: scripts, not libraries.
export DEBROOT_WITHOUT='perl.*|dpkg|debconf|tar'
"$here/debroot.sh" "$folder" sid hx patchelf fonts-dejavu-mono

if [ ! -e "$folder/hx" ]; then
  "$here/relink.sh" "$folder/root" "$folder/root/usr/lib/hx/hx"
  # Helix finds its queries and themes beside the program that the link leads to.
  ln -sfr "$folder/root/usr/lib/hx/hx" "$folder/hx"
fi
"$folder/hx" --version
