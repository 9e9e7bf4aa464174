"""An image that goes along with a question, to a model that sees (session memory: with image)."""

import base64
from pathlib import Path

from rejoinder_client import Client

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

Path("chart.png").write_bytes(base64.b64decode(PIXEL))

with Client() as client:
    session = client.session("analysis_2025")
    print(session.ask("Explain this chart", images=["chart.png"]))
    for attachment in session.messages[0].attachments or ():
        print(f"{attachment.uri}, {len(session.attachment(attachment.hash or ''))} bytes")
