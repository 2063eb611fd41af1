"""Statistics into the balanced base year: numpy in, numpy out, no file is read here."""
