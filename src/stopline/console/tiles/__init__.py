"""Vector tiles of the loaded network: encoded here, thinned by a budget, kept by its digest."""
