"""Writes the witness's cases: a folder each, with a connectome, lesions, config.yaml for `lnm run` and case.json for compare.py.

Usage: cases.py FOLDER
"""

import json
import sys
from pathlib import Path
from typing import Callable

import h5py
import nibabel
import numpy as np

from atlases import label_atlas, probabilistic_atlas
from lesions import SPACE, Grid, across_the_edge, all_lesions, bids, cut_from_one_mm, field, one_mm, single_voxel
from phantom import Bold, brain, header_of, world, write_mask, write_raw
from reference import STATISTICS

FOUR_MM: Grid = ((45, 54, 45), np.array([[-4.0, 0, 0, 90], [0, 4, 0, -126], [0, 0, 4, -72], [0, 0, 0, 1]]))
ANISOTROPIC: Grid = ((47, 56, 43), np.array([[3.5, 0, 0, -80.5], [0, 3.5, 0, -115.5], [0, 0, 4, -70], [0, 0, 0, 1]]))


class Phantom:
    """A brain on a grid, and a source of its time series."""

    def __init__(self, seed: int, grid: Grid, voxels: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.grid = grid
        self.indices = brain(*grid, voxels)
        self.places = world(grid[1], self.indices)
        self.bold = Bold(self.rng, self.places)

    def scans(self, subjects: int, time_points: int) -> np.ndarray:
        return np.array([self.bold.scan(time_points) for _ in range(subjects)])

    def rim_place(self) -> np.ndarray:
        """The place of a voxel at the back of the brain."""
        return self.places[:, self.places[1].argmin()]


def write_hdf5(file: Path, phantom: Phantom, scans: np.ndarray, *, indices_first: bool = True, **storage) -> None:
    """storage: dtype, chunks, compression, as h5py takes them."""
    file.parent.mkdir(parents=True, exist_ok=True)
    shape, affine = phantom.grid
    with h5py.File(file, "w") as root:
        root.create_dataset("timeseries", data=scans.astype(storage.pop("dtype", "f4")), **storage)
        root["mask_indices"] = (phantom.indices if indices_first else phantom.indices.T).astype("i4")
        root["mask_affine"] = affine
        root.attrs["mask_shape"] = shape


def write_case(
    folder: Path, connectome: str, lesions: str, mask: str | None = None, pattern: str | None = None, settings: str = "",
    seeds: str = "", **more
) -> None:
    """settings, seeds: further keys of the config, below `output` and `lesions`; more: further keys of case.json."""
    nifti = f"  pattern: '{pattern}'\n  mask: {mask}\n" if mask else ""
    # All of the statistics, with what the case sets of them.
    head, _, tail = settings.partition("statistics:\n")
    settings = f"{head}statistics:\n  maps: [{', '.join(STATISTICS)}]\n{tail}"
    (folder / "config.yaml").write_text(
        "pipeline: functional-network-mapping\n"
        f"connectome:\n  path: {connectome}\n  space: {SPACE}\n{nifti}"
        f"lesions:\n  path: {lesions}\n{seeds}"
        "output:\n  path: derivatives\n" + settings
    )
    found = [folder / lesions] if (folder / lesions).is_file() else sorted((folder / lesions).glob("**/*_mask.nii*"))
    case = {
        "connectome": connectome,
        "mask": mask,
        "pattern": pattern,
        "lesions": [str(file.relative_to(folder)) for file in found],
        "output": "derivatives",
        **more,
    }
    (folder / "case.json").write_text(json.dumps(case, indent=2))


def two_subjects(folder: Path) -> None:
    """The least that gives a spread: 2 subjects, 1 lesion; 4,001 voxels, 53 time points, stored contiguously."""
    phantom = Phantom(1, FOUR_MM, 4001)
    write_hdf5(folder / "connectome.h5", phantom, phantom.scans(2, 53))
    one_mm(folder / "lesions", phantom.places[:, 1234])
    write_case(folder, "connectome.h5", str(bids(Path("lesions"), "01", "02")))


def double_gzip(folder: Path) -> None:
    """float64, gzip, (voxels, 3) indices, two files of different numbers of subjects; every kind of lesion."""
    phantom = Phantom(2, FOUR_MM, 4001)
    for name, subjects in (("b", 4), ("a", 5)):
        storage = {"dtype": "f8", "chunks": (1, 53, 512), "compression": "gzip", "compression_opts": 1}
        scans = phantom.scans(subjects, 53)
        write_hdf5(folder / "connectome" / f"{name}.h5", phantom, scans, indices_first=False, **storage)
    all_lesions(folder / "lesions", phantom.grid, phantom.indices, phantom.rng)
    write_case(folder, "connectome", "lesions")


def dead_voxels(folder: Path) -> None:
    """Constant voxels, NaN and infinity in some subjects and in all; lesions that hold such voxels, also nothing else."""
    phantom = Phantom(3, FOUR_MM, 3001)
    scans = phantom.scans(7, 61).astype("f4")
    scans[:, :, 0] = 0
    scans[:, :, 500] = 7234.1
    scans[2, :, 3000] = 5001.7
    scans[0, 11, 1000] = np.nan
    scans[3, 60, 1001] = np.inf
    scans[4, 0, 1002] = -np.inf
    scans[:, :, 1500] = np.nan
    write_hdf5(folder / "connectome.h5", phantom, scans)
    lesions = folder / "lesions"
    all_lesions(lesions, phantom.grid, phantom.indices, phantom.rng)
    across_the_edge(lesions, phantom.grid, phantom.places[:, 1000], "05")
    for voxel in (500, 1500, 3000):
        single_voxel(lesions, phantom.grid, phantom.indices[:, voxel], f"voxel{voxel}_mask.nii.gz")
    write_case(folder, "connectome.h5", "lesions")


def shared_chunks(folder: Path) -> None:
    """Chunks as h5py chooses them, which hold several subjects and part of the time points."""
    phantom = Phantom(4, FOUR_MM, 2003)
    file = folder / "connectome" / "all.h5"
    write_hdf5(file, phantom, phantom.scans(13, 53), chunks=True)
    with h5py.File(file) as root:
        assert root["timeseries"].chunks[0] > 1, root["timeseries"].chunks
    lesions = folder / "lesions"
    across_the_edge(lesions, phantom.grid, phantom.rim_place())
    single_voxel(lesions, phantom.grid, phantom.indices[:, 77])
    write_case(folder, "connectome", "lesions")


def nifti_runs(folder: Path) -> None:
    """A folder of 4D NIfTI of different lengths and number formats, on an anisotropic grid, x to the right."""
    phantom = Phantom(5, ANISOTROPIC, 3001)
    shape, affine = phantom.grid
    runs = folder / "connectome"
    runs.mkdir(parents=True)

    def volumes(time_points: int) -> np.ndarray:
        filled = np.zeros((*shape, time_points))
        filled[tuple(phantom.indices)] = phantom.bold.scan(time_points).T
        return filled

    def stored(name: str, time_points: int, dtype: str, endianness: str, slope: float, inter: float) -> None:
        values = np.rint((volumes(time_points) - inter) / slope)
        write_raw(runs / f"{name}_bold.nii.gz", header_of(dtype, affine, endianness), values, slope, inter)

    nibabel.save(nibabel.Nifti1Image(volumes(60).astype("f4"), affine), runs / "sub-01_bold.nii.gz")
    stored("sub-02", 53, "i2", "<", 0.5, 100.0)
    stored("sub-03", 71, "i2", ">", 0.3, 4000.0)
    nibabel.save(nibabel.Nifti2Image(volumes(47), affine), runs / "sub-04_bold.nii.gz")
    stored("sub-05", 53, "u2", ">", 0.25, -200.0)
    nibabel.save(nibabel.Nifti1Image(volumes(64).astype("f4"), affine), runs / "sub-06_bold.nii")
    mask = np.zeros(shape, bool)
    mask[tuple(phantom.indices)] = True
    write_mask(folder / "brain_mask.nii.gz", mask, affine)
    all_lesions(folder / "lesions", phantom.grid, phantom.indices, phantom.rng)
    write_case(folder, "connectome", "lesions", "brain_mask.nii.gz", "**/*_bold.nii*")


def atlas_and_own_grid(folder: Path) -> None:
    """Maps on the lesions' own grids, masks of |t| and pfdr, and two atlases, neither on the connectome's grid."""
    phantom = Phantom(6, FOUR_MM, 4001)
    write_hdf5(folder / "connectome.h5", phantom, phantom.scans(9, 53))
    all_lesions(folder / "lesions", phantom.grid, phantom.indices, phantom.rng, cut_from_one_mm)
    parcellations = [label_atlas(folder / "atlas"), probabilistic_atlas(folder / "atlas", phantom.places, phantom.rng)]
    entries = "".join(f"  - {{name: {name}, path: {atlas}" + (f", labels: {labels}" if labels else "") + "}\n"
                      for name, atlas, labels in parcellations)
    settings = f"  grid: lesion\nstatistics:\n  t_threshold: 3\nparcellations:\n{entries}"
    write_case(
        folder, "connectome.h5", "lesions", settings=settings, grid="lesion", t_threshold=3, fdr_alpha=0.05, parcellations=parcellations
    )


def twenty_subjects(folder: Path) -> None:
    """For stores, whose 16 bits are a matter of the number of subjects: contiguous HDF5, and every kind of lesion."""
    phantom = Phantom(7, FOUR_MM, 4001)
    write_hdf5(folder / "connectome.h5", phantom, phantom.scans(20, 120))
    all_lesions(folder / "lesions", phantom.grid, phantom.indices, phantom.rng)
    write_case(folder, "connectome.h5", "lesions")


def electric_fields(folder: Path) -> None:
    """Lesions whose values are weights."""
    phantom = Phantom(7, FOUR_MM, 4001)
    write_hdf5(folder / "connectome.h5", phantom, phantom.scans(8, 53))
    lesions = folder / "lesions"
    field(lesions, phantom.places[:, 900], phantom.rng, "01")
    field(lesions, phantom.places[:, 2700], phantom.rng, "02")
    across_the_edge(lesions, phantom.grid, phantom.rim_place())
    write_case(folder, "connectome.h5", "lesions", seeds="  weights: values\n",
               settings="statistics:\n  matrix: true\n", weights="values", matrix=True)


def two_files(folder: Path, scope: str, percentile: float, weights: str = "binary") -> None:
    """Refined seeds, on two files of different numbers of subjects, with dead voxels; every kind of lesion."""
    phantom = Phantom(8, FOUR_MM, 3001)
    for name, subjects in (("b", 6), ("a", 5)):
        scans = phantom.scans(subjects, 53).astype("f4")
        scans[1, :, 100:3001:7] = 4321.1
        scans[2, 11, 200:3001:31] = np.nan
        write_hdf5(folder / "connectome" / f"{name}.h5", phantom, scans, chunks=(1, 53, 512))
    all_lesions(folder / "lesions", phantom.grid, phantom.indices, phantom.rng)
    field(folder / "lesions", phantom.places[:, 1500], phantom.rng, "06")
    settings = f"method: pini\npini_percentile: {percentile}\npini_scope: {scope}\nstatistics:\n  matrix: true\n"
    write_case(
        folder, "connectome", "lesions", settings=settings, seeds=f"  weights: {weights}\n  batch_size: 4\n",
        weights=weights, matrix=True, pini={"percentile": percentile, "scope": scope},
    )


def pini_connectome(folder: Path) -> None:
    two_files(folder, "connectome", 20)


def pini_file(folder: Path) -> None:
    two_files(folder, "file", 35, "values")


def partial_runs(folder: Path) -> None:
    """Three lesions whose seeds are taken out of one another, in scans of different lengths."""
    nifti_runs(folder)
    for file in sorted((folder / "lesions").glob("**/*_mask.nii*"))[3:]:
        file.unlink()
    write_case(folder, "connectome", "lesions", "brain_mask.nii.gz", "**/*_bold.nii*",
               settings="seeds:\n  partial: true\n", partial=True)


def partial_fields(folder: Path) -> None:
    """The same of eight lesions with weights, two of them overlapping and one of constant voxels, mapped three a pass."""
    phantom = Phantom(9, FOUR_MM, 3001)
    scans = phantom.scans(6, 53).astype("f4")
    scans[:, :, 500] = 7234.1
    scans[2, 11, 1000:1400:3] = np.nan
    write_hdf5(folder / "connectome.h5", phantom, scans)
    lesions = folder / "lesions"
    all_lesions(lesions, phantom.grid, phantom.indices, phantom.rng)
    single_voxel(lesions, phantom.grid, phantom.indices[:, 500], "dead_mask.nii.gz")
    for participant, shift in (("06", 0), ("07", 4)):
        field(lesions, phantom.places[:, 1500] + shift, phantom.rng, participant)
    write_case(folder, "connectome.h5", "lesions", seeds="  weights: values\n  batch_size: 3\n",
               settings="seeds:\n  partial: true\n", weights="values", partial=True)


CASES: dict[str, Callable[[Path], None]] = {
    "two-subjects": two_subjects,
    "double-gzip": double_gzip,
    "dead-voxels": dead_voxels,
    "shared-chunks": shared_chunks,
    "nifti-runs": nifti_runs,
    "atlas-and-own-grid": atlas_and_own_grid,
    "twenty-subjects": twenty_subjects,
    "electric-fields": electric_fields,
    "pini-connectome": pini_connectome,
    "pini-file": pini_file,
    "partial-runs": partial_runs,
    "partial-fields": partial_fields,
}


def main() -> None:
    for name, write in CASES.items():
        folder = Path(sys.argv[1]) / name
        folder.mkdir(parents=True)
        write(folder)


if __name__ == "__main__":
    main()
