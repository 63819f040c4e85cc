"""Synthetic brains, BOLD signals and lesions for the witness's cases. Seeded; unlike the package's own demo data."""

from pathlib import Path

import nibabel
import numpy as np

NETWORKS = 7


def world(affine: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Places of voxel centres, mm. indices is (3, voxels); so is what comes back."""
    return affine[:3, :3] @ indices + affine[:3, 3:]


def brain(shape: tuple[int, int, int], affine: np.ndarray, voxels: int) -> np.ndarray:
    """Indices (3, voxels) of the outermost voxels of two hemispheres, with a fissure and ventricles left out."""
    indices = np.indices(shape).reshape(3, -1)
    x, y, z = world(affine, indices)
    level = ((np.abs(x) - 25) / 42) ** 2 + ((y + 17) / 85) ** 2 + ((z - 18) / 54) ** 2
    ventricle = ((np.abs(x) - 8) / 6) ** 2 + ((y + 2) / 28) ** 2 + ((z - 14) / 8) ** 2
    inside = (level < 1) & (ventricle > 1) & (np.abs(x) > 2.5)
    outermost = np.argsort(np.where(inside, -level, np.inf), kind="stable")[:voxels]
    assert inside[outermost].all(), "the grid is too coarse for so many voxels"
    return indices[:, np.sort(outermost)]


def pink(rng: np.random.Generator, time_points: int, series: int) -> np.ndarray:
    """1/f noise (in power) of variance 1 with a random slow drift. (time points, series)."""
    spectrum = np.fft.rfft(rng.standard_normal((time_points, series)), axis=0)
    frequency = np.maximum(np.arange(spectrum.shape[0]), 0.5)[:, None]
    noise = np.fft.irfft(spectrum / np.sqrt(frequency), time_points, axis=0)
    return noise / noise.std(axis=0)


class Bold:
    """Makes raw BOLD time series: a mean of thousands, seven networks with left-right partners, 1/f and white noise."""

    def __init__(self, rng: np.random.Generator, places: np.ndarray) -> None:
        self.rng = rng
        voxels = places.shape[1]
        mirrored = np.abs(places * np.array([[1], [0], [0]])) + places * np.array([[0], [1], [1]])
        centres = mirrored[:, rng.choice(voxels, 3 * NETWORKS, replace=False)]
        distance = ((mirrored[:, :, None] - centres[:, None, :]) ** 2).sum(axis=0)
        self.network = distance.argmin(axis=1) % NETWORKS
        self.gain = rng.uniform(0.5, 1.2, voxels)
        self.mean = 6000 + 40 * np.linalg.norm(places, axis=0) + rng.normal(0, 500, voxels)

    def scan(self, time_points: int) -> np.ndarray:
        """One subject, (time points, voxels), float64."""
        voxels = self.network.size
        signal = pink(self.rng, time_points, NETWORKS)[:, self.network] * self.gain
        shared = 0.3 * pink(self.rng, time_points, 1)
        own = 0.5 * pink(self.rng, time_points, voxels) + 0.5 * self.rng.standard_normal((time_points, voxels))
        return self.mean * self.rng.uniform(0.9, 1.1) * (1 + 0.015 * (signal + shared + own))


def ball(shape: tuple[int, int, int], affine: np.ndarray, centre_mm: np.ndarray, radius_mm: float) -> np.ndarray:
    """A mask of the given grid, bool, of the voxels within a radius of a place. Looks only at the box around them."""
    to_grid = np.linalg.inv(affine[:3, :3])
    centre = to_grid @ (np.asarray(centre_mm) - affine[:3, 3])
    reach = radius_mm * np.linalg.norm(to_grid, axis=1)
    first = np.clip(np.floor(centre - reach).astype(int), 0, shape)
    end = np.clip(np.ceil(centre + reach).astype(int) + 1, 0, shape)
    box = np.indices(end - first).reshape(3, -1) + first[:, None]
    distance = ((world(affine, box) - np.asarray(centre_mm)[:, None]) ** 2).sum(axis=0)
    mask = np.zeros(shape, bool)
    mask[tuple(box)] = distance <= radius_mm**2
    return mask


def write_raw(file: Path, header: nibabel.Nifti1Header, values: np.ndarray, slope: float, inter: float) -> None:
    """Writes stored values as they are, with a slope and intercept that nibabel would otherwise choose by itself.

    The header's byte order is the file's.
    """
    header.set_data_shape(values.shape)
    header["scl_slope"], header["scl_inter"] = slope, inter
    header["vox_offset"] = 352
    stored = values.astype(header.get_data_dtype())
    content = header.binaryblock + b"\0" * 4 + stored.tobytes(order="F")
    with nibabel.openers.Opener(file, "wb") as out:
        out.write(content)


def header_of(dtype: str, affine: np.ndarray, endianness: str = "<") -> nibabel.Nifti1Header:
    """A NIfTI-1 header placed by its sform."""
    header = nibabel.Nifti1Header(endianness=endianness)
    header.set_data_dtype(np.dtype(dtype).newbyteorder(endianness))
    header.set_sform(affine, code=4)
    return header


def write_mask(file: Path, mask: np.ndarray, affine: np.ndarray, dtype: str = "u1", value: int = 1) -> None:
    """Writes a mask; its voxels hold `value`."""
    file.parent.mkdir(parents=True, exist_ok=True)
    image = nibabel.Nifti1Image(mask.astype(dtype) * np.dtype(dtype).type(value), affine)
    image.set_sform(affine, 4)
    image.set_qform(affine, 0)
    nibabel.save(image, file)
