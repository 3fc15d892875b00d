"""Infobox templates: choosing one for an infobox, assigning its parameters, formatting its values.

    guess/       which template it is: scores, nouns, probabilities
    match        an infobox to template, probability, parameters and leftovers
    naming       the name that an author wrote to a template that is known
    keys         normalised keys and names
    parameters   keys to parameters
    labels       what the labels that readers see mean; shown/ has those of the shipped catalogue; labels of groups
    parts        values that say several things, parted
    values       values by kind: dates, coordinates, lists, addresses
    kinds        kinds of values: recognition, formatting, TemplateData types
    catalogue    the known templates; catalogue.json is shipped as catalogue.msgpack; facts.json: what dumps lack
    prepared     what is computed of a catalogue before it is used, stored in catalogue.msgpack for the shipped one
    language     whether an article is in the language of the catalogue
    learn        a catalogue from pages
    examples     infoboxes in the wikitext of a page, to learn from
    calibrate    calibrated probabilities of guesses
    layout       where boxes show what: titles, headed rows, columns; layouts.toml
    pages        templates and style sheet for a bare wiki, from templates/

Choosing a template is separate from writing it: ``convert.writers.transclusion`` writes the call.
"""

#: Separates the values of one parameter that are not formatted as a list.
BETWEEN_VALUES = "<br>"

#: The generic template, with rows of label and value: the fallback if no other template is likely enough.
GENERIC = "Infobox"
