"""Charts as Streamlit draws them."""

import altair as alt
import streamlit as st
from altair.utils.schemapi import debug_mode


def show(chart: alt.LayerChart | alt.Chart) -> None:
    """Draw a chart over the whole width. Its parts are not held against the grammar's schema at every run:
    that takes longer than all queries of a page; the tests draw every chart."""
    with debug_mode(False):
        st.altair_chart(chart, width="stretch")
