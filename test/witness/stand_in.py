"""Stands in for `lnm run` where the comparison itself is tested: writes the reference's maps with noise, and damaged.

Usage: stand_in.py CASE_FOLDER TARGET     copies the case to a folder of TARGET for each damage, and puts maps there
"""

import json
import shutil
import sys
from pathlib import Path

import nibabel
import numpy as np

from compare import BACKGROUND, expected_maps
from reference import STATISTICS, Connectome, degree, open_connectome, reference

DAMAGES = ("none", "value", "p", "nan", "affine", "background", "missing", "extra", "degree", "nodegree")

NOISE = 1e-7
"""Relative error of float32 arithmetic, about one unit in the last place."""


def damage_volume(volume: np.ndarray, inside: tuple[np.ndarray, ...], statistic: str, damage: str) -> None:
    first = tuple(axis[0] for axis in inside)
    if damage == "value" and statistic == "r":
        volume[first] += 3e-6
    elif damage == "p" and statistic == "p":
        volume[first] += 2e-5 if volume[first] < 0.5 else -2e-5
    elif damage == "nan" and statistic == "t":
        volume[first] = np.nan
    elif damage == "background" and statistic == "pfdr":
        volume[0, 0, 0] = 0


def write_maps(folder: Path, damage: str) -> None:
    case = json.loads((folder / "case.json").read_text())
    connectome = open_connectome(folder / case["connectome"])
    rng = np.random.default_rng(1)
    inside = tuple(connectome.indices)
    affine = connectome.affine + (0.01 if damage == "affine" else 0) * np.eye(4)
    write_degree(folder / case["output"], connectome, damage)
    for lesion, maps in zip(case["lesions"], reference(connectome, [folder / file for file in case["lesions"]])[0]):
        target, name = expected_maps(lesion, folder / case["output"])
        target.mkdir(parents=True, exist_ok=True)
        for statistic in STATISTICS:
            if damage == "missing" and statistic == "z":
                continue
            volume = np.full(connectome.shape, BACKGROUND[statistic])
            volume[inside] = maps[statistic] * (1 + NOISE * rng.uniform(-1, 1, maps[statistic].size))
            damage_volume(volume, inside, statistic, damage)
            image = nibabel.Nifti1Image(volume.astype("f4"), affine)
            nibabel.save(image, target / f"{name}_stat-{statistic}_statmap.nii.gz")
        if damage == "extra":
            nibabel.save(image, target / f"{name}_stat-x_statmap.nii.gz")


def write_degree(output: Path, connectome: Connectome, damage: str) -> None:
    if damage == "nodegree":
        return
    volume = np.zeros(connectome.shape)
    volume[tuple(connectome.indices)] = degree(connectome) + (3e-6 if damage == "degree" else 0)
    output.mkdir(parents=True)
    image = nibabel.Nifti1Image(volume.astype("f4"), connectome.affine)
    nibabel.save(image, output / "space-MNI152NLin6Asym_desc-degree_stat-r_statmap.nii.gz")


def main() -> None:
    """The case's lesions must be named as BIDS has it."""
    case, target = Path(sys.argv[1]), Path(sys.argv[2])
    for damage in DAMAGES:
        shutil.copytree(case, target / damage, ignore=shutil.ignore_patterns("derivatives"))
        write_maps(target / damage, damage)


if __name__ == "__main__":
    main()
