#!/bin/sh
# Makes the root filesystem of the Dockerfile's last stage without a container engine or a registry of images: Debian by mmdebstrap from the
# machine's own mirror, and the bundle. Says its size.
#
#     containers/rootfs.sh DIR        as root, on Linux with mmdebstrap and npm
set -eu

[ $# = 1 ] || { echo "usage: containers/rootfs.sh DIR" >&2; exit 2; }
[ ! -e "$1" ] || { echo "$1 is there already: remove it, or name another folder" >&2; exit 2; }
mkdir -p -- "$1"
root=$(realpath -- "$1")
cd -- "$(dirname -- "$0")/.."

case $(uname -m) in
  x86_64) platform=linux-x64 ;;
  aarch64) platform=linux-arm64 ;;
  *) echo "Node is not published for $(uname -m) in the form that the bundle takes" >&2; exit 2 ;;
esac

# The slim image of Debian leaves out the same documentation and translations.
mmdebstrap --quiet --variant=minbase --include=usr-is-merged --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  bookworm "$root"
# These two were copied from this machine; a container gets its own.
rm -f "$root/etc/hostname" "$root/etc/resolv.conf"

npm run --silent bundle -- --platform "$platform" --to "$root/opt/lnm"
mkdir "$root/data"

echo "files:     $(du -sm --apparent-size "$root" | cut -f1) MB (du -sm --apparent-size)"
echo "on disk:   $(du -sm "$root" | cut -f1) MB (du -sm)"
echo "of these:  $(du -sm --apparent-size "$root/opt/lnm" | cut -f1) MB lnm with Node and libraries"
