"""The equations: numpy in, numpy out, one equation per function."""
