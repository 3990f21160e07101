"""The one base error of this package."""


class ScorecardError(Exception):
    """A card that cannot be used: file, YAML path, offending value, allowed values, what next."""
