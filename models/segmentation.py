"""pyannote's segmentation network, loaded without executing anything from its file.

The checkpoint is a pickle. It is read with ``weights_only=True``, which builds tensors and plain values
only, plus four named classes that describe the task; anything else in the file is refused.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import models.offline
from models.devices import Device
from models.errors import ModelError

if TYPE_CHECKING:
    from pyannote.audio import Model

__all__ = ["load"]

FILE = "pytorch_model.bin"


def load(folder: Path, device: Device) -> "Model":
    """The network, ready to run: ``(batch, 1, samples at 16 kHz)`` to log probabilities
    ``(batch, frames, classes)`` of the powerset of speakers, on 10 s chunks.

    Raises ModelError when the checkpoint is not one of this architecture or holds anything but weights.
    """
    import pickle

    import torch

    assert models.offline.QUIET
    from pyannote.audio.core.task import Problem, Resolution, Specifications
    from pyannote.audio.models.segmentation import PyanNet
    from torch.torch_version import TorchVersion

    path = folder / FILE
    try:
        with torch.serialization.safe_globals([Specifications, Problem, Resolution, TorchVersion]):
            checkpoint: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, pickle.UnpicklingError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"{path} is no checkpoint of weights alone and was not loaded: {reason}") from error
    try:
        network = PyanNet(**_known(checkpoint["hyper_parameters"]))
        network.specifications = checkpoint["pyannote.audio"]["specifications"]
        network.build()  # type: ignore[no-untyped-call]
        network.load_state_dict(checkpoint["state_dict"], strict=True)
    except (KeyError, TypeError, RuntimeError) as error:
        raise ModelError(f"{path} does not fit pyannote's PyanNet network: {error}") from error
    return network.eval().to(torch.device(device.torch))


def _known(options: dict[str, Any]) -> dict[str, Any]:
    """The constructor's arguments among the checkpoint's hyper-parameters."""
    names = ("sincnet", "lstm", "linear", "sample_rate", "num_channels")
    return {name: options[name] for name in names if name in options}
