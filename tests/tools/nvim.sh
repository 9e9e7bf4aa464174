#!/usr/bin/env bash
# nvim.sh [FOLDER]
#
# Brings Neovim to FOLDER (.tools/nvim of this checkout unless given), from Debian's package, with libraries of its
# own: FOLDER/nvim is the program. A font for pictures of it comes along. Needs Debian and its mirror, no rights of an administrator. May be repeated.
set -euo pipefail

. "$(dirname "$0")/place.sh" nvim "$@"

# What only installing needs is left out: scripts, not libraries.
export DEBROOT_WITHOUT='perl.*|dpkg|debconf|tar|adduser|passwd|init-system-helpers'
"$here/debroot.sh" "$folder" sid neovim patchelf fonts-dejavu-mono

if [ ! -e "$folder/nvim" ]; then
  "$here/relink.sh" "$folder/root" "$folder/root/usr/bin/nvim"
  # Neovim finds its runtime files beside the program that the link leads to.
  ln -sfr "$folder/root/usr/bin/nvim" "$folder/nvim"
fi
"$folder/nvim" --version | head -1
