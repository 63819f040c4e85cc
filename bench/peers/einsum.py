"""Peer (b): functional lesion network mapping with NumPy's einsum, a file of subjects at a time.

The way the tool lacuna does it: all subjects of a file are read together, the correlations of all lesions with all
voxels in all of them come from one `einsum("lit,itv->liv", ...)`, which multiplies without BLAS on one core, and whole
arrays of r and z are kept until they are summed. Memory grows with the subjects in a file.
"""

import os

import h5py
import numpy as np

import maps


def standardised(series: np.ndarray) -> np.ndarray:
    """Centred and of length 1 along axis 1; (subjects, time points, n)."""
    centred = series - series.mean(axis=1, keepdims=True)
    norms = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    return centred / np.where(norms > 0, norms, 1)


def main() -> None:
    brain = maps.brain_of(options.connectome)
    names, weights = maps.load_lesions(options.lesions, brain, cores)
    masks = weights > 0
    sum_z = np.zeros((len(names), brain.indices.shape[1]))
    sum_z2 = np.zeros_like(sum_z)
    subjects = 0
    for file in maps.files_of(options.connectome):
        with h5py.File(file) as root:
            series = root["timeseries"][()]
        seeds = np.stack([series[:, :, mask].mean(axis=2, dtype=np.float64) for mask in masks.T], axis=2)
        lesion_first = np.moveaxis(standardised(seeds), 2, 0).astype(np.float32)
        r = np.einsum("lit,itv->liv", lesion_first, standardised(series))
        z = np.arctanh(np.clip(r, -maps.LARGEST_R, maps.LARGEST_R))
        sum_z += z.sum(axis=1, dtype=np.float64)
        sum_z2 += (z**2).sum(axis=1, dtype=np.float64)
        subjects += series.shape[0]
    maps.MapWriter(options.output, brain, options.maps, cores).write(names, sum_z, sum_z2, subjects)


if __name__ == "__main__":
    options = maps.command_line(__doc__.split("\n")[0]).parse_args()
    cores = len(os.sched_getaffinity(0))
    main()
