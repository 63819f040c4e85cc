"""Prints the first right singular vector of each matrix that comes as JSON on standard input, after centring its columns."""

import json
import sys

import numpy as np

found = []
for rows in json.load(sys.stdin):
    matrix = np.array(rows, float)
    _, values, vectors = np.linalg.svd(matrix - matrix.mean(axis=0), full_matrices=False)
    found.append({"vector": vectors[0].tolist(), "gap": 1 - (values[1] / values[0] if values.size > 1 else 0)})
json.dump(found, sys.stdout)
