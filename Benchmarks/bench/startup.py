"""How long a start takes until the first answer, and what an idle server holds."""

import http.client
import subprocess
import time

from . import peers, processes


def measure(configuration, times):
    """Milliseconds from the start to the first answer, processor time until then, and idle memory in MB."""
    waits, costs, sizes = [], [], []
    for _ in range(times):
        port = processes.free_port()
        began = time.monotonic()
        process = subprocess.Popen(
            [str(peers.VESTIBULE), "serve", "--config", str(configuration), "--port", str(port)], **peers.QUIET)
        await_answer(port, process)
        waits.append((time.monotonic() - began) * 1000)
        costs.append(processes.cpu_seconds(process.pid) * 1000)
        time.sleep(0.3)
        sizes.append(processes.resident_megabytes(process.pid))
        processes.stop(process)
    return {"wait": waits, "cpu": costs, "memory": sizes}


def await_answer(port, process):
    while process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.001)
    raise RuntimeError("vestibule did not start")
