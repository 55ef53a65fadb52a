"""
A real HAProxy on loopback in front of two real servers, master and worker, reloadable, with a stats socket.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree

import pytest

from live.conftest import end, free_port, program
