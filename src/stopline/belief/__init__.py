"""Where the vehicle can be and where it is heading: sightings, motion, filters, routes."""
