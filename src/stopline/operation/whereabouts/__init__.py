"""Where the vehicle can be and where it is heading, as a running node finds it by itself."""
