"""``python -m statuspage`` is the command ``statuspage``."""

from statuspage.cli import main

if __name__ == "__main__":
    main()
