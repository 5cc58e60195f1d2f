"""``python -m pixelproof``."""

from pixelproof.cli import main

if __name__ == "__main__":
    main()
