"""Which channels of a recording hold something of their own, told while it is decoded."""

import numpy as np
from numpy.typing import NDArray

SILENT_PEAK = 16
"""16-bit steps: G.711's own idle value is 8, so anything up to here is an unconnected channel."""
ALIKE = 1e-3
"""Two channels are one when their difference has less than this share of their energy (-30 dB): G.711's own
rounding makes -35 dB between copies that were coded apart, bleeding leaves far more."""


class Levels:
    """Running peaks and energies of each channel, and of the differences between channels."""

    def __init__(self, channels: int) -> None:
        self.channels = channels
        self._peaks = np.zeros(channels, dtype=np.int64)
        self._energy = np.zeros(channels, dtype=np.float64)
        self._difference = np.zeros((channels, channels), dtype=np.float64)

    def add(self, block: NDArray[np.int16]) -> None:
        """Take int16 ``(samples, channels)``."""
        if not len(block):
            return
        wide = block.astype(np.float64)
        self._peaks = np.maximum(self._peaks, np.abs(wide).max(axis=0).astype(np.int64))
        self._energy += np.einsum("sc,sc->c", wide, wide)
        for one in range(self.channels):
            for other in range(one):
                gap = wide[:, one] - wide[:, other]
                self._difference[one, other] += float(gap @ gap)

    @property
    def silent(self) -> tuple[int, ...]:
        """Channels that hold nothing."""
        return tuple(c for c in range(self.channels) if self._peaks[c] <= SILENT_PEAK)

    @property
    def duplicates(self) -> tuple[tuple[int, int], ...]:
        """``(channel, earlier channel that it repeats)`` for channels that are not silent."""
        found = []
        for one in range(self.channels):
            for other in range(one):
                both = min(self._energy[one], self._energy[other])
                if one not in self.silent and self._difference[one, other] <= ALIKE * both:
                    found.append((one, other))
                    break
        return tuple(found)

    @property
    def distinct(self) -> tuple[int, ...]:
        """Channels worth listening to: neither silent nor a repeat; at least the first."""
        left_out = set(self.silent) | {one for one, _ in self.duplicates}
        return tuple(c for c in range(self.channels) if c not in left_out) or (0,)

    @property
    def notes(self) -> tuple[str, ...]:
        """The same for people."""
        found = []
        if len(self.silent) == self.channels:
            found.append("holds nothing but silence")
        elif self.silent:
            found.append(f"channel {', '.join(map(str, self.silent))} holds nothing but silence")
        found += [f"channel {one} repeats channel {other}" for one, other in self.duplicates]
        return tuple(found)
