"""The weights of the model: sums of whole numbers, against additions one by one."""

from __future__ import annotations

from itertools import chain

import numpy as np

from transforms.weights import Weights

LABELS = 20
TABLE = {
    (3, 0): 5,
    (3, 7): -2,
    **{(10, label): label - 9 for label in range(LABELS) if label != 9},
    (11, 19): 100,
    **{(500, label): 1 for label in range(8)},
    **{(501, label): 1 for label in range(7)},
}
"""Weight by feature and label: features of few labels, of just as many as are told one by one, and of more."""


def weights() -> Weights:
    features, owners = np.array(sorted(TABLE)).T
    return Weights(LABELS, features, owners, np.array([TABLE[key] for key in sorted(TABLE)]))


def added(features: list[int]) -> list[int]:
    return [sum(TABLE.get((feature, label), 0) for feature in features) for label in range(LABELS)]


def test_sums_are_those_of_the_table_for_every_group_of_features() -> None:
    groups = [[3, 10, 10, 4], [], [501, 500, 11], [7], [11, 3]]

    sums = weights().sums(np.array([*chain(*groups)]), np.cumsum([0, *map(len, groups)]))

    assert sums.tolist() == [added(group) for group in groups]


def test_sums_beyond_half_a_word() -> None:
    large = Weights(9, np.full(9, 5), np.arange(9), np.array([30_000, -30_000, 1, 2, 3, 4, 5, 6, 7]))

    assert large.sums(np.full(1000, 5), np.array([0, 999, 1000])).tolist() == [
        [29_970_000, -29_970_000, 999, 1998, 2997, 3996, 4995, 5994, 6993],
        [30_000, -30_000, 1, 2, 3, 4, 5, 6, 7],
    ]


def test_features_that_recur_have_the_same_sums_however_often_they_are_asked_for() -> None:
    model, told = weights(), [((3, 10), (), (501,)), ((7,), (3, 10), (11, 500))]

    for _ in range(2):
        assert model.told_sums(told).tolist() == [added([*chain(*one)]) for one in told]


def test_more_recurring_features_than_are_remembered_at_once() -> None:
    model = weights()
    model.told_sums([((3, number), ()) for number in range(1000, 9000)])

    assert model.told_sums([((3, 10), (number,)) for number in range(400, 700)]).tolist() == [
        added([3, 10, number]) for number in range(400, 700)
    ]


def test_weights_for_a_label_of_each_feature_in_their_order() -> None:
    features = np.array([10, 3, 4, 500, 501, 11, 3, 10, 3, 501])
    labels = np.array([7, 7, 7, 7, 7, 7, 7, 0, 0, 0])

    assert weights().for_labels(features, labels).tolist() == [-2, -2, 0, 1, 0, 0, -2, -9, 5, 1]
