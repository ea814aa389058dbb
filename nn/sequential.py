"""Layers one after the other, with their parameters in one vector."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlestim.errors import OptionError
from nn.layers.base import Layer

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from nn.arrays import FloatArray


class Sequential:
    """Chain of layers, each taking the output of the one before.

    The layers' parameters move into one vector and their gradients into another; the layers keep
    views. An optimizer thus updates a whole network by one call, in place::

        optimizer.step(network.parameters, network.gradient)

    Parameters
    ----------
    *layers : Layer
        From input to output, each only once.

    Attributes
    ----------
    layers : tuple of Layer
        The layers.
    parameters, gradient : array, shape (n_parameters,)
        All parameters and their gradient, layer by layer; float32 if all layers' are.

    Raises
    ------
    OptionError
        If there is no layer, something else among the layers, one of them twice, or one of
        another network.

    Examples
    --------
    >>> import nn
    >>> network = nn.Sequential(nn.Affine([[1.0], [2.0]], [0.5]), nn.ReLU())
    >>> network
    Sequential(Affine(n_in=2, n_out=1), ReLU())
    >>> network.forward([[1.0, 1.0]], training=True).tolist()
    [[3.5]]
    >>> network.backward([[1.0]]).tolist()
    [[1.0, 2.0]]
    >>> network.parameters.tolist(), network.gradient.tolist()
    ([1.0, 2.0, 0.5], [1.0, 1.0, 1.0])
    """

    def __init__(self, *layers: Layer) -> None:
        if not layers:
            raise OptionError("a network has at least one layer")
        for layer in layers:
            if not isinstance(layer, Layer):
                raise OptionError(f"{layer!r} is no layer with one input and one output")
            if layer.in_network:
                raise OptionError(
                    f"{layer!r} stands in another network, whose vector holds its parameters; "
                    "use copy.deepcopy of the layer"
                )
        if len(set(layers)) < len(layers):
            raise OptionError("a layer stands in a network once: it keeps what its backward needs")
        self.layers = layers
        owners = [(layer, name) for layer in layers for name in layer.parameter_names]
        self.parameters = _share_vector(owners)
        self.gradient = _share_vector([(layer, f"d{name}") for layer, name in owners])
        for layer in layers:
            layer.in_network = True

    def forward(self, x: ArrayLike, training: bool = False) -> FloatArray:
        """Pass `x` through all layers; `training` is handed to each."""
        y = x
        for layer in self.layers:
            y = layer.forward(y, training)
        return np.asarray(y)

    def backward(self, dy: ArrayLike) -> FloatArray:
        """Pass the gradient in the output back to the input; fills ``gradient`` on the way."""
        dx = dy
        for layer in reversed(self.layers):
            dx = layer.backward(dx)
        return np.asarray(dx)

    def __reduce__(self) -> tuple[type[Sequential], tuple[Layer, ...]]:
        # A copy's layers are views of the copy's vectors.
        return Sequential, self.layers

    def __repr__(self) -> str:
        return f"Sequential({', '.join(map(repr, self.layers))})"


def _share_vector(owners: list[tuple[Layer, str]]) -> FloatArray:
    """Copy the named arrays into one vector, and replace each by its view of that vector."""
    arrays: list[FloatArray] = [getattr(layer, name) for layer, name in owners]
    dtype = np.result_type(*arrays) if arrays else np.float64
    vector: FloatArray = np.empty(sum(array.size for array in arrays), dtype)
    end = 0
    for (layer, name), array in zip(owners, arrays, strict=True):
        start, end = end, end + array.size
        view = vector[start:end].reshape(array.shape)
        view[...] = array
        setattr(layer, name, view)
    return vector
