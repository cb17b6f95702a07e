"""Becomes another command, one that is ended (SIGTERM) when the process that started it ends, however that ends.

Usage: end_with_parent.py PARENT_PID COMMAND [ARGUMENTS...]
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1

parent, command = int(sys.argv[1]), sys.argv[2:]
ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
if os.getppid() != parent:  # it ended before the line above took effect
    sys.exit(1)
os.execv(command[0], command)
