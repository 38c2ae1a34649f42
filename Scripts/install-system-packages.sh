#!/usr/bin/env bash
# Installs the Debian packages that building needs (or, with `test` or `bench`, testing or measuring too) and that this
# machine lacks. Does nothing elsewhere.
set -euo pipefail

command -v swift >/dev/null || {
    echo "No Swift toolchain found. Install Swift 6.3 from https://www.swift.org/install and run this again." >&2
    exit 1
}
command -v dpkg-query >/dev/null || exit 0

packages=(binutils gcc libc6-dev libstdc++-12-dev libxml2-dev zlib1g-dev git make python3 python3-venv)
if [ "${1:-build}" = test ]; then
    # A browser to drive; Node and TypeScript for the browser's modules.
    command -v "${CHROMIUM:-chromium}" >/dev/null || packages+=(chromium)
    command -v node >/dev/null || packages+=(nodejs)
    command -v tsc >/dev/null || packages+=(node-typescript)
fi
if [ "${1:-build}" = bench ]; then
    # A proxy to be measured against, and what makes the load.
    command -v haproxy >/dev/null || packages+=(haproxy)
    command -v wrk >/dev/null || packages+=(wrk)
fi

missing=()
for package in "${packages[@]}"; do
    dpkg-query --show --showformat='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
        missing+=("$package")
done
# Debian 13 has a newer libstdc++; any will do.
if dpkg-query --show --showformat='${Status}\n' 'libstdc++-*-dev' 2>/dev/null | grep -q 'install ok installed'; then
    missing=("${missing[@]/libstdc++-12-dev/}")
fi
# A Python from elsewhere that can make virtual environments serves as well as Debian's.
if "${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null; then
    missing=("${missing[@]/python3-venv/}")
    missing=("${missing[@]/python3/}")
fi
wanted=$(printf '%s\n' "${missing[@]}" | sed '/^$/d')
[ -z "$wanted" ] && exit 0

run() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }
echo "Installing: ${wanted//$'\n'/ }" >&2
run apt-get update -qq
# shellcheck disable=SC2086 # one word a package is meant
run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted
