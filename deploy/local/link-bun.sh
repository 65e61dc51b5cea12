#!/bin/sh
# Puts Bun's binary of this machine where node_modules/.bin/bun leads to.
#
# The npm package of Bun would do it in an install script, and no package runs one here (.npmrc). Of
# the binaries that npm has installed, one or two, the one that runs is linked. Quick when it is done.
set -eu

modules=$(CDPATH='' cd "$(dirname "$0")/../../node_modules" && pwd -P)
package=$modules/bun
wanted=$(sed -n 's/^ *"version": "\(.*\)",*$/\1/p' "$package/package.json")

runs() {
  [ -x "$1" ] && [ "$("$1" --version 2>/dev/null)" = "$wanted" ]
}

link() {
  rm -f "$2"
  ln "$1" "$2" 2>/dev/null || cp "$1" "$2"
}

runs "$package/bin/bun.exe" && exit 0
for binary in "$modules"/@oven/bun-*/bin/bun "$package"/node_modules/@oven/bun-*/bin/bun; do
  [ -f "$binary" ] && chmod 755 "$binary" && runs "$binary" || continue
  link "$binary" "$package/bin/bun.exe"
  link "$binary" "$package/bin/bunx.exe"
  exit 0
done
echo "There is no Bun $wanted for this machine among the packages of $modules/@oven." >&2
exit 1
