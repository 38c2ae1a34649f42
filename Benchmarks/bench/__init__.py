"""Measures Vestibule beside its peers and writes docs/benchmarks.md. Run by `make bench`."""
