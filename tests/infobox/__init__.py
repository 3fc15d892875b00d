"""Which template an infobox becomes, and what catalogues and templates say."""
