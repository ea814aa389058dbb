"""What every layer is, and what it keeps from forward to backward."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from mlestim.errors import DataError, MLEstimError
from nn.arrays import float_array

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, DTypeLike

    from nn.arrays import FloatArray


class BackwardBeforeForwardError(MLEstimError, RuntimeError):
    """``backward`` was called on a layer or loss that has not seen a ``forward``."""


class Operation:
    """Base class of everything with a ``forward`` and a ``backward``: layers and losses.

    ``backward`` takes the gradient of the loss in the output of the last ``forward`` and gives
    that in its inputs. What it needs is kept by ``forward`` without a copy: neither inputs nor
    outputs may be changed between the two calls. No method writes into an array that the caller
    passed. Operations compute in the precision of their inputs, and read integers as float64.
    """

    _kept: Any = None
    # What copies and files leave out: the rows of the last forward, above all.
    _own: ClassVar[tuple[str, ...]] = ("_kept",)

    def settings(self) -> dict[str, Any]:
        """Give what makes another of the kind, learned arrays aside: numbers, texts and lists."""
        return {}

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value!r}" for name, value in self.settings().items())
        return f"{type(self).__name__}({settings})"

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in self._own}

    def _recall(self) -> Any:
        """Give what ``forward`` kept."""
        if self._kept is None:
            raise BackwardBeforeForwardError(f"{self}: call forward before backward")
        return self._kept

    def _output_gradient(self, dy: ArrayLike, shape: tuple[int, ...]) -> FloatArray:
        """Give `dy` as an array, checked against the output's shape."""
        gradient = float_array(dy, "dy")
        if gradient.shape != shape:
            raise DataError(
                f"{self}: dy has shape {gradient.shape}, the output of forward had {shape}"
            )
        return gradient


class Layer(Operation):
    """Base class of layers with one input: ``y = forward(x)``, then ``dx = backward(dy)``.

    A new layer is one class: write ``forward`` and ``backward``. If it learns anything, name the
    attributes in ``parameter_names`` and end ``__init__`` with ``self._keep_gradients()``, which
    makes an array ``d`` + name for each; ``backward`` then writes the gradients into these arrays
    (in place, since an optimizer may read them as parts of one long vector).

    Attributes
    ----------
    parameter_names : tuple of str
        Names of the attributes that are learned.
    weight_names : tuple of str
        Those among them that penalties and weight decay shrink; biases, say, are spared.
    buffer_names : tuple of str
        Names of further arrays that inference needs, such as running means.
    inner : tuple of Layer
        Layers that this one is made of.
    in_network : bool
        Whether the parameters are views of a network's vector.
    """

    parameter_names: ClassVar[tuple[str, ...]] = ()
    weight_names: ClassVar[tuple[str, ...]] = ()
    buffer_names: ClassVar[tuple[str, ...]] = ()
    inner: tuple[Layer, ...] = ()
    in_network = False
    # Copies belong to no network: their arrays are their own.
    _own = ("_kept", "in_network", "_reused")
    _reused: dict[tuple[str, tuple[int, ...]], FloatArray] | None = None

    def forward(self, x: ArrayLike, training: bool = False) -> FloatArray:
        """Compute the layer's output.

        Parameters
        ----------
        x : array
            The layer's input.
        training : bool
            Whether the output is used to learn; it matters to batch normalization and dropout.

        Returns
        -------
        array
            The output ``y``.

        Raises
        ------
        DataError
            If `x` has a shape or dtype that the layer cannot take.
        """
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def backward(self, dy: ArrayLike) -> FloatArray:
        """Compute the gradient in the input of the last ``forward`` from that in its output.

        Parameters
        ----------
        dy : array
            Gradient of the loss in the output, of the output's shape.

        Returns
        -------
        array
            Gradient of the loss in the input, of the input's shape.

        Raises
        ------
        BackwardBeforeForwardError
            If there was no ``forward``.
        DataError
            If `dy` has another shape than the output.
        """
        raise NotImplementedError(f"{type(self).__name__} has no backward")

    def backward_to_parameters(self, dy: ArrayLike) -> None:
        """Compute the gradients in the parameters alone, where nobody asks for the input's."""
        self.backward(dy)

    @classmethod
    def from_settings(
        cls, settings: Mapping[str, Any], rng: np.random.Generator, dtype: DTypeLike
    ) -> Self:
        """Make a layer from what ``settings`` gave; learned arrays are to be loaded."""
        return cls(**settings)

    def record(self) -> dict[str, Any]:
        """Give name and settings, from which `nn.build` makes the layer again."""
        return {"layer": type(self).__name__} | self.settings()

    def reuse_arrays(self, reuse: bool) -> None:
        """Whether outputs and gradients are written into the arrays of the call before.

        Training asks for it: nothing then is allocated from step to step, and what ``forward``
        and ``backward`` gave is valid until they are called again.
        """
        self._reused = {} if reuse else None
        self._kept = None
        for layer in self.inner:
            layer.reuse_arrays(reuse)

    def twin(self) -> Self:
        """Make a layer that shares all arrays that are learned, and uses its other ones again."""
        twin = copy.copy(self)
        twin.inner = tuple(layer.twin() for layer in self.inner)
        twin.reuse_arrays(True)
        return twin

    def _keep_gradients(self) -> None:
        """Make one array for each parameter's gradient."""
        for name in self.parameter_names:
            setattr(self, f"d{name}", np.zeros_like(getattr(self, name)))

    def _array(self, name: str, shape: tuple[int, ...], dtype: DTypeLike) -> Any:
        """Give an array to be filled: a new one, or that of the call before."""
        if self._reused is None:
            return np.empty(shape, dtype)
        array = self._reused.get((name, shape))
        if array is None or array.dtype != dtype:
            array = self._reused[name, shape] = np.empty(shape, dtype)
        return array
