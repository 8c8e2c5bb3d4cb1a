"""From class activation sequences to scored, named proposals."""
