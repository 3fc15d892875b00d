"""Which template an infobox is, which parameters it takes, and how its values are written."""

#: What stands between the values of one parameter, where no list is made of them.
BETWEEN_VALUES = "<br>"

#: The template of rows with a label and a value each, which shows what no other template is likely enough for.
GENERIC = "Infobox"
