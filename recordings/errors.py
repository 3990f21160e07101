"""The one base error of this package: expected mistakes, printed as text without a traceback."""


class RecordingError(Exception):
    """A recording or a document that cannot be used; the message says what, where and what to do next."""
