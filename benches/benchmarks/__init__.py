"""Benchmarks of ebit against its own history; the peers are in ../versus."""
