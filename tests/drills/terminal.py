"""`python -m tests.drills.terminal …`: the command `pannier`, begun in the terminal on its standard input as its own."""

import fcntl
import sys
import termios

from api.cli import main

if __name__ == "__main__":
    # Only with a terminal of its own is it told when that is closed.
    fcntl.ioctl(sys.stdin, termios.TIOCSCTTY, 0)
    main(sys.argv[1:])
