"""ECDSA on P-256 with SHA-256 (FIPS 186-5, SP 800-186), slow and plain: integers and affine points."""
import hashlib

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
A = P - 3
B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b
ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
BASE = (0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
        0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5)


def on_curve(point):
    x, y = point
    return x < P and y < P and (y * y - (x * x * x + A * x + B)) % P == 0


def add(one, two):
    """The sum of two points; None is the neutral one."""
    if one is None or two is None:
        return one or two
    if one[0] == two[0] and (one[1] + two[1]) % P == 0:
        return None
    if one == two:
        slope = (3 * one[0] * one[0] + A) * pow(2 * one[1], -1, P) % P
    else:
        slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, P) % P
    x = (slope * slope - one[0] - two[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def multiply(scalar, point):
    result = None
    while scalar > 0:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def encode(point):
    return b"\4" + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")


def decode(data):
    """The point of 65 bytes, uncompressed and on the curve, or None."""
    if len(data) != 65 or data[0] != 4:
        return None
    point = int.from_bytes(data[1:33], "big"), int.from_bytes(data[33:], "big")
    return point if on_curve(point) else None


def hash_number(*parts):
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


def public_key(secret):
    return encode(multiply(secret, BASE))


def sign(secret, message):
    """(r, s); s as it comes, above half of the order or below."""
    key, counter = secret.to_bytes(32, "big"), 0
    while True:
        nonce = hash_number(b"nonce", key, message, bytes([counter])) % ORDER
        counter += 1
        r = multiply(nonce, BASE)[0] % ORDER if nonce else 0
        s = pow(nonce, -1, ORDER) * (hash_number(message) + r * secret) % ORDER if r else 0
        if s:
            return r, s


def verify(public, message, r, s):
    point = decode(public)
    if point is None or not (0 < r < ORDER and 0 < s < ORDER):
        return False
    inverse = pow(s, -1, ORDER)
    found = add(multiply(hash_number(message) * inverse % ORDER, BASE), multiply(r * inverse % ORDER, point))
    return found is not None and found[0] % ORDER == r
