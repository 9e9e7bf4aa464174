# Sourced by the scripts beside it as `. place.sh NAME [FOLDER]`: `here` is where they lie, `folder` where what they
# bring goes, .tools/NAME of this checkout unless given.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${2:-$here/../../.tools/$1}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
