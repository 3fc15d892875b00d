"""Links restored: which pages a text names, and whether an editor would link them.

    dictionary   titles, anchors and redirects: what any source of them answers; those in memory; several together
    folding      the first letter of a title, by language
    words        what a word is, in every script
    stored       a dictionary in a file
    tries        the entries of a file, and other sets of strings, on disk
    learn        pages to what a dictionary knows
    finding      where a text has entries: whole words, no addresses
    knowledge    what a dictionary knows of one text: the pages it may mean, how often people linked it
    judge        how likely an editor is to make a link; learnt weights: ``judges.json``
    odds         the weights of a judge, added up as far as they are known
    judging      what an article names, with its probabilities
    passages     the running text of an article, and articles with links put into it
    remembered   what was looked up, in bounded memory
    policy       which of the possible links are made, as options
    context      what an article is about
    linking      all of it: an article to its candidates, and to the article with links

Pure: what opens files and learns from dumps is ``convert.dictionaries``.
"""
