"""The order of calls that a person works through: the worklist as it was drawn last in this browser."""

from collections.abc import Sequence

import streamlit as st

ORDER = "worklist.order"


def keep_order(ids: Sequence[int]) -> None:
    """Remember the calls of the worklist, in their order."""
    st.session_state[ORDER] = list(dict.fromkeys(ids))


def next_call(call_id: int) -> int | None:
    """The call after this one; None at the end, and for a call that was not opened from the worklist."""
    order: list[int] = st.session_state.get(ORDER, [])
    if call_id not in order:
        return None
    at = order.index(call_id) + 1
    return order[at] if at < len(order) else None
