"""The version of the program, told in every result."""

VERSION = "0.1.0"
