"""An independent float64 reference for `lnm run`: functional lesion network mapping, written with NumPy and SciPy.

It shares no code with the package, and no algorithm where there was a choice: every subject's time series are read
whole and centred before the products, every z is kept, and mean and spread over subjects take two passes. Slow and
simple on purpose. It implements methods `boes` and `pini` with binary and weighted lesions, and what docs call the numeric policy:

    y[s,t]  = weighted mean over the lesion's voxels of x[s,t,v]; weights of 1 where the lesion is binary
    r[s,v]  = Pearson correlation of y[s] and x[s,.,v], clipped to +-(1 - 2^-23); 0 where either is invalid
    z       = atanh(r);  mean z, r = tanh(mean z), sd over subjects (n - 1), t = mean z / (sd / sqrt(n))
    pini    R[s,v] = r of y[s] and x[s,.,v] for the lesion's voxels; first right singular vector of R less its columns' means, over
            all subjects or those of each file; voxels with |loading| >= percentile (numpy's linear one) are the lesion from then on
    partial y[s] less its least squares fit by 1 and the other lesions' y[s], those that are constant left out (numpy's lstsq)
    degree  mean over w of r of x[s,.,v] and x[s,.,w], valid voxels w of the brain mask, v among them; its mean over subjects
    p       two-tailed with n - 1 degrees of freedom;  pfdr = Benjamini-Hochberg over the voxels of the lesion

Usage: reference.py CONNECTOME OUT.npz LESION... [--mask MASK --pattern PATTERN]
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator

import h5py
import nibabel
import numpy as np
import scipy.stats

LARGEST_R = 1 - 2.0**-23
"""Of the numeric policy: the largest |r| that enters atanh."""

TIE_TOLERANCE = 1e-6
"""Share of a voxel by which a centre is moved up before rounding, so that ties between two voxels go one way."""

ROUNDING_NOISE = 64 * np.finfo(np.float64).eps
"""Variance over subjects, as a share of the squared mean, below which the spread is rounding and counts as 0; its square where the mean is 0
itself, as at the voxel of a lesion of one voxel whose seed was taken out of another."""

STATISTICS = ("r", "z", "t", "sd", "p", "pfdr")


@dataclass
class Connectome:
    affine: np.ndarray  # (4, 4)
    shape: tuple[int, int, int]
    indices: np.ndarray  # (3, voxels)
    subjects: Callable[[], Iterator[np.ndarray]]  # each (time points, voxels), float64
    files: list[int]  # which file each subject is of


def open_hdf5(files: list[Path]) -> Connectome:
    def subjects() -> Iterator[np.ndarray]:
        for file in files:
            with h5py.File(file) as root:
                for index in range(root["timeseries"].shape[0]):
                    yield root["timeseries"][index].astype(np.float64)

    of_files: list[int] = []
    for number, file in enumerate(files):
        with h5py.File(file) as root:
            of_files += [number] * root["timeseries"].shape[0]
    with h5py.File(files[0]) as root:
        voxels = root["timeseries"].shape[2]
        indices = root["mask_indices"][()].astype(int)
        shape = tuple(int(size) for size in root.attrs["mask_shape"])
        affine = root["mask_affine"][()].astype(np.float64)
    return Connectome(affine, shape, indices if indices.shape == (3, voxels) else indices.T, subjects, of_files)


def open_nifti(files: list[Path], mask_file: Path) -> Connectome:
    mask = nibabel.load(mask_file)
    indices = np.array(np.nonzero(mask.get_fdata()))

    def subjects() -> Iterator[np.ndarray]:
        for file in files:
            yield nibabel.load(file).get_fdata(dtype=np.float64)[tuple(indices)].T

    return Connectome(mask.affine, mask.shape, indices, subjects, list(range(len(files))))


def open_connectome(path: Path, mask: Path | None = None, pattern: str = "**/*_bold.nii.gz") -> Connectome:
    """One .h5, a folder of .h5 in the order of their names, or a folder of 4D NIfTI with a mask."""
    if mask is not None:
        return open_nifti(sorted(path.glob(pattern)), mask)
    return open_hdf5(sorted(path.glob("*.h5")) if path.is_dir() else [path])


def lesion_voxels(file: Path, connectome: Connectome) -> np.ndarray:
    """Whether each voxel of the connectome is in the lesion. (voxels), bool."""
    return lesion_values(file, connectome) != 0


def lesion_values(file: Path, connectome: Connectome) -> np.ndarray:
    """The lesion's value at each voxel of the connectome: nearest neighbour by the two affines. (voxels)."""
    image = nibabel.load(file)
    lesion = image.get_fdata().reshape(image.shape[:3])
    to_lesion = np.linalg.inv(image.affine) @ connectome.affine
    place = to_lesion[:3, :3] @ connectome.indices + to_lesion[:3, 3:]
    index = np.floor(place + 0.5 + TIE_TOLERANCE).astype(int)
    inside = np.all((index >= 0) & (index < np.array(lesion.shape)[:, None]), axis=0)
    found = np.zeros(inside.size)
    found[inside] = lesion[tuple(index[:, inside])]
    return found


def standardised(series: np.ndarray) -> np.ndarray:
    """Centred and of length 1 along axis 0; all zero where the series is constant or holds a NaN or infinity."""
    finite = np.isfinite(series).all(axis=0)
    valid = finite & (series.max(axis=0) != series.min(axis=0))
    series = np.where(valid, series, 0.0)
    centred = series - series.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    return centred / np.where(valid, length, 1.0)


def benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    """Adjusted p: the smallest false discovery rate at which each voxel is significant. Benjamini, Hochberg 1995."""
    order = np.argsort(p)[::-1]
    ranks = np.arange(p.size, 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(p[order] * p.size / ranks))
    return adjusted


def maps_of(z: np.ndarray) -> dict[str, np.ndarray]:
    """The six statistics from z of every subject. z is (subjects, voxels); each statistic is (voxels)."""
    n = z.shape[0]
    mean = z.mean(axis=0)
    variance = z.var(axis=0, ddof=1)
    spread = variance > ROUNDING_NOISE * mean**2 + ROUNDING_NOISE**2
    t = np.where(spread, mean / np.sqrt(np.where(spread, variance, 1.0) / n), 0.0)
    p = 2 * scipy.stats.t.sf(np.abs(t), n - 1)
    sd = np.where(spread, z.std(axis=0, ddof=1), 0.0)
    return {"r": np.tanh(mean), "z": mean, "t": t, "sd": sd, "p": p, "pfdr": benjamini_hochberg(p)}


def seed_of(series: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The weighted mean of the voxels whose weight is not 0 and that hold no NaN or infinity, standardised. (time points)."""
    used = (weights != 0) & np.isfinite(series).all(axis=0)
    if not used.any():
        return np.zeros(series.shape[0])
    mean = (series[:, used] * weights[used]).sum(axis=1) / weights[used].sum()
    return standardised(mean[:, None])[:, 0]


def seed_weights(connectome: Connectome, lesions: list[Path], weights: str) -> list[np.ndarray]:
    """Of each lesion what each voxel counts: 0 or 1, or the lesion's values. (voxels) each."""
    values = [lesion_values(file, connectome) for file in lesions]
    return values if weights == "values" else [(of_lesion != 0).astype(float) for of_lesion in values]


def kept_voxels(correlations: np.ndarray, percentile: float) -> np.ndarray:
    """Which columns load on the first principal component. correlations is (subjects, lesion voxels); gives (lesion voxels), bool."""
    centred = correlations - correlations.mean(axis=0)
    _, _, components = np.linalg.svd(centred, full_matrices=False)
    loadings = np.abs(components[0])
    return loadings >= np.percentile(loadings, percentile)


def refined(connectome: Connectome, weights: np.ndarray, percentile: float, scope: str) -> list[np.ndarray]:
    """Of each subject the weights of the voxels that its refined seed keeps, 0 elsewhere. (voxels) each."""
    inside = np.flatnonzero(weights)
    correlations = np.array([seed_of(series, weights) @ standardised(series[:, inside]) for series in connectome.subjects()])
    groups = np.zeros(len(connectome.files), int) if scope == "connectome" else np.array(connectome.files)
    found = []
    for group in groups:
        kept = np.zeros_like(weights)
        kept[inside] = weights[inside] * kept_voxels(correlations[groups == group], percentile)
        found.append(kept)
    return found


def partialled(seeds: np.ndarray) -> np.ndarray:
    """Of each seed what least squares on an intercept and the other seeds leaves, standardised; zeros stay zeros. (lesions, time points)."""
    found = np.zeros_like(seeds)
    varies = seeds.any(axis=1)
    for lesion in np.flatnonzero(varies):
        others = [seed for number, seed in enumerate(seeds) if varies[number] and number != lesion]
        design = np.column_stack([np.ones(seeds.shape[1]), *others])
        weights, *_ = np.linalg.lstsq(design, seeds[lesion], rcond=None)
        found[lesion] = standardised((seeds[lesion] - design @ weights)[:, None])[:, 0]
    return found


def reference(
    connectome: Connectome, lesions: list[Path], weights: str = "binary", pini: dict | None = None, partial: bool = False
) -> tuple[list[dict[str, np.ndarray]], list[list[np.ndarray]]]:
    """The maps of each lesion, inside the brain mask only; and what each subject's seed weights each voxel with.

    pini: percentile and scope; None: the seed is the mean over the lesion. partial: whether the other seeds are taken out of each
    """
    z: list[list[np.ndarray]] = [[] for _ in lesions]
    with np.errstate(invalid="ignore"):
        seeds = [
            [of_lesion] * len(connectome.files) if pini is None else refined(connectome, of_lesion, **pini)
            for of_lesion in seed_weights(connectome, lesions, weights)
        ]
        for subject, series in enumerate(connectome.subjects()):
            unit = standardised(series)
            of_lesions = np.array([seed_of(series, of_subjects[subject]) for of_subjects in seeds])
            for lesion, seed in enumerate(partialled(of_lesions) if partial else of_lesions):
                z[lesion].append(np.arctanh(np.clip(seed @ unit, -LARGEST_R, LARGEST_R)))
    return [maps_of(np.array(of_lesion)) for of_lesion in z], seeds


def seed_matrix(connectome: Connectome, seeds: list[list[np.ndarray]]) -> np.ndarray:
    """Mean z of every lesion's seed with every other's. (lesions, lesions)."""
    z = []
    with np.errstate(invalid="ignore"):
        for subject, series in enumerate(connectome.subjects()):
            unit = np.array([seed_of(series, of_subjects[subject]) for of_subjects in seeds])
            z.append(np.arctanh(np.clip(unit @ unit.T, -LARGEST_R, LARGEST_R)))
    return np.mean(z, axis=0)


def degree(connectome: Connectome) -> np.ndarray:
    """The mean over subjects of each voxel's mean correlation with all valid voxels, from the correlations of all pairs. (voxels)."""
    found = []
    with np.errstate(invalid="ignore"):
        for series in connectome.subjects():
            unit = standardised(series)
            valid = unit[:, (unit != 0).any(axis=0)]
            blocks = np.array_split(unit, 8, axis=1)
            found.append(np.concatenate([(block.T @ valid).mean(axis=1) for block in blocks]))
    return np.mean(found, axis=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("connectome", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("lesions", type=Path, nargs="+")
    parser.add_argument("--mask", type=Path)
    parser.add_argument("--pattern", default="**/*_bold.nii.gz")
    options = parser.parse_args()
    connectome = open_connectome(options.connectome, options.mask, options.pattern)
    maps, _ = reference(connectome, options.lesions)
    stacked = {name: np.array([of_lesion[name] for of_lesion in maps]) for name in STATISTICS}
    np.savez(options.out, indices=connectome.indices, affine=connectome.affine, shape=connectome.shape, **stacked)


if __name__ == "__main__":
    main()
