"""The night run: what arrived, how long it takes, doing it so that nothing is lost, telling about it."""
