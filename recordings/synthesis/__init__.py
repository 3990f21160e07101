"""Synthesised calls and sounds with known truth, deterministic by seed."""
