"""Cheapest assignment by shortest augmenting paths (Jonker & Volgenant 1987; Crouse 2016).

SciPy has the same, but `scipy.optimize` takes longer to import than a plan of a country takes to
make; a test holds this kernel against it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stopline.compiled import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray


@kernel
def cheapest_columns(cost: NDArray[np.float64], column_of: NDArray[np.int32]) -> None:
    """Give each row of `cost`, float64[r, c], a column of its own so that the sum is least.

    Infinite entries may not be used. As many rows as possible get a column; the others keep -1,
    which `column_of`, int32[r], holds throughout before.
    """
    rows, columns = cost.shape
    of_row = np.zeros(rows)
    of_column = np.zeros(columns)
    row_of = np.empty(columns, dtype=np.int32)
    before = np.empty(columns, dtype=np.int32)
    distance = np.empty(columns)
    done = np.empty(columns, dtype=np.bool_)
    for column in range(columns):
        row_of[column] = -1
    for start in range(rows):
        for column in range(columns):
            distance[column] = np.inf
            done[column] = False
        row = start
        reached = 0.0
        end = -1
        while end < 0:
            nearest = -1
            least = np.inf
            for column in range(columns):
                if done[column]:
                    continue
                through = reached + cost[row, column] - of_row[row] - of_column[column]
                if through < distance[column]:
                    distance[column] = through
                    before[column] = row
                if distance[column] < least:
                    least = distance[column]
                    nearest = column
            if nearest < 0:
                break
            reached = least
            done[nearest] = True
            if row_of[nearest] < 0:
                end = nearest
            else:
                row = row_of[nearest]
        if end < 0:
            continue  # no path now, so none after later rows are matched either
        of_row[start] += reached
        for column in range(columns):
            if done[column] and column != end:
                less = reached - distance[column]
                of_row[row_of[column]] += less
                of_column[column] -= less
        column = end
        while True:
            row = before[column]
            row_of[column] = row
            following = column_of[row]
            column_of[row] = column
            if row == start:
                break
            column = following
