"""Many recordings at once of which one in twenty is broken, in every way: each ends as it must."""

from pathlib import Path

import pytest

from pipelines.night.broken import KINDS, broken_night


@pytest.mark.timeout(600)
def test_three_hundred_files_with_every_kind_of_breakage_end_as_they_must(tmp_path: Path) -> None:
    made = broken_night(tmp_path, 300, share=0.2)
    assert made.wrong == []
    assert made.broken == 60
    assert set(made.became) == {kind.name for kind in KINDS} | {"whole"}
    assert made.became["whole"] == {"done": 240}
