#!/usr/bin/env bash
# Keeps one comment in the pull request up to date, known by a first line that is not shown. Never fails the job.
set -euo pipefail

skip() {
  echo "No comment: $1"
  exit 0
}

api=repos/$GITHUB_REPOSITORY
if [ "$GITHUB_EVENT_NAME" = workflow_run ]; then
  # A fork's pull request is known only by its branch. If that has moved on, the report is not about it any more.
  PULL_REQUEST=$(gh api -X GET "$api/pulls" -f state=open -f "head=${HEAD_REPOSITORY%%/*}:$HEAD_BRANCH" \
    --jq 'map(select(.head.sha == env.HEAD_SHA)) | first | .number // empty') || skip "pull requests cannot be read"
fi
[ -n "$PULL_REQUEST" ] || skip "there is no pull request"
if [ "$GITHUB_EVENT_NAME" = pull_request ] && [ "$HEAD_REPOSITORY" != "$GITHUB_REPOSITORY" ]; then
  skip "the token of a fork cannot write; heapdiff explain ci has a second workflow for that"
fi

export MARKER="<!-- heapdiff: ${INPUT_NAME:?} -->"
comment=$(gh api --paginate "$api/issues/$PULL_REQUEST/comments?per_page=100" \
  --jq '.[] | select(.user.type == "Bot" and (.body | startswith(env.MARKER))) | .id') || skip "comments cannot be read"
comment=${comment%%$'\n'*}
[ -n "$comment" ] || [ "$EXIT_CODE" != 0 ] || skip "the check passes"

body=$FOLDER/comment.md
echo "$MARKER" >"$body"
if [ "$(wc -c <"$FOLDER/check.md")" -gt 60000 ]; then # GitHub takes 65,536 characters
  head -c 60000 "$FOLDER/check.md" | sed '$d' >>"$body"
  echo "The rest is in the summary of the job." >>"$body"
else
  cat "$FOLDER/check.md" >>"$body"
fi
if [ -n "$comment" ]; then
  set -- -X PATCH "$api/issues/comments/$comment"
else
  set -- -X POST "$api/issues/$PULL_REQUEST/comments"
fi
gh api "$@" -F "body=@$body" --jq .html_url || skip "the token needs pull-requests: write"
