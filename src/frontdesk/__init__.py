"""Frontdesk: an open, self-hosted interactions server for contact centres.

Owns the version, which the build reads from here. Importing the package imports nothing else.
"""

__version__ = "0.1.0"
