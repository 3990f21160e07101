"""The one base error of this package."""


class ModelError(Exception):
    """A model that is missing, damaged or cannot run here; the message says which, why and what next."""
