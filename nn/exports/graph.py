"""A graph of ONNX operations under construction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

MACHINE_LEARNING = "ai.onnx.ml"


@dataclass
class Graph:
    """Operations, and the constants they use; values are known by name."""

    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)

    def constant(self, values: ArrayLike, dtype: Any = np.float32) -> str:
        """Keep an array in the graph."""
        from onnx import numpy_helper

        name = f"mlestim/constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype, order="C"), name))
        return name

    def apply(self, operation: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add an operation with one output, and name that."""
        from onnx import helper

        output = f"mlestim/value_{len(self.nodes)}"
        self.nodes.append(
            helper.make_node(operation, list(inputs), [output], domain=domain, **attributes)
        )
        return output

    @property
    def names(self) -> set[str]:
        """Names of all values, other than those of inputs."""
        outputs = {output for node in self.nodes for output in node.output}
        return outputs | {constant.name for constant in self.constants}

    def name(self, value: str, name: str) -> None:
        """Give a value the name of one of the graph's outputs."""
        from onnx import helper

        self.nodes.append(helper.make_node("Identity", [value], [name]))
