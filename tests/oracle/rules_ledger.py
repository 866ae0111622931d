"""The stream `ledger` as the rules look at it: who may do what, by position; beside rules.py.

What an entry at seq s makes holds above s; what it ends still holds at s.
"""
import base64
import hashlib
import re

NEVER = 1 << 62
HOUR = 3_600_000_000
PRINCIPAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+:-]{0,127}")
OURS = "dev.countersign."
KEY_TYPES = {"ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa", "sk-ssh-ed25519@openssh.com",
             "sk-ecdsa-sha2-nistp256@openssh.com"}
LEDGER_TYPES = {"ledger.created", "checklist.published", "policy.set", "key.enrolled", "key.revoked",
                "role.granted", "role.revoked", "token.issued", "token.revoked", "hold.placed",
                "hold.released", "report.issued", "ledger.heads", "ingest.denied", "clock.leapt"}
POLICY = {"separation": True, "touch": [], "pin": [], "quorum": {}, "retroactive_hours": 72,
          "skew_seconds": 300, "late_refuses": False}


class Refused(Exception):
    """A verdict: refused by a rule."""

    def __init__(self, rule, reason=""):
        super().__init__(rule, reason)
        self.rule, self.reason = rule, reason


def role_of(name):
    return " ".join(name.split()).lower()


def subject_verb(kind):
    """"item.checked" of dev.countersign.item.checked.v1; None of any other type."""
    if kind.startswith(OURS) and kind.endswith(".v1"):
        return kind[len(OURS):-3]
    return None


class Key:
    def __init__(self, principal, seq, time_us):
        self.principal, self.seq, self.time_us = principal, seq, time_us
        self.revoked = self.since = self.suspected = NEVER

    def valid(self, seq):
        return self.seq < seq <= self.revoked


class Ledger:
    def __init__(self):
        self.keys, self.grants, self.checklists = {}, {}, {}
        self.policies = [(-1, dict(POLICY))]
        self.tokens, self.token_people, self.holds = {}, set(), []
        self.suspicions = []   # (seq of key.revoked, key)
        self.losses = []       # (seq, "key", key id) and (seq, "role", principal, role)

    # What is asked.

    def granted(self, principal, role, seq):
        return any(a < seq <= b for a, b in self.grants.get((principal, role_of(role)), ()))

    def admin(self, principal, seq):
        return self.granted(principal, "admin", seq)

    def policy(self, seq):
        return next(p for s, p in reversed(self.policies) if s < seq)

    def signer(self, entry):
        """(a valid key of the entry's principal that signed it, whether only revoked ones did)."""
        own = [self.keys[k] for k in entry.keys
               if k in self.keys and self.keys[k].principal == entry.principal
               and self.keys[k].seq < entry.seq]
        valid = [k for k in own if k.valid(entry.seq)]
        return (valid[0] if valid else None), bool(own) and not valid

    def signed_by(self, entry):
        """A key of the entry's principal that signed it, whether or not it is revoked."""
        key, _ = self.signer(entry)
        own = (self.keys[k] for k in entry.keys if k in self.keys and self.keys[k].seq < entry.seq)
        return key or next((k for k in own if k.principal == entry.principal), None)

    def suspect(self, key, signed, seq):
        return key is not None and key.suspected < seq and signed >= key.since

    # The fold.

    def apply(self, entry, event):
        """(rule or "", flags) of one entry of the stream."""
        if event is None:
            return "", set()
        name = subject_verb(event["type"])
        try:
            if name not in LEDGER_TYPES:
                raise Refused("wrong-stream")
            data = event.get("data")
            if not isinstance(data, dict):
                raise Refused("bad-value")
            act = getattr(self, "_" + name.replace(".", "_"), None)
            effect = act(entry, data) if act else lambda: None
            key, revoked = self.signer(entry)
            if entry.origin != 4:
                if key is None and not revoked:
                    raise Refused("unsigned")
                if not self.admin(entry.principal, entry.seq):
                    raise Refused("not-authorized")
                if revoked:
                    raise Refused("key-revoked")
            flags = set(effect() or ())
            return "", flags | common_flags(self.policy(entry.seq), entry, event, key)
        except Refused as refused:
            return refused.rule, set()

    def _grant(self, principal, role, seq):
        self.grants.setdefault((principal, role_of(role)), []).append((seq, NEVER))

    def _ledger_created(self, entry, data):
        def effect():
            for admin in data["admins"]:
                self.keys[key_id(admin["public_key"])] = Key(admin["principal"], entry.seq, entry.time_us)
                self._grant(admin["principal"], "admin", entry.seq)
        return effect

    def _checklist_published(self, entry, data):
        need_text(data, "name")
        digest = hashlib.sha256(need_text(data, "markdown").encode()).hexdigest()
        return lambda: self.checklists.setdefault(digest, entry.seq) and None

    def _policy_set(self, entry, data):
        days = data.get("retention", {})
        if not isinstance(days, dict) or not all(type(n) is int and 365 <= n <= 36600 and role_of(name)
                                                 for name, n in days.items()):
            raise Refused("bad-value", "retention")
        policy = dict(POLICY)
        policy.update({k: v for k, v in data.items() if k in POLICY})
        return lambda: self.policies.append((entry.seq, policy))

    def _key_enrolled(self, entry, data):
        principal, key = need_principal(data), key_id(need_text(data, "public_key"))
        if key is None or key in self.keys or principal in self.token_people:
            raise Refused("bad-value")

        def effect():
            others = {k: v for k, v in self.keys.items() if v.principal == principal}
            self.keys[key] = Key(principal, entry.seq, entry.time_us)
            own = any(k in others and others[k].valid(entry.seq) for k in entry.keys)
            return {"key-by-admin"} if others and not own else ()
        return effect

    def _key_revoked(self, entry, data):
        name, since = need_text(data, "key_id"), data.get("since")
        key = next((v for k, v in self.keys.items() if fingerprint(k) == name), None)
        if key is None or data.get("reason") not in ("retired", "compromised"):
            raise Refused("bad-value")
        if since is not None and (type(since) is not int or not 0 <= since <= entry.seq):
            raise Refused("bad-value")
        if key.revoked != NEVER and (since is None or key.since != NEVER):
            raise Refused("bad-value")

        def effect():
            if key.revoked == NEVER:
                key.revoked = entry.seq
                self.losses.append((entry.seq, "key", key))
            if since is not None:
                key.since, key.suspected = since, entry.seq
                self.suspicions.append((entry.seq, key))
        return effect

    def _role_granted(self, entry, data):
        principal, role = need_principal(data), need_text(data, "role")
        held = any(b == NEVER for _, b in self.grants.get((principal, role_of(role)), ()))
        return lambda: None if held else self._grant(principal, role, entry.seq)

    def _role_revoked(self, entry, data):
        principal, role = need_principal(data), need_text(data, "role")
        held = self.grants.get((principal, role_of(role)), [])
        if not held or held[-1][1] != NEVER:
            raise Refused("bad-value")

        def effect():
            held[-1] = (held[-1][0], entry.seq)
            self.losses.append((entry.seq, "role", (principal, role_of(role))))
        return effect


    def _hold_placed(self, entry, data):
        deployment = need_deployment(data)
        need_text(data, "reason")
        return lambda: self.holds.append((entry.seq, deployment))

    def _hold_released(self, entry, data):
        """Of several holds on a deployment it must name its own."""
        deployment, seq = need_deployment(data), data.get("hold")
        need_text(data, "reason")
        if "hold" in data and (type(seq) is not int or not 0 <= seq <= entry.seq):
            raise Refused("bad-value", "hold")
        held = [hold for hold in self.holds if hold[1] == deployment and seq in (None, hold[0])]
        if len(held) != 1:
            raise Refused("bad-value", "hold")
        return lambda: self.holds.remove(held[0])

    def _report_issued(self, entry, data):
        files = data.get("files")
        if not isinstance(data.get("parameters"), dict) or not isinstance(files, list):
            raise Refused("bad-value", "files")
        for file in files:
            need_text(file, "name")
            if not re.fullmatch("[0-9a-f]{64}", need_text(file, "sha256")):
                raise Refused("bad-value", "sha256")
        return lambda: None


def need_text(data, name):
    text = data.get(name)
    if not isinstance(text, str) or not text.strip():
        raise Refused("bad-value", name)
    return text


def need_principal(data):
    name = need_text(data, "principal")
    if not PRINCIPAL.fullmatch(name):
        raise Refused("bad-value", "principal")
    return name


def need_deployment(data):
    name = need_text(data, "deployment")
    if not re.fullmatch("[a-z0-9][a-z0-9._-]{0,127}", name) or name in ("ledger", "inbox"):
        raise Refused("bad-value", "deployment")
    return name


def key_id(public_key):
    """Hex SHA-256 of the wire form of the line of a public key; None of anything else."""
    parts = public_key.split()
    if len(parts) < 2 or parts[0] not in KEY_TYPES:
        return None
    return hashlib.sha256(base64.b64decode(parts[1])).hexdigest()


def fingerprint(key):
    return "SHA256:" + base64.b64encode(bytes.fromhex(key)).decode().rstrip("=")


def common_flags(policy, entry, event, key):
    """The flags that any event may have."""
    flags = set()
    claimed = entry.claimed_us
    if claimed is not None and abs(claimed - entry.time_us) > policy["skew_seconds"] * 1_000_000:
        flags.add("clock-skew")
    for name in ("spooled", "replayed"):
        if event.get(name) in (True, "true"):
            flags.add(name)
    if key is not None and entry.time_us - key.time_us < 24 * HOUR:
        flags.add("new-key")
    return flags
