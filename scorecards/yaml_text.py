"""YAML read with care: size, depth and aliases limited, repeated keys refused, and the line of every value
kept.

``yes``, ``no``, ``on`` and ``off`` stay text (they are answers here); only ``true`` and ``false`` are
truth values.
"""

from dataclasses import dataclass, field
from typing import Any

import yaml

from scorecards.errors import ScorecardError

LARGEST_BYTES = 1_000_000
DEEPEST = 40
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Path = tuple[str | int, ...]


@dataclass
class Located:
    """The values of a YAML text, and for each path the line (from 1) where it stands."""

    value: Any
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Path) -> int | None:
        """The line of a path, or of the nearest path above it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


def read_yaml(text: str, where: str) -> Located:
    """Values and lines of a YAML text; raises ScorecardError with file and line."""
    if len(text.encode()) > LARGEST_BYTES:
        raise ScorecardError(f"{where}: larger than {LARGEST_BYTES:,} bytes; split the card")
    try:
        _refuse_hostile(text, where)
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            located = Located(None)
            located.value = None if node is None else _value(node, (), located, loader, where)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise ScorecardError(f"{where}{line}: not valid YAML: {problem}") from error
    return located


def _refuse_hostile(text: str, where: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            line = _line(event)
            raise ScorecardError(
                f"{where}:{line}: anchors and aliases (& and *) are not allowed; write it out, or use define"
            )
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            depth += 1
            if depth > DEEPEST:
                line = _line(event)
                raise ScorecardError(
                    f"{where}:{line}: nested deeper than {DEEPEST} levels; name parts under define"
                )
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            depth -= 1


def _value(node: Any, path: Path, located: Located, loader: Any, where: str) -> Any:
    located.lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise ScorecardError(f"{where}:{line}: a key must be plain text")
            key = str(key_node.value)
            if key in values:
                raise ScorecardError(f"{where}:{line}: {'.'.join(map(str, (*path, key)))} occurs twice")
            values[key] = _value(value_node, (*path, key), located, loader, where)
            located.lines[(*path, key)] = line
        return values
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, i), located, loader, where) for i, item in enumerate(node.value)]
    if node.tag == "tag:yaml.org,2002:bool" and node.value.lower() not in ("true", "false"):
        return node.value
    if node.tag in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:binary"):
        return node.value
    if not node.tag.startswith("tag:yaml.org,2002:"):
        raise ScorecardError(
            f"{where}:{node.start_mark.line + 1}: tag {node.tag!r} is not allowed; write plain values"
        )
    return loader.construct_object(node)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1
