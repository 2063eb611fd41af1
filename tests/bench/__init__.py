"""Time per equilibrium against a plain solution of the same equations; run by ``make bench``."""
