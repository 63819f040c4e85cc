"""The reference's parcel means and counts, and how the tables of a run are held against them."""

import csv
from dataclasses import dataclass
from pathlib import Path

import nibabel
import numpy as np
import scipy.ndimage

from reference import TIE_TOLERANCE, Connectome

SEVEN_DIGITS = 5e-7
"""Tables have seven significant digits: half a unit of the last is at most this share of the number."""


@dataclass
class Atlas:
    name: str
    indices: list[int]
    weights: np.ndarray  # (parcels, voxels of the connectome)


def open_atlas(name: str, file: Path, connectome: Connectome) -> Atlas:
    image = nibabel.load(file)
    values = image.get_fdata()
    to_atlas = np.linalg.inv(image.affine) @ connectome.affine
    places = to_atlas[:3, :3] @ connectome.indices + to_atlas[:3, 3:]
    if values.ndim == 4:
        # The grids' steps are fractions of each other: what is beyond the ninth digit is rounding, no weight.
        places = np.round(places, 9)
        volumes = np.moveaxis(values, 3, 0)
        weights = [scipy.ndimage.map_coordinates(v, places, order=1, mode="grid-constant") for v in volumes]
        return Atlas(name, list(range(1, len(volumes) + 1)), np.array(weights))
    index = np.floor(places + 0.5 + TIE_TOLERANCE).astype(int)
    inside = np.all((index >= 0) & (index < np.array(values.shape)[:, None]), axis=0)
    labels = np.zeros(inside.size)
    labels[inside] = values[tuple(index[:, inside])]
    indices = [int(label) for label in np.unique(values) if label != 0]
    return Atlas(name, indices, np.array([labels == label for label in indices], float))


def means(atlas: Atlas, values: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return atlas.weights @ values / atlas.weights.sum(axis=1)


def read_table(file: Path) -> list[dict[str, str]]:
    with file.open() as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def number(cell: str) -> float:
    return np.nan if cell == "n/a" else float(cell)


def check_parcels(
    rows: list[dict[str, str]], atlases: list[Atlas], maps: dict[str, np.ndarray], bounds: dict[str, np.ndarray], lesion: np.ndarray
) -> tuple[float, list[str]]:
    """The largest share of its bound that a parcel's mean uses, and what is wrong. lesion: (voxels), bool."""
    wanted_rows = [(atlas, parcel) for atlas in atlases for parcel in range(len(atlas.indices))]
    found_rows = [(row["parcellation"], int(row["index"])) for row in rows]
    if found_rows != [(atlas.name, atlas.indices[parcel]) for atlas, parcel in wanted_rows]:
        return np.inf, [f"rows {found_rows}"]
    wrong, largest = [], 0.0
    for row, (atlas, parcel) in zip(rows, wanted_rows):
        where = f"{atlas.name} {row['index']}"
        if int(row["voxels"]) != np.sum(atlas.weights[parcel] > 0):
            wrong.append(f"{where}: {row['voxels']} voxels, not {np.sum(atlas.weights[parcel] > 0)}")
        for statistic in ("r", "z", "t", "lesionload"):
            values = lesion.astype(float) if statistic == "lesionload" else maps[statistic]
            allowed = np.full(lesion.size, 1e-9) if statistic == "lesionload" else bounds[statistic]
            wanted, found = means(atlas, values)[parcel], number(row[statistic])
            if np.isnan(wanted) or np.isnan(found):
                if np.isnan(wanted) != np.isnan(found):
                    wrong.append(f"{where}: {statistic} is {found}, not {wanted}")
                continue
            share = abs(found - wanted) / (means(atlas, allowed)[parcel] + SEVEN_DIGITS * abs(wanted))
            largest = max(largest, share)
            if share > 1:
                wrong.append(f"{where}: {statistic} is {found:.9g}, not {wanted:.9g}")
    return largest, wrong


def check_counts(row: dict[str, str], maps: dict[str, np.ndarray], fdr_alpha: float, t_threshold: float) -> list[str]:
    """Counts are exact, percentages of the brain mask have seven digits."""
    wanted = {
        "significant": np.sum(maps["pfdr"] < fdr_alpha),
        "t_threshold": np.sum(np.abs(maps["t"]) >= t_threshold),
    }
    wrong = []
    for name, count in wanted.items():
        percent = 100 * count / maps["t"].size
        if int(row[f"{name}_voxels"]) != count:
            wrong.append(f"{name}_voxels is {row[f'{name}_voxels']}, not {count}")
        if abs(float(row[f"{name}_percent"]) - percent) > SEVEN_DIGITS * percent:
            wrong.append(f"{name}_percent is {row[f'{name}_percent']}, not {percent}")
    return wrong
