"""What is never linked, whatever it is the title of: numbers, dates, single signs, and the words of every sentence."""

from __future__ import annotations

from convert.expressions import expression

#: Words of grammar in the languages of the largest wikis; a title that is one of them is meant by hardly any text.
_WORDS = frozenset(
    """
    a about after all also an and are as at be been before but by can could did do does for from had has have he her
    him his how i if in into is it its may me more most my no not of on one only or other our out over she should so
    some such than that the their them then there these they this those three to two under up upon us very was we were
    what when where which while who whom whose why will with would you your
    aber als am an auch auf aus bei bis da das dass dem den der des die du durch ein eine einem einen einer er es für
    hat ich ihr ihre im in ist mit nach nicht nur oder sein seine sich sie sind so über um und unter vom von vor war
    wie wird wurde zu zum zur
    au aux avec ce ces cette dans de des du elle en est et il ils la le les leur mais ne nous on ou où par pas plus
    pour qu que qui sa se ses son sont sur un une vous
    al como con del el ella ellos en entre era es esta este fue ha la las lo los más ni o para pero por se sin sobre su
    sus un una unos y ya
    ao aos com da das do dos e em foi na nas não no nos os ou para pela pelo por que sem seu sua um uma
    che ci con da dal dalla de degli dei del della delle di e ed era gli ha il in la le lo ma nel nella non per più
    questo si sono sua sul sulla suo tra un una
    aan als bij dat de den der die een en er het hij in is met naar niet of om onder op te tot uit van voor was wordt
    zijn
    a aby ale bo był była było by co czy dla do i ich jak jako jest jego jej już na nie o od oraz po pod przez się są
    tak to w we z za ze że
    а але без бо був була були було в від все вона вони він для до є за з і із її його й на не о під по при про та також
    те то у ці цей ця че що як і
    был была было были быть в во вы для до его ее её ещё же за и из или их к как когда ко ли на не но о об он она они от
    по под при с со та также так то только ты у что это я
    av de den der det ei en er et ett för från han har hon i med og om på så som til till vi är
    bir bu da de için ile ve ya
    """.split()
)
#: Months, and other words of dates.
_OF_TIME = frozenset(
    """
    january february march april may june july august september october november december jan feb mar apr jun jul
    aug sep sept oct nov dec januar februar märz mai juni juli oktober dezember janvier février mars avril juin
    juillet août septembre octobre novembre décembre enero febrero marzo abril mayo junio julio agosto septiembre
    octubre noviembre diciembre januari februari maart mei augustus січня лютого березня квітня травня червня липня
    серпня вересня жовтня листопада грудня января февраля марта апреля мая июня июля августа сентября октября ноября
    декабря gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre janeiro fevereiro março maio
    junho julho setembro outubro novembro dezembro stycznia lutego marca kwietnia maja czerwca lipca sierpnia
    września października listopada grudnia bc ad bce ce century centuries decade year years day days week weeks
    month months monday tuesday wednesday thursday friday saturday sunday jahr jahre jahrhundert siècle siècles
    année années anno anni ano anos año años siglo siglos século secolo wiek eeuw de of the early late mid рік року
    роки століття год года век века th st nd rd and to age aged
    """.split()
)
#: Letters behind a number that make one of it, or a part of a date: the 1990s, 1er mai, 20世紀.
_OF_NUMBERS = expression(
    r"(?<=\d)(?:(?:['’]?s|er|ers|e|º|ª|-?(?:е|х|й|го|му|м|ті|их|ий))(?!\w)|年代|年度|年|月|日|世紀|世纪|년대|년|월|일|세기)"
)
#: Words; one with a number within it is a name.
_WORD = expression(r"[^\W\d_]\w*")
_ROMAN = frozenset("ivxlc")


def is_grammar(word: str) -> bool:
    """Return whether a word is one of grammar, also at the beginning of a sentence."""
    return word.lower() in _WORDS


def is_everyday(text: str) -> bool:
    """Return whether a text is no name of anything: it would be linked by nobody."""
    if len(text) < 2 or (words := _WORD.findall(_OF_NUMBERS.sub("", text))) == []:
        return True
    folded = [word.lower() for word in words]
    if _OF_TIME.issuperset(folded):
        return True
    if not _OF_TIME.isdisjoint(folded) and all(word in _OF_TIME or _ROMAN.issuperset(word) for word in folded):
        return True
    # Written in capitals a short word is an abbreviation: IT, US, WHO; with one inside a text, a name: The Who, 7 Up.
    is_name = text.isupper() or (" " in text and text.rpartition(" ")[2][:1].isupper())
    return _WORDS.issuperset(folded) and not is_name
