"""Writes seeds without a mask file, and the masks that NumPy makes of the same spheres, points and parcels.

Usage: seeds.py FOLDER      writes seeds.yaml, which has the seeds, and config.yaml with case.json, which have the masks

A sphere is every voxel of the connectome's grid whose centre lies at most the radius from its centre; a point is the voxel of the brain mask
whose centre is nearest; a parcel is where the atlas, on a grid of its own, holds its label. The masks' maps are held against the reference by
compare.py; those of the seeds must be the same bytes.
"""

import sys
from pathlib import Path

import nibabel
import numpy as np

from cases import ANISOTROPIC, Phantom, write_case, write_hdf5
from lesions import SPACE, TURNED
from phantom import world, write_mask
from reference import STATISTICS

ROUNDING_MM = 1e-4
"""How much farther away than its radius a voxel may lie and still be in a sphere: headers hold affines as float32."""


def table(file: Path, columns: list[str], rows: list[tuple[str, np.ndarray]]) -> None:
    lines = ["\t".join(columns)] + ["\t".join([name, *(repr(float(value)) for value in values)]) for name, values in rows]
    file.write_text("\n".join(lines) + "\n")


def mask_file(folder: Path, name: str) -> Path:
    return folder / "lesions" / f"sub-{name}_space-{SPACE}_mask.nii.gz"


def below_another(phantom: Phantom) -> int:
    """A voxel of the brain mask above which another one lies, also in it."""
    there = {tuple(index) for index in phantom.indices.T}
    return next(voxel for voxel, (i, j, k) in enumerate(phantom.indices.T) if voxel > 900 and (i, j, k + 1) in there)


def spheres(folder: Path, phantom: Phantom) -> None:
    shape, affine = phantom.grid
    places = world(affine, np.indices(shape).reshape(3, -1))
    rows = []
    for number, radius in enumerate([4, 7.25, 12.5]):
        # The first lies on a voxel's centre, and another of the brain mask just as far away as its radius.
        voxel = below_another(phantom) if number == 0 else phantom.rng.integers(phantom.places.shape[1])
        middle = phantom.places[:, voxel]
        centre = middle + (0 if number == 0 else np.round(phantom.rng.uniform(-2, 2, 3), 2))
        inside = np.linalg.norm(places - centre[:, None], axis=0) <= radius + ROUNDING_MM
        write_mask(mask_file(folder, f"S{number}"), inside.reshape(shape), affine)
        rows.append((f"S{number}", np.append(centre, radius)))
    table(folder / "spheres.tsv", ["name", "x", "y", "z", "radius"], rows)


def points(folder: Path, phantom: Phantom) -> None:
    """The last one lies beside the brain, nearer than a voxel's diagonal."""
    shape, affine = phantom.grid
    middles = [phantom.places[:, 700], phantom.places[:, 2100], phantom.rim_place()]
    rows = []
    for number, middle in enumerate(middles):
        centre = middle + np.array([[0.4, -1.1, 1.3], [-1.2, 0.3, -1.7], [0.3, -3.1, 0.2]][number])
        nearest = np.linalg.norm(phantom.places - centre[:, None], axis=0).argmin()
        mask = np.zeros(shape, bool)
        mask[tuple(phantom.indices[:, nearest])] = True
        write_mask(mask_file(folder, f"P{number}"), mask, affine)
        rows.append((f"P{number}", centre))
    table(folder / "points.tsv", ["name", "x", "y", "z"], rows)


def parcels(folder: Path, phantom: Phantom) -> None:
    """Blocks of an atlas whose grid is none of the connectome's; some of them are no seeds."""
    shape, affine = TURNED
    x, y, z = world(affine, np.indices(shape).reshape(3, -1))
    inside = (np.abs(x) < 60) & (np.abs(y + 17) < 70) & (np.abs(z - 18) < 40)
    labels = np.where(inside, 100 + 7 * (4 * (x > 0) + 2 * (y > -17) + (z > 18)), 0).astype("i4").reshape(shape)
    nibabel.save(nibabel.Nifti1Image(labels, affine), folder / f"atlas_space-{SPACE}_dseg.nii.gz")
    found = [label for label in np.unique(labels) if label > 0]
    names = "".join(f"{label}\tBlock_{label}\n" for label in found)
    (folder / f"atlas_space-{SPACE}_dseg.tsv").write_text(f"index\tname\n{names}")
    for label in found[::4]:
        write_mask(mask_file(folder, f"Block{label}"), labels == label, affine)


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    phantom = Phantom(11, ANISOTROPIC, 3001)
    write_hdf5(folder / "connectome.h5", phantom, phantom.scans(4, 53))
    (folder / "lesions").mkdir()
    spheres(folder, phantom)
    points(folder, phantom)
    parcels(folder, phantom)
    write_case(folder, "connectome.h5", "lesions")
    chosen = sorted(file.name.split("_")[0].removeprefix("sub-Block") for file in (folder / "lesions").glob("sub-Block*"))
    (folder / "seeds.yaml").write_text(
        "pipeline: functional-network-mapping\n"
        f"connectome:\n  path: connectome.h5\n  space: {SPACE}\n"
        f"seeds:\n  spheres: spheres.tsv\n  points: points.tsv\n  atlas: atlas_space-{SPACE}_dseg.nii.gz\n  space: {SPACE}\n"
        f"  labels: [{', '.join([chosen[0]] + [f'Block_{label}' for label in chosen[1:]])}]\n"
        f"statistics:\n  maps: [{', '.join(STATISTICS)}]\n"
        "output:\n  path: of-seeds\n"
    )


if __name__ == "__main__":
    main()
