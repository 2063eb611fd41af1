"""``python -m sim``."""

import atexit
import os
import sys

_INTERRUPTED = 130  # exit code, as sim.cli has it; that may be what was being loaded


def _leave(code: int) -> None:
    """End at once: to take apart all that is loaded takes longer than to read a scenario, and is to no purpose.

    What is registered for the end of the program is done; where what was said cannot be written, it ends as any other.
    """
    atexit._run_exitfuncs()  # noqa: SLF001 - the only way to it; the processes that were started rely on it
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:  # as where they were closed before
                stream.flush()
    except OSError:
        sys.exit(code)
    os._exit(code)


if __name__ == "__main__":
    try:
        from sim.cli import main

        code = main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.stderr.write("interrupted before the program was loaded; nothing was done\n")
        sys.exit(_INTERRUPTED)
    _leave(code)
