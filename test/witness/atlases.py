"""The witness's atlases: labels and probabilities on grids that are not the connectome's."""

from pathlib import Path

import nibabel
import numpy as np

from lesions import FLIPPED, TURNED
from phantom import header_of, world, write_raw

Entry = tuple[str, str, str | None]
"""Name, path of the atlas and of its labels, relative to the case's folder."""


def label_atlas(folder: Path) -> Entry:
    """Eight octants of a box, a ninth parcel outside of every brain, big-endian int16; a lookup table with colours."""
    shape, affine = FLIPPED
    x, y, z = world(affine, np.indices(shape).reshape(3, -1)).reshape(3, *shape)
    octant = (x > 1) + 2 * (y > -17) + 4 * (z > 18)
    labels = np.where(np.abs(x) < 55, 10 * (octant + 1), 0)
    labels[0, 0, 0] = 1001
    folder.mkdir(parents=True, exist_ok=True)
    write_raw(folder / "octants.nii.gz", header_of("i2", affine, ">"), labels, 1.0, 0.0)
    rows = [f"{10 * (n + 1)}\toctant {n + 1}\t0\t0\t0\t0" for n in range(8)] + ["1001\tnowhere\t1\t1\t1\t0"]
    (folder / "octants.txt").write_text("# number, name, colour\n" + "\n".join(rows) + "\n")
    return "Octants", f"{folder.name}/octants.nii.gz", f"{folder.name}/octants.txt"


def probabilistic_atlas(folder: Path, places: np.ndarray, rng: np.random.Generator) -> Entry:
    """Five bumps of different width, in percent, cut off at 1; no labels."""
    shape, affine = TURNED
    voxels = world(affine, np.indices(shape).reshape(3, -1))
    centres = places[:, rng.choice(places.shape[1], 5, replace=False)]
    distance = ((voxels[:, :, None] - centres[:, None, :]) ** 2).sum(axis=0)
    percent = 100 * np.exp(-distance / (2 * np.linspace(8, 25, 5) ** 2))
    percent[percent < 1] = 0
    nibabel.save(nibabel.Nifti1Image(percent.reshape(*shape, 5).astype("f4"), affine), folder / "bumps.nii.gz")
    return "Bumps", f"{folder.name}/bumps.nii.gz", None
