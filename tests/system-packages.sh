#!/bin/sh
# Sees to it that Debian packages are installed: those named, or else what the tests need.
# Says nothing when all are there; installs what is missing as root or through sudo without a password; otherwise
# names it and the command that installs it, and fails.
set -eu

if [ $# -eq 0 ]; then
    set -- chromium mediawiki php-cli php-curl php-intl php-mbstring php-sqlite3 php-xml lua5.1 openssl gcc libc6-dev
fi

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "This is no Debian or Ubuntu. The tests need what these Debian packages hold: $*" >&2
    echo "MediaWiki 1.39 or later is looked for in /usr/share/mediawiki (or where MEDIAWIKI says)." >&2
    exit 1
fi

missing=
for package in "$@"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif sudo -n true 2>/dev/null; then
    as_root='sudo -n'
else
    echo "Missing:$missing" >&2
    echo "Install with: sudo apt-get update && sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
fi

apt() {
    # shellcheck disable=SC2086 # as_root is empty or two words
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 "$@" >/dev/null
}

echo "Installing:$missing" >&2
# The lists of a fresh machine are empty or old: fetch them where the first try shows that.
# shellcheck disable=SC2086 # missing is a list of words
apt install --no-install-recommends $missing 2>/dev/null || { apt update && apt install --no-install-recommends $missing; }
