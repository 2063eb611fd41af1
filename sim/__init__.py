"""Scenario model of trade in metals: supply shares, flows, prices and dependence."""
