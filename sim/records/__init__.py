"""Frozen records that the floors above hand to each other."""
