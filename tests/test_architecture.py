"""The house keeps its shape: which package may import which, and what stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("recordings", "models", "scorecards", "database", "pipelines", "qa_app")
MAY_IMPORT = {
    "recordings": set[str](),
    "models": set[str](),
    "scorecards": {"recordings"},
    "database": {"scorecards", "recordings"},
    "pipelines": {"database", "scorecards", "recordings", "models"},
    "qa_app": {"database", "scorecards", "recordings"},
}


def imports(path: Path) -> set[str]:
    """The top-level names a file imports, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_follow_the_way_the_data_flows(package: str) -> None:
    files = list((ROOT / package).rglob("*.py"))
    assert files
    forbidden = set(PACKAGES) - MAY_IMPORT[package] - {package}
    wrong = [
        f"{file.relative_to(ROOT)} imports {sorted(bad)}"
        for file in files
        if (bad := imports(file) & forbidden)
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("recordings", ("torch", "av", "streamlit", "sqlalchemy")),
        ("scorecards", ("torch", "streamlit", "sqlalchemy", "transformers")),
        ("database", ("torch", "streamlit", "transformers")),
        ("pipelines.cli", ("torch", "streamlit", "transformers", "faster_whisper")),
        ("qa_app", ("torch", "transformers", "faster_whisper", "pipelines", "models")),
    ],
)
def test_a_package_is_imported_without_what_it_does_not_need(module: str, heavy: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print([name for name in {heavy!r} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout.strip() == "[]"


def test_a_command_starts_without_what_other_commands_need() -> None:
    heavy = ("torch", "numpy", "sqlalchemy", "pydantic_settings", "models.catalogue", "pipelines.cli.process")
    code = (
        "import sys; from pipelines.cli import build, needed; build(needed(['score', 'call.json']));"
        f"import pipelines.scoring; print([name for name in {heavy!r} if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout.strip() == "[]"


def test_every_decision_and_page_named_in_the_readme_exists() -> None:
    readme = (ROOT / "README.md").read_text()
    linked = {part.split(")")[0] for part in readme.split("](")[1:]}
    missing = [link for link in linked if not link.startswith("http") and not (ROOT / link).exists()]
    assert not missing
