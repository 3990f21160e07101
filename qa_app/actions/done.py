"""What an action answers."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Done:
    """What an action did: a message key for the page with its values."""

    message: str = ""
    values: dict[str, object] = field(default_factory=dict)
