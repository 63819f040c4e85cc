"""An independent float64 reference for predictions: NumPy and SciPy, a regression for each fold, permutation and voxel.

It reads the maps, the lesions, the orders of the permutations that were drawn and the folds that were made; nothing of the algebra that makes
permutations cheap is here. The model is the partial correlation over the patients of a fold, from what regressions leave of score and maps.

Usage: prediction.py FOLDER..., with study.json and maps.f32 in each; writes found.json.
"""

import json
import sys
from pathlib import Path

import numpy as np
import scipy.stats

TIE = 1e-9
"""Rank correlations that differ by less are equal."""


def left_of(design, values):
    return values - design @ np.linalg.lstsq(design, values, rcond=None)[0]


def model_of(score, covariates, maps):
    design = np.column_stack([np.ones(len(score)), *covariates])
    x, y = left_of(design, score), left_of(design, maps)
    return (x @ y) / (np.linalg.norm(x) * np.linalg.norm(y, axis=0))


def similarities_of(study, score, maps):
    """A row a fold: of each patient held out the correlation with the model of the others."""
    covariates = np.array(study["covariates"]).reshape(-1, len(score))
    found = []
    for held in study["folds"]:
        training = np.setdiff1d(np.arange(len(score)), held)
        model = model_of(score[training], [column[training] for column in covariates], maps[training])
        row = []
        for patient in held:
            outside = np.setdiff1d(np.arange(maps.shape[1]), study["lesions"][patient])
            row.append(np.corrcoef(model[outside], maps[patient, outside])[0, 1])
        found.append(row)
    return found


def spearman(one, other):
    return scipy.stats.spearmanr(one, other).statistic


def partial(one, other, given):
    design = np.column_stack([np.ones(len(one)), *[scipy.stats.rankdata(column) for column in given]])
    left = left_of(design, np.column_stack([scipy.stats.rankdata(one), scipy.stats.rankdata(other)]))
    return np.corrcoef(left.T)[0, 1]


def multiple(one, given):
    design = np.column_stack([np.ones(len(one)), *[scipy.stats.rankdata(column) for column in given]])
    ranks = scipy.stats.rankdata(one)
    return np.corrcoef(ranks, ranks - left_of(design, ranks))[0, 1]


def figures_of(study, score, maps):
    """Means over repeats, and what is known of the lesions alone."""
    similarities = similarities_of(study, score, maps)
    given = np.array(study["known"])
    rho, rho_given = [], []
    for repeat in np.unique(study["repeats"]):
        own = np.empty(len(score))
        for fold, held in enumerate(study["folds"]):
            if study["repeats"][fold] == repeat:
                own[held] = similarities[fold]
        rho.append(spearman(own, score))
        rho_given.append(partial(own, score, given))
    alone = [spearman(column, score) for column in given]
    return similarities, np.mean(rho), np.mean(rho_given), alone, multiple(score, given)


def p_of(observed, permuted, every):
    reaching = int(np.sum(np.array(permuted) >= observed - TIE))
    return reaching / len(permuted) if every else (1 + reaching) / (1 + len(permuted))


def run(folder):
    study = json.loads((folder / "study.json").read_text())
    score = np.array(study["score"], dtype=float)
    maps = np.fromfile(folder / "maps.f32", dtype="<f4").reshape(len(score), -1).astype(float)
    similarities, rho, rho_given, alone, together = figures_of(study, score, maps)
    permuted = [figures_of(study, score[order], maps)[1:] for order in study["orders"]]
    every = study["all"]
    found = {
        "similarities": similarities,
        "spearman": [rho, p_of(rho, [one[0] for one in permuted], every)],
        "partial": [rho_given, p_of(rho_given, [one[1] for one in permuted], every)],
        "alone": [
            [value, p_of(abs(value), [abs(one[2][k]) for one in permuted], every)] for k, value in enumerate(alone)
        ],
        "together": [together, p_of(together, [one[3] for one in permuted], every)],
        "nullSpearman": [one[0] for one in permuted],
        "nullPartial": [one[1] for one in permuted],
        "model": list(model_of(score, [np.array(column) for column in study["covariates"]], maps)),
    }
    (folder / "found.json").write_text(json.dumps(found))


for name in sys.argv[1:]:
    run(Path(name))
