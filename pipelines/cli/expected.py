"""The errors that people can mend; apart from the rest, because they bring most packages along."""

from database.errors import DatabaseError
from models.errors import ModelError
from pipelines.steps import PipelineError
from recordings import RecordingError
from scorecards.errors import ScorecardError

EXPECTED = (RecordingError, ScorecardError, PipelineError, DatabaseError, ModelError)
"""Mistakes that people can mend: printed without a traceback."""
