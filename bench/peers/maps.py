"""What the peers have in common: their command line, the connectome's files, lesion masks, statistics and maps.

The maps are those of `lnm run` with its defaults, under the same names, so that one comparison reads all. Peers do less
around them: no checks of input, no checksums, no summary, no sidecars.
"""

import argparse
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import h5py
import nibabel
import numpy as np
from scipy.special import stdtr

LARGEST_R = np.float32(1 - 2.0**-23)
"""The largest |r| that enters atanh."""

STATISTICS = ("r", "z", "t", "p", "pfdr")
OUTSIDE = {"r": 0, "z": 0, "t": 0, "p": 1, "pfdr": 1}
FDR_ALPHA = 0.05


def command_line(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("connectome", type=Path, help="a folder of HDF5 files")
    parser.add_argument("lesions", type=Path, help="a folder of masks on the connectome's grid")
    parser.add_argument("output", type=Path)
    parser.add_argument("--maps", default=",".join(STATISTICS))
    parser.add_argument("--threads", type=int, default=1, help="threads that compute or write")
    return parser


@dataclass
class Brain:
    affine: np.ndarray  # (4, 4)
    shape: tuple[int, int, int]
    indices: np.ndarray  # (3, voxels)


def files_of(connectome: Path) -> list[Path]:
    return sorted(connectome.glob("*.h5"))


def brain_of(connectome: Path) -> Brain:
    with h5py.File(files_of(connectome)[0]) as root:
        shape = tuple(int(size) for size in root.attrs["mask_shape"])
        return Brain(root["mask_affine"][()], shape, root["mask_indices"][()].astype(int))


def load_lesions(folder: Path, brain: Brain, threads: int) -> tuple[list[str], np.ndarray]:
    """Names of the files, and the share of each voxel in each seed: (voxels, lesions), float32, columns sum to 1."""
    files = sorted(folder.glob("*_mask.nii.gz"))

    def load(file: Path) -> np.ndarray:
        image = nibabel.load(file)
        assert image.shape == brain.shape and np.allclose(image.affine, brain.affine), f"{file}: another grid"
        inside = np.asarray(image.dataobj)[tuple(brain.indices)] != 0
        return inside / np.float32(np.count_nonzero(inside))

    with ThreadPoolExecutor(threads) as pool:
        return [file.name for file in files], np.column_stack(list(pool.map(load, files))).astype(np.float32)


def benjamini_hochberg(p: np.ndarray) -> np.ndarray:
    order = np.argsort(p)[::-1]
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1, np.minimum.accumulate(p[order] * (p.size / np.arange(p.size, 0, -1))))
    return adjusted


def statistics(sum_z: np.ndarray, sum_z2: np.ndarray, subjects: int) -> dict[str, np.ndarray]:
    """Of one lesion: the sums over subjects, (voxels), float64."""
    mean = sum_z / subjects
    variance = np.maximum(sum_z2 - subjects * mean**2, 0) / (subjects - 1)
    t = np.divide(mean, np.sqrt(variance / subjects), out=np.zeros_like(mean), where=variance > 0)
    p = 2 * stdtr(subjects - 1, -np.abs(t))
    return {"r": np.tanh(mean), "z": mean, "t": t, "p": p, "pfdr": benjamini_hochberg(p)}


class MapWriter:
    """Writes NIfTI files side by side: zlib leaves the interpreter free while it compresses."""

    def __init__(self, output: Path, brain: Brain, maps: str, threads: int) -> None:
        self.output, self.brain, self.maps, self.threads = output, brain, maps.split(","), threads

    def save(self, name: str, values: np.ndarray, outside: float, dtype: type) -> None:
        volume = np.full(self.brain.shape, outside, dtype)
        volume[tuple(self.brain.indices)] = values
        file = self.output / re.match("sub-[^_]+", name)[0] / name
        file.parent.mkdir(parents=True, exist_ok=True)
        nibabel.save(nibabel.Nifti1Image(volume, self.brain.affine), file)

    def write(self, names: list[str], sum_z: np.ndarray, sum_z2: np.ndarray, subjects: int) -> None:
        """The sums are (lesions, voxels)."""

        def of_lesion(lesion: int) -> None:
            maps = statistics(sum_z[lesion], sum_z2[lesion], subjects)
            stem = names[lesion].removesuffix("_mask.nii.gz") + "_desc-boes_stat-"
            for name in self.maps:
                self.save(f"{stem}{name}_statmap.nii.gz", maps[name], OUTSIDE[name], np.float32)
            if "pfdr" in self.maps:
                self.save(f"{stem}pfdrthreshold_mask.nii.gz", maps["pfdr"] < FDR_ALPHA, 0, np.uint8)

        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(of_lesion, range(len(names))))
