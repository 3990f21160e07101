#!/usr/bin/env bash
# Resolves pyproject.toml into requirements/*.txt, with hashes, so that a build next year gets the same versions.
# Needs uv (`pip install uv`) for resolving only; pip installs.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() {
  local target=$1; shift
  uv pip compile pyproject.toml "$@" --python-version 3.11 --python-platform linux --generate-hashes --no-annotate \
    --no-emit-index-url --no-header --quiet --output-file "$target"
}
# The complete environment of `make setup` first; the partial ones take its versions.
{ echo "setuptools>=78"; } > requirements/build.in
compile requirements/all.txt requirements/build.in --extra app --extra pipeline --extra postgres --extra s3 --extra ray --extra dev
pins=$(mktemp); trap 'rm -f "$pins"' EXIT
grep -E '^[A-Za-z0-9]' requirements/all.txt | sed 's/ *\\$//' > "$pins"
compile requirements/app.txt --extra app --extra postgres -c "$pins"
compile requirements/pipeline.txt --extra pipeline --extra postgres --extra s3 -c "$pins"
compile requirements/gpu.txt --extra pipeline --extra gpu --extra postgres --extra s3 --extra ray -c "$pins"
