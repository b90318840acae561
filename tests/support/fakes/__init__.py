"""Real servers on loopback that behave like the ones our channels talk to."""
