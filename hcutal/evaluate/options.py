"""What `evaluate` measures beside mAP and average recall, where it is asked to."""

from dataclasses import dataclass

from hcutal.evaluate.sensitivity import QUANTILES


@dataclass(frozen=True)
class BootstrapOptions:
    """Intervals of the mAP: so many draws of the videos, from a seed, at a confidence level in (0, 1)."""

    draws: int = 1000
    seed: int = 0
    level: float = 0.95


@dataclass(frozen=True)
class ChanceOptions:
    """The mAP by chance: the mean over so many draws of shuffled predictions, from a seed."""

    draws: int = 5
    seed: int = 0


@dataclass(frozen=True)
class DiagnosisOptions:
    """Kinds of errors: the tIoU that is right, the tIoU that touches, and the bins of `sensitivity.bin_edges`."""

    tiou: float = 0.5
    touch: float = 0.1
    bins: str = QUANTILES
