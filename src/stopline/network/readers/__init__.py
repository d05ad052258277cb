"""One file per outside format: each turns a file into `RawRoads`, or says what is wrong with it."""

from typing import Final

# Raised with every change of what a reader makes of a file: copies in the cache and the digests of
# plans tell by it that a network was read in another way. tests/network/test_reader_version.py
# fails where the readers' output changes and this does not.
READERS: Final = 10
