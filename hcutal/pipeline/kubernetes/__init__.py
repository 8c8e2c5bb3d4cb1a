"""Stages as jobs of a Kubernetes whose pods all mount the project's folder."""
