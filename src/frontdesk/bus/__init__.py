"""Carries committed events to whoever listens: in this process now, between nodes later."""
