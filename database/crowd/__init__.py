"""A call centre's worth of made-up calls to measure pages and queries with: ``python -m database.crowd``."""
