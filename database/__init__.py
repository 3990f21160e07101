"""The database: calls with every version of what was heard and judged, people, decisions, jobs, audit.

Import from the modules: ``database.store`` (what pipelines need), ``database.listing`` (lists and
searches), ``database.people``, ``database.reviews``, ``database.disputes``, ``database.jobs``.
"""

from database.errors import DatabaseError
from database.settings import Settings, settings

__all__ = ["DatabaseError", "Settings", "settings"]
