"""The witness's lesions: masks in every way that a lesion file can differ from the connectome's grid."""

from pathlib import Path
from typing import Callable

import nibabel
import numpy as np

from phantom import ball, header_of, world, write_mask, write_raw

SPACE = "MNI152NLin6Asym"
Grid = tuple[tuple[int, int, int], np.ndarray]

ONE_MM: Grid = ((182, 218, 182), np.array([[-1.0, 0, 0, 90], [0, 1, 0, -126], [0, 0, 1, -72], [0, 0, 0, 1]]))
# Half a voxel away from everything else, axes in the order y, z, x, two of them reversed.
TURNED: Grid = ((80, 70, 68), np.array([[0.0, 0, -2.5, 84.5], [2.5, 0, 0, -113], [0, -2.5, 0, 95], [0, 0, 0, 1]]))
# X to the right; placed by its qform only.
FLIPPED: Grid = ((91, 109, 91), np.array([[2.0, 0, 0, -90], [0, 2, 0, -126], [0, 0, 2, -72], [0, 0, 0, 1]]))


def bids(folder: Path, participant: str, session: str | None = None) -> Path:
    parts = [f"sub-{participant}"] + ([f"ses-{session}"] if session else [])
    return folder.joinpath(*parts) / ("_".join(parts) + f"_space-{SPACE}_label-lesion_mask.nii.gz")


def one_mm(folder: Path, place: np.ndarray, grid: Grid = ONE_MM) -> None:
    write_mask(bids(folder, "01", "02"), ball(*grid, place, 11), grid[1])


def cut_from_one_mm(place: np.ndarray) -> Grid:
    """The 1 mm grid as far as 32 mm and more around a place on each axis, for cases that write maps onto it."""
    shape, affine = (70, 66, 68), ONE_MM[1].copy()
    affine[:3, 3] = np.round(place) + np.array([35, -32, -33])
    return shape, affine


def flipped(folder: Path, place: np.ndarray) -> None:
    shape, affine = FLIPPED
    image = nibabel.Nifti1Image(ball(shape, affine, place, 12).astype("u1"), affine)
    image.set_qform(affine, 4)
    image.set_sform(None, 0)
    file = bids(folder, "02")
    file.parent.mkdir(parents=True)
    nibabel.save(image, file)


def scaled(folder: Path, place: np.ndarray) -> None:
    """int16 whose background is stored as 32, which slope and intercept make 0."""
    shape, affine = TURNED
    stored = np.where(ball(shape, affine, place, 13), 34, 32)
    file = bids(folder, "03")
    file.parent.mkdir(parents=True)
    write_raw(file, header_of("i2", affine), stored, 0.5, -16.0)


def across_the_edge(folder: Path, grid: Grid, place: np.ndarray, participant: str = "04") -> None:
    """A ball around a voxel of the rim, most of it outside the brain mask; its voxels hold 255."""
    shape, affine = grid
    write_mask(bids(folder, participant), ball(shape, affine, place, 14), affine, value=255)


def single_voxel(folder: Path, grid: Grid, index: np.ndarray, name: str = "one-voxel_mask.nii") -> None:
    """One voxel of the connectome's grid, in a float32 file without a participant label."""
    shape, affine = grid
    mask = np.zeros(shape, bool)
    mask[tuple(index)] = True
    write_mask(folder / name, mask, affine, "f4")


def field(folder: Path, place: np.ndarray, rng: np.random.Generator, participant: str) -> None:
    """An electric field around a place, float32 on a grid of its own: decays with the distance, noisy, 0 where it is weak."""
    shape, affine = TURNED
    places = world(affine, np.indices(shape).reshape(3, -1))
    strength = 180 * np.exp(-np.linalg.norm(places - place[:, None], axis=0) / 6) * rng.uniform(0.5, 1.5, places.shape[1])
    image = nibabel.Nifti1Image(np.where(strength > 5, strength, 0).reshape(shape).astype("f4"), affine)
    file = bids(folder, participant)
    file.parent.mkdir(parents=True)
    nibabel.save(image, file)


def all_lesions(
    folder: Path, grid: Grid, indices: np.ndarray, rng: np.random.Generator, finest: Callable[[np.ndarray], Grid] = lambda _: ONE_MM
) -> None:
    """One of each kind, around voxels of the brain that are drawn at random. finest: the grid of the first, from its place."""
    places = world(grid[1], indices)
    drawn = rng.choice(indices.shape[1], 5, replace=False)
    one_mm(folder, places[:, drawn[0]], finest(places[:, drawn[0]]))
    flipped(folder, places[:, drawn[1]])
    scaled(folder, places[:, drawn[2]])
    across_the_edge(folder, grid, places[:, drawn[3]])
    single_voxel(folder, grid, indices[:, drawn[4]])
