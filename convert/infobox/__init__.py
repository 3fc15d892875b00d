"""Which template an infobox is, which parameters it takes, and how its values are written.

    match        an infobox to template, probability, parameters and leftovers
    scores       how well keys and words speak for a template
    keys         keys and names, normalised
    parameters   keys to parameters
    values       values by kind: dates, coordinates, lists, addresses
    kinds        kinds of values: recognised, written, named for TemplateData
    catalogue    the known templates; catalogue.json is the shipped one, facts.json what no dump tells of it
    learn        a catalogue from pages
    examples     infoboxes in the wikitext of a page, to learn from
    calibrate    how far guesses are to be believed
    pages        templates and style sheet for a bare wiki, from templates/

Choosing a template is separate from writing it: ``convert.writers.transclusion`` draws the braces.
"""

#: What stands between the values of one parameter, where no list is made of them.
BETWEEN_VALUES = "<br>"

#: The template of rows with a label and a value each, which shows what no other template is likely enough for.
GENERIC = "Infobox"
