#!/usr/bin/env bash
# Puts the heapdiff of this action's own version into $RUNNER_TEMP/heapdiff; the output `program` is its path.
set -euo pipefail

sources=$(cd "$(dirname "$0")/../../.." && pwd)
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$sources/Cargo.toml" | head -n 1)
folder=$RUNNER_TEMP/heapdiff
mkdir -p "$folder"

if [ "$INPUT_BUILD" = true ]; then
  cargo install --locked --path "$sources" --root "$folder"
  echo "program=$folder/bin/heapdiff" >>"$GITHUB_OUTPUT"
  exit
fi

case $RUNNER_OS-$RUNNER_ARCH in
  Linux-X64) target=x86_64-unknown-linux-musl ;;
  Linux-ARM64) target=aarch64-unknown-linux-musl ;;
  macOS-X64) target=x86_64-apple-darwin ;;
  macOS-ARM64) target=aarch64-apple-darwin ;;
  Windows-X64) target=x86_64-pc-windows-msvc ;;
  *)
    echo "::error title=heapdiff::There is no binary for $RUNNER_OS on $RUNNER_ARCH: set build: true to build it with cargo"
    exit 2
    ;;
esac

# The context of the action's repository is empty when a workflow uses the action from its own checkout.
url=${INPUT_URL:-$GITHUB_SERVER_URL/${ACTION_REPOSITORY:-$GITHUB_REPOSITORY}/releases/download/v$version}
archive=heapdiff-v$version-$target
for file in "$archive.tar.gz" SHA256SUMS; do
  if ! curl --fail --silent --show-error --location --retry 3 --max-time 120 --output "$folder/$file" "$url/$file"; then
    echo "::error title=heapdiff::Cannot download $url/$file. If version $version is not released, set build: true"
    exit 2
  fi
done

cd "$folder"
sha256=$(command -v sha256sum || echo "shasum -a 256")
grep -E "^[0-9a-f]{64} [ *]$archive\.tar\.gz\$" SHA256SUMS >expected || true
if [ ! -s expected ] || ! $sha256 -c expected >/dev/null; then
  echo "::error title=heapdiff::$archive.tar.gz is not the file whose checksum is in $url/SHA256SUMS"
  exit 2
fi
tar -xzf "$archive.tar.gz"
program=$folder/$archive/heapdiff
"$program" --version
echo "program=$program" >>"$GITHUB_OUTPUT"
