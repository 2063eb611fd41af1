"""Scenario model of trade in metals: supply shares, flows, prices and dependence."""

__version__ = "0.1.0"
