"""What the paper's sentences about arguments speak of here: devices and their attributes, written by hand.

One device after another; below it one attribute a line: its name, another way to say it, the range, the unit if it has
one. A range with a decimal point takes decimal values.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

_TEXT = """
wireless access point
    minimum contention window | smallest window exponent | 0 15
    maximum contention window | largest window exponent | 0 15
    beacon interval | pause between beacons | 20 1000
    retry limit | number of retries | 0 20
    transmit power | sending strength | 1 30
    fragment size | packet fragment length | 256 2346
extruder
    barrel temperature | heat of the barrel | 90 380 degC
    screw speed | rotation of the screw | 5 240
    die gap | opening of the die | 0.2 6.0 millimeter
    melt pressure | pressure of the melt | 10 400 bar
    haul rate | pull of the haul | 1 90
    cooling length | length of cooling | 1 40 meter
bread oven
    top heat | heat from above | 50 300 degC
    bottom heat | heat from below | 50 300 degC
    baking time | time in the chamber | 1 120 minute
    steam amount | dose of steam | 0 100 percent
    damper opening | flap position | 0 100 percent
    fan level | strength of the fan | 0 9
laser engraver
    beam intensity | laser strength | 1 100 percent
    feed rate | travel of the head | 10 6000
    focus offset | shift of the focus | -8.0 8.0 millimeter
    pass count | number of passes | 1 25
    pulse frequency | rhythm of the laser | 1 80
    line spacing | distance of the lines | 0.05 2.0 millimeter
swimming pool controller
    chlorine dose | amount of chlorine | 0.1 5.0
    water temperature | warmth of the water | 15 36 degC
    filter runtime | running time of the filter | 1 24 hour
    backwash length | length of the backwash | 1 15 minute
    target acidity | wanted acid value | 6.5 8.0
    cover delay | wait before covering | 0 300 second
hearing booth
    tone level | loudness of the tone | 0 110
    tone frequency | pitch of the tone | 125 8000 hertz
    masking level | strength of the masking | 0 90
    tone length | duration of the tone | 100 5000 millisecond
    ramp time | rise of the tone | 5 200 millisecond
    trial count | number of trials | 1 60
elevator drive
    cabin acceleration | push of the cabin | 0.3 1.8
    door dwell | opening time of the doors | 1 60 second
    levelling tolerance | allowed levelling error | 1 20 millimeter
    parking floor | waiting floor | 0 48
    load limit | heaviest load | 100 2500 kilogram
    brake delay | wait before braking | 0 900 millisecond
paint robot
    nozzle pressure | spraying pressure | 0.5 8.0 bar
    spray width | width of the fan of paint | 20 600 millimeter
    flow rate | amount of paint | 10 900
    flash time | rest between coats | 5 600 second
    coat count | number of coats | 1 8
    gun distance | distance from the part | 100 500 millimeter
incubation cabinet
    chamber temperature | warmth inside | 4 60 degC
    carbon dioxide share | share of carbon dioxide | 0.0 20.0 percent
    relative humidity | moisture inside | 20 95 percent
    shaking rate | pace of shaking | 0 350
    light level | brightness inside | 0 100 percent
    alarm margin | allowed deviation | 0.1 5.0
telescope mount
    right ascension rate | speed around the polar axis | 1 900
    declination limit | lowest declination | -85 85 degree
    tracking gain | strength of tracking | 0.1 4.0
    settle time | rest after slewing | 0 45 second
    backlash steps | play compensation | 0 1200
    guide interval | time between corrections | 1 120 second
wind turbine
    pitch angle | angle of the blades | 0 90 degree
    yaw offset | turn of the nacelle | -30 30 degree
    cut out speed | highest allowed wind | 15 35
    rotor limit | top speed of the rotor | 5 25
    curtailment | reduction of power | 0 100 percent
    restart delay | wait before starting again | 10 3600 second
coffee machine
    brew temperature | heat of brewing | 80 98 degC
    grind size | coarseness of the grind | 1 40
    cup volume | size of the cup | 20 400 milliliter
    bloom time | wetting time | 0 30 second
    shot pressure | pressure of the shot | 4.0 12.0 bar
    milk share | share of milk | 0 90 percent
traffic signal
    green time | length of green | 5 120 second
    amber time | length of amber | 2 8 second
    cycle length | length of the whole cycle | 30 240 second
    phase offset | shift against the neighbour | 0 180 second
    queue threshold | length of a queue | 1 60
    walk time | time for people on foot | 4 60 second
weaving loom
    warp tension | pull on the warp | 10 900
    weft density | thread count of the weft | 4 60
    picks rate | picking pace | 60 1100
    shed height | opening of the shed | 20 140 millimeter
    beam brake | braking of the beam | 0 100 percent
    stop sensitivity | ease of stopping | 1 12
infusion pump
    infusion rate | flow into the vein | 0.1 999.0
    bolus volume | size of the bolus | 0.5 60.0 milliliter
    lockout time | pause between doses | 1 240 minute
    occlusion limit | pressure of a blockage | 50 900
    keep open rate | smallest flow | 0.1 5.0
    drop factor | size of the drops | 10 60
seed drill
    sowing depth | depth of the seed | 5 90 millimeter
    row distance | space between rows | 100 750 millimeter
    seed rate | density of the seeds | 20 600
    coulter pressure | push on the coulters | 10 250
    tramline rhythm | spacing of the tramlines | 1 12
    fan turns | turning of the blower | 1000 5000
backup battery
    charge current | current of charging | 1 400 ampere
    discharge floor | lowest charge | 5 60 percent
    float voltage | voltage at rest | 24.0 58.0 volt
    balance time | length of balancing | 5 480 minute
    cell limit | highest voltage of a cell | 3.2 4.2 volt
    idle timeout | time before sleep | 1 720 minute
sorting belt
    belt speed | pace of the belt | 0.1 3.5
    gap length | gap between parcels | 100 2000 millimeter
    diverter delay | wait of the diverter | 0 1500 millisecond
    jam timeout | limit for a jam | 1 60 second
    chute count | number of chutes | 1 64
    heavy limit | weight of a heavy parcel | 1 80 kilogram
ultrasonic bath
    bath temperature | warmth of the bath | 20 80 degC
    sweep width | span of the sweep | 0 6
    cleaning time | length of cleaning | 1 99 minute
    degas time | length of degassing | 0 30 minute
    drive power | strength of the sound | 10 100 percent
    fill level | height of the liquid | 10 100 percent
security gate
    opening angle | swing of the gate | 10 110 degree
    closing force | push while closing | 20 400
    hold time | opening time | 1 180 second
    beam count | number of beams | 1 8
    retry count | number of tries | 0 9
    badge lifetime | validity of a badge | 1 365
aquarium light
    blue share | strength of blue | 0 100 percent
    white share | strength of white | 0 100 percent
    sunrise length | length of dawn | 0 180 minute
    moon level | glow at night | 0 20 percent
    day length | duration of daylight | 1 16 hour
    storm chance | likelihood of lightning | 0 50 percent
press brake
    bend angle | angle of the bend | 15 175 degree
    ram force | push of the ram | 10 1600
    approach speed | pace of the approach | 10 200
    back stop | position of the stop | 0.5 800.0 millimeter
    dwell time | rest at the bottom | 0.0 9.0 second
    sheet thickness | thickness of the sheet | 0.5 20.0 millimeter
radio transmitter
    carrier frequency | frequency of the carrier | 87.5 108.0
    deviation | swing of the modulation | 10 75
    output power | power at the antenna | 1 5000 watt
    reflection limit | highest reflection | 1.1 3.0
    audio gain | gain of the sound | -20 20
    squelch level | threshold of silence | 0 12
drying kiln
    air temperature | heat of the air | 20 120 degC
    wood moisture | moisture of the wood | 4 40 percent
    vent opening | opening of the vents | 0 100 percent
    reversal time | time before reversing | 30 360 minute
    spray time | length of spraying | 0 90 second
    heating rate | hourly rise | 1 15
"""


@dataclass(frozen=True, slots=True)
class Attribute:
    """Something of a device that can be set.

    Attributes:
        name: in words; arguments are called like this.
        other: another way to say it.
        low: smallest value, in `unit`.
        high: largest value, in `unit`.
        unit: pint's name of the unit; None for plain numbers.
        is_whole: takes whole numbers only.
    """

    name: str
    other: str
    low: float
    high: float
    unit: str | None
    is_whole: bool


@cache
def attributes_by_device() -> dict[str, tuple[Attribute, ...]]:
    """Return the attributes of every device, by the device's title."""
    found: dict[str, list[Attribute]] = {}
    for line in _TEXT.strip().splitlines():
        if not line.startswith(" "):
            attributes = found[line] = []
            continue
        name, other, values = (part.strip() for part in line.split("|"))
        low, high, *unit = values.split()
        is_whole = "." not in low
        attributes.append(
            Attribute(name, other, float(low), float(high), unit[0] if unit else None, is_whole)
        )
    return {device: tuple(attributes) for device, attributes in found.items()}
