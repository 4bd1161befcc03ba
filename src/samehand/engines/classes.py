"""Which events could stand for each other by chance: those of one hour, or on targets of one interest."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from samehand.arrays import F64, I32
from samehand.engines.answers import Interests, LogSize
from samehand.engines.interface import TraceLayer
from samehand.engines.traces import Classes, Sorted
from samehand.kernels.order import small_codes

HOUR_US: Final = 3_600_000_000


def of_layer(
    layer: TraceLayer, traces: Sorted, interests: Interests | None, learned_on: Sorted | None, size: LogSize
) -> Classes:
    """Give the classes of a layer's traces, as the layer wants them.

    Args:
        layer: The layer.
        traces: Of the layer.
        interests: Communities of interest.
        learned_on: The traces that these were learned on, which may be another layer's.
        size: Of the log.
    """
    if layer.background == "hour":
        return by_hour(traces)
    found = by_interest(traces, interests, learned_on, size.last_us - size.first_us + 1)
    return by_stretch(traces, found, interests, learned_on, layer.stretch_us) if layer.stretch_us else found


def by_hour(traces: Sorted) -> Classes:
    """One class for each feature and hour."""
    hour = traces.time // HOUR_US
    class_of = small_codes(traces.feature * (int(hour.max(initial=0)) + 1) + hour)
    totals = np.bincount(class_of, minlength=1)
    return Classes(class_of, totals, np.full(len(totals), float(HOUR_US)))


def by_interest(traces: Sorted, interests: Interests | None, learned_on: Sorted | None, span: int) -> Classes:
    """One class for each community of interest; one for all where none are known.

    Args:
        traces: Of the layer.
        interests: Communities of interest.
        learned_on: The traces that these were learned on, which may be another layer's.
        span: Duration of the log; microseconds.
    """
    if interests is None:
        class_of = np.zeros(len(traces.time), np.int32)
        return Classes(class_of, np.array([len(class_of)]), np.array([float(span) * traces.n_features]))
    if learned_on is traces:
        class_of = interests.feature_class[traces.feature]
        with_class: NDArray[Any] = interests.feature_class
    else:
        n_events = int(traces.event.max(initial=-1)) + 1
        class_of = interest_of_events(interests, learned_on, n_events)[traces.event]
        with_class = np.unique(class_of.astype(np.int64) << 32 | traces.feature) >> 32
    n_features = np.bincount(with_class, minlength=interests.n_classes).astype(np.float64)
    return Classes(class_of, np.bincount(class_of, minlength=interests.n_classes), float(span) * n_features)


def by_stretch(
    traces: Sorted, classes: Classes, interests: Interests | None, learned_on: Sorted | None, stretch_us: int
) -> Classes:
    """Tell the events of each class apart by stretches of time.

    Args:
        traces: Of the layer.
        classes: From ``by_interest``.
        interests, learned_on: As there; the room of a class is as large as the targets of that interest are many: few
            traces of the layer say little of where else it could have left some.
        stretch_us: Length of a stretch.
    """
    stretch = traces.time // stretch_us
    class_of = small_codes(classes.class_of.astype(np.int64) * (int(stretch.max(initial=0)) + 1) + stretch)
    totals = np.bincount(class_of, minlength=1)
    broad = np.zeros(len(totals), np.int32)
    broad[class_of] = classes.class_of
    if interests is None or learned_on is None:
        n_targets = _effective_number(classes.class_of, traces.feature, len(classes.totals))
    else:
        of_event = interests.feature_class[learned_on.feature]
        n_targets = _effective_number(of_event, learned_on.feature, interests.n_classes)
    return Classes(class_of, totals, float(stretch_us) * n_targets[broad])


def _effective_number(class_of: I32, feature: I32, n_classes: int) -> F64:
    """Of each class, one over the chance that two of its events are on one feature; at least 1."""
    n_on = np.bincount(feature, minlength=1).astype(np.float64)
    same = np.bincount(class_of, weights=n_on[feature], minlength=n_classes)
    total = np.bincount(class_of, minlength=n_classes).astype(np.float64)
    return np.maximum(total**2 / np.maximum(same, 1.0), 1.0)


def interest_of_events(interests: Interests | None, learned_on: Sorted | None, n_events: int) -> I32:
    """Community of each of the first ``n_events`` events of the log, 0 for none."""
    interest = np.zeros(n_events, np.int32)
    if interests is not None and learned_on is not None:
        known = learned_on.event < n_events
        interest[learned_on.event[known]] = interests.feature_class[learned_on.feature[known]]
    return interest


def interest_of_targets(interests: Interests | None, learned_on: Sorted | None, target: I32) -> I32:
    """Community of each target, 0 for none; ``target``: of each event of the log, -1 for none."""
    classes = np.zeros(int(target.max(initial=-1)) + 1, np.int32)
    if interests is not None and learned_on is not None:
        known = interests.feature_class[learned_on.feature] > 0
        classes[target[learned_on.event[known]]] = interests.feature_class[learned_on.feature[known]]
    return classes
