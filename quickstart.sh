#!/usr/bin/env bash
# Installs Debian packages, builds, and runs the main job: see --help.
set -euo pipefail
cd "$(dirname "$0")"
root=$PWD

usage() {
    cat <<'END'
usage: ./quickstart.sh [--live] [--dir DIR] [--checklist FILE]
       ./quickstart.sh --prepare [PACKAGE...]

Installs what is missing of the Debian packages, builds the program (build/release/countersign), and
shows the whole way: a simulated ledger, three deployments run from a checklist over HTTP, their status, the
proof, a timeline, and the year's report.  The daemon stays; the last lines say where, and what to try next.

  --live            a real ledger with one deployment opened now, left to you
  --dir DIR         where the ledger, keys and reports go (default: ./quickstart, made anew)
  --checklist FILE  run this checklist (default: replay/checklists/blue-green.md)
  --prepare         only install (the named packages too) and build
END
}

build_packages=(gcc libc6-dev cmake ninja-build pkg-config libevent-dev liblmdb-dev libsodium-dev
    libjansson-dev libcurl4-openssl-dev libssl-dev libcmark-gfm-dev)
run_packages=(openssh-client jq)

# install PACKAGE...: installs those that are missing; asks for nothing where none is.
install() {
    local missing=() package sudo=()
    for package in "$@"; do
        [[ $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) == "install ok installed" ]] ||
            missing+=("$package")
    done
    ((${#missing[@]} > 0)) || return 0
    echo "installing: ${missing[*]}"
    if ((EUID != 0)); then
        command -v sudo >/dev/null || {
            echo "quickstart: needs root or sudo to install: ${missing[*]}" >&2
            exit 3
        }
        sudo=(sudo)
    fi
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "${missing[@]}"
}

build() {
    [[ -f build/release/build.ninja ]] || cmake --preset release >/dev/null
    cmake --build --preset release
}

live=0 prepare=0 dir=$root/quickstart checklist=replay/checklists/blue-green.md packages=()
while (($# > 0)); do
    case $1 in
    --help | -h) usage; exit 0 ;;
    --live) live=1 ;;
    --dir) dir=${2:?--dir needs a directory}; shift ;;
    --checklist) checklist=${2:?--checklist needs a file}; shift ;;
    --prepare) prepare=1; shift; packages=("$@"); set -- ;;
    *) echo "quickstart: no option $1; --help lists them" >&2; exit 2 ;;
    esac
    (($# == 0)) || shift
done

install "${build_packages[@]}" "${run_packages[@]}" "${packages[@]}"
build
((prepare == 0)) || exit 0
