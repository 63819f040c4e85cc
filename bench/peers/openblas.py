"""Which OpenBLAS kernels NumPy multiplies with, and how fast they are.

Usage: openblas.py LESIONS TIME_POINTS VOXELS      prints {"core": …, "milliseconds": …} for one product of that shape

OpenBLAS chooses its kernels by the CPU when it is loaded. A release that is older than the CPU, or that does not know
it behind a virtual machine, may choose one for SSE3 ("Prescott"), many times slower than what the CPU can do. The
environment variable OPENBLAS_CORETYPE overrides the choice; the benchmark tries each on this product and takes the
fastest.
"""

import ctypes
import json
import sys
import time
from pathlib import Path
from typing import Callable, Iterator

import numpy as np

REPETITIONS = 15


def functions(name: str) -> Iterator[Callable]:
    """A function of OpenBLAS' own, from every copy of it that this process has loaded."""
    mapped = {line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines() if ".so" in line}
    for library in sorted(library for library in mapped if "blas" in library):
        # NumPy's and SciPy's own wheels give the symbol a prefix and a suffix.
        for symbol in (name, f"scipy_{name}64_", f"{name}64_"):
            function = getattr(ctypes.CDLL(library), symbol, None)
            if function is not None:
                yield function
                break


def core_name() -> str:
    """The kernels in use, as OpenBLAS calls them; "unknown" where NumPy has another BLAS."""
    for function in functions("openblas_get_corename"):
        function.restype = ctypes.c_char_p
        return function().decode()
    return "unknown"


def milliseconds(lesions: int, time_points: int, voxels: int) -> float:
    """The fastest of a few products (lesions, time points) x (time points, voxels) in float32."""
    rng = np.random.default_rng(0)
    seeds = rng.standard_normal((lesions, time_points), dtype=np.float32)
    series = rng.standard_normal((time_points, voxels), dtype=np.float32)
    r = np.empty((lesions, voxels), np.float32)
    times = []
    for _ in range(REPETITIONS):
        start = time.perf_counter()
        np.matmul(seeds, series, out=r)
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


if __name__ == "__main__":
    shape = [int(argument) for argument in sys.argv[1:4]]
    print(json.dumps({"core": core_name(), "milliseconds": milliseconds(*shape), "numpy": np.__version__}))
