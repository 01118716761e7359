"""How media reach us: one package per medium."""
