"""One bar for all that a stage trains: a first training where one is needed, and the training itself."""

from hcutal.model.cost import Cost
from hcutal.model.training import Trainer
from hcutal.progress import WorkBar


class TrainingBar(WorkBar):
    """The bar of a training that may have been interrupted, and be one of two.

    Args:
        trainer: before its first step, or where it goes on.
        cost: of all its steps; None where that is not known.
        before: the bar of the training before this one.
        behind: joint steps of the training that follows, after as much warm-up; 0 where none does.
        note: what this training is for, where that is not plain.
    """

    def __init__(
        self,
        trainer: Trainer,
        cost: Cost | None,
        before: "TrainingBar | None" = None,
        behind: int = 0,
        note: str = "",
    ) -> None:
        self._cost = cost
        # From which step on, and from which part of the time to which, this training is of the whole.
        self._first: int = before.last if before else 0
        self._start: float = before.end if before else 0.0
        self.last: int = self._first + trainer.steps
        self.end: float = 1.0
        following = trainer.steps - trainer.params.steps + behind if behind else 0
        if behind:
            ours, theirs = (cost.seconds, cost.with_joint(behind).seconds) if cost else (self.last, following)
            self.end = ours / (ours + theirs)
        start = self._first + trainer.done
        went_on = f"went on at {start:,}" if trainer.done else ""
        self._words = [words for words in (went_on, note) if words]
        super().__init__(self.last + following, "train", "step", start)

    def after_step(self, trainer: Trainer) -> None:
        """Show that one step more is done, and its loss."""
        part = self._cost.part(trainer.done) if self._cost else trainer.done / trainer.steps
        note = ", ".join([f"loss {trainer.loss:.2f}", *self._words])
        self.reach(self._first + trainer.done, self._start + (self.end - self._start) * part, note)
