"""Work on many files in several processes, of which one may die without taking the rest along."""

import multiprocessing
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import SpawnContext
from typing import Any, TypeVar

Outcome = TypeVar("Outcome")
DIED = "the process died while reading it (out of memory, or the decoder crashed)"


def spawning() -> SpawnContext:
    """How workers are started: spawned, since a fork of a process with threads of torch or OpenCV can hang."""
    return multiprocessing.get_context("spawn")


def side_by_side(
    work: Callable[..., Outcome],
    jobs: Mapping[int, tuple[Any, ...]],
    workers: int,
    prepare: Callable[..., None] | None = None,
    prepared: tuple[Any, ...] = (),
    tick: Callable[[], None] = lambda: None,
) -> Iterator[tuple[int, Outcome | str]]:
    """The outcome of each job (the arguments of `work`) by its number, as they get ready.

    Those that a dying process took along are tried again, each in a process of its own; `DIED` for one that ends that
    as well. prepare: called in each process with `prepared`; tick: called here about once a second.
    """
    context = spawning()
    orphans = []
    with ProcessPoolExecutor(workers, context, prepare, prepared) as pool:
        futures = {pool.submit(work, *job): number for number, job in jobs.items()}
        waiting = set(futures)
        while waiting:
            finished, waiting = wait(waiting, timeout=1, return_when=FIRST_COMPLETED)
            for future in finished:
                try:
                    yield futures[future], future.result()
                except BrokenProcessPool:
                    orphans.append(futures[future])
            tick()
    for number in sorted(orphans):
        with ProcessPoolExecutor(1, context, prepare, prepared) as pool:
            try:
                yield number, pool.submit(work, *jobs[number]).result()
            except BrokenProcessPool:
                yield number, DIED
        tick()
