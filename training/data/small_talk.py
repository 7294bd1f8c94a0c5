"""Things that people say and no device can do: chat, statements, questions that nothing answers, wrong verbs and objects."""

from __future__ import annotations

CHAT = (
    "tell me a joke", "what is the capital of france", "who made you", "thank you very much", "good morning", "how are you today", "sing a song",
    "write a poem about the sea", "what do you think about football", "order a pizza", "call my mother", "book a flight to rome", "translate this into spanish",
    "never mind", "what can you do", "is it going to rain tomorrow", "play chess with me", "buy some milk", "send an email to the boss", "make me a sandwich",
    "solve this equation", "fly to the moon", "read me the news", "you did well", "i am tired", "paint the wall blue", "cook dinner", "repair the engine", "walk the dog",
    "who won the game last night", "what is two plus two", "do you like music", "i love you", "you are useless", "that was great", "well done", "nice to meet you", "see you tomorrow",
    "are you a human", "what is your name", "how old are you", "do you dream", "find me a restaurant", "how far is the moon", "recommend a book", "remind me to drink water", "who is the president",
    "i have a headache", "it is my birthday today", "the weather is lovely", "i hate mondays", "what should i wear today", "hello", "hello there", "good night", "good evening", "ok", "okay", "forget it",
    "as i said", "and then", "hmm", "test", "testing testing", "lorem ipsum", "what", "why", "really", "bla bla bla", "whatever", "i do not know", "do something", "surprise me", "help", "can you hear me",
    "water the plants on the moon", "explain quantum physics", "spell elephant", "is there life on mars", "how do i get rich", "tell grandma i am late", "my car is in the garage", "we lost the match", "transfer 50 euros to anna",
    "what is the meaning of life", "pick up the kids from school", "your mother was a toaster", "i would like to speak to the manager", "what a day", "congratulations", "the cake was delicious", "book a table for two",
)  # fmt: skip
STATEMENTS = (
    "the {k} looks nice", "we bought the {k} in 2019", "i like this {k}", "the {k} is new", "my neighbour has the same {k}", "the {k} was expensive", "this {k} was made in italy",
    "the {k} arrived yesterday", "the {k} is older than me", "nobody here understands the {k}", "i saw a {k} like that on holiday", "the manual of the {k} is missing", "the {k} belongs to my uncle",
    "our old {k} was bigger", "somebody scratched the {k}", "the {k} stands next to the wall", "the colour of the {k} suits the house", "they will deliver another {k} next week", "the {k} has a two year warranty",
    "i wrote a review of the {k}", "the technician praised the {k}", "the {k} came with a free mug", "most people do not own a {k}", "i dreamt about the {k}", "the {k} won a design award", "the {k} is heavy",
)  # fmt: skip
AROUND_A_WISH = (
    "yesterday i had to {0}", "nobody wants to {0}", "it was a mistake to {0}", "my neighbour always forgets to {0}", "in the old days we had to {0} by hand", "the manual explains how to {0}",
    "i was going to {0} but then i did not", "my brother likes to {0}", "last year we used to {0} every day", "it is fun to {0}", "i remember when we had to {0}", "some people never {0}", "a friend taught me how to {0}",
    "it is hard to {0}", "the other team refused to {0}", "i once saw somebody {0}", "it took me a week to learn how to {0}", "we never had to {0} before",
)  # fmt: skip
ASKED_ABOUT_A_WISH = (
    "how do i {0}", "what happens if i {0}", "did you {0} already", "who told you to {0}", "should i {0}", "when did you last {0}", "can you explain how to {0}", "is it safe to {0}", "how long does it take to {0}",
    "why did you {0}", "what does it cost to {0}", "who is allowed to {0}", "how often do you {0}", "is it legal to {0}", "have you ever refused to {0}", "why would anybody {0}", "where did you learn to {0}",
    "do people often ask you to {0}", "what is the point of asking you to {0}", "since when are you able to {0}",
)  # fmt: skip
READINGS = (
    "serial number", "oil level", "odometer", "blood pressure", "wind speed", "number of visitors", "stock price", "tyre pressure", "ink level", "water hardness", "moon phase", "pulse", "altitude", "noise level", "warranty",
    "air quality", "radiation", "vibration", "salt content", "weight", "colour", "price", "manufacturer", "year of construction", "humidity", "ph value", "flow rate", "torque", "number of passengers", "firmware checksum",
    "pollen count", "fuel consumption", "soil moisture", "door count", "signal strength", "rainfall", "depth", "sugar content", "heart rate", "viscosity", "carbon footprint", "ambient light", "insurance number", "length of the cable",
    "carbon monoxide level", "cpu load", "mileage", "snow height", "ticket number", "gas consumption", "queue length", "number of errors last week", "name of the technician", "static charge", "distance to the sun", "grain size",
)  # fmt: skip
READING_FORMS = (
    "what is the {r}", "tell me the {r}", "report the {r}", "show me the {r}", "read the {r}", "check the {r}", "i need the {r}", "what is the {r} of the {k}", "how about the {r}", "give me the current {r}",
    "do you know the {r}", "has the {r} changed", "is the {r} alright", "log the {r}", "how is the {r} today", "could i have the {r}", "compare the {r} with yesterday",
)  # fmt: skip
OBJECTS = (
    "toaster", "garage", "elevator", "printer", "bicycle", "piano", "fridge", "window", "door", "lamp", "radio", "heater", "fountain", "gate", "oven", "camera", "crane", "fan", "boiler", "router", "curtain", "alarm",
    "vacuum cleaner", "washing machine", "air conditioner", "lawn mower", "projector", "coffee machine", "conveyor", "pump", "tractor", "telescope", "drone", "microscope", "freezer", "escalator", "ventilator", "speaker", "furnace",
    "car", "helicopter", "dishwasher", "sprinkler", "doorbell", "television", "treadmill", "aquarium", "centrifuge", "forklift", "ferry", "windmill", "hammer", "typewriter", "bathtub", "chimney", "flag", "grill", "ladder", "umbrella",
)  # fmt: skip
VERBS = (
    "paint", "weigh", "sell", "wash", "wrap", "photograph", "bury", "rent out", "repair", "translate", "insure", "decorate", "polish", "dismantle", "auction", "taste", "iron", "sharpen", "vaccinate", "frame", "sketch", "melt", "knit",
    "x-ray", "engrave", "perfume", "ship", "recycle", "upholster", "weld", "tattoo", "varnish", "fumigate", "inflate", "transcribe", "buy another", "gift wrap", "stamp", "measure the height of", "count the screws of", "grease",
)  # fmt: skip
ORDERS_TO_OBJECTS = (
    "turn on the {o}", "turn off the {o}", "switch on the {o}", "open the {o}", "close the {o}", "start the {o}", "stop the {o}", "clean the {o}", "check the {o}", "reset the {o}", "lock the {o}", "bring me the {o}",
    "what is the {o} doing", "is the {o} running", "move the {o}", "shut down the {o}", "how is the {o}", "fill the {o}", "empty the {o}", "unlock the {o}", "raise the {o}", "lower the {o}", "set the {o} to {n}", "get the {o} ready",
)  # fmt: skip
