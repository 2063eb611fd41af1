"""The process from which workers are forked: it loads once what all of them need."""

from __future__ import annotations

import multiprocessing
import signal
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import ForkServerContext

_LOADED = "sim.study.loaded"


def workers_context() -> ForkServerContext:
    """How workers are started: by a server without threads, so that nothing is forked in the middle of something."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([_LOADED])
    # an interrupt is for the process that waits: the server hears of none from its beginning on, and neither do workers
    resource_tracker.ensure_running()  # which lets interrupts through again
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)
    return context


def make_ready() -> None:
    """Start the server, which loads beside what is loaded and read here until workers are wanted."""
    workers_context()
