"""Two agents of a session: the writer reads what the researcher found (stateful session: multi-agent workflow)."""

from rejoinder_client import Session, Task

with Session("research_project_001") as session:
    researcher = session.Agent("Researcher", role="Research Analyst", instructions="Find facts, and say where from.")
    writer = session.Agent("Writer", role="Technical Writer", instructions="Write a report for people in a hurry.")

    research = Task("Research what makes zebras sleep", agent=researcher.agent)
    writing = Task("Write a report based on the research", agent=writer.agent)
    result = session.sequence([research, writing])[-1]

    for message in session.messages:
        print(f"{message.agent or message.role}: {message.content}")
    session.save_state({"research_complete": True, "report": str(result)})
