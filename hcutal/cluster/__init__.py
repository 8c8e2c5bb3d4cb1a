"""Clusters: names from labels, agreement with labels, classical baselines."""
