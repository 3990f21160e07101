"""Which channels of a recording hold something of their own, told while it is decoded."""

import numpy as np
from numpy.typing import NDArray

SILENT_PEAK = 16
"""16-bit steps: G.711's own idle value is 8, so anything up to here is an unconnected channel."""
ALIKE = 1e-3
"""Two channels are one when their difference has less than this share of their energy (-30 dB): G.711's own
rounding makes -35 dB between copies that were coded apart, bleeding leaves far more."""


class Levels:
    """Running peaks and products of channels; a difference's energy is a² + b² - 2ab, summed in doubles."""

    def __init__(self, channels: int) -> None:
        self.channels = channels
        self._peaks = np.zeros(channels, dtype=np.float64)
        self._products = np.zeros((channels, channels), dtype=np.float64)

    def add(self, block: NDArray[np.int16]) -> None:
        """Take int16 ``(samples, channels)``."""
        if not len(block):
            return
        wide = np.ascontiguousarray(block.T, dtype=np.float32)  # (channels, samples)
        self._peaks = np.maximum(self._peaks, np.maximum(wide.max(axis=1), -wide.min(axis=1)))
        self._products += wide @ wide.T

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
                energies = self._products[one, one], self._products[other, other]
                difference = sum(energies) - 2 * self._products[one, other]
                if one not in self.silent and difference <= ALIKE * min(energies):
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
