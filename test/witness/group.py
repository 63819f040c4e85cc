"""An independent float64 reference for group contrasts: NumPy and SciPy, by the textbook and not by products over an orthonormal basis.

It reads the permutations that were drawn, and for each of them permutes the residuals of the nuisance model, adds its fit back, and
regresses the sum on the whole design, as Freedman and Lane describe it. G is computed from its definition with a weight for each
patient. TFCE is a sum over all distinct heights, each labelled by scipy.ndimage.

Usage: group.py FOLDER..., with study.json and maps.f32 in each; writes t.f64 (permutations, the observed one first; voxels) and found.json.
"""

import json
import sys
from pathlib import Path

import numpy as np
import scipy.ndimage
import scipy.stats

TIE = 1e-5
"""A permuted |t| counts as >= |t| from |t| - TIE * max(1, |t|) on."""

TIE_OF_SUMS = 1e-4
"""The same of TFCE and cluster mass, relative."""


def regress(design, values):
    """Coefficients, and what is left of the values."""
    beta = np.linalg.lstsq(design, values, rcond=None)[0]
    return beta, values - design @ beta


def t_of(design, values, groups):
    beta, left = regress(design, values)
    patients, columns = design.shape
    variance = (left**2).sum(axis=0) / (patients - columns)
    return beta[0] / np.sqrt(variance * np.linalg.inv(design.T @ design)[0, 0])


def g_of(design, values, groups):
    beta, left = regress(design, values)
    forming = np.eye(len(design)) - design @ np.linalg.pinv(design)
    out = np.empty(values.shape[1])
    for voxel in range(values.shape[1]):
        weights = np.empty(len(design))
        for group in np.unique(groups):
            own = groups == group
            weights[own] = np.diag(forming)[own].sum() / (left[own, voxel] ** 2).sum()
        weighted = design.T @ np.diag(weights) @ design
        out[voxel] = beta[0, voxel] / np.sqrt(np.linalg.inv(weighted)[0, 0])
    return out


def volume_of(values, study):
    volume = np.zeros(int(np.prod(study["shape"])))
    volume[study["elements"]] = values
    return volume.reshape(study["shape"], order="F")


def masked(volume, study):
    return volume.reshape(-1, order="F")[study["elements"]]


def tfce(values, study):
    """With float32 heights, as maps have them."""
    out = np.zeros(len(values))
    for sign in (1, -1):
        height = np.maximum(sign * values, 0)
        volume = volume_of(height, study)
        below = 0.0
        for top in np.unique(height[height > 0]):
            labels, _ = scipy.ndimage.label(volume >= top)
            extents = np.bincount(labels.ravel())
            extents[0] = 0
            out += sign * masked(np.sqrt(extents)[labels], study) * (top**3 - below**3) / 3
            below = top
    return out


def clusters(values, threshold, study):
    extent, mass = np.zeros(len(values)), np.zeros(len(values))
    for sign in (1, -1):
        volume = volume_of(sign * values, study)
        labels, count = scipy.ndimage.label(volume >= threshold)
        extents = np.bincount(labels.ravel(), minlength=count + 1).astype(float)
        masses = np.bincount(labels.ravel(), weights=volume.ravel(), minlength=count + 1)
        extents[0] = masses[0] = 0
        extent += masked(extents[labels], study)
        mass += masked(masses[labels], study)
    return extent, mass


def permutation_p(reaching, study):
    count = len(study["orders"])
    return reaching / count if study["all"] else (1 + reaching) / (1 + count)


def family_wise(threshold, maxima, study):
    return permutation_p((maxima[:, None] >= threshold[None, :]).sum(axis=0), study)


def benjamini_hochberg(p):
    order = np.argsort(p)[::-1]
    factors = len(p) / np.arange(len(p), 0, -1)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(1, np.minimum.accumulate(p[order] * factors))
    return adjusted


def single_p(design, maps, observed, study):
    """The effect, the partial correlation, and z of the two-tailed p of t."""
    beta, _ = regress(design, maps)
    _, x_left = regress(design[:, 1:], design[:, 0])
    _, y_left = regress(design[:, 1:], maps)
    correlation = x_left @ y_left / np.sqrt((x_left**2).sum() * (y_left**2).sum(axis=0))
    tail = scipy.stats.t.sf(np.abs(observed), study["degreesOfFreedom"])
    return {"effect": beta[0], "correlation": correlation, "z": np.sign(observed) * scipy.stats.norm.isf(tail)}


def significant(observed, p, study):
    """Sizes of the clusters with p below 0.05, those of negative ones with a sign, ascending."""
    sizes = []
    for sign in (1, -1):
        labels, count = scipy.ndimage.label(volume_of((sign * observed > 0) & (p < 0.05), study))
        sizes += [sign * int(size) for size in np.bincount(labels.ravel(), minlength=count + 1)[1:]]
    return sorted(sizes)


def main(folder):
    study = json.loads((folder / "study.json").read_text())
    maps = np.fromfile(folder / "maps.f32", dtype="<f4").astype(float).reshape(len(study["effect"]), -1)
    columns = [study["effect"], *study["nuisance"]]
    groups = np.array(study["effect"])
    if study["ranks"]:
        columns = [scipy.stats.rankdata(column) for column in columns]
        maps = scipy.stats.rankdata(maps, axis=0)
    design = np.column_stack([*columns, np.ones(len(maps))]).astype(float)
    nuisance, left = regress(design[:, 1:], maps)
    statistic = g_of if study["variance"] == "unequal" else t_of
    observed = statistic(design, maps, groups)
    permuted = np.empty((len(study["orders"]), maps.shape[1]))
    for index, order in enumerate(study["orders"]):
        moved = np.empty_like(left)
        # Patient i has the row of patient order[i], which is the same as that row's residual being that of patient i.
        moved[order] = left
        permuted[index] = statistic(design, design[:, 1:] @ nuisance + moved, groups)
    least = np.maximum(0, np.abs(observed) - TIE * np.maximum(1, np.abs(observed)))
    p = permutation_p((np.abs(permuted) >= least).sum(axis=0), study)
    found = single_p(design, maps, observed, study) | {"p": p, "familyWise": family_wise(least, np.abs(permuted).max(axis=1), study), "pfdr": benjamini_hochberg(p)}
    if study["spatial"]:
        threshold = scipy.stats.t.isf(study["formingP"] / 2, study["degreesOfFreedom"])
        found["threshold"] = [threshold]
        single = [values.astype(np.float32).astype(float) for values in [observed, *permuted]]
        enhanced = np.array([tfce(values, study) for values in single])
        extents, masses = np.array([clusters(values, threshold, study) for values in single]).transpose(1, 0, 2)
        largest = [np.abs(values[1:]).max(axis=1) for values in (enhanced, extents, masses)]
        found |= {"enhanced": enhanced[0], "extents": extents[0], "masses": masses[0]}
        found |= {"maxEnhanced": largest[0], "maxExtents": largest[1], "maxMasses": largest[2]}
        found["clusters"] = significant(observed, found["familyWise"], study)
        found["enhancedFamilyWise"] = family_wise(np.abs(enhanced[0]) * (1 - TIE_OF_SUMS), largest[0], study)
        found["extentsFamilyWise"] = family_wise(extents[0], largest[1], study)
        found["massesFamilyWise"] = family_wise(masses[0] * (1 - TIE_OF_SUMS), largest[2], study)
    np.vstack([observed, permuted]).astype("<f8").tofile(folder / "t.f64")
    (folder / "found.json").write_text(json.dumps({name: list(values) for name, values in found.items()}))


for name in sys.argv[1:]:
    main(Path(name))
