"""The weighbridge agent: reads a scale, signs what it showed, keeps it and hands it over.

It stands alone (Python 3.8, pyserial, ecdsa) and knows nothing of the rest of the house, for it is packed into one file
that runs beside a scale.
"""

VERSION = "1.0.0"
