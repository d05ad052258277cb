"""The record's vocabulary: every kind of fact a node can write, one file for each subject."""
