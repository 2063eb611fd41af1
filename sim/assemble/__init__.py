"""From a resolved scenario and a world to what the engine is given, draw by draw."""
