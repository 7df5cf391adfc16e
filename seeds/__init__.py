"""What is known before the first report: townships, indicators, units, sources, the sample report."""

from pathlib import Path

SEEDS = Path(__file__).parent
"""The folder of seed files; shipped inside the package."""
