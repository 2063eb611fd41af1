"""What a user asks for: runs, sweeps and comparisons, from scenario to tables, all in memory."""
