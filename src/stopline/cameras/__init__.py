"""Road video to a confirmed hit on the one vehicle; whatever is not that vehicle is dropped.

A camera is asked one question per passing vehicle: is it the one that is searched for? The plate
that is searched for is laid over what the recogniser sees; other plates never become text.
"""
