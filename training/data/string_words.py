"""Words that spoken texts are put together from; `@` in a shape stands for a letter, `#` for a digit, `~` for a hex digit."""

from __future__ import annotations


def _several(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.replace("\n", "|").split("|") if one.strip())


NAMES = _several("""
lab net|guest|office|north wing|warehouse 2|blue|mario|anna|weekly report|main hall|alpha|line 4|jazz|kids room|front desk
night shift|team b|hall 7|mr miller|grandma|spare|garden party|sunday roast|batch 12|test run|back yard|rush hour|summer
visitors|field 3|dr chen|room 204|maria lopez|stage left|demo|holiday|loading dock|ground floor|tom|Default|favourites
early birds|off season|Movie Night|all staff|VIP|open day|long weekend|deep clean|cold start|quick rinse|after hours
""")
ADJECTIVES = _several("""
quiet|bright|early|late|warm|cold|slow|fast|gentle|deep|lazy|busy|sunny|rainy|festive|spare|temporary|standard|daily|weekly
monthly|red|blue|green|silver|golden|purple|amber|crimson|ivory|private|shared|public|extra|special|final|small|large
morning|evening|night|weekend|winter|summer|autumn|spring|holiday|family|kids|guest|staff|customer|outdoor|indoor|local
""")
NOUNS = _several("""
shift|batch|run|party|routine|program|playlist|report|order|recipe|profile|preset|scene|team|group|crew|line|project|survey
harvest|delivery|tour|visit|session|class|lesson|workout|dinner|breakfast|brunch|roast|coffee|tea|bath|garden|patrol|route
mission|check|backup|sample|trial|experiment|job|task|queue|list|folder|album|channel|show|mix|mood|glow|sunset|breeze
""")
FIRST_NAMES = _several("""
Anna|Tom|Maria|Peter|Lena|Bob|Yuki|Hiro|Kenji|Sakura|Wei|Li Na|Jing|Mei|Min-jun|Ji-woo|Soo-jin|Linh|Minh|Thuy|Somchai|Putri
Budi|Dewi|Siti|Arjun|Priya|Ravi|Ananya|Deepak|Sunita|Imran|Ayesha|Farid|Omar|Fatima|Layla|Yusuf|Khalid|Zahra|Amir|Noor
Leila|Darius|Avi|Noa|Tamar|Emre|Elif|Mehmet|Aylin|Giorgos|Eleni|Dimitri|Olga|Ivan|Svetlana|Natasha|Bogdan|Oksana|Zofia
Piotr|Agnieszka|Jiri|Katka|Zoltan|Ilona|Ioana|Radu|Milan|Jovana|Luka|Mateo|Lucia|Carlos|Ines|Joaquin|Pilar|José|Sofía
Thiago|Beatriz|João|Camille|Luc|Amélie|René|Giulia|Marco|Chiara|Paolo|Hans|Greta|Jürgen|Heike|Sven|Astrid|Björn|Ingrid
Lars|Freja|Aino|Mikko|Siiri|Maarten|Femke|Sanne|Niamh|Sean|Aoife|Rhys|Cerys|Callum|Fiona|Oliver|Emily|Grace|Jack|Harriet
Kofi|Ama|Kwame|Abena|Chidi|Ngozi|Amaka|Tunde|Zainab|Thabo|Naledi|Sipho|Wanjiru|Otieno|Amina|Tesfaye|Makeda|Leilani|Tane
Aroha|Malia|Nayeli|Itzel|Takoda|Ahmed|Hassan|Rosa|Miguel|Elena|Victor|Clara|Hugo|Nora|Ben|Mia|Samuel|Judith|Ruth|Ella
""")
LAST_NAMES = _several("""
Miller|Jones|Chen|Lopez|Smith|Tanaka|Sato|Suzuki|Wang|Zhang|Liu|Kim|Park|Choi|Nguyen|Tran|Pham|Wijaya|Santoso|Sharma|Patel
Singh|Gupta|Iyer|Khan|Hussain|Rahman|Haddad|Mansour|al-Sayed|bin Said|Nasser|Karimi|Hosseini|Levi|Cohen|Mizrahi|Yilmaz|Demir
Kaya|Papadopoulos|Nikolaidis|Ivanov|Petrova|Smirnov|Shevchenko|Kowalski|Nowak|Wójcik|Novak|Dvorak|Horvath|Nagy|Popescu|Ionescu
Petrovic|Kovac|Garcia|Fernandez|de la Cruz|Romero|Muñoz|Silva|Oliveira|da Costa|Dubois|Moreau|Lefèvre|Rossi|Bianchi|Esposito
Müller|Schmidt|Weber|Fischer|Becker|Hofmann|van der Berg|de Vries|Jansen|Bakker|Larsson|Lindqvist|Hansen|Nielsen|Virtanen
Korhonen|O'Neill|O'Brien|Murphy|McGregor|MacLeod|Evans|Hughes|Baker|Carter|Thompson|Wright|Mensah|Owusu|Okafor|Adeyemi|Eze
Dlamini|Nkosi|Kamau|Mwangi|Bekele|Tadesse|Kahale|Ngata|Yazzie|Begay|Castillo|Vargas|Mendoza|Quispe|Mamani|Reyes|Cruz
""")
TITLES = _several("""
Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Nurse|Sister|Captain|Officer|Sergeant|Chef|Coach|Uncle|Aunt|Herr|Frau|Madame|Señora|Sir
""")
POSITIONS = _several("""
north|south|east|west|northeast|south-west|upper|lower|left|right|main|front|back|rear|side|inner|outer|old|new|central
staff|public|delivery|visitor|service|emergency|garden|courtyard|basement|ground floor|upstairs|downstairs
""")
AREAS = _several("""
entrance|exit|door|gate|hall|wing|lobby|corridor|stairwell|staircase|lift|office|kitchen|canteen|bathroom|bedroom|nursery
classroom|workshop|laboratory|storeroom|garage|car park|loading dock|ramp|terrace|balcony|roof|tower|barn|stable|shed
greenhouse|paddock|field|meadow|pasture|pond|well|orchard|vineyard|yard|lawn|fence|aisle|counter|checkout|platform|pier
warehouse|cold store|pump house|boiler room|server room|waiting room|ward|chapel|gym|pool|sauna|stage|foyer|archive
""")
NUMBERED = _several("""
barn|field|zone|room|dock|bay|gate|hall|door|aisle|shelf|rack|lane|platform|pier|ward|bed|cell|block|building|warehouse
sector|station|line|table|desk|booth|slot|stall|pen|silo|tank|plot|row|parcel|hangar|runway|terminal|level|deck|cabin|suite
lab|studio|unit|cage|locker|container|greenhouse|tunnel|shaft|pump house|car park|bunker|court|pitch|cubicle|apartment
""")
ROOM_KINDS = _several(
    "meeting room|conference room|hall|lab|studio|suite|auditorium|classroom|lounge|pavilion"
)
ROOM_NAMES = _several("""
Kepler|Curie|Newton|Noether|Lovelace|Turing|Hopper|Darwin|Galileo|Copernicus|Pasteur|Tesla|Volta|Faraday|Mozart|Vivaldi|Frida
Aurora|Orion|Vega|Sirius|Andromeda|Jupiter|Saturn|Everest|Kilimanjaro|Fuji|Matterhorn|Danube|Amazon|Nile|Mekong|Loire|Oslo
Lisbon|Kyoto|Nairobi|Havana|Quito|Sahara|Maple|Birch|Willow|Juniper|Magnolia|Lotus|Falcon|Heron|Otter|Lynx|Amber|Sapphire
""")
FIELD_ADJECTIVES = _several(
    "Old|New|Upper|Lower|Long|High|Little|Great|Far|Near|Stony|Sandy|Wet|Sunny|Windy|Hidden|Abbot's|Miller's"
)
FIELD_NOUNS = _several("""
Orchard|Meadow|Field|Pasture|Paddock|Hill|Hollow|Wood|Grove|Copse|Marsh|Bottom|Ridge|Common|Acre|Croft|Quarry|Spinney|Garden
""")
STREET_NAMES = _several("""
Mill|Station|Church|Park|Harbour|Market|River|Castle|Bridge|School|Garden|Oak|Elm|Linden|Cherry|Rose|King|Queen|Bishop|Abbey
Forest|Lake|Valley|Sunset|Ocean|Baker|Potter|Cooper|Weaver|Mason|Tanner|Foundry|Railway|Canal|Chapel|Victoria|Wellington
""")
STREET_KINDS = _several(
    "Street|Road|Lane|Avenue|Square|Way|Drive|Court|Alley|Boulevard|Crescent|Row|Close|Place"
)
PRODUCTS = tuple(
    (_several(adjectives), _several(items))
    for adjectives, items in (
        (
            "organic|fresh|frozen|ripe|sliced|smoked|salted|sweet|dried|green|red|wholemeal|vegan|low fat|gluten free|diced",
            "tomatoes|apples|bananas|oat milk|butter|cheddar|salmon|lentils|rice|spinach|bread rolls|yoghurt|mushrooms|noodles|olives|almonds|peppers|beans|chicken thighs|lemonade|granola|raspberry jam|espresso beans",
        ),
        (
            "stainless|brass|galvanised|black|zinc plated|short|long|M3|M4|M6|M8|countersunk|self-locking|heavy duty|nylon",
            "screws|bolts|hex nuts|washers|brackets|hinges|rivets|clamps|dowels|springs|cable ties|hooks|threaded rods|anchors|bearings|gaskets|pipe fittings|wall plugs",
        ),
        (
            "sterile|disposable|small|medium|large|blue|white|latex free|paediatric|single-use|elastic|absorbent|soft",
            "gloves|syringes|bandages|face masks|gauze pads|cannulas|catheters|plasters|test strips|swabs|blankets|gowns|eye drops|splints|infusion bags|sample tubes|compresses",
        ),
        (
            "A4|A5|lined|recycled|coloured|yellow|glossy|waterproof|thick|thin|refillable|padded|magnetic|transparent",
            "paper|envelopes|notebooks|markers|sticky notes|folders|labels|ballpoint pens|toner|staples|binders|tape rolls|pencils|index cards|poster tubes|badge holders|shipping boxes",
        ),
        (
            "potted|climbing|dwarf|winter|hardy|pruned|wild|scented|white|purple|bare-root|grafted|early",
            "tulips|lavender|tomato seedlings|roses|basil|ferns|hostas|barley seed|clover|apple trees|raspberry canes|pansies|thyme|sunflowers|compost|bark mulch|pumpkins",
        ),
        (
            "spare|rechargeable|wireless|USB-C|12V|24V|refurbished|compact|digital|shielded|industrial|left-hand|replacement",
            "batteries|chargers|fuses|relays|cables|light bulbs|sensors|motors|filters|drive belts|adapters|pumps|valves|fan blades|power supplies|displays|toner drums|brake pads|wiper blades|keyboards",
        ),
        (
            "striped|woollen|cotton|linen|denim|waterproof|kids|slim fit|navy|grey|beige|hooded|knitted|padded",
            "socks|jackets|t-shirts|trousers|scarves|sandals|boots|aprons|towels|bed sheets|cushions|curtains|gloves|hats|backpacks|raincoats",
        ),
    )
)
FILE_STEMS = _several("""
backup|report|config|image|log|notes|invoice|summary|data|export|settings|firmware|photo|scan|minutes|budget|draft|manual
calibration|track|recording|measurement|part|model|playlist|readme|inventory|schedule|timetable|map|label|gcode|results|users
""")
EXTENSIONS = _several("""
.csv|.txt|.bin|.jpg|.cfg|.gcode|.wav|.json|.pdf|.png|.xml|.yaml|.log|.zip|.tar.gz|.mp3|.mp4|.stl|.dxf|.hex|.ini|.docx|.xlsx
.md|.svg|.bak|.nc|.db|.conf|.py|.sh|.ogg|.flac|.step
""")
HOSTS = _several("""
printer|nas|gateway|camera|server|backup|mail|laptop|tv|router|switch|db|web|build|cache|proxy|vault|plc|scada|kiosk|edge|node
monitor|media|dns|vpn|files|print|ap|hub|bridge|scanner|display|pi|desktop|worker|ldap|git|staging|archive
""")
HOST_ENDS = _several(".local|.lan|.home|.internal|.example.com|.corp.example|.test|.example.org|.office.lan")
NETWORK_ENDS = _several(
    "net|wifi|guest|5G|IoT|lan|home|Lab|mesh|office|hotspot|wlan|Visitors|staff|2.4|secure"
)
MAIL_ENDS = _several("example.com|example.org|mail.example|example.net|office.example|post.example")
ROLES = _several("""
admin|operator|root|guest|service|nurse|teacher|student|driver|manager|support|backup|deploy|sales|security|cleaner|visitor
night-shift|reception|technician|svc|auditor|trainee|supervisor|frontdesk|warehouse|intern|system|monitor
""")
IDENTIFIER_SHAPES = _several("""
@#|@##|@-#|@-##|@@#|@@##|@###|@####|@@-###|@@@-###|@@@-####|@##-##|#@|##@|@#.#|@#.##|@@_##|@@_####|@/##|##/####|###-@@|@@@###
ORD-####|ORD-####-##|INV ####|inv_####|SN ######|SN-@@####|PO ####|PKG-#####|lot ####|LOT-##@|job ###|JOB-####|ticket ####|T-####
RMA-#####|BK####|REF @###|case ####|unit ##@|tag ~~~~|~~~~~~~~|~~~~-~~~~|0x~~~~|rfid-~~~~~~|dev-####|node_##|sensor-##@|asset ####
P##.##.##|#####-##|#@##|@@##@@|v#.#.#|run_###|sample-##@|sample @##|patient ####|order ####|bed ##|cart-##|box @@##|R#C##|slot @#
""")
PLATE_SHAPES = _several("""
@ @@ ###|@-@@ ####|@@-@@ ##E|@@ @@ ###|@@## @@@|@@##@@@|@@-###-@@|#### @@@|##-@@@-#|#-@@@-###|@@ #####|#@@@###|@@@-####|@@@ ####
@@@ ##@|## @@@ ###|@@ ## @@ ####|@@@#@##|@@@-##@|@@ ######|@-#####@|###-@@-##|@@ ### @@|@###@@|##-@-####|@@-####|@ #### @@|## @ ####
""")
SUBJECTS = _several("""
the elevator|the cafeteria|gate 4|the north door|the car park|room 12|the swimming pool|platform 7|the printer|the main road
the gift shop|the laboratory|track 3|the coffee machine|the reception desk|lane 5|the museum|the loading dock|the fitting room
the conference room|the playground|terminal B|the sauna|the kitchen|the ticket office|the roof terrace|checkout 6|the east wing
the library|bus 42|the night ferry|your table|your order|your taxi|the next tour|the lecture|the fire drill|the late shift
""")
STATES = _several("""
closed|open again|closed today|ready|almost ready|delayed|out of order|fully booked|running late|cancelled|moved to Friday
being cleaned|under repair|back in service|closed for lunch|about to start|over|reserved|out of bounds|now boarding
closed until Monday|free of charge|waiting outside|full today|open until 8 pm|temporarily unavailable
""")
REQUESTS = _several("""
wait here|mind the step|use the other door|wash your hands|keep the door shut|take a number|ring the bell|wear a helmet|stand back
keep left|switch off your phone|return the trolleys|leave the building|come to the front desk|show your badge|do not enter
use the stairs|do not feed the animals|keep your distance|take off your shoes|have your ticket ready|report to security
hold the handrail|proceed to gate 9|speak quietly|clean up after yourself|collect your parcel|sign in at reception
call the supervisor|lower your voices|turn off the lights|check the oil level|refill the paper tray|bring your own cup
""")
EVENTS = _several("""
lunch|dinner|the meeting|boarding|the concert|the film|check-in|yoga|story time|the auction|roll call|the quiz|choir practice
training|the workshop|visiting time|the parade|breakfast|the tasting|stocktaking|the briefing|bingo|the guided tour|rehearsal
""")
MOMENTS = _several("""
starts now|starts at noon|is served|begins in 10 minutes|ends at 5 pm|is at 7:30|starts in room 3|is over|begins shortly
starts on time|will begin soon|ends in 15 minutes|is cancelled tonight|takes place outside|starts at 9 am
""")
GREETINGS = _several("""
welcome home|happy birthday|good morning|good night|congratulations|thank you|get well soon|well done|see you tomorrow|good luck
welcome back|merry christmas|happy new year|safe travels|sleep well|dinner is ready|please call back|call me later
""")
MEETING = _several(
    "meet me|please wait|line up|please gather|park|please queue|leave your bags|meet the driver|help is needed"
)
LABELS = _several("""
fragile|handle with care|this side up|keep refrigerated|do not stack|sample only|not for sale|property of the lab|best before May
vegan|contains nuts|spare parts|return to sender|urgent|confidential|for export|batch released|quarantine|checked|on hold
out of coffee|keep out|please wait|back in 5 minutes|closed today|wet floor|welcome home|happy birthday|out of order|hello world
""")
TITLE_ADJECTIVES = _several("""
Copper|Borrowed|Salted|Paper|Lopsided|Tangerine|Unplugged|Velvet|Forgotten|Crooked|Sleepless|Feathered|Porcelain|Wandering|Hollow
Marmalade|Reluctant|Whispering|Glass|Threadbare|Barefoot|Electric|Frozen|Invisible|Cardboard|Polite|Restless|Sunken|Thirsty
""")
TITLE_NOUNS = _several("""
Lantern|Kettle|Ferry|Orchard|Comet|Gardener|Umbrella|Lighthouse|Accordion|Postman|Harbour|Teacup|Sparrow|Staircase|Cartographer
Bakery|Thimble|Submarine|Carousel|Violin|Glacier|Moth|Typewriter|Caravan|Pendulum|Raincoat|Beekeeper|Tramway|Compass|Balloon
""")
TITLE_FRAMES = _several("""
{a} {n}|The {a} {n}|{n} of the {a} {m}|The {n} and the {m}|{a} {n} Blues|Letters to a {a} {n}|My {n} Is {a}|Under the {a} {n}
{a} {n}s|A {n} for {p}|{p} Buys a {n}|Waltz of the {a} {n}|Dear {p}|Goodbye {a} {n}|The {n} Keepers|{p}'s {n}|{w} {n}|{w}
Song for a {a} {n}|The {n} of {w}|Return to {w}|{n} Season {d}|{a} {n} {d}|No {n} in {w}|Tales from the {n}|{n} Hour
""")
