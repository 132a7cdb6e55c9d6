"""The exceptions of the runtime itself; everything else that is raised comes from the model."""

from __future__ import annotations


class OutputError(Exception):
    """The model's answer does not fit its contract."""


class ProtocolError(Exception):
    """A request that is none: what is wrong with it, and the status that says so."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class LoadError(Exception):
    """The model cannot be loaded, for a reason that a person can do something about."""


class ConverterMissing(Exception):
    """A package that conversion needs is not installed; its name is the text."""


class ConversionError(Exception):
    """The model cannot be had as a graph that keeps its contract."""


class Interrupted(BaseException):
    """Raised inside a running call when its caller has left or its time is up.

    No `Exception`, so that a model's `except Exception` does not keep it alive.
    """
