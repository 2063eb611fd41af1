"""The commands of the command line, one file a family: each adds its options and calls one function below."""
