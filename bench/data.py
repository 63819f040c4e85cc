"""Makes the benchmark's data: a synthetic connectome in HDF5, uncompressed and gzip, and lesion masks. Seeded.

Usage: data.py FOLDER PARAMETERS        PARAMETERS: JSON, see `Parameters`

Does nothing where FOLDER already holds the data of the same parameters. Layout:

    plain/, gzip/      the subjects, in files of a few subjects each
    lesions/           masks, BIDS names
    weighted/          the first of the lesions with weights, which fall from 1 in the middle to 0.1 at the border
    data.json          the parameters, and what the data is like; written last

Time series: raw BOLD of a mean of thousands; seven networks with 1/f signals, of which every voxel has its own share, a signal that
all share, and noise with a memory of one time point. Lesions: lobed blobs around voxels of the brain mask, which reach beyond it as
strokes do.
"""

import json
import multiprocessing
import shutil
import sys
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import h5py
import nibabel
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "test" / "witness"))
from phantom import brain, pink, world  # noqa: E402

VERSION = 4
"""Of this script: data of another version is made anew."""

SPACE = "MNI152NLin6Asym"
NETWORKS = 7
MEDIAN_LESION_SHARE, SMALLEST_LESION_SHARE, LARGEST_LESION_SHARE = 0.02, 0.001, 0.1
"""Voxels of a lesion inside the brain mask, as a share of the mask: 1,000, 50 and 5,000 of 50,000 (8 mL, 0.4, 40)."""
LESION_SPREAD = 1.0
"""Standard deviation of the logarithm of a lesion's size."""
DEPTH_BEYOND_MASK = 0.6
"""How far a lesion reaches where the brain mask has no voxels, as a share of its reach inside."""
LARGEST_SHARE_OF_GREY_MATTER = 0.15
"""Of a grid's voxels: the phantom's grey matter has 0.19 of them at most."""
PERCENT_CHANGE = 0.015
"""BOLD signal change, as a share of a voxel's mean."""


@dataclass
class Parameters:
    grid_mm: int
    voxels: int
    time_points: int
    subjects_per_file: int
    unique_subjects: int
    lesions: int
    weighted_lesions: int
    gzip: bool  # whether the subjects are stored so as well
    version: int = VERSION


def grid_of(mm: int) -> tuple[tuple[int, int, int], np.ndarray]:
    """The MNI grid with voxels of 2 mm (91, 109, 91) or 4 mm (45, 54, 45)."""
    shape = {2: (91, 109, 91), 4: (45, 54, 45)}[mm]
    affine = np.array([[-mm, 0, 0, 90], [0, mm, 0, -126], [0, 0, mm, -72], [0, 0, 0, 1]], float)
    return shape, affine


def head_level(shape: tuple[int, int, int], affine: np.ndarray) -> np.ndarray:
    """Of all voxels: 1 on an ellipsoid around the phantom's brain, less inside of it."""
    x, y, z = world(affine, np.indices(shape).reshape(3, -1))
    return (x / 70) ** 2 + ((y + 17) / 88) ** 2 + ((z - 18) / 57) ** 2


def brain_mask(parameters: Parameters) -> np.ndarray:
    """Indices (3, voxels): the phantom's grey matter, or where it has too few voxels a whole ellipsoid, as GSP1000's mask is."""
    shape, affine = grid_of(parameters.grid_mm)
    if parameters.voxels <= LARGEST_SHARE_OF_GREY_MATTER * np.prod(shape):
        return brain(shape, affine, parameters.voxels)
    innermost = np.argsort(head_level(shape, affine), kind="stable")[: parameters.voxels]
    return np.array(np.unravel_index(np.sort(innermost), shape))


class Signals:
    """What all subjects have in common: networks, shares and means of voxels. And the time series of each."""

    def __init__(self, places: np.ndarray) -> None:
        rng = np.random.default_rng(1)
        voxels = places.shape[1]
        # Left and right belong together.
        mirrored = np.vstack([np.abs(places[:1]), places[1:]])
        centres = mirrored[:, rng.choice(voxels, 3 * NETWORKS, replace=False)]
        distance = ((mirrored[:, None, :] - centres[:, :, None]) ** 2).sum(axis=0)
        nearest = np.argsort(distance, axis=0)[:2] % NETWORKS
        shares = np.zeros((NETWORKS + 1, voxels), np.float32)
        shares[nearest[1], np.arange(voxels)] = 0.15
        shares[nearest[0], np.arange(voxels)] = rng.uniform(0.2, 1.1, voxels)
        shares[NETWORKS] = rng.uniform(0.1, 0.3, voxels)
        self.shares = shares
        self.mean = (6000 + 20 * np.linalg.norm(places, axis=0) + rng.normal(0, 500, voxels)).astype(np.float32)

    def scan(self, subject: int, time_points: int) -> np.ndarray:
        """(time points, voxels), float32."""
        rng = np.random.default_rng([2, subject])
        noise = rng.standard_normal((time_points, self.mean.size), dtype=np.float32)
        noise[1:] += np.float32(0.4) * noise[:-1]
        noise += pink(rng, time_points, NETWORKS + 1).astype(np.float32) @ self.shares
        noise *= np.float32(PERCENT_CHANGE) * self.mean
        noise += self.mean * np.float32(rng.uniform(0.9, 1.1))
        return noise


def variants_of(parameters: Parameters) -> list[str]:
    return ["plain", "gzip"] if parameters.gzip else ["plain"]


def write_connectome_file(folder: Path, parameters: Parameters, file: int) -> None:
    """One file of subjects, in each variant."""
    shape, affine = grid_of(parameters.grid_mm)
    indices = brain_mask(parameters)
    signals = Signals(world(affine, indices))
    count, times, voxels = parameters.subjects_per_file, parameters.time_points, parameters.voxels
    packed = {"chunks": (1, times, -(-voxels // 10)), "compression": "gzip", "compression_opts": 1}
    name = f"subjects-{file * count + 1:03d}.h5"
    with ExitStack() as opened:
        series = []
        for variant in variants_of(parameters):
            root = opened.enter_context(h5py.File(folder / variant / name, "w"))
            storage = packed if variant == "gzip" else {}
            series.append(root.create_dataset("timeseries", (count, times, voxels), "f4", **storage))
            root["mask_indices"] = indices.astype("i4")
            root["mask_affine"] = affine
            root.attrs["mask_shape"] = shape
        for row in range(count):
            scan = signals.scan(file * count + row, times)
            for each in series:
                each[row] = scan


def write_lesions(folder: Path, parameters: Parameters) -> list[int]:
    """Writes the lesions, and weights of the first of them; the voxels of each inside the brain mask."""
    shape, affine = grid_of(parameters.grid_mm)
    rng = np.random.default_rng(3)
    in_mask = np.zeros(shape, bool)
    in_mask[tuple(brain_mask(parameters))] = True
    in_head = head_level(shape, affine).reshape(shape) < 1
    head = np.array(np.nonzero(in_head | in_mask))
    places = world(affine, head)
    masked = np.flatnonzero(in_mask[tuple(head)])
    for kind in ("lesions", "weighted"):
        (folder / kind).mkdir(parents=True)
    sizes = []
    for lesion in range(parameters.lesions):
        share = MEDIAN_LESION_SHARE * np.exp(LESION_SPREAD * rng.standard_normal())
        size = int(parameters.voxels * np.clip(share, SMALLEST_LESION_SHARE, LARGEST_LESION_SHARE))
        distance = lobed_distance(rng, places, places[:, rng.choice(masked)])
        reach = np.partition(distance[masked], size - 1)[size - 1]
        mask = np.zeros(shape, np.uint8)
        beyond = distance <= DEPTH_BEYOND_MASK * reach
        lesioned = np.where(in_mask[tuple(head)], distance <= reach, beyond)
        mask[tuple(head[:, lesioned])] = 1
        name = f"sub-{lesion + 1:04d}_space-{SPACE}_label-lesion_mask.nii.gz"
        nibabel.save(nibabel.Nifti1Image(mask, affine), folder / "lesions" / name)
        if lesion < parameters.weighted_lesions:
            weights = np.zeros(shape, np.float32)
            weights[tuple(head[:, lesioned])] = 1 - 0.9 * distance[lesioned] / reach
            nibabel.save(nibabel.Nifti1Image(weights, affine), folder / "weighted" / name)
        sizes.append(size)
    return sizes


def lobed_distance(rng: np.random.Generator, places: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Distance from a place in a metric of three random axes, with a few waves in it."""
    axes, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    offset = (axes / rng.uniform(0.6, 1.6, (3, 1))) @ (places - centre[:, None])
    distance = np.sqrt((offset**2).sum(axis=0))
    waves = sum(np.cos(rng.normal(0, 0.15, 3) @ offset + rng.uniform(0, 6.28)) for _ in range(3))
    return distance * (1 + 0.12 * waves)


def make(folder: Path, parameters: Parameters) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for variant in variants_of(parameters):
        (folder / variant).mkdir(parents=True)
    files = parameters.unique_subjects // parameters.subjects_per_file
    with multiprocessing.Pool() as pool:
        lesions = pool.apply_async(write_lesions, (folder, parameters))
        pool.starmap(write_connectome_file, [(folder, parameters, file) for file in range(files)], chunksize=1)
        sizes = lesions.get()
    made = {"parameters": asdict(parameters), "lesion_voxels": sizes}
    (folder / "data.json").write_text(json.dumps(made))


def main() -> None:
    folder, parameters = Path(sys.argv[1]), Parameters(**json.loads(sys.argv[2]))
    marker = folder / "data.json"
    if marker.exists() and json.loads(marker.read_text())["parameters"] == asdict(parameters):
        return
    make(folder, parameters)


if __name__ == "__main__":
    main()
