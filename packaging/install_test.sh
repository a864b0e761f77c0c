#!/bin/sh
# The package in a bare Debian 12: made by cpack, installed with what apt adds, the demo run by an ordinary user.
#     packaging/install_test.sh BUILD_FOLDER
# Exit code 77, with the reason, where no bare system can be made: no mmdebstrap, not root, no archive in reach.
set -eu
build=$1

skip() {
  echo "SKIPPED: $1"
  exit 77
}
command -v mmdebstrap >/dev/null || skip "mmdebstrap is not installed"
[ "$(id -u)" = 0 ] || skip "a bare system is made by root"
sources=/etc/apt/sources.list
for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list.d/debian.list; do
  [ -s "$file" ] && sources=$file
done

rm -f "$build"/package/*.deb
(cd "$build" && cpack >package.log 2>&1) || { cat "$build/package.log"; exit 1; }
deb=$(ls "$build"/package/cotejo_*.deb)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mmdebstrap --variant=apt --mode=root bookworm "$work/root" "$sources" >"$work/log" 2>&1 || {
  tail -5 "$work/log"
  skip "a bare Debian cannot be made here"
}
cp "$deb" "$work/root/tmp/cotejo.deb"
in_root() { chroot "$work/root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp "$@"; }
in_root apt-get update -qq >"$work/log" 2>&1 || { tail -5 "$work/log"; skip "no archive of Debian in reach"; }
in_root apt-get install -y --no-install-recommends /tmp/cotejo.deb >"$work/log" 2>&1 || { tail -20 "$work/log"; exit 1; }

# Everything from here on as an ordinary user, in a folder of the user's.
in_root useradd --create-home clerk
as_clerk() { in_root su clerk -c "cd && $1"; }
as_clerk "cotejo --version"
as_clerk "cotejo plan"
as_clerk "cotejo audit demo --out demo"
as_clerk "cotejo verify demo"
as_clerk "cotejo import oas.cotejo oas"
as_clerk "cotejo import case.cotejo nothing-of-this-name" && exit 1
for file in usr/share/cotejo/plans/demo.toml usr/share/cotejo/profiles/uganda-2016.toml usr/share/doc/cotejo/copyright \
            usr/share/bash-completion/completions/cotejo usr/share/zsh/vendor-completions/_cotejo \
            usr/share/fish/vendor_completions.d/cotejo.fish; do
  [ -s "$work/root/$file" ] || { echo "$file is not in the package"; exit 1; }
done
# Manual pages and documents are left out of a system made for containers; in the package they are.
dpkg-deb --contents "$deb" | grep usr/share/man/man1/cotejo-strike.1.gz >/dev/null
dpkg-deb --contents "$deb" | grep usr/share/doc/cotejo/command-line.md >/dev/null
in_root apt-get remove -y cotejo >"$work/log" 2>&1
[ ! -e "$work/root/usr/share/cotejo" ] || { echo "removing the package leaves files"; exit 1; }
echo "The package installs, runs the demo and is removed."
