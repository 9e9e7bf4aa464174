#!/usr/bin/env bash
# relink.sh ROOT FILE...
#
# Makes programs and plug-in libraries that lie under ROOT (see debroot.sh) load ROOT's own libraries, and programs
# ROOT's own loader. A program changed like this finds itself under /proc/self/exe and passes no LD_LIBRARY_PATH on,
# which a wrapper script could not give it. ROOT must hold the package patchelf. May be repeated.
set -euo pipefail

[ $# -ge 2 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
root=$(cd "$1" && pwd)
shift

loader=$(find "$root" -name 'ld-linux*.so.*' -type f -print -quit)
[ -n "$loader" ] || { echo "relink.sh: $root holds no loader (package libc6)" >&2; exit 3; }
libraries=$(dirname "$loader")

# patchelf is of the same suite and may need its libraries, so the loader starts it.
patchelf() { "$loader" --library-path "$libraries" "$root/usr/bin/patchelf" "$@"; }

for file in "$@"; do
  path=$libraries
  IFS=: read -ra private <<<"$(patchelf --print-rpath "$file")"
  for entry in "${private[@]}"; do
    case $entry in
      '' | "$libraries") ;;
      "$root"/* | '$ORIGIN'*) path=$path:$entry ;;
      *) path=$path:$root$entry ;; # a folder of the package's own, which now lies under ROOT
    esac
  done
  patchelf --force-rpath --set-rpath "$path" "$file"
  case $file in
    *.so | *.so.*) ;;
    *) patchelf --set-interpreter "$loader" "$file" ;;
  esac
done
