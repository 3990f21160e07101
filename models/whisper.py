"""Whisper through faster-whisper: the model from its folder, on the chosen device and precision."""

from pathlib import Path
from typing import TYPE_CHECKING

import models.offline
from models import devices
from models.errors import ModelError

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

__all__ = ["load"]


def load(
    folder: Path, device: devices.Device, *, precision: str | None = None, cpu_threads: int | None = None
) -> "WhisperModel":
    """Load Whisper in its CTranslate2 form from the folder that ``models.locate`` gave.

    ``precision`` is a compute type of CTranslate2; by default float16 on a GPU and int8 on a CPU.
    Raises ModelError when the device cannot run it or its memory does not hold it.
    """
    assert models.offline.QUIET
    if device.kind == "cuda":
        devices.load_cuda12()
    from faster_whisper import WhisperModel

    chosen = precision or devices.compute_type(device)
    try:
        return WhisperModel(
            str(folder),
            device=device.kind,
            device_index=device.index,
            compute_type=chosen,
            cpu_threads=devices.threads(cpu_threads),
            local_files_only=True,
        )
    except (RuntimeError, ValueError) as error:
        raise ModelError(
            f"Whisper in {folder} cannot be loaded on {device.name} as {chosen}: {error}"
        ) from error
