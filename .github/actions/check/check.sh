#!/usr/bin/env bash
# Runs heapdiff check once: annotations on standard output, the job's summary, and reports as files.
# Outputs: exit-code, which a later step ends with, and folder, with the profiles and the reports.
set -eo pipefail # not -u: Bash 3.2 of macOS takes an empty array for an unset one

folder=$RUNNER_TEMP/heapdiff-${INPUT_NAME:?}
rm -rf "$folder"
mkdir -p "$folder"

finish() {
  cat "$folder/check.md" >>"$GITHUB_STEP_SUMMARY"
  printf '%s\n' "exit-code=$1" "folder=$folder" >>"$GITHUB_OUTPUT"
  exit 0
}

# Ends without a run of heapdiff.
not_judged() {
  local level=error code=2
  case $INPUT_INCONCLUSIVE in pass) level=notice code=0 ;; fail) code=1 ;; esac
  echo "::$level title=heapdiff::$1"
  printf '## ⚠️ Heap check: not judged\n\n%s\n' "$1" >"$folder/check.md"
  finish "$code"
}

# The folders below one that have the two profiles of a run, in the array `runs`.
find_runs() {
  runs=()
  while IFS= read -r file; do
    [ ! -e "${file%base.pb.gz}current.pb.gz" ] || runs+=("${file%/base.pb.gz}")
  done < <(find "$1" -name base.pb.gz 2>/dev/null | LC_ALL=C sort)
}

base=$INPUT_BASE
if [ -z "$base" ] && [ -e .heapdiff/kept/profiles ]; then
  base=.heapdiff/kept/profiles
  [ "$KEPT_KEY" = "$KEY" ] ||
    echo "::notice title=heapdiff::No profiles of the base ${KEY##*-} are kept: compared with ${KEPT_KEY##*-}"
fi
[ ! -e "$base" ] || cp -R "$base" "$folder/base"
[ ! -e "$INPUT_CURRENT" ] || cp -R "$INPUT_CURRENT" "$folder/current"

inputs=()
if [ "$INPUT_PAIRS" = true ]; then
  find_runs "$INPUT_CURRENT"
  current=("${runs[@]}")
  [ ${#current[@]} -gt 0 ] || not_judged "No folder in $INPUT_CURRENT has base.pb.gz and current.pb.gz"
  find_runs "$base"
  for run in "${runs[@]}"; do inputs+=(--base-pair "$run/base.pb.gz" "$run/current.pb.gz"); done
  if [ ${#runs[@]} -gt 0 ]; then
    for run in "${current[@]}"; do inputs+=(--current-pair "$run/base.pb.gz" "$run/current.pb.gz"); done
  else
    echo "::notice title=heapdiff::There are no profiles of the base: only this build is judged"
    inputs=(--per-profile)
    for run in "${current[@]}"; do inputs+=(--base "$run/base.pb.gz" --current "$run/current.pb.gz"); done
  fi
elif [ -n "$base" ]; then
  inputs=(--base "$base" --current "$INPUT_CURRENT")
else
  not_judged "There are no profiles of the base. A run of this action on main keeps them, or give the input base"
fi

args=()
while IFS= read -r arg; do
  [ -z "$arg" ] || args+=("$arg")
done <<<"$INPUT_ARGS"

code=0
"$PROGRAM" check --format github --report "markdown=$folder/check.md" --report "json=$folder/check.json" \
  --report "sarif=$folder/check.sarif" --inconclusive "$INPUT_INCONCLUSIVE" "${args[@]}" "${inputs[@]}" || code=$?
[ -e "$folder/check.md" ] || echo "## ❌ Heap check: heapdiff ended with $code and without a report" >"$folder/check.md"
finish "$code"
