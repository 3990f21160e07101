"""Networks for the CPU: converted to OpenVINO once, kept beside the weights, compiled at each start.

Converting takes some ten seconds and the training framework; reading what was converted takes neither. The
converted form lies under ``MODELS/.openvino`` and is named after the weights' hash, the network's name and
OpenVINO's version, so that changed weights or a new version never meet an old conversion.
"""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models import devices

if TYPE_CHECKING:
    from torch import Tensor, nn

Float = NDArray[np.float32]
Infer = Callable[[Float], Float]


def network(
    name: str,
    weights: str,
    models_path: Path,
    build: Callable[[], "nn.Module"],
    example: Callable[[], "Tensor"],
    shape: list[int],
) -> Infer:
    """A function from one array to one array that runs on the CPU.

    ``weights`` is the hash of the weights, ``build`` makes the torch network and ``example`` an input for
    it, both called only when no conversion is kept; ``shape`` is the input's, -1 where it varies. Where
    the folder cannot be written the conversion is used and not kept.
    """
    import openvino

    core = openvino.Core()
    kept = models_path / ".openvino" / f"{name}-{weights[:16]}-{openvino.__version__.split('-')[0]}"
    model = None
    if (kept / "network.xml").is_file():
        try:
            model = core.read_model(kept / "network.xml")
        except RuntimeError:  # damaged: made again below
            shutil.rmtree(kept, ignore_errors=True)
    if model is None:
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = openvino.convert_model(
                build(), example_input=example(), input=[openvino.PartialShape(shape)]
            )
        _keep(model, kept)
    # Precision is OpenVINO's choice: bfloat16 where the processor has it, 1.7 times as fast as float32;
    # the error rates in docs/benchmarks.md were measured with it.
    options = {"INFERENCE_NUM_THREADS": devices.threads()}
    compiled = core.compile_model(model, "CPU", options)

    def infer(given: Float) -> Float:
        made: Float = compiled(given)[0]
        return made

    return infer


def _keep(model: object, kept: Path) -> None:
    """Write the conversion whole or not at all; of two processes the first one's stays."""
    import openvino

    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=kept.parent, prefix=".part-"))
    except OSError:
        return
    try:
        openvino.save_model(model, folder / "network.xml", compress_to_fp16=False)
        for written in folder.iterdir():
            with written.open("rb") as file:
                os.fsync(file.fileno())  # a network of zeros after a loss of power would hear nothing
        folder.rename(kept)
    except (OSError, RuntimeError):
        shutil.rmtree(folder, ignore_errors=True)
