"""The most frequent function words of languages in Latin script, to tell them apart."""

_WORDS = {
    "en": """the of and to in is it you that he was for on are with as his they be at one have this
        from or had by not but what all were we when your can said there use an each which she do
        how their if will up other about out many then them these so some her would make like him
        into has look more could did my than been its who may these those because since let
        should must us our here thus hence therefore where while also again now""",
    "de": """der die das und ist in zu den nicht von sie mit sich auf für es ein eine einen einem
        einer dem des im auch als an wie so wir aus bei nach wenn nur noch werden oder aber vor zur
        bis mehr durch man sein wurde sei hat haben kann dann dass daß ich du er ihr uns also jetzt
        hier gibt weil zuerst daher damit sind war diese dieser dieses jeder alle um über unter""",
    "fr": """le la les de des du et est en un une que qui dans pour pas sur au aux avec ce cette ces
        il elle ils elles on nous vous par mais ou donc ne se sont plus comme si être avoir fait
        était sa son ses leur leurs nos notre votre tout tous puis alors ainsi car où cela quand
        très peut chaque maintenant je mon mes""",
    "es": """el la los las de del y en un una unos que es por con para no se lo su sus al como más
        pero sus le ya o este esta estos sí porque cuando muy sin sobre también me hasta hay donde
        quien desde todo nos durante todos uno les ni contra otros ese eso ante ellos entonces
        tenemos son luego cada ahora ser así si dos""",
    "it": """il lo la gli le di del della dei delle e è in un una che per con non si da al alla ma
        come più anche io sono questo questa questi queste nel nella ci ha hanno suo sua loro noi
        quindi poi perché quando dove ogni allora tutti tutto dal dalla sul sulla se dobbiamo
        abbiamo essere era""",
    "pt": """os as de do da dos das em no na nos nas um uma que é para por com não se ao aos mais
        como mas foi ele ela eles seu sua ou ser quando muito já está também só pelo pela até isso
        este esta então temos são cada agora porque onde nós você depois""",
    "nl": """de het een en van in is dat op te zijn met voor niet aan er om ook als dan maar bij of
        uit nog naar door over ze hij wij we je heeft hebben wordt worden kan moet dit deze die
        zo wat geen want dus nu eerst elke daarom omdat""",
}
LANGUAGES = tuple(_WORDS)
_SETS = {
    code: frozenset(word for word in text.split() if len(word) > 1) for code, text in _WORDS.items()
}
OWN, OTHER = 1, 2


def _distinct(code: str) -> dict[str, int]:
    others = frozenset[str]().union(*(words for key, words in _SETS.items() if key != code))
    own = dict.fromkeys(_SETS[code] - others, OWN)
    return own | dict.fromkeys(others - _SETS[code], OTHER)


DISTINCT = {code: _distinct(code) for code in LANGUAGES}
"""For each language the words that it alone has (OWN), and those that only others have (OTHER)."""
