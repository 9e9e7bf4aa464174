#!/usr/bin/env bash
# debroot.sh FOLDER SUITE PACKAGE...
#
# Unpacks packages of a Debian suite, with all that they depend on, under FOLDER/root. Nothing is installed: the
# machine's own packages stay as they are, so a program of a newer suite can be tried on an older one.
# DEBROOT_WITHOUT is a pattern (extended, whole names) of packages to leave out.
#
# Done once for the same arguments; FOLDER/root.packages lists what was unpacked.
set -euo pipefail

[ $# -ge 3 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
suite=$2
shift 2

for program in apt-get dpkg flock; do
  command -v "$program" >/dev/null || { echo "debroot.sh: needs $program, a program of Debian" >&2; exit 3; }
done

exec 9>"$folder/.debroot.lock"
flock 9
wanted="$suite ${DEBROOT_WITHOUT:-} $*"
[ "$(cat "$folder/.debroot.done" 2>/dev/null)" != "$wanted" ] || exit 0

# The machine's own mirror, in either of the two forms of apt's source files.
mirror=$(cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null |
  awk '$1 == "URIs:" { print $2; exit } $1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /^[a-z+]+:\//) { print $i; exit } }') || true # either file may be missing
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -n "$mirror" ] && [ -e "$keyring" ] || { echo "debroot.sh: found no Debian mirror and keyring here" >&2; exit 3; }

# An apt of its own: other lists, other cache, and a status file that says that nothing is installed.
own=$folder/.apt
mkdir -p "$own/lists/partial" "$own/cache/archives/partial"
: >"$own/status"
: >"$own/preferences"
echo "deb [signed-by=$keyring] $mirror $suite main" >"$own/sources.list"
cat >"$own/apt.conf" <<CONF
Dir::Etc::SourceList "$own/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "$own/preferences";
Dir::Etc::PreferencesParts "/dev/null";
Dir::State "$own";
Dir::State::Lists "$own/lists";
Dir::State::Status "$own/status";
Dir::Cache "$own/cache";
APT::Install-Recommends "false";
APT::Sandbox::User "$(id -un)";
APT::Keep-Downloaded-Packages "true";
Acquire::Languages "none";
Acquire::Retries "3";
CONF
# Rules of the machine may delete the downloads or fetch lists that nobody needs here.
options=(-o "Dir::Etc::Parts=/dev/null")
export APT_CONFIG=$own/apt.conf

apt-get "${options[@]}" -qq update
apt-get "${options[@]}" -qq --yes --download-only install "$@" >/dev/null

mkdir -p "$folder/root"
: >"$folder/root.packages"
for archive in "$own"/cache/archives/*.deb; do
  name=$(basename "$archive")
  if [ -n "${DEBROOT_WITHOUT:-}" ] && grep -Exq "$DEBROOT_WITHOUT" <<<"${name%%_*}"; then continue; fi
  dpkg --extract "$archive" "$folder/root"
  echo "$name" >>"$folder/root.packages"
done
# Nothing from another suite gets another user's rights here.
find "$folder/root" -type f -perm /6000 -exec chmod ug-s {} +
rm -rf "$own"
echo "$wanted" >"$folder/.debroot.done"
