"""The process from which workers are forked: it loads once what all of them need."""

from __future__ import annotations

import multiprocessing
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext

_LOADED = "sim.study.loaded"


def workers_context() -> ForkServerContext:
    """How workers are started: by a server without threads, so that nothing is forked in the middle of something."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([_LOADED])
    return context


def make_ready() -> None:
    """Start the server, which loads beside what is loaded and read here until workers are wanted."""
    workers_context()
    forkserver.ensure_running()
