"""The stand-down: in which order roads reopen, and the check that none stays closed."""
