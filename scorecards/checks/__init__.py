"""The checks of the scorecard language; ``Node`` is the closed registry of them by versioned name."""

from scorecards.checks.base import Check, Context
from scorecards.checks.node import Node, node_keys

__all__ = ["Check", "Context", "Node", "node_keys"]
