"""What the rule baseline knows of English: stems, verbs that mean the same or the opposite, and nouns that are alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from inference.words import split_words

_VERBS = {
    "on": "enable activate engage energize ignite illuminate poweron turnon",
    "off": "disable deactivate disengage kill extinguish shutdown poweroff turnoff",
    "open": "open raise lift unfold extend uncover",
    "close": "close shut retract cover",
    "start": "start begin run launch commence initiate trigger fire execute operate",
    "stop": "stop halt abort cancel end quit terminate cease cut finish",
    "pause": "pause suspend hold freeze",
    "resume": "resume continue unpause proceed",
    "up": "increase raise boost brighten heighten louder brighter warmer hotter faster higher lift accelerate warm speed more"
    " extra",
    "down": "decrease lower reduce dim darken quieter softer darker dimmer cooler colder slower slow cool drop diminish less"
    " fewer",
    "set": "set change adjust make choose select pick switch configure assign put use bring tune limit apply define",
    "get": "get read tell report show check query fetch what how which where display give retrieve view status who when inspect"
    " measure whats hows monitor find look know see",
    "list": "list show enumerate scan discover find look search which",
    "lock": "lock secure bolt arm",
    "unlock": "unlock unbolt release disarm",
    "mute": "mute silence",
    "unmute": "unmute",
    "add": "add create insert register append schedule book enroll make new",
    "remove": "remove delete erase drop unregister clear purge discard forget revoke",
    "send": "send transmit post notify message announce broadcast say",
    "move": "move go drive navigate travel proceed roll visit position relocate head bring rotate turn steer shift tilt pan jog"
    " point",
    "home": "home return dock recharge charge park",
    "reset": "reset restore zero clear factory",
    "restart": "restart reboot",
    "connect": "connect join pair link attach login",
    "disconnect": "disconnect leave unpair detach logout unlink eject",
    "save": "save store record keep log",
    "play": "play",
    "next": "next skip",
    "previous": "previous back",
    "clean": "clean wash rinse vacuum sweep flush purge",
    "capture": "capture photograph snap shoot take grab snapshot",
    "block": "block ban deny isolate quarantine",
    "unblock": "unblock allow permit unban",
    "test": "test verify diagnose ping probe selftest",
    "calibrate": "calibrate tare align",
    "update": "update upgrade refresh",
    "name": "rename name label call",
    "feed": "feed dispense pour deliver",
    "heat": "heat preheat warm",
    "fill": "fill refill load",
    "drain": "drain empty unload",
    "acknowledge": "acknowledge confirm dismiss",
    "skip": "skip",
    "copy": "copy duplicate clone backup export",
    "mix": "mix stir shake agitate spin",
}
_OPPOSITES = """
on-off open-close start-stop up-down lock-unlock mute-unmute add-remove connect-disconnect next-previous block-unblock
start-pause pause-resume fill-drain set-get start-get stop-get on-get off-get open-get close-get reset-get move-get
remove-get add-get stop-resume on-stop off-start stop-pause start-resume set-reset list-add list-remove list-set
"""
_RELATED = """
on-start off-stop open-up close-down set-up set-down set-on set-off set-move get-list restart-reset start-resume
set-start capture-get heat-up heat-set on-open off-close test-get set-name feed-start capture-save add-save clean-start
mix-start connect-set home-move stop-off update-start calibrate-start
"""
_ALIKE = """
light lamp bulb luminaire lighting | brightness bright brighter brighten dim dimmer intensity dark darker
temperature warm warmer hot hotter cold cooler colder heat heating degree celsius fahrenheit setpoint thermostat
volume loud louder quiet quieter sound
speed fast faster slow slower rpm velocity pace rate | fan blower ventilation ventilator airflow | door gate
blind shade curtain shutter | battery charge energy power | network wifi wlan ssid wireless
position location coordinate place where
timer countdown | humidity moisture humid moist damp dry | picture photo image snapshot photograph | alarm siren alert
water irrigation irrigate watering sprinkler | music song track audio | fault error problem warning failure | shelf rack
client user guest station | password passphrase pass pwd pw psk key secret pin code
channel frequency | colour color hue | room zone area
status state condition | vacancy vacant free empty gap space spot | item good article product stock inventory | valve tap
"""
STOP_WORDS = frozenset(
    """
    a all also am an and any are as at be been but by can could did do does for from had has have he her him i if in into
    is it its just let may me might must my no not of or our out please shall she should so some than that the their
    them then there these they this those to us was we were will with would you your now right away kindly thank thanks
    hey hi hello ok okay about like want need lets im ill bit little really very too quite
    here every day morning evening ready again back today tonight moment currently immediately once soon
    thing something still around yourself itself whether current present get
    """.split()
)
_ENDINGS = tuple("ization ations ation ness ings ing ers ies ied ed es er ly s e".split())
_SHORTEST_STEM = 3
# Verbs that mean what their particle means: "turn the lamp on".
_CARRIERS = frozenset("turn switch power shut put flip crank go bring come".split())
_FEW_WORDS = 2
_WIFI = re.compile(r"\bwi-?fi\b", re.IGNORECASE)
_CONTRACTION = re.compile(r"['\u2019](?:d|ll|m|s|re|ve)\b", re.IGNORECASE)


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Cut a word's ending off, so that "opening", "opens" and "open" are one."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            base = word.removesuffix(ending)
            if ending in {"ies", "ied"}:
                return base + "y"
            is_doubled = base[-1] == base[-2] and base[-1] not in "lsz"
            return base[:-1] if is_doubled and ending in {"ing", "ed", "er"} else base
    return word


def plain_words(text: str) -> list[str]:
    """Return a text's words in lower case."""
    text = _WIFI.sub("wifi", _CONTRACTION.sub("", text))
    # "Hall A" has a letter for a name, which is no article.
    lettered = re.sub(r"(?<=[a-z] )([A-HJ-Z])\b", lambda letter: f"x{letter[1].lower()}", text)
    return split_words(lettered)


@lru_cache(maxsize=8192)
def stems(text: str) -> tuple[str, ...]:
    """Return the stems of a text's telling words; words that are alike become one."""
    words = [word for word in plain_words(text) if word not in STOP_WORDS and not word.isdigit()]
    return tuple(_GROUP_OF.get(stem(word), stem(word)) for word in words)


def verbs(words: Sequence[str]) -> frozenset[str]:
    """Return what kinds of doing a text's words (in lower case, in order) speak of."""
    # "Brightness" is no verb, though its stem is that of "brighten".
    found = {
        concept for word in words if not word.endswith("ness") for concept in _VERB_OF.get(stem(word), ())
    }
    for particle in ("on", "off", "up", "down"):
        if particle in words and (
            _CARRIERS & set(words) or words[-1] == particle or len(words) <= _FEW_WORDS
        ):
            found -= {"set", "move", "close"}
            found.add("off" if particle == "down" and {"shut", "power"} & set(words) else particle)
    return frozenset(found)


def first_verb(words: Iterable[str]) -> frozenset[str]:
    """Return the meaning of the first word that is a verb."""
    for word in words:
        if concepts := _VERB_OF.get(stem(word)):
            return concepts
    return frozenset()


def verb_score(said: frozenset[str], offered: frozenset[str]) -> float:
    """Say how well two sets of doings go together: 1 the same, 0.5 related, 0 unknown, -1 opposite."""
    if not said or not offered:
        return 0.0
    if said & offered:
        return 1.0
    pairs = {frozenset((one, other)) for one in said for other in offered}
    if pairs & _OPPOSITE_PAIRS:
        return -1.0
    return 0.5 if pairs & _RELATED_PAIRS else -0.5


def _pairs(text: str) -> set[frozenset[str]]:
    return {frozenset(pair.split("-")) for pair in text.split()}


_OPPOSITE_PAIRS = _pairs(_OPPOSITES)
_RELATED_PAIRS = _pairs(_RELATED)
_VERB_OF: dict[str, frozenset[str]] = {}
for _concept, _words in _VERBS.items():
    for _word in _words.split():
        _VERB_OF[stem(_word)] = _VERB_OF.get(stem(_word), frozenset()) | {_concept}
_GROUP_OF: dict[str, str] = {}
for _group in _ALIKE.replace("\n", " | ").split("|"):
    _members = [stem(_word) for _word in _group.split()]
    _GROUP_OF.update({_member: _GROUP_OF.get(_member, _members[0]) for _member in _members})
ALIKE_STEMS = frozenset(_GROUP_OF.values())
"""Stems of ordinary nouns, which are nobody's own name."""
