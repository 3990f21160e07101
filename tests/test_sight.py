"""Pictures in grey and as the colour-blind see them: known colours, and what must stay apart without hue."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))

from sight import MATRICES, seen


def one(colour: tuple[int, int, int], how: str) -> tuple[int, ...]:
    return tuple(int(v) for v in np.asarray(seen(Image.new("RGB", (1, 1), colour), how))[0, 0])


@pytest.mark.parametrize("how", MATRICES)
@pytest.mark.parametrize("grey", [0, 7, 128, 255])
def test_grey_stays_grey(how: str, grey: int) -> None:
    assert one((grey, grey, grey), how) == pytest.approx((grey,) * 3, abs=1)


def test_hues_of_one_lightness_cannot_be_told_apart_in_grey() -> None:
    red, green = (255, 0, 0), (0, 148, 0)  # the same luminance
    assert one(red, "grey") == pytest.approx(one(green, "grey"), abs=3)
    assert one((255, 255, 0), "grey")[0] > one((0, 0, 255), "grey")[0] + 100


def test_red_and_green_come_close_for_the_red_green_blind_and_blue_does_not() -> None:
    def apart(a: tuple[int, int, int], b: tuple[int, int, int], how: str) -> float:
        return float(np.abs(np.subtract(one(a, how), one(b, how))).sum())

    red, green, blue = (200, 60, 40), (110, 110, 40), (40, 60, 200)
    for how in ("protan", "deutan"):
        assert apart(red, green, how) < 0.5 * float(np.abs(np.subtract(red, green)).sum())
        assert apart(red, blue, how) > 150
