"""Reads an export as PALM and randomise do, and tests its contrast anew: by least squares in float64, and by permutations of its own.

usage: palm.py EXPORT STATISTIC.nii.gz PFWE.nii.gz    prints a line for each difference; nothing where there is none
"""
import sys

import nibabel
import numpy as np

folder, statistic_file, pfwe_file = sys.argv[1:]
differences = []


def check(equal, words):
    if not equal:
        differences.append(words)


def vest(name):
    """A matrix in FSL's format, with the numbers of its header."""
    header, _, rows = open(f"{folder}/{name}").read().partition("/Matrix\n")
    said = {line.split("\t")[0]: line.split("\t")[1:] for line in header.splitlines() if line}
    matrix = np.array([[float(cell) for cell in row.split()] for row in rows.splitlines()])
    points = said.get("/NumPoints", said.get("/NumContrasts"))
    check(matrix.shape == (int(points[0]), int(said["/NumWaves"][0])), f"{name}: {matrix.shape}, not as its header")
    return matrix, said


image = nibabel.load(f"{folder}/maps.nii.gz")
mask_image = nibabel.load(f"{folder}/mask.nii.gz")
statistic_image = nibabel.load(statistic_file)
check(image.get_data_dtype() == np.float32 and mask_image.get_data_dtype() == np.uint8, "datatypes")
for other in (mask_image, statistic_image):
    check(np.allclose(image.affine, other.affine) and image.shape[:3] == other.shape, "the grids differ")
mask = np.asarray(mask_image.dataobj) == 1
maps = np.asarray(image.dataobj)
check(np.all(maps[~mask] == 0) and np.all(np.isfinite(maps)), "values outside of the mask")
check(np.all(maps[mask] != 0), "voxels of the mask without a value")

design = np.loadtxt(f"{folder}/design.csv", delimiter=",", ndmin=2)
contrast = np.loadtxt(f"{folder}/con.csv", delimiter=",", ndmin=1)
patients = open(f"{folder}/participants.txt").read().split()
check(len(patients) == len(design) == image.shape[3], f"{len(patients)} patients, {len(design)} rows, {image.shape[3]} maps")
matrix, said = vest("design.mat")
check(np.array_equal(matrix, design), "design.mat is not design.csv")
check(np.allclose([float(height) for height in said["/PPheights"]], np.ptp(design, axis=0)), "heights of design.mat")
both, _ = vest("design.con")
check(np.array_equal(both, [contrast, -contrast]), "design.con is not con.csv in both directions")
blocks = np.loadtxt(f"{folder}/eb.csv", dtype=int)
check(np.array_equal(vest("design.grp")[0][:, 0], blocks), "design.grp is not eb.csv")

y = maps[mask].T.astype(float)


def t_of(y, design):
    beta, _, rank, _ = np.linalg.lstsq(design, y, rcond=None)
    residual = y - design @ beta
    variance = (residual**2).sum(0) / (len(y) - rank)
    return (contrast @ beta) / np.sqrt(variance * (contrast @ np.linalg.pinv(design.T @ design) @ contrast))


t = t_of(y, design)
told = np.asarray(statistic_image.dataobj)[mask]
check(np.all(np.abs(told - t) <= 2e-5 * np.maximum(1, np.abs(t))), f"t differs by up to {np.abs(told - t).max()}")

# Freedman and Lane: what the covariates leave of the maps, shuffled within blocks.
nuisance = design[:, contrast == 0]
left = y - nuisance @ np.linalg.lstsq(nuisance, y, rcond=None)[0]
random = np.random.default_rng(4)
maxima = [np.abs(t).max()]
for _ in range(400):
    order = np.arange(len(y))
    for block in np.unique(blocks):
        own = np.flatnonzero(blocks == block)
        order[own] = random.permutation(own)
    maxima.append(np.abs(t_of(left[order], design)).max())
pfwe = (np.array(maxima)[:, None] >= np.abs(t) - 1e-9).mean(0)
told = np.asarray(nibabel.load(pfwe_file).dataobj)[mask]
# Five standard errors of the difference of two p by permutation, and a step of each.
error = 5 * np.sqrt(2 * np.maximum(pfwe * (1 - pfwe), 0.01) / 400) + 0.006
check(np.all(np.abs(told - pfwe) <= error), f"pfwe differs by up to {np.abs(told - pfwe).max()}")
check(told.min() < 0.05, "nothing is significant")

print("\n".join(differences[:20]), end="")
