"""The exercise document: its form, its reader, and what in it contradicts itself."""
