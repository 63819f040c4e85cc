"""Writes what SciPy says of far tails, and the reference of false discovery rates, as JSON: for the kernels' tests against it.

Usage: tails.py > FILE      {"t": [[df, t, p], ...], "fdr": [{"p": [...], "adjusted": [...]}, ...]}
"""

import json
import sys

import numpy as np
import scipy.stats

from reference import benjamini_hochberg


def far_tails() -> list[list[float]]:
    """Two-tailed p of t with the degrees of freedom of 1,000, 100 and 24 subjects, from p near 1 down to 1e-300."""
    t = np.geomspace(1e-3, 1e15, 8000)
    rows = []
    for df in (999, 99, 23):
        p = 2 * scipy.stats.t.sf(t, df)
        kept = p >= 1e-300
        rows += [[df, *row] for row in zip(t[kept].tolist(), p[kept].tolist())]
    return rows


def false_discoveries() -> list[dict[str, list[float]]]:
    """p values spread over 300 decades, with ties, zeros and ones among them."""
    rng = np.random.default_rng(1)
    spread = 10.0 ** -rng.uniform(0, 300, 3001)
    tied = np.round(rng.uniform(0, 1, 3001), 2)
    edges = np.concatenate([np.zeros(200), np.ones(200), rng.uniform(0, 1, 1001)])
    return [
        {"p": p.tolist(), "adjusted": benjamini_hochberg(p).tolist()}
        for p in (spread, tied, rng.permutation(edges), np.zeros(5), np.ones(5))
    ]


json.dump({"t": far_tails(), "fdr": false_discoveries()}, sys.stdout)
