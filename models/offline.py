"""Import this before any model library: nothing that runs here may call out.

pyannote.audio sends usage figures, and transformers and huggingface_hub look for newer files, unless
they are told not to before they are imported.
"""

import os

QUIET = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "PYANNOTE_METRICS_ENABLED": "0",
    "TOKENIZERS_PARALLELISM": "false",
}

os.environ.update(QUIET)
