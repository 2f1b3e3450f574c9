#!/usr/bin/env bash
# Writes the options of heapdiff check, one a line, to $RUNNER_TEMP/heapdiff-NAME.args. With config-from: base, the
# configuration and the budget among them are those of the base commit, in .heapdiff/base. Says where a change has others.
set -eo pipefail # not -u: Bash 3.2 of macOS takes an empty array for an unset one

fail() {
  echo "::error title=heapdiff::$1"
  exit 2
}

config=heapdiff.toml named_config='' budget='' args=()
while read -r arg; do
  case $arg in
    '') ;;
    --config=*) config=${arg#*=} named_config=$config ;;
    --budget=*) budget=${arg#*=} ;;
    --config | --budget) fail "args: write $arg=FILE, on one line" ;;
    --no-config) config='' args+=("$arg") ;;
    --*[[:space:]]--[a-z]*) fail "args: one option a line, but there are several in: $arg" ;;
    *=*) args+=("$arg") ;;
    --[a-z]*[[:space:]]*) fail "args: write ${arg%%[[:space:]]*}=${arg#*[[:space:]]}, with =, one option a line" ;;
    *) args+=("$arg") ;;
  esac
done <<<"$INPUT_ARGS"

case $INPUT_CONFIG_FROM in
  checkout | base) ;;
  *) fail "config-from: expected checkout or base, not $INPUT_CONFIG_FROM" ;;
esac

# A shallow checkout does not have the base. The token is for checkouts that did not keep their credentials.
has_base() { git cat-file -e "$COMMIT^{commit}" 2>/dev/null; }
fetch_base() { GIT_TERMINAL_PROMPT=0 git fetch --quiet --no-tags --depth=1 origin "$COMMIT" 2>/dev/null; }
fetch_with_token() {
  local token
  token=$(printf 'x-access-token:%s' "$GH_TOKEN" | base64 | tr -d '\n')
  GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=http.$GITHUB_SERVER_URL/.extraheader \
    GIT_CONFIG_VALUE_0="AUTHORIZATION: basic $token" fetch_base
}
is_known=false
if [ -n "$COMMIT" ] && { has_base || fetch_base || fetch_with_token; } && has_base; then is_known=true; fi
if [ "$INPUT_CONFIG_FROM" = base ] && [ $is_known = false ]; then
  fail "config-from: base: the commit ${COMMIT:-of the base} cannot be fetched, so its rules are not known. The token needs \
contents: read, or the checkout fetch-depth: 0"
fi

# Puts a file of the base commit into .heapdiff/base, and compares it with that of the checkout.
take() {
  local file=${1#./} same=true
  case /$file/ in
    //* | */../*)
      [ "$INPUT_CONFIG_FROM" != base ] || fail "config-from: base: $1 is not a path in the repository"
      return
      ;;
  esac
  [ $is_known = true ] || return 0
  if [ -n "$(git ls-tree "$COMMIT" -- "$file")" ]; then
    mkdir -p "$(dirname ".heapdiff/base/$file")"
    git show "$COMMIT:./$file" >".heapdiff/base/$file"
    cmp -s "$file" ".heapdiff/base/$file" || same=false
  elif [ -e "$file" ]; then
    same=false
  fi
  if [ $same = true ]; then return; fi
  if [ "$INPUT_CONFIG_FROM" = base ]; then
    echo "::notice file=$file,title=heapdiff::This change has another $file than its base: the rules are those of the base"
  else
    echo "::warning file=$file,title=heapdiff::This change has another $file than its base, and is held to its own rules." \
      "config-from: base holds it to those of the base"
  fi
}

rm -rf .heapdiff/base
[ -z "$config" ] || take "$config"
[ -z "$budget" ] || take "$budget"
if [ "$INPUT_CONFIG_FROM" = base ]; then
  named_config=''
  if [ -n "$config" ]; then
    if [ -e ".heapdiff/base/${config#./}" ]; then named_config=.heapdiff/base/${config#./}; else args+=(--no-config); fi
  fi
  budget=${budget:+.heapdiff/base/${budget#./}}
  [ -e "$budget" ] || budget=''
fi
[ -z "$named_config" ] || args+=("--config=$named_config")
[ -z "$budget" ] || args+=("--budget=$budget")
printf '%s\n' "${args[@]}" >"$RUNNER_TEMP/heapdiff-${INPUT_NAME:?}.args"
