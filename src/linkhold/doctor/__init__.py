"""The doctor: looks at an installation, and says of each thing whether it is well and how to mend it.

Each room of it looks at one part and returns findings; none of them changes anything.
"""
