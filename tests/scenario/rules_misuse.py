"""What a signature is good for: an approval that is sent twice, changed, or taken elsewhere, and one whose
key is revoked later.  Uses the deployments that rules_cases.py has left."""
import base64
import json
import os
import subprocess

from rules_drive import blob_of, envelope, fingerprint


def signed(who, event, namespace="event@countersign"):
    with open("misused", "w") as file:
        file.write(event)
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-f", who, "-n", namespace, "misused"],
                   check=True, capture_output=True)
    blob = blob_of("misused.sig")
    os.remove("misused.sig")
    return json.loads(envelope(event, fingerprint(who), blob))


def approval(drive, case, number, **data):
    leaves = drive.cases[case].leaves
    return {"specversion": "1.0", "id": f"misused-{number}", "source": "/misuse",
            "type": "dev.countersign.approval.given.v1", "ledger": drive.ledger_id,
            "deployment": drive.cases[case].id,
            "data": {"node": "1.2.1.1", "role": "Release Manager",
                     "basis": {"pos": len(leaves) - 1, "leaf": leaves[-1]},
                     **data}}


def size(drive, deployment):
    return len(drive.run("log", drive.ledger, deployment, "--json").splitlines())


def given(drive, deployment, node):
    state = json.loads(drive.run("replay", drive.ledger, deployment, "--json"))
    return next(one for one in state["approvals"] if one["id"] == node)


def misused(drive):
    """The approval stands once; whatever is changed in it, the signature no longer holds."""
    event = approval(drive, "misuse", 1)
    text = json.dumps(event)
    good = signed("rosa", text)
    first = drive.append([json.dumps(good)])[0]
    assert first["verdict"] == "accepted", first
    again = drive.append([json.dumps(good)])[0]
    assert again == first, (first, again)
    event["data"]["comment"] = "another"
    conflict = drive.append([json.dumps(signed("rosa", json.dumps(event)))])[0]
    assert conflict.get("status") == 409, conflict

    before = size(drive, "c-misuse"), size(drive, "c-form")
    changes = {"deployment": text.replace("c-misuse", "c-form"),
               "role": text.replace("Release Manager", "Security Lead"),
               "node": text.replace("1.2.1.1", "1.2.1.2"), "basis": text.replace('"pos": ', '"pos": 1')}
    for what, changed in changes.items():
        assert changed != text
        changed = dict(good, payload=base64.b64encode(changed.encode()).decode())
        answer = drive.append([json.dumps(changed)])[0]
        assert answer.get("status") == 401, (what, answer)
    other = signed("rosa", json.dumps(approval(drive, "misuse", 2)), namespace="file")
    answer = drive.append([json.dumps(other)])[0]
    assert (answer.get("status"), "another purpose" in answer["detail"]) == (400, True), answer
    answer = drive.append([json.dumps(signed("spare-2", json.dumps(approval(drive, "misuse", 3))))])[0]
    assert answer.get("status") == 401, answer
    foreign = approval(drive, "misuse", 4)
    foreign["ledger"] = "0" * 64
    answer = drive.append([json.dumps(signed("rosa", json.dumps(foreign)))])[0]
    assert answer.get("status") == 422, answer
    assert (size(drive, "c-misuse"), size(drive, "c-form")) == before
    assert given(drive, "c-misuse", "1.2.1.1")["seq"] == first["seq"]


def revoked(drive, report):
    """What sara approved before her key was revoked stands, in the state and in the report; what susi's key
    had signed since before it was does not."""
    one = given(drive, "c-key-revoked", "1.2.1.2")
    assert (one["state"], one["by"]) == ("given", "sara"), one
    row = next(row for row in report["decisions"] if row["seq"] == one["seq"])
    assert (row["principal"], row["verdict"], row["key"]) == ("sara", "accepted", fingerprint("sara")), row
    suspects = [row for row in report["exceptions"] if row["kind"] == "suspect"]
    assert any(row["deployment"] == "c-suspect" for row in suspects), suspects
    assert not any(row["deployment"] == "c-key-revoked" for row in suspects), suspects
