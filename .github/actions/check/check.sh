#!/usr/bin/env bash
# Runs heapdiff check once: annotations on standard output, the job's summary, and reports as files.
# Outputs: exit-code, which a later step ends with, and folder, with the profiles and the reports.
set -eo pipefail # not -u: Bash 3.2 of macOS takes an empty array for an unset one

folder=$RUNNER_TEMP/heapdiff-${INPUT_NAME:?}
rm -rf "$folder"
mkdir -p "$folder"

# What the report does not know: what was compared with, and where it comes from.
note=''
notice() {
  echo "::notice title=heapdiff::$1"
  note="$note$1."$'\n'
}

finish() {
  {
    head -n 1 "$folder/check.md"
    [ -z "$note" ] || printf '\n> %s\n' "${note%$'\n'}"
    tail -n +2 "$folder/check.md"
    # shellcheck disable=SC2016 # the backticks are Markdown's
    printf '\nCommit %s, [run %s](%s). If it uploaded the profiles as `%s`, `gh run download %s -n %s` fetches them.\n' \
      "${HEAD_SHA:0:10}" "$RUN_ID" "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$RUN_ID" \
      "$INPUT_NAME" "$RUN_ID" "$INPUT_NAME"
  } >"$folder/whole.md"
  mv "$folder/whole.md" "$folder/check.md"
  cat "$folder/check.md" >>"$GITHUB_STEP_SUMMARY"
  printf '%s\n' "exit-code=$1" "folder=$folder" >>"$GITHUB_OUTPUT"
  exit 0
}

# Ends without a run of heapdiff, by the input `inconclusive` or as it is told.
not_judged() {
  local level=error code=2
  case ${2:-$INPUT_INCONCLUSIVE} in pass) level=notice code=0 ;; fail) code=1 ;; esac
  echo "::$level title=heapdiff::$1"
  printf '## ⚠️ Heap check: not judged\n\n%s\n' "$1" >"$folder/check.md"
  finish "$code"
}

# An input is wrong, which is never a pass.
wrong() { not_judged "$1" error; }

# The folders below one that have the two profiles of a run, in the array `runs`.
find_runs() {
  runs=()
  while IFS= read -r file; do
    [ ! -e "${file%base.pb.gz}current.pb.gz" ] || runs+=("${file%/base.pb.gz}")
  done < <(find "$1" -name base.pb.gz 2>/dev/null | LC_ALL=C sort)
}

base=$INPUT_BASE current=$INPUT_CURRENT
[ -e "$current" ] || wrong "current: $current: no such file or folder"
[ -z "$base" ] || [ -e "$base" ] || wrong "base: $base: no such file or folder. An empty folder says that there is no base"
if [ -z "$base" ] && [ -e .heapdiff/kept/profiles ]; then
  base=.heapdiff/kept/profiles
  [ "$KEPT_KEY" = "$KEY" ] ||
    notice "No profiles of the base ${KEY##*-} are kept: compared with ${KEPT_KEY##*-}, of which the latest are"
fi
# What is compared is what the workflow can upload: then the report's paths hold in the artifact, too.
if [ -n "$base" ]; then
  cp -R "$base" "$folder/base"
  [ ! -d "$base" ] || base=$folder/base
fi
cp -R "$current" "$folder/current"
[ ! -d "$current" ] || current=$folder/current

inputs=()
if [ "$INPUT_PAIRS" = true ]; then
  find_runs "$current"
  current_runs=("${runs[@]}")
  [ ${#runs[@]} -gt 0 ] || wrong "No folder in $INPUT_CURRENT has base.pb.gz and current.pb.gz"
  find_runs "$base"
  for run in "${runs[@]}"; do inputs+=(--base-pair "$run/base.pb.gz" "$run/current.pb.gz"); done
  if [ ${#runs[@]} -gt 0 ]; then
    for run in "${current_runs[@]}"; do inputs+=(--current-pair "$run/base.pb.gz" "$run/current.pb.gz"); done
  else
    [ -z "$INPUT_BASE" ] || [ -z "$(find "$base" -type f | head -n 1)" ] ||
      wrong "No folder in $INPUT_BASE has base.pb.gz and current.pb.gz. An empty one says that there is no base"
    notice "There are no profiles of the base: only this build is judged, by what grew between its own two profiles"
    inputs=(--per-profile)
    for run in "${current_runs[@]}"; do inputs+=(--base "$run/base.pb.gz" --current "$run/current.pb.gz"); done
  fi
else
  find_runs "$current"
  [ ${#runs[@]} -eq 0 ] || wrong "$INPUT_CURRENT has folders with base.pb.gz and current.pb.gz: set pairs: true"
  # A folder without a file says that there is no base.
  [ -z "$base" ] || [ -z "$(find "$base" -type f | head -n 1)" ] || inputs=(--base "$base" --current "$current")
  [ ${#inputs[@]} -gt 0 ] ||
    not_judged "There are no profiles of the base. A run of this action on main keeps them, or give the input base"
fi

args=()
while IFS= read -r arg; do
  [ -z "$arg" ] || args+=("$arg")
done <"$RUNNER_TEMP/heapdiff-$INPUT_NAME.args"

code=0
"$PROGRAM" check --format github --report "markdown=$folder/check.md" --report "json=$folder/check.json" \
  --report "sarif=$folder/check.sarif" --inconclusive "$INPUT_INCONCLUSIVE" "${args[@]}" "${inputs[@]}" || code=$?
[ -e "$folder/check.md" ] || echo "## ❌ Heap check: heapdiff ended with $code and without a report" >"$folder/check.md"
text=$(cat "$folder/check.md")
text=${text//"$folder/"/}
# What is to be pasted is for the files of the repository, not for copies of those of the base.
text=${text//for .heapdiff\/base\//for }
text=${text//--config .heapdiff\/base\//--config }
escaped=${folder//_/\\_} # as Markdown has it outside of code
printf '%s\n' "${text//"$escaped/"/}" >"$folder/check.md"
finish "$code"
