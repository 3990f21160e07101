"""``python -m pipelines.cli`` is the ``rapport`` command."""

from pipelines.cli import main

if __name__ == "__main__":
    main()
