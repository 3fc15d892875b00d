"""Which template an infobox is, which parameters it takes, and how its values are written."""

#: What stands between the values of one parameter, where no list is made of them.
BETWEEN_VALUES = "<br>"
