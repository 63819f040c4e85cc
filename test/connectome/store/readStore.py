"""Reads a connectome store with numpy alone, as its attribute `reading` says, and prints what it finds as JSON."""
import json
import pathlib
import sys
import zlib

import numpy

store = pathlib.Path(sys.argv[1])
attributes = json.loads((store / "zarr.json").read_text())["attributes"]


def metadata(name):
    return json.loads((store / name / "zarr.json").read_text())


def array(name):
    """The whole array, put together from its chunk files."""
    described = metadata(name)
    shape = described["shape"]
    chunk = described["chunk_grid"]["configuration"]["chunk_shape"]
    dtype = numpy.dtype(described["data_type"]).newbyteorder("<")
    assert [codec["name"] for codec in described["codecs"]] == ["bytes"]
    counts = [-(-size // part) for size, part in zip(shape, chunk)]
    whole = numpy.zeros([count * part for count, part in zip(counts, chunk)], dtype)
    for position in numpy.ndindex(*counts):
        path = store / name / "c" / "/".join(map(str, position))
        part = numpy.frombuffer(path.read_bytes(), dtype).reshape(chunk)
        whole[tuple(slice(i * n, (i + 1) * n) for i, n in zip(position, chunk))] = part
    return whole[tuple(slice(0, size) for size in shape)]


panels, sd, times = array("timeseries"), array("sd"), array("time_points")
voxels, longest = attributes["voxels"], panels.shape[2]
subjects = []
for s in range(len(times)):
    series = panels[s].transpose(1, 0, 2).reshape(longest, -1)[: times[s], :voxels].astype("f8")
    if attributes["precision"] == "int16":
        series = series * array("step")[s]
    subjects.append({"series": (series * sd[s]).tolist(), "variance": series.var(axis=0).tolist()})

files = [f"timeseries/c/{{s}}/{k}/0/0" for k in range(-(-panels.shape[1] // metadata("timeseries")["chunk_grid"]["configuration"]["chunk_shape"][1]))]
files += ["sd/c/{s}/0"] + (["step/c/{s}/0"] if attributes["precision"] == "int16" else [])


def checksum(file):
    words = numpy.fromfile(file, "<u4").astype("u8")
    sums = [words.sum(), (words * numpy.arange(len(words), 0, -1, dtype="u8")).sum()]
    return zlib.crc32(numpy.array(sums, "<u8").tobytes())


checksums = [[checksum(store / name.format(s=s)) for name in files] for s in range(len(times))]

print(
    json.dumps(
        {
            "mask_indices": array("mask_indices").T.tolist(),
            "mask_affine": attributes["mask_affine"],
            "checksums_agree": bool((array("checksums") == checksums).all()),
            "dimensions": metadata("timeseries")["dimension_names"],
            "subjects": subjects,
        }
    )
)
