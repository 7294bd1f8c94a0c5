"""Other words for common choices: people say "economy" where a vendor wrote "eco"."""

from __future__ import annotations

import random
from collections.abc import Sequence

from inference.values import choice_words

_SHARE_IN_OTHER_WORDS = 0.4
_TABLE = """
auto: automatic, the automatic; automatic: auto, self controlled; manual: by hand, hand operated; man: manual, by hand; semi
auto: semi automatic, partly automatic; eco: economy, energy saving, economical; economy: eco, energy saving; comfort:
comfortable, cosy; normal: regular, standard, usual, ordinary; norm: normal, regular; standard: normal, regular, usual; std:
standard, normal, regular; default: standard, preset, factory set; def: default, standard; boost: turbo, extra power; turbo:
boost, full power; sport: sporty, dynamic; silent: quiet, noiseless, soundless; quiet: silent, hushed, noiseless; night: night
time, nighttime; day: daytime, day time; away: absent, nobody home, out of the house; home: at home, somebody home; vacation:
holiday, on holiday; holiday: vacation, on vacation; sleep: sleeping, asleep, bedtime; standby: stand by, idling, waiting; stby:
standby, stand by; idle: inactive, doing nothing, unoccupied; active: running, in action; inactive: idle, dormant; pause:
paused, on hold, suspended; paused: on hold, suspended; run: running, go; running: in operation, going; stop: stopped, halt,
halted; stopped: halted, standing still; start: begin, starting; emergency: urgent, for emergencies; emg: emergency, urgent;
test: testing, trial, check; demo: demonstration, showcase; debug: debugging, troubleshooting; maintenance: servicing, upkeep;
maint: maintenance, servicing; safe: secure, protected; learning: training, teaching; remote: from afar, from a distance; local:
on site, on the spot; loc: local, on site; rem: remote, from afar; single: sole, solo, individual; continuous: nonstop, endless,
uninterrupted; cont: continuous, nonstop; burst: in bursts, rapid series; cyclic: repeating, in cycles; loop: looped, repeating;
random: shuffled, haphazard; rand: random, shuffled; seq: sequential, in order; sequential: in order, in sequence; periodic:
recurring, at intervals; intermittent: on and off, stop and go; adaptive: self adjusting, adapting; hybrid: mixed, combined;
mixed: combined, blended; low: the lowest, weak, gentle; lo: low, weak, gentle; high: strong, the highest, intense; hi: high,
strong, intense; medium: middle, moderate, mid level; med: medium, moderate, middle; mid: middle, medium, halfway; middle:
centre, medium; min: minimum, the least, lowest; max: maximum, the most, highest; minimum: the least, the lowest, min; maximum:
the most, the highest, max; avg: average, mean; average: mean, avg; mean: average, avg; moderate: medium, middling; none:
nothing, not any; full: complete, entire, whole; partial: in part, incomplete; empty: nothing in it, vacant; weak: feeble,
faint, low; strong: powerful, intense, vigorous; light: slight, mild, gentle; heavy: strong, massive, hard; mild: gentle, light;
soft: gentle, tender; hard: firm, tough, stiff; gentle: soft, mild; intense: strong, fierce; intensive: thorough, intense; extra
strong: very strong, super strong; ultra: extreme, super; extreme: ultra, very strong; fine: precise, delicate; coarse: rough,
crude; fast: quick, rapid, speedy; slow: gentle, unhurried, leisurely; quick: fast, rapid, speedy; rapid: fast, swift; fastest:
quickest, speediest; very low: really low, extremely low; very high: really high, extremely high; tiny: very small, miniature;
small: little, tiny, compact; large: big, sizeable; big: large, huge; sm: small, little; lg: large, big; xl: extra large, very
large; xs: extra small, very small; extra large: very large, huge; extra small: very small, tiny; wide: broad, widened; narrow:
tight, slim; long: lengthy, extended; short: brief, shortened; thick: fat, chunky; thin: slim, slender; deep: profound, far
down; shallow: not deep, flat; warm: cosy, warmish; cold: chilly, icy; cool: cooling, chilled; hot: very warm, piping hot; heat:
heating, warming; cooling: cool, chilling; heating: heat, warming; dry: drying, moisture removal; fan: fan only, ventilation;
vent: ventilation, airing; defrost: thawing, de-icing; dehumidify: drying, moisture removal; humidify: moistening, adding
moisture; freeze: freezing, frost; clockwise: to the right, right handed; counterclockwise: anticlockwise, to the left; cw:
clockwise, to the right; ccw: counterclockwise, anticlockwise, to the left; anticlockwise: counterclockwise, to the left; left:
left hand, the left, leftwards; right: right hand, the right, rightwards; l: left, left hand; r: right, right hand; forward:
forwards, ahead; fwd: forward, forwards, ahead; backward: backwards, back, rearward; bwd: backward, backwards, back; reverse:
backwards, back, the other way; rev: reverse, backwards; up: upwards, upward; down: downwards, downward; dn: down, downwards;
in: inwards, inward; out: outwards, outward; inbound: incoming, arriving; outbound: outgoing, departing; both: either way, each
of them; bidirectional: both ways, in both directions; uni: unidirectional, single direction; north: northern, northward; south:
southern, southward; east: eastern, eastward; west: western, westward; n: north, northern; s: south, southern; e: east, eastern;
w: west, western; front: the front, forward facing; rear: back, the back; back: rear, the rear; top: upper, uppermost; bottom:
lower, lowermost; upper: top, higher up; lower: bottom, lower down; inner: inside, interior; outer: outside, exterior; inside:
indoors, interior; outside: outdoors, exterior; center: centre, middle; ctr: center, centre, middle; side: lateral, sideways;
horizontal: level, lying; vertical: upright, standing; horiz: horizontal, level; vert: vertical, upright; diag: diagonal,
slanting; diagonal: slanting, oblique; landscape: sideways, wide format; portrait: upright, tall format; near: close, close by;
far: distant, far away; upside down: inverted, on its head; open: opened, wide open; opn: open, opened; opened: open, ajar;
closed: shut, not open; close: shut, closed; cls: closed, shut; clsd: closed, shut; locked: bolted, shut tight; unlocked: not
bolted, unbolted; lock: locked, bolted; unlock: unlocked, unbolted; on: switched on, powered; off: switched off, turned off;
enabled: active, switched on; disabled: deactivated, switched off; en: enabled, active; dis: disabled, deactivated; connected:
linked, joined; disconnected: unlinked, cut off; online: connected, reachable; offline: disconnected, unreachable; armed: alert,
on guard; disarmed: unarmed, off guard; fail: failed, failure; failed: broken, unsuccessful; error: fault, failure; err: error,
fault; warn: warning, caution; warning: caution, alert; info: information, informative; alarm: alert, siren; critical: severe,
vital; crit: critical, severe; urgent: pressing, very important; immediate: instant, straight away; routine: ordinary, everyday;
minor: small, slight; major: big, serious; verbose: detailed, wordy; brief: short, concise; detailed: thorough, in depth;
summary: overview, short version; ready: prepared, all set; busy: occupied, engaged; free: available, vacant; occupied: taken,
in use; reserved: booked, set aside; pending: waiting, outstanding; done: finished, completed; completed: finished, done;
cancelled: called off, aborted; cancel: abort, call off; wet: soaked, moist; damp: moist, slightly wet; rd: read, read only; rw:
read write, reading and writing; ro: read only, view only; wr: write, writing; read: reading, view; write: writing, edit; read
only: view only, just reading; admin: administrator, full rights; guest: visitor, limited access; owner: proprietor, holder;
public: open to all, for everybody; private: personal, confidential; shared: common, joint; restricted: limited, confined;
allow: permit, let through; deny: refuse, reject; accept: take, agree; reject: refuse, turn down; block: bar, refuse; grant:
give, permit; internal: inner, on the inside; external: outer, from outside; int: internal, inner; ext: external, outer; indep:
independent, separate; independent: separate, on its own; ser: serial, in series; par: parallel, in parallel; serial: in series,
sequential; parallel: in parallel, side by side; series: in a row, serial; sync: synchronous, synchronised; async: asynchronous,
unsynchronised; primary: main, principal; secondary: backup, alternative; aux: auxiliary, additional; auxiliary: additional,
extra; main: primary, principal; backup: reserve, spare; bkp: backup, reserve; spare: reserve, extra; alt: alternative,
alternate; temp: temperature, warmth; hum: humidity, moisture; temperature: warmth, heat level; humidity: moisture, dampness;
press: pressure, compression; pres: pressure, compression; vib: vibration, shaking; vibration: shaking, trembling; vibrate:
buzz, shake; volume: loudness, sound level; pwr: power, wattage; spd: speed, velocity; speed: pace, velocity; pos: position,
location; vel: velocity, speed; freq: frequency, rate; sine: sinusoidal, sine wave; sin: sine, sinusoidal; square: square wave,
rectangular; sqr: square, square wave; triangle: triangular, triangle wave; tri: triangle, triangular; saw: sawtooth, ramp;
sawtooth: saw, ramp shaped; pulse: pulsed, pulsing; ramp: slope, steady rise; linear: straight, proportional; lin: linear,
straight; log: logarithmic, on a log scale; exp: exponential, growing; analog: analogue, continuous signal; dig: digital,
numeric; digital: numeric, in digits; rising: going up, ascending; falling: going down, descending; asc: ascending, rising;
desc: descending, falling; ascending: rising, increasing; descending: falling, decreasing; inc: increasing, rising; dec:
decreasing, falling; pnp: sourcing, positive switching; npn: sinking, negative switching; ac: alternating current, alternating;
dc: direct current, direct; neutral: balanced, in between; solid: steady, constant; steady: constant, stable; const: constant,
steady; constant: steady, unchanging; blink: blinking, flashing; flash: flashing, blinking; flashing: blinking, flickering;
fade: fading, dimming gently; pulsing: throbbing, pulsating; strobe: strobing, stroboscopic; breathe: breathing, slowly pulsing;
purple: violet, lilac; violet: purple, mauve; orange: amber, tangerine; amber: orange, yellowish; green: emerald, grass green;
red: scarlet, crimson; blue: azure, sky coloured; yellow: lemon, canary; white: snow white, ivory; black: jet black, pitch
black; gray: grey, ash coloured; grey: gray, ash coloured; pink: rose, rosy; brown: chestnut, tan; cyan: turquoise, aqua;
magenta: fuchsia, pinkish purple; grn: green, emerald; blu: blue, azure; ylw: yellow, lemon; wht: white, ivory; blk: black, jet
black; dark: dim, gloomy; bright: brilliant, vivid; dim: faint, subdued; clear: transparent, see through; grayscale: greyscale,
shades of grey; black white: monochrome, without colour; mono: monochrome, in a single tone; color: colour, coloured; colour:
color, in colour; bw: black white, monochrome; winter: wintertime, the cold season; summer: summertime, the hot season; spring:
springtime, the spring season; autumn: fall, the autumn season; morning: early in the day, forenoon; evening: late in the day,
dusk; noon: midday, lunchtime; mon: monday, mondays; tue: tuesday, tuesdays; wed: wednesday, wednesdays; thu: thursday,
thursdays; fri: friday, fridays; sat: saturday, saturdays; sun: sunday, sundays; workday: weekday, working day; weekday:
workday, working day; weekend: saturday to sunday, days off; weekdays: workdays, monday to friday; daily: every day, each day;
weekly: every week, each week; hourly: every hour, each hour; monthly: every month, each month; yearly: annually, every year;
never: not at any time, not ever; always: all the time, constantly; once: a single time, only this time; delicate: gentle,
fragile; delicates: delicate things, fragile laundry; cotton: cottons, cotton laundry; wool: woollens, woolly things;
synthetics: synthetic, easy care; rinse: rinsing, rinse cycle; spin: spinning, spin cycle; iron dry: ready to iron, slightly
damp; celsius: centigrade, degrees celsius; fahrenheit: degrees fahrenheit, imperial degrees; metric: si units, european units;
imperial: american units, british units; raw: unprocessed, untouched; plain: simple, bare; basic: simple, elementary; advanced:
expert, sophisticated; expert: advanced, professional; audio: sound, sound only; bt: bluetooth, wireless bluetooth; wired: by
cable, cabled; wireless: without cables, by radio; eth: ethernet, network cable; batt: battery, accumulator; bat: battery,
accumulator; solar: sun powered, photovoltaic; living room: lounge, sitting room
"""


def _pairs(table: str) -> list[tuple[str, tuple[str, ...]]]:
    entries = [entry.partition(":") for entry in table.replace("\n", " ").split(";")]
    return [(key.strip(), tuple(said.strip() for said in others.split(","))) for key, _, others in entries]


_SYNONYMS = dict(_pairs(_TABLE))
# These mean what the table says only beside one of these choices: alone "sun" may shine and "min" be minutes.
_DIRECTIONS, _DAYS = frozenset("n s e w".split()), frozenset("mon tue wed thu fri sat sun".split())
_ONLY_BESIDE: dict[str, frozenset[str]] = {
    **dict.fromkeys(_DIRECTIONS, _DIRECTIONS), **dict.fromkeys(_DAYS, _DAYS),
    "min": frozenset({"max", "avg", "mean", "mid", "med", "maximum"}),
    "l": frozenset({"r", "c", "lr"}), "r": frozenset({"l", "c", "lr"}), "par": frozenset({"ser", "serial", "indep"}),
    "ser": frozenset({"par", "parallel", "indep"}), "temp": frozenset({"hum", "humidity", "press", "pressure", "pres", "co2"}),
    "press": frozenset({"temp", "hum", "temperature", "humidity"}), "light": frozenset({"medium", "heavy", "strong", "normal", "hard", "intense"}),
    "dec": frozenset({"inc", "increase", "increment"}), "inc": frozenset({"dec", "decrease"}), "exp": frozenset({"lin", "log", "linear"}),
    "log": frozenset({"lin", "exp", "linear"}), "sin": frozenset({"saw", "sqr", "tri", "square", "triangle"}), "tri": frozenset({"sin", "saw", "sqr", "sine"}),
    "int": frozenset({"ext", "external"}), "ext": frozenset({"int", "internal"}), "en": frozenset({"dis"}), "dis": frozenset({"en"}),
    "fine": frozenset({"coarse", "medium"}), "spring": frozenset({"summer", "autumn", "winter"}), "square": frozenset({"sine", "triangle", "sawtooth", "saw"}),
    "triangle": frozenset({"sine", "sawtooth", "saw"}), "mean": frozenset({"min", "max", "median", "minimum"}),
    "block": frozenset({"allow", "accept", "permit"}), "close": frozenset({"open"}), "orange": frozenset({"red", "green", "blue", "yellow"}),
    "man": frozenset({"auto", "off"}), "pos": frozenset({"vel", "spd", "speed", "velocity"}), "bat": frozenset({"mains", "ac", "solar"}),
    "rev": frozenset({"fwd", "forward"}), "rem": frozenset({"loc", "local"}), "def": frozenset({"user", "custom"}), "dig": frozenset({"analog", "ana"}),
    "color": frozenset({"grayscale", "black white", "mono", "bw"}), "colour": frozenset({"grayscale", "black white", "mono", "bw"}), "clear": frozenset({"frosted", "milky", "dark", "cloudy"}),
    "fan": frozenset({"heat", "cool", "dry", "auto"}), "mono": frozenset({"color", "colour"}), "back": frozenset({"front", "left", "right", "side"}), "wool": frozenset({"cotton", "synthetics", "delicates", "delicate"}),
}  # fmt: skip


def synonym(written: str, choices: Sequence[str], rng: random.Random) -> str:
    """Say a choice, now and then in another word that belongs to no other choice."""
    others = _SYNONYMS.get(written)
    if others is None or rng.random() > _SHARE_IN_OTHER_WORDS:
        return written
    beside = {said for one in choices if (said := choice_words(one)) != written}
    if written in _ONLY_BESIDE and not beside & _ONLY_BESIDE[written]:
        return written
    taken = {word for said in beside for word in said.split()}
    meant_by_others = {other for said in beside for other in _SYNONYMS.get(said, ())}
    free = [
        said for said in others if not taken & set(choice_words(said).split()) and said not in meant_by_others
    ]
    return rng.choice(free) if free else written
