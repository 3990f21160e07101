"""How fast the app's pages are on a large database, and what twenty people at once do to it."""
