"""The steps of one call put together: which there are, in which order, with which options."""

from pathlib import Path

from database.settings import Settings
from pipelines.run import Pipeline


def build_pipeline(settings: Settings) -> Pipeline:
    """The whole pipeline with the default models; raises ModelError, before any call, when one is
    missing or the device asked for is not there."""
    from models import catalogue, devices, locate
    from pipelines.attribute import Attribute
    from pipelines.decode import Decode
    from pipelines.diarize import Diarize, DiarizeOptions
    from pipelines.ladder import current
    from pipelines.measure import Measure
    from pipelines.read import Read
    from pipelines.roles import AssignRoles
    from pipelines.sounds import Sounds
    from pipelines.transcribe import Transcribe, TranscribeOptions

    weights: Path = settings.models_path
    devices.choose(settings.device)
    pipeline = Pipeline(
        [
            Decode(),
            Sounds(),
            Transcribe(weights, TranscribeOptions(device=settings.device, precision=current().precision)),
            Diarize(weights, DiarizeOptions(device=settings.device)),
            Attribute(),
            AssignRoles(),
            Measure(),
            Read(weights),
        ]
    )
    known = catalogue().models
    for name in pipeline.models():
        if name in known:  # the act heads come with the code
            locate(name, weights)
    return pipeline
