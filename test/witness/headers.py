"""Says where nibabel places NIfTI files by their sform and by their qform, and what the headers say that the numbers are.

Usage: headers.py FILE...      prints a JSON list, an object a file
"""

import json
import sys

import nibabel


def header_of(file: str) -> dict:
    header = nibabel.load(file).header
    sform, sform_code = header.get_sform(coded=True)
    qform, qform_code = header.get_qform(coded=True)
    code, parameters, _ = header.get_intent("code")
    return {
        "sform": None if sform is None else sform.ravel().tolist(),
        "sform_code": int(sform_code),
        "qform": None if qform is None else qform.ravel().tolist(),
        "qform_code": int(qform_code),
        "zooms": [float(zoom) for zoom in header.get_zooms()],
        "intent": [int(code), *map(float, parameters)],
    }


if __name__ == "__main__":
    print(json.dumps([header_of(file) for file in sys.argv[1:]]))
