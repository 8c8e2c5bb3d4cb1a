"""Typed, validated parameters: one module a stage, so that a stage depends on its own alone."""
