#!/bin/sh
# Installs Debian packages of servers, as root, without letting any of them start as a service:
# their ports (5432, 6379, 4222 ...) and the machine's next boot belong to its owner.
set -eu

policy=/usr/sbin/policy-rc.d
kept=$policy.before-gavel

restore() {
  rm -f "$policy"
  if [ -e "$kept" ]; then mv "$kept" "$policy"; fi
}

# An interrupted earlier run may have left its own.
if [ -e "$kept" ]; then restore; fi
if [ -e "$policy" ]; then mv "$policy" "$kept"; fi
trap restore EXIT
trap 'exit 130' INT TERM
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "$@" </dev/null

if [ -d /run/systemd/system ]; then
  for package in "$@"; do
    systemctl disable --quiet "$package" 2>/dev/null || true
  done
fi
