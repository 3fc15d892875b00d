"""Headings that are those of sections, and hardly ever the titles of articles.

They were counted in encyclopaedias.  A word that is also a good title (Music, Death) is here as well: where an article
of this name has an infobox, or names itself in its first lines, it is an article.
"""

from __future__ import annotations

from convert.ast import Article, Paragraph, Text
from convert.expressions import expression

_WORDS = """
    external links|see also|history|references|early life|background|reception|further reading|legacy|plot
    personal life|production|biography|career|aftermath|description|geography|discography|bibliography|demographics
    economy|education|culture|track listing|personnel|awards|cast|sources|route description|early years|notes|death
    development|critical reception|taxonomy|music video|etymology|trivia|professional career|honours|honors
    cultural references|life|later life|composition|family|early life and education|impact|politics|in popular culture
    architecture|playing career|gameplay|release|personal|government|transport|transportation|distribution and habitat
    works|work|college career|members|political career|ecology|characters|overview|synopsis|release and reception
    filmography|media|plot summary|early life and career|origins|origin|sports|international career|live performances
    features|soundtrack|life and career|early career|publications|themes|climate|chart performance|later years
    career statistics|notable people|preparations|religion|geography and climate|club career|death and legacy|geology
    controversy|controversies|name|notes and references|distribution|governance|episodes|design|later life and death
    prelude|recording|tourism|classification|notable alumni|criticism|military career|recognition|acting career|books
    later career|awards and honors|selected works|products|structure|results|college|uses|use|style
    awards and nominations|records|location|characteristics|influences|influence|future|retirement|behaviour|behavior
    family and early life|playing style|infrastructure|treatment|administration|commercial performance|analysis
    facilities|organization|organisation|marriage|status|credits|discovery|musical style|operations|appearances|charts
    conservation|timeline|service|early life and family|trial|quotes|demography|landmarks|casualties|promotion
    habitat|diet|reproduction|appearance|introduction|summary|conclusion|contents|lead|abstract|categories|infobox
    footnotes|citations|literature|gallery|childhood|youth|early history|later history|the end|today|population|language
    construction|fauna|flora|wildlife|crew|specifications|variants|mythology|symptoms|causes|diagnosis|prevention
    ingredients|preparation|method|methods|discussion|acknowledgements|appendix|faq|links|weblinks|notable residents
    leben|werk|werke|geschichte|literatur|einzelnachweise|siehe auch|beschreibung|verbreitung|lage|wirtschaft|kultur
    geographie|politik|vorkommen|verwendung|herkunft|weblinks|quellen|kindheit|ausbildung|karriere|tod|auszeichnungen
    histoire|biographie|références|voir aussi|liens externes|géographie|économie|carrière|œuvres|œuvre|description
    répartition|habitat|bibliographie|notes et références|historia|referencias|véase también|enlaces externos|biografía
    economía|geografía|cultura|carrera|obras|vida|distribución|hábitat|storia|note|voci correlate|collegamenti esterni
    biografia|geografia|economia|opere|vita|caratteristiche|história|referências|ver também|ligações externas|biologia
    geschiedenis|externe links|zie ook|referenties|история|примечания|ссылки|литература|биография|см. также|география
    культура|экономика|описание|історія|посилання|див. також|примітки|历史|歷史|参考文献|參考文獻|外部链接|外部連結|参见
    參見|生平|分布|用途|地理|经济|文化|政治|人口|概要|歴史|脚注|関連項目|外部リンク|人物
    경력|역사|외부 링크|각주|같이 보기
    lịch sử|liên kết ngoài|xem thêm|tham khảo|địa lý|پیوند به بیرون|تاریخ|منابع|المراجع|التاريخ|وصلات خارجية
"""
_SECTION = frozenset(word.strip() for word in _WORDS.replace("\n", "|").split("|"))


_OF_NOTES = frozenset(
    word.strip()
    for word in """
    references|notes|footnotes|endnotes|citations|sources|notes and references|references and notes|bibliography
    works cited|einzelnachweise|quellen|fußnoten|anmerkungen|nachweise|références|notes et références|referencias|notas
    notas y referencias|referências|notas e referências|note|примечания|сноски|примітки|参考文献|參考文獻|脚注|注释|註釋
    각주|referenties|noten|voetnoten|przypisy|källor|noter|referanser|viitteet|kaynakça|المراجع|منابع|tham khảo
    """.replace("\n", "|").split("|")
)


# Two words or more of which the second is none of a name: Early days, Her boats.
_PHRASE = expression(
    r"(?:(?:the )?(?:early|earlier|later|last|final)|personal|selected|notable|further|other|his|her|their|its) [a-z]"
)

#: An article names its subject within so many characters.
_NAMED_WITHIN = 120


def is_section(heading: str) -> bool:
    """Return whether a heading is one that sections have."""
    phrase = heading[:1].lower() + heading[1:]
    return heading.casefold().rstrip(":：") in _SECTION or _PHRASE.match(phrase) is not None


def is_for_notes(heading: str) -> bool:
    """Return whether a heading is that of a section for the notes of an article."""
    return heading.casefold().strip(" :：") in _OF_NOTES


def looks_like_section(article: Article) -> bool:
    """Return whether an article that follows another one looks like a section of that."""
    if article.infoboxes or article.categories or article.metadata or not is_section(article.title):
        return False
    return article.title.casefold() not in _lead(article)[:_NAMED_WITHIN]


def _lead(article: Article) -> str:
    texts = (
        inline.text
        for block in article.lead[:3]
        if isinstance(block, Paragraph)
        for inline in block.content
        if isinstance(inline, Text)
    )
    return " ".join(texts).casefold()
