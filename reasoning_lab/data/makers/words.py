"""Ordinary words that problems are made of."""

THINGS = (
    "apple bird boat book bread chair clock cloud coat door drum fish flower glass hat horse house "
    "key lamp leaf moon mouse paper pen ring river road rose ship shoe snow spoon star stone sun "
    "table train tree wheel wind"
).split()
"""Forty nouns, each of two letters or more, so that a row of them is never read as a formula."""
