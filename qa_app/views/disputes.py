"""To come."""

from qa_app import identity
from qa_app.widgets import blocks

person, t = identity.me()
blocks.heading("disputes")
