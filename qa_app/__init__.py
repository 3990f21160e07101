"""The review app: people hear, confirm, override, dispute and coach. ``python -m qa_app`` starts it.

It reads and writes the database and asks workers for everything else: no speech model is loaded here.
"""
