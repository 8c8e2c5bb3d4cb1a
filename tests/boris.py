"""Modules of BORIS, without a window; tests that need them are skipped where it is absent."""

import importlib
import warnings
from collections.abc import Sequence
from types import ModuleType

import pytest


def boris_modules(monkeypatch: pytest.MonkeyPatch, names: Sequence[str]) -> list[ModuleType]:
    """The modules `boris.<name>`."""
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    # It reads arguments when it is imported.
    monkeypatch.setattr("sys.argv", ["boris"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return [importlib.import_module(f"boris.{name}") for name in names]
        # Without Qt's or mpv's libraries of the system it raises others.
        except (ImportError, OSError) as error:
            pytest.skip(f"boris-behav-obs cannot be used: {error}")
