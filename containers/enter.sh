#!/bin/sh
# Runs a command in a root filesystem as a strict container would: it is process 1, without network, as a user without a name or a home, and can
# write to /data alone.
#
#     containers/enter.sh ROOT DATA COMMAND [ARGUMENT]…        as root, on Linux; DATA is seen as /data
set -eu

[ $# -ge 3 ] || { echo "usage: containers/enter.sh ROOT DATA COMMAND [ARGUMENT]…" >&2; exit 2; }
ROOT=$(realpath -- "$1")
DATA=$(realpath -- "$2")
shift 2
export ROOT DATA

# shellcheck disable=SC2016
exec unshare --mount --net --ipc --uts --pid --fork --kill-child sh -euc '
  mount --make-rprivate /
  mount --bind "$ROOT" "$ROOT"
  mount -t proc proc "$ROOT/proc"
  mount -t tmpfs -o mode=755 tmpfs "$ROOT/dev"
  for device in null zero full random urandom; do
    : >"$ROOT/dev/$device"
    mount --bind "/dev/$device" "$ROOT/dev/$device"
  done
  mount --bind "$DATA" "$ROOT/data"
  mount -o remount,bind,ro "$ROOT"
  mount -o remount,ro "$ROOT/dev"
  hostname container
  ip link set lo up
  exec chroot --userspec=12345:12345 --groups= "$ROOT" \
    /usr/bin/env -i -C /data PATH=/opt/lnm/bin:/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 "$@"
' sh "$@"
