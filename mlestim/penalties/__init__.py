"""Penalties: minus the logarithm of a prior density, up to a constant.

A penalty is added to the summed negative log-likelihood, so that the estimate is the mode of the
posterior. It stands for the same prior wherever it is used, however many rows there are.

A new penalty is one file here and one line below.
"""

from mlestim.penalties.base import Penalty
from mlestim.penalties.elastic_net import ElasticNet
from mlestim.penalties.lasso import Lasso
from mlestim.penalties.ridge import Ridge

__all__ = ["ElasticNet", "Lasso", "Penalty", "Ridge"]
