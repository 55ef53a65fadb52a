"""
The store: runs, journals, requests and freezes in a database, by way of SQLAlchemy.

SQLite in a file by default; PostgreSQL or MySQL by URL for a team. The protocol is `canarypolicy.live.storing.Store`.
"""
