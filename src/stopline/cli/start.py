"""The entry point of the `stopline` command: what a running node answers is done at once.

Everything else is the command line proper, whose parser alone takes longer to load than that.
"""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line."""
    from stopline.cli.quick import answered

    try:
        code = answered(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        code = 141  # whoever read our output has seen enough
    except KeyboardInterrupt:
        code = 130
    if code is not None:
        sys.exit(code)
    try:
        from stopline.cli.main import main as every_command

        every_command()
    except KeyboardInterrupt:  # as it was being loaded: a command tells its own end
        sys.exit(130)
