"""Device APIs as data: W3C Thing Descriptions, their model, checks, importers and the reading of results."""
