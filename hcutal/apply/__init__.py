"""A trained run applied to new recordings."""
