#!/usr/bin/env bash
# redis.sh [FOLDER]
#
# Brings Redis to FOLDER (.tools/redis of this checkout unless given), from Debian's package, with libraries of its own:
# FOLDER/redis-server is the program. Needs Debian and its mirror, no rights of an administrator. May be repeated.
set -euo pipefail

. "$(dirname "$0")/place.sh" redis "$@"

# What only installing needs is left out: scripts, not libraries.
export DEBROOT_WITHOUT='perl.*|libperl.*|dpkg|debconf|tar|adduser|passwd|lsb-base|sysvinit-utils|init-system-helpers'
"$here/debroot.sh" "$folder" trixie redis-server redis-tools patchelf

if [ ! -e "$folder/redis-server" ]; then
  # The package's server is a link to the program that checks its files: one program, known by its name.
  "$here/relink.sh" "$folder/root" "$folder/root/usr/bin/redis-check-rdb"
  ln -sfr "$folder/root/usr/bin/redis-check-rdb" "$folder/redis-server"
fi
"$folder/redis-server" --version
