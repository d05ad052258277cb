"""Public test doubles: a border network small enough to check by hand, and random networks."""

from stopline.testing.random_network import random_network
from stopline.testing.toy_network import toy_network

__all__ = ["random_network", "toy_network"]
