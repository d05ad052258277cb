"""The watch list of an incident: the one vehicle searched for, on what authority, until when."""
