"""``python -m sim``."""

import sys

_INTERRUPTED = 130  # exit code, as sim.cli has it; that may be what was being loaded

if __name__ == "__main__":
    try:
        from sim.cli import main

        code = main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.stderr.write("interrupted before the program was loaded; nothing was done\n")
        code = _INTERRUPTED
    sys.exit(code)
