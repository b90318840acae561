"""What publishing costs, printed as ratios of one run. Nothing here is asserted: machines differ."""
