"""Makes the data of `planShapes.ts`: a connectome in HDF5, lesions and atlases of given sizes, as cheaply as may be. Seeded.

Usage: shapeData.py FOLDER PARAMETERS        PARAMETERS: JSON, see `Parameters`

Layout: connectome/ with the HDF5 files, lesions/ with the masks, atlas-N.nii.gz. The brain is a ball on the MNI grid; every subject
is another mixture of the same two noises, so that all files differ; lesions are the voxels nearest to a place.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import h5py
import nibabel
import numpy as np

SPACE = "MNI152NLin6Asym"


@dataclass
class Parameters:
    grid_mm: int
    voxels: int
    time_points: int
    subjects: int
    files: int
    gzip: bool
    lesions: int
    lesion_voxels: int  # of the median lesion
    atlases: int


def main() -> None:
    folder, parameters = Path(sys.argv[1]), Parameters(**json.loads(sys.argv[2]))
    shape = {2: (91, 109, 91), 4: (45, 54, 45)}[parameters.grid_mm]
    mm = parameters.grid_mm
    affine = np.array([[-mm, 0, 0, 90], [0, mm, 0, -126], [0, 0, mm, -72], [0, 0, 0, 1]], float)
    places = np.indices(shape).reshape(3, -1)
    from_centre = ((places - np.array(shape)[:, None] / 2) ** 2).sum(axis=0)
    indices = places[:, np.sort(np.argsort(from_centre, kind="stable")[: parameters.voxels])]
    write_connectome(folder / "connectome", parameters, indices, affine, shape)
    write_lesions(folder / "lesions", parameters, indices, affine, shape)
    for atlas in range(parameters.atlases):
        labels = np.zeros(shape, np.int16)
        labels[tuple(indices)] = 1 + np.arange(parameters.voxels) * 400 // parameters.voxels
        nibabel.save(nibabel.Nifti1Image(labels, affine), folder / f"atlas-{atlas + 1}.nii.gz")


def write_connectome(folder: Path, parameters: Parameters, indices: np.ndarray, affine: np.ndarray, shape) -> None:
    rng = np.random.default_rng(1)
    times, voxels = parameters.time_points, parameters.voxels
    noises = rng.standard_normal((2, times, voxels), dtype=np.float32)
    storage = {"chunks": (1, times, -(-voxels // 10)), "compression": "gzip", "compression_opts": 1}
    folder.mkdir(parents=True)
    first = 0
    for file in range(parameters.files):
        end = parameters.subjects * (file + 1) // parameters.files
        with h5py.File(folder / f"subjects-{file + 1:04d}.h5", "w") as root:
            size = (end - first, times, voxels)
            series = root.create_dataset("timeseries", size, "f4", **(storage if parameters.gzip else {}))
            root["mask_indices"] = indices.astype("i4")
            root["mask_affine"] = affine
            root.attrs["mask_shape"] = shape
            for subject in range(first, end):
                one, other = np.float32(np.cos(subject)), np.float32(np.sin(subject))
                series[subject - first] = 1000 + one * noises[0] + other * noises[1]
        first = end


def write_lesions(folder: Path, parameters: Parameters, indices: np.ndarray, affine: np.ndarray, shape) -> None:
    rng = np.random.default_rng(2)
    folder.mkdir(parents=True)
    for lesion in range(parameters.lesions):
        centre = indices[:, rng.integers(parameters.voxels)]
        size = int(np.clip(parameters.lesion_voxels * np.exp(rng.standard_normal()), 1, parameters.voxels))
        distance = ((indices - centre[:, None]) ** 2).sum(axis=0)
        mask = np.zeros(shape, np.uint8)
        mask[tuple(indices[:, np.argpartition(distance, size - 1)[:size]])] = 1
        name = f"sub-{lesion + 1:04d}_space-{SPACE}_label-lesion_mask.nii.gz"
        nibabel.save(nibabel.Nifti1Image(mask, affine), folder / name)


if __name__ == "__main__":
    main()
