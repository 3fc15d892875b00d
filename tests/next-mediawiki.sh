#!/bin/sh
# Puts the MediaWiki of a later Debian release into a folder, without installing it: next-mediawiki.sh FOLDER [SUITE].
# The mirror and the keys are those of this system; lists and packages stay in a folder of their own.
# MEDIAWIKI=FOLDER/usr/share/mediawiki then makes the tests run on it.
set -eu

# apt takes a relative path for one below /.
folder=$(realpath -m "$1")
suite=${2:-trixie}
packages='mediawiki mediawiki-classes'
keys=/usr/share/keyrings/debian-archive-keyring.gpg

if ! command -v dpkg-deb >/dev/null || ! [ -f "$keys" ]; then
    echo "The next release's MediaWiki comes from Debian: its tools and $keys are needed." >&2
    exit 1
fi
mirror=$(apt-get indextargets --format '$(REPO_URI) $(SUITE)' 'Created-By: Packages' \
    | awk '$2 !~ /security|updates|backports/ { print $1; exit }')
[ -n "$mirror" ] || { echo "apt knows no mirror: run apt-get update, or name one in its sources" >&2; exit 1; }

work=$(mktemp -d "$(dirname "$folder")/.mediawiki-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/etc/preferences.d" "$work/etc/apt.conf.d" "$work/tree"
echo "deb [signed-by=$keys] $mirror $suite main" >"$work/etc/sources.list"
: >"$work/status"
cat >"$work/apt.conf" <<END
Dir::State "$work";
Dir::State::Lists "$work/lists";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
Dir::Etc "$work/etc";
Dir::Etc::SourceList "$work/etc/sources.list";
Dir::Etc::SourceParts "-";
APT::Sandbox::User "root";
Acquire::Languages "none";
END
export APT_CONFIG="$work/apt.conf"

echo "Fetching: $packages of $suite" >&2
apt-get -qq update
# shellcheck disable=SC2086 # packages is a list of words
(cd "$work" && apt-get -qq download $packages)
for package in "$work"/*.deb; do
    dpkg-deb -x "$package" "$work/tree"
done
# What points to / means the folder's own root.
find "$work/tree" -lname '/*' | while read -r link; do
    ln -sfn "$(realpath -m --relative-to="$(dirname "$link")" "$work/tree$(readlink "$link")")" "$link"
done
[ -f "$work/tree/usr/share/mediawiki/maintenance/install.php" ] || { echo "$suite has no MediaWiki" >&2; exit 1; }
rm -rf "$folder"
mv "$work/tree" "$folder"
