"""The agreed algorithm of cooperation as a document: read, check, sign, run, rehearse, show."""
