"""What fleets did, counted, and what that was worth, valued apart.

The order of things: prices are read and refused where they say too little (prices), the run and its log become views
(views), each figure is one query over them (queries, count), counts meet prices (value), and all of it is one ledger
(ledger) that is shown (terminal, page) and written (folder).
"""
