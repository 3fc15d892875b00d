"""Which template an infobox is, which parameters it takes, and how its values are written."""
