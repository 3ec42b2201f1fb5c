"""Start processes that find each other, as a launcher does."""

import os
import socket
import subprocess
import sys


def start(arguments, size=2):
    """Start a program in several processes; return them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    common = {
        "WORLD_SIZE": str(size), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port),
        "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    return [
        subprocess.Popen(
            [sys.executable, *arguments],
            env={**os.environ, **common, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(size)
    ]


def finished(processes, timeout=240):
    """Wait for processes; return what they wrote to standard error."""
    return [process.communicate(timeout=timeout)[1] for process in processes]


def torchrun(program, *arguments, size=2):
    """Run a program under torch's own launcher; return the finished process."""
    launcher = [sys.executable, "-m", "torch.distributed.run", f"--nproc-per-node={size}"]
    command = [*launcher, str(program), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
