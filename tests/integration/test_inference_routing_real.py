"""Routes of everyday sentences with the encoder that `make setup` installs, in a house, an office and a laboratory.

Behind each sentence stand its receivers; a question mark stands before what a device is called that is not there.
"""

from __future__ import annotations

import pytest

from inference.plan import KindProfile
from inference.ports import Encoder
from inference.routing import Router
from inference.settings import InferenceSettings, open_router_encoder
from inference.text import prepare

HOUSE = """
Kitchen light | Ceiling light over the kitchen table. | Switch the light on or off. Set the brightness. Choose its colour.
Hall light | Light in the entrance hall. | Switch the light on or off. Set the brightness.
Study room light | Desk lamp of the study room. | Switch the light on or off. Set the brightness.
Master bedroom light | Light in the master bedroom. | Switch the light on or off. Set the brightness.
Nursery night light | Small light for the nursery. | Turn on for a time. Choose the colour.
Living room curtain | Motor curtain. | Open the curtain. Close the curtain. Set how far it is open.
Master bedroom curtain | Motor curtain. | Open the curtain. Close the curtain. Set how far it is open.
Study room blind | Venetian blind. | Raise the blind. Lower the blind. Tilt the slats.
Living room air conditioner | Split unit. | Turn on or off. Set the target temperature. Choose the mode. Set the fan speed.
Master bedroom air conditioner | Split unit. | Turn on or off. Set the target temperature. Choose the mode: heat or cool.
Vacuum robot | Cleans the floors. | Start cleaning. Return to the dock. Clean one room. Choose the power: quiet or turbo.
Oven | Built-in oven of the kitchen. | Preheat to a temperature. Start a programme. Switch the oven light on or off. Stop.
Refrigerator | Fridge with freezer. | Set the temperature of the fridge. Set the temperature of the freezer. Fast freeze.
Washing machine | Front loader. | Start a wash programme. Set the spin speed. Delay the start.
Tumble dryer | Heat pump dryer. | Start drying. Stop drying.
Dishwasher | Under the counter. | Start a programme. Delay the start.
Living room television | Large screen. | Switch on or off. Change the channel. Set the volume. Choose the input.
Kitchen speaker | Music player. | Play music. Set the volume. Pause. Play a radio station.
Front door lock | Smart lock. | Lock the door. Unlock the door.
Garage door | Sectional door. | Open the door. Close the door.
Garden camera | Outdoor camera. | Start recording. Take a picture. Turn to a direction.
Lawn sprinkler | Waters the garden. | Water the lawn for some minutes. Stop watering.
Nursery humidifier | Cool mist humidifier. | Turn on or off. Set the target humidity.
Coffee machine | Bean to cup. | Make a drink. Rinse. Set the strength.
Ceiling fan of the living room | Fan. | Turn on or off. Set the speed. Reverse the direction.
Bathroom heater | Towel heater. | Turn on or off. Set the temperature.
"""
OFFICE = """
Boardroom projector | Ceiling projector. | Switch on or off. Choose the input. Freeze the picture.
Boardroom screen | Motorised projection screen. | Lower the screen. Raise the screen.
Boardroom lights | Dimmable light group. | Switch on or off. Set the brightness. Recall a scene.
Lobby lights | Light group. | Switch on or off. Set the brightness.
Lobby display | Digital signage. | Show a message. Clear the display. Set the brightness.
Second floor printer | Laser printer. | Print a document. Cancel the job. Set the tray.
Third floor printer | Laser printer. | Print a document. Cancel the job. Set the tray.
North tower lift | Passenger lift. | Call to a floor. Hold the doors. Take out of service.
South tower lift | Passenger lift. | Call to a floor. Hold the doors. Take out of service.
Parking gate | Barrier. | Open the gate. Close the gate.
Open space ventilation | Air handling unit. | Set the air flow. Set the supply temperature. Boost for some minutes.
Meeting room thermostat | Wall thermostat. | Set the target temperature. Choose the mode.
East blinds | Group of blinds on the east face. | Raise the blinds. Lower the blinds. Tilt the slats.
West blinds | Group of blinds on the west face. | Raise the blinds. Lower the blinds. Tilt the slats.
Public address system | Loudspeakers in all rooms. | Make an announcement. Play a chime. Set the volume.
Intrusion alarm | Alarm panel. | Arm the alarm. Disarm the alarm.
Pantry coffee machine | Bean to cup. | Make a drink. Rinse the machine.
Desk twelve | Height adjustable desk. | Raise the desk. Lower the desk. Set the height.
Delivery robot | Carries parcels. | Go to a room. Return to the base. Open the lid.
Server room door | Access controlled door. | Unlock the door. Lock the door.
"""
LABORATORY = """
Centrifuge | Benchtop centrifuge. | Spin at a speed for a time. Open the lid. Stop. Set the temperature.
Incubator shaker | Shaking incubator. | Shake at a speed. Set the temperature. Stop shaking.
CO2 incubator | Cell culture incubator. | Set the temperature. Set the carbon dioxide level. Start decontamination.
Hotplate stirrer one | Magnetic stirrer with heating. | Stir at a speed. Heat the plate to a temperature. Stop.
Hotplate stirrer two | Magnetic stirrer with heating. | Stir at a speed. Heat the plate to a temperature. Stop.
Syringe pump A | Single channel. | Dispense a volume. Withdraw a volume. Set the flow rate. Stop.
Syringe pump B | Single channel. | Dispense a volume. Withdraw a volume. Set the flow rate. Stop.
Fume hood | Ventilated enclosure. | Raise the sash. Lower the sash. Set the air flow. Switch the light.
Fluorescence microscope | Inverted microscope. | Move the stage. Choose an objective. Take an image. Switch the lamp.
Thermal cycler | PCR machine. | Run a protocol. Set the lid temperature. Pause the run.
Plate reader | Absorbance reader. | Read a plate. Eject the plate. Shake the plate.
Analytical balance | Four decimal balance. | Tare. Weigh. Calibrate.
Ultra low freezer | Minus eighty freezer. | Set the temperature. Silence the alarm.
Autoclave | Steam steriliser. | Start a cycle. Abort the cycle. Vent.
Liquid handler | Pipetting robot. | Run a method. Aspirate a volume. Home the arm.
Glove box | Inert atmosphere. | Purge the chamber. Set the pressure. Open the antechamber.
Recirculating chiller | Cools the reactor. | Set the temperature. Start the pump. Stop the pump.
Cold room door | Sliding door. | Open the door. Close the door. Lock the door.
"""
ALL_LIGHTS = "kitchen light; hall light; study room light; master bedroom light; nursery night light"

IN_HOUSE = """
Close all the curtains -> living room curtain; master bedroom curtain
turn on the kitchen light and the study room light -> kitchen light; study room light
turn off the lights in the master bedroom and the study room -> master bedroom light; study room light
start the vacuum robot and put it on turbo -> vacuum robot
Set the air conditioner in the living room to 23 degrees -> living room air conditioner
It's hot in the master bedroom, turn on the air conditioner -> master bedroom air conditioner
I'm in the study room. Could you dim the light a bit? -> study room light
Open the curtain in the study room -> ? curtain in the study room
Turn on the oven light -> oven
preheat the oven to 200 degrees and turn on the kitchen light -> oven; kitchen light
Lock the front door and turn off all the lights -> front door lock; ALL_LIGHTS
turn the tv volume down -> living room television
set the volume of the kitchen speaker to 30 percent -> kitchen speaker
play some jazz in the kitchen -> kitchen speaker
clean the living room -> vacuum robot
vacuum the kitchen and then the hall -> vacuum robot
Water the lawn for 10 minutes -> lawn sprinkler
make me an espresso and turn up the bathroom heater -> coffee machine; bathroom heater
close the garage door -> garage door
unlock the front door -> front door lock
raise the blind in the study -> study room blind
turn on the light in the bathroom -> ? light in the bathroom
start the washing machine in half an hour and the dishwasher too -> washing machine; dishwasher
set the freezer to minus 18 degrees -> refrigerator
Take a picture of the garden -> garden camera
the nursery is too dry, set the humidity to 50 percent -> nursery humidifier
switch off the living room lights -> ? living room lights
turn the living room fan on and set it to speed 3 -> ceiling fan of the living room
Good morning! Open the bedroom curtain and make a coffee -> master bedroom curtain; coffee machine
set the temperature in the master bedroom to 21 degrees -> master bedroom air conditioner
dry the laundry -> tumble dryer
turn off the television and close the living room curtain -> living room television; living room curtain
make the kitchen brighter -> kitchen light
start the vacuum after the dishwasher -> vacuum robot
send the robot home -> vacuum robot
Turn off everything in the kitchen -> kitchen light; kitchen speaker
turn off both air conditioners -> living room air conditioner; master bedroom air conditioner
set the light in the hall and the kitchen to 40 percent -> hall light; kitchen light
close the curtains and turn on the tv -> living room curtain; master bedroom curtain; living room television
turn on the night light in the nursery for two hours -> nursery night light
run the washing machine at 800 rpm and lock the door -> washing machine; front door lock
open the door of the garage -> garage door
cool the living room down to 20 degrees and turn the fan on
    -> living room air conditioner; ceiling fan of the living room
Turn on the kitchen lamp -> kitchen light
all lights off please -> ALL_LIGHTS
switch the hall light on at 6 pm and off at 11 pm -> hall light
start the coffee machine, then open the living room curtain and turn on the kitchen speaker
    -> coffee machine; living room curtain; kitchen speaker
make the light in the kitchen blue -> kitchen light
the baby is asleep, turn the television down -> living room television
turn the heating in the bathroom up to 24 -> bathroom heater
record the garden -> garden camera
is the front door locked -> front door lock
set the study light to 20 percent -> study room light
turn off the lights in the kitchen -> kitchen light
turn off the bedroom lights -> master bedroom light
turn on the lights of the kitchen and of the hall -> kitchen light; hall light
Set the light above the kitchen table to warm white -> kitchen light
turn the oven off in the kitchen -> oven
turn the kitchen light and the hall light off -> kitchen light; hall light
turn the kitchen light, the hall light and the study light off -> kitchen light; hall light; study room light
turn on the kitchen and the hall light -> kitchen light; hall light
turn on the kitchen and hall lights -> kitchen light; hall light
close the living room and bedroom curtains -> living room curtain; master bedroom curtain
clean the kitchen and the living room, then go back to the dock -> vacuum robot
turn the light on in the kitchen every morning -> kitchen light
open the living room curtain all the way -> living room curtain
Turn on the kitchen light, turn off the hall light and set the nursery humidifier to 45 percent
    -> kitchen light; hall light; nursery humidifier
The oven is too hot, set it to 180 degrees -> oven
It's dark in here. Turn on the hall light -> hall light
We are in the living room. Close the curtain, please -> living room curtain
turn on the dishwasher and the washing machine too -> dishwasher; washing machine
open the curtain in the study room and set it to 50 percent -> ? curtain in the study room
turn off both lights in the kitchen and the hall -> kitchen light; hall light
good night: turn off all the lights, lock the front door and close the curtains
    -> ALL_LIGHTS; front door lock; living room curtain; master bedroom curtain
turn the air conditioner in the living room and in the master bedroom to 22 degrees
    -> living room air conditioner; master bedroom air conditioner
play radio on the kitchen speaker at volume 20 -> kitchen speaker
turn off the lights -> ALL_LIGHTS
turn off the tv and the lights -> living room television; ALL_LIGHTS
light up the hall -> hall light
turn on the bathroom light -> ? bathroom light
dim the lights in the living room -> ? lights in the living room
is the oven on? -> oven
open all doors -> front door lock; garage door
water the garden for 20 minutes and take a picture -> lawn sprinkler; garden camera
switch off any light in the kitchen -> kitchen light
warm up the oven, make coffee and raise the study blind -> oven; coffee machine; study room blind
make it cooler in the living room -> living room air conditioner
turn on the light in the cellar -> ? light in the cellar
turn on the fan in the living room for 2 hours, and also the humidifier
    -> ceiling fan of the living room; nursery humidifier
turn off all the lights except the kitchen light
    -> hall light; study room light; master bedroom light; nursery night light
turn off all lights, except the one in the kitchen
    -> hall light; study room light; master bedroom light; nursery night light
turn off every light except those in the kitchen and the hall
    -> study room light; master bedroom light; nursery night light
turn off the lights other than the hall light, then lock the front door
    -> kitchen light; study room light; master bedroom light; nursery night light; front door lock
turn off all lights except on weekends -> ALL_LIGHTS
turn off all lights but not the hall light
    -> kitchen light; study room light; master bedroom light; nursery night light
"""
IN_OFFICE = """
call the north tower lift to the ground floor -> north tower lift
hold the doors of the south tower lift -> south tower lift
call the lift in the south tower to floor 5 -> south tower lift
lower the boardroom screen and switch the projector on -> boardroom screen; boardroom projector
dim the boardroom lights to 30 percent and start the projector -> boardroom lights; boardroom projector
print the agenda on the third floor printer -> third floor printer
print the agenda on the third floor -> third floor printer
lower all blinds -> east blinds; west blinds
lower the west blinds and tilt the slats of the east blinds -> west blinds; east blinds
show Welcome Dr Ito on the lobby display -> lobby display
turn off the lights in the lobby and the boardroom -> lobby lights; boardroom lights
raise desk twelve to 110 cm -> desk twelve
raise my desk to 110 cm -> desk twelve
open the parking gate for the delivery -> parking gate
arm the alarm -> intrusion alarm
send the delivery robot to room 214 and open its lid -> delivery robot
set the meeting room to 21 degrees -> meeting room thermostat
set the meeting room thermostat to 21 degrees and boost the ventilation for 10 minutes
    -> meeting room thermostat; open space ventilation
unlock the server room door -> server room door
unlock the door of the server room -> server room door
unlock the meeting room door -> ? meeting room door
make me a cappuccino in the pantry -> pantry coffee machine
switch the boardroom projector to HDMI 2, then freeze the picture -> boardroom projector
turn on the lobby lights and the display -> lobby lights; lobby display
take the lift in the north tower out of service and announce it -> north tower lift; public address system
send the robot back to its base -> delivery robot
cancel the print job on the second floor -> second floor printer
Lock the server room door and arm the alarm, then turn off all lights
    -> server room door; intrusion alarm; boardroom lights; lobby lights
open the door -> server room door
hold the doors of the north and the south tower lift -> north tower lift; south tower lift
raise the east and west blinds -> east blinds; west blinds
It is too bright in the boardroom, dim the lights to 20 percent -> boardroom lights
announce "the lift is out of service, use the stairs" on the public address system -> public address system
show 'lift closed, sorry' on the lobby display -> lobby display
print the floor plan on the second floor printer and the third floor printer
    -> second floor printer; third floor printer
close the blinds -> east blinds; west blinds
switch off the projector, raise the screen and turn off the lights in the boardroom
    -> boardroom projector; boardroom screen; boardroom lights
disarm the alarm then unlock the server room door -> intrusion alarm; server room door
move desk twelve up by 10 cm -> desk twelve
lower desk 14 -> ? desk 14
switch to HDMI 1 -> boardroom projector
ventilate the open space for 15 minutes -> open space ventilation
lift the barrier -> parking gate
open the parking gate and close it after 5 minutes -> parking gate
turn down the volume of the announcements -> public address system
bring the parcel to room 110 -> delivery robot
print 3 copies on the second floor -> second floor printer
"""
IN_LABORATORY = """
spin the centrifuge at 3000 rpm for 5 minutes -> centrifuge
open the centrifuge lid -> centrifuge
stir with hotplate stirrer two at 400 rpm -> hotplate stirrer two
set both stirrers to 300 rpm -> hotplate stirrer one; hotplate stirrer two
stop all pumps -> syringe pump a; syringe pump b
dispense 5 ml with syringe pump B -> syringe pump b
dispense 2 ml from pump A and withdraw 1 ml with pump B -> syringe pump a; syringe pump b
start the pump of the chiller -> recirculating chiller
start the chiller pump -> recirculating chiller
set the CO2 incubator to 37 degrees and 5 percent carbon dioxide -> co2 incubator
shake the plate in the plate reader -> plate reader
read the plate and eject it -> plate reader
lower the sash of the fume hood -> fume hood
turn on the hood light -> fume hood
turn on the microscope lamp and take an image -> fluorescence microscope
weigh the sample -> analytical balance
tare the balance and then dispense 10 ml with pump A -> analytical balance; syringe pump a
run the PCR protocol -> thermal cycler
sterilise the flasks in the autoclave -> autoclave
purge the glove box and set its pressure to 2 mbar -> glove box
open the cold room door -> cold room door
lock the door of the cold room -> cold room door
set the freezer to minus 75 and silence its alarm -> ultra low freezer
set the temperature of the shaker to 30 degrees -> incubator shaker
home the arm of the liquid handler -> liquid handler
heat the plate of stirrer one to 60 degrees -> hotplate stirrer one
pause the thermal cycler -> thermal cycler
set the chiller to 4 degrees, then start stirring on hotplate one at 200 rpm
    -> recirculating chiller; hotplate stirrer one
the cold room is open, close the door -> cold room door
stop hotplate stirrers one and two -> hotplate stirrer one; hotplate stirrer two
stop stirrer three -> ? stirrer 3
set pump A and pump B to 2 ml per minute -> syringe pump a; syringe pump b
spin at 4000 rpm for 10 minutes, then open the lid of the centrifuge -> centrifuge
Close the cold room door and set the freezer to -70 degrees -> cold room door; ultra low freezer
raise the sash, turn on the hood light and set the air flow to 50 percent -> fume hood
aspirate 50 ul with the liquid handler and dispense 1 ml from syringe pump A -> liquid handler; syringe pump a
abort the autoclave cycle -> autoclave
silence the freezer alarm -> ultra low freezer
calibrate the balance, then weigh the sample -> analytical balance
set the lid temperature of the cycler to 105 degrees -> thermal cycler
stop the shaker and open the CO2 incubator -> incubator shaker; co2 incubator
switch to the 40x objective -> fluorescence microscope
"""


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return open_router_encoder(InferenceSettings.from_environment())


def profile(number: int, line: str) -> KindProfile:
    title, about, abilities = line.split(" | ")
    each = tuple(f"{ability}." for ability in abilities.removesuffix(".").split(". "))
    return KindProfile(title.lower(), 1, each, (f"device-{number}",), about=f"{title}. {about}")


@pytest.mark.model
@pytest.mark.parametrize(
    ("devices", "sentences"),
    [(HOUSE, IN_HOUSE), (OFFICE, IN_OFFICE), (LABORATORY, IN_LABORATORY)],
    ids=["house", "office", "laboratory"],
)
def test_each_part_goes_to_the_device_that_is_meant(encoder: Encoder, devices: str, sentences: str) -> None:
    kinds = [profile(number, line) for number, line in enumerate(devices.strip().splitlines())]
    router = Router(encoder)
    wrong = {}
    for line in sentences.replace("\n    ->", " ->").strip().splitlines():
        sentence, _, receivers = line.partition(" -> ")
        found = [
            route.kind if route.kind is not None else f"? {route.missing}"
            for route in router.routes(prepare(sentence), kinds, {})
        ]
        if found != receivers.replace("ALL_LIGHTS", ALL_LIGHTS).split("; "):
            wrong[sentence] = found
    assert wrong == {}
