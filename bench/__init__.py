"""Benchmarks of publishing, printed as ratios within one run. Nothing is asserted, because machines differ."""
