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

from own_grid import grid_of, linear, nearest
from reference import STATISTICS, Connectome, degree, lesion_voxels, open_connectome, reference, seed_matrix
from tables import check_counts, check_parcels, open_atlas, read_table

BACKGROUND = {"r": 0.0, "z": 0.0, "t": 0.0, "sd": 0.0, "p": 1.0, "pfdr": 1.0}

FLOAT32_ROUNDING = 2.0**-24
"""Maps are float32: storing a value moves it by up to half a unit in its last place, this share of it. It comes on top
of the bounds, which are about what was computed."""

AFFINE_TOLERANCE_MM = 1e-4
"""Headers hold the affine as float32; the cases' affines are small multiples of a half, which float32 has exactly."""


def bounds(maps: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The largest deviation that is allowed at each voxel, before rounding to float32.

    A relative bound on t means nothing where t goes through zero: below |t| = 1 it stays at that of |t| = 1. There the
    bound on p is the tighter one: p changes by up to 0.8 times what t does. sd is what t is divided by, and has its relative bound
    everywhere.
    """
    p = np.full_like(maps["p"], 1e-5)
    return {
        "r": np.full_like(maps["r"], 2e-6),
        "z": 2e-6 / (1 - maps["r"] ** 2),
        "t": 2e-4 * np.maximum(np.abs(maps["t"]), 1),
        "sd": 2e-4 * maps["sd"],
        "p": p,
        "pfdr": p,
    }


def expected_maps(lesion: str, output: Path, method: str = "boes") -> tuple[Path, str]:
    """The folder and the name, up to its statistic, of a lesion's maps. Any name goes for a lesion without `sub-`."""
    name = re.sub(r"\.nii(\.gz)?$", "", Path(lesion).name)
    if name.startswith("sub-"):
        folders = [part for part in name.split("_") if re.match("(sub|ses)-", part)]
        return output.joinpath(*folders), re.sub("_mask$", "", name) + f"_desc-{method}"
    return output / ("sub-" + re.sub("[^A-Za-z0-9]", "", name)), "*"


def find_map(lesion: str, statistic: str, output: Path, method: str) -> Path | str:
    """The map's file, or what is wrong."""
    folder, name = expected_maps(lesion, output, method)
    found = list(folder.glob(f"{name}_stat-{statistic}_statmap.nii.gz"))
    return found[0] if len(found) == 1 else f"{lesion}: {len(found)} maps of {statistic} in {folder}"


def check_grid(image: nibabel.Nifti1Image, shape: tuple[int, ...], affine: np.ndarray, dtype: type) -> list[str]:
    wrong = []
    if image.shape != tuple(shape):
        return [f"shape {image.shape}, not {shape}"]
    if not np.allclose(image.affine, affine, rtol=0, atol=AFFINE_TOLERANCE_MM):
        wrong.append(f"affine {image.affine.tolist()}, not {affine.tolist()}")
    if image.get_data_dtype() != dtype:
        wrong.append(f"type {image.get_data_dtype()}, not {np.dtype(dtype)}")
    return wrong


def check_map(
    file: Path, connectome: Connectome, statistic: str, wanted: dict[str, np.ndarray], times: float
) -> tuple[float, list[str]]:
    """The largest share of the bound that a map on the connectome's grid uses, and what is wrong with it."""
    image = nibabel.load(file)
    wrong = check_grid(image, connectome.shape, connectome.affine, np.float32)
    if wrong:
        return np.inf, wrong
    volume = image.get_fdata(dtype=np.float64)
    inside = tuple(connectome.indices)
    found = volume[inside]
    volume[inside] = BACKGROUND[statistic]
    if not np.all(volume == BACKGROUND[statistic]):
        wrong.append(f"background is not {BACKGROUND[statistic]} everywhere")
    share, problems = within(found, wanted[statistic], times * bounds(wanted)[statistic], connectome.indices)
    return share, wrong + problems


def check_own_map(file: Path, connectome: Connectome, statistic: str, wanted: dict[str, np.ndarray], lesion: Path) -> tuple[float, list[str]]:
    """The same of a map on the grid of its lesion's file: the bound is interpolated like the map."""
    shape, affine = grid_of(lesion)
    image = nibabel.load(file)
    wrong = check_grid(image, shape, affine, np.float32)
    if wrong:
        return np.inf, wrong
    background = BACKGROUND[statistic]
    expected = linear(wanted[statistic], connectome, background, shape, affine)
    # What is interpolated has been rounded to float32 before.
    stored = bounds(wanted)[statistic] + FLOAT32_ROUNDING * np.abs(wanted[statistic])
    allowed = linear(stored, connectome, 0, shape, affine) + FLOAT32_ROUNDING * background
    places = np.indices(shape).reshape(3, -1)
    return within(image.get_fdata(dtype=np.float64).ravel(), expected.ravel(), allowed.ravel(), places)


def within(found: np.ndarray, wanted: np.ndarray, bound: np.ndarray, places: np.ndarray) -> tuple[float, list[str]]:
    """The largest share of the bound, and what is wrong. places: (3, voxels)."""
    if not np.isfinite(found).all():
        return np.inf, [f"{np.sum(~np.isfinite(found))} voxels are not finite"]
    allowed = bound + FLOAT32_ROUNDING * np.abs(wanted)
    difference = np.abs(found - wanted)
    share = np.divide(difference, allowed, out=np.where(difference > 0, np.inf, 0.0), where=allowed > 0)
    worst = share.argmax()
    if share[worst] <= 1:
        return share[worst], []
    values = f"{found[worst]:.9g}, not {wanted[worst]:.9g}"
    return share[worst], [f"{np.sum(share > 1)} voxels beyond the bound, the worst at {places[:, worst].tolist()}: {values}"]


def check_masks(lesion: Path, connectome: Connectome, wanted: dict[str, np.ndarray], case: dict, output: Path) -> list[str]:
    """Masks on the lesion's own grid are exact."""
    shape, affine = grid_of(lesion)
    folder, name = expected_maps(str(lesion), output)
    masks = {"tthreshold": np.abs(wanted["t"]) >= case["t_threshold"], "pfdrthreshold": wanted["pfdr"] < case["fdr_alpha"]}
    wrong = []
    for statistic, mask in masks.items():
        [file] = folder.glob(f"{name}_stat-{statistic}_mask.nii.gz")
        image = nibabel.load(file)
        wrong += check_grid(image, shape, affine, np.uint8)
        differing = np.sum(image.get_fdata() != nearest(mask, connectome, shape, affine))
        if differing:
            wrong.append(f"{file.name}: {differing} voxels differ")
    return wrong


def check_tables(folder: Path, case: dict, connectome: Connectome, maps: list[dict[str, np.ndarray]]) -> tuple[float, list[str]]:
    """The tables of parcels, and the counts of the summary."""
    output = folder / case["output"]
    atlases = [open_atlas(name, folder / file, connectome) for name, file, _ in case["parcellations"]]
    summary = {row["lesion"]: row for row in read_table(output / "summary.tsv")}
    largest, wrong = 0.0, []
    for lesion, wanted in zip(case["lesions"], maps):
        stem, name = expected_maps(lesion, output)
        [file] = stem.glob(f"{name}_parcels.tsv")
        mask = lesion_voxels(folder / lesion, connectome)
        share, problems = check_parcels(read_table(file), atlases, wanted, bounds(wanted), mask)
        problems += check_counts(summary[Path(lesion).name], wanted, case["fdr_alpha"], case["t_threshold"])
        largest = max(largest, share)
        wrong += [f"{lesion}: {problem}" for problem in problems]
    return largest, wrong


def check_seeds(case: dict, connectome: Connectome, seeds: list[list[np.ndarray]], output: Path) -> list[str]:
    """The images of the refined seeds, exactly, and their sizes in the summary."""
    summary = {row["lesion"]: row for row in read_table(output / "summary.tsv")}
    suffix, dtype = ("mask", np.uint8) if case["pini"]["scope"] == "connectome" else ("probseg", np.float32)
    wrong = []
    for lesion, of_subjects in zip(case["lesions"], seeds):
        folder, name = expected_maps(lesion, output, "piniseed")
        files = list(folder.glob(f"{name}_{suffix}.nii.gz" if name != "*" else f"*_desc-piniseed_{suffix}.nii.gz"))
        if len(files) != 1:
            wrong.append(f"{lesion}: {len(files)} images of the seed in {folder}")
            continue
        image = nibabel.load(files[0])
        wrong += [f"{files[0].name}: {problem}" for problem in check_grid(image, connectome.shape, connectome.affine, dtype)]
        wanted = np.zeros(connectome.shape)
        wanted[tuple(connectome.indices)] = np.mean([weights != 0 for weights in of_subjects], axis=0)
        differing = np.sum(np.abs(image.get_fdata() - wanted) > FLOAT32_ROUNDING)
        if differing:
            wrong.append(f"{files[0].name}: {differing} voxels of the seed differ")
        sizes = {file: np.count_nonzero(weights) for file, weights in zip(connectome.files, of_subjects)}
        count = float(summary[Path(lesion).name]["seed_voxels"])
        if abs(count - np.mean(list(sizes.values()))) > 1e-6 * count:
            wrong.append(f"{lesion}: seed_voxels is {count}, not {np.mean(list(sizes.values()))}")
    return wrong


MATRIX_ROUNDING = 5e-7
"""Tables hold seven significant digits."""


def check_matrix(case: dict, connectome: Connectome, seeds: list[list[np.ndarray]], output: Path, method: str) -> list[str]:
    """The tables of seed-to-seed connectivity."""
    z = seed_matrix(connectome, seeds)
    names = [Path(lesion).name for lesion in case["lesions"]]
    wrong = []
    for statistic, wanted, bound in (("z", z, 2e-6 / (1 - np.tanh(z) ** 2)), ("r", np.tanh(z), np.full(z.shape, 2e-6))):
        rows = {row["lesion"]: row for row in read_table(output / f"desc-{method}_stat-{statistic}_relmat.tsv")}
        if sorted(rows) != sorted(names):
            wrong.append(f"matrix of {statistic}: rows {sorted(rows)}")
            continue
        found = np.array([[float(rows[one][other]) for other in names] for one in names])
        if np.any(np.abs(found - wanted) > bound + MATRIX_ROUNDING * np.abs(wanted)):
            wrong.append(f"matrix of {statistic}: {found.tolist()}, not {wanted.tolist()}")
    return wrong


def check_degree(connectome: Connectome, output: Path, times: float) -> tuple[Path | None, float, list[str]]:
    """The map of the degree, the largest share of the bound of r that it uses, and what is wrong with it."""
    found = list(output.glob("space-*_desc-degree_stat-r_statmap.nii.gz"))
    if len(found) != 1:
        return None, np.inf, [f"{len(found)} maps of the degree in {output}"]
    wanted = {"r": degree(connectome), "p": np.zeros(1), "t": np.zeros(1), "sd": np.zeros(1)}
    share, problems = check_map(found[0], connectome, "r", wanted, times)
    return found[0], share, [f"{found[0].name}: {problem}" for problem in problems]


def check_overlap(files: set[Path], output: Path) -> list[str]:
    """What is wrong with the maps of the overlap: shares of the maps of t that were written, which must be exact."""
    wrong = []
    maps_of_t = [np.asarray(nibabel.load(file).dataobj) for file in sorted(output.glob("sub-*/**/*_stat-t_statmap.nii.gz"))]
    for sign, name in ((1, "tpos"), (-1, "tneg")):
        for level in (5, 7, 9):
            file = next((one for one in files if f"_desc-overlap_stat-{name}{level}_" in one.name), None)
            if file is None:
                wrong.append(f"no map of the overlap {name}{level}")
                continue
            counts = sum((sign * t >= level).astype(int) for t in maps_of_t)
            wanted = (counts / len(maps_of_t)).astype(np.float32)
            if not np.array_equal(np.asarray(nibabel.load(file).dataobj), wanted):
                wrong.append(f"{file.name}: not the share of the lesions")
    return wrong


def check_case(folder: Path, times: dict[str, float]) -> list[str]:
    case = json.loads((folder / "case.json").read_text())
    mask = folder / case["mask"] if case["mask"] else None
    connectome = open_connectome(folder / case["connectome"], mask, case["pattern"])
    lesions = [folder / lesion for lesion in case["lesions"]]
    maps, seeds = reference(connectome, lesions, case.get("weights", "binary"), case.get("pini"), case.get("partial", False))
    method = "pini" if "pini" in case else "boes"
    output = folder / case["output"]
    largest = dict.fromkeys(STATISTICS, 0.0)
    wrong: list[str] = []
    unexpected = set(output.glob("**/*_statmap.nii.gz"))
    of_degree, largest["degree"], problems = check_degree(connectome, output, times["r"])
    unexpected.discard(of_degree)
    wrong += problems
    of_overlap = {file for file in unexpected if "_desc-overlap_" in file.name}
    unexpected -= of_overlap
    # One lesion overlaps with none.
    if case.get("grid") != "lesion" and len(lesions) > 1:
        wrong += check_overlap(of_overlap, output)
    for lesion, wanted in zip(case["lesions"], maps):
        for statistic in STATISTICS:
            file = find_map(lesion, statistic, output, method)
            if isinstance(file, str):
                wrong.append(file)
                largest[statistic] = np.inf
                continue
            unexpected.discard(file)
            if case.get("grid") == "lesion":
                share, problems = check_own_map(file, connectome, statistic, wanted, folder / lesion)
            else:
                share, problems = check_map(file, connectome, statistic, wanted, times[statistic])
            largest[statistic] = max(largest[statistic], share)
            wrong += [f"{file.name}: {problem}" for problem in problems]
        if case.get("grid") == "lesion":
            wrong += check_masks(folder / lesion, connectome, wanted, case, output)
    if "pini" in case:
        wrong += check_seeds(case, connectome, seeds, output)
    if case.get("matrix"):
        wrong += check_matrix(case, connectome, seeds, output, method)
    if "parcellations" in case:
        largest["parcels"], problems = check_tables(folder, case, connectome, maps)
        wrong += problems
    shares = "  ".join(f"{name} {share:.4f}" for name, share in largest.items())
    print(f"{folder.name}: {len(maps)} lesions, {connectome.indices.shape[1]} voxels; share of the bound: {shares}")
    return wrong + [f"{file.name}: no lesion has this map" for file in sorted(unexpected)]


def main() -> None:
    folders = sys.argv[1:]
    times = dict.fromkeys(STATISTICS, 1.0)
    if folders[0] == "--times":
        r, z, t, p = map(float, folders[1].split(","))
        times = {"r": r, "z": z, "t": t, "sd": t, "p": p, "pfdr": p}
        folders = folders[2:]
    wrong = {folder: check_case(Path(folder), times) for folder in folders}
    for folder, problems in wrong.items():
        for problem in problems:
            print(f"{Path(folder).name}: {problem}", file=sys.stderr)
    sys.exit(1 if any(wrong.values()) else 0)


if __name__ == "__main__":
    main()
