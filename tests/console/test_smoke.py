from console.served import Served, INCIDENT
def test_it(served: Served) -> None:
    c = served.client("duty_officer")
    for p in ("/v1/me","/v1/node","/v1/incidents","/v1/shifts"):
        r=c.get(p); print(r.status_code, r.headers, r.text[:300]); assert r.status_code==200
    r=c.post(f"/v1/incidents/{INCIDENT}/commands/incident.open", json={"title":"Hall"}); print(r.text)
    assert r.status_code==422
    r=c.post(f"/v1/incidents/{INCIDENT}/commands/incident.open", json={"title":"Hall","authority":"a","expires":"2030-01-01T00:00:00Z"}); print(r.text); assert r.status_code==201
    for p in ("","/matters","/board","/sightings","/statements","/intelligence","/situation","/situation.html"):
        r=c.get(f"/v1/incidents/{INCIDENT}{p}"); print(p, r.status_code, r.text[:200]); assert r.status_code==200
    r=c.get("/v1/nothing"); print(r.text); assert r.status_code==404
    r=c.get("/v1/journal/entries"); assert r.status_code==200, r.text
