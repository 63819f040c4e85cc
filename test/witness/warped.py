"""Holds maps on the grid of a lesion of another template against SciPy: the same maps on the connectome's grid, interpolated where
h5py's reading of the ITK transform takes the lesion's voxels.

usage: warped.py TRANSFORM.h5 ON_CONNECTOME.nii.gz ON_LESION.nii.gz BACKGROUND linear|nearest    prints the largest difference and how many voxels are not background
"""
import sys

import h5py
import nibabel
import numpy as np
from scipy import ndimage

transform, there, here, background, interpolation = sys.argv[1:]
background = float(background)


def affine_step(parameters, centre):
    matrix, translation = parameters[:9].reshape(3, 3), parameters[9:]
    return lambda points: (points - centre) @ matrix.T + centre + translation


def field_step(parameters, fixed):
    size, origin, spacing = fixed[:3].astype(int), fixed[3:6], fixed[6:9]
    to_mm = fixed[9:18].reshape(3, 3) * spacing
    field = parameters.reshape(*size[::-1], 3).transpose(2, 1, 0, 3)

    def displace(points):
        index = np.linalg.solve(to_mm, (points - origin).T)
        inside = np.all((index >= -0.5) & (index < size[:, None] - 0.5), axis=0)
        moved = [ndimage.map_coordinates(field[..., axis], index, order=1, mode="nearest") for axis in range(3)]
        return points + np.where(inside[:, None], np.stack(moved, axis=1), 0)

    return displace


with h5py.File(transform) as file:
    groups = [file["TransformGroup"][str(n)] for n in range(1, len(file["TransformGroup"]))]
    steps = []
    for group in groups:
        fixed = next(group[name][()] for name in group if name.endswith("FixedParameters"))
        free = next(
            group[name][()] for name in group if name.endswith("Parameters") and not name.endswith("FixedParameters")
        )
        make = affine_step if b"Affine" in group["TransformType"][()][0] else field_step
        steps.append(make(np.asarray(free, float), np.asarray(fixed, float)))

source, found = nibabel.load(there), nibabel.load(here)
index = np.indices(found.shape).reshape(3, -1)
flip = np.array([-1, -1, 1])
points = (found.affine[:3, :3] @ index).T + found.affine[:3, 3]
points = points * flip
for step in reversed(steps):
    points = step(points)
place = np.linalg.solve(source.affine[:3, :3], (points * flip - source.affine[:3, 3]).T)
values = np.asarray(source.dataobj, dtype=float)
if interpolation == "linear":
    expected = ndimage.map_coordinates(values, place, order=1, mode="grid-constant", cval=background)
else:
    near = np.floor(place + 0.5).astype(int)
    inside = np.all((near >= 0) & (near < np.array(source.shape)[:, None]), axis=0)
    expected = np.full(near.shape[1], background)
    expected[inside] = values[tuple(near[:, inside])]
actual = np.asarray(found.dataobj, dtype=float).reshape(-1)
print(np.abs(expected - actual).max(), int((actual != background).sum()))
