"""The equations of a year once more, as loops over one draw that numba compiles; ``core`` is the reference."""
