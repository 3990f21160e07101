"""CAM++ speaker embeddings: the network in plain torch, in two halves.

Wang et al. 2023, "CAM++: A Fast and Efficient Network for Speaker Verification Using Context-Aware
Masking" (arXiv:2303.00332). A small 2-D convolution front, then densely connected time-delay layers,
each weighed by its context. The first half turns filterbanks into frame vectors and is the expensive
one; the second takes mean and deviation over the frames of one speaker. Split like this, the first half
runs once over a file and the second once per speaker and chunk, by mask.

Names of the parts follow the published weights, so that they load as they are.
"""

from collections import OrderedDict
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.devices import Device
from models.errors import ModelError

__all__ = ["DIMENSIONS", "FRAMES_PER_SECOND", "CampPlus", "fbank", "load"]

FILE = "campplus_cn_en_common.pt"
DIMENSIONS = 192
CHANNELS = 512
MELS = 80
FRAMES_PER_SECOND = 50
"""Frame vectors a second: filterbanks come every 10 ms and the network halves them."""
_GROWTH, _NARROW, _FIRST = 32, 128, 128
_BLOCKS = ((12, 1), (24, 2), (16, 2))
_CONTEXT = 100


def fbank(samples: Tensor) -> Tensor:
    """Kaldi filterbanks, mean taken off per bin: ``(samples,)`` or ``(1, samples)``, -1..1 at 16 kHz, to
    ``(frames, 80)``, one frame each 10 ms. Needs 25 ms of sound at least."""
    from torchaudio.compliance.kaldi import fbank as kaldi

    features: Tensor = kaldi(samples.reshape(1, -1), num_mel_bins=MELS, sample_frequency=16000.0, dither=0.0)
    return features - features.mean(dim=0, keepdim=True)


class CampPlus(nn.Module):
    """``forward(fbank (batch, frames, 80)) -> (batch, 192)``; or ``frames`` and ``pool`` by themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.head = _Front()
        parts: OrderedDict[str, nn.Module] = OrderedDict()
        parts["tdnn"] = _TimeDelay(self.head.width, _FIRST, kernel=5, stride=2)
        width = _FIRST
        for number, (layers, dilation) in enumerate(_BLOCKS, start=1):
            parts[f"block{number}"] = _Dense(layers, width, dilation)
            width += layers * _GROWTH
            parts[f"transit{number}"] = _Transit(width, width // 2)
            width //= 2
        parts["out_nonlinear"] = _activation(width)
        parts["dense"] = _Last(2 * width, DIMENSIONS)
        self.xvector = nn.Sequential(parts)

    def frames(self, features: Tensor) -> Tensor:
        """The expensive half: filterbanks ``(batch, frames, 80)`` to vectors ``(batch, 512, frames / 2)``."""
        vectors: Tensor = self.head(features.transpose(1, 2))
        for name, part in self.xvector.named_children():
            if name != "dense":
                vectors = part(vectors)
        return vectors

    def pool(self, vectors: Tensor, masks: Tensor | None = None) -> Tensor:
        """The cheap half: mean and deviation over frames, then 192 numbers.

        ``vectors`` ``(batch, 512, frames)``. ``masks``, weights 0..1 at any frame rate over the same
        stretch, ``(batch, frames')`` gives ``(batch, 192)`` and ``(batch, speakers, frames')`` gives
        ``(batch, speakers, 192)``. A mask with less than two frames of weight gives NaN: no embedding.
        """
        if masks is None:
            masks = vectors.new_ones(vectors.shape[0], vectors.shape[2])
        single = masks.dim() == 2
        weights = masks.unsqueeze(1) if single else masks  # (batch, speakers, frames')
        weights = weights.to(vectors.dtype)
        if weights.shape[-1] != vectors.shape[-1]:
            weights = functional.interpolate(weights, size=vectors.shape[-1], mode="nearest")
        total = weights.sum(dim=-1, keepdim=True)  # (batch, speakers, 1)
        mean = torch.einsum("bcf,bsf->bsc", vectors, weights) / total
        square = torch.einsum("bcf,bsf->bsc", vectors * vectors, weights) / total
        effective = total - weights.square().sum(dim=-1, keepdim=True) / total
        variance = (square - mean * mean).clamp_min(0.0) * total / effective
        statistics = torch.cat([mean, variance.sqrt()], dim=-1)  # (batch, speakers, 1024)
        batch, speakers, _ = statistics.shape
        embeddings: Tensor = self.xvector.get_submodule("dense")(statistics.reshape(batch * speakers, -1))
        embeddings = embeddings.reshape(batch, speakers, DIMENSIONS)
        embeddings = embeddings.masked_fill(total < 2.0, float("nan"))
        return embeddings[:, 0] if single else embeddings

    def forward(self, features: Tensor) -> Tensor:
        """Filterbanks ``(batch, frames, 80)`` to embeddings ``(batch, 192)``."""
        return self.pool(self.frames(features))


def load(folder: Path, device: Device) -> CampPlus:
    """The network with its weights from the folder that ``models.locate`` gave, ready to run.

    Raises ModelError when the file holds anything but the weights of this network.
    """
    import pickle

    path = folder / FILE
    network = CampPlus()
    try:
        weights = torch.load(path, map_location="cpu", weights_only=True)
        network.load_state_dict(weights, strict=True)
    except (OSError, pickle.UnpicklingError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"{path} does not hold the weights of CAM++: {reason}") from error
    return network.eval().to(torch.device(device.torch))


def _activation(width: int) -> nn.Sequential:
    return nn.Sequential(OrderedDict(batchnorm=nn.BatchNorm1d(width), relu=nn.ReLU()))


class _Front(nn.Module):
    """2-D convolutions over frequency and time: ``(batch, 80, frames)`` to ``(batch, 320, frames)``."""

    def __init__(self, planes: int = 32) -> None:
        super().__init__()
        self.width = planes * (MELS // 8)
        self.conv1 = nn.Conv2d(1, planes, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.layer1 = nn.Sequential(_Residual(planes, 2), _Residual(planes, 1))
        self.layer2 = nn.Sequential(_Residual(planes, 2), _Residual(planes, 1))
        self.conv2 = nn.Conv2d(planes, planes, 3, stride=(2, 1), padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)

    def forward(self, features: Tensor) -> Tensor:
        x = functional.relu(self.bn1(self.conv1(features.unsqueeze(1))))
        x = self.layer2(self.layer1(x))
        x = functional.relu(self.bn2(self.conv2(x)))
        return x.flatten(1, 2)  # channels and the ten frequencies that are left


class _Residual(nn.Module):
    """Two convolutions beside a shortcut; ``stride`` counts along frequency only."""

    def __init__(self, planes: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(planes, planes, 3, stride=(stride, 1), padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.shortcut = nn.Sequential()
        if stride != 1:
            narrowed = nn.Conv2d(planes, planes, 1, stride=(stride, 1), bias=False)
            self.shortcut = nn.Sequential(narrowed, nn.BatchNorm2d(planes))

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.bn1(self.conv1(x)))
        return functional.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class _TimeDelay(nn.Module):
    """One convolution over time with its norm: halves the frames."""

    def __init__(self, width: int, out: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.linear = nn.Conv1d(width, out, kernel, stride=stride, padding=kernel // 2, bias=False)
        self.nonlinear = _activation(out)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.nonlinear(self.linear(x))
        return y


class _ContextMask(nn.Module):
    """A local convolution, weighed by what the whole stretch and its two seconds around sound like."""

    def __init__(self, width: int, out: int, dilation: int) -> None:
        super().__init__()
        self.linear_local = nn.Conv1d(width, out, 3, padding=dilation, dilation=dilation, bias=False)
        self.linear1 = nn.Conv1d(width, width // 2, 1)
        self.linear2 = nn.Conv1d(width // 2, out, 1)

    def forward(self, x: Tensor) -> Tensor:
        around = functional.avg_pool1d(x, _CONTEXT, stride=_CONTEXT, ceil_mode=True)
        around = around.repeat_interleave(_CONTEXT, dim=-1)[..., : x.shape[-1]]
        context = x.mean(dim=-1, keepdim=True) + around
        weight = torch.sigmoid(self.linear2(functional.relu(self.linear1(context))))
        local: Tensor = self.linear_local(x)
        return local * weight


class _DenseLayer(nn.Module):
    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.nonlinear1 = _activation(width)
        self.linear1 = nn.Conv1d(width, _NARROW, 1, bias=False)
        self.nonlinear2 = _activation(_NARROW)
        self.cam_layer = _ContextMask(_NARROW, _GROWTH, dilation)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.cam_layer(self.nonlinear2(self.linear1(self.nonlinear1(x))))
        return y


class _Dense(nn.Sequential):
    """Layers that each see all that came before them."""

    def __init__(self, layers: int, width: int, dilation: int) -> None:
        parts: OrderedDict[str, nn.Module] = OrderedDict(
            (f"tdnnd{number + 1}", _DenseLayer(width + number * _GROWTH, dilation))
            for number in range(layers)
        )
        super().__init__(parts)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self:
            x = torch.cat([x, layer(x)], dim=1)
        return x


class _Transit(nn.Module):
    def __init__(self, width: int, out: int) -> None:
        super().__init__()
        self.nonlinear = _activation(width)
        self.linear = nn.Conv1d(width, out, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.linear(self.nonlinear(x))
        return y


class _Last(nn.Module):
    """The linear layer onto the embedding, with a norm that has no weights of its own."""

    def __init__(self, width: int, out: int) -> None:
        super().__init__()
        self.linear = nn.Conv1d(width, out, 1, bias=False)
        self.nonlinear = nn.Sequential(OrderedDict(batchnorm=nn.BatchNorm1d(out, affine=False)))

    def forward(self, statistics: Tensor) -> Tensor:
        y: Tensor = self.nonlinear(self.linear(statistics.unsqueeze(-1)).squeeze(-1))
        return y
