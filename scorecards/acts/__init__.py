"""Acts: what a turn does. The catalogue, and the phrase rules that find acts in words."""
