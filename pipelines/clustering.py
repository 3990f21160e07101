"""From voices in windows to speakers of a call: agglomerative clustering of embeddings, then stitching.

Centroid linkage on unit vectors (as pyannote's own pipeline has it), with a prior for two speakers: a call
has two far more often than one or three. Pure numpy and scipy.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.optimize import linear_sum_assignment

STARTS, ROUNDS = 12, 30
"""K-means of two begins with each of so many windows, whose voices differ most, and goes so many rounds."""
COMPARED = 400
"""Windows that are compared with each other at most, for memory's sake."""
Float = NDArray[np.floating]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class ClusterOptions:
    """``threshold`` is the distance of centroids (0..2) up to which two clusters are one speaker; two
    clusters stay two down to ``two_threshold``, as a call has two people. ``most`` speakers at most.
    ``most_points`` bounds memory: the longest heard voices form the clusters, the rest join them. Where all
    sound alike there are two nevertheless if ``two_share`` of the windows in which anybody is heard alone for
    ``heard_s`` have two who are, at ``two_times`` and more times that lie ``times_apart_s`` apart, and if
    these are ``less_alike`` than voices of different times: their mean distance is so many times as long."""

    threshold: float = 0.70
    two_threshold: float = 0.55
    most: int = 4
    most_points: int = 1500
    heard_s: float = 1.5
    two_share: float = 0.2
    two_times: int = 3
    times_apart_s: float = 10.0
    less_alike: float = 1.02


def cluster(embeddings: Float, seconds: Float, options: ClusterOptions) -> tuple[Ints, Float]:
    """Speakers of voices: labels ``(n,)`` from 0 and unit centroids ``(speakers, dimensions)``.

    ``embeddings`` ``(n, dimensions)`` without NaN, ``seconds`` ``(n,)`` that each was heard alone. One
    speaker where all sound alike; a cluster too small for the length of the call is no speaker.
    """
    points = embeddings / np.maximum(np.linalg.norm(embeddings, axis=1, keepdims=True), 1e-9)
    count = len(points)
    if count < 2:
        return np.zeros(count, dtype=np.int64), points
    chosen = np.sort(np.argsort(-seconds, kind="stable")[: options.most_points])
    tree = linkage(points[chosen], method="centroid", metric="euclidean")
    # Centroid linkage can run backwards; heights that never fall cut the same tree in order.
    tree[:, 2] = np.maximum.accumulate(tree[:, 2])
    smallest = smallest_cluster(len(chosen))
    labels = _solid(fcluster(tree, options.threshold, "distance"), smallest)
    found = int(labels.max()) + 1
    if found < 2:
        labels = _two(tree, options.two_threshold, smallest)
    elif found > options.most:
        labels = _fewer(points[chosen], labels, options.most)
    speakers = max(1, int(labels.max()) + 1)
    if labels.max() < 0:
        labels = np.zeros(len(chosen), dtype=np.int64)
    centroids = np.stack([points[chosen][labels == k].mean(axis=0) for k in range(speakers)])
    centroids /= np.maximum(np.linalg.norm(centroids, axis=1, keepdims=True), 1e-9)
    return np.argmax(points @ centroids.T, axis=1).astype(np.int64), centroids


def held_apart(starts: Float, embeddings: Float, seconds: Float, options: ClusterOptions) -> Float | None:
    """Unit centroids (2, dimensions) of two speakers whose voices are nearly alike; None where one speaks.

    ``starts`` (windows,) in seconds, ``embeddings`` (windows, voices, dimensions), NaN where there is none,
    ``seconds`` (windows, voices) heard alone. Two voices of one window are two people, whatever they sound
    like: k-means of two, in which such a window gives one voice to each (Wagstaff et al. 2001, cannot-link).
    """
    usable = ~np.isnan(embeddings).any(axis=-1)
    weights = np.where(usable, seconds, 0.0)
    order = np.argsort(-weights, axis=1, kind="stable")[:, :2]
    weights = np.take_along_axis(weights, order, axis=1)  # (windows, 2): the two that were heard longest
    unit = np.nan_to_num(np.take_along_axis(embeddings, order[..., None], axis=1))
    unit = unit / np.maximum(np.linalg.norm(unit, axis=-1, keepdims=True), 1e-9)
    talk, both = (weights >= options.heard_s).T
    if both.sum() < options.two_share * talk.sum() or _times(starts[both], options) < options.two_times:
        return None
    apart = np.linalg.norm(unit[:, 0] - unit[:, 1], axis=-1)
    if apart[both].mean() < options.less_alike * _usual_distance(starts[both], unit[both], options):
        return None
    first = np.flatnonzero(both)[np.argsort(-apart[both], kind="stable")][:STARTS]
    fits = [_two_means(unit, weights, unit[window]) for window in first]
    return max(fits, key=lambda fit: fit[0])[1]


def _times(starts: Float, options: ClusterOptions) -> int:
    """How many times lie far enough apart: one slip of the network is seen in several windows."""
    count, last = 0, -np.inf
    for start in np.sort(starts):
        if start - last >= options.times_apart_s:
            count, last = count + 1, start
    return count


def _usual_distance(starts: Float, unit: Float, options: ClusterOptions) -> float:
    """The mean distance of voices heard at different times, of unit vectors (windows, 2, dimensions)."""
    thin = slice(None, None, -(-len(starts) // COMPARED))
    at, voices = np.repeat(starts[thin], 2), unit[thin].reshape(-1, unit.shape[-1])
    squared = np.maximum(2 - 2 * voices @ voices.T, 0.0)
    return float(np.sqrt(squared)[np.abs(at[:, None] - at[None]) >= options.times_apart_s].mean())


def _two_means(unit: Float, weights: Float, centroids: Float) -> tuple[float, Float]:
    """How well two centroids fit in the end, and they, from where they start."""
    fit = 0.0
    for _ in range(ROUNDS):
        likeness = np.einsum("wvd,kd->wvk", unit, centroids) * weights[..., None]  # (windows, 2, 2)
        straight = likeness[:, 0, 0] + likeness[:, 1, 1]
        crossed = likeness[:, 0, 1] + likeness[:, 1, 0]
        first = np.where(straight >= crossed, 0, 1)  # the speaker of the voice that was heard longest
        fit = float(np.maximum(straight, crossed).sum())
        speaker = np.stack([first, 1 - first], axis=1)
        sums = [np.einsum("wvd,wv->d", unit, weights * (speaker == k)) for k in (0, 1)]
        made = np.stack(sums) / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        if np.allclose(made, centroids, atol=1e-6):
            break
        centroids = made
    return fit, centroids


def smallest_cluster(count: int) -> int:
    """How many of ``count`` embeddings make a speaker: a twentieth, one at least and twelve at most."""
    return max(1, min(12, round(count / 20)))


def assign(embeddings: Float, centroids: Float, active: NDArray[np.bool_]) -> Ints:
    """The speaker of each voice of one window, -1 where it does not talk: ``(voices,)``.

    Different voices of a window are different speakers as long as there are enough of them. A voice
    without an embedding (NaN) takes what the others leave.
    """
    labels = np.full(len(embeddings), -1, dtype=np.int64)
    talking = np.flatnonzero(active)
    if not len(talking) or not len(centroids):
        return labels
    known = ~np.isnan(embeddings[talking]).any(axis=1)
    unit = np.nan_to_num(embeddings[talking])
    unit = unit / np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-9)
    likeness = unit @ centroids.T  # (talking, speakers)
    likeness[~known] = -0.5
    rows, columns = linear_sum_assignment(-likeness)
    labels[talking[rows]] = columns
    for row in set(range(len(talking))) - set(rows.tolist()):
        labels[talking[row]] = int(np.argmax(likeness[row]))
    return labels


def _solid(labels: Ints, smallest: int) -> Ints:
    """Labels from 0 by size, -1 for members of clusters that are too small."""
    names, counts = np.unique(labels, return_counts=True)
    order = sorted(
        (name for name, count in zip(names, counts, strict=True) if count >= smallest),
        key=lambda name: -int(counts[names == name][0]),
    )
    made = np.full(len(labels), -1, dtype=np.int64)
    for new, old in enumerate(order):
        made[labels == old] = new
    return made


def _two(tree: Float, threshold: float, smallest: int) -> Ints:
    """The highest cut below the first threshold that leaves two solid clusters, else one."""
    for height in np.unique(tree[:, 2])[::-1]:
        if height < threshold:
            break
        labels = _solid(fcluster(tree, height - 1e-9, "distance"), smallest)
        if labels.max() == 1:
            return labels
    return np.zeros(len(tree) + 1, dtype=np.int64)


def _fewer(points: Float, labels: Ints, most: int) -> Ints:
    """The two clusters nearest to each other become one until at most ``most`` are left."""
    made = labels.copy()
    while (speakers := int(made.max()) + 1) > most:
        centroids = np.stack([points[made == k].mean(axis=0) for k in range(speakers)])
        centroids /= np.maximum(np.linalg.norm(centroids, axis=1, keepdims=True), 1e-9)
        likeness = np.tril(centroids @ centroids.T, -1) - 2 * np.triu(np.ones((speakers, speakers)))
        keep, gone = sorted(int(i) for i in np.unravel_index(np.argmax(likeness), likeness.shape))
        made[made == gone] = keep
        made[made > gone] -= 1
    return made
