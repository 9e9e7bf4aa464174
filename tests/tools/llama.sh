#!/usr/bin/env bash
# llama.sh [FOLDER]
#
# Brings llama.cpp's server and a home-made tiny model to FOLDER (.tools/llama of this checkout unless given):
#   FOLDER/llama-server    the program, from Debian's package, with libraries of its own
#   FOLDER/tiny.gguf       a model that always answers the same sentence; see make_tiny_gguf.py
# Needs Debian and its mirror, no rights of an administrator, and no model from elsewhere. May be repeated.
set -euo pipefail

. "$(dirname "$0")/place.sh" llama "$@"

# What only installing needs is left out: scripts, not libraries.
export DEBROOT_WITHOUT='perl.*|dpkg|debconf|wget|tar|adduser|passwd|init-system-helpers|openssl'
"$here/debroot.sh" "$folder" sid llama.cpp patchelf

root=$folder/root
if [ ! -e "$folder/llama-server" ]; then
  server=$root/usr/bin/llama-server
  mapfile -t plugins < <(find "$root/usr/lib" \( -path '*/llama/*.so' -o -path '*/ggml/*.so' \) -type f)
  "$here/relink.sh" "$root" "$server" "${plugins[@]}"
  # ggml looks for its processor back ends in the package's folder under /usr, which is not there, then beside itself.
  for plugin in "${plugins[@]}"; do
    ln -sfr "$plugin" "$(dirname "$server")/$(basename "$plugin")"
  done
  ln -sfr "$server" "$folder/llama-server"
fi

[ -s "$folder/tiny.gguf" ] || python3 "$here/make_tiny_gguf.py" "$folder/tiny.gguf"
"$folder/llama-server" --version
