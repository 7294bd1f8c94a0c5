"""Units that no description states: in a name, in a text, or by what a value is."""

from __future__ import annotations

from typing import Any

import pytest

from firmware_api_specs import implied_units
from firmware_api_specs.data_schema import DataSchema
from firmware_api_specs.implied_units import spoken_unit, unit_of
from firmware_api_specs.thing_description import Action
from firmware_api_specs.units import is_unit
from inference.text import prepare
from inference.units import convert
from tests.device_agent_kit import lamp


def implied(name: str, text: str = "", *bounds: float, **terms: Any) -> str | None:
    if bounds:
        terms |= {"minimum": bounds[0], "maximum": bounds[1]}
    schema = DataSchema.model_validate({"type": "number", **({"description": text} if text else {}), **terms})
    return unit_of(name, schema, schema)


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("delay_sec", "second"), ("delayMs", "millisecond"), ("TempC", "degC"), ("temp_f", "degF"), ("distanceMm", "millimeter"),
        ("duration_s", "second"), ("hold_min", "minute"), ("lift_pct", "percent"), ("flow_ul", "microliter"),
        ("days", "day"), ("minutes", "minute"), ("fan_rpm", "revolutions_per_minute"),
        ("day", None), ("hour", None), ("minute", None), ("m", None), ("s", None), ("speed_min", None), ("count", None),
        ("steps", None), ("12", None), ("", None),
    ],
)  # fmt: skip
def test_a_name_may_end_with_its_unit(name: str, unit: str | None) -> None:
    assert implied(name) == unit


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("power_w", "watt"), ("chargingPowerW", "watt"), ("weight_g", "gram"), ("dose_g", "gram"), ("max_current_a", "ampere"),
        ("voltage_v", "volt"), ("capacity_l", "liter"), ("volume_l", "liter"), ("pulse_us", "microsecond"),
        ("energy_kwh", "kilowatt_hour"), ("capacity_mah", "milliampere_hour"), ("flow_lpm", "liter/minute"),
        ("width_in", "inch"), ("height_in", "inch"), ("length_in", "inch"), ("diameter_in", "inch"), ("distance_ft", "foot"),
        ("speed_mph", "mile/hour"), ("pressure_psi", "psi"), ("pressure_hpa", "hectopascal"), ("pressure_pa", "pascal"),
        ("angle_rad", "radian"), ("weight_lb", "pound"), ("gain_db", "decibel"), ("limit_kbps", "kilobit/second"),
        ("limit_mbps", "megabit/second"), ("fan_rpm", "revolutions_per_minute"), ("tone_hz", "hertz"), ("f_khz", "kilohertz"),
        ("f_mhz", "megahertz"), ("f_ghz", "gigahertz"), ("pressure_bar", "bar"), ("dose_ml", "milliliter"),
        ("dose_ul", "microliter"), ("angle_deg", "degree"), ("color_temp_k", "kelvin"),
        ("torque_nm", "newton*meter"), ("wavelength_nm", "nanometer"),
        ("speed_cm_s", "centimeter/second"), ("speed_mm_s", "millimeter/second"), ("speed_m_s", "meter/second"),
        ("speed_mm_per_s", "millimeter/second"), ("cm_per_s", "centimeter/second"), ("feed_mm_min", "millimeter/minute"),
        ("speed_km_h", "kilometer/hour"),
        ("turn_deg_s", "degree/second"), ("flow_ml_min", "milliliter/minute"), ("accel_m_s2", "meter/second**2"),
        ("zoom_in", None), ("fade_in", None), ("x_a", None), ("line_a", None), ("phase_l", None), ("mode_s", None),
        ("size_m", None), ("plan_c", None), ("side_l", None), ("row_w", None), ("key_g", None), ("camera_pa", None), ("w", None),
        ("per_s", "second"), ("in", None),
    ],
)  # fmt: skip
def test_an_ending_is_a_unit_where_it_fits_what_stands_before_it(name: str, unit: str | None) -> None:
    assert implied(name) == unit
    assert unit is None or is_unit(unit)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("cm", "centimeter"), ("ms", "millisecond"), ("Seconds", "second"), ("Celsius", "degC"), ("(s)", "second"),
        ("[s]", "second"), ("percent (0-100)", "percent"), ("Distance cm", "centimeter"), ("in cm", "centimeter"),
        ("Minutes.", "minute"), ("m/s", "meter/second"), ("%", "percent"), ("°C", "degC"), ("kWh", "kilowatt_hour"),
        ("seconds, 0 to 60", "second"), ("Target temperature: °C", "degC"), ("l/min", "liter/minute"), ("psi", "psi"),
        ("W", "watt"), ("Speed mm/s", "millimeter/second"), ("Grams", "gram"),
        ("s/ms", None), ("Minutes of the meeting", None), ("Seconds hand", None), ("Bar code", None), ("bar stool", None),
        ("Level", None), ("Time", None), ("second floor", None), ("Time of day", None), ("2", None), ("", None), ("-", None),
    ],
)  # fmt: skip
def test_a_description_may_be_only_the_unit(text: str, unit: str | None) -> None:
    assert implied("amount", text) == unit


@pytest.mark.parametrize(
    "unit",
    [*implied_units._DESCRIBED, *implied_units._UNITS.values(), *dict(implied_units._FITTING.values())],
)
def test_every_unit_is_one_that_can_be_converted(unit: str) -> None:
    assert is_unit(unit)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("Delay in seconds.", "second"),
        ("How long it pauses, in minutes", "minute"),
        ("Time, seconds", "second"),
        ("Pause (ms)", "millisecond"),
        ("Pause [milliseconds]", "millisecond"),
        ("Level in percent, 0 to 100", "percent"),
        ("Level (%)", "percent"),
        ("How far it is open, 0-100%", "percent"),
        ("From 0 to 100 percent", "percent"),
        ("0..100 %", "percent"),
        ("Angle in degrees, clockwise", "degree"),
        ("Set point in degrees Celsius", "degC"),
        ("Set point in degrees C", "degC"),
        ("Set point in °F", "degF"),
        ("Set point in degrees Fahrenheit", "degF"),
        ("Temperature in degrees", "degC"),
        ("Weight in kg", "kilogram"),
        ("Pressure in bar", "bar"),
        ("Height in inches", "inch"),
        ("Speed in m/s", "meter/second"),
        ("Speed in kilometres per hour", "kilometer/hour"),
        ("Speed in rpm", "revolutions_per_minute"),
        ("Dose (ml)", "milliliter"),
        ("Flow in ml/min", "milliliter/minute"),
        ("Frequency in MHz", "megahertz"),
        ("Timer in minutes, at most 3 hours", "minute"),
        # Only what says how the number is counted.
        ("Number of repeats in 3 steps", None),
        ("Waits 5 seconds before each", None),
        ("Takes at least 10 minutes", None),
        ("The meter in the hall", None),
        ("Minutes of the meeting", None),
        ("How many percent signs to print", None),
        # One of two is none.
        ("How long, in minutes or hours", None),
        ("How long, in hours and minutes", None),
        ("Distance in meters (feet in the US)", None),
        ("Turn in degrees or percent", None),
        # What it is counted by is something else.
        ("Dose in grams per day", None),
        ("Price in watt hours", None),
        ("Energy in watts/hour", None),
        ("Slot of the in-seconds-list", None),
        ("", None),
    ],
)
def test_a_description_may_speak_of_one_unit(text: str, unit: str | None) -> None:
    assert spoken_unit(text) == unit
    assert implied("amount", text) == unit
    assert implied("amount", text.upper()) == unit


@pytest.mark.parametrize(
    ("name", "bounds", "unit"),
    [
        ("brightness", (0, 100), "percent"),
        ("targetBrightness", (1, 100), "percent"),
        ("battery_level", (0, 100), "percent"),
        ("volume", (0, 100), "percent"),
        ("volume", (0, 30), None),
        ("brightness", (0, 255), None),
        ("brightness_step", (0, 100), None),
        ("battery_count", (0, 100), None),
        ("dimming_time", (0, 100), None),
        ("count", (0, 100), None),
        ("temperature", (5, 30), "degC"),
        ("target_temp", (16, 30), "degC"),
        ("temperature_setpoint", (-86, -50), "degC"),
        ("temperature", (60, 90), "degF"),
        ("temperature", (30, 300), "degC"),
        ("temperature", (0, 1200), None),
        ("temperature", (), None),
        ("temperature_offset", (-5, 5), None),
        ("temperature_level", (1, 5), None),
        ("color_temperature", (150, 300), None),
        ("attempt", (0, 100), None),
    ],
)
def test_shares_are_percent_and_temperatures_degrees(
    name: str, bounds: tuple[float, ...], unit: str | None
) -> None:
    assert implied(name, "", *bounds) == unit


def test_what_is_stated_counts_before_a_name_and_a_name_before_a_text() -> None:
    assert implied("delay_sec", "in minutes", unit="hour") == "hour"
    assert implied("delay_sec", "in minutes") == "second"
    assert implied("temperature", "in kelvin", 10, 30) == "kelvin"


@pytest.mark.parametrize("kind", ["string", "boolean", "array"])
def test_only_numbers_have_units(kind: str) -> None:
    schema = DataSchema.model_validate({"type": kind, "description": "in seconds"})
    assert unit_of("delay_sec", schema, schema) is None


def test_the_items_of_a_list_have_the_unit_of_its_text() -> None:
    item = DataSchema.model_validate({"type": "number"})
    pauses = DataSchema.model_validate(
        {"type": "array", "description": "Pauses in seconds.", "items": {"type": "number"}}
    )
    assert unit_of("pauses", pauses, item) == "second"


@pytest.mark.parametrize(
    "text",
    [
        "in nm", "in mm", "in cm", "in meters", "in km", "in inches", "in feet", "in ms", "in seconds", "in minutes", "in hours",
        "in days", "in percent", "in celsius", "in fahrenheit", "in degrees", "in kelvin", "in kg", "in grams", "in liters",
        "in ml", "in ul", "in hertz", "in khz", "in mhz", "in volts", "in amps", "in watts", "in lux", "in db", "in bar",
        "in kpa", "in m/s", "in km/h", "in ml/min", "in rpm",
    ],
)  # fmt: skip
def test_every_unit_that_is_read_from_a_text_can_be_converted(text: str) -> None:
    unit = spoken_unit(text) or ("nanometer" if text == "in nm" else None)
    assert unit is not None
    assert is_unit(unit)
    assert convert(2, unit, unit) == 2


def action(description: str, **arguments: dict[str, Any]) -> Action:
    needed = {"type": "object", "properties": arguments}
    form = [{"href": "parley:driver/wait"}]
    wait = {"titles": {"en": "Wait"}, "descriptions": {"en": description}, "input": needed, "forms": form}
    changes: dict[str, Any] = {"actions": {"wait": wait}, "properties": {}, "parley:safeAction": "wait"}
    return lamp(**changes).actions["wait"]


def test_a_unit_in_the_text_of_an_action_is_that_of_its_only_bare_number() -> None:
    number = {"type": "number"}
    assert [one.unit for one in action("Waits, in minutes.", time=number).arguments] == ["minute"]
    assert [one.unit for one in action("Waits, in minutes.", time=number, count=number).arguments] == [
        None,
        None,
    ]
    assert {
        one.name: one.unit
        for one in action(
            "Waits, in minutes.", time=number, delay_ms=number, name={"type": "string"}
        ).arguments
    } == {"time": "minute", "delay_ms": "millisecond", "name": None}
    choices = {"type": "integer", "enum": [1, 2]}
    assert [one.unit for one in action("Waits, in minutes.", time=choices).arguments] == [None]


def test_what_people_say_is_converted_to_a_unit_that_only_a_text_tells() -> None:
    (time,) = action("Waits.", time={"type": "integer", "description": "How long, in seconds."}).arguments
    (said,) = prepare("wait two minutes").quantities
    assert convert(said.value, said.unit, time.unit) == 120
