"""Models: the catalogue, fetching and verifying, one loader per task, device and precision choice.

Importing this package is light; torch and its friends are imported by the loaders when they are used.
"""

from models.catalogue import Catalogue, Model, catalogue, identity
from models.errors import ModelError
from models.fetch import pull, pull_each
from models.verify import Problem, check, locate

__all__ = [
    "Catalogue",
    "Model",
    "ModelError",
    "Problem",
    "catalogue",
    "check",
    "identity",
    "locate",
    "pull",
    "pull_each",
]
