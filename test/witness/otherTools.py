"""Writes the same connectome as HDF5 and as Lead-DBS (MATLAB 5 by SciPy, 7.3 by h5py) and the pfc-toolkit keep it, and a lesion.

python3 otherTools.py FOLDER
"""

import json
import os
import sys

import h5py
import nibabel
import numpy as np
from scipy.io import savemat

out = sys.argv[1]
rng = np.random.default_rng(17)
shape = (9, 8, 7)
affine = np.array([[-3.0, 0, 0, 12], [0, 3, 0, -12], [0, 0, 3, -9], [0, 0, 0, 1]])
centre = (np.array(shape) - 1) / 2
i, j, k = np.indices(shape)
brain = ((i - centre[0]) / 4.5) ** 2 + ((j - centre[1]) / 4) ** 2 + ((k - centre[2]) / 3.5) ** 2 < 1
lesion = brain & (i > 5) & (j > 3)

# NumPy's order of a mask's voxels, the last axis fastest, for all of them.
voxels = np.argwhere(brain)
elements = voxels[:, 0] + shape[0] * (voxels[:, 1] + shape[1] * voxels[:, 2])
count, subjects, time_points = len(voxels), 6, 25
shared = rng.standard_normal((subjects, time_points, 1)) * rng.standard_normal((1, 1, count))
# Halves of whole numbers below 1024, which float16 holds.
series = np.round(2 * (300 + 20 * shared + 30 * rng.standard_normal((subjects, time_points, count)))) / 2
series = np.clip(series, -1000, 1000).astype(np.float32)
names = [f"S{n}" for n in range(subjects)]

os.makedirs(f"{out}/hdf5")
with h5py.File(f"{out}/hdf5/all.h5", "w") as file:
    file["timeseries"] = series
    file["mask_indices"] = voxels.T
    file["mask_affine"] = affine
    file.attrs["mask_shape"] = shape

from_one = affine.copy()
from_one[:3, 3] -= affine[:3, :3].sum(axis=1)


def describe(folder, version):
    os.makedirs(f"{folder}/vol")
    with open(f"{folder}/dataset_info.json", "w") as file:
        json.dump({"name": "Made up", "type": "fMRI_timecourses", "formatversion": version, "subsets": []}, file)


describe(f"{out}/mat5", 1)
cells = np.empty((1, subjects), object)
for n, name in enumerate(names):
    cells[0, n] = np.array([[name, f"{name}_run1"]], object)
space = {"dim": np.array([shape], float), "mat": from_one}
vol = {"space": space, "outidx": elements[:, None] + 1.0, "subIDs": cells}
savemat(f"{out}/mat5/dataset_volsurf.mat", {"vol": vol}, do_compression=True)
for name, values in zip(names, series):
    savemat(f"{out}/mat5/vol/{name}_run1.mat", {"gmtc": values.T}, do_compression=True)

describe(f"{out}/mat73", 2)
with h5py.File(f"{out}/mat73/dataset_volsurf.mat", "w", userblock_size=512) as file:
    file["vol/space/dim"] = np.array([shape], float).T
    file["vol/space/mat"] = from_one.T
    file["vol/outidx"] = elements[None, :] + 1.0
    outer = []
    for n, name in enumerate(names):
        inner = []
        for m, text in enumerate([name, f"{name}_run1"]):
            file[f"#refs#/{n}_{m}"] = np.array([[ord(letter)] for letter in text], np.uint16)
            inner.append([file[f"#refs#/{n}_{m}"].ref])
        cell = file.create_dataset(f"#refs#/{n}", data=np.array(inner, h5py.ref_dtype), dtype=h5py.ref_dtype)
        outer.append([cell.ref])
    file.create_dataset("vol/subIDs", data=np.array(outer, h5py.ref_dtype), dtype=h5py.ref_dtype)
for name, values in zip(names, series):
    with h5py.File(f"{out}/mat73/vol/{name}_run1.mat", "w", userblock_size=512) as file:
        file.create_dataset("gmtc", data=values.T, chunks=(count // 3, time_points), compression="gzip")

os.makedirs(f"{out}/pfc")
for name, values in zip(names, series):
    np.save(f"{out}/pfc/{name}.npy", values.astype(np.float16))
    np.save(f"{out}/pfc/{name}_norms.npy", np.linalg.norm(values, axis=0))

nibabel.save(nibabel.Nifti1Image(brain.astype(np.uint8), affine), f"{out}/mask.nii.gz")
os.makedirs(f"{out}/lesions")
nibabel.save(nibabel.Nifti1Image(lesion.astype(np.uint8), affine), f"{out}/lesions/sub-01_label-lesion_mask.nii.gz")

# Two runs of different length, level and scale; and what Lead-DBS makes of them: atanh of the mean r over the runs of a subject.
lengths = (30, 18)
two = []
for _ in names:
    network = rng.random((1, count)) * rng.standard_normal((1, count))
    two.append([])
    for run, length in enumerate(lengths):
        values = 40 * rng.standard_normal((length, 1)) * network + 30 * rng.standard_normal((length, count))
        two[-1].append((2000 + 700 * run + (1 + 9 * run) * values).astype(np.float32))

for kind, number in (("runs", subjects), ("runs3", 3)):
    describe(f"{out}/{kind}", 1)
    cells = np.empty((1, number), object)
    for n, name in enumerate(names[:number]):
        cells[0, n] = np.array([[name, f"{name}_run1", f"{name}_run2"]], object)
        for run, values in enumerate(two[n]):
            savemat(f"{out}/{kind}/vol/{name}_run{run + 1}.mat", {"gmtc": values.T}, do_compression=True)
    savemat(f"{out}/{kind}/dataset_volsurf.mat", {"vol": {**vol, "subIDs": cells}}, do_compression=True)


def unit(values):
    centred = values - values.mean(axis=0)
    return centred / np.linalg.norm(centred, axis=0)


def on_grid(values):
    volume = np.zeros(shape)
    volume[tuple(voxels.T)] = values
    return list(volume.ravel(order="F"))


in_lesion = lesion[tuple(voxels.T)]
z, degree = [], []
for runs in two:
    doubles = [values.astype(float) for values in runs]
    z.append(np.arctanh(np.mean([unit(x[:, in_lesion].mean(axis=1)) @ unit(x) for x in doubles], axis=0)))
    degree.append(np.mean([unit(x).mean(axis=1) @ unit(x) for x in doubles], axis=0))
reference = {"z": on_grid(np.mean(z, axis=0)), "z3": on_grid(np.mean(z[:3], axis=0)), "degree": on_grid(np.mean(degree, axis=0))}
with open(f"{out}/reference.json", "w") as file:
    json.dump(reference, file)
