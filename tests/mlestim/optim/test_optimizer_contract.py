"""What every optimizer promises. A new file in ``mlestim/optim/first_order`` is tested on arrival."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import tracemalloc
from dataclasses import fields, replace

import numpy as np
import pytest

from mlestim import optim
from mlestim.errors import OptionError
from mlestim.optim import CosineDecay, Momentum, Optimizer, RMSProp, first_order


def optimizers_in(module):
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Optimizer)
        and value.__module__ == module.__name__
    ]


MODULES = [
    importlib.import_module(f"{first_order.__name__}.{found.name}")
    for found in pkgutil.iter_modules(first_order.__path__)
]
OPTIMIZERS = [optimizer for module in MODULES for optimizer in optimizers_in(module)]
VARIANTS = [
    *(optimizer() for optimizer in OPTIMIZERS),
    *(optimizer(weight_decay=0.1) for optimizer in OPTIMIZERS),
    *(optimizer(learning_rate=CosineDecay(0.1, steps=20)) for optimizer in OPTIMIZERS),
    Momentum(dampening=0.1),
    RMSProp(centered=True),
    RMSProp(centered=True, momentum=0.5),
]

every_optimizer = pytest.mark.parametrize("kind", OPTIMIZERS, ids=lambda kind: kind.__name__)
every_variant = pytest.mark.parametrize("recipe", VARIANTS, ids=repr)
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])

START = np.array([0.5, -1.2, 2.0, 0.0, 1e-3, 7.0])
GRADIENTS = np.random.default_rng(20).normal(size=(8, START.size))


@pytest.fixture
def optimizer(recipe):
    """The recipe without what other tests made it remember."""
    return replace(recipe)


def walk(optimizer, dtype=np.float64, gradients=GRADIENTS, start=START, mask=None):
    """Where the optimizer gets to from ``start`` with these gradients."""
    parameters = start.astype(dtype)
    for gradient in gradients.astype(dtype):
        optimizer.step(parameters, gradient, mask)
    return parameters


def rebuilt(text):
    """The object that a repr describes, without eval."""

    def build(node):
        if isinstance(node, ast.Call):
            arguments = {word.arg: build(word.value) for word in node.keywords}
            return getattr(optim, node.func.id)(**arguments)
        return ast.literal_eval(node)

    return build(ast.parse(text, mode="eval").body)


def test_each_file_holds_one_optimizer_that_the_package_exports():
    assert [len(optimizers_in(module)) for module in MODULES] == [1] * len(MODULES)
    assert {kind.__name__ for kind in OPTIMIZERS} <= set(optim.__all__)


@every_variant
class TestRecord:
    def test_repr_gives_an_equal_optimizer(self, optimizer):
        assert rebuilt(repr(optimizer)) == optimizer

    def test_state_takes_no_part_in_equality_or_repr(self, recipe, optimizer):
        walk(optimizer)
        assert optimizer == recipe
        assert repr(optimizer) == repr(recipe)
        assert hash(optimizer) == hash(recipe)

    def test_another_setting_is_another_optimizer(self, optimizer):
        assert replace(optimizer, weight_decay=0.25) != optimizer

    def test_a_replaced_optimizer_remembers_nothing(self, optimizer):
        first = walk(optimizer)
        np.testing.assert_array_equal(walk(replace(optimizer)), first)


@every_optimizer
class TestSettings:
    @pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), "0.1", None, [0.1]])
    def test_a_value_that_is_not_allowed_is_named_with_its_field(self, kind, value):
        checked = [field.name for field in fields(kind) if "allowed" in field.metadata]
        assert {field.name for field in fields(kind) if field.init} == set(checked)
        for name in checked:
            with pytest.raises(OptionError, match=rf"{kind.__name__}: {name}=.*; give .+"):
                kind(**{name: value})

    def test_numpy_numbers_become_python_numbers(self, kind):
        optimizer = kind(learning_rate=np.float64(0.5), weight_decay=np.float32(0.25))
        assert (type(optimizer.learning_rate), type(optimizer.weight_decay)) == (float, float)
        assert "np." not in repr(optimizer)

    @pytest.mark.parametrize("rate", [-0.1, float("nan"), float("inf")])
    def test_a_schedule_may_not_leave_the_range(self, kind, rate):
        with pytest.raises(OptionError, match="after 0 steps"):
            kind(learning_rate=lambda _step: rate).step(START.copy(), GRADIENTS[0])


@every_variant
class TestStep:
    def test_works_in_place_and_returns_nothing(self, optimizer):
        memory = np.zeros(START.size + 2)
        layer = memory[1:-1]
        layer[:] = START
        assert optimizer.step(layer, GRADIENTS[0]) is None
        np.testing.assert_array_equal(
            memory[1:-1], walk(replace(optimizer), np.float64, GRADIENTS[:1])
        )
        assert memory[0] == memory[-1] == 0

    def test_leaves_gradient_and_mask_as_they_were(self, optimizer):
        gradients, mask = GRADIENTS.copy(), np.ones(START.size)
        walk(optimizer, gradients=gradients, mask=mask)
        np.testing.assert_array_equal(gradients, GRADIENTS)
        np.testing.assert_array_equal(mask, 1)

    def test_accepts_a_read_only_gradient(self, optimizer):
        gradients = GRADIENTS.copy()
        gradients.flags.writeable = False
        for gradient in gradients:
            optimizer.step(START.copy(), gradient)

    def test_float32_stays_float32(self, optimizer):
        parameters = walk(optimizer, np.float32)
        state = optimizer.state_dict()
        vectors = [array for array in state.values() if array.ndim]
        assert {array.dtype for array in [parameters, *vectors]} == {np.dtype(np.float32)}

    def test_float32_follows_float64(self, optimizer):
        # 8 steps of a dozen roundings of 6e-8 each; steps divide by roots of small numbers.
        np.testing.assert_allclose(
            walk(replace(optimizer), np.float32), walk(optimizer), rtol=1e-5, atol=1e-5
        )

    @both_dtypes
    def test_allocates_nothing_once_it_runs(self, optimizer, dtype):
        size = 100_000
        parameters, gradient, mask = (np.full(size, value, dtype) for value in (0.5, 0.1, 1.0))
        optimizer.step(parameters, gradient, mask)
        tracemalloc.start()
        for _ in range(3):
            optimizer.step(parameters, gradient, mask)
            optimizer.step(parameters, gradient)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        # A single temporary would take at least 400 kB.
        assert peak < 50_000

    def test_entries_do_not_see_each_other(self, optimizer):
        whole = walk(optimizer)
        halves = [
            walk(replace(optimizer), gradients=GRADIENTS[:, part], start=START[part])
            for part in (slice(0, 2), slice(2, None))
        ]
        # Vectorised kernels may round the last bit differently at another alignment.
        np.testing.assert_allclose(np.concatenate(halves), whole, rtol=1e-14)

    def test_follows_the_gradient_down_a_quadratic(self, optimizer):
        steepness = np.array([1.0, 3.0, 10.0])
        parameters = np.array([3.0, -2.0, 1.0])
        optimizer = replace(optimizer, learning_rate=0.02, weight_decay=0)
        losses = []
        for _ in range(300):
            losses.append(0.5 * float(steepness @ parameters**2))
            optimizer.step(parameters, steepness * parameters)
        assert losses[1] < losses[0]
        assert losses[-1] < 0.9 * losses[0]

    def test_descends_and_ascends_alike(self, optimizer):
        mirrored = walk(replace(optimizer), gradients=-GRADIENTS, start=-START)
        np.testing.assert_array_equal(mirrored, -walk(optimizer))

    @pytest.mark.parametrize(
        ("parameters", "gradient", "named"),
        [
            (np.arange(3), np.ones(3), "parameters must be a 1-D float32 or float64 array"),
            (np.ones((3, 1)), np.ones((3, 1)), r"parameters .* shape \(3, 1\)"),
            ([1.0, 2.0, 3.0], np.ones(3), "parameters .* a list"),
            (np.ones(3), np.ones(4), r"gradient .* shape \(3,\) .* shape \(4,\)"),
            (np.ones(3, np.float32), np.ones(3), "gradient .* float32.* float64"),
            (np.ones(3), [1.0, 1.0, 1.0], "gradient .* a list"),
        ],
    )
    def test_refuses_what_it_cannot_move_in_place(self, optimizer, parameters, gradient, named):
        with pytest.raises(OptionError, match=named):
            optimizer.step(parameters, gradient)

    def test_refuses_another_network_until_told(self, optimizer):
        walk(optimizer)
        with pytest.raises(OptionError, match="call init"):
            optimizer.step(np.ones(3), np.ones(3))
        optimizer.init(np.ones(3))
        optimizer.step(np.ones(3), np.ones(3))


@every_variant
class TestState:
    def test_init_forgets_the_past(self, optimizer):
        first = walk(optimizer)
        optimizer.init(START)
        np.testing.assert_array_equal(walk(optimizer), first)

    def test_init_makes_the_whole_state(self, optimizer):
        optimizer.init(START)
        before = optimizer.state_dict()
        walk(optimizer)
        assert before["step"] == 0
        assert list(before) == list(optimizer.state_dict())

    @both_dtypes
    @pytest.mark.parametrize("start_first", [False, True])
    def test_a_restored_optimizer_goes_on_bit_for_bit(self, optimizer, dtype, start_first):
        whole = walk(replace(optimizer), dtype)
        half = walk(optimizer, dtype, GRADIENTS[:4])
        state = optimizer.state_dict()
        walk(optimizer, dtype)  # the exported arrays are copies: this leaves them alone

        restored = replace(optimizer)
        if start_first:
            walk(restored, dtype)
        restored.load_state_dict(state)
        np.testing.assert_array_equal(walk(restored, dtype, GRADIENTS[4:], half), whole)
        assert int(restored.state_dict()["step"]) == len(GRADIENTS)
        assert int(state["step"]) == 4

    def test_a_state_can_be_restored_twice(self, optimizer):
        half = walk(optimizer, gradients=GRADIENTS[:4])
        state = optimizer.state_dict()
        ends = []
        for restored in (replace(optimizer), replace(optimizer)):
            restored.load_state_dict(state)
            ends.append(walk(restored, gradients=GRADIENTS[4:], start=half))
        np.testing.assert_array_equal(*ends)

    def test_exports_again_what_was_loaded(self, optimizer):
        walk(optimizer)
        restored = replace(optimizer)
        restored.load_state_dict(optimizer.state_dict())
        for name, array in restored.state_dict().items():
            np.testing.assert_array_equal(array, optimizer.state_dict()[name])

    def test_has_nothing_to_export_before_the_start(self, optimizer):
        with pytest.raises(OptionError, match="no state yet"):
            optimizer.state_dict()

    def test_refuses_the_state_of_another_optimizer(self, optimizer):
        walk(optimizer)
        state = optimizer.state_dict()
        with pytest.raises(OptionError, match="other"):
            optimizer.load_state_dict({**state, "other": np.ones(1)})
        del state["step"]
        with pytest.raises(OptionError, match="step"):
            optimizer.load_state_dict(state)

    def test_refuses_a_state_of_another_length(self, optimizer):
        walk(optimizer)
        state = optimizer.state_dict()
        vectors = [name for name, array in state.items() if array.ndim]
        if not vectors:
            return
        other = replace(optimizer)
        other.load_state_dict(state)
        with pytest.raises(OptionError, match="loaded"):
            other.step(np.ones(3), np.ones(3))
        with pytest.raises(OptionError, match=vectors[0]):
            other.load_state_dict({**state, vectors[0]: np.ones((2, 3))})


@every_optimizer
class TestWeightDecay:
    MASK = np.array([1.0, 0.0, 1.0, 1.0, 0.0, 0.0])

    def test_shrinks_weights_that_have_no_gradient(self, kind):
        still = np.zeros_like(GRADIENTS)
        decayed = walk(kind(learning_rate=1e-4, weight_decay=0.5), gradients=still)
        moving = START != 0
        assert np.all(np.abs(decayed[moving]) < np.abs(START[moving]))

    @pytest.mark.parametrize("as_type", [float, bool, np.float32])
    def test_mask_spares_entries(self, kind, as_type):
        masked = walk(kind(weight_decay=0.1), mask=self.MASK.astype(as_type))
        decayed, bare = walk(kind(weight_decay=0.1)), walk(kind(weight_decay=0.0))
        np.testing.assert_array_equal(masked, np.where(self.MASK == 1, decayed, bare))

    def test_works_in_float32_with_a_mask(self, kind):
        mask = self.MASK.astype(np.float32)
        masked = walk(kind(weight_decay=0.1), np.float32, mask=mask)
        wide = walk(kind(weight_decay=0.1), mask=self.MASK)
        np.testing.assert_allclose(masked, wide, rtol=1e-5, atol=1e-5)

    def test_is_coupled_everywhere_but_in_adamw(self, kind):
        decay = 0.1
        parameters, by_hand = START.copy(), START.copy()
        optimizer, bare = kind(weight_decay=decay), kind(weight_decay=0.0)
        for step, gradient in enumerate(GRADIENTS):
            optimizer.step(parameters, gradient)
            if kind is optim.AdamW:
                by_hand *= 1 - bare.learning_rate_at(step) * decay
                bare.step(by_hand, gradient)
            else:
                bare.step(by_hand, gradient + decay * by_hand)
        # The same operations in another order: a few roundings.
        np.testing.assert_allclose(parameters, by_hand, rtol=1e-13)
