"""How the app looks: two calm themes. Verdicts differ by sign and lightness, not by hue alone."""

FONT = "ui-sans-serif, system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"

LIGHT = {
    "primaryColor": "#0b6570",
    "backgroundColor": "#fcfcfa",
    "secondaryBackgroundColor": "#f2f3ef",
    "textColor": "#1c2a33",
    "linkColor": "#0b6570",
    "borderColor": "#d9ddd6",
    "greenTextColor": "#14603f",
    "redTextColor": "#9a3412",
    "orangeTextColor": "#8a4b00",
    "blueTextColor": "#1d5a92",
    "grayTextColor": "#55626b",
}
DARK = {
    "primaryColor": "#5cc0c7",
    "backgroundColor": "#12171b",
    "secondaryBackgroundColor": "#1b2227",
    "textColor": "#e6ebed",
    "linkColor": "#7ccfd5",
    "borderColor": "#36424a",
    "greenTextColor": "#7fd6a8",
    "redTextColor": "#f3a683",
    "orangeTextColor": "#edbd74",
    "blueTextColor": "#8fc1f0",
    "grayTextColor": "#a9b4bb",
}


def options() -> dict[str, str | int | bool]:
    """The theme as Streamlit's configuration."""
    shared: dict[str, str | int | bool] = {
        "theme.font": FONT,
        "theme.headingFont": FONT,
        "theme.headingFontSizes": "1.45rem, 1.2rem, 1.05rem, 1rem, 0.95rem, 0.9rem",
        "theme.baseFontSize": 15,
        "theme.baseRadius": "6px",
        "theme.showWidgetBorder": True,
        "theme.paddingTop": "1.5rem",
    }
    for mode, colours in (("light", LIGHT), ("dark", DARK)):
        shared |= {f"theme.{mode}.{name}": value for name, value in colours.items()}
    return shared
