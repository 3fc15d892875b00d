"""How likely each template of a catalogue is for an infobox.

    takers       which templates take a key, and what that weighs
    outlines     what is needed of every template: name, size, uses
    scores       the score of each template: naive Bayes over keys, and words of names
    nouns        what leads say that things are, as evidence for templates
    evidence     what the keys and words of an article say, and calibrated probabilities

A template is identified by its place in the catalogue.
"""
