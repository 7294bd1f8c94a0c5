"""Ports for processes that tests start: none that the kernel, another worker or an earlier test gives away."""

from __future__ import annotations

import itertools
import os
import socket

# Below what Linux gives to sockets that ask for any port (32768 and up, Documentation/networking/ip-sysctl.rst),
# so that nobody else gets one between our asking for it and a process's listening on it.
_FIRST, _COUNT = 20_000, 1_000
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 12
# From somewhere else in each process, for two runs of the tests on one machine.
_offered = (_FIRST + _worker * _COUNT + number % _COUNT for number in itertools.count(os.getpid()))


def free_port() -> int:
    """Return a port of the loopback address on which nobody listens, and which no other caller was given lately."""
    for port in itertools.islice(_offered, _COUNT):
        with socket.socket() as probe:
            # As servers do: a port whose connections only linger is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"every port from {_FIRST + _worker * _COUNT} on is in use")
