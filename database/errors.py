"""The one base error of this package."""


class DatabaseError(Exception):
    """Something that the database cannot give or take; the message says what, where and what next."""


class DatabaseAwayError(DatabaseError):
    """The database is busy for too long, gone or going: another try may do."""
