"""Peer (a): functional lesion network mapping with NumPy and BLAS, one subject at a time.

As one would write it who knows NumPy well: float32 in place, every large array made once, a BLAS product for the seeds
and one for the correlations, work cut into tiles of voxels that stay in the cache, float64 sums, and a thread that
reads the next subject meanwhile (h5py leaves the interpreter free while it reads). It keeps 16 bytes a lesion and
voxel, as `lnm` does.

--threads 1: the products run on all cores, by BLAS' own threads; the rest on one core, as NumPy does it by itself.
--threads N: tiles are dealt to N threads, so that everything runs on N cores; OPENBLAS_NUM_THREADS=1 keeps each product on one.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Iterator

import h5py
import numpy as np

import maps
import openblas

TILE = 4096
"""Voxels of a tile: 96 lesions of them are 1.5 MiB of r."""


def read_ahead(files: list[Path], reader: ThreadPoolExecutor) -> Iterator[np.ndarray]:
    """The time series of every subject, (time points, voxels) float32, in two buffers that take turns."""
    opened = [h5py.File(file)["timeseries"] for file in files]
    buffers = [np.empty(opened[0].shape[1:], np.float32) for _ in range(2)]
    places = [(data, row) for data in opened for row in range(data.shape[0])]

    def read(position: int) -> None:
        data, row = places[position]
        data.read_direct(buffers[position % 2], np.s_[row])

    pending = reader.submit(read, 0)
    for position in range(len(places)):
        pending.result()
        if position + 1 < len(places):
            pending = reader.submit(read, position + 1)
        yield buffers[position % 2]


class Worker:
    """What a thread does with its tiles, in its own scratch memory."""

    def __init__(self, tiles: list[slice], weights: np.ndarray, time_points: int, sums: np.ndarray) -> None:
        """sums: (2, lesions, voxels), of z and of its square; the tiles' part is added to."""
        lesions = weights.shape[1]
        self.tiles = tiles
        self.weights = weights
        self.sums = sums
        self.inverse_norms = [np.empty(tile.stop - tile.start, np.float32) for tile in tiles]
        self.seed_part = np.empty((time_points, lesions), np.float32)
        self.scratch = np.empty(lesions * TILE, np.float32)

    def seeds(self, series: np.ndarray) -> np.ndarray:
        """Centres the tiles in place. The tiles' part of the seed time series, (time points, lesions)."""
        seeds = np.zeros_like(self.seed_part)
        for tile, inverse in zip(self.tiles, self.inverse_norms):
            x = series[:, tile]
            x -= x.mean(axis=0)
            np.einsum("tv,tv->v", x, x, out=inverse)
            np.sqrt(inverse, out=inverse)
            np.divide(1, inverse, out=inverse, where=inverse > 0)
            seeds += np.matmul(x, self.weights[tile], out=self.seed_part)
        return seeds

    def add(self, series: np.ndarray, seeds: np.ndarray) -> None:
        """seeds: (lesions, time points), of length 1."""
        for tile, inverse in zip(self.tiles, self.inverse_norms):
            sum_z, sum_z2 = self.sums[:, :, tile]
            r = self.scratch[: sum_z.size].reshape(sum_z.shape)
            np.matmul(seeds, series[:, tile], out=r)
            np.multiply(r, inverse, out=r)
            # Faster than numpy.clip.
            np.minimum(r, maps.LARGEST_R, out=r)
            np.maximum(r, -maps.LARGEST_R, out=r)
            np.arctanh(r, out=r)
            np.add(sum_z, r, out=sum_z)
            np.multiply(r, r, out=r)
            np.add(sum_z2, r, out=sum_z2)


def connectivity(files: list[Path], weights: np.ndarray, threads: int) -> tuple[np.ndarray, int]:
    """The sums of z and of its square, (2, lesions, voxels), and the number of subjects."""
    with h5py.File(files[0]) as root:
        _, time_points, voxels = root["timeseries"].shape
    tiles = [slice(first, min(first + TILE, voxels)) for first in range(0, voxels, TILE)]
    sums = np.zeros((2, weights.shape[1], voxels))
    workers = [Worker(tiles[first::threads], weights, time_points, sums) for first in range(threads)]
    subjects = 0
    with ThreadPoolExecutor(threads) as pool, ThreadPoolExecutor(1) as reader:
        for series in read_ahead(files, reader):
            seeds = sum(pool.map(lambda worker: worker.seeds(series), workers))
            seeds -= seeds.mean(axis=0)
            norms = np.sqrt((seeds**2).sum(axis=0))
            seeds *= np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0)
            rows = np.ascontiguousarray(seeds.T)
            list(pool.map(lambda worker: worker.add(series, rows), workers))
            subjects += 1
    return sums, subjects


def main() -> None:
    brain = maps.brain_of(options.connectome)
    names, weights = maps.load_lesions(options.lesions, brain, cores)
    sums, subjects = connectivity(maps.files_of(options.connectome), weights, options.threads)
    maps.MapWriter(options.output, brain, options.maps, cores).write(names, sums[0], sums[1], subjects)


if __name__ == "__main__":
    options = maps.command_line(__doc__.split("\n")[0]).parse_args()
    cores = len(os.sched_getaffinity(0))
    print(f"OpenBLAS kernels: {openblas.core_name()}")
    main()
