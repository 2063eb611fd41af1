"""What is loaded at once, and what that leaves behind."""

from __future__ import annotations

import gc

import pytest

from sim.loading import undisturbed


def test_garbage_is_not_collected_meanwhile_and_is_again_afterwards() -> None:
    before = gc.get_freeze_count()
    with undisturbed():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() > before
    gc.unfreeze()


def test_garbage_is_collected_again_after_a_fault() -> None:
    with pytest.raises(ImportError), undisturbed():
        import sim.no_such_module  # type: ignore[import-not-found]  # noqa: F401
    assert gc.isenabled()
    gc.unfreeze()


def test_garbage_that_was_not_collected_before_is_not_afterwards() -> None:
    gc.disable()
    try:
        with undisturbed():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
        gc.unfreeze()
