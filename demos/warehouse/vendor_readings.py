"""What the ten brands tell of place and load all the time, as data: what it is called, and in which unit.

As in `vendors.py`, this says what the firmware does and the Thing Descriptions what it promises; tests hold one against
the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from demos.warehouse.vendors import CELL, CENTIMETRE, DECIMETRE, FOOT, INCH, METRE, MILLIMETRE

KILOGRAM = 1.0
GRAM = 0.001
POUND = 0.45359237


@dataclass(frozen=True, slots=True)
class VendorReadings:
    """How one brand tells where it is and what it carries.

    Attributes:
        position: the property that tells the place, as a pair: east, north.
        metres: length of its unit.
        load: the property that tells the weight on the deck.
        kilograms: mass of its unit.
    """

    position: str
    metres: float
    load: str
    kilograms: float

    def place(self, east: float, north: float) -> list[float]:
        """Turn a place in metres into the brand's unit."""
        return [round(east / self.metres, 3), round(north / self.metres, 3)]

    def weight(self, kilograms: float) -> float:
        """Turn a mass in kilograms into the brand's unit."""
        return round(kilograms / self.kilograms, 3)


VENDOR_READINGS: dict[str, VendorReadings] = {
    "kestrel": VendorReadings("floor_position", METRE, "payload_kg", KILOGRAM),
    "brockmann": VendorReadings("standort_jetzt", CENTIMETRE, "zuladung_kg", KILOGRAM),
    "yunlu": VendorReadings("PoseMm", MILLIMETRE, "PayloadKg", KILOGRAM),
    "cigale": VendorReadings("position_robot", METRE, "charge_utile", KILOGRAM),
    "tern": VendorReadings("spotFeet", FOOT, "deckPounds", POUND),
    "dromo": VendorReadings("pos_live", CELL, "deck_grams", GRAM),
    "hafenbot": VendorReadings("standortLaufend", MILLIMETRE, "zuladungKilo", KILOGRAM),
    "xinghuo": VendorReadings("weizhi_shuzhi", DECIMETRE, "zaizhong_kg", KILOGRAM),
    "ardoise": VendorReadings("positionRobot", CENTIMETRE, "chargeUtile", GRAM),
    "pelorus": VendorReadings("Nav_PoseLive", INCH, "Fork_LoadLb", POUND),
}
