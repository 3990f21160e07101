"""A picture as other eyes, or a printer without colour, show it.

Colour blindness follows Machado, Oliveira and Fernandes (2009), "A physiologically-based model for simulation
of color vision deficiency", IEEE TVCG 15(6), table at severity 1.0; the matrices are for linear RGB.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

MATRICES: dict[str, NDArray[np.float64]] = {
    "grey": np.tile([0.2126, 0.7152, 0.0722], (3, 1)),
    "protan": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deutan": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritan": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
"""From linear RGB to linear RGB; ``grey`` is the luminance of Rec. 709."""


def seen(picture: Image.Image, how: str) -> Image.Image:
    """The picture as ``how`` (a key of ``MATRICES``) sees it."""
    coded = np.asarray(picture.convert("RGB"), dtype=np.float64) / 255
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    mixed = np.clip(linear @ MATRICES[how].T, 0.0, 1.0)
    back = np.where(mixed <= 0.0031308, mixed * 12.92, 1.055 * mixed ** (1 / 2.4) - 0.055)
    return Image.fromarray(np.round(back * 255).astype(np.uint8))
