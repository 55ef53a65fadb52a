#!/bin/sh
# Installs Debian packages: those of debian-packages.txt, or "PACKAGE PROGRAM" lines from stdin with `-`.
# Where that is not possible it says plainly what is missing and goes on: the tests decide what that means.
set -eu
[ "${1:-}" = - ] || exec <"$(dirname "$0")/debian-packages.txt"
missing=
while read -r package program; do
    case $package in '' | '#'*) continue ;; esac
    command -v "$program" >/dev/null 2>&1 || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
if ! command -v apt-get >/dev/null 2>&1; then
    echo "not installed, since there is no apt-get here:$missing" >&2
    exit 0
elif [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
        echo "not installed, since that needs root:$missing (sudo apt-get install --no-install-recommends$missing)" >&2
        exit 0
    fi
    as_root='sudo -n'
fi

# No service is to start: Debian asks policy-rc.d, and 101 says no. What was there before comes back.
policy=/usr/sbin/policy-rc.d
kept=$policy.before-canarypolicy
[ ! -e "$policy" ] || $as_root mv "$policy" "$kept"
trap '$as_root rm -f "$policy"; [ ! -e "$kept" ] || $as_root mv "$kept" "$policy"' EXIT
printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null
$as_root chmod 755 "$policy"

{
    $as_root apt-get update -qq
    # shellcheck disable=SC2086 # words on purpose
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing </dev/null
} >&2 || echo "apt-get could not install:$missing" >&2
