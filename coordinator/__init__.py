"""The coordinator: goals in, one plain sentence per device out, an answer built from what the devices reported.

It knows devices only by their plain-language profile; their APIs never come here.
"""
