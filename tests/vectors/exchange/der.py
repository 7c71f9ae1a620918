"""DER, written by hand so that it can be written wrongly."""


def tlv(tag, content=b""):
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def seq(*parts):
    return tlv(0x30, b"".join(parts))


def set_of(*parts):
    return tlv(0x31, b"".join(sorted(parts)))


def integer(number):
    return tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def octet_string(content):
    return tlv(0x04, content)


def bit_string(content, unused=0):
    return tlv(0x03, bytes([unused]) + content)


def explicit(number, content):
    return tlv(0xA0 | number, content)


def oid(text):
    first, second, *rest = (int(arc) for arc in text.split("."))
    content = bytearray()
    for arc in [first * 40 + second, *rest]:
        part = [arc & 0x7F]
        while arc := arc >> 7:
            part.insert(0, 0x80 | arc & 0x7F)
        content += bytes(part)
    return tlv(0x06, bytes(content))


NULL = tlv(0x05)
TRUE = tlv(0x01, b"\xff")
