"""newsletter: write a newsletter in YAML, check it, build it, send it once to each person."""

__version__ = "0.1.0"
