"""Maximum-likelihood estimation with verified fits.

>>> import mlestim as ml
>>> result = ml.fit([2.1, 3.4, 1.9, 5.0, 2.8], "gamma")
>>> str(result.verdict)
'interior'
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from mlestim._version import __version__
from mlestim.errors import (
    ConvergenceError,
    DataError,
    DivergenceError,
    EstimationError,
    IdentifiabilityError,
    LimitWarning,
    MissingExtraError,
    MLEstimError,
    ModelFileError,
    NoMeanWarning,
    OptionError,
    ParameterError,
    SeparationError,
    SeparationWarning,
    SupportError,
    UnboundedLikelihoodError,
    UnseenValueWarning,
)

if TYPE_CHECKING:
    from mlestim.catalogue import families
    from mlestim.comparing import compare
    from mlestim.components import choose_components
    from mlestim.distributions.built.custom import family
    from mlestim.distributions.built.mixing.mixture import Mixture
    from mlestim.distributions.built.shifted import Shifted
    from mlestim.distributions.built.truncated import Truncated
    from mlestim.distributions.built.zeros.hurdle import Hurdle
    from mlestim.distributions.built.zeros.zero_inflated import ZeroInflated
    from mlestim.estimation.verdict import Verdict
    from mlestim.fitting import fit
    from mlestim.maximizing import maximize
    from mlestim.results.comparison import Comparison, GroupedComparison
    from mlestim.results.grouped import GroupedFit
    from mlestim.results.maximum import MaximumResult
    from mlestim.results.result import FitResult
    from mlestim.results.saved.files import load
    from mlestim.sample.observations import Observations

_PLACES = {
    "Comparison": "mlestim.results.comparison",
    "FitResult": "mlestim.results.result",
    "GroupedComparison": "mlestim.results.comparison",
    "GroupedFit": "mlestim.results.grouped",
    "Hurdle": "mlestim.distributions.built.zeros.hurdle",
    "MaximumResult": "mlestim.results.maximum",
    "Mixture": "mlestim.distributions.built.mixing.mixture",
    "Observations": "mlestim.sample.observations",
    "Shifted": "mlestim.distributions.built.shifted",
    "Truncated": "mlestim.distributions.built.truncated",
    "Verdict": "mlestim.estimation.verdict",
    "ZeroInflated": "mlestim.distributions.built.zeros.zero_inflated",
    "choose_components": "mlestim.components",
    "compare": "mlestim.comparing",
    "family": "mlestim.distributions.built.custom",
    "families": "mlestim.catalogue",
    "fit": "mlestim.fitting",
    "load": "mlestim.results.saved.files",
    "maximize": "mlestim.maximizing",
}
_ALIASES = {
    "nn": "nn",
    "reports": "reports",
    "optim": "mlestim.optim",
    "penalties": "mlestim.penalties",
}

__all__ = [
    "Comparison",
    "ConvergenceError",
    "DataError",
    "DivergenceError",
    "EstimationError",
    "FitResult",
    "GroupedComparison",
    "GroupedFit",
    "Hurdle",
    "IdentifiabilityError",
    "LimitWarning",
    "MLEstimError",
    "MaximumResult",
    "MissingExtraError",
    "Mixture",
    "ModelFileError",
    "NoMeanWarning",
    "Observations",
    "OptionError",
    "ParameterError",
    "SeparationError",
    "SeparationWarning",
    "Shifted",
    "SupportError",
    "Truncated",
    "UnboundedLikelihoodError",
    "UnseenValueWarning",
    "Verdict",
    "ZeroInflated",
    "__version__",
    "choose_components",
    "compare",
    "families",
    "family",
    "fit",
    "load",
    "maximize",
]


def __getattr__(name: str) -> Any:
    """Import on first use: `import mlestim` itself stays light."""
    if name in _PLACES:
        value = getattr(importlib.import_module(_PLACES[name]), name)
    elif name in _ALIASES:
        value = importlib.import_module(_ALIASES[name])
    elif name.startswith("_") or not name[0].isupper():
        raise AttributeError(f"module 'mlestim' has no attribute {name!r}")
    else:
        from mlestim.distributions.registry import class_named

        value = class_named(name)
        if value is None:
            raise AttributeError(f"module 'mlestim' has no attribute or family {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    from mlestim.distributions.registry import registered

    classes = [cls.__name__ for cls in registered().values()]
    return sorted({*globals(), *_PLACES, *_ALIASES, *classes})
