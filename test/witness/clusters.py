"""Holds what a report says of maps against SciPy: clusters, their sizes and peaks, and the overlap of lesions.

usage: clusters.py FOLDER FINDINGS.json    prints a line for each difference; nothing where there is none
"""
import json
import sys
from itertools import product

import nibabel
import numpy as np
from scipy import ndimage

folder, findings_file = sys.argv[1:]
with open(findings_file) as stream:
    findings = json.load(stream)
differences = []


def check(equal, words):
    if not equal:
        differences.append(words)


def further_peaks(values, cluster, peak, affine):
    """The strongest local maxima of a cluster that lie 8 mm from its peak and from each other, three at most."""
    strength = np.where(cluster, np.abs(values), -np.inf)
    around = ndimage.maximum_filter(strength, size=3, mode="constant", cval=-np.inf)
    candidates = np.argwhere(cluster & (strength == around))
    taken = [peak]
    found = []
    for index in sorted(candidates.tolist(), key=lambda index: -strength[tuple(index)]):
        place = affine[:3, :3] @ index + affine[:3, 3]
        if all(np.linalg.norm(place - other) >= 8 for other in taken) and len(found) < 3:
            taken.append(place)
            found.append(place)
    return found


def clusters_of(values, threshold, affine):
    found = []
    for sign in (1, -1):
        labels, count = ndimage.label(sign * values >= threshold)
        for label in range(1, count + 1):
            cluster = labels == label
            index = np.unravel_index(np.argmax(np.where(cluster, sign * values, -np.inf)), values.shape)
            place = affine[:3, :3] @ index + affine[:3, 3]
            found.append((abs(values[index]), sign, int(cluster.sum()), place, cluster))
    return sorted(found, key=lambda one: -one[0])


t_maps = []
for lesion in findings["lesions"]:
    image = nibabel.load(f"{folder}/{lesion['maps']}_stat-t_statmap.nii.gz")
    values = np.asarray(image.dataobj)
    t_maps.append(values)
    z = np.asarray(nibabel.load(f"{folder}/{lesion['maps']}_stat-z_statmap.nii.gz").dataobj)
    expected = clusters_of(values, lesion["scale"]["threshold"], image.affine)
    check(lesion["clusterCount"] == len(expected), f"{lesion['name']}: {lesion['clusterCount']} clusters, not {len(expected)}")
    volume = abs(np.linalg.det(image.affine[:3, :3]))
    for cluster, (strength, sign, voxels, place, members) in zip(lesion["clusters"], expected):
        at = f"{lesion['name']}, cluster at {cluster['peakMm']}"
        check(cluster["sign"] == sign and cluster["voxels"] == voxels, f"{at}: size {cluster['voxels']}, not {voxels}")
        check(np.allclose(cluster["volumeMm3"], voxels * volume), f"{at}: volume")
        check(np.allclose(cluster["peakMm"], place, atol=1e-4), f"{at}: peak at {place}")
        check(np.float32(cluster["t"]) == np.float32(sign * strength), f"{at}: t {cluster['t']}, not {sign * strength}")
        index = tuple(np.rint(np.linalg.inv(image.affine)[:3] @ [*cluster["peakMm"], 1]).astype(int))
        check(np.float32(cluster["z"]) == z[index], f"{at}: z {cluster['z']}, not {z[index]}")
        check(np.isclose(cluster["r"], np.tanh(float(z[index])), atol=1e-7), f"{at}: r {cluster['r']}")
        further = further_peaks(values, members, place, image.affine)
        told = [peak["positionMm"] for peak in cluster["furtherPeaks"]]
        check(len(told) == len(further) and np.allclose(told, further, atol=1e-4), f"{at}: further peaks {further}")
    check(len(lesion["clusters"]) == min(20, len(expected)), f"{lesion['name']}: {len(lesion['clusters'])} are listed")

for (sign, word), tau in product(((1, "pos"), (-1, "neg")), (5, 7, 9)):
    name = f"space-MNI152NLin6Asym_desc-overlap_stat-t{word}{tau}_statmap"
    count = sum((sign * values >= tau).astype(int) for values in t_maps)
    image = nibabel.load(f"{folder}/{name}.nii.gz")
    written = np.asarray(image.dataobj)
    check(written.dtype == np.float32, f"{name}: {written.dtype}")
    check(np.array_equal(written, (count / len(t_maps)).astype(np.float32)), f"{name}: shares differ")
    check(np.array_equal(np.rint(written * len(t_maps)).astype(int), count), f"{name}: counts differ")
    with open(f"{folder}/{name}.json") as stream:
        sidecar = json.load(stream)
    check(sidecar["Lesions"] == len(t_maps) and sidecar["Threshold"] == sign * tau, f"{name}: sidecar {sidecar}")
    title = f"t {'≥ ' if sign > 0 else '≤ −'}{tau}"
    shown = next(one for one in findings["overlap"] if one["title"] == title)
    check(shown["most"] == count.max() and shown["of"] == len(t_maps), f"{title}: most {shown['most']}")
    check(count.max() == 0 or shown["voxelsAtMost"] == (count == count.max()).sum(), f"{title}: voxels")

mean = sum(np.asarray(nibabel.load(f"{folder}/{one['maps']}_stat-z_statmap.nii.gz").dataobj, float) for one in findings["lesions"])
brain = mean != 0
for lesion in findings["lesions"]:
    z = np.asarray(nibabel.load(f"{folder}/{lesion['maps']}_stat-z_statmap.nii.gz").dataobj, float)
    expected = np.corrcoef(z[brain], mean[brain])[0, 1]
    check(abs(lesion["similarityToMean"] - expected) < 1e-6, f"{lesion['name']}: similarity, not {expected}")
    counts, _ = np.histogram(np.tanh(z[brain]), bins=100, range=(-1, 1))
    told = np.array(lesion["histogram"]["counts"])
    # A value within rounding of an edge may be on either side of it.
    check(told.sum() == counts.sum() and np.abs(np.cumsum(told) - np.cumsum(counts)).max() <= 2, f"{lesion['name']}: histogram")

print("\n".join(differences[:20]), end="")
