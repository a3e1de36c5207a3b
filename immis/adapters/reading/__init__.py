"""Files from outside are read in a child: ``apart`` starts it, ``child`` is it, ``codec`` carries the values."""
