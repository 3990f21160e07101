"""Measures of a call from its sound and its turns: activity, silence, holds, overlap, loudness, pace."""
