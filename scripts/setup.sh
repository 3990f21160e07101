#!/usr/bin/env bash
# Makes or updates .venv with everything: locked packages, system packages where they may be installed, default
# models. Does nothing (and needs no network) when all of it is there already.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo -n "$@"
  else return 1; fi
}

# --- system packages: a browser and a database server, for the tests ---------------------------------------
wanted=()
command -v chromium >/dev/null || command -v google-chrome >/dev/null || wanted+=(chromium)
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || wanted+=(postgresql)
if [ ${#wanted[@]} -gt 0 ]; then
  say "setup: installing system packages: ${wanted[*]}"
  if command -v apt-get >/dev/null && as_root apt-get update -qq \
     && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${wanted[@]}" >/dev/null; then :
  else
    say "setup: could not install ${wanted[*]}; Rapport runs without them, the tests that need them are skipped."
    say "       By hand: apt-get install ${wanted[*]}"
  fi
fi

# --- Python packages, from the lock ------------------------------------------------------------------------
python=""
for candidate in "${PYTHON:-}" python3.11 python3; do
  [ -n "$candidate" ] && command -v "$candidate" >/dev/null || continue
  if [ "$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])')" = 3.11 ]; then python=$candidate; break; fi
done
if [ -z "$python" ]; then
  say "setup: Python 3.11 was not found (tried \$PYTHON, python3.11, python3). On Debian 12: apt-get install python3.11-venv"
  exit 2
fi
stamp=.venv/.rapport-setup
lock=$(cat requirements/all.txt pyproject.toml | sha256sum | cut -d' ' -f1)
if [ ! -x .venv/bin/python ]; then
  "$python" -m venv .venv 2>/dev/null || {
    rm -rf .venv
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3.11-venv >/dev/null || true
    "$python" -m venv .venv || { say "setup: cannot make .venv; on Debian: apt-get install python3.11-venv"; exit 2; }
  }
fi
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$lock $PWD" ]; then
  say "setup: installing the locked Python packages (some minutes the first time)"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/all.txt
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
  printf '%s' "$lock $PWD" > "$stamp"
fi

# --- default models: pulled once, verified every time by name and hash --------------------------------------
.venv/bin/python -m pipelines.cli models pull default
