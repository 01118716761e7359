"""The laws of a store, by what they look at."""
