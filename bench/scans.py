"""Makes scans of the size of GSP1000's: 2 mm MNI grid, float32, gzip; noise with a slow signal in the brain, zeros outside.

    scans.py FOLDER SCANS TIME_POINTS

One scan is made, the others are copies of it whose gzip header says another time, as lnm refuses a file that is there twice.
Beside them, the brain mask.
"""
import gzip
import os
import shutil
import sys

import nibabel
import numpy

folder, scans, time_points = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
shape, voxels = (91, 109, 91), 285_000
rng = numpy.random.default_rng(1)
affine = numpy.diag([-2.0, 2.0, 2.0, 1.0])
affine[:3, 3] = [90, -126, -72]

os.makedirs(folder, exist_ok=True)
grid = numpy.indices(shape).reshape(3, -1)
distance = sum(((grid[axis] - (shape[axis] - 1) / 2) / shape[axis]) ** 2 for axis in range(3))
inside = numpy.zeros(distance.size, bool)
inside[numpy.argsort(distance, kind="stable")[:voxels]] = True
mask = nibabel.Nifti1Image(inside.reshape(shape).astype(numpy.uint8), affine)
nibabel.save(mask, os.path.join(folder, "brain_mask.nii.gz"))

header = nibabel.Nifti1Header()
header.set_data_shape((*shape, time_points))
header.set_data_dtype(numpy.float32)
header.set_sform(affine, 4)
header["vox_offset"] = 352
header["scl_slope"], header["scl_inter"] = 1, 0
first = os.path.join(folder, "scan.nii.gz")
if not os.path.exists(first):
    with gzip.open(first + ".partial", "wb", compresslevel=6) as out:
        out.write(header.binaryblock + b"\0" * 4)
        signal = numpy.zeros(voxels, numpy.float32)
        brain = inside.reshape(shape)
        for _ in range(time_points):
            signal = 0.7 * signal + rng.standard_normal(voxels, numpy.float32)
            volume = numpy.zeros(shape, numpy.float32)
            volume[brain] = 10 * signal
            out.write(volume.tobytes(order="F"))
    os.rename(first + ".partial", first)
for scan in range(1, scans + 1):
    copy = os.path.join(folder, f"sub-{scan:04d}_task-rest_bold.nii.gz")
    if not os.path.lexists(copy):
        shutil.copyfile(first, copy + ".partial")
        with open(copy + ".partial", "r+b") as out:
            out.seek(4)
            out.write(scan.to_bytes(4, "little"))
        os.rename(copy + ".partial", copy)
