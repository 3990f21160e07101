"""Conversations in the formats of other systems: captions (WebVTT, SRT), RTTM and vCon.

Each module has ``dumps`` and ``loads``; reading keeps what the format can carry and leaves the rest None.
"""

from recordings.formats import rttm, srt, vcon, webvtt
from recordings.formats.rttm import dumps as to_rttm
from recordings.formats.srt import dumps as to_srt
from recordings.formats.vcon import dumps as to_vcon
from recordings.formats.webvtt import dumps as to_webvtt

__all__ = ["rttm", "srt", "to_rttm", "to_srt", "to_vcon", "to_webvtt", "vcon", "webvtt"]
