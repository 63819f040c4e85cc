"""The reference's maps on a lesion's own grid: interpolated linearly, by SciPy; masks by nearest neighbour."""

from pathlib import Path

import nibabel
import numpy as np
import scipy.ndimage

from reference import TIE_TOLERANCE, Connectome


def grid_of(lesion: Path) -> tuple[tuple[int, ...], np.ndarray]:
    image = nibabel.load(lesion)
    return image.shape[:3], image.affine


def volume_of(values: np.ndarray, connectome: Connectome, background: float) -> np.ndarray:
    volume = np.full(connectome.shape, float(background))
    volume[tuple(connectome.indices)] = values
    return volume


def places_in(connectome_affine: np.ndarray, shape: tuple[int, ...], affine: np.ndarray) -> np.ndarray:
    """Indices into the connectome's grid, (3, *shape), fractional, of every voxel of another."""
    across = np.linalg.inv(connectome_affine) @ affine
    return np.tensordot(across[:3, :3], np.indices(shape), 1) + across[:3, 3][:, None, None, None]


def linear(values: np.ndarray, connectome: Connectome, background: float, shape: tuple[int, ...], affine: np.ndarray) -> np.ndarray:
    places = places_in(connectome.affine, shape, affine)
    volume = volume_of(values, connectome, background)
    return scipy.ndimage.map_coordinates(volume, places, order=1, mode="grid-constant", cval=background)


def nearest(values: np.ndarray, connectome: Connectome, shape: tuple[int, ...], affine: np.ndarray) -> np.ndarray:
    index = np.floor(places_in(connectome.affine, shape, affine) + 0.5 + TIE_TOLERANCE).astype(int)
    inside = np.all((index >= 0) & (index < np.array(connectome.shape)[:, None, None, None]), axis=0)
    found = np.zeros(shape)
    found[inside] = volume_of(values, connectome, 0)[tuple(index[:, inside])]
    return found
