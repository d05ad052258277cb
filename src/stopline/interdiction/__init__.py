"""The best odds when not every road can be sealed: routes against (unit, site) pairs, the game."""
