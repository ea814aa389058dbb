"""What a maximum allows to infer: intervals, functions of the parameters, restrictions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlestim.distributions.parameter import Domain, domain_of
from mlestim.errors import OptionError, ParameterError
from mlestim.inference.delta import delta_method
from mlestim.inference.likelihood_ratio import LikelihoodRatioTest, chi_squared_test
from mlestim.inference.profile import profile_interval
from mlestim.inference.wald import wald_intervals
from mlestim.problem import named
from mlestim.results.estimates import Estimates
from mlestim.sample.rows import shown

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]


class Inference(Estimates):
    """Estimates whose log-likelihood can be computed anew.

    A class that derives from it says how, by `_heights` and `_value_of`.
    """

    # ---- what it asks of a result --------------------------------------------------------------

    def require_likelihood(self, purpose: str) -> None:
        """Refuse a purpose for which heights of the log-likelihood are not what is needed."""

    @property
    def height_cost(self) -> float:
        """How many row terms a height of the profile is worth, for pictures of many."""
        raise NotImplementedError

    def _heights(self, held: Mapping[str, Array]) -> Array:
        """Maximum over the parameters that are not held, at each of some points; NaN for none."""
        raise NotImplementedError

    def _can_be_held(self, name: str) -> bool:
        """Whether a parameter can be held while all others are free."""
        return True

    def _value_of(self, function: Callable[..., Any], theta: Array) -> Any:
        """Value of a user's function where the parameters are `theta`."""
        raise NotImplementedError

    # ---- inference -----------------------------------------------------------------------------

    def confidence_intervals(self, level: float = 0.95, method: str = "wald") -> pd.DataFrame:
        r"""Confidence intervals of the parameters.

        Wald intervals are formed on the link scale (log for positive parameters, logit for
        probabilities) and mapped back, so that they stay inside the parameter's domain. Profile
        intervals hold the values :math:`\psi` at which the maximum over all other parameters,
        :math:`\ell_p(\psi)`, has not fallen by half the quantile of
        :math:`\chi^2_1`; they end where the domain does if it never falls so far.

        Parameters
        ----------
        level : float
            Coverage, strictly between 0 and 1.
        method : {"wald", "profile"}
            Kind of interval.

        Returns
        -------
        pandas.DataFrame
            Columns ``lower`` and ``upper``, one row a parameter; NaN where there is no standard
            error, and of a profile where parameters sum to 1, so that none can be held alone.

        Examples
        --------
        >>> import mlestim as ml
        >>> result = ml.fit([3.1, 4.0, 5.2, 2.2, 6.1, 3.6], "exponential")
        >>> result.confidence_intervals().round(3)
               lower  upper
        scale  1.812  8.978
        >>> result.confidence_intervals(method="profile").round(3)
               lower   upper
        scale   1.99  10.148
        """
        import pandas as pd

        if method not in ("wald", "profile"):
            raise OptionError(f"method={method!r} is unknown. Use 'wald' or 'profile'.")
        domains = [self.domain(name) for name in self.names]
        spread = np.sqrt(np.diag(self.covariance_matrix))
        lower, upper = wald_intervals(self.estimates, spread, domains, level)
        if method == "profile":
            self.require_likelihood("profile intervals")
            for k in np.flatnonzero(np.isfinite(lower)):
                if not self._can_be_held(self.names[k]):
                    lower[k], upper[k] = np.nan, np.nan
                    continue
                lower[k], upper[k] = profile_interval(
                    partial(self._height_at, self.names[k]), self.log_likelihood,
                    self.estimates[k], spread[k], domains[k], level,
                )  # fmt: skip
        return pd.DataFrame({"lower": lower, "upper": upper}, index=self._index)

    def _height_at(self, name: str, values: Array) -> Array:
        return self._heights({name: values})

    def profile(self, held: Mapping[str, ArrayLike]) -> Array:
        """Maximum of the log-likelihood over the other parameters, where some are held.

        Parameters
        ----------
        held : mapping of str to float or array, shape (points,)
            Values of estimated parameters.

        Returns
        -------
        array, shape (points,)
            NaN where no maximum was found.

        Raises
        ------
        ParameterError
            If a parameter was not estimated, or a value lies outside its domain.

        Examples
        --------
        >>> import mlestim as ml
        >>> result = ml.fit([3.1, 4.0, 5.2, 2.2, 6.1, 3.6], "gamma")
        >>> (result.profile({"shape": [5.0, 10.0, 20.0]}) - result.log_likelihood).round(3)
        array([-0.517, -0.005, -1.136])
        """
        self.require_maximum()
        given = named(held, "held")
        self.require_estimated(given)
        if not given:
            raise ParameterError(f"name one of {', '.join(self.estimated)}, with values to hold")
        try:
            lines = [np.ravel(np.asarray(value, dtype=float)) for value in given.values()]
            arrays = np.broadcast_arrays(*lines)
        except (TypeError, ValueError) as error:
            raise ParameterError(f"held: numbers are needed, as many of each: {error}") from None
        for name, value in zip(given, arrays, strict=True):
            outside = value[~self.domain(name).contains(value)]
            if len(outside):
                raise ParameterError(f"{name} = {outside[0]:g} lies outside {self.domain(name)}")
        return self._heights(dict(zip(given, arrays, strict=True)))

    def require_estimated(self, names: Iterable[str]) -> None:
        """Refuse names of parameters that were not estimated.

        Raises
        ------
        ParameterError
            If there is one, or no parameter was.
        """
        strange = [name for name in names if name not in self.estimated]
        if strange or not self.estimated:
            which = f"{strange[0]!r} was not" if strange else "none was"
            ones = ", ".join(self.estimated) or "all fixed"
            raise ParameterError(f"{self.model_name}: {which} estimated; the parameters are {ones}")

    def estimate(
        self, function: Callable[..., Any], level: float = 0.95, *, domain: Domain = "real"
    ) -> pd.Series | pd.DataFrame:
        r"""Estimate a function g of the parameters, by the delta method.

        Its standard error is :math:`\sqrt{\nabla g' \Sigma \nabla g}`, with the covariance
        :math:`\Sigma` of the estimates; its interval is formed on the scale of its domain.

        Parameters
        ----------
        function : callable
            Takes the fitted distribution, ``lambda d: d.ppf(0.99)``, and returns a number or
            an array of them; of a maximum, takes parameters by their names.
        level : float
            Coverage of the intervals.
        domain : {"real", "positive", "unit"} or pair of float
            Where the function's values lie, and their intervals with them.

        Returns
        -------
        pandas.Series or pandas.DataFrame
            ``estimate``, ``standard_error``, ``lower`` and ``upper`` of a number, or in one row
            for each entry of an array. NaN where an estimated parameter has no standard error.

        Examples
        --------
        >>> import mlestim as ml
        >>> result = ml.fit([3.1, 4.0, 5.2, 2.2, 6.1, 3.6], "exponential")
        >>> result.estimate(lambda d: d.sf(5.0), domain="unit").round(3)
        estimate          0.289
        standard_error    0.147
        lower             0.092
        upper             0.622
        dtype: float64
        """
        import pandas as pd

        self.require_maximum()
        inside = domain_of("the function", domain)
        value = self._numbers_of(function, self.estimates)
        outside = value[(value < inside.lower) | (value > inside.upper)]
        if len(outside):
            raise OptionError(
                f"domain: the function's value {outside[0]:g} lies outside {inside}; give another"
            )
        covariance = self.covariance_matrix.copy()
        held = [name in self.fixed for name in self.names]
        covariance[held], covariance[:, held] = 0.0, 0.0

        def entries(theta: Array) -> Array:
            return np.ravel(self._numbers_of(function, theta))

        errors = np.full(value.size, np.nan)
        if np.isfinite(covariance).all():
            domains = [self.domain(name) for name in self.names]
            errors[:] = delta_method(entries, self.estimates, covariance, domains)
        ends = wald_intervals(value.ravel(), errors, [inside] * value.size, level)
        columns = ("estimate", "standard_error", "lower", "upper")
        table = pd.DataFrame(dict(zip(columns, (value.ravel(), errors, *ends), strict=True)))
        return table if value.ndim else table.iloc[0].rename(None)

    def _numbers_of(self, function: Callable[..., Any], theta: Array) -> Array:
        """Value of a user's function, checked to be numbers."""
        if not callable(function):
            raise OptionError(f"a function of the parameters is needed, not {shown(function)}")
        returned = self._value_of(function, theta)
        value = np.asarray(returned)
        if value.dtype.kind not in "fiub":
            raise OptionError(
                f"the function has to return a number or an array of them, not {shown(returned)}"
            )
        return value.astype(float)

    def likelihood_ratio_test(self, restricted: Self | Mapping[str, float]) -> LikelihoodRatioTest:
        r"""Test a restriction by the fall of the maximal log-likelihood.

        Under it :math:`2 (\ell - \ell_0)` is about :math:`\chi^2_q` distributed, with q the
        number of parameters that it takes away, if it leaves none on an edge of its domain.

        Parameters
        ----------
        restricted : mapping or result
            Values of parameters, ``{"shape": 1}``, or the result of a smaller model that this
            one contains, for the same observations.

        Returns
        -------
        LikelihoodRatioTest
            Statistic, degrees of freedom and p-value.

        Raises
        ------
        OptionError
            If the other result is not of a smaller model and as many observations.
        ParameterError
            If a parameter was not estimated, or a value lies outside its domain.

        Examples
        --------
        >>> import mlestim as ml
        >>> result = ml.fit([3.1, 4.0, 5.2, 2.2, 6.1, 3.6], "gamma")
        >>> test = result.likelihood_ratio_test({"shape": 1.0})
        >>> round(test.statistic, 3), test.degrees_of_freedom, round(test.p_value, 4)
        (8.875, 1, 0.0029)
        """
        self.require_likelihood("a likelihood-ratio test")
        self.require_maximum()
        if isinstance(restricted, Mapping):
            height, taken = float(self.profile(restricted)[0]), len(restricted)
        elif not isinstance(restricted, Estimates):
            raise OptionError(
                "restricted: values of parameters, as in {'shape': 1}, or the result of a smaller model "
                f"is needed, not {shown(restricted)}"
            )
        else:
            restricted.require_maximum()
            height = restricted.log_likelihood
            taken = self.n_parameters - restricted.n_parameters
            sizes = [self.n_observations], [restricted.n_observations]
            if taken < 1 or not np.array_equal(*sizes, equal_nan=True):
                raise OptionError(
                    f"restricted: a model of fewer parameters than {self.n_parameters} and of "
                    f"{self.size} observations is needed, not one of {restricted.n_parameters} and "
                    f"{restricted.size}"
                )
        return chi_squared_test(2.0 * (self.log_likelihood - height), taken)
