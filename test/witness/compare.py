"""Holds the maps that `lnm run` wrote against the float64 reference.

Usage: compare.py [--times R,Z,T,P] CASE_FOLDER...      where case.json says what was run

--times widens the bounds of r, z, t and of both p, for maps from 16-bit integers.

Prints the largest deviation of each statistic as a share of its bound. Exits 1 where a bound is exceeded, a map is
missing, unexpected, of another type, shape or place, not finite, or has another background than it must have.
"""

import json
import re
import sys
from pathlib import Path

import nibabel
import numpy as np

from reference import STATISTICS, Connectome, open_connectome, reference

BACKGROUND = {"r": 0.0, "z": 0.0, "t": 0.0, "p": 1.0, "pfdr": 1.0}

FLOAT32_ROUNDING = 2.0**-24
"""Maps are float32: storing a value moves it by up to half a unit in its last place, this share of it. It comes on top
of the bounds, which are about what was computed."""

AFFINE_TOLERANCE_MM = 1e-4
"""Headers hold the affine as float32; the cases' affines are small multiples of a half, which float32 has exactly."""


def bounds(maps: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The largest deviation that is allowed at each voxel, before rounding to float32.

    A relative bound on t means nothing where t goes through zero: below |t| = 1 it stays at that of |t| = 1. There the
    bound on p is the tighter one: p changes by up to 0.8 times what t does.
    """
    p = np.full_like(maps["p"], 1e-5)
    return {
        "r": np.full_like(maps["r"], 2e-6),
        "z": 2e-6 / (1 - maps["r"] ** 2),
        "t": 2e-4 * np.maximum(np.abs(maps["t"]), 1),
        "p": p,
        "pfdr": p,
    }


def expected_maps(lesion: str, output: Path) -> tuple[Path, str]:
    """The folder and the name, up to its statistic, of a lesion's maps. Any name goes for a lesion without `sub-`."""
    name = re.sub(r"\.nii(\.gz)?$", "", Path(lesion).name)
    if name.startswith("sub-"):
        folders = [part for part in name.split("_") if re.match("(sub|ses)-", part)]
        return output.joinpath(*folders), re.sub("_mask$", "", name) + "_desc-boes"
    return output / ("sub-" + re.sub("[^A-Za-z0-9]", "", name)), "*"


def find_map(lesion: str, statistic: str, output: Path) -> Path | str:
    """The map's file, or what is wrong."""
    folder, name = expected_maps(lesion, output)
    found = list(folder.glob(f"{name}_stat-{statistic}_statmap.nii.gz"))
    return found[0] if len(found) == 1 else f"{lesion}: {len(found)} maps of {statistic} in {folder}"


def check_grid(image: nibabel.Nifti1Image, connectome: Connectome) -> list[str]:
    wrong = []
    if image.shape != connectome.shape:
        return [f"shape {image.shape}, not {connectome.shape}"]
    if not np.allclose(image.affine, connectome.affine, rtol=0, atol=AFFINE_TOLERANCE_MM):
        wrong.append(f"affine {image.affine.tolist()}, not {connectome.affine.tolist()}")
    if image.get_data_dtype() != np.float32:
        wrong.append(f"type {image.get_data_dtype()}, not float32")
    return wrong


def check_map(
    file: Path, connectome: Connectome, statistic: str, wanted: dict[str, np.ndarray], times: float
) -> tuple[float, list[str]]:
    """The largest share of the bound that a map uses, and what is wrong with it."""
    image = nibabel.load(file)
    wrong = check_grid(image, connectome)
    if wrong:
        return np.inf, wrong
    volume = image.get_fdata(dtype=np.float64)
    inside = tuple(connectome.indices)
    found = volume[inside]
    volume[inside] = BACKGROUND[statistic]
    if not np.all(volume == BACKGROUND[statistic]):
        wrong.append(f"background is not {BACKGROUND[statistic]} everywhere")
    if not np.isfinite(found).all():
        return np.inf, [*wrong, f"{np.sum(~np.isfinite(found))} voxels are not finite"]
    allowed = times * bounds(wanted)[statistic] + FLOAT32_ROUNDING * np.abs(wanted[statistic])
    share = np.abs(found - wanted[statistic]) / allowed
    worst = share.argmax()
    if share[worst] > 1:
        place = connectome.indices[:, worst].tolist()
        values = f"{found[worst]:.9g}, not {wanted[statistic][worst]:.9g}"
        wrong.append(f"{np.sum(share > 1)} voxels beyond the bound, the worst at {place}: {values}")
    return share[worst], wrong


def check_case(folder: Path, times: dict[str, float]) -> list[str]:
    case = json.loads((folder / "case.json").read_text())
    mask = folder / case["mask"] if case["mask"] else None
    connectome = open_connectome(folder / case["connectome"], mask, case["pattern"])
    maps = reference(connectome, [folder / lesion for lesion in case["lesions"]])
    output = folder / case["output"]
    largest = dict.fromkeys(STATISTICS, 0.0)
    wrong: list[str] = []
    unexpected = set(output.glob("**/*_statmap.nii.gz"))
    for lesion, wanted in zip(case["lesions"], maps):
        for statistic in STATISTICS:
            file = find_map(lesion, statistic, output)
            if isinstance(file, str):
                wrong.append(file)
                largest[statistic] = np.inf
                continue
            unexpected.discard(file)
            share, problems = check_map(file, connectome, statistic, wanted, times[statistic])
            largest[statistic] = max(largest[statistic], share)
            wrong += [f"{file.name}: {problem}" for problem in problems]
    shares = "  ".join(f"{name} {share:.4f}" for name, share in largest.items())
    print(f"{folder.name}: {len(maps)} lesions, {connectome.indices.shape[1]} voxels; share of the bound: {shares}")
    return wrong + [f"{file.name}: no lesion has this map" for file in sorted(unexpected)]


def main() -> None:
    folders = sys.argv[1:]
    times = dict.fromkeys(STATISTICS, 1.0)
    if folders[0] == "--times":
        r, z, t, p = map(float, folders[1].split(","))
        times = {"r": r, "z": z, "t": t, "p": p, "pfdr": p}
        folders = folders[2:]
    wrong = {folder: check_case(Path(folder), times) for folder in folders}
    for folder, problems in wrong.items():
        for problem in problems:
            print(f"{Path(folder).name}: {problem}", file=sys.stderr)
    sys.exit(1 if any(wrong.values()) else 0)


if __name__ == "__main__":
    main()
