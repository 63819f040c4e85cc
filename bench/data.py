"""Makes the benchmark's data: a synthetic connectome in HDF5, uncompressed and gzip, and lesion masks. Seeded.

Usage: data.py FOLDER PARAMETERS        PARAMETERS: JSON, see `Parameters`

Does nothing where FOLDER already holds the data of the same parameters. Layout:

    connectome-{plain,gzip}-N/   the first N subjects, in files of a few subjects each; where N is more than there
                                 are, the files begin again under other names
    lesions-N/                   the first N lesions, BIDS names, one folder
    data.json                    the parameters, and what the data is like; written last

Folders for fewer subjects or lesions are made of hard links; files that begin again are copies with a few bytes behind their end,
as lnm refuses a file that is there twice. Time series: raw BOLD of a mean of thousands; seven
networks with 1/f signals, of which every voxel has its own share, a signal that all share, and noise with a memory of
one time point. Lesions: lobed blobs around voxels of the brain mask, which reach beyond it as strokes do.
"""

import json
import multiprocessing
import os
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import h5py
import nibabel
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "test" / "witness"))
from phantom import brain, pink, world  # noqa: E402

VERSION = 3
"""Of this script: data of another version is made anew."""

SPACE = "MNI152NLin6Asym"
NETWORKS = 7
MEDIAN_LESION_SHARE, SMALLEST_LESION_SHARE, LARGEST_LESION_SHARE = 0.02, 0.001, 0.1
"""Voxels of a lesion inside the brain mask, as a share of the mask: 1,000, 50 and 5,000 of 50,000 (8 mL, 0.4, 40)."""
LESION_SPREAD = 1.0
"""Standard deviation of the logarithm of a lesion's size."""
DEPTH_BEYOND_MASK = 0.6
"""How far a lesion reaches where the brain mask has no voxels, as a share of its reach inside."""
PERCENT_CHANGE = 0.015
"""BOLD signal change, as a share of a voxel's mean."""


@dataclass
class Parameters:
    grid_mm: int
    voxels: int
    time_points: int
    subjects_per_file: int
    unique_subjects: int
    subjects: list[int]  # of each connectome folder
    lesions: list[int]  # of each lesion folder
    version: int = VERSION


def grid_of(mm: int) -> tuple[tuple[int, int, int], np.ndarray]:
    """The MNI grid with voxels of 2 mm (91, 109, 91) or 4 mm (45, 54, 45)."""
    shape = {2: (91, 109, 91), 4: (45, 54, 45)}[mm]
    affine = np.array([[-mm, 0, 0, 90], [0, mm, 0, -126], [0, 0, mm, -72], [0, 0, 0, 1]], float)
    return shape, affine


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


def write_connectome_file(folder: Path, parameters: Parameters, file: int) -> None:
    """One file of subjects, in both variants."""
    shape, affine = grid_of(parameters.grid_mm)
    indices = brain(shape, affine, parameters.voxels)
    signals = Signals(world(affine, indices))
    count, times, voxels = parameters.subjects_per_file, parameters.time_points, parameters.voxels
    gzip = {"chunks": (1, times, -(-voxels // 10)), "compression": "gzip", "compression_opts": 1}
    name = f"subjects-{file * count + 1:03d}.h5"
    with h5py.File(folder / "plain" / name, "w") as plain, h5py.File(folder / "gzip" / name, "w") as packed:
        for root, storage in ((plain, {}), (packed, gzip)):
            root.create_dataset("timeseries", (count, times, voxels), "f4", **storage)
            root["mask_indices"] = indices.astype("i4")
            root["mask_affine"] = affine
            root.attrs["mask_shape"] = shape
        for row in range(count):
            scan = signals.scan(file * count + row, times)
            plain["timeseries"][row] = scan
            packed["timeseries"][row] = scan


def write_lesions(folder: Path, parameters: Parameters) -> list[int]:
    """Writes the largest set of lesions; the voxels of each inside the brain mask."""
    shape, affine = grid_of(parameters.grid_mm)
    rng = np.random.default_rng(3)
    in_mask = np.zeros(shape, bool)
    in_mask[tuple(brain(shape, affine, parameters.voxels))] = True
    head = np.array(np.nonzero(within_head(shape, affine)))
    places = world(affine, head)
    masked = np.flatnonzero(in_mask[tuple(head)])
    folder.mkdir(parents=True)
    sizes = []
    for lesion in range(max(parameters.lesions)):
        share = MEDIAN_LESION_SHARE * np.exp(LESION_SPREAD * rng.standard_normal())
        size = int(parameters.voxels * np.clip(share, SMALLEST_LESION_SHARE, LARGEST_LESION_SHARE))
        distance = lobed_distance(rng, places, places[:, rng.choice(masked)])
        reach = np.partition(distance[masked], size - 1)[size - 1]
        mask = np.zeros(shape, np.uint8)
        beyond = distance <= DEPTH_BEYOND_MASK * reach
        mask[tuple(head[:, np.where(in_mask[tuple(head)], distance <= reach, beyond)])] = 1
        name = f"sub-{lesion + 1:04d}_space-{SPACE}_label-lesion_mask.nii.gz"
        nibabel.save(nibabel.Nifti1Image(mask, affine), folder / name)
        sizes.append(size)
    return sizes


def within_head(shape: tuple[int, int, int], affine: np.ndarray) -> np.ndarray:
    """An ellipsoid around the phantom's brain, with what lies inside of its mask."""
    x, y, z = world(affine, np.indices(shape).reshape(3, -1))
    return ((x / 70) ** 2 + ((y + 17) / 88) ** 2 + ((z - 18) / 57) ** 2 < 1).reshape(shape)


def lobed_distance(rng: np.random.Generator, places: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Distance from a place in a metric of three random axes, with a few waves in it."""
    axes, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    offset = (axes / rng.uniform(0.6, 1.6, (3, 1))) @ (places - centre[:, None])
    distance = np.sqrt((offset**2).sum(axis=0))
    waves = sum(np.cos(rng.normal(0, 0.15, 3) @ offset + rng.uniform(0, 6.28)) for _ in range(3))
    return distance * (1 + 0.12 * waves)


def link_first(source: Path, target: Path, count: int) -> None:
    """Links to the first `count` files; where there are fewer, copies of all of them again and again."""
    target.mkdir()
    files = sorted(source.iterdir())
    for position in range(count):
        turn, file = divmod(position, len(files))
        if turn == 0:
            os.link(files[file], target / files[file].name)
            continue
        copy = target / f"turn-{turn}-{files[file].name}"
        shutil.copyfile(files[file], copy)
        with open(copy, "ab") as out:
            out.write(f"turn {turn}".encode())


def make(folder: Path, parameters: Parameters) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for variant in ("plain", "gzip"):
        (folder / variant).mkdir(parents=True)
    files = parameters.unique_subjects // parameters.subjects_per_file
    with multiprocessing.Pool() as pool:
        lesions = pool.apply_async(write_lesions, (folder / "lesions", parameters))
        pool.starmap(write_connectome_file, [(folder, parameters, file) for file in range(files)], chunksize=1)
        sizes = lesions.get()
    for variant in ("plain", "gzip"):
        for subjects in parameters.subjects:
            target = folder / f"connectome-{variant}-{subjects}"
            link_first(folder / variant, target, subjects // parameters.subjects_per_file)
    for lesions in parameters.lesions:
        link_first(folder / "lesions", folder / f"lesions-{lesions}", lesions)
    for made in ("plain", "gzip", "lesions"):
        shutil.rmtree(folder / made)
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
