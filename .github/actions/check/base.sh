#!/usr/bin/env bash
# Finds the commit that a change is based on. Where no base is given: says under which key the profiles of that commit are
# kept, or keeps those of this commit.
# Outputs: commit; prefix (of the keys of this comparison), key (prefix and commit), and restore or keep.
set -euo pipefail

# Of a push, the rules are its own.
commit=${BASE_SHA:-$GITHUB_SHA}
case $GITHUB_EVENT_NAME in
  pull_request | merge_group)
    commit=$BASE_SHA
    # A pull request's run checks out a merge. Its first parent is the base, and newer than the event's if main moved on.
    if [ "$(git rev-parse HEAD 2>/dev/null)" = "$GITHUB_SHA" ]; then
      parents=$(git cat-file commit HEAD | sed -n 's/^parent //p')
      [ "$(wc -w <<<"$parents")" -ne 2 ] || commit=${parents%%$'\n'*}
    fi
    ;;
esac
echo "commit=$commit" >>"$GITHUB_OUTPUT"

[ -z "$INPUT_BASE" ] || exit 0
prefix=heapdiff-${INPUT_NAME:?}-$RUNNER_OS-$RUNNER_ARCH-
rm -rf .heapdiff/kept
case $GITHUB_EVENT_NAME in
  pull_request | merge_group)
    printf '%s\n' restore=true "prefix=$prefix" "key=$prefix$commit" >>"$GITHUB_OUTPUT"
    ;;
  push | schedule | workflow_dispatch)
    if [ ! -e "$INPUT_CURRENT" ]; then
      echo "::error title=heapdiff::$INPUT_CURRENT: no such file or folder"
      exit 2
    fi
    mkdir -p .heapdiff/kept
    cp -R "$INPUT_CURRENT" .heapdiff/kept/profiles
    echo "::notice title=heapdiff::Kept the profiles of $GITHUB_SHA for pull requests. Nothing was judged"
    printf '%s\n' keep=true "key=$prefix$GITHUB_SHA" >>"$GITHUB_OUTPUT"
    ;;
esac
