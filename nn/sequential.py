"""Layers one after the other, with their parameters in one vector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mlestim.errors import DataError, ModelFileError, OptionError
from nn.arrays import float_array
from nn.layers.base import Layer
from nn.layers.records import make_layer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import ArrayLike, DTypeLike, NDArray

    from nn.arrays import FloatArray


class Sequential:
    """Chain of layers, each taking the output of the one before.

    The layers' parameters move into one vector and their gradients into another; the layers keep
    views. An optimizer thus updates a whole network by one call, in place::

        optimizer.step(network.parameters, network.gradient)

    `nn.train` does this over batches of rows.

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
        self.layers = layers
        every = [layer for _, layer in self._walk()]
        for layer in every:
            if layer.in_network:
                raise OptionError(
                    f"{layer!r} stands in another network, whose vector holds its parameters; "
                    "use copy.deepcopy of the layer"
                )
        if len(set(every)) < len(every):
            raise OptionError("a layer stands in a network once: it keeps what its backward needs")
        owners = [(layer, name) for layer in every for name in layer.parameter_names]
        self.parameters = _share_vector(owners)
        self.gradient = _share_vector([(layer, f"d{name}") for layer, name in owners])
        for layer in every:
            layer.in_network = True
        # From the last layer to the first one that learns: gradients go no further in training.
        learning = [i for i, layer in enumerate(layers) if _learns(layer)]
        self._learning = layers[learning[0] :][::-1] if learning else ()

    # ---- computing -----------------------------------------------------------------------------

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

    def backward_to_parameters(self, dy: ArrayLike) -> None:
        """Fill ``gradient`` alone: the gradient in the network's input is not computed."""
        *later, first = self._learning or (None,)
        for layer in later:
            dy = layer.backward(dy)
        if first is not None:
            first.backward_to_parameters(dy)

    def predict(self, X: ArrayLike, batch_size: int = 4096) -> FloatArray:
        """Compute the outputs of many rows, block by block.

        Parameters
        ----------
        X : array, shape (n, ...)
            Rows along the first axis.
        batch_size : int
            Rows of a block; those of the default stay in the processor's cache.

        Returns
        -------
        array
            Outputs of all rows, rows along the last axis but one.

        Examples
        --------
        >>> import nn
        >>> nn.Sequential(nn.Affine([[2.0]], [1.0])).predict([[1.0], [2.0], [3.0]]).tolist()
        [[3.0], [5.0], [7.0]]
        """
        rows = float_array(X, "X")
        if len(rows) <= batch_size:
            return self.forward(rows)
        # Twins share the parameters, and have arrays of their own to use from block to block.
        layers = [layer.twin() for layer in self.layers]
        outputs = np.empty(0)
        for start in range(0, len(rows), batch_size):
            block = slice(start, start + batch_size)
            y = rows[block]
            for layer in layers:
                y = layer.forward(y)
            if not start:
                outputs = np.empty((*y.shape[:-2], len(rows), y.shape[-1]), y.dtype)
            outputs[..., block, :] = y
        return outputs

    # ---- what it is made of --------------------------------------------------------------------

    def state(self) -> dict[str, NDArray[Any]]:
        """Copy all arrays that inference needs, by name.

        Returns
        -------
        dict
            "0.W", say, is W of the first layer. Parameters, and running means and variances.

        Examples
        --------
        >>> import nn
        >>> nn.Sequential(nn.Affine([[2.0]], [1.0]), nn.ReLU()).state()
        {'0.W': array([[2.]]), '0.b': array([1.])}
        """
        return {name: getattr(layer, part).copy() for name, layer, part in self._arrays()}

    def load_state(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Put the values of ``state`` in place.

        Raises
        ------
        DataError
            If names are missing or unknown, or a shape is another; nothing is changed then.
        """
        own = {name: getattr(layer, part) for name, layer, part in self._arrays()}
        missing, unknown = sorted(own.keys() - arrays.keys()), sorted(arrays.keys() - own.keys())
        if missing or unknown:
            raise DataError(f"the state lacks {missing} and has {unknown}, which are not in {self}")
        for name, array in own.items():
            if arrays[name].shape != array.shape or arrays[name].dtype.kind != "f":
                raise DataError(
                    f"{name} has shape {arrays[name].shape} and dtype {arrays[name].dtype}; "
                    f"{self} needs real numbers of shape {array.shape}"
                )
        for name, array in own.items():
            array[...] = arrays[name]

    def architecture(self) -> list[dict[str, Any]]:
        """Describe the layers by what JSON can hold; `nn.build` reads it.

        Examples
        --------
        >>> import nn
        >>> nn.Sequential(nn.Affine([[2.0]], [1.0]), nn.ReLU()).architecture()
        [{'layer': 'Affine', 'n_in': 1, 'n_out': 1}, {'layer': 'ReLU'}]
        """
        return [layer.record() for layer in self.layers]

    def is_weight(self) -> NDArray[np.bool_]:
        """Say of each parameter whether penalties and weight decay shrink it."""
        parts = [
            np.full(getattr(layer, name).size, name in layer.weight_names)
            for _, layer in self._walk()
            for name in layer.parameter_names
        ]
        return np.concatenate(parts) if parts else np.zeros(0, bool)

    def generators(self) -> dict[str, np.random.Generator]:
        """Give the random generators of layers that draw in training, by the layers' names."""
        return {name: layer.rng for name, layer in self._walk() if hasattr(layer, "rng")}

    def reuse_arrays(self, reuse: bool) -> None:
        """Whether outputs and gradients are written into the arrays of the call before."""
        for layer in self.layers:
            layer.reuse_arrays(reuse)

    def walk(self) -> Iterator[Layer]:
        """Give all layers, inner ones after the layer that is made of them."""
        return (layer for _, layer in self._walk())

    def _walk(self) -> Iterator[tuple[str, Layer]]:
        """All layers with their names, inner ones after the layer that is made of them."""
        yield from _named(self.layers, "")

    def _arrays(self) -> Iterator[tuple[str, Layer, str]]:
        """Parameters and buffers: the full name, the layer, and the name there."""
        for name, layer in self._walk():
            for part in (*layer.parameter_names, *layer.buffer_names):
                yield f"{name}.{part}", layer, part

    def __reduce__(self) -> tuple[type[Sequential], tuple[Layer, ...]]:
        # A copy's layers are views of the copy's vectors.
        return Sequential, self.layers

    def __repr__(self) -> str:
        return f"Sequential({', '.join(map(repr, self.layers))})"


def build(
    architecture: Sequence[Mapping[str, Any]],
    *,
    rng: np.random.Generator | int = 0,
    dtype: DTypeLike = np.float32,
) -> Sequential:
    """Make a network from what ``network.architecture()`` gave, with new initial weights.

    Parameters
    ----------
    architecture : list of dict
        A record for each layer: its class's name under "layer", and its settings.
    rng : numpy.random.Generator or int
        Where initial weights and what layers draw in training come from.
    dtype : dtype
        Precision of the parameters.

    Raises
    ------
    ModelFileError
        If there is no such layer, or its settings do not make one.

    Examples
    --------
    >>> build([{"layer": "Affine", "n_in": 2, "n_out": 1}, {"layer": "Sigmoid"}])
    Sequential(Affine(n_in=2, n_out=1), Sigmoid())
    """
    generator = np.random.default_rng(rng)
    if not isinstance(architecture, list) or not architecture:
        raise ModelFileError(f"{architecture!r} describes no network: it needs a list of layers")
    return Sequential(*(make_layer(record, generator, dtype) for record in architecture))


def _named(layers: Sequence[Layer], prefix: str) -> Iterator[tuple[str, Layer]]:
    for i, layer in enumerate(layers):
        yield f"{prefix}{i}", layer
        yield from _named(layer.inner, f"{prefix}{i}.")


def _learns(layer: Layer) -> bool:
    return bool(layer.parameter_names) or any(map(_learns, layer.inner))


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
