"""One file per outside format: each turns a file into `RawRoads`, or says what is wrong with it."""
