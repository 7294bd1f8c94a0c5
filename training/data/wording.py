"""What people say around a wish: how they begin and end, why they ask, how they join two wishes."""

from __future__ import annotations

BEFORE = (
    "please", "could you", "can you", "would you", "please could you", "i need you to", "i want you to", "i would like you to",
    "would you please", "could you please", "can you please", "go ahead and", "just", "quickly", "kindly", "you should", "you must",
    "now", "ok ,", "hey ,", "hi ,", "help :", "alright ,", "so ,", "well ,", "um ,", "uh ,", "listen ,", "right ,", "good morning ,",
    "be so kind and", "do me a favour and", "any chance you could", "i would be grateful if you could", "may i ask you to", "it is time to",
    "i think you should", "make sure to", "make sure you", "do not forget to", "remember to", "time to", "if you can ,", "if possible ,",
    "when you get a chance ,", "as soon as possible ,", "right now ,", "next :", "your next job :", "task :", "command :", "we should",
    "we need to", "we have to", "let us", "can we", "could we", "i have to", "i need to", "i would like to", "i want to", "help me",
    "would it be possible to", "it would be great if you could", "you may", "you can", "the next step is to", "then", "first of all ,",
    "quick ,", "hurry ,", "oh ,", "yes ,", "sure ,", "thanks , now", "one more thing :", "also ,", "next up ,", "the plan is to", "do",
    "you had better", "i am asking you to", "i am telling you to", "order :", "instruction :", "i suppose you could", "for once ,",
    "i wonder if you could", "might you", "will you", "will you please", "it would help to", "see to it that you", "try to",
    "go and", "come on ,", "excuse me ,", "sorry to bother you but", "when you have a moment ,", "at your convenience ,", "what we want is to",
)  # fmt: skip
TO_DEVICE = (
    "{k} ,", "hey {k} ,", "hello {k} ,", "ok {k} ,", "dear {k} ,", "{k} :", "hi {k} ,", "my dear {k} ,", "attention {k} ,", "yo {k} ,",
    "listen {k} ,",
)  # fmt: skip
ABOUT_DEVICE = (
    "tell the {k} to", "ask the {k} to", "have the {k}", "make the {k}", "let the {k}", "get the {k} to", "i want the {k} to", "i need the {k} to",
    "the {k} should", "the {k} must", "the {k} needs to", "we need the {k} to", "i would like the {k} to", "could the {k}", "can the {k}",
    "the {k} has to", "use the {k} to", "it would be nice if the {k} could", "the {k} is supposed to", "order the {k} to", "would the {k} please",
)  # fmt: skip
AFTER = (
    "please", "thanks", "for me", "now", "right away", "thank you", "when you can", "today", "at once", "immediately", "asap", "if you can",
    "if possible", "would you", "will you", "pls", "plz", "thx", "cheers", "real quick", "my friend", "for us", "as soon as you can", "ok",
    "if you do not mind", "if you would", "quickly", "again please", "would you please", "many thanks", "as soon as possible",
)  # fmt: skip
REASONS_AFTER = (
    "because guests are coming", "since the inspector comes today", "as we are leaving soon", "so that we can go on", "because the boss wants it",
    "because the customer is waiting", "otherwise we will be late", "because i said so", "because my hands are full", "as agreed", "as always",
    "like yesterday", "for the test", "so i can get some work done", "because we are in a hurry", "as the manual says", "since nobody else does it",
    "because it is important", "because we are done here", "as i am busy", "for the visitors", "because the shift is ending", "so nobody complains",
    "since it is monday", "for my colleague", "because i promised it", "or the boss gets angry", "because the kids asked for it", "since we are alone here",
    "because that is what the plan says", "so that everybody is happy", "like we discussed", "because the meeting starts soon", "i am on the phone",
    "as it should be", "because of the audit", "for the record", "because the doctor said so", "since everyone has gone home", "just this once",
)  # fmt: skip
REASONS_BEFORE = (
    "guests are coming ,", "my hands are full ,", "the inspector is here ,", "we are running late ,", "i am on the phone ,", "it has been a long day ,",
    "everybody is gone ,", "the boss is watching ,", "we have visitors ,", "i am in a hurry ,", "the meeting starts soon , so", "i just got home ,",
    "we are almost done here ,", "it is late ,", "the customer called again ,", "as we discussed ,", "since we are done here ,", "i can not get up ,",
    "the shift begins ,", "thanks for yesterday , now", "i know you are busy but", "the kids are asking again ,", "my back hurts , so", "before i forget ,",
    "because the boss wants it ,", "as the plan says ,", "to be on the safe side ,", "if you ask me , we should", "for the next test ,", "good news , we can go on ,",
)  # fmt: skip
JOINERS = (" and ", " , then ", " and then ", " , and ", " then ", " , after that ", " and afterwards ", " and also ", " . then ", " . ", " ; ", " , ",
           " . after that ", " . also , ", " and when that is done ", " , followed by : ", " , next ", " . next , ", " and next ")  # fmt: skip
DICTATED_JOINERS = (" and ", " and then ", " then ", " and after that ", " and also ")
FIRST_THEN = (
    "first {0} , then {1}", "first {0} and then {1}", "{0} first and then {1}", "start with this : {0} . then {1}", "after you {0} , {1}",
    "once you {0} , {1}", "{1} after you {0}", "{0} before you {1}", "first of all {0} , afterwards {1}", "as soon as you {0} , {1}",
    "number one : {0} , number two : {1}", "{1} , but first {0}", "{1} , but {0} first", "before you {1} , {0}", "before you {1} please {0}",
    "{1} . before that , {0}", "{1} , but before that {0}", "before we {1} , {0}", "do two things : {0} and {1}", "both {0} and {1}", "{1} , once you {0}",
    "i want you to {0} and to {1}", "you should {0} and you should {1}", "{0} , and while you are at it {1}", "{0} and do not forget to {1}",
    "{0} , and at the end {1}", "not only {0} but also {1}", "don't {1} , not until you {0}", "{1} only after you {0}", "{0} and when you are done {1}",
)  # fmt: skip
"""Two orders; {0} is done first."""
SEVERAL = (
    "first {0} , then {1} and finally {2}", "{0} , {1} and {2}", "{0} , then {1} , then {2}", "{0} and {1} and {2}", "first {0} , second {1} , third {2}",
    "{0} . {1} . {2}", "{0} , then {1} and last {2}", "three things : {0} , {1} , {2}", "{0} , {1} , and at the end {2}", "{0} and {1} , then {2}",
    "before you {1} and {2} , {0}", "{0} ; {1} ; {2}", "{0} then {1} then {2}", "after you {0} and {1} , {2}",
)  # fmt: skip
NOT_BUT = (
    "do not {0} , just {1}", "don't {0} , {1} instead", "do not {0} but {1}", "{1} , but do not {0}", "{1} and don't {0}", "{1} , do not {0}",
    "no need to {0} , just {1}", "you need not {0} , but {1}", "never mind what i said , don't {0} , {1}", "rather than {0} , {1}",
    "i said {1} , not {0}", "please do not {0} , only {1}", "{1} , whatever you do , do not {0}", "i do not want you to {0} , i want you to {1}",
)  # fmt: skip
"""{1} is wanted, {0} is not."""
NOT = (
    "do not {0}", "don't {0}", "please do not {0}", "please don't {0}", "never {0}", "you must not {0}", "under no circumstances {0}", "do not ever {0}", "i do not want you to {0}",
    "no need to {0}", "there is no need to {0}", "you should not {0}", "whatever you do , do not {0}", "you do not have to {0}", "i told you not to {0}", "avoid this : {0}",
    "nobody asked you to {0}", "i changed my mind , do not {0}", "not now , do not {0}", "for now do not {0}",
)  # fmt: skip
TWICE = (
    "{0} twice",
    "{0} two times",
    "twice {0}",
    "{0} , twice please",
    "{0} and then do that once more",
    "{0} , and again",
    "{0} two times in a row",
)
THRICE = (
    "{0} three times",
    "{0} 3 times",
    "{0} three times in a row",
    "three times {0}",
    "{0} , three times please",
)
