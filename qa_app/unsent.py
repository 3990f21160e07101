"""Text that somebody has typed into a page's fields and that is not kept yet. Pure."""

from collections.abc import Mapping

FIELDS = (
    "calibration.why.",
    "clips.comment",
    "coaching.aim",
    "disputes.escalate_why.",
    "disputes.why.",
    "plan.add.",
    "plan.comment.",
    "plan.text.",
    "plan.why",
    "scorecards.note.",
    "scorecards.tests.",
    "scorecards.text.",
    "scorecards.why.",
)
"""The fields for sentences, by how their keys begin. Names and passwords are not among them."""


def unsent(state: Mapping[str, object]) -> list[str]:
    """The texts in those fields, as the browser sent them last."""
    found = {key: value for key, value in state.items() if isinstance(value, str) and value.strip()}
    return [str(found[key]) for key in sorted(found) if key.startswith(FIELDS)]
