"""IDs that say what a session is about (session manager: use descriptive session IDs)."""

from datetime import date

from rejoinder_client import Client

with Client() as client:
    for session_id in (f"customer_support_{date.today():%Y_%m_%d}", "code_review_auth_module"):
        client.session(session_id)
    # a beginning that fits one session is enough to name it
    print(client.open("code").session_id)
