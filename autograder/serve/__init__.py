"""The service: students hand in from the LMS, workers grade, marks go back.

`web` answers browsers and knows this package; nothing here knows `web`. What must outlive a crash is in the database before
anybody is told that it is done.
"""
