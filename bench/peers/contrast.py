"""Peer of group contrasts: Freedman-Lane permutations with NumPy and BLAS in float32, threads by hand.

As one would write it who knows NumPy well: residuals of unit norm once; for a batch of permutations one product of their rows with a tile
of voxels that stays in the cache, then counts and maxima in place. OPENBLAS_NUM_THREADS=1 keeps each product on its thread.

Usage: contrast.py PERMUTATIONS VOXELS THREADS      prints {"seconds": ..., "processor": ...}, the latter of a thread
"""

import json
import sys
import threading
import time

import numpy as np

PATIENTS, COVARIATES = 200, 3
TILE, BATCH = 2048, 64
"""Voxels, and permutations, of a product."""


def work(voxels, maps, rows, permutations, times):
    """All permutations of a thread's voxels; the same maps stand for every tile."""
    columns = COVARIATES + 1
    products = np.empty((BATCH * columns, TILE), np.float32)
    maxima = np.zeros(permutations, np.float32)
    for start in range(0, voxels, TILE):
        tile = maps[:, : min(TILE, voxels - start)]
        width = tile.shape[1]
        threshold = np.full(width, 0.01, np.float32)
        counts = np.zeros(width, np.int64)
        for first in range(0, permutations, BATCH):
            count = min(BATCH, permutations - first)
            out = products[: count * columns, :width]
            np.matmul(rows[first * columns : (first + count) * columns], tile, out=out)
            np.multiply(out, out, out=out)
            squares = out.reshape(columns, count, width)
            left = squares[1]
            for k in range(2, columns):
                left += squares[k]
            np.subtract(np.float32(1), left, out=left)
            np.divide(squares[0], left, out=left)
            counts += (left >= threshold).sum(axis=0)
            np.maximum(maxima[first : first + count], left.max(axis=1), out=maxima[first : first + count])
    times.append(time.thread_time())


def main(permutations, voxels, threads):
    random = np.random.default_rng(1)
    maps = random.standard_normal((PATIENTS, TILE), dtype=np.float32)
    maps -= maps.mean(axis=0)
    maps /= np.linalg.norm(maps, axis=0)
    # Rows of a batch lie column after column, so that the sum of squares runs over whole blocks.
    rows = random.standard_normal((permutations * (COVARIATES + 1), PATIENTS), dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True) * 4
    times = []
    share = -(-voxels // threads)
    workers = [threading.Thread(target=work, args=(share, maps, rows, permutations, times)) for _ in range(threads)]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(json.dumps({"seconds": time.perf_counter() - start, "processor": max(times)}))


main(*map(int, sys.argv[1:]))
